"""Span tasks, where a part of a span earns a part of the credit: semeval2020-si, nlp4if2019-flc, semeval2021-st2.

A predicted span s and a gold span t of one technique earn |s and t| / |s| for precision and |s and t| / |t| for recall,
in characters; the sums are divided by the number of predicted and of gold spans (Da San Martino et al., "Fine-Grained
Analysis of Propaganda in News Articles", EMNLP 2019, https://aclanthology.org/D19-1565/). Where neither side has a span,
F1 is 1; without any overlap it is 0.

Rules as in the organisers' programs (task-SI_scorer.py, task-FLC_scorer.py and task-2-semeval21_scorer.py of
https://gitlab.com/joedsm/propaganda-techniques-scorer, and the tools handed out with the corpora):

- semeval2020-si and nlp4if2019-flc merge overlapping spans of one technique first, in gold and (with their option -m) in
  the submission; spans that merely touch stay two. In span identification there is one technique, "propaganda".
- semeval2021-st2 merges nothing: each span of a submission counts, overlapping or not.
- An article without a prediction still counts in recall.
- The figures of one technique take the precision credit for recall too. That is an oversight of the programs, kept here
  so that they agree; the overall figures are free of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.official.score import OfficialScore, Settings, Totals, estimates, harmonic_mean, ratio

Fragment = tuple[int, int, str]
"""Characters [start, end) of an article, and a technique."""

Articles = Mapping[str, Sequence[Fragment]]
"""Article id -> its fragments."""


def span_score(
    gold: Articles, predicted: Articles, *, labels: Sequence[str], merge: bool, settings: Settings | None = None
) -> OfficialScore:
    """Precision, recall and F1 with credit for partial overlap.

    Args:
        gold: of every article of the part that is measured, those without a span too.
        predicted: of any of these articles.
        labels: techniques, in the order they are to be listed.
        merge: whether overlapping spans of one technique are one.
        settings: of the intervals.

    Raises:
        ValueError: a prediction for an article outside `gold`.
    """
    foreign = sorted(set(predicted) - set(gold))
    if foreign:
        raise ValueError(f"predictions for articles without gold: {foreign}")
    sums, own, notes = _article_sums(gold, predicted, labels, merge=merge)
    figures = estimates(sums, _figures_of, settings or Settings())
    per_technique = {}
    for label, (credit, n_predicted, n_gold) in own.items():
        found = _figures_of(np.array([credit, n_predicted, credit, n_gold]))
        per_technique[label] = {
            **{name: float(value) for name, value in found.items()},
            "n_gold": int(n_gold), "n_predicted": int(n_predicted),
        }  # fmt: skip
    total = sums.sum(axis=0)
    counts = {"n_articles": len(gold), "n_gold": int(total[3]), "n_predicted": int(total[1])}
    return OfficialScore("f1", figures, per_technique, counts, notes)


def merged(fragments: Sequence[Fragment]) -> list[Fragment]:
    """Overlapping fragments of one technique joined; fragments that merely touch stay apart."""
    by_label: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for start, end, label in fragments:
        by_label[label].append((start, end))
    out: list[Fragment] = []
    for label, spans in by_label.items():
        spans.sort()
        first, last = spans[0]
        for start, end in spans[1:]:
            if start < last:
                last = max(last, end)
            else:
                out.append((first, last, label))
                first, last = start, end
        out.append((first, last, label))
    return out


def _figures_of(totals: NDArray[Any]) -> Totals:
    """From (..., 4): precision credit, predicted spans, recall credit, gold spans."""
    credit_precision, n_predicted, credit_recall, n_gold = np.moveaxis(totals, -1, 0)
    precision, recall = ratio(credit_precision, n_predicted), ratio(credit_recall, n_gold)
    nothing = (n_predicted == 0) & (n_gold == 0)
    return {"f1": np.where(nothing, 1.0, harmonic_mean(precision, recall)), "precision": precision, "recall": recall}


def _article_sums(
    gold: Articles, predicted: Articles, labels: Sequence[str], *, merge: bool
) -> tuple[NDArray[Any], dict[str, NDArray[Any]], tuple[str, ...]]:
    """(n_articles, 4) sums, per label (3,) precision credit, predicted and gold spans, and notes."""
    sums = np.zeros((len(gold), 4))
    own = {label: np.zeros(3) for label in labels}
    n_merged = 0
    for row, (article, true) in enumerate(gold.items()):
        guessed = list(predicted.get(article, ()))
        if merge:
            n_merged -= len(guessed)
            true, guessed = merged(true), merged(guessed)
            n_merged += len(guessed)
        for start, end, label in guessed:
            own[label][1] += 1
            for true_start, true_end, true_label in true:
                shared = min(end, true_end) - max(start, true_start)
                if label == true_label and shared > 0:
                    sums[row, 0] += shared / (end - start)
                    sums[row, 2] += shared / (true_end - true_start)
                    own[label][0] += shared / (end - start)
        for _, _, label in true:
            own[label][2] += 1
        sums[row, 1], sums[row, 3] = len(guessed), len(true)
    if not n_merged:
        return sums, own, ()
    note = f"{-n_merged} predicted spans overlap another of their technique and were merged; the organisers' program does so with -m and refuses them without"  # fmt: skip
    return sums, own, (note,)
