"""What a classifier says of labelled sentences, in the order in which figures take it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinscope.config import RunConfig
from spinscope.measure.any_technique import expected_any_cutoff
from spinscope.model.prediction import any_probability, decide_any
from spinscope.records import Decision


class Answers(NamedTuple):
    """Answers about n sentences; `*answers` is what `Figures.of` takes after gold and mask.

    Attributes:
        probabilities: (n, n_techniques), 0 to 1.
        decisions: (n, n_techniques) bool.
        any_decided: (n,) bool, whether the sentence has any technique, where that is decided by a cut-off of its own;
            None: where some technique is decided.
    """

    probabilities: np.ndarray
    decisions: np.ndarray
    any_decided: np.ndarray | None = None

    @classmethod
    def by(cls, decision: Decision, probabilities: np.ndarray, mask: np.ndarray) -> Answers:
        """The answers of a decision.

        Args:
            decision: of the classifier.
            probabilities: (n, n_techniques), calibrated.
            mask: (n, n_techniques) bool, True where annotated: on any technique the others have no say.
        """
        own = None if decision.any_threshold is None else decide_any(decision, probabilities, mask)
        return cls(probabilities, probabilities >= np.array(decision.thresholds), own)


def any_cutoff(config: RunConfig, gold: np.ndarray, mask: np.ndarray, probabilities: np.ndarray) -> float | None:
    """The cut-off on any technique that a config asks for; None where it asks for none, or nothing is positive.

    Args:
        config: its `evaluation.any_technique` decides.
        gold: (n, n_techniques) of 0/1 on dev.
        mask: (n, n_techniques) bool, True where annotated.
        probabilities: (n, n_techniques), calibrated.
    """
    if config.evaluation.any_technique == "decided" or not (gold * mask).any():
        return None
    return expected_any_cutoff(any_probability(probabilities, mask)[mask.any(axis=1)])
