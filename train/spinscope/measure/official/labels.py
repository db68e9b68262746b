"""Several labels per text: semeval2021-st1 (memes) and semeval2023-st3 (paragraphs).

Micro-F1 ranks; macro-F1 stands beside it, with the organisers' convention for a class that is neither in gold nor
predicted: its F1 is 1, as scikit-learn's f1_score(..., zero_division=1) gives it. A submission so gains from classes that
nobody uses, and macro-F1 of two data sets, or of two lists of classes, cannot be compared. Where no text has any label
on either side, micro-F1 is 1 too (scorer/task1_3.py of https://github.com/di-dimitrov/SEMEVAL-2021-task6-corpus;
scorer-subtask-3.py of https://propaganda.math.unipd.it/semeval2023task3/).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinscope.measure.official.score import OfficialScore, Settings, Totals, estimates, ratio


def label_score(
    gold: ArrayLike,
    predicted: ArrayLike,
    *,
    articles: ArrayLike,
    labels: Sequence[str],
    settings: Settings | None = None,
) -> OfficialScore:
    """Micro- and macro-F1 over texts and classes.

    Args:
        gold: (n, k) of 0 or 1.
        predicted: (n, k) of 0 or 1.
        articles: (n,) codes 0 .. n_articles - 1 of the article that each text belongs to.
        labels: the k classes.
        settings: of the intervals.
    """
    truth, guess = np.asarray(gold, dtype=bool), np.asarray(predicted, dtype=bool)
    codes = np.asarray(articles, dtype=int)
    k = len(labels)
    rows = np.concatenate([truth & guess, ~truth & guess, truth & ~guess], axis=1).astype(float)
    sums = np.zeros((int(codes.max(initial=-1)) + 1, 3 * k))
    np.add.at(sums, codes, rows)
    hits, extra, missed = sums.sum(axis=0).reshape(3, k)
    f1 = ratio(2 * hits, 2 * hits + extra + missed, otherwise=1.0)
    absent = [label for label, seen in zip(labels, hits + extra + missed, strict=True) if not seen]
    per_technique = {
        label: {"f1": float(f1[j]), "n_gold": int(hits[j] + missed[j]), "n_predicted": int(hits[j] + extra[j])}
        for j, label in enumerate(labels)
    }
    counts = {
        "n_articles": len(sums), "n_texts": len(truth), "n_gold": int(truth.sum()), "n_predicted": int(guess.sum()),
    }  # fmt: skip
    why = "no interval: a resample in which a rare class does not occur would count it as 1.0"
    figures = estimates(sums, _figures_of, settings or Settings(), without_interval={"macro_f1": why})
    return OfficialScore("micro_f1", figures, per_technique, counts, _notes(absent, f1, k))


def _figures_of(totals: NDArray[Any]) -> Totals:
    """From (..., 3 k): hits, false alarms and misses of each class."""
    k = totals.shape[-1] // 3
    hits, extra, missed = totals[..., :k], totals[..., k : 2 * k], totals[..., 2 * k :]
    wrong = extra + missed
    return {
        "micro_f1": ratio(2 * hits.sum(-1), 2 * hits.sum(-1) + wrong.sum(-1), otherwise=1.0),
        "macro_f1": ratio(2 * hits, 2 * hits + wrong, otherwise=1.0).mean(-1),
    }


def _notes(absent: Sequence[str], f1: NDArray[Any], k: int) -> tuple[str, ...]:
    if not absent:
        return ()
    rest = float((f1.sum() - len(absent)) / (k - len(absent))) if k > len(absent) else float("nan")
    named = ", ".join(absent)
    return (
        f"macro-F1 counts {len(absent)} of {k} classes as 1.0 because they are neither in gold nor predicted "
        f"({named}); over the others it is {rest:.5f}",
    )
