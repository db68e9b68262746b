"""Whether scores are distributed as a mixture of what they were on dev, which is what a correction of shares assumes.

If sentences with a technique, and sentences without it, get scores as they did on dev, then the scores of new sentences
are a mixture of the two distributions, in whatever shares. The best mixture is fitted and the largest distance between
it and what is seen (Kolmogorov's) taken, at the deciles of both distributions, between which dev is not known.

A warning needs a distance that matters, and that chance does not explain: its standard error counts the dev sentences
too, and articles instead of sentences. Both limits were set so that articles like those of dev seldom warn:
`tests/benchmarks/prevalence.py` prints how often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAST_DISTANCE = 0.08
LEAST_ERRORS = 3.0
"""A warning needs a distance of at least so much, in distribution and in standard errors."""

LEAST_ERRORS_OF_MANY = 3.5
"""The same in standard errors where many groups are looked at, one of which may lie far off by chance."""

FEWEST_POSITIVE = 10
_INTERPOLATION_ERROR = 0.01
_DECILES = np.linspace(0, 1, 11)


@dataclass(frozen=True)
class ScoreShift:
    """How far scores lie from every mixture of dev's.

    Attributes:
        distance: the largest difference of the two distribution functions, 0 to 1; None where it cannot be said.
        n_errors: the same in standard errors, where that is largest.
        score: where the distance is largest.
        direction: `higher` where more sentences score above `score` than the mixture explains, else `lower`.
        warns: whether the distance matters and chance does not explain it.
    """

    distance: float | None
    n_errors: float | None = None
    score: float | None = None
    direction: str = ""
    warns: bool = False


def score_edges(deciles_positive: Sequence[float], deciles_negative: Sequence[float], n_positive: int) -> list[float]:
    """Where the distribution of a technique's scores is looked at: the inner deciles of both kinds of dev sentences.

    Empty where dev knows too little of either kind.
    """
    if n_positive < FEWEST_POSITIVE or len(deciles_positive) != len(_DECILES) or len(deciles_negative) != len(_DECILES):
        return []
    return sorted({*deciles_positive[1:-1], *deciles_negative[1:-1]})


def score_shift(
    histogram: NDArray[Any],
    *,
    edges: Sequence[float],
    deciles_positive: Sequence[float],
    deciles_negative: Sequence[float],
    n_positive: int,
    n_negative: int,
    design_effect: float,
    least_errors: float = LEAST_ERRORS,
) -> ScoreShift:
    """Compares seen scores of one technique with the best mixture of dev's.

    Args:
        histogram: (edges + 1,) sentences with a score up to each edge and above the one before, the last above all.
        edges: as `score_edges` gives them.
        deciles_positive: eleven quantiles of the scores of dev sentences with the technique.
        deciles_negative: of those without it.
        n_positive: dev sentences with it.
        n_negative: dev sentences without it.
        design_effect: how many sentences within an article say as much of the scores as one of its own would.
        least_errors: standard errors that a warning needs.
    """
    n = int(histogram.sum())
    if not len(edges) or not n:
        return ScoreShift(None)
    places = np.asarray(edges)
    positive, negative = (_distribution(places, deciles) for deciles in (deciles_positive, deciles_negative))
    seen = np.cumsum(histogram)[:-1] / n
    apart = positive - negative
    weight = float(np.clip((apart @ (seen - negative)) / max(float(apart @ apart), 1e-12), 0, 1))
    mixture = weight * positive + (1 - weight) * negative
    variance = design_effect * (
        mixture * (1 - mixture) / n
        + (1 - weight) ** 2 * negative * (1 - negative) / n_negative
        + weight**2 * positive * (1 - positive) / n_positive
    )
    distances = np.abs(seen - mixture)
    n_errors = float((distances / np.sqrt(variance + _INTERPOLATION_ERROR**2)).max())
    worst = int(distances.argmax())
    return ScoreShift(
        float(distances[worst]), n_errors, float(places[worst]),
        "higher" if seen[worst] < mixture[worst] else "lower",
        warns=bool(distances[worst] >= LEAST_DISTANCE and n_errors >= least_errors),
    )  # fmt: skip


def rank_design_effect(ranks: NDArray[Any], n_sentences: NDArray[Any], histogram: NDArray[Any]) -> float:
    """The design effect of scores: of their places among the edges, whose mean varies between articles.

    Args:
        ranks: (m,) sums of the places over the sentences of an article.
        n_sentences: (m,) of an article.
        histogram: (edges + 1,) of all of them.
    """
    m, n = int((n_sentences > 0).sum()), int(n_sentences.sum())
    place = np.arange(len(histogram))
    if m < 2 or n < 2:
        return 1.0
    mean = ranks.sum() / n
    alone = float((histogram * (place - mean) ** 2).sum())
    between = float(((ranks - mean * n_sentences) ** 2).sum()) * m / (m - 1)
    return float(np.clip(between / alone, 1, n / m)) if alone > 0 else 1.0


def _distribution(places: NDArray[Any], deciles: Sequence[float]) -> NDArray[Any]:
    """Share of dev sentences with a score up to each place; between deciles straight in the logit."""
    values, last = np.unique(
        np.asarray(deciles)[::-1], return_index=True
    )  # where several fall on one score: the highest
    return np.interp(_logit(places), _logit(values), _DECILES[::-1][last], left=0.0)


def _logit(scores: NDArray[Any]) -> NDArray[Any]:
    inside = np.clip(scores, 1e-6, 1 - 1e-6)
    return np.log(inside / (1 - inside))
