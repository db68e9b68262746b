"""The squared calibration error without what chance adds to it, under many weightings of the articles at once.

The probabilities of a technique are put into bins of equal mass. A bin's gap is its mean probability minus its share of
positives. Chance alone makes gaps, so that the mean of squared gaps is too large by their variance; that variance is
estimated and taken off (Kumar, Liang & Ma, NeurIPS 2019, "Verified uncertainty calibration"; Broecker, Climate Dynamics
2012). Theirs is that of independent sentences; here it is that of articles, as sentences of one article err alike. Where
there is one article only, sentences have to count as independent.

The result has no bias but for the bins' width, and so may be negative: then the gaps are less than chance would make.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.calibration import bin_codes

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True)
class CalibrationGaps:
    """Sums by article in each bin of each technique, all (m, k * n_bins) and sparse, and the number k of techniques.

    Attributes:
        gaps: summed probability minus gold.
        counts: annotated sentences.
        squares: squared gaps of the units that are independent (articles; sentences of a single article).
        products: gap times count of those units.
        sizes: squared counts of those units.
        units: how many units there are.
        n_techniques: k.
    """

    gaps: csr_array
    counts: csr_array
    squares: csr_array
    products: csr_array
    sizes: csr_array
    units: csr_array
    n_techniques: int

    @classmethod
    def of(
        cls,
        gold: NDArray[Any],
        mask: NDArray[Any],
        probabilities: NDArray[Any],
        articles: NDArray[Any],
        n_articles: int,
    ) -> CalibrationGaps:
        """Bins of equal mass over all sentences; arguments as of `figures.Figures`."""
        k = mask.shape[1]
        from scipy.sparse import csr_array

        codes = np.stack([bin_codes(probabilities[:, j], mask[:, j]) for j in range(k)], axis=1)
        n_bins = int(codes.max(initial=0)) + 1
        known = mask.ravel()
        place = (np.repeat(articles, k)[known], (np.arange(k) * n_bins + codes).ravel()[known])
        gap = (probabilities - gold).ravel()[known]

        def summed(values: NDArray[Any]) -> csr_array:
            return csr_array((values, place), shape=(n_articles, k * n_bins))

        gaps, counts = summed(gap), summed(np.ones(len(gap)))
        if n_articles == 1:
            return cls(gaps, counts, summed(gap**2), gaps, counts, counts, k)
        return cls(gaps, counts, gaps * gaps, gaps * counts, counts * counts, counts.sign(), k)

    def squared_errors(self, weights: NDArray[Any]) -> NDArray[Any]:
        """(r, k) mean squared gap of each technique for (r, m) weights, chance taken off; NaN where nothing is known.

        A bin whose sentences all stand in one article tells nothing: its gap counts as chance.
        """
        counts = weights @ self.counts
        gap = _quotient(weights @ self.gaps, counts)
        n_units = (weights > 0).astype(np.float64) @ self.units
        spread = weights @ self.squares - 2 * gap * (weights @ self.products) + gap**2 * (weights @ self.sizes)
        chance = _quotient(np.maximum(spread, 0) * n_units, np.maximum(n_units - 1, 0) * counts**2)
        excess = np.where(n_units > 1, counts * (gap**2 - chance), 0.0)
        by_technique = (len(weights), self.n_techniques, -1)
        total = counts.reshape(by_technique).sum(axis=2)
        return np.where(total > 0, _quotient(excess.reshape(by_technique).sum(axis=2), total), np.nan)


def root(squared: NDArray[Any]) -> NDArray[Any]:
    """Root mean square of a squared error, 0 where chance alone would make as much; NaN stays."""
    return np.sqrt(np.maximum(squared, 0))


def _quotient(numerator: NDArray[Any], denominator: NDArray[Any]) -> NDArray[Any]:
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator > 0)
