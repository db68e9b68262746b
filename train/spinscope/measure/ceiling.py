"""A score as a part of what annotators reach: F1 against the labels over the F1 of annotators with each other.

Both are on the same sentences, and an article is left out of both, so that the interval of the quotient knows that
they go together. The quotient is no percentage of a possible score: labels that were adjudicated can be met better than
annotators meet each other, and annotators who share a mistake agree on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.agreement import alpha_of, coincidences
from spinscope.measure.article_sums import (
    Resampling,
    Scale,
    by_article,
    confusion,
    f1_of,
    left_out_sums,
    one_estimate,
    totals,
)
from spinscope.measure.figures import ratio
from spinscope.measure.resampling import Estimate


@dataclass(frozen=True)
class Ceiling:
    """One technique: F1 of the system, F1 and alpha of the annotators, and the first over the second."""

    f1: Estimate
    annotators_f1: Estimate
    annotators_alpha: Estimate
    part: Estimate

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {name: getattr(self, name).to_dict() for name in self.__dataclass_fields__}


def ceilings(
    gold: Any,
    mask: Any,
    decisions: Any,
    ratings: Sequence[NDArray[Any]],
    *,
    articles: NDArray[Any],
    rules: Resampling,
) -> list[Ceiling]:
    """For each technique and last for all together (micro F1 over the annotators' micro F1; alpha over all cells).

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool.
        decisions: (n, k) bool.
        ratings: for each technique, (n, n_annotators) of 0, 1 or -1 (not judged).
        articles: (n,) codes.
        rules: of the intervals.
    """
    known = np.asarray(mask, dtype=bool)
    judged = np.stack([(one >= 0).sum(axis=1) >= 2 for one in ratings], axis=1)
    both = known & judged  # the same cells on either side of the quotient
    tables = confusion(gold, both, decisions, articles)
    units = np.stack([coincidences(one, n_values=2) for one in ratings], axis=1) * both[:, :, None, None]
    tables["units"] = by_article(units, articles)
    tables = {name: np.concatenate([table, table.sum(axis=1, keepdims=True)], axis=1) for name, table in tables.items()}
    point, left_out = _figures(totals(tables)), _figures(left_out_sums(tables, rules))
    why = ("no positive and none predicted", "no annotator says yes", "all judgements are the same", "undefined")
    scales: tuple[Scale, ...] = ("logit", "logit", "plain", "plain")
    return [
        Ceiling(
            *(
                one_estimate(values[0, j], without[:, j], rules, undefined=told, scale=scale)
                for values, without, told, scale in zip(point, left_out, why, scales, strict=True)
            )
        )
        for j in range(known.shape[1] + 1)
    ]


def _figures(sums: dict[str, NDArray[Any]]) -> tuple[NDArray[Any], ...]:
    f1, units = f1_of(sums), sums["units"]
    agreed = ratio(units[..., 1, 1], units[..., 1, :].sum(axis=-1))
    return f1, agreed, alpha_of(units), ratio(f1, np.nan_to_num(agreed))
