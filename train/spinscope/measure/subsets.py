"""Figures of parts of the data, and of the same data under two treatments, on the same drawn articles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from spinscope.measure.figures import Figures, ratio
from spinscope.measure.resampling import Estimate, block_sizes, cluster_bootstrap, interval


def overall_differences(
    first: Figures, second: Figures, names: Sequence[str], *, n_resamples: int, confidence: float, seed: int
) -> dict[str, Estimate]:
    """First minus second on averaged figures, with paired intervals over articles.

    Args:
        first: one system, or one treatment of the sentences.
        second: likewise, with the same articles in the same order; a part of the sentences is the same record with the
            others masked.
        names: of `figures.OVERALL`, calibration error left out.
        n_resamples: of the articles.
        confidence: of the intervals, 0 to 1.
        seed: of the draws.

    Returns:
        name -> Estimate; without value where a figure is undefined for one of the two.
    """
    ones = np.ones((1, first.n_articles))
    points = [one.values(ones, calibration=False)[0] for one in (first, second)]
    draws = [
        cluster_bootstrap(one, n_resamples=n_resamples, seed=seed, calibration=False)[0] for one in (first, second)
    ]
    found = {}
    for name in names:
        value = float(points[0][name][0] - points[1][name][0])
        if np.isnan(value):
            found[name] = Estimate(None, note="undefined for one of the two")
            continue
        low, high, note = interval(draws[0][name] - draws[1][name], confidence=confidence)
        found[name] = (
            Estimate(value, low, high, note) if first.n_articles > 1 else Estimate(value, note="one article only")
        )
    return found


def mean_over_articles(
    values: Any, articles: Any, *, n_resamples: int = 1000, confidence: float = 0.95, seed: int = 13
) -> Estimate:
    """Mean of (n,) values, each of a cell or sentence of (n,) `articles`, with a percentile interval over articles."""
    values = np.asarray(values, dtype=np.float64)
    if not values.size:
        return Estimate(None, note="nothing to measure")
    _, codes = np.unique(np.asarray(articles), return_inverse=True)
    table = np.stack([np.bincount(codes, values), np.bincount(codes)], axis=1)
    if len(table) < 2:
        return Estimate(float(values.mean()), note="no interval: one article only")
    sums = np.concatenate([draw @ table for draw in _draws(len(table), n_resamples=n_resamples, seed=seed)])
    low, high, note = interval(ratio(sums[:, 0], sums[:, 1]), confidence=confidence)
    return Estimate(float(values.mean()), low, high, note)


def _draws(n_articles: int, *, n_resamples: int, seed: int) -> Any:
    """Blocks of (r, m) multinomial weights, those of `cluster_bootstrap`."""
    rng = np.random.default_rng([seed, 0])
    for size in block_sizes(n_resamples, n_articles):
        yield rng.multinomial(n_articles, np.full(n_articles, 1 / n_articles), size=size)
