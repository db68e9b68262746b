"""One checkpoint for several corpora beside one checkpoint each: quality on each corpus, and calibration.

    spinscope study configs/studies/multi_corpus.yaml     # and the studies of the single corpora
    python tests/benchmarks/corpora.py models/multi_corpus-study/square-root \\
        ptc=models/ptc-study/finalist semeval2021=models/semeval2021-study/plain core=models/core-study/alone

Takes folders of study runs, in which every sentence was scored by a fit that did not see its article. Of each corpus:
macro average precision of the techniques that the single checkpoint knows, the difference, and its interval (jackknife
over articles, seeds averaged). Of each technique that two corpora annotate, which of the two is better; of each
technique with positives enough, whether the one checkpoint's probabilities can be taken at their word. Trains nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from spinscope.config import read_config
from spinscope.data.encoding import article_codes, label_matrix
from spinscope.files import read_json
from spinscope.jobs.answers import Answers
from spinscope.jobs.folds import Folds, divide, pooled_answers
from spinscope.jobs.labelled import data_hash
from spinscope.measure.article_sums import Resampling
from spinscope.measure.metrics import evaluate_predictions
from spinscope.measure.sides import Side
from spinscope.measure.statistics import compare_sides
from spinscope.measure.weak_calibration import LEAST_POSITIVES, weak_calibration

MACRO = "macro_average_precision"


@dataclass(frozen=True)
class StudiedRun:
    """A run of a study: its sentences, and the answers of each seed."""

    folds: Folds
    seeds: list[Answers]

    @classmethod
    def of(cls, folder: Path) -> StudiedRun:
        """Reads the folder of a run, all of whose folds are finished."""
        config = read_config(folder / "config.yaml")
        facts = {seed: sorted(folder.glob(f"seed-{seed}-fold-*.json")) for seed in _seeds(folder)}
        n_folds = max(len(files) for files in facts.values())
        folds = divide(config, n_folds=n_folds, seed=config.data.split_by.seed)
        if data_hash(folds.sentences) != read_json(folder / "run.json")["data"]:
            raise SystemExit(f"{folder}: the corpus is not the one that was studied")
        finished = [files for files in facts.values() if len(files) == n_folds]
        return cls(folds, [pooled_answers([read_json(file) for file in files], folds) for files in finished])


def _seeds(folder: Path) -> list[int]:
    found = {int(file.stem.split("-")[1]) for file in folder.glob("seed-*-fold-*.json")}
    if not found:
        raise SystemExit(f"{folder}: no finished fold; give the folder of a run, as models/NAME-study/RUN")
    return sorted(found)


def place_of(article: str, source: str, index: int) -> tuple[str, int]:
    """Article and index, without the name that a corpus among several puts before its articles."""
    return article.removeprefix(f"{source}/"), index


def on_corpus(one: StudiedRun, single: StudiedRun, source: str) -> dict[str, Any]:
    """Both on the sentences of a corpus and the techniques that the single checkpoint knows."""
    rows = {
        place_of(sentence.article, source, sentence.index): row
        for row, sentence in enumerate(one.folds.sentences)
        if sentence.source == source
    }
    sentences, ids = single.folds.sentences, single.folds.inventory.ids
    order = np.array([rows[place_of(sentence.article, source, sentence.index)] for sentence in sentences])
    columns = [one.folds.inventory.index(one.folds.inventory.resolve(name) or name) for name in ids]
    gold, mask = label_matrix(sentences, single.folds.inventory)
    common: dict[str, Any] = {"articles": article_codes(sentences), "n_resamples": 1000, "seed": 13}
    cells = np.ix_(order, columns)
    sides = [
        Side.of(gold, mask, seeds, **common)
        for seeds in (
            [(its.probabilities, its.decisions) for its in single.seeds],
            [(its.probabilities[cells], its.decisions[cells]) for its in one.seeds],
        )
    ]
    found = compare_sides(*sides, techniques=ids)
    return {"overall": found.overall[MACRO], "each": {name: row["average_precision"] for name, row in found.per_technique.items()}}


def lines(one: StudiedRun, singles: dict[str, StudiedRun]) -> Iterator[str]:
    """The tables."""
    compared = {source: on_corpus(one, single, source) for source, single in singles.items()}
    yield "macro average precision: alone, together, difference"
    for source, found in compared.items():
        row = found["overall"]
        yield f"  {source:<14} {row.value_a:.3f}  {row.value_b:.3f}  {row.difference:+.3f} ({row.low:+.3f} to {row.high:+.3f})"
    annotated_by: dict[str, list[str]] = {}
    for source, found in compared.items():
        for name in found["each"]:
            annotated_by.setdefault(one.folds.inventory.resolve(name) or name, []).append(source)
    shared = {name: sources for name, sources in annotated_by.items() if len(sources) > 1}
    better = 0
    yield "average precision of techniques that two corpora share: mean difference, by corpus"
    for name, sources in sorted(shared.items()):
        each = {source: _row(compared[source]["each"], name, one) for source in sources}
        mean = float(np.mean([row.difference for row in each.values() if row.difference is not None]))
        better += mean > 0
        told = ", ".join(f"{source} {row.value_a:.3f} -> {row.value_b:.3f}" for source, row in each.items() if row.value_a is not None)
        yield f"  {name:<36} {mean:+.3f}  {told}"
    yield f"  better: {better} of {len(shared)}"
    for number, answers in enumerate(one.seeds, 1):
        yield from calibration(one, answers, told=f"seed {number} of {len(one.seeds)}")


def _row(each: dict[str, Any], name: str, one: StudiedRun) -> Any:
    return next(row for own, row in each.items() if (one.folds.inventory.resolve(own) or own) == name)


def calibration(one: StudiedRun, answers: Answers, *, told: str) -> Iterator[str]:
    """Slope, gain over the constant and calibration error of each technique, over all corpora that annotate it."""
    gold, mask = label_matrix(one.folds.sentences, one.folds.inventory)
    articles, rules = article_codes(one.folds.sentences), Resampling()
    metrics = evaluate_predictions(
        gold, mask, *answers, articles=articles, techniques=one.folds.inventory.ids, n_resamples=1000,
        confidence=rules.confidence, seed=rules.seed, interval="jackknife",
    )  # fmt: skip
    found = weak_calibration(metrics, gold, mask, answers.probabilities, articles=articles, rules=rules)
    judged = {name: row for name, row in found.items() if row.is_judged}
    yield f"calibration, {told}: techniques with {LEAST_POSITIVES} positives or more: slope, gain in log loss, error"
    for name, row in judged.items():
        yield (
            f"  {name:<36} {row.n_positives:5}  {row.slope.value:.3f} ({row.slope.low:.2f} to {row.slope.high:.2f})  "
            f"{row.gain.value:.4f} (from {row.gain.low:.4f})  {row.calibration_error.value or 0:.3f}  {'; '.join(row.faults())}"
        )
    yield f"  without fault: {sum(not row.faults() for row in judged.values())} of {len(judged)}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("together", type=Path, help="folder of a run that learned from several corpora")
    parser.add_argument("alone", nargs="+", metavar="SOURCE=FOLDER", help="runs of one corpus each")
    chosen = parser.parse_args(arguments)
    singles = {name: StudiedRun.of(Path(folder)) for name, folder in (one.split("=", 1) for one in chosen.alone)}
    for line in lines(StudiedRun.of(chosen.together), singles):
        print(line)


if __name__ == "__main__":
    main()
