"""Figures of behaviour suites: alarms on neutral texts, decisions that flip within pairs, pairs ranked rightly.

The texts of a suite were written one by one, so they (or their pairs) are the units of the intervals: Wilson's for
shares (Wilson, JASA 1927), the percentile bootstrap of pairs for shares of flipped decisions, and for mean differences
of scores the jackknife of pairs: t standard errors of the mean, with fewer degrees of freedom where few pairs decide it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.resampling import Estimate, interval, jackknife_interval
from spinscope.measure.statistics import holm


def share(happened: Any, *, confidence: float = 0.95) -> Estimate:
    """Share of (n,) bool units in which something happened, with Wilson's interval; None where n is 0."""
    from scipy.stats import binomtest

    happened = np.asarray(happened, dtype=bool)
    if not happened.size:
        return Estimate(None, note="nothing to measure")
    wilson = binomtest(int(happened.sum()), happened.size).proportion_ci(confidence, method="wilson")
    return Estimate(float(happened.mean()), float(wilson.low), float(wilson.high))


def flip_share(
    first: Any, second: Any, *, n_resamples: int = 2000, confidence: float = 0.95, seed: int = 13
) -> Estimate:
    """Share of decisions that differ within pairs: over all pairs and techniques, resampled by pair.

    Args:
        first: (n_pairs, n_techniques) bool.
        second: likewise, the other members.
        n_resamples: of the pairs.
        confidence: level of the interval, 0 to 1.
        seed: of the bootstrap.
    """
    differs = (np.asarray(first, dtype=bool) != np.asarray(second, dtype=bool)).mean(axis=1)
    return mean_of_units(differs, n_resamples=n_resamples, confidence=confidence, seed=seed)


def ranked_rightly(higher: Any, lower: Any, *, confidence: float = 0.95) -> Estimate:
    """Share of pairs whose first score lies above the second; a tie counts as wrong. Both (n_pairs,)."""
    return share(np.asarray(higher) > np.asarray(lower), confidence=confidence)


def mean_of_units(values: Any, *, n_resamples: int = 2000, confidence: float = 0.95, seed: int = 13) -> Estimate:
    """Mean of (n,) values of independent units with a percentile bootstrap interval; None where n is 0."""
    values = np.asarray(values, dtype=np.float64)
    if not values.size:
        return Estimate(None, note="nothing to measure")
    rng = np.random.default_rng([seed, 1])
    draws = rng.integers(len(values), size=(n_resamples, len(values)))
    low, high, note = interval(values[draws].mean(axis=1), confidence=confidence)
    return Estimate(float(values.mean()), low, high, note)


def mean_difference(values: Any, *, confidence: float = 0.95) -> Estimate:
    """Mean of (n,) differences of independent pairs with its jackknife interval; None where n is 0."""
    values = np.asarray(values, dtype=np.float64)
    if len(values) < 2:
        few = "one pair only" if values.size else "nothing to measure"
        return Estimate(float(values[0]) if values.size else None, note=f"no interval: {few}")
    left_out = (values.sum() - values) / (len(values) - 1)
    low, high, note = jackknife_interval(float(values.mean()), left_out, confidence=confidence, scale="plain")
    return Estimate(float(values.mean()), low, high, note)


def signed_bias(
    first: NDArray[Any],
    second: NDArray[Any],
    *,
    first_names: Sequence[str],
    second_names: Sequence[str],
) -> dict[str, tuple[int, Estimate]]:
    """For each name, by how much its being the one spoken of raises the score against the name that replaces it.

    Args:
        first: (n_pairs,) scores of the first members.
        second: likewise, the second members.
        first_names: (n_pairs,) whom each first member speaks of.
        second_names: likewise, the second members.

    Returns:
        name -> (number of pairs, mean of score with the name minus score with the other), most pairs first.
    """
    differences: dict[str, list[float]] = {}
    for one, other, a, b in zip(first, second, first_names, second_names, strict=True):
        differences.setdefault(a, []).append(float(one - other))
        differences.setdefault(b, []).append(float(other - one))
    ordered = sorted(differences.items(), key=lambda item: (-len(item[1]), item[0]))
    return {name: (len(values), mean_difference(values)) for name, values in ordered}


def told_biases(
    first: NDArray[Any], second: NDArray[Any], *, first_names: Sequence[str], second_names: Sequence[str],
    min_pairs: int = 6, n_permutations: int = 4999, seed: int = 13,
) -> dict[str, float | None]:  # fmt: skip
    """For each name, the p-value that its bias is none: signs of its pairs turned at random, corrected by Holm.

    Args:
        first: (n_pairs,) scores of the first members.
        second: likewise, the second members.
        first_names: (n_pairs,) whom each first member speaks of.
        second_names: likewise, the second members.
        min_pairs: of fewer pairs there are too few sign patterns to tell anything: None, and not in Holm's family.
        n_permutations: of the signs.
        seed: of the permutations.
    """
    differences = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    rng = np.random.default_rng([seed, 6])
    signs = rng.choice((-1.0, 1.0), size=(n_permutations, len(differences)))
    ones, others = np.asarray(first_names), np.asarray(second_names)
    names = sorted({*first_names, *second_names})
    p_values: list[float | None] = []
    for name in names:
        # A pair that speaks of the name on both sides says nothing of it.
        values = np.where(ones == name, differences, 0.0) - np.where(others == name, differences, 0.0)
        if int(((ones == name) ^ (others == name)).sum()) < min_pairs:
            p_values.append(None)
            continue
        beaten = np.abs(signs @ values) >= abs(values.sum()) - 1e-12
        p_values.append(float((beaten.sum() + 1) / (n_permutations + 1)))
    return dict(zip(names, holm(p_values), strict=True))
