"""All figures of one system on one data set."""

from __future__ import annotations

from typing import Any

import numpy as np

from spinscope.measure.figures import Figures


def point_metrics(gold: Any, mask: Any, probabilities: Any, decisions: Any) -> dict[str, float]:
    """The overall figures without intervals, and `loss`: fast, for checks during training.

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        probabilities: (n, k), 0 to 1.
        decisions: (n, k) bool.

    Returns:
        name -> value as in `figures.OVERALL`, and the mean binary cross-entropy of annotated cells as `loss`. NaN where undefined
        (trackers and the Trainer compare floats, so None will not do here).
    """
    figures = Figures.of(gold, mask, probabilities, decisions)
    overall, _ = figures.values(np.ones((1, figures.n_articles)))
    values = {name: float(value[0]) for name, value in overall.items()}
    truth, given = figures.gold[figures.mask], np.clip(figures.probabilities[figures.mask], 1e-12, 1 - 1e-12)
    values["loss"] = (
        float(-np.where(truth == 1, np.log(given), np.log1p(-given)).mean()) if truth.size else float("nan")
    )
    return values
