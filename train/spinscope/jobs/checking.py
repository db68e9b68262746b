"""The verb `check`: reads config and data before any model loads, and says what is wrong with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinscope.config import Model, RunConfig
from spinscope.data.checks import Report, TokenCounter, check_data
from spinscope.data.corpora.labels import UnknownLabel
from spinscope.data.corpora.loading import load_sentences
from spinscope.data.splits import SPLITS, assign_splits, straddling_articles
from spinscope.errors import DONE, DONE_WITH_FINDINGS
from spinscope.files import write_json
from spinscope.jobs.fit_settings import check_settings
from spinscope.measure.resolution import DEFAULT, resolution
from spinscope.records import Sentence
from spinscope.taxonomy import Inventory, inventory

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

MICRO = "micro_f1"

_MARKS = {"block": ("blocks", "bold red"), "warning": ("warning", "yellow"), "note": ("note", "cyan")}


def check(
    config: RunConfig,
    *,
    json_file: Path | None = None,
    console: Console | None = None,
    tokenizer: TokenCounter | None = None,
) -> int:
    """Prints counts and findings as tables.

    Args:
        config: the run.
        json_file: where given, the report is also written there.
        console: where to print; by default standard output.
        tokenizer: counts tokens; by default with the tokenizer of `model.base`, whose weights are not loaded.

    Returns:
        the exit code: 1 where a finding blocks, else 0.

    Raises:
        UserError: a base that is no folder and not pinned, data that cannot be read, or splits that contradict each other.
    """
    check_settings(config)
    report = report_on(config, tokenizer=tokenizer or _tokenizer_of(config.model))
    if json_file is not None:
        write_json(json_file, report.to_dict())
    show(report, console=console)
    return DONE_WITH_FINDINGS if report.blocked else DONE


def report_on(config: RunConfig, *, tokenizer: TokenCounter | None = None) -> Report:
    """The report of a run's data; unknown labels and straddling articles are findings here, not errors.

    Raises:
        UserError: data that cannot be read, or splits that contradict each other otherwise.
    """
    target = inventory(config.data.taxonomy)
    unknown: list[UnknownLabel] = []
    sentences = load_sentences(config.data, target=target, unknown=unknown)
    straddling = straddling_articles(sentences)
    settled = [replace(one, split=None) if one.article in straddling else one for one in sentences]
    splits = assign_splits(settled, config.data.split_by, target=target)
    report = check_data(sentences, splits, config=config, target=target, unknown=unknown, tokenizer=tokenizer)
    return replace(report, counts={**report.counts, "resolution": resolutions(sentences, splits, target=target)})


def resolutions(sentences: Sequence[Sentence], splits: Mapping[str, str], *, target: Inventory) -> dict[str, Any]:
    """The smallest difference in F1 that dev and test can resolve, per technique and over all (`micro_f1`).

    Args:
        sentences: labels in `target`.
        splits: article id -> train, dev or test.
        target: the techniques.

    Returns:
        what is `assumed`, and per part that has articles, technique -> `measure.resolution.Resolution` as JSON with the
        words that say it.
    """
    found: dict[str, Any] = {"assumed": asdict(DEFAULT)}
    for part in ("dev", "test"):
        articles = sorted(article for article, split in splits.items() if split == part)
        if not articles:
            continue
        counts = {technique: Counter[str]() for technique in target.ids}
        for sentence in sentences:
            if splits[sentence.article] == part:
                for technique in sentence.techniques:
                    counts[technique][sentence.article] += 1
        table = np.array([[counts[technique][article] for article in articles] for technique in target.ids])
        rows = {**dict(zip(target.ids, table, strict=True)), MICRO: table.sum(axis=0)}
        found[part] = {}
        for name, positives in rows.items():
            one = resolution(positives)
            found[part][name] = {**one.to_dict(), "told": one.told}
    return found


def show(report: Report, *, console: Console | None = None) -> None:
    """Prints the report as tables and one line."""
    from rich.console import Console

    console = console or Console()
    console.print(_counts_table(report))
    sources = report.counts["sources"]
    if len(sources) > 1:
        console.print("sources: " + ", ".join(f"{name} ({n:,} sentences)" for name, n in sources.items()), markup=False)
    if any(part in report.counts.get("resolution", {}) for part in ("dev", "test")):
        console.print(_resolution_table(report.counts["resolution"]))
        console.print(_assumed(report.counts["resolution"]["assumed"]), style="dim")
    if report.findings:
        console.print(_findings_table(report))
    n_blocking = sum(1 for finding in report.findings if finding.severity == "block")
    if n_blocking:
        console.print("blocked: mend the data, or name the finding in data.waive (leaks, unknown_labels).", style="red")
    else:
        console.print("nothing blocks.", style="green")


def _counts_table(report: Report) -> Table:
    from rich import box
    from rich.table import Table

    splits, techniques = report.counts["splits"], report.counts["techniques"]
    table = Table(title="Positives (of so many annotated, where not all are)", box=box.SIMPLE, title_justify="left")
    table.add_column("technique", no_wrap=True)
    for split in SPLITS:
        numbers = splits[split]
        table.add_column(
            f"{split}\n{numbers['n_articles']:,} articles\n{numbers['n_sentences']:,} sentences", justify="right"
        )
    for name, by_split in techniques.items():
        table.add_row(name, *(_cell(by_split[split], splits[split]["n_sentences"]) for split in SPLITS))
    return table


def _cell(numbers: Mapping[str, int], n_sentences: int) -> str:
    """Positives, and what they are out of where not every sentence is annotated."""
    positives, annotated = f"{numbers['n_positives']:,}", f"{numbers['n_annotated']:,}"
    return positives if numbers["n_annotated"] == n_sentences else f"{positives} of {annotated}"


def _resolution_table(found: Mapping[str, Any]) -> Table:
    from rich import box
    from rich.table import Table

    parts = [part for part in ("dev", "test") if part in found]
    table = Table(title="Smallest difference in F1 that can be resolved", box=box.SIMPLE, title_justify="left")
    table.add_column("technique", no_wrap=True)
    for part in parts:
        table.add_column(part, overflow="fold")
    for name in found[parts[0]]:
        table.add_row("all (micro F1)" if name == MICRO else name, *(found[part][name]["told"] for part in parts))
    return table


def _assumed(assumed: Mapping[str, float]) -> str:
    return (
        f"Between two systems, in {assumed['power']:.0%} of tries, at {assumed['confidence']:.0%} confidence; assumed: F1 "
        f"{assumed['f1']:.2f}, where it is hardest (at 0.8: 0.7 times as much); correlation {assumed['correlation']:g} "
        f"between systems, {assumed['intraclass_correlation']:g} within an article."
    )


def _findings_table(report: Report) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title="Findings", box=box.SIMPLE, title_justify="left")
    for column in ("", "what", "where"):
        table.add_column(column, overflow="fold")
    for finding in report.findings:
        word, style = _MARKS[finding.severity]
        examples = "\n".join(finding.examples)
        # Text, not str: square brackets in a corpus are no markup.
        what = Text.assemble((finding.name, "bold"), f"\n{finding.message}")
        table.add_row(Text("waived" if finding.waived else word, style=style), what, Text(examples))
    return table


def _tokenizer_of(model: Model) -> TokenCounter | None:
    if model.kind == "tfidf":
        return None

    def count(texts: Sequence[str]) -> list[int]:
        from spinscope.model.building import load_tokenizer

        return [len(ids) for ids in load_tokenizer(model)(list(texts))["input_ids"]]

    return count
