"""What an evaluation found: figures of a checkpoint, of baselines beside it, and what its decisions rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from spinscope.jobs.ceilings import AgreementBeside
from spinscope.jobs.decisions import Decisions
from spinscope.jobs.labelled import Scored
from spinscope.jobs.officials import Official
from spinscope.measure.metrics import Metrics
from spinscope.measure.weak_calibration import WeakCalibration


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of a checkpoint on one part of labelled data.

    Attributes:
        checkpoint: name and identity.
        data: hash, part, counts and whether it is the checkpoint's own.
        metrics: of the checkpoint.
        baselines: of majority, random and TF-IDF on the same sentences, as far as they could be had.
        remarks: what there is to say about a baseline, such as why it is missing.
        n_training_texts: sentences whose text also stands in training.
        without_training_texts: metrics without those; None where there are none, or nothing else.
        findings: what makes the figures doubtful (exit code 1).
        scoring: seconds and sentences per second of this run.
        official: the figures by the rule of a shared task, where they were asked for.
        decisions: thresholds with intervals, selection effect, operating points, abstention, calibration.
        uncalibrated: metrics of the probabilities before calibration; None where the checkpoint carries none.
        weak_calibration: by technique, whether its probabilities may be taken at their word.
        agreement: of annotators on these labels, where something is known of it.
        scored: the sentences, with answers; for charts.
    """

    checkpoint: Mapping[str, str]
    data: Mapping[str, Any]
    metrics: Metrics
    decisions: Decisions
    scored: Scored
    baselines: Mapping[str, Metrics]
    remarks: Mapping[str, str]
    n_training_texts: int
    without_training_texts: Metrics | None
    findings: list[str] = field(default_factory=list)
    scoring: Mapping[str, float] = field(default_factory=dict)
    official: Official | None = None
    uncalibrated: Metrics | None = None
    agreement: AgreementBeside | None = None
    weak_calibration: Mapping[str, WeakCalibration] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "checkpoint": dict(self.checkpoint), "data": dict(self.data), "findings": list(self.findings),
            "scoring": dict(self.scoring), "metrics": self.metrics.to_dict(), **self._beside(), "decisions": self.decisions.to_dict(),
            **({"official": self.official.to_dict()} if self.official else {}),
        }  # fmt: skip

    def report(self) -> dict[str, Any]:
        """For a checkpoint's metrics.json: the figures, with baselines and the score without repeated texts beside."""
        return {**self.metrics.to_dict(), **self._beside()}

    def _beside(self) -> dict[str, Any]:
        without = self.without_training_texts
        return {
            "baselines": {name: metrics.to_dict() for name, metrics in self.baselines.items()},
            "baseline_remarks": dict(self.remarks),
            "n_training_texts": self.n_training_texts,
            "without_training_texts": without.to_dict() if without else None,
            "decisions": self.decisions.summary(),
            "before_calibration": self.uncalibrated.to_dict() if self.uncalibrated else None,
            "weak_calibration": {name: one.to_dict() for name, one in self.weak_calibration.items()},
            "agreement": self.agreement.to_dict() if self.agreement else None,
        }
