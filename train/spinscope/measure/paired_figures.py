"""Two sides figure by figure: difference, interval, p, and what a claim of equivalence rests on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.figures import is_to_minimise
from spinscope.measure.paired_intervals import PairedIntervals, t_test
from spinscope.measure.resampling import Method
from spinscope.measure.sides import Side, permuted, seed_variances
from spinscope.measure.verdicts import SAME, Difference, largest_p

LEAST_ARTICLES = 20
"""With fewer articles (of a technique: articles that carry it) resamples differ too little to claim equivalence."""


class PairedFigures:
    """Two sides; `difference` gives one figure's, not yet corrected and without a verdict.

    Args:
        a: of the same sentences, resamples and seed as `b`.
        b: what is measured against `a`.
        confidence: of the intervals, 0 to 1.
        margin: the smallest difference of interest, 0 to 1.
        method: of the intervals.
        seeds_are_pairs: each seed of one side belongs to one of the other, in their order.
    """

    def __init__(
        self, a: Side, b: Side, *, confidence: float, margin: float, method: Method = "jackknife", seeds_are_pairs: bool = False
    ) -> None:
        self.a, self.b, self.margin = a, b, margin
        self.intervals = PairedIntervals(a, b, method, confidence, seeds_are_pairs)
        self.swaps = permuted(a, b)
        self.same, self.same_any = a.is_same(b), a.is_same_any(b)
        figures = a.seeds[0]
        annotated = figures.mask.sum(axis=0)
        shares = figures.gold.sum(axis=0) / np.maximum(annotated, 1)
        self.base_loss = shares * (1 - shares)
        self.base_loss_overall = float((self.base_loss * annotated).sum() / max(1, annotated.sum()))
        self.n_carrying = [
            len(np.unique(figures.articles[figures.gold[:, column] == 1])) for column in range(figures.gold.shape[1])
        ]

    def difference(self, level: int, name: str, column: int | None) -> Difference:
        """One figure's difference; level 0: an average, 1: of the technique in `column`."""
        values = self.a.values(level, name, column), self.b.values(level, name, column)
        a, b = (None if np.isnan(one).any() else float(one.mean()) for one in values)
        told: dict[str, Any] = {
            f"deviation_{side}": float(one.std(ddof=1)) if len(one) > 1 else None for side, one in zip("ab", values, strict=True)
        }  # fmt: skip
        margin = told["margin"] = self._margin(name, column)
        if a is None or b is None:
            for_whom = "both" if a is None and b is None else "A" if a is None else "B"
            return Difference(a, b, None, note=f"undefined for {for_whom}", margin=margin)
        swaps = self.swaps[level][name] if column is None else self.swaps[level][name][:, column]
        extreme = np.isnan(swaps) | (np.abs(swaps) >= abs(b - a) - SAME)
        p_value = (int(extreme.sum()) + 1) / (len(swaps) + 1)
        is_same = self._is_same(name, column)
        if self.a.n_articles == 1:
            told["p_equivalent"] = 0.0 if is_same and self.margin > 0 else None
            return Difference(a, b, b - a, p_value=p_value, note="no interval: one article only", **told)
        of_seeds = [] if is_same else seed_variances(*values, are_pairs=self.intervals.seeds_are_pairs)
        spread = self.intervals.of(level, name, column, margin=margin, is_same=is_same)
        told |= {key: getattr(spread, key) for key in ("interval_a", "interval_b", "standard_error")}
        told["seed_error"] = math.sqrt(sum(variance for variance, _ in of_seeds))
        if of_seeds and spread.standard_error:
            p_value = max(p_value, t_test(abs(b - a) / spread.standard_error, spread.freedom))
        note = spread.note
        if self.margin > 0:
            told["p_equivalent"], few = self._equivalence(spread.p_equivalent, column, is_same)
            note = "; ".join(part for part in (note, few) if part)
        return Difference(a, b, b - a, spread.low, spread.high, p_value, note=note, **told)

    def any_difference(
        self, overall: Mapping[str, Difference], each: Sequence[Mapping[str, Difference]]
    ) -> tuple[float, float]:
        """Whether there is any gain over all figures, and any loss: the two p of `largest_p`."""
        found: list[tuple[float, float, NDArray[Any]]] = []
        for level, rows in ((0, [overall]), (1, each)):
            for column, row in enumerate(rows):
                for name, one in row.items():
                    swaps = self.swaps[level][name] if level == 0 else self.swaps[level][name][:, column]
                    of_articles = math.sqrt(max((one.standard_error or 0.0) ** 2 - one.seed_error**2, 0.0))
                    # Swaps know nothing of seeds: the difference counts for less the more of its error is theirs.
                    part = of_articles / one.standard_error if one.seed_error and one.standard_error else 1.0
                    size = math.nan if one.difference is None else one.difference * part
                    found.append((-1.0 if is_to_minimise(name) else 1.0, size, swaps))
        signs = np.array([sign for sign, _, _ in found])
        return largest_p(signs * [size for _, size, _ in found], signs * np.stack([one for _, _, one in found], axis=1))

    def _is_same(self, name: str, column: int | None) -> bool:
        """The sides answer alike in all that the figure rests on."""
        if column is not None:
            return bool(self.same[column])
        return bool(self.same.all()) and (self.same_any or not name.startswith("any_"))

    def _margin(self, name: str, column: int | None) -> float:
        if not name.endswith("brier_loss"):
            return self.margin
        return self.margin * (self.base_loss_overall if column is None else float(self.base_loss[column]))

    def _equivalence(self, p: float | None, column: int | None, is_same: bool) -> tuple[float | None, str]:
        if is_same:
            return 0.0, ""
        n_articles = self.a.n_articles if column is None else self.n_carrying[column]
        if n_articles < LEAST_ARTICLES:
            carry = "" if column is None else " carry it"
            return None, f"{n_articles} articles{carry}: too few to claim equivalence"
        return p, ""
