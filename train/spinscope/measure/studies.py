"""What one setting is worth beside another: figures over seeds, and paired differences on the same articles.

A run's figure is its mean over seeds. Intervals leave out one article after another, of both runs at once where they
are of a difference, and add the variance of the seeds (`paired_intervals`). By resamples instead, each draws articles
and, where there are several, seeds: as many as there are, with replacement, their spread widened by sqrt(s / (s - 1))
because so few seeds are drawn from themselves (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, section
5.3). Seeds of two runs are drawn apart, articles together, so that a difference is paired by article alone; but where two runs
are made of the same fits and differ in their decisions, by seed too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.figures import Figures
from spinscope.measure.paired_intervals import interval_of_one, jackknife_spread
from spinscope.measure.resampling import NO_SPREAD, Estimate, Method, cluster_bootstrap, interval, left_out_weights

STUDIED = ("micro_f1", "macro_average_precision", "any_f1", "macro_f1", "macro_auroc", "brier_loss")
"""Figures of a study's table."""


@dataclass(frozen=True, slots=True)
class Resampled:
    """Figures of one run with one seed, columns as in `STUDIED`.

    Attributes:
        points: (f,).
        draws: (r, f) on resamples of the articles; (g, f) without one article after another where `is_left_out`.
        is_left_out: which of the two.
    """

    points: NDArray[Any]
    draws: NDArray[Any]
    is_left_out: bool = True


def resampled(
    gold: Any, mask: Any, probabilities: Any, decisions: Any, any_decided: Any = None, *, articles: Any,
    n_resamples: int, seed: int, method: Method = "jackknife",
) -> Resampled:  # fmt: skip
    """The studied figures, and what their intervals rest on; the same seed gives the same articles.

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        probabilities: (n, k), 0 to 1.
        decisions: (n, k) bool.
        any_decided: (n,) bool, whether the sentence is said to have any technique; None: where one is decided.
        articles: (n,) article ids, or codes in the order of sorted ids.
        n_resamples: r, where intervals rest on resamples.
        seed: of the draws.
        method: of the intervals; `bca` is taken for `percentile`: with seeds drawn it is not defined.
    """
    figures = Figures.of(gold, mask, probabilities, decisions, any_decided, articles=articles)
    points, _ = figures.values(np.ones((1, figures.n_articles)), calibration=False)
    is_left_out = method == "jackknife"
    if is_left_out:
        draws, _ = figures.values(left_out_weights(figures.n_articles, seed=seed), calibration=False)
    else:
        draws, _ = cluster_bootstrap(figures, n_resamples=n_resamples, seed=seed, calibration=False)
    values = np.array([points[name][0] for name in STUDIED])
    return Resampled(values, np.stack([draws[name] for name in STUDIED], axis=1), is_left_out)


def over_seeds(seeds: Sequence[Resampled], *, confidence: float, seed: int) -> dict[str, Estimate]:
    """Figure -> mean over seeds, with its interval over articles and seeds."""
    values = np.mean([one.points for one in seeds], axis=0)
    if seeds[0].is_left_out:
        return _alone(seeds, confidence)
    return _estimates(values, _seed_draws(seeds, np.random.default_rng([seed, 2])), confidence)


def differences(
    seeds: Sequence[Resampled], reference: Sequence[Resampled], *, confidence: float, seed: int,
    same_fits: bool = False,
) -> dict[str, Estimate]:  # fmt: skip
    """Figure -> run minus reference, with its interval on the same articles, over seeds.

    Args:
        seeds: of the run.
        reference: likewise.
        confidence: of the intervals, 0 to 1.
        seed: of the draws.
        same_fits: both are made of the same fits, given in the same order of seeds: a difference is paired by seed too.
    """
    if seeds[0].is_left_out:
        return _paired(reference, seeds, confidence, same_fits=same_fits)
    if same_fits:
        seeds = [
            Resampled(one.points - other.points, one.draws - other.draws, False)
            for one, other in zip(seeds, reference, strict=True)
        ]
        means = np.mean([one.points for one in seeds], axis=0)
        return _estimates(means, _seed_draws(seeds, np.random.default_rng([seed, 2])), confidence)
    values = np.mean([one.points for one in seeds], axis=0) - np.mean([one.points for one in reference], axis=0)
    draws = _seed_draws(seeds, np.random.default_rng([seed, 2]))
    others = _seed_draws(reference, np.random.default_rng([seed, 3]))
    return _estimates(values, draws - others, confidence)


def seed_deviation(seeds: Sequence[Resampled]) -> dict[str, float | None]:
    """Figure -> standard deviation over seeds; None with one seed, or where a seed has no such figure."""
    if len(seeds) < 2:
        return dict.fromkeys(STUDIED)
    deviations = np.std([one.points for one in seeds], axis=0, ddof=1)
    return {name: float(value) if np.isfinite(value) else None for name, value in zip(STUDIED, deviations, strict=True)}


def _alone(seeds: Sequence[Resampled], confidence: float) -> dict[str, Estimate]:
    points, draws = np.stack([one.points for one in seeds]), np.stack([one.draws for one in seeds])
    out = {}
    for column, name in enumerate(STUDIED):
        values, n = points[:, column], len(points)
        if not np.isfinite(values).all():
            out[name] = Estimate(None, note="undefined")
            continue
        of_seeds = [(float(values.var(ddof=1)) / n, float(n - 1))] if n > 1 else []
        ends = interval_of_one(values.mean(), draws[..., column].mean(axis=0), of_seeds, confidence=confidence)
        low, high = ends or (None, None)
        out[name] = Estimate(float(values.mean()), low, high, "" if ends else NO_SPREAD)
    return out


def _paired(
    first: Sequence[Resampled], second: Sequence[Resampled], confidence: float, *, same_fits: bool
) -> dict[str, Estimate]:
    points, draws = ([np.stack([getattr(one, kind) for one in side]) for side in (first, second)] for kind in ("points", "draws"))
    out = {}
    for column, name in enumerate(STUDIED):
        values = points[0][:, column], points[1][:, column]
        if not all(np.isfinite(one).all() for one in values):
            out[name] = Estimate(None, note="undefined")
            continue
        left_out = draws[0][..., column], draws[1][..., column]
        found = jackknife_spread(values, left_out, confidence=confidence, seeds_are_pairs=same_fits)
        out[name] = Estimate(float(values[1].mean() - values[0].mean()), found.low, found.high, found.note)
    return out


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
