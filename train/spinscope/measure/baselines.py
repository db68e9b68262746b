"""What any model must beat: the training prevalences, and chance."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def prevalences(gold: Any, mask: Any) -> NDArray[Any]:
    """(k,) share of positives among the annotated training sentences of each technique; 0 where none is annotated.

    Args:
        gold: (n, k) of 0/1, of the training part.
        mask: (n, k) bool, True where annotated.
    """
    gold, mask = np.asarray(gold), np.asarray(mask, dtype=bool)
    return np.asarray((gold * mask).sum(axis=0) / np.maximum(mask.sum(axis=0), 1), dtype=np.float64)


def majority_probabilities(training_prevalences: Any, n_sentences: int) -> NDArray[Any]:
    """(n_sentences, k) with every sentence given the training prevalence.

    Decided at 0.5 this is the majority class. A threshold rule fitted on dev, as for the model, may decide every
    sentence instead: each technique is then either always or never there.
    """
    return np.tile(np.asarray(training_prevalences, dtype=np.float64), (n_sentences, 1))


def random_probabilities(training_prevalences: Any, n_sentences: int, *, seed: int) -> NDArray[Any]:
    """(n_sentences, k) of 0 and 1, drawn with the training prevalences.

    Decided at any cut-off above 0, each technique is there as often as in training. (A rule that is fitted on dev may
    find that deciding everything, at 0, has the higher F1.)

    Args:
        training_prevalences: (k,), 0 to 1.
        n_sentences: n.
        seed: of the draws.
    """
    chances = np.asarray(training_prevalences, dtype=np.float64)
    return (np.random.default_rng(seed).random((n_sentences, len(chances))) < chances).astype(np.float64)
