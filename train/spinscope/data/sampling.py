"""Which sentences an epoch holds, and how often: corpora against each other, and fewer sentences without a technique.

Drawn anew for each epoch, without replacement as far as a corpus goes, so that several epochs see most of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Sampling = Literal["proportional", "square_root", "balanced"]


@dataclass(frozen=True, slots=True)
class EpochSampling:
    """The rule of what an epoch holds.

    Attributes:
        sources: (n,) the corpus of each sentence.
        is_negative: (n,) bool, True where no technique is known to be there.
        rule: each corpus has a part of the epoch that is proportional to its sentences, to the square root of their
            number, or the same for all.
        negatives_share: of each corpus's negatives, 0 to 1, that an epoch holds.
    """

    sources: Sequence[str]
    is_negative: np.ndarray
    rule: Sampling = "proportional"
    negatives_share: float = 1.0

    def rows(self, generator: np.random.Generator) -> np.ndarray:
        """(n_epoch,) row numbers, corpus by corpus; n_epoch is the same for every epoch.

        An epoch is as long as all corpora together, less the negatives that are left out.
        """
        names = np.asarray(self.sources)
        pools = [self._pool(np.flatnonzero(names == name), generator) for name in sorted(set(self.sources))]
        quotas = _quotas([len(pool) for pool in pools], self.rule)
        return np.concatenate([_drawn(pool, quota, generator) for pool, quota in zip(pools, quotas, strict=True)])

    def _pool(self, rows: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        negatives = rows[self.is_negative[rows]]
        n_kept = round(self.negatives_share * len(negatives))
        kept = generator.permutation(negatives)[:n_kept]
        return np.sort(np.concatenate([rows[~self.is_negative[rows]], kept]))


def _quotas(sizes: Sequence[int], rule: Sampling) -> list[int]:
    """Sentences of each corpus in an epoch, in all as many as there are: largest remainders."""
    shares = np.array(sizes, dtype=float) ** {"proportional": 1.0, "square_root": 0.5, "balanced": 0.0}[rule]
    shares = np.where(np.array(sizes) > 0, shares, 0.0)
    wished = sum(sizes) * shares / shares.sum()
    quotas = np.floor(wished).astype(int)
    most = np.argsort(quotas - wished, kind="stable")[: sum(sizes) - int(quotas.sum())]
    quotas[most] += 1
    return [int(quota) for quota in quotas]


def _drawn(pool: np.ndarray, quota: int, generator: np.random.Generator) -> np.ndarray:
    """Each row of the pool as often as it goes, and a draw without replacement for the rest."""
    if quota == len(pool) or not len(pool):
        return pool
    return np.concatenate([np.tile(pool, quota // len(pool)), generator.permutation(pool)[: quota % len(pool)]])
