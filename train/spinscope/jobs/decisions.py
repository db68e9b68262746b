"""What a checkpoint's decisions rest on: its thresholds, its probabilities, and what choosing them on dev was worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from spinscope.jobs.dev_answers import DevAnswers, dev_answers, threshold_fit, uncalibrated_logits
from spinscope.jobs.labelled import Scored
from spinscope.jobs.selection import effects_on
from spinscope.measure.abstention import Band, RiskCoverage, bands, pooled_curve
from spinscope.measure.article_sums import Resampling
from spinscope.measure.calibration import calibration_losses
from spinscope.measure.operating import OperatingPoint, operating_points
from spinscope.measure.reliability import Bin, BrierParts, brier_parts, reliability_bins
from spinscope.measure.selection import CutoffCheck, Effect, check_cutoffs
from spinscope.measure.threshold_intervals import N_THRESHOLD_RESAMPLES, threshold_draws, threshold_intervals
from spinscope.measure.thresholds import fit_thresholds
from spinscope.model.prediction import Classifier, sigmoid

ALL = "all techniques"


@dataclass(frozen=True, slots=True)
class Threshold:
    """One threshold with its interval over dev articles; None where it was not measured."""

    value: float
    low: float | None
    high: float | None

    def to_dict(self) -> dict[str, float | None]:
        """For JSON."""
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True)
class Wished:
    """Operating points for one wish: each technique's, and all together under `ALL`."""

    figure: str
    at_least: float
    points: Mapping[str, OperatingPoint]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Probabilities against shares, on the sentences measured.

    Attributes:
        method: what the checkpoint carries.
        losses: method -> negative log-likelihood on dev, cross-fitted; nats per cell.
        parts: `before` and `after` calibration -> technique or `ALL` -> parts of the Brier loss.
        bins: likewise, points of the reliability diagram.
    """

    method: str
    losses: Mapping[str, float]
    parts: Mapping[str, Mapping[str, BrierParts]]
    bins: Mapping[str, Mapping[str, list[Bin]]]


@dataclass(frozen=True, slots=True)
class Abstention:
    """Bands in which nothing is decided, and the risk-coverage curves of the sentences measured."""

    wished_error: float
    bands: Mapping[str, Band]
    together: Mapping[str, Any]
    curves: Mapping[str, RiskCoverage]


@dataclass(frozen=True, slots=True)
class Decisions:
    """All of it; what needs dev is None or empty where the checkpoint keeps no dev predictions, or dev is measured."""

    thresholds: Mapping[str, Threshold]
    calibration: Calibration
    effects: Mapping[str, Effect] = field(default_factory=dict)
    wishes: Sequence[Wished] = ()
    abstention: Abstention | None = None
    checks: Sequence[CutoffCheck] = ()
    without_dev: str = ""

    def summary(self) -> dict[str, Any]:
        """`to_dict` without what only charts need: for a checkpoint's metrics.json."""
        told = self.to_dict()
        told["calibration"].pop("reliability")
        if told["abstention"]:
            told["abstention"].pop("risk_coverage")
        return told

    def findings(self) -> list[str]:
        """Thresholds that look chosen on the sentences measured."""
        return [check.told() for check in self.checks if check.is_chosen_here]

    def notes(self) -> list[str]:
        """Thresholds that are not what dev gives, for whatever reason, and what could not be measured."""
        told = [check.told() for check in self.checks if not check.is_from_dev and not check.is_chosen_here]
        return told + ([self.without_dev] if self.without_dev else [])

    def to_dict(self) -> dict[str, Any]:
        """For JSON; `risk_coverage` and `reliability` are what the charts show."""
        abstention, calibration = self.abstention, self.calibration
        return {
            "thresholds": {name: one.to_dict() for name, one in self.thresholds.items()},
            "selection": {name: one.to_dict() for name, one in self.effects.items()},
            "operating_points": [
                {"wished": wish.figure, "at_least": wish.at_least, "points": {name: point.to_dict() for name, point in wish.points.items()}}
                for wish in self.wishes
            ],
            "abstention": abstention and {
                "wished_error": abstention.wished_error,
                "bands": {name: band.to_dict() for name, band in abstention.bands.items()},
                "together": {name: one.to_dict() for name, one in abstention.together.items()},
                "aurc_loss": {name: curve.aurc_loss for name, curve in abstention.curves.items()},
                "risk_coverage": {name: curve.thinned() for name, curve in abstention.curves.items()},
            },
            "calibration": {
                "method": calibration.method, "losses_on_dev": dict(calibration.losses),
                "brier_parts": {when: {name: one.to_dict() for name, one in rows.items()} for when, rows in calibration.parts.items()},
                "reliability": {when: {name: [one.to_dict() for one in bins] for name, bins in rows.items()} for when, rows in calibration.bins.items()},
            },
            "notes": self.notes(),
        }  # fmt: skip


