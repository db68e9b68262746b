"""Cut-offs that keep a wish: the lowest with a wished precision, or the highest with a wished recall, per technique.

A cut-off that just keeps the wish on the articles that chose it keeps it there by luck as well, and falls short
elsewhere. So each fold of dev articles is decided by the cut-off that the others choose, and what these decisions come
to is the cross-fitted figure. Where it falls short, the others are asked for more than was wished, in `N_STEPS` equal
steps up to 1; the first that keeps the wish counts, and the median of its folds' cut-offs is the result. A technique of
which none keeps it, or with fewer than `LEAST_POSITIVES` positives on dev, has no such cut-off.

A wish that is kept on dev is not sure to be kept elsewhere. In simulations of 75 dev articles precision 0.6 was kept on
other sentences in 58 to 80 % of corpora (mean 0.62 to 0.63), by the cut-off that simply keeps it on dev in 33 to 45 %
(0.59 to 0.60); of a technique in 5 % of sentences in 33 and 11 % (0.56 and 0.52). Recall 0.6: 54 to 71 %, and 46 to 56 %
(`tests/benchmarks/selection.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.cutoff_curves import Curve, Wish

N_STEPS = 20
LEAST_POSITIVES = 5
_ROUNDING = 1e-12


@dataclass(frozen=True)
class WishedCutoffs:
    """Cut-offs of k techniques on f folds; NaN where a technique has none that keeps the wish.

    Attributes:
        values: (k,) the medians.
        per_fold: (f, k).
        asked: (k,) what the folds were asked for; at least what was wished.
        cross_fitted: (k,) the figure that it came to on the articles left out; where the wish is not kept, the highest
            that was reached.
    """

    values: NDArray[Any]
    per_fold: NDArray[Any]
    asked: NDArray[Any]
    cross_fitted: NDArray[Any]

    @property
    def kept(self) -> NDArray[Any]:
        """(k,) bool: whether the technique has a cut-off that keeps the wish."""
        return ~np.isnan(self.values)


def wished_cutoffs(
    gold: NDArray[Any], mask: NDArray[Any], probabilities: NDArray[Any], *, folds: NDArray[Any], wish: Wish, wished: float
) -> WishedCutoffs:  # fmt: skip
    """See the module's text.

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        probabilities: (n, k), 0 to 1.
        folds: (n,) fold of each sentence, 0 to f - 1, two folds or more.
        wish: which figure.
        wished: at least so much of it, 0 to 1.
    """
    n_folds, k = int(folds.max()) + 1, gold.shape[1]
    values, asked, reached = (np.full(k, np.nan) for _ in range(3))
    per_fold = np.full((n_folds, k), np.nan)
    for j in range(k):
        known = mask[:, j]
        truth, scores, place = gold[known, j].astype(bool), probabilities[known, j], folds[known]
        if truth.sum() < LEAST_POSITIVES:
            continue
        curves = [Curve.of(truth[place != fold], scores[place != fold]) for fold in range(n_folds)]
        for step in np.linspace(wished, 1.0, N_STEPS + 1):
            cutoffs = np.array([cutoff_of(curve, wish, float(step)) for curve in curves])
            figure = _figure(truth, scores >= cutoffs[place], wish)
            reached[j] = np.fmax(reached[j], figure)
            if np.isfinite(cutoffs).all() and figure >= wished - _ROUNDING:
                values[j], asked[j], reached[j], per_fold[:, j] = np.median(cutoffs), step, figure, cutoffs
                break
    return WishedCutoffs(values, per_fold, asked, reached)


def cutoff_of(curve: Curve, wish: Wish, wished: float) -> float:
    """The lowest cut-off with that precision, or the highest with that recall; infinite where none has it.

    It lies half-way down to the next score, as far as there is one.
    """
    kept = np.flatnonzero((curve.precision if wish == "precision" else curve.recall) >= wished - _ROUNDING)
    if len(kept) == 0:
        return float("inf")
    at = kept[-1] if wish == "precision" else kept[0]
    return float(curve.cutoffs[at : at + 2].mean())


def _figure(truth: NDArray[Any], decided: NDArray[Any], wish: Wish) -> float:
    """Precision or recall; NaN without anything decided, or to be found."""
    total = (decided if wish == "precision" else truth).sum()
    return float((truth & decided).sum() / total) if total else float("nan")
