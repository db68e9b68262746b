"""The figures as a local `evaluate.Metric`, for use without the hub.

    import evaluate
    metric = evaluate.load("train/spinscope/measure/metric.py")       # or spinscope.measure.metric.__file__
    metric.compute(probabilities=[[0.9, 0.2]], references=[[1, 0]])

A row is a sentence, an entry a technique. What is not annotated is told by a `mask` (1 annotated, 0 not): given to
`compute`, or, batch by batch, as a third column of the configuration `masked` (`evaluate.load(path, "masked")`).
Where other metrics of an `evaluate.combine` take other columns, use `add_batch`, which hands each its own.
"""

from __future__ import annotations

from typing import Any

import datasets
import evaluate
import numpy as np

from spinscope.measure.metrics import point_metrics

_DESCRIPTION = (
    "Precision, recall, F1, average precision, AUROC, Brier loss and calibration error of multi-label sentences."
)
_INPUTS = """
Args:
    probabilities: a list per sentence with a probability, 0 to 1, per technique.
    references: a list per sentence with 1 or 0 per technique.
    mask: a list per sentence with 1 (annotated) or 0 (not) per technique; all annotated if not given.
    thresholds: a cut-off for all techniques, or a list with one per technique; 0.5 if not given.

Returns:
    A dictionary of figures; None where undefined.
"""


class TechniqueMetric(evaluate.Metric):
    """All overall figures of `spinscope.measure.metrics.point_metrics` on columns `probabilities` and `references`."""

    def _info(self) -> evaluate.MetricInfo:
        if self.config_name not in ("default", "masked"):
            raise ValueError(f"configuration '{self.config_name}': expected default or masked")
        columns = {
            "probabilities": datasets.Sequence(datasets.Value("float64")),
            "references": datasets.Sequence(datasets.Value("int8")),
        }
        if self.config_name == "masked":
            columns["mask"] = datasets.Sequence(datasets.Value("int8"))
        return evaluate.MetricInfo(
            description=_DESCRIPTION, citation="", inputs_description=_INPUTS, features=datasets.Features(columns)
        )

    def _compute(
        self, probabilities: Any, references: Any, mask: Any = None, thresholds: float | list[float] = 0.5
    ) -> dict[str, float | None]:
        scores, gold = np.asarray(probabilities, dtype=np.float64), np.asarray(references)
        known = np.ones(gold.shape, dtype=bool) if mask is None else np.asarray(mask, dtype=bool)
        figures = point_metrics(gold, known, scores, scores >= np.asarray(thresholds))
        return {name: None if np.isnan(value) else value for name, value in figures.items()}
