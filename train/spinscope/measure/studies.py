"""What one setting is worth beside another: figures over seeds, and differences on the same resampled articles.

A run's figure is its mean over seeds. Its interval resamples articles and, where there are several, seeds: in each
resample as many seeds as there are, with replacement, their spread widened by sqrt(s / (s - 1)) because so few seeds
are drawn from themselves (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, section 5.3). Seeds of two runs
are drawn apart, articles together, so that a difference is paired by article alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.figures import Figures
from spinscope.measure.resampling import Estimate, cluster_bootstrap, interval

STUDIED = ("micro_f1", "macro_average_precision", "any_f1", "macro_f1", "macro_auroc", "brier_loss")
"""Figures of a study's table."""


@dataclass(frozen=True, slots=True)
class Resampled:
    """Figures of one run with one seed: `points` (f,) and `draws` (r, f), columns as in `STUDIED`."""

    points: NDArray[Any]
    draws: NDArray[Any]


def resampled(
    gold: Any, mask: Any, probabilities: Any, decisions: Any, *, articles: Any, n_resamples: int, seed: int
) -> Resampled:
    """The studied figures, and the same on resamples of the articles; the same seed gives the same articles.

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        probabilities: (n, k), 0 to 1.
        decisions: (n, k) bool.
        articles: (n,) article ids, or codes in the order of sorted ids.
        n_resamples: r.
        seed: of the draws.
    """
    figures = Figures.of(gold, mask, probabilities, decisions, articles=articles)
    points, _ = figures.values(np.ones((1, figures.n_articles)), calibration=False)
    draws, _ = cluster_bootstrap(figures, n_resamples=n_resamples, seed=seed, calibration=False)
    return Resampled(
        np.array([points[name][0] for name in STUDIED]), np.stack([draws[name] for name in STUDIED], axis=1)
    )


def over_seeds(seeds: Sequence[Resampled], *, confidence: float, seed: int) -> dict[str, Estimate]:
    """Figure -> mean over seeds, with its interval over articles and seeds."""
    values = np.mean([one.points for one in seeds], axis=0)
    return _estimates(values, _seed_draws(seeds, np.random.default_rng([seed, 2])), confidence)


def differences(
    seeds: Sequence[Resampled], reference: Sequence[Resampled], *, confidence: float, seed: int
) -> dict[str, Estimate]:
    """Figure -> run minus reference, with its interval on the same articles, over seeds."""
    values = np.mean([one.points for one in seeds], axis=0) - np.mean([one.points for one in reference], axis=0)
    draws = _seed_draws(seeds, np.random.default_rng([seed, 2]))
    others = _seed_draws(reference, np.random.default_rng([seed, 3]))
    return _estimates(values, draws - others, confidence)


def seed_deviation(seeds: Sequence[Resampled]) -> dict[str, float | None]:
    """Figure -> standard deviation over seeds; None with one seed."""
    if len(seeds) < 2:
        return dict.fromkeys(STUDIED)
    return dict(zip(STUDIED, np.std([one.points for one in seeds], axis=0, ddof=1).tolist(), strict=True))


def _seed_draws(seeds: Sequence[Resampled], rng: np.random.Generator) -> NDArray[Any]:
    """(r, f) means over drawn seeds, each on the articles of its resample."""
    draws = np.stack([one.draws for one in seeds])  # (s, r, f)
    n_seeds, n_resamples, _ = draws.shape
    mean = draws.mean(axis=0)
    if n_seeds == 1:
        return np.asarray(mean)
    chosen = rng.integers(n_seeds, size=(n_resamples, n_seeds))
    drawn = draws[chosen, np.arange(n_resamples)[:, None]].mean(axis=1)
    return np.asarray(mean + (drawn - mean) * np.sqrt(n_seeds / (n_seeds - 1)))


def _estimates(values: NDArray[Any], draws: NDArray[Any], confidence: float) -> dict[str, Estimate]:
    return {
        name: Estimate(float(values[column]), *interval(draws[:, column], confidence=confidence))
        if np.isfinite(values[column]) else Estimate(None, note="undefined")
        for column, name in enumerate(STUDIED)
    }  # fmt: skip
