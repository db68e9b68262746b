"""Average precision and AUROC under many weightings of the articles at once.

A weighting gives each article a weight (how often a bootstrap resample drew it, or whether a permutation took its
sentences from this system), and each sentence has the weight of its article. Scores are sorted once and counted per article between one positive
and the next; every weighting is then a cumulative sum along the positives, so a thousand of them cost little more
than one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

BLOCK_CELLS = 200_000  # groups x weightings worked on at once: 1.6 MB, so that cumulative sums stay in cache


@dataclass(frozen=True)
class Ranking:
    """One technique's annotated sentences in descending order of score, ties grouped.

    Only groups that hold a positive are kept: both figures change at those alone.

    Attributes:
        reached: (g, m) sparse; sentences of each article from behind the group before to the end of this one.
        tied: (g, m) sparse; sentences of each article in the group.
        positives: (g, m) sparse; positives of each article in the group.
        sentences: (m,) sentences of each article.
    """

    reached: csr_array
    tied: csr_array
    positives: csr_array
    sentences: NDArray[Any]

    @classmethod
    def of(cls, gold: NDArray[Any], scores: NDArray[Any], articles: NDArray[Any], n_articles: int) -> Ranking:
        """Sorts one technique: (n,) gold 0/1, (n,) scores, (n,) article codes, all of annotated sentences only."""
        from scipy.sparse import csr_array

        order = np.argsort(-scores, kind="stable")
        ranked, owners = scores[order], articles[order]
        new_group = np.r_[True, ranked[1:] != ranked[:-1]] if len(ranked) else np.zeros(0, dtype=bool)
        group_of = np.cumsum(new_group) - 1
        positives = np.flatnonzero(gold[order])
        kept = np.unique(group_of[positives])
        # The kept group that each sentence lies in or above; those below the last one change nothing.
        place = np.searchsorted(kept, group_of)
        above = np.flatnonzero(place < len(kept))
        within = above[kept[place[above]] == group_of[above]]

        def counted(rows: NDArray[Any]) -> csr_array:
            ones = np.ones(len(rows))
            return csr_array((ones, (place[rows], owners[rows])), shape=(len(kept), n_articles))

        sentences = np.bincount(articles, minlength=n_articles).astype(np.float64)
        return cls(counted(above), counted(within), counted(positives), sentences)

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
        n_groups = self.positives.shape[0]
        if n_groups == 0:
            return average_precision, auroc
        step = max(1, BLOCK_CELLS // n_groups)
        for begin in range(0, len(weights), step):
            block = slice(begin, begin + step)
            average_precision[block], auroc[block] = self._block(
                np.ascontiguousarray(weights[block].T, dtype=np.float64)
            )
        return average_precision, auroc

    def _block(self, weights: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        in_group = self.positives @ weights
        at_least = np.cumsum(self.reached @ weights, axis=0)
        above = at_least - self.tied @ weights
        hits = np.cumsum(in_group, axis=0)
        n_positive = hits[-1]
        precision = np.divide(hits, at_least, out=np.zeros_like(hits), where=at_least > 0)
        average_precision = _ratio((in_group * precision).sum(axis=0), n_positive)
        n_negative = self.sentences @ weights - n_positive
        misses_at_least = at_least - hits
        misses_above = above - (hits - in_group)
        beaten = n_negative - 0.5 * (misses_at_least + misses_above)
        auroc = _ratio((in_group * beaten).sum(axis=0), n_positive * n_negative)
        return average_precision, auroc


def _ratio(numerator: NDArray[Any], denominator: NDArray[Any]) -> NDArray[Any]:
    return np.divide(numerator, denominator, out=np.full(numerator.shape, np.nan), where=denominator > 0)
