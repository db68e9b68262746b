"""Figures over several seeds of one system: mean, deviation, and an interval that counts articles and seeds.

Another corpus would have other articles, another run another seed; the mean over s seeds on m articles varies by both.
The variance of articles is the jackknife's of that mean, the variance of seeds their squared deviation over s. They are
added (Cameron, Gelbach & Miller, Journal of Business & Economic Statistics 2011, who then take off what both hold; here
it stays, as it cannot be told with few seeds). Degrees of freedom are Satterthwaite's of the sum: where seeds make up
most of it, two or three of them give a wide interval, as they should.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.calibration_gaps import root
from spinscope.measure.figures import OVERALL, PER_TECHNIQUE, Figures
from spinscope.measure.intervals import roots_of
from spinscope.measure.resampling import NO_SPREAD, jackknife_error, left_out_weights, reached


@dataclass(frozen=True, slots=True)
class SeedEstimate:
    """A figure over seeds.

    Attributes:
        mean: over the seeds; of calibration errors the root of the mean square; None where a seed leaves it undefined.
        deviation: standard deviation over the seeds.
        low, high: of the mean, over articles and seeds; None where there is no interval.
        article_error, seed_error: the standard errors that it is made of; of calibration errors, of their squares.
        note: why something is None.
    """

    mean: float | None
    deviation: float | None = None
    low: float | None = None
    high: float | None = None
    article_error: float | None = None
    seed_error: float | None = None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class SeedFigures:
    """All figures over seeds: `overall` by name, `per_technique` by technique and name, and the number of seeds."""

    overall: dict[str, SeedEstimate]
    per_technique: dict[str, dict[str, SeedEstimate]]
    n_seeds: int

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def over_seeds(
    systems: Sequence[Figures], *, techniques: Sequence[str], confidence: float = 0.95, seed: int = 13
) -> SeedFigures:
    """All figures over the seeds of one system.

    Args:
        systems: one for each seed, of the same sentences; at least two.
        techniques: k names, in column order.
        confidence: of the intervals, 0 to 1.
        seed: of the blocks, where there are very many articles.

    Raises:
        ValueError: fewer than two seeds.
    """
    if len(systems) < 2:
        raise ValueError(f"{len(systems)} seeds: expected two or more")
    m = systems[0].n_articles
    weights = np.concatenate([np.ones((1, m)), left_out_weights(m, seed=seed)]) if m > 1 else np.ones((1, 1))
    values = [figures.values(weights) for figures in systems]
    squares = [figures.squared_calibration_errors(weights) for figures in systems]

    def estimate(name: str, column: int | None) -> SeedEstimate:
        level, place = (0, ...) if column is None else (1, (..., column))
        table = np.stack([one[level][name][place] for one in values])
        if name != "calibration_error":
            return _estimate(table, confidence=confidence)
        return _of_squares(table[:, 0], np.stack([one[level][place] for one in squares]), confidence=confidence)

    overall = {name: estimate(name, None) for name in OVERALL}
    each = {technique: {name: estimate(name, j) for name in PER_TECHNIQUE} for j, technique in enumerate(techniques)}
    return SeedFigures(overall, each, len(systems))


def _estimate(table: NDArray[Any], *, confidence: float) -> SeedEstimate:
    """Of (s, 1 + g) values: on all articles, and with each left out."""
    points = table[:, 0]
    if np.isnan(points).any():
        return SeedEstimate(None, note=f"undefined for {int(np.isnan(points).sum())} of {len(points)} seeds")
    mean, deviation = float(points.mean()), float(points.std(ddof=1))
    errors = _errors(table)
    if isinstance(errors, str):
        return SeedEstimate(mean, deviation, note=errors)
    of_articles, of_seeds, error, df = errors
    if not 0 < mean < 1:
        return SeedEstimate(mean, deviation, note=NO_SPREAD)
    low, high = reached(mean, error, df=df, confidence=confidence)
    return SeedEstimate(mean, deviation, low, high, of_articles, of_seeds)


def _of_squares(points: NDArray[Any], table: NDArray[Any], *, confidence: float) -> SeedEstimate:
    """Calibration errors: (s,) of them, and (s, 1 + g) of their debiased squares."""
    if np.isnan(points).any():
        return SeedEstimate(None, note="nothing annotated")
    square = float(table[:, 0].mean())
    mean, deviation = float(root(np.array(square))), float(points.std(ddof=1))
    errors = _errors(table)
    if isinstance(errors, str):
        return SeedEstimate(mean, deviation, note=errors)
    of_articles, of_seeds, error, df = errors
    high = reached(square, error, df=df, confidence=confidence, scale="plain")[1]
    return SeedEstimate(mean, deviation, *roots_of(square, high - square), of_articles, of_seeds)


def _errors(table: NDArray[Any]) -> tuple[float, float, float, float] | str:
    """Standard errors of articles, of seeds and of both, and degrees of freedom; or why there are none."""
    s = len(table)
    if table.shape[1] < 3:
        return "no interval: one article only"
    of_articles, df_articles, note = jackknife_error(table[:, 1:].mean(axis=0))
    if note:
        return note
    of_seeds = float(table[:, 0].std(ddof=1) / np.sqrt(s))
    both = of_articles**2 + of_seeds**2
    df = both**2 / (of_articles**4 / df_articles + of_seeds**4 / (s - 1))
    return of_articles, of_seeds, float(np.sqrt(both)), df
