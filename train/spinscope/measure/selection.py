"""What choosing on dev is worth elsewhere, and cut-offs that look as if they were chosen on the sentences measured.

The selection effect is the dev figure, decided by the very cut-offs that dev chose, minus the figure on other
sentences. Cross-fitting splits it in two: what choosing flatters dev by (chosen minus cross-fitted, on the same
articles), and what the other articles differ by. Its interval leaves out articles of both; cut-offs stay as they are.

A cut-off that was chosen on the sentences measured leaves two traces: it is not what dev gives, and it decides these
sentences exactly as well as any cut-off could. Each alone is no proof. Where both are there, the figure of that
technique is flattered by the choice. In simulations of 75 dev and 75 test articles 98 to 100 % of planted ones are
found and none of 320 clean ones is accused (`tests/benchmarks/selection.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.article_sums import Resampling, confusion, f1_of, left_out_sums, one_estimate, pooled, totals
from spinscope.measure.cutoff_curves import Curve
from spinscope.measure.resampling import Estimate

SAME_CUTOFF = 1e-3
"""Cut-offs nearer than this are the same: saved probabilities are rounded otherwise than those that were fitted."""


@dataclass(frozen=True)
class Effect:
    """One F1 on dev as chosen, on dev cross-fitted, on the sentences measured, and the first minus the last."""

    dev: float | None
    dev_cross_fitted: float | None
    measured: float | None
    effect: Estimate

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "dev": self.dev, "dev_cross_fitted": self.dev_cross_fitted, "measured": self.measured,
            "effect": self.effect.to_dict(),
        }  # fmt: skip


@dataclass(frozen=True)
class CutoffCheck:
    """How one technique's cut-off stands to dev and to the sentences measured.

    Attributes:
        cutoff: in use.
        from_dev: what dev gives by the same rule.
        low, high: its interval over dev articles.
        f1, f1_from_dev, f1_best: on the sentences measured, by the one, by the other, and the most any cut-off gives.
    """

    technique: str
    cutoff: float
    from_dev: float
    low: float
    high: float
    f1: float
    f1_from_dev: float
    f1_best: float

    @property
    def is_from_dev(self) -> bool:
        """Whether dev gives this very cut-off."""
        return abs(self.cutoff - self.from_dev) <= SAME_CUTOFF

    @property
    def is_best_here(self) -> bool:
        """Whether no cut-off decides the sentences measured better, and that of dev does worse."""
        return self.f1 >= self.f1_best - 1e-12 and self.f1 > self.f1_from_dev + 1e-12

    @property
    def is_chosen_here(self) -> bool:
        """Whether it looks chosen on the sentences measured.

        Not what dev gives, and either exactly the best here, or beyond dev's interval and better here than dev's.
        """
        beyond = not self.low <= self.cutoff <= self.high and self.f1 > self.f1_from_dev + 1e-12
        return not self.is_from_dev and (self.is_best_here or beyond)

    def told(self) -> str:
        """What there is to say of it."""
        head = (
            f"the threshold of {self.technique} is {self.cutoff:.3f}, where dev gives {self.from_dev:.3f} "
            f"({self.low:.3f} to {self.high:.3f})"
        )
        if not self.is_chosen_here:
            return head
        what = "no threshold has a higher F1" if self.is_best_here else "its F1 is higher than by dev's"
        return f"{head}, and on the sentences measured {what}: it looks chosen on them, which flatters its figures"


def selection_effects(
    dev: tuple[Any, Any, Any, Any],
    measured: tuple[Any, Any, Any],
    *,
    articles: tuple[NDArray[Any], NDArray[Any]],
    techniques: Sequence[str],
    rules: Resampling,
) -> dict[str, Effect]:
    """Effects on `micro_f1`, `macro_f1` and each technique's F1.

    Macro F1 averages the techniques that have a positive in both parts, so that both average the same.

    Args:
        dev: (n, k) gold, mask, decisions by the cut-offs that dev chose, decisions cross-fitted.
        measured: (n', k) gold, mask, decisions.
        articles: codes of dev, and of the sentences measured.
        techniques: k names.
        rules: of the intervals.
    """
    chosen, crossed = (confusion(*dev[:2], decisions, articles[0]) for decisions in dev[2:])
    elsewhere = confusion(*measured, articles[1])
    in_both = (chosen["positives"].sum(axis=0) > 0) & (elsewhere["positives"].sum(axis=0) > 0)
    parts = [_figures(totals(one), in_both)[0] for one in (chosen, crossed, elsewhere)]
    without = [_figures(left_out_sums(one, rules), in_both) for one in (chosen, elsewhere)]
    # Two independent sets of articles: each is left out in its turn, while the other stays whole.
    left_out = np.concatenate([without[0] - parts[2], parts[0] - without[1]])
    has_interval = min(len(one) for one in without) > 1
    out = {}
    for j, name in enumerate(["micro_f1", "macro_f1", *techniques]):
        values = [None if np.isnan(part[j]) else float(part[j]) for part in parts]
        effect = one_estimate(
            parts[0][j] - parts[2][j], left_out[:, j] if has_interval else left_out[:0, j], rules, scale="plain",
            undefined="undefined in dev or here",
        )  # fmt: skip
        out[name] = Effect(values[0], values[1], values[2], effect)
    return out


def check_cutoffs(
    measured: tuple[Any, Any, Any],
    *,
    cutoffs: NDArray[Any],
    from_dev: NDArray[Any],
    interval: tuple[NDArray[Any], NDArray[Any]],
    techniques: Sequence[str],
    known: NDArray[Any],
) -> list[CutoffCheck]:
    """Each technique's cut-off against dev and against the sentences measured.

    Args:
        measured: (n, k) gold, mask, probabilities.
        cutoffs: (k,) in use.
        from_dev: (k,) what dev gives by the same rule.
        interval: its (k,) ends over dev articles.
        techniques: k names.
        known: (k,) bool, which techniques dev can speak of; the others are left out, and those without a positive here.
    """
    gold, mask, probabilities = (np.asarray(array) for array in measured)
    mask = mask.astype(bool)
    checks = []
    for j in np.flatnonzero(known).tolist():
        truth, scores = gold[mask[:, j], j], probabilities[mask[:, j], j]
        curve = Curve.of(truth, scores)
        if len(curve.cutoffs) == 0:
            continue
        checks.append(
            CutoffCheck(
                techniques[j], float(cutoffs[j]), float(from_dev[j]), low=float(interval[0][j]),
                high=float(interval[1][j]), f1=_f1(truth, scores >= cutoffs[j]),
                f1_from_dev=_f1(truth, scores >= from_dev[j]), f1_best=float(curve.f1().max()),
            )
        )  # fmt: skip
    return checks


def _figures(sums: dict[str, NDArray[Any]], in_both: NDArray[Any]) -> NDArray[Any]:
    """(r, 2 + k): micro F1, macro F1 over the chosen techniques, F1 of each."""
    each = f1_of(sums)
    # Without a positive of a technique, and all of it decided absent, there is nothing to say of it.
    known = in_both & ~np.isnan(each)
    macro = np.where(known, np.nan_to_num(each), 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    macro = np.where(known.any(axis=1), macro, np.nan)
    return np.column_stack([f1_of(pooled(sums))[:, 0], macro, each])


def _f1(truth: NDArray[Any], decided: NDArray[Any]) -> float:
    hits = int((truth.astype(bool) & decided).sum())
    total = int(truth.sum()) + int(decided.sum())
    return 2 * hits / total if total else 0.0
