"""`spinscope compare`: which checkpoint is better on the same sentences, and which decisions changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinscope import config
from spinscope.errors import DONE, DONE_WITH_FINDINGS, UserError
from spinscope.files import write_json, write_text
from spinscope.jobs.comparison_output import print_comparison, render_comparison
from spinscope.jobs.comparison_result import Change, ComparisonResult, Pair
from spinscope.jobs.exposure import Exposure, exposure
from spinscope.jobs.labelled import Labelled, Scored, data_block, data_hash, read_labelled, score_labelled
from spinscope.jobs.progress import show
from spinscope.jobs.tables import result_console
from spinscope.measure.statistics import paired_comparison
from spinscope.model.checkpoint import open_checkpoint
from spinscope.model.prediction import Classifier

if TYPE_CHECKING:
    from rich.console import Console

def compare(
    checkpoints: Sequence[str | Path],
    *,
    data: str | config.Data | None = None,
    data_format: str = "auto",
    inventory_name: str | None = None,
    split: str | None = None,
    json_file: Path | None = None,
    html_file: Path | None = None,
    allow_training_articles: bool = False,
    console: Console | None = None,
) -> int:
    """Compares checkpoints, each with the first, and prints differences, verdicts and changed decisions.

    Args:
        checkpoints: two folders or more.
        data: labelled file or folder, a config's YAML file, or a block; None: what the first was trained from.
        data_format: of `data`; `auto` tells it from the files.
        inventory_name: what `data` was annotated with, where its format does not say.
        split: train, dev, test or all; None: `test` where the first one's division covers the data, else `all`.
        json_file: where given, the result is written there, with every changed decision.
        html_file: where given, a page that opens offline is written there.
        allow_training_articles: compare even where a checkpoint was trained or tuned on evaluation articles.
        console: where the tables go; None: standard output.

    Returns:
        the exit code: 1 where something makes the verdicts doubtful, else 0.

    Raises:
        UserError: fewer than two checkpoints, no technique in common, training articles not waived, or faulty input.
    """
    block = data_block(data, data_format=data_format, inventory_name=inventory_name)
    classifiers = [open_checkpoint(checkpoint) for checkpoint in checkpoints]
    result = comparison_of(classifiers, data=block, split=split, allow_training_articles=allow_training_articles)
    print_comparison(result, console or result_console())
    if json_file is not None:
        write_json(json_file, result.to_dict())
        show(f"written: {json_file}")
    if html_file is not None:
        write_text(html_file, render_comparison(result))
        show(f"written: {html_file}")
    return DONE_WITH_FINDINGS if result.findings else DONE


def comparison_of(
    classifiers: Sequence[Classifier],
    *,
    data: config.Data | None = None,
    split: str | None = None,
    allow_training_articles: bool = False,
) -> ComparisonResult:
    """The result that `compare` prints."""
    if len(classifiers) < 2:
        raise UserError(f"{len(classifiers)} checkpoint", where="command line", expected="at least two to compare")
    first = classifiers[0]
    labelled = read_labelled(first, data=data, split=split)
    techniques, left_out = _common_techniques(classifiers, labelled)
    exposures = [exposure(one, labelled.measured(), labelled.sentences) for one in classifiers]
    if not allow_training_articles:
        _refuse_training_articles(exposures)
    scored = [score_labelled(one, labelled.measured(), first.inventory) for one in classifiers]
    names = _labels(classifiers)
    columns = np.array([first.inventory.index(technique) for technique in techniques])
    rows = np.flatnonzero(scored[0].mask[:, columns].any(axis=1))
    answers = [_answers(one, its, techniques, rows) for one, its in zip(classifiers, scored, strict=True)]
    truth = (scored[0].gold[np.ix_(rows, columns)], scored[0].mask[np.ix_(rows, columns)])
    pairs = [
        _pair(names[0], name, first, scored[0], rows, techniques, truth, answers[0], answer)
        for name, answer in zip(names[1:], answers[1:], strict=True)
    ]
    return ComparisonResult(
        checkpoints={name: _facts(one, its) for name, one, its in zip(names, classifiers, scored, strict=True)},
        data={
            "sha256": data_hash([scored[0].sentences[row] for row in rows]), "split": labelled.split,
            "n_sentences": len(rows), "n_articles": len(np.unique(scored[0].articles[rows])),
        },
        techniques=techniques, left_out=left_out, pairs=pairs,
        findings=list(dict.fromkeys(told for one in exposures for told in one.told())),
    )  # fmt: skip


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


def _labels(classifiers: Sequence[Classifier]) -> list[str]:
    """A name for each checkpoint: its folder's, with the parent's where two share it, numbered where that is shared."""
    paths = {one.name: {other.path for other in classifiers if other.name == one.name} for one in classifiers}
    told = [
        f"{one.path.parent.name}/{one.name}" if one.path and len(paths[one.name]) > 1 else one.name
        for one in classifiers
    ]
    counts = [told[:position].count(name) for position, name in enumerate(told)]
    return [name if not count else f"{name} ({count + 1})" for name, count in zip(told, counts, strict=True)]


def _answers(
    classifier: Classifier, scored: Scored, techniques: Sequence[str], rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(n, k) probabilities and decisions on the compared rows and techniques."""
    place = np.ix_(rows, np.array([classifier.inventory.index(technique) for technique in techniques]))
    return scored.probabilities[place], scored.decisions[place]


def _pair(
    first: str,
    second: str,
    classifier: Classifier,
    scored: Scored,
    rows: np.ndarray,
    techniques: tuple[str, ...],
    truth: tuple[np.ndarray, np.ndarray],
    a: tuple[np.ndarray, np.ndarray],
    b: tuple[np.ndarray, np.ndarray],
) -> Pair:
    rules = classifier.config.evaluation
    comparison = paired_comparison(
        *truth, *a, *b, articles=scored.articles[rows], techniques=techniques, n_resamples=rules.n_resamples,
        confidence=rules.confidence, seed=rules.seed,
    )  # fmt: skip
    gold, mask = truth
    changes = []
    for row, column in np.argwhere((a[1] != b[1]) & mask):
        sentence, gained = scored.sentences[rows[row]], bool(b[1][row, column])
        changes.append(
            Change(
                sentence.article, sentence.index, sentence.text, techniques[column], "gained" if gained else "lost",
                is_right=gained == bool(gold[row, column]),
                probability_a=float(a[0][row, column]), probability_b=float(b[0][row, column]),
            )
        )  # fmt: skip
    changes.sort(key=lambda change: -abs(change.probability_b - change.probability_a))
    return Pair(first, second, comparison, changes)


def _facts(classifier: Classifier, scored: Scored) -> dict[str, Any]:
    """What the checkpoint is, what it cost, and how fast it was in this run."""
    manifest = classifier.manifest
    training, data = manifest.get("training", {}), manifest.get("data", {})
    assert classifier.path is not None
    return {
        "path": str(classifier.path), "identity": classifier.identity, "kind": classifier.config.model.kind,
        "taxonomy": classifier.inventory.name, "thresholds": classifier.decision.rule,
        "calibration": classifier.decision.calibration,
        "training_seconds": training.get("seconds"), "training_precision": training.get("precision"),
        "n_training_sentences": data.get("n_sentences", {}).get("train"),
        "weights_bytes": (classifier.path / "model.safetensors").stat().st_size,
        "scoring_seconds": round(scored.seconds, 3), "sentences_per_second": round(scored.sentences_per_second, 1),
    }  # fmt: skip
