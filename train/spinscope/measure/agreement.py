"""How far annotators agree: Krippendorff's alpha and the overlap F1, with intervals that respect articles.

Both are read off the coincidence matrix of Krippendorff (2011), "Computing Krippendorff's alpha-reliability"
(https://repository.upenn.edu/asc_papers/43): each unit (a sentence, or a character of one) that m >= 2 annotators
judged adds, for every ordered pair of its values, 1 / (m - 1). Units with fewer judgements add nothing, so missing
values need no filling in. The matrix is a sum over units, hence over articles: a bootstrap weighs articles.

The gamma of Mathet, Widlöcher and Métivier (2015) is not computed: its alignment of more than two annotators is an
integer programme, and its chance level comes from random texts, so that its values depend on the sampling. Spans are
compared character by character instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinscope.measure.resampling import Estimate, block_sizes, interval

MISSING = -1
"""The rating of an annotator who did not judge a unit."""


@dataclass(frozen=True)
class Agreement:
    """Agreement on one yes-no question.

    Attributes:
        alpha: Krippendorff's alpha for nominal values: 1 full agreement, 0 what chance gives, below 0 worse than that.
        f1: of those that any annotator says yes to, how far the others do: for two annotators
            2 * both / (yes of one + yes of the other), whichever is taken as the truth.
        n_units: units that two or more annotators judged.
        n_agreed: units of these on which all give one answer.
    """

    alpha: Estimate
    f1: Estimate
    n_units: int
    n_agreed: int

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "alpha": self.alpha.to_dict(), "f1": self.f1.to_dict(), "n_units": self.n_units, "n_agreed": self.n_agreed,
        }  # fmt: skip


def coincidences(ratings: ArrayLike, *, n_values: int) -> NDArray[np.float64]:
    """The coincidence matrix of each unit.

    Args:
        ratings: (n_units, n_annotators) of 0 .. n_values - 1, or MISSING.
        n_values: v.

    Returns:
        (n_units, v, v), symmetric; the sum of a unit's matrix is the number of its judgements, 0 where there is one.

    Raises:
        ValueError: not a matrix, or a rating out of range.
    """
    ratings = np.asarray(ratings)
    if ratings.ndim != 2:
        raise ValueError(f"ratings have shape {ratings.shape}, not (n_units, n_annotators)")
    if ratings.size and not (ratings.min() >= MISSING and ratings.max() < n_values):
        raise ValueError(f"ratings lie in {ratings.min()} to {ratings.max()}, not in {MISSING} to {n_values - 1}")
    counts = np.stack([(ratings == value).sum(axis=1) for value in range(n_values)], axis=1).astype(np.float64)
    pairs = counts[:, :, None] * counts[:, None, :]
    pairs[:, range(n_values), range(n_values)] -= counts  # no judgement is paired with itself
    return pairs / np.maximum(counts.sum(axis=1) - 1, 1)[:, None, None]


def alpha_of(matrices: NDArray[Any]) -> NDArray[np.float64]:
    """Krippendorff's alpha for nominal values of summed coincidence matrices.

    Args:
        matrices: (..., v, v).

    Returns:
        (...,); NaN where all judgements have one value, so that chance leaves nothing to disagree on.
    """
    totals = matrices.sum(axis=-1)
    n = totals.sum(axis=-1)
    observed = n - np.trace(matrices, axis1=-2, axis2=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = (n**2 - (totals**2).sum(axis=-1)) / (n - 1)
        return np.where(expected > 0, 1 - observed / expected, np.nan)


def f1_of(matrices: NDArray[Any]) -> NDArray[np.float64]:
    """The overlap F1 of the value 1: of summed coincidence matrices, (..., v, v) to (...,); NaN without any 1."""
    totals = matrices[..., 1, :].sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(totals > 0, matrices[..., 1, 1] / totals, np.nan)


def krippendorff_alpha(ratings: ArrayLike) -> float:
    """Krippendorff's alpha for nominal values, of (n_units, n_annotators) ratings from 0, or MISSING; NaN if undefined.

    Raises:
        ValueError: not a matrix.
    """
    ratings = np.asarray(ratings)
    n_values = max(1, int(ratings.max(initial=0)) + 1)
    return float(alpha_of(coincidences(ratings, n_values=n_values).sum(axis=0)))


def measure_agreement(
    ratings: ArrayLike, *, articles: ArrayLike, n_resamples: int, confidence: float, seed: int
) -> Agreement:
    """Alpha and F1 of yes-no ratings, with percentile intervals of a bootstrap over articles.

    The same seed and articles give the same draws, whatever the ratings.

    Args:
        ratings: (n_units, n_annotators) of 0 (no), 1 (yes) or MISSING.
        articles: (n_units,) codes 0 .. m - 1; an article may hold several units.
        n_resamples: of the articles.
        confidence: level of the intervals, 0 to 1.
        seed: of the draws.

    Raises:
        ValueError: shapes differ, or another rating.
    """
    ratings, articles = np.asarray(ratings), np.asarray(articles, dtype=np.intp)
    units = coincidences(ratings, n_values=2)
    if articles.shape != units.shape[:1]:
        raise ValueError(f"ratings have shape {ratings.shape}, articles {articles.shape}")
    m = int(articles.max(initial=-1)) + 1
    per_article = np.zeros((m, 2, 2))
    np.add.at(per_article, articles, units)
    total = per_article.sum(axis=0)
    rng = np.random.default_rng([seed, 0])
    draws = [rng.multinomial(m, np.full(m, 1 / m), size=size) for size in block_sizes(n_resamples, m)] if m else []
    samples = [(draw @ per_article.reshape(m, 4)).reshape(-1, 2, 2) for draw in draws]
    resampled = np.concatenate(samples) if samples else np.empty((0, 2, 2))
    judged = units.sum(axis=(1, 2)) > 0
    agreed = judged & (units[:, 0, 1] == 0)
    return Agreement(
        alpha=_estimate(alpha_of(total), alpha_of(resampled), confidence, "all judgements are the same"),
        f1=_estimate(f1_of(total), f1_of(resampled), confidence, "nobody says yes"),
        n_units=int(judged.sum()),
        n_agreed=int(agreed.sum()),
    )


def _estimate(value: NDArray[Any], samples: NDArray[Any], confidence: float, why_undefined: str) -> Estimate:
    if np.isnan(value):
        return Estimate(None, note=f"undefined: {why_undefined}")
    low, high, note = interval(samples, confidence=confidence)
    return Estimate(float(value), low, high, note)
