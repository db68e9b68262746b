"""Operating points: precision at a wished recall, recall at a wished precision, chosen on dev and measured elsewhere.

Among the cut-offs that keep the wish on dev, the one with the most of the other figure is taken: the highest cut-off
with the wished recall, the cut-off with the greatest recall among those with the wished precision. What was wished is
kept on dev by construction and only roughly elsewhere, which is why both figures are measured on other sentences.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.article_sums import Resampling, confusion, estimates, pooled, quotient
from spinscope.measure.cutoff_curves import Curve, Wish
from spinscope.measure.resampling import Estimate

FEW_POSITIVES = 10


@dataclass(frozen=True)
class OperatingPoint:
    """One technique's cut-off for one wish.

    Attributes:
        cutoff: decided where probability >= cut-off; None where dev keeps the wish nowhere.
        dev_precision, dev_recall: on the sentences it was chosen on.
        precision, recall: on the sentences measured.
        n_dev_positives: positives it was chosen by.
    """

    cutoff: float | None
    dev_precision: float | None
    dev_recall: float | None
    precision: Estimate
    recall: Estimate
    n_dev_positives: int

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "cutoff": self.cutoff, "dev_precision": self.dev_precision, "dev_recall": self.dev_recall,
            "precision": self.precision.to_dict(), "recall": self.recall.to_dict(),
            "n_dev_positives": self.n_dev_positives,
        }  # fmt: skip


def operating_points(
    dev: tuple[Any, Any, Any],
    measured: tuple[Any, Any, Any],
    *,
    articles: NDArray[Any],
    wish: Wish,
    wished: float,
    rules: Resampling,
) -> tuple[list[OperatingPoint], OperatingPoint]:
    """Each technique's point, and all techniques together decided by those cut-offs (micro figures).

    Args:
        dev: (n, k) gold, mask, probabilities that the cut-offs are chosen on.
        measured: the same of the sentences measured.
        articles: (n_measured,) codes.
        wish: which figure is wished for.
        wished: how much of it, 0 to 1.
        rules: of the intervals.
    """
    gold, mask, probabilities = (np.asarray(array) for array in dev)
    mask = mask.astype(bool)
    k = gold.shape[1]
    curves = [Curve.of(gold[mask[:, j], j], probabilities[mask[:, j], j]) for j in range(k)]
    places = [curve.at(wish, wished) for curve in curves]
    cutoffs = np.array([np.inf if at is None else curve.cutoffs[at] for curve, at in zip(curves, places, strict=True)])
    on_dev = _measured(dev, cutoffs, np.zeros(len(gold), dtype=np.intp), rules)
    elsewhere = _measured(measured, cutoffs, articles, rules)
    positives = (gold * mask).sum(axis=0)
    points = [
        OperatingPoint(
            None if at is None else float(cutoffs[j]), None if at is None else on_dev[0][j].value,
            None if at is None else on_dev[1][j].value, elsewhere[0][j] if at is not None else _nowhere(wish, wished),
            elsewhere[1][j] if at is not None else _nowhere(wish, wished), int(positives[j]),
        )
        for j, at in enumerate(places)
    ]  # fmt: skip
    together = OperatingPoint(
        None, on_dev[0][k].value, on_dev[1][k].value, elsewhere[0][k], elsewhere[1][k], int(positives.sum())
    )
    return points, together


def _measured(
    part: tuple[Any, Any, Any], cutoffs: NDArray[Any], articles: NDArray[Any], rules: Resampling
) -> tuple[list[Estimate], list[Estimate]]:
    """Precision and recall of each technique, and last of all techniques that have a cut-off together."""
    gold, mask, probabilities = part
    tables = confusion(gold, mask, np.asarray(probabilities) >= cutoffs, articles)
    reachable = {name: table * np.isfinite(cutoffs) for name, table in tables.items()}
    tables = {name: np.concatenate([table, pooled(reachable)[name]], axis=1) for name, table in tables.items()}
    precision = estimates(quotient("tp", "predicted"), tables, rules, undefined="none predicted")
    recall = estimates(quotient("tp", "positives"), tables, rules, undefined="no positive")
    return precision, recall


def _nowhere(wish: Wish, wished: float) -> Estimate:
    return Estimate(None, note=f"no cut-off has {wish} {wished:g} on dev")
