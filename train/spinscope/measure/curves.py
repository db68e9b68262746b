"""Precision and recall over all thresholds, thin enough to draw."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def precision_recall_curve(gold: Any, scores: Any, *, n_points: int = 120) -> tuple[NDArray[Any], NDArray[Any]]:
    """Recall and precision from the highest threshold to the lowest.

    Precision at the very top rests on a handful of sentences and jumps; it is drawn as it is.

    Args:
        gold: (n,) of 0/1, annotated sentences only.
        scores: (n,), 0 to 1.
        n_points: most points kept; between them recall moves by equal steps.

    Returns:
        Recall and precision, each (p,), recall ascending; empty where there is no positive.
    """
    gold, scores = np.asarray(gold), np.asarray(scores, dtype=np.float64)
    if not len(gold) or not gold.any():
        return np.zeros(0), np.zeros(0)
    order = np.argsort(-scores, kind="stable")
    last_of_tie = np.r_[np.flatnonzero(np.diff(scores[order])), len(scores) - 1]
    hits = np.cumsum(gold[order])[last_of_tie]
    recall, precision = hits / hits[-1], hits / (last_of_tie + 1)
    full = int(np.searchsorted(recall, 1.0)) + 1  # beyond full recall there is only loss of precision
    recall, precision = recall[:full], precision[:full]
    if full > n_points:
        kept = np.unique(np.searchsorted(recall, np.linspace(recall[0], 1, n_points)))
        recall, precision = recall[kept], precision[kept]
    return recall, precision
