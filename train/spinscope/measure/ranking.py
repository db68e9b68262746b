"""Average precision and AUROC under many weightings of the articles at once.

A weighting gives each article a weight (how often a bootstrap resample drew it, or whether a permutation took its
sentences from this system), and each sentence has the weight of its article. Scores are sorted once; every weighting is
then a cumulative sum along that order, so a thousand of them cost little more than one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK_CELLS = 400_000  # sentences x weightings worked on at once: 3 MB, so that cumulative sums stay in cache


@dataclass(frozen=True)
class Ranking:
    """One technique's annotated sentences in descending order of score, ties grouped.

    Only groups that hold a positive are kept: both figures change at those alone.

    Attributes:
        articles: (n,) article codes in sorted order.
        positives: (n_positive,) positions of positives in that order.
        first_of_group: (g,) where each group's positives begin within `positives`.
        starts, ends: (g,) first and last position of each group.
    """

    articles: NDArray[Any]
    positives: NDArray[Any]
    first_of_group: NDArray[Any]
    starts: NDArray[Any]
    ends: NDArray[Any]

    @classmethod
    def of(cls, gold: NDArray[Any], scores: NDArray[Any], articles: NDArray[Any]) -> Ranking:
        """Sorts one technique: (n,) gold 0/1, (n,) scores, (n,) article codes, all of annotated sentences only."""
        order = np.argsort(-scores, kind="stable")
        ranked = scores[order]
        new_group = np.r_[True, ranked[1:] != ranked[:-1]] if len(ranked) else np.zeros(0, dtype=bool)
        group_of = np.cumsum(new_group) - 1
        starts = np.flatnonzero(new_group)
        ends = np.r_[starts[1:], len(ranked)] - 1 if len(ranked) else starts
        positives = np.flatnonzero(gold[order])
        kept, first_of_group = np.unique(group_of[positives], return_index=True)
        return cls(articles[order], positives, first_of_group, starts[kept], ends[kept])

    def figures(self, weights: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Average precision and AUROC for each weighting.

        Args:
            weights: (r, m) of article weights, 0 or more.

        Returns:
            Two (r,) arrays; NaN where there is no positive (or, for AUROC, no negative) with any weight. Average
            precision is the step-wise sum of scikit-learn's `average_precision_score`, AUROC the Mann-Whitney form
            with ties counted half, both with sample weights.
        """
        average_precision = np.full(len(weights), np.nan)
        auroc = np.full(len(weights), np.nan)
        if len(self.positives) == 0:
            return average_precision, auroc
        step = max(1, BLOCK_CELLS // len(self.articles))
        for begin in range(0, len(weights), step):
            block = slice(begin, begin + step)
            average_precision[block], auroc[block] = self._block(
                np.ascontiguousarray(weights[block].T, dtype=np.float64)
            )
        return average_precision, auroc

    def _block(self, weights: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        drawn = weights[self.articles]
        in_group = np.add.reduceat(drawn[self.positives], self.first_of_group, axis=0)
        np.cumsum(drawn, axis=0, out=drawn)
        total = drawn[-1]
        at_least = drawn[self.ends]
        above = np.where(self.starts[:, None] > 0, drawn[self.starts - 1], 0.0)
        hits = np.cumsum(in_group, axis=0)
        n_positive = hits[-1]
        precision = np.divide(hits, at_least, out=np.zeros_like(hits), where=at_least > 0)
        average_precision = _ratio((in_group * precision).sum(axis=0), n_positive)
        n_negative = total - n_positive
        misses_at_least = at_least - hits
        misses_above = above - (hits - in_group)
        beaten = n_negative - 0.5 * (misses_at_least + misses_above)
        auroc = _ratio((in_group * beaten).sum(axis=0), n_positive * n_negative)
        return average_precision, auroc


def _ratio(numerator: NDArray[Any], denominator: NDArray[Any]) -> NDArray[Any]:
    return np.divide(numerator, denominator, out=np.full(numerator.shape, np.nan), where=denominator > 0)
