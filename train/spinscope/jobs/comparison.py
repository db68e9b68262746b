"""`spinscope compare`: which checkpoint is better on the same sentences, by how much, and which decisions changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from spinscope import config
from spinscope.errors import DONE, DONE_WITH_FINDINGS, GATE_BROKEN, UserError
from spinscope.files import write_json, write_text
from spinscope.jobs.comparison_curves import curves_of
from spinscope.jobs.comparison_differences import system_differences
from spinscope.jobs.comparison_output import print_comparison
from spinscope.jobs.comparison_result import Change, ComparisonResult, Pair
from spinscope.jobs.comparison_systems import Answered, System, facts_of, named_apart, open_system, unlike_seeds
from spinscope.jobs.exposure import Exposure, exposure
from spinscope.jobs.gate_rules import read_gate
from spinscope.jobs.gating import AuditSources, outcomes_of
from spinscope.jobs.labelled import ALL, Labelled, Scored, data_block, data_hash, read_labelled, score_labelled
from spinscope.jobs.one_thread import one_thread_algebra
from spinscope.jobs.progress import show
from spinscope.jobs.selection import Selection, selection_of
from spinscope.jobs.tables import result_console
from spinscope.measure.statistics import MARGIN, Comparison, Side, compare_sides, judged_together
from spinscope.model.prediction import Classifier, any_probability
from spinscope.model.source_heads import heads_of

if TYPE_CHECKING:
    from rich.console import Console


def compare(
    checkpoints: Sequence[str | Path],
    *,
    data: str | config.Data | None = None,
    data_format: str = "auto",
    inventory_name: str | None = None,
    split: str | None = None,
    margin: float = MARGIN,
    n_resamples: int | None = None,
    gate_file: Path | None = None,
    audit_files: Sequence[Path] = (),
    suites: Path | None = None,
    json_file: Path | None = None,
    html_file: Path | None = None,
    allow_training_articles: bool = False,
    console: Console | None = None,
) -> int:
    """Compares checkpoints, each with the first, and prints differences, verdicts and changed decisions.

    Args:
        checkpoints: two or more; each a folder, or several seeds of one system (see `open_system`).
        data: labelled file or folder, a config's YAML file, or a block; None: what the first was trained from.
        data_format: of `data`; `auto` tells it from the files.
        inventory_name: what `data` was annotated with, where its format does not say.
        split: train, dev, test or all; None: `test` where the first one's division covers the data, else `all`.
        margin: the smallest difference of interest, 0 to 1; 0: nothing is called equivalent but what is the same.
        n_resamples: of articles, and as many permutations; None: what the first one's config says.
        gate_file: where given, YAML of rules that every further checkpoint must keep.
        audit_files: what `spinscope audit --json` wrote, for rules on audits.
        suites: folder of behaviour suites for rules on audits without such a file; None: data/suites.
        json_file: where given, the result is written there, with every changed decision.
        html_file: where given, a page that opens offline is written there.
        allow_training_articles: compare even where a checkpoint was trained or tuned on evaluation articles.
        console: where the tables go; None: standard output.

    Returns:
        the exit code: 3 where a rule of the gate is broken, else 1 where something makes the verdicts doubtful, else 0.

    Raises:
        UserError: fewer than two checkpoints, no technique in common, training articles not waived, or faulty input.
    """
    gate = read_gate(gate_file) if gate_file is not None else None
    sources = AuditSources.of(gate, audit_files=audit_files, suites=suites)
    block = data_block(data, data_format=data_format, inventory_name=inventory_name)
    systems = named_apart([open_system(word) for word in checkpoints])
    result = comparison_of(
        systems, data=block, split=split, margin=margin, n_resamples=n_resamples,
        allow_training_articles=allow_training_articles,
    )  # fmt: skip
    if gate is not None:
        result = replace(result, gate=outcomes_of(gate, result, systems, sources))
    print_comparison(result, console or result_console())
    _write(result, json_file=json_file, html_file=html_file)
    if result.broken():
        return GATE_BROKEN
    return DONE_WITH_FINDINGS if result.findings else DONE


def _write(result: ComparisonResult, *, json_file: Path | None, html_file: Path | None) -> None:
    if json_file is not None:
        write_json(json_file, result.to_dict())
        show(f"written: {json_file}")
    if html_file is not None:
        from spinscope.jobs.comparison_page import render_comparison

        write_text(html_file, render_comparison(result))
        show(f"written: {html_file}")


@one_thread_algebra()
def comparison_of(
    compared: Sequence[Classifier | System],
    *,
    data: config.Data | None = None,
    split: str | None = None,
    margin: float = MARGIN,
    n_resamples: int | None = None,
    allow_training_articles: bool = False,
) -> ComparisonResult:
    """The result that `compare` prints, without a gate; a checkpoint alone is a system of one seed."""
    if len(compared) < 2:
        raise UserError(f"{len(compared)} checkpoint", where="command line", expected="at least two to compare")
    systems = named_apart([one if isinstance(one, System) else System("", (one,)) for one in compared])
    classifiers = [seed for system in systems for seed in system.seeds]
    first = systems[0].first
    labelled = read_labelled(first, data=data, split=split)
    techniques, left_out = _common_techniques(classifiers, labelled)
    exposures = [exposure(one, labelled.measured(), labelled.sentences) for one in classifiers]
    if not allow_training_articles:
        _refuse_training_articles(exposures)
    read = data or first.config.data
    scored = [[_scored(one, labelled, read) for one in system.seeds] for system in systems]
    columns = np.array([first.inventory.index(technique) for technique in techniques])
    base = scored[0][0]
    rows = np.flatnonzero(base.mask[:, columns].any(axis=1))
    ground = _Ground(
        base, rows, techniques, (base.gold[np.ix_(rows, columns)], base.mask[np.ix_(rows, columns)])
    )  # fmt: skip
    answered = [_answered(system, its, ground) for system, its in zip(systems, scored, strict=True)]
    comparisons = _comparisons(ground, answered, first, margin=margin, n_resamples=n_resamples)
    names = [system.name for system in systems]
    told = [
        *(said for one in exposures for said in one.told()),
        *(said for one in systems for said in unlike_seeds(one)),
    ]
    return ComparisonResult(
        checkpoints={
            system.name: facts_of(system, its, ground.truth, given)
            for system, its, given in zip(systems, scored, answered, strict=True)
        },
        data={
            "sha256": data_hash([base.sentences[row] for row in rows]), "split": labelled.split,
            "n_sentences": len(rows), "n_articles": len(np.unique(base.articles[rows])),
        },
        techniques=techniques, left_out=left_out,
        pairs=[
            Pair(
                names[0], system.name, comparison, _changes(ground, answered[0], given),
                system_differences(systems[0].seeds, system.seeds),
            )
            for system, comparison, given in zip(systems[1:], comparisons, answered[1:], strict=True)
        ],
        findings=list(dict.fromkeys(told)),
        curves={
            name: curves_of(*ground.truth, its.probabilities, its.decisions, techniques)
            for name, its in zip(names, answered, strict=True)
        },
        selection=dict(zip(names, _selection(ground, systems, answered, exposures), strict=True)),
    )  # fmt: skip


def _scored(classifier: Classifier, labelled: Labelled, data: config.Data) -> Scored:
    """Which of its heads by source scores a sentence is what it finds in the data by itself."""
    sentences = labelled.measured()
    if heads_of(classifier.scorer):
        own = {(one.article, one.index): one.source for one in read_labelled(classifier, data=data, split=ALL).sentences}
        sentences = [replace(one, source=own[one.article, one.index]) for one in sentences]
    return score_labelled(classifier, sentences, labelled.inventory)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What is compared on: rows of the first checkpoint's scored sentences, techniques, and (n, k) gold and mask."""

    scored: Scored
    rows: np.ndarray
    techniques: tuple[str, ...]
    truth: tuple[np.ndarray, np.ndarray]


