"""Figures of parts of the data, and of the same data under two treatments, with one article after another left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from spinscope.measure.figures import Figures, ratio
from spinscope.measure.resampling import Estimate, jackknife_interval, left_out_weights

SEED = 13
"""Of the blocks of articles that are left out, where there are more articles than are left out one by one."""


def overall_differences(
    first: Figures, second: Figures, names: Sequence[str], *, confidence: float = 0.95
) -> dict[str, Estimate]:
    """First minus second on averaged figures, with paired jackknife intervals over articles.

    Args:
        first: one system, or one treatment of the sentences.
        second: likewise, with the same articles in the same order; a part of the sentences is the same record with the
            others masked.
        names: of `figures.OVERALL`, calibration error left out.
        confidence: of the intervals, 0 to 1.

    Returns:
        name -> Estimate; without value where a figure is undefined for one of the two.
    """
    ones = np.ones((1, first.n_articles))
    points = [one.values(ones, calibration=False)[0] for one in (first, second)]
    weights = left_out_weights(first.n_articles, seed=SEED) if first.n_articles > 1 else ones
    without = [one.values(weights, calibration=False)[0] for one in (first, second)]
    found = {}
    for name in names:
        value = float(points[0][name][0] - points[1][name][0])
        if np.isnan(value):
            found[name] = Estimate(None, note="undefined for one of the two")
            continue
        left_out = without[0][name] - without[1][name]
        found[name] = Estimate(value, *jackknife_interval(value, left_out, confidence=confidence, scale="plain"))
    return found


def mean_over_articles(values: Any, articles: Any, *, confidence: float = 0.95, is_share: bool = True) -> Estimate:
    """Mean of (n,) values, each of a cell or sentence of (n,) `articles`, with a jackknife interval over articles.

    Args:
        values: numbers, or bool.
        articles: ids or codes.
        confidence: 0 to 1.
        is_share: the values lie within 0 and 1, and the interval shall too.
    """
    values = np.asarray(values, dtype=np.float64)
    if not values.size:
        return Estimate(None, note="nothing to measure")
    _, codes = np.unique(np.asarray(articles), return_inverse=True)
    table = np.stack([np.bincount(codes, values), np.bincount(codes)], axis=1)
    if len(table) < 2:
        return Estimate(float(values.mean()), note="no interval: one article only")
    sums = left_out_weights(len(table), seed=SEED) @ table
    scale: Literal["logit", "plain"] = "logit" if is_share else "plain"
    value = float(values.mean())
    return Estimate(
        value, *jackknife_interval(value, ratio(sums[:, 0], sums[:, 1]), confidence=confidence, scale=scale)
    )
