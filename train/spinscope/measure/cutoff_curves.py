"""Precision and recall of one technique at every cut-off, and the cut-off that keeps a wish for one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Wish = Literal["precision", "recall"]


@dataclass(frozen=True)
class Curve:
    """Precision and recall at every cut-off, (c,) each, cut-offs (scores that occur) descending."""

    cutoffs: NDArray[Any]
    precision: NDArray[Any]
    recall: NDArray[Any]

    @classmethod
    def of(cls, gold: NDArray[Any], scores: NDArray[Any]) -> Curve:
        """From (n,) gold 0/1 and (n,) scores of annotated sentences; empty without a positive."""
        if not np.any(gold):
            return cls(*(np.empty(0),) * 3)
        order = np.argsort(-scores, kind="stable")
        ranked = scores[order]
        ends = np.flatnonzero(np.r_[ranked[1:] != ranked[:-1], True])
        hits = np.cumsum(gold[order])[ends].astype(np.float64)
        return cls(ranked[ends], hits / (ends + 1), hits / hits[-1])

    def f1(self) -> NDArray[Any]:
        """(c,) F1 at each cut-off."""
        return np.asarray(2 * self.precision * self.recall / np.maximum(self.precision + self.recall, 1e-12))

    def at(self, wish: Wish, wished: float) -> int | None:
        """The place of the cut-off that keeps the wish with the most of the other figure; None where none does."""
        kept = np.flatnonzero((self.precision if wish == "precision" else self.recall) >= wished - 1e-12)
        if len(kept) == 0:
            return None
        other = (self.recall if wish == "precision" else self.precision)[kept]
        return int(kept[np.argmax(other)])
