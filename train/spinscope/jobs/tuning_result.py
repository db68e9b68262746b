"""What a tuning made."""

from __future__ import annotations

from dataclasses import dataclass

from spinscope.measure.metrics import Metrics
from spinscope.model.prediction import Classifier


@dataclass(frozen=True, slots=True)
class Tuning:
    """A tuned checkpoint beside the one it came from.

    Attributes:
        classifier: the new checkpoint, opened.
        before: figures of the old one on the tuning sentences.
        after: figures of the new one on them, decided by thresholds that other articles chose (cross-fitted).
        kept: techniques that the sentences do not annotate: their thresholds stay as they were.
        old_thresholds: of the old checkpoint, in the inventory's order.
        findings: what makes the new thresholds doubtful (exit code 1).
    """

    classifier: Classifier
    before: Metrics
    after: Metrics
    kept: tuple[str, ...]
    old_thresholds: tuple[float, ...]
    findings: list[str]
