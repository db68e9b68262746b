"""Propaganda or not, sentence by sentence: nlp4if2019-slc.

F1 of the class "propaganda" ranks; what is undefined is 0 (task-SLC_scorer.py of the NLP4IF-2019 shared task,
https://propaganda.qcri.org/nlp4if-shared-task/).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinscope.measure.official.score import OfficialScore, Settings, Totals, estimates, harmonic_mean, ratio


def sentence_score(
    gold: ArrayLike, predicted: ArrayLike, *, articles: ArrayLike, settings: Settings | None = None
) -> OfficialScore:
    """Precision, recall and F1 of the positive class.

    Args:
        gold: (n,) of 0 or 1, 1 for propaganda.
        predicted: (n,) of 0 or 1.
        articles: (n,) codes 0 .. n_articles - 1.
        settings: of the intervals.
    """
    truth, guess = np.asarray(gold, dtype=bool), np.asarray(predicted, dtype=bool)
    codes = np.asarray(articles, dtype=int)
    sums = np.zeros((int(codes.max(initial=-1)) + 1, 3))
    np.add.at(sums, codes, np.stack([truth & guess, guess, truth], axis=1).astype(float))
    counts = {
        "n_articles": len(sums), "n_sentences": len(truth), "n_gold": int(truth.sum()), "n_predicted": int(guess.sum()),
    }  # fmt: skip
    return OfficialScore("f1", estimates(sums, hit_figures, settings or Settings()), {}, counts)


def hit_figures(totals: NDArray[Any]) -> Totals:
    """F1, precision and recall from (..., 3): hits, predicted and gold; 0 where undefined."""
    hits, n_predicted, n_gold = np.moveaxis(totals, -1, 0)
    precision, recall = ratio(hits, n_predicted), ratio(hits, n_gold)
    return {"f1": harmonic_mean(precision, recall), "precision": precision, "recall": recall}
