"""Labels that the rest of the data speaks against: confident learning, one technique at a time.

The method is that of Northcutt, Jiang & Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels" (JAIR
2021), computed by cleanlab. It needs probabilities from a model that has not seen the label it is asked about.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def label_confidence(gold: Any, mask: Any, probabilities: Any) -> NDArray[Any]:
    """How far the model believes each given label; the lowest are the likeliest errors.

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        probabilities: (n, k), 0 to 1, out of sample.

    Returns:
        (n, k): the probability of the given label ("self-confidence"), 0 to 1; NaN where not annotated.
    """
    from cleanlab.rank import get_label_quality_scores

    gold, mask, probabilities = _arrays(gold, mask, probabilities)
    out = np.full(mask.shape, np.nan)
    for column in range(mask.shape[1]):
        known = np.flatnonzero(mask[:, column])
        if len(known):
            both = _two_classes(probabilities[known, column])
            out[known, column] = get_label_quality_scores(gold[known, column], both, method="self_confidence")
    return out


def likely_errors(gold: Any, mask: Any, probabilities: Any) -> NDArray[Any]:
    """The labels that the confident joint counts as wrong.

    A label counts where the probability of the other class reaches the mean that this class has among the sentences
    labelled with it, so that a weak or badly calibrated model does not accuse at random; and where the other class is
    the likelier one (cleanlab's count "off_diagonal").

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        probabilities: (n, k), 0 to 1, out of sample.

    Returns:
        (n, k) bool; False where not annotated, and of a technique with only one class.
    """
    from cleanlab.count import compute_confident_joint

    gold, mask, probabilities = _arrays(gold, mask, probabilities)
    out = np.zeros(mask.shape, dtype=bool)
    for column in range(mask.shape[1]):
        known = np.flatnonzero(mask[:, column])
        labels = gold[known, column]
        if len(np.unique(labels)) < 2:
            continue
        _, rows = compute_confident_joint(
            labels, _two_classes(probabilities[known, column]), calibrate=False, return_indices_of_off_diagonals=True
        )
        out[known[np.asarray(rows, dtype=np.intp)], column] = True
    out &= (probabilities >= 0.5) != gold.astype(bool)
    return out


def _arrays(gold: Any, mask: Any, probabilities: Any) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    return np.asarray(gold, dtype=np.int64), np.asarray(mask, dtype=bool), np.asarray(probabilities, dtype=np.float64)


def _two_classes(probabilities: NDArray[Any]) -> NDArray[Any]:
    return np.stack([1 - probabilities, probabilities], axis=1)
