"""Whether words that are said to carry a score do: comprehensiveness, sufficiency, and the mass inside gold spans.

DeYoung et al., ERASER (ACL 2020), section 4: the score falls where the words are taken away (comprehensiveness, high is
good), and stays where they alone are left (sufficiency, low is good), averaged over shares of words from a few to half.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FRACTIONS = (0.05, 0.10, 0.20, 0.50)
"""Shares of the words that are taken away or kept; ERASER's 1 % is less than a word of any sentence."""


def top_words(weights: NDArray[np.float64], fractions: Sequence[float] = FRACTIONS) -> list[list[int]]:
    """The words with the highest weights, for each share: at least one, rounded up, ties by position.

    Args:
        weights: (n_words,).
        fractions: shares, 0 to 1.
    """
    order = np.argsort(-weights, kind="stable")
    return [order[: max(1, int(np.ceil(fraction * len(weights) - 1e-9)))].tolist() for fraction in fractions]


def comprehensiveness(probability: NDArray[np.float64], without: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) mean fall of the score where the strongest words are taken away.

    Args:
        probability: (n,) of the whole text.
        without: (n, n_fractions) without its strongest words.
    """
    return np.asarray((probability[:, None] - without).mean(axis=1))


def sufficiency(probability: NDArray[np.float64], alone: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) mean fall of the score where the strongest words alone are left.

    Args:
        probability: (n,) of the whole text.
        alone: (n, n_fractions) of the strongest words alone.
    """
    return np.asarray((probability[:, None] - alone).mean(axis=1))


def mass_inside(weights: NDArray[np.float64], inside: NDArray[np.bool_]) -> float:
    """The share of the positive weights that falls on words inside gold spans; NaN where no weight is positive.

    Args:
        weights: (n_words,).
        inside: (n_words,) whether a word stands in a gold span.
    """
    positive = np.maximum(weights, 0.0)
    total = float(positive.sum())
    return float(positive[inside].sum()) / total if total > 0 else float("nan")


def words_inside(places: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    """(n_words,) whether half or more of a word's characters stand in a span."""
    return np.array(
        [
            2 * sum(max(0, min(end, stop) - max(start, begin)) for begin, stop in spans) >= end - start
            for start, end in places
        ],
        dtype=bool,
    )