def decisions_of(classifier: Classifier, scored: Scored, *, split: str) -> Decisions:
    """Everything that `evaluate` says of a checkpoint's decisions.

    Args:
        classifier: an opened checkpoint; its dev predictions are what its decisions are held against.
        scored: the sentences measured, with answers.
        split: of the sentences measured; on `dev` itself nothing can be held against dev.
    """
    rules = classifier.config.evaluation
    resampling = Resampling(rules.confidence, rules.seed)
    dev = dev_answers(classifier)
    thresholds, from_dev = _thresholds(classifier, dev)
    calibration = _calibration(classifier, scored, dev, resampling)
    if dev is None or split == "dev":
        why = (
            "these are the sentences that thresholds were chosen on"
            if dev
            else "the checkpoint keeps no predictions on dev"
        )
        told = f"no selection effect, operating points or band: {why}"
        return Decisions(thresholds, calibration, without_dev=told)
    names = classifier.inventory.ids
    measured = (scored.gold, scored.mask, scored.probabilities)
    ends = [np.array([getattr(one, end) for one in from_dev]) for end in ("low", "high")]
    checks = check_cutoffs(
        measured, cutoffs=classifier.thresholds, from_dev=np.array([one.value for one in from_dev]),
        interval=(ends[0], ends[1]), techniques=names, known=dev.annotated,
    )  # fmt: skip
    here = (scored.gold, scored.mask, scored.decisions)
    return Decisions(
        thresholds, calibration, effects_on(classifier, dev, here, articles=scored.articles, techniques=names),
        _wishes(classifier, scored, dev, resampling), _abstention(classifier, scored, dev, resampling), checks,
    )  # fmt: skip


def _thresholds(classifier: Classifier, dev: DevAnswers | None) -> tuple[dict[str, Threshold], list[Threshold]]:
    """By technique the thresholds in use, and what dev gives by the same rule."""
    decision, rules = classifier.decision, classifier.config.evaluation
    names = classifier.inventory.ids
    if dev is None:
        lows = decision.threshold_lows or (None,) * len(names)
        highs = decision.threshold_highs or (None,) * len(names)
        stored = [Threshold(*ends) for ends in zip(decision.thresholds, lows, highs, strict=True)]
        return dict(zip(names, stored, strict=True)), stored
    fit = threshold_fit(classifier.config)
    values = fit_thresholds(*dev.labelled, articles=dev.articles, **asdict(fit)).values
    draws = threshold_draws(
        *dev.labelled, articles=dev.articles, fit=fit, n_resamples=min(rules.n_resamples, N_THRESHOLD_RESAMPLES)
    )
    low, high = threshold_intervals(values, draws, confidence=rules.confidence)
    refitted = [Threshold(*map(float, one)) for one in zip(values, low, high, strict=True)]
    known = dev.annotated
    in_use = {
        name: Threshold(float(classifier.thresholds[j]), refitted[j].low if known[j] else None, refitted[j].high if known[j] else None)
        for j, name in enumerate(names)
    }  # fmt: skip
    return in_use, refitted


def _wishes(classifier: Classifier, scored: Scored, dev: DevAnswers, resampling: Resampling) -> list[Wished]:
    rules, names = classifier.config.evaluation, classifier.inventory.ids
    out = []
    for wish, wished in (("precision", rules.wished_precision), ("recall", rules.wished_recall)):
        points, together = operating_points(
            dev.labelled, (scored.gold, scored.mask, scored.probabilities), articles=scored.articles,
            wish="precision" if wish == "precision" else "recall", wished=wished, rules=resampling,
        )  # fmt: skip
        out.append(Wished(wish, wished, {**dict(zip(names, points, strict=True)), ALL: together}))
    return out


def _abstention(classifier: Classifier, scored: Scored, dev: DevAnswers, resampling: Resampling) -> Abstention:
    names, wished = classifier.inventory.ids, classifier.config.evaluation.wished_error
    measured = (scored.gold, scored.mask, scored.probabilities)
    rows, together = bands(
        dev.labelled, measured, thresholds=classifier.thresholds, articles=scored.articles, wished_error=wished,
        rules=resampling,
    )  # fmt: skip
    curves = {
        name: pooled_curve(*(array[:, [j]] for array in measured), thresholds=classifier.thresholds[[j]])
        for j, name in enumerate(names)
    }
    curves[ALL] = pooled_curve(*measured, thresholds=classifier.thresholds)
    return Abstention(wished, dict(zip(names, rows, strict=True)), together, curves)


def _calibration(classifier: Classifier, scored: Scored, dev: DevAnswers | None, resampling: Resampling) -> Calibration:
    names, rules = classifier.inventory.ids, classifier.config.evaluation
    losses = {}
    if dev is not None:
        losses = calibration_losses(
            dev.gold, dev.mask, dev.logits, articles=dev.articles, n_folds=rules.cross_fit_folds, seed=rules.seed
        )
    versions = {"after": scored.probabilities}
    if classifier.decision.calibration != "none":
        versions = {"before": before_calibration(classifier, scored.probabilities), **versions}
    columns = {name: [j] for j, name in enumerate(names) if scored.mask[:, j].any()} | {ALL: list(range(len(names)))}
    parts: dict[str, dict[str, BrierParts]] = {}
    bins: dict[str, dict[str, list[Bin]]] = {}
    for when, probabilities in versions.items():
        for name, chosen in columns.items():
            arrays = (scored.gold[:, chosen], scored.mask[:, chosen], probabilities[:, chosen])
            found = brier_parts(*arrays, articles=scored.articles)
            if found:
                parts.setdefault(when, {})[name] = found
            bins.setdefault(when, {})[name] = reliability_bins(*arrays, articles=scored.articles, rules=resampling)
    return Calibration(classifier.decision.calibration, losses, parts, bins)


def before_calibration(classifier: Classifier, probabilities: np.ndarray) -> np.ndarray:
    """(n, k) probabilities as they would be without the calibration that the checkpoint carries."""
    return sigmoid(uncalibrated_logits(probabilities, classifier))
