"""Tokens whose presence gives a label away: how sure, how wide, and whether articles could make it so by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

DOUBT_FRACTION = 0.2
"""A token gives a label away where doubt is at most this fraction of what it is without the token: at a prevalence of
0.13 the label follows in at least 0.83, at 0.57 in at least 0.91 of the sentences (lower end of Wilson's interval)."""

_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Telltales:
    """Tokens against labels; arrays are (n_tokens, n_labels) unless said otherwise.

    Attributes:
        n: sentences with the token in which the label is known.
        n_positive: of these, with the label.
        low: lower end of Wilson's 95 % interval of the share.
        coverage: share of the label's sentences that hold the token.
        prevalence: (n_labels,) share of sentences with the label.
        p_value: chance of an association as strong, anywhere in the table, where articles are shuffled.
    """

    n: NDArray[Any]
    n_positive: NDArray[Any]
    low: NDArray[Any]
    coverage: NDArray[Any]
    prevalence: NDArray[Any]
    p_value: NDArray[Any]

    def gives_away(self) -> NDArray[Any]:
        """(n_tokens, n_labels) bool: near certainty that is no chance."""
        return np.asarray((1 - self.low <= DOUBT_FRACTION * (1 - self.prevalence)) & (self.p_value <= 0.05))


def telltales(
    presence: Any, labels: Any, known: Any, articles: Any, *, n_permutations: int = 199, seed: int = 13
) -> Telltales:
    """Associates every token with every label.

    The p-values are those of a permutation that keeps sentences of an article together: the articles' labels are laid
    along the sentences in another order of articles. Each is the chance that the strongest of all associations reaches
    this one (Westfall & Young, 1993), so that many tokens are no reason for alarm.

    Args:
        presence: (n, n_tokens) sparse 0/1, rows by article.
        labels: (n, n_labels) of 0/1.
        known: (n, n_labels) bool, False where not annotated.
        articles: (n,) codes, sorted.
        n_permutations: of the articles.
        seed: of the permutations.
    """
    counts = presence.T.tocsr().astype(np.float64)
    known = np.asarray(known, dtype=np.float64)
    labels = np.asarray(labels, dtype=np.float64) * known
    n, positives = np.asarray(counts @ known), np.asarray(counts @ labels)
    total, prevalence = known.sum(axis=0), labels.sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    found = _strength(n, positives, prevalence, total)
    rng = np.random.default_rng([seed, 2])
    _, starts = np.unique(articles, return_index=True)
    blocks = np.split(np.arange(len(labels)), starts[1:])
    strongest = np.empty(n_permutations)
    for number in range(n_permutations):
        order = np.concatenate([blocks[block] for block in rng.permutation(len(blocks))])
        drawn = _strength(np.asarray(counts @ known[order]), np.asarray(counts @ labels[order]), prevalence, total)
        strongest[number] = drawn.max(initial=0.0)
    beaten = len(strongest) - np.searchsorted(np.sort(strongest), found, side="left")
    return Telltales(
        n=n.astype(np.int64), n_positive=positives.astype(np.int64), low=_wilson_low(positives, n),
        coverage=positives / np.maximum(labels.sum(axis=0), 1), prevalence=prevalence,
        p_value=(beaten + 1) / (n_permutations + 1),
    )  # fmt: skip


def _strength(n: NDArray[Any], positives: NDArray[Any], prevalence: NDArray[Any], total: NDArray[Any]) -> NDArray[Any]:
    """Standardised excess of positives over the hypergeometric mean; 0 where there is none."""
    variance = n * prevalence * (1 - prevalence) * (1 - n / np.maximum(total, 1))
    return np.divide(positives - n * prevalence, np.sqrt(variance), out=np.zeros(n.shape), where=variance > 0)


def _wilson_low(positives: NDArray[Any], n: NDArray[Any]) -> NDArray[Any]:
    share, n = positives / np.maximum(n, 1), np.maximum(n, 1)
    half = _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return np.asarray((share + _Z**2 / (2 * n) - half) / (1 + _Z**2 / n))
