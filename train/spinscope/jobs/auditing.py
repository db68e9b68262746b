"""`spinscope audit`: is a checkpoint right for the right reasons? Suites, names, shortcuts; limits from its config."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from spinscope import config
from spinscope.config import Limits
from spinscope.data.suites import Suite, read_suites
from spinscope.errors import DONE, GATE_BROKEN
from spinscope.files import write_json, write_text
from spinscope.jobs.audit_page import render_audit
from spinscope.jobs.audits.behaviour import behaviour_sections
from spinscope.jobs.audits.held_out import held_out_by_article
from spinscope.jobs.audits.label_errors import label_error_section
from spinscope.jobs.audits.leakage import leakage_section
from spinscope.jobs.audits.names import names_sections
from spinscope.jobs.audits.noise import noise_section
from spinscope.jobs.audits.result import Audit
from spinscope.jobs.audits.sections import Figure, Section
from spinscope.jobs.audits.selection import selection_section
from spinscope.jobs.audits.shortcuts import shortcut_sections
from spinscope.jobs.audits.slices import slice_section
from spinscope.jobs.audits.telltale_tokens import telltale_section
from spinscope.jobs.exposure import exposure
from spinscope.jobs.labelled import Scored, data_block, data_hash, read_labelled, score_labelled
from spinscope.jobs.one_thread import one_thread_algebra
from spinscope.jobs.progress import show
from spinscope.jobs.tables import estimate_text, plain_table, result_console
from spinscope.measure.metrics import evaluate_predictions
from spinscope.model.checkpoint import open_checkpoint
from spinscope.model.prediction import Classifier

if TYPE_CHECKING:
    from rich.console import Console

SUITES = Path("data/suites")


def audit(
    checkpoint: str | Path,
    *,
    data: str | None = None,
    data_format: str = "auto",
    inventory_name: str | None = None,
    split: str | None = None,
    suites: Path | None = None,
    out_of_fold: Path | None = None,
    json_file: Path | None = None,
    html_file: Path | None = None,
    console: Console | None = None,
) -> int:
    """Audits a checkpoint and prints every figure with its interval and limit.

    Args:
        checkpoint: its folder.
        data: labelled sentences, as for `evaluate`; None: the checkpoint's own.
        data_format: of `data`.
        inventory_name: of `data`.
        split: the measured part; None: `test` of the checkpoint's own division, else everything.
        suites: folder of behaviour suites; None: data/suites, where it is there.
        out_of_fold: what `spinscope cross-validate` wrote of the checkpoint's recipe; ranks labels better.
        json_file: where given, the result is also written there.
        html_file: where given, the page is written there.
        console: where the tables go; None: standard output.

    Returns:
        the exit code: 3 where a figure lies beyond its limit, else 0.

    Raises:
        UserError: faulty checkpoint, data or suites.
    """
    block = data_block(data, data_format=data_format, inventory_name=inventory_name)
    folder = suites or (SUITES if SUITES.is_dir() else None)
    found = audit_of(
        open_checkpoint(checkpoint), data=block, split=split, suites=read_suites(folder) if folder else {},
        out_of_fold=out_of_fold,
    )  # fmt: skip
    _print(found, console or result_console())
    if json_file is not None:
        write_json(json_file, found.to_dict())
        show(f"written: {json_file}")
    if html_file is not None:
        write_text(html_file, render_audit(found))
        show(f"written: {html_file}")
    return GATE_BROKEN if found.broken() else DONE


@one_thread_algebra()
def audit_of(
    classifier: Classifier,
    *,
    data: config.Data | None,
    split: str | None,
    suites: dict[str, Suite],
    out_of_fold: Path | None = None,
) -> Audit:
    """The sections that `audit` prints."""
    limits = classifier.config.evaluation.limits
    labelled = read_labelled(classifier, data=data, split=split)
    scored = score_labelled(classifier, labelled.measured(), classifier.inventory)
    seen = exposure(classifier, labelled.measured(), labelled.sentences)
    sections = [_quality(classifier, scored, limits), selection_section(classifier, scored, seen)]
    if seen.told():
        sections.append(Section("exposure", "What the checkpoint has seen of these sentences", notes=tuple(seen.told())))
    sections += names_sections(classifier, scored, labelled.sentences, limits)
    held_out = held_out_by_article(labelled.sentences, classifier.inventory, seed=classifier.config.evaluation.seed)
    sections += [
        leakage_section(classifier, labelled, scored, limits),
        telltale_section(classifier, labelled, scored, limits),
        *shortcut_sections(classifier, labelled, held_out, scored, limits),
        label_error_section(classifier, held_out, scored, limits, split=labelled.split, out_of_fold=out_of_fold),
        slice_section(classifier, scored, limits),
        noise_section(classifier, scored, limits),
    ]
    core = {name for suite in suites.values() for name in suite.sentences[0].annotated}
    if suites and core & set(classifier.inventory.ids):
        sections += behaviour_sections(classifier, suites, limits)
    else:
        note = (
            "not measured: no suites at hand, or none on a technique of this checkpoint (--suites names their folder)"
        )
        sections.append(Section("suites", "Behaviour suites", notes=(note,)))
    told = {"sha256": data_hash(scored.sentences), "split": labelled.split, "n_sentences": len(scored.sentences)}
    return Audit({"name": classifier.name, "identity": classifier.identity}, told, tuple(sections), limits.model_dump())


def _quality(classifier: Classifier, scored: Scored, limits: Limits) -> Section:
    """Recall and average precision of each technique: the figures that say whether the model fires at all."""
    rules = classifier.config.evaluation
    metrics = evaluate_predictions(
        scored.gold, scored.mask, *scored.answers, articles=scored.articles, techniques=classifier.inventory.ids,
        n_resamples=rules.n_resamples, confidence=rules.confidence, seed=rules.seed, interval=rules.interval,
    )  # fmt: skip
    figures = [
        Figure(f"recall_{name}", f"recall of {name}", row["recall"], at_least=limits.recall, n=int(row["n_positives"].value or 0))
        for name, row in metrics.per_technique.items()
    ]  # fmt: skip
    figures.append(
        Figure(
            "macro_average_precision", "macro average precision", metrics.overall["macro_average_precision"],
            n=len(scored.sentences),
        )
    )  # fmt: skip
    return Section("quality", "Does it find the techniques at its thresholds?", tuple(figures))


def _print(found: Audit, console: Console) -> None:
    from rich.markup import escape

    for section in found.sections:
        table = plain_table(section.title, "figure", "value", "limit", "n")
        for figure in section.figures:
            table.add_row(*_cells(figure))
        if section.figures:
            console.print(table)
        else:
            console.print(f"[bold]{escape(section.title)}[/bold]")
        for note in section.notes:
            console.print(f"  {escape(note)}")
    broken = found.broken()
    for words in broken:
        console.print(f"[bold red]Beyond its limit:[/bold red] {escape(words)}")
    if not broken:
        console.print("[bold green]Every figure is within its limit.[/bold green]")


def _cells(figure: Figure) -> Sequence[str]:
    value = estimate_text(figure.estimate)
    shown = f"[bold red]{value}[/bold red]" if figure.is_broken else value
    return figure.title, shown, figure.limit, "" if figure.n is None else f"{figure.n:,}"