def _comparisons(
    ground: _Ground, answered: Sequence[Answered], first: Classifier, *, margin: float, n_resamples: int | None
) -> list[Comparison]:
    """Each further system against the first; Holm's families span all of them."""
    rules = first.config.evaluation
    articles = ground.scored.articles[ground.rows]
    sides = [
        Side.of(
            *ground.truth, list(zip(its.probabilities, its.decisions, its.any_decided, strict=True)), articles=articles,
            n_resamples=n_resamples or rules.n_resamples, seed=rules.seed,
        )
        for its in answered
    ]  # fmt: skip
    found = [
        compare_sides(
            sides[0], side, techniques=ground.techniques, confidence=rules.confidence, margin=margin,
            interval=rules.interval,
        )
        for side in sides[1:]
    ]
    return judged_together(found)


def _selection(
    ground: _Ground, systems: Sequence[System], answered: Sequence[Answered], exposures: Sequence[Exposure]
) -> Iterator[list[Selection]]:
    """Of each system the selection effects of its seeds; `exposures` are of all seeds of all systems."""
    rest = iter(exposures)
    for system, its in zip(systems, answered, strict=True):
        yield [
            selection_of(
                classifier, (*ground.truth, decisions), articles=ground.scored.articles[ground.rows],
                techniques=ground.techniques, seen=next(rest),
            )
            for classifier, decisions in zip(system.seeds, its.decisions, strict=True)
        ]  # fmt: skip


