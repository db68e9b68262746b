"""Labels that are likely wrong, ranked: those of the measured part by the checkpoint, the others out of fold."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.config import Limits
from spinscope.data.duplicates import text_hash
from spinscope.data.soft_labels import read_soft_labels
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

    def rows(self, chosen: Sequence[int]) -> _Judged:
        """Some of them."""
        rows = list(chosen)
        sentences = [self.sentences[row] for row in rows]
        return _Judged(sentences, self.gold[rows], self.mask[rows], self.probabilities[rows])

    def without(self, judged: AbstractSet[tuple[str, int]]) -> _Judged:
        """Those of other places, (article, index)."""
        return self.rows([row for row, one in enumerate(self.sentences) if (one.article, one.index) not in judged])


def label_error_section(
    classifier: Classifier,
    held_out: HeldOut,
    scored: Scored,
    limits: Limits,
    *,
    split: str,
    out_of_fold: Path | None = None,
) -> Section:
    """Which labels to look at again, and how many there seem to be.

    How many is told by one method for all: TF-IDF classifiers, cross-validated over articles, for a fine-tuned model
    has learned its training labels by heart, and a limit should not depend on how sure of itself a checkpoint is. The
    ranking goes by what is better: of sentences in `out_of_fold`, the answers that a cross-validation of the
    checkpoint's recipe gave there; of measured ones that the checkpoint was not trained on, its own scores.

    Args:
        classifier: of the checkpoint.
        held_out: all labelled sentences, as TF-IDF judges them.
        scored: the measured part, with the checkpoint's answers.
        limits: of the figures.
        split: name of the measured part.
        out_of_fold: what `spinscope cross-validate` wrote (`out-of-fold.jsonl`).

    Raises:
        UserError: a file that cannot be read, or says nothing of these sentences.
    """
    title = "Labels to look at again"
    known, probabilities, rules = held_out.sentences, held_out.probabilities, classifier.config.evaluation
    if len(known) < MIN_SENTENCES or probabilities is None:
        return Section("label_errors", title, notes=("not measured: too few labelled sentences or articles",))
    everything = _Judged(known, held_out.gold, held_out.mask, probabilities)
    folds = _out_of_fold(everything, out_of_fold, classifier) if out_of_fold else everything.rows([])
    judged = {(one.article, one.index) for one in folds.sentences}
    trained = classifier.training_hashes()
    fresh = [row for row, one in enumerate(scored.sentences) if text_hash(one.text) not in trained]
    own = _Judged(scored.sentences, scored.gold, scored.mask, scored.probabilities).rows(fresh)
    ranked_by_checkpoint = own.without(judged)
    judged |= {(one.article, one.index) for one in own.sentences}
    asked = [
        ("likely_wrong", "labels that are likely wrong, all parts, out of fold", everything, limits.label_errors),
        ("likely_wrong_measured", "... of the measured part, by the checkpoint's scores", own, None),
    ]
    if out_of_fold:
        asked.append(("likely_wrong_out_of_fold", "... by the cross-validation's scores", folds, None))
    figures = [_share(*one, confidence=rules.confidence) for one in asked]
    ids = classifier.inventory.ids
    ranking = [
        *_ranked(ids, folds, part="out of fold"),
        *_ranked(ids, ranked_by_checkpoint, part=split),
        *_ranked(ids, everything.without(judged), part="others"),
    ]
    return Section(
        "label_errors", title, tuple(figures),
        notes=("Confident learning (cleanlab): a list to read, not a verdict. A hard sentence looks the same as a wrong label.",),
        details={"n_labels": int(held_out.mask.sum()), "ranked_share": RANKED_SHARE, "ranking": sorted(ranking, key=lambda line: line["confidence"])},
    )  # fmt: skip


def _share(key: str, words: str, judged: _Judged, limit: float | None, *, confidence: float) -> Figure:
    """How many of the labels are likely wrong."""
    wrong = likely_errors(judged.gold, judged.mask, judged.probabilities)
    rows, columns = np.nonzero(judged.mask)
    articles = [judged.sentences[row].article for row in rows.tolist()]
    share = mean_over_articles(wrong[rows, columns], articles, confidence=confidence)
    return Figure(key, words, share, at_most=limit, n=len(rows))


def _out_of_fold(everything: _Judged, file: Path, classifier: Classifier) -> _Judged:
    """The sentences of which the file says all that is annotated, with its probabilities."""
    found = read_soft_labels(file, everything.sentences, classifier.inventory)
    whole = np.flatnonzero((~np.isnan(found) | ~everything.mask).all(axis=1)).tolist()
    return _Judged(everything.sentences, everything.gold, everything.mask, np.nan_to_num(found)).rows(whole)


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
