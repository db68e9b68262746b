"""Which groups' shares differ, all pairs at once: simultaneous intervals from the resamples of the articles.

For every pair of groups the difference of their shares in each resample is centred and divided by its standard
deviation; the 95 % quantile of the largest size over all pairs says how many standard deviations the intervals of all
pairs reach out together (Westfall & Young, Resampling-Based Multiple Testing, 1993; Romano & Wolf, Econometrica 2005).
With chance 95 %, no pair of equal groups is ranked. A family is one technique in one voice; over techniques and voices
nothing is corrected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.article_draws import small_sample_factor


@dataclass(frozen=True)
class PairDifferences:
    """All pairs of g groups.

    Attributes:
        first, second: (p,) positions of the groups of each pair, first < second.
        difference: (p,) share of the first minus share of the second.
        low, high: (p,) ends of the simultaneous intervals.
        reach: standard deviations that they reach out.
    """

    first: NDArray[Any]
    second: NDArray[Any]
    difference: NDArray[Any]
    low: NDArray[Any]
    high: NDArray[Any]
    reach: float

    @property
    def above(self) -> NDArray[Any]:
        """(p,) 1 where the first is above, -1 where the second is, 0 where the interval holds 0: cannot tell."""
        return np.where(self.low > 0, 1, np.where(self.high < 0, -1, 0))


def pair_differences(
    shares: NDArray[Any], draws: NDArray[Any], n_articles: NDArray[Any], *, confidence: float
) -> PairDifferences:
    """Compares all pairs of groups in one figure.

    Args:
        shares: (g,) of each group.
        draws: (r, g) on resamples of the articles; an article that stands in several groups has one weight in all.
        n_articles: (g,) articles of each group, two or more.
        confidence: of all intervals together, 0 to 1.
    """
    first, second = np.triu_indices(len(shares), k=1)
    difference = shares[first] - shares[second]
    if not len(first):
        return PairDifferences(first, second, difference, difference, difference, 0.0)
    factors = np.array([small_sample_factor(int(m), confidence=confidence) for m in n_articles])
    centred = (draws - draws.mean(axis=0)) * factors
    covariance = centred.T @ centred / max(1, len(draws) - 1)
    variances = np.diag(covariance)
    spread = np.sqrt(np.maximum(variances[first] + variances[second] - 2 * covariance[first, second], 1e-30))
    largest = np.zeros(len(draws))
    for position in range(len(shares) - 1):  # group by group: all pairs of all resamples would fill the memory
        pairs = first == position
        away = np.abs(centred[:, [position]] - centred[:, position + 1 :]) / spread[pairs]
        np.maximum(largest, away.max(axis=1), out=largest)
    reach = float(np.quantile(largest, confidence))
    return PairDifferences(first, second, difference, difference - reach * spread, difference + reach * spread, reach)
