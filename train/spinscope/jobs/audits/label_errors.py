"""Labels that are likely wrong, ranked: those of the measured part by the checkpoint, the others out of fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.config import Limits
from spinscope.data.duplicates import text_hash
from spinscope.jobs.audits.held_out import HeldOut
from spinscope.jobs.audits.sections import Figure, Section
from spinscope.jobs.labelled import Scored
from spinscope.measure.label_errors import label_confidence, likely_errors
from spinscope.measure.subsets import mean_over_articles
from spinscope.model.prediction import Classifier
from spinscope.records import Sentence

RANKED_SHARE = 0.1
"""The share of all labels that the ranking lists, least credible first."""

MIN_SENTENCES = 40


@dataclass(frozen=True, slots=True)
class _Judged:
    """Sentences with probabilities of a model that has not seen their labels. Arrays are (n, k)."""

    sentences: Sequence[Sentence]
    gold: NDArray[Any]
    mask: NDArray[Any]
    probabilities: NDArray[Any]


def label_error_section(
    classifier: Classifier, held_out: HeldOut, scored: Scored, limits: Limits, *, split: str
) -> Section:
    """Which labels to look at again, and how many there seem to be.

    How many is told by one method for all: TF-IDF classifiers, cross-validated over articles, for a fine-tuned model
    has learned its training labels by heart, and a limit should not depend on how sure of itself a checkpoint is. The
    ranking of measured sentences that the checkpoint was not trained on goes by its own scores, which are better.
    """
    title = "Labels to look at again"
    known, probabilities, rules = held_out.sentences, held_out.probabilities, classifier.config.evaluation
    if len(known) < MIN_SENTENCES or probabilities is None:
        return Section("label_errors", title, notes=("not measured: too few labelled sentences or articles",))
    everything = _Judged(known, held_out.gold, held_out.mask, probabilities)
    trained = classifier.training_hashes()
    fresh = [row for row, one in enumerate(scored.sentences) if text_hash(one.text) not in trained]
    own = _Judged(
        [scored.sentences[row] for row in fresh], scored.gold[fresh], scored.mask[fresh], scored.probabilities[fresh]
    )
    judged_by_checkpoint = {(one.article, one.index) for one in own.sentences}
    others = [row for row, one in enumerate(known) if (one.article, one.index) not in judged_by_checkpoint]
    rest = _Judged([known[row] for row in others], held_out.gold[others], held_out.mask[others], probabilities[others])
    figures = []
    for key, words, judged, limit in (
        ("likely_wrong", "labels that are likely wrong, all parts, out of fold", everything, limits.label_errors),
        ("likely_wrong_measured", "... of the measured part, by the checkpoint's scores", own, None),
    ):
        wrong = likely_errors(judged.gold, judged.mask, judged.probabilities)
        rows, columns = np.nonzero(judged.mask)
        share = mean_over_articles(
            wrong[rows, columns], [judged.sentences[row].article for row in rows.tolist()], confidence=rules.confidence
        )  # fmt: skip
        figures.append(Figure(key, words, share, at_most=limit, n=len(rows)))
    ids = classifier.inventory.ids
    ranking = [*_ranked(ids, own, part=split), *_ranked(ids, rest, part="others")]
    return Section(
        "label_errors", title, tuple(figures),
        notes=("Confident learning (cleanlab): a list to read, not a verdict. A hard sentence looks the same as a wrong label.",),
        details={"n_labels": int(held_out.mask.sum()), "ranked_share": RANKED_SHARE, "ranking": sorted(ranking, key=lambda line: line["confidence"])},
    )  # fmt: skip


def _ranked(ids: Sequence[str], judged: _Judged, *, part: str) -> list[dict[str, Any]]:
    """The least credible tenth of the labels of one part."""
    confidence = label_confidence(judged.gold, judged.mask, judged.probabilities)
    order = np.argsort(confidence, axis=None, kind="stable")[: int(np.ceil(RANKED_SHARE * judged.mask.sum()))]
    lines = []
    for cell in order.tolist():
        row, column = divmod(cell, len(ids))
        one = judged.sentences[row]
        lines.append(
            {
                "article": one.article, "index": one.index, "text": one.text, "technique": ids[column],
                "given": bool(judged.gold[row, column]), "probability": round(float(judged.probabilities[row, column]), 4),
                "confidence": round(float(confidence[row, column]), 4), "part": part,
            }
        )  # fmt: skip
    return lines