def _common_techniques(classifiers: Sequence[Classifier], labelled: Labelled) -> tuple[tuple[str, ...], dict[str, str]]:
    """Techniques that all have and the data annotates, in the first one's order, and why others are left out."""
    annotated = {technique for sentence in labelled.measured() for technique in sentence.annotated}
    left_out: dict[str, str] = {}
    for technique in dict.fromkeys(technique for one in classifiers for technique in one.inventory.ids):
        without = [one.name for one in classifiers if technique not in one.inventory.ids]
        if without:
            left_out[technique] = f"not in {' and '.join(dict.fromkeys(without))}"
        elif technique not in annotated:
            left_out[technique] = "not annotated in the data"
    common = tuple(technique for technique in classifiers[0].inventory.ids if technique not in left_out)
    if not common:
        reasons = "; ".join(f"{technique}: {why}" for technique, why in list(left_out.items())[:5])
        raise UserError(
            f"no technique left to compare on ({reasons})", where="command line",
            expected="a technique that every checkpoint has and the data annotates",
            remedy="compare checkpoints of one taxonomy, on data annotated with it.",
        )  # fmt: skip
    return common, left_out


def _refuse_training_articles(exposures: Sequence[Exposure]) -> None:
    seen = [one for one in exposures if one.trained or one.tuned]
    if seen:
        told = [sentence for one in seen for sentence in one.told()]
        raise UserError(
            "; ".join(dict.fromkeys(told)), where="data",
            expected="articles that no checkpoint was trained or tuned on",
            remedy="name other data or another --split, or pass --allow-training-articles.",
        )  # fmt: skip


def _answered(system: System, scored: Sequence[Scored], ground: _Ground) -> Answered:
    """The answers of each seed on the compared rows and techniques."""
    place = np.ix_(ground.rows, np.array([system.first.inventory.index(technique) for technique in ground.techniques]))
    probabilities, decisions = (
        np.stack([one[place] for one in several])
        for several in ([its.probabilities for its in scored], [its.decisions for its in scored])
    )
    said = []
    for seed, scores, decided in zip(system.seeds, probabilities, decisions, strict=True):
        cutoff, mask = seed.decision.any_threshold, ground.truth[1]
        said.append((decided & mask).any(axis=1) if cutoff is None else any_probability(scores, mask) >= cutoff)
    return Answered(probabilities, decisions, np.stack(said))


def _changes(ground: _Ground, a: Answered, b: Answered) -> list[Change]:
    gold, mask = ground.truth
    before, now = a.mean_probabilities, b.mean_probabilities
    decided = b.majority
    changes = []
    for row, column in np.argwhere((a.majority != decided) & mask):
        sentence, gained = ground.scored.sentences[ground.rows[row]], bool(decided[row, column])
        changes.append(
            Change(
                sentence.article, sentence.index, sentence.text, ground.techniques[column], "gained" if gained else "lost",
                is_right=gained == bool(gold[row, column]),
                probability_a=float(before[row, column]), probability_b=float(now[row, column]),
            )
        )  # fmt: skip
    return sorted(changes, key=lambda change: -abs(change.probability_b - change.probability_a))
