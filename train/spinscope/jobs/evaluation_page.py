"""The evaluation as one HTML page: figures, curves with operating points, reliability, bands, thresholds, agreement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from spinscope.jobs.decisions import ALL, Decisions
from spinscope.jobs.evaluation_output import (
    agreement_words,
    band_text,
    losses_text,
    number_text,
    signed_text,
    threshold_text,
)
from spinscope.jobs.tables import TITLES, WEAK_CALIBRATION_HEAD, estimate_text, weak_calibration_rows
from spinscope.measure.curves import precision_recall_curve
from spinscope.measure.resampling import Estimate
from spinscope.report.curves import Mark, Series, XYChart, xy_chart
from spinscope.report.pages import render
from spinscope.taxonomy import Inventory

if TYPE_CHECKING:
    from spinscope.jobs.evaluation_result import Evaluation

BEFORE, AFTER = 1, 0
"""Looks of the two versions of probabilities."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: `head` of its columns, the first of them that of the row names; rows of texts."""

    title: str
    head: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class TechniquePanel:
    """One technique's charts."""

    name: str
    title: str
    n_positives: int
    curve: XYChart
    reliability: XYChart
    risk: XYChart


def render_evaluation(result: Evaluation, inventory: Inventory) -> str:
    """The evaluation as one self-contained HTML page."""
    titles = {technique.id: technique.title for technique in inventory.techniques}
    panels = [_panel(result, name, titles[name], column) for column, name in enumerate(inventory.ids)]
    decisions = result.decisions
    return render(
        "evaluation.html", result=result, panels=[panel for panel in panels if panel.n_positives],
        without_positives=[panel.title for panel in panels if not panel.n_positives],
        pooled=(_reliability(decisions, ALL), _risk(decisions, ALL)),
        figures=_figures(result), techniques=_techniques(result, titles), thresholds=_thresholds(decisions, titles),
        wishes=_wishes(decisions, titles), bands=_bands(decisions, titles), calibration=_calibration(result, titles),
        agreement=_agreement(result, titles), words=list(agreement_words(result.agreement)) if result.agreement else [],
        losses=losses_text(decisions.calibration), weak_calibration=_weak_calibration(result, titles),
    )  # fmt: skip


def _figures(result: Evaluation) -> Table:
    beside = dict(result.baselines)
    if result.without_training_texts:
        beside = {"without training texts": result.without_training_texts, **beside}
    rows = [
        [
            TITLES.get(name, name),
            estimate_text(one),
            *(estimate_text(other.overall[name]) for other in beside.values()),
            one.note,
        ]
        for name, one in result.metrics.overall.items()
    ]
    return Table("All figures", ["figure", result.checkpoint["name"], *beside, "note"], rows)


def _techniques(result: Evaluation, titles: Mapping[str, str]) -> Table:
    names = ("precision", "recall", "f1", "average_precision", "auroc", "brier_loss", "calibration_error")
    rows = [
        [titles[technique], f"{row['n_positives'].value:,}", *(estimate_text(row[name]) for name in names)]
        for technique, row in result.metrics.per_technique.items()
    ]
    return Table("Each technique", ["technique", "positives", *(TITLES[name] for name in names)], rows)


def _thresholds(decisions: Decisions, titles: Mapping[str, str]) -> Table:
    rows = []
    for name in (*decisions.thresholds, "micro_f1", "macro_f1"):
        threshold, effect = decisions.thresholds.get(name), decisions.effects.get(name)
        values = (effect.dev, effect.dev_cross_fitted, effect.measured) if effect else (None,) * 3
        told = _signed(effect.effect) if effect else "-"
        shown = threshold_text(threshold) if threshold else ""
        rows.append([titles.get(name, TITLES.get(name, name)), shown, *map(number_text, values), told])
    head = ["technique", "threshold", "F1 on dev, as chosen", "on dev, cross-fitted", "here", "dev minus here"]
    return Table("Thresholds and the selection effect", head, rows)


def _wishes(decisions: Decisions, titles: Mapping[str, str]) -> list[Table]:
    tables = []
    for wish in decisions.wishes:
        other = "recall" if wish.figure == "precision" else "precision"
        rows = [
            [
                titles.get(name, name), number_text(point.cutoff), str(point.n_dev_positives),
                number_text(getattr(point, f"dev_{other}")), estimate_text(getattr(point, other)),
                estimate_text(getattr(point, wish.figure)), getattr(point, other).note,
            ]
            for name, point in wish.points.items()
        ]  # fmt: skip
        head = [
            "technique",
            "cut-off",
            "dev positives",
            f"{other} on dev",
            f"{other} here",
            f"{wish.figure} here",
            "note",
        ]
        tables.append(Table(f"{other.capitalize()} at {wish.figure} {wish.at_least:g}", head, rows))
    return tables


def _bands(decisions: Decisions, titles: Mapping[str, str]) -> Table | None:
    abstention = decisions.abstention
    if abstention is None:
        return None
    shown = ("error_without", "error", "coverage", "precision", "recall")
    rows = [
        [
            titles[name], band_text(band), *(estimate_text(getattr(band, figure)) for figure in shown),
            number_text(abstention.curves[name].aurc_loss),
        ]
        for name, band in abstention.bands.items()
    ]  # fmt: skip
    together = [estimate_text(abstention.together[figure]) for figure in shown]
    rows.append([ALL, "", *together, number_text(abstention.curves[ALL].aurc_loss)])
    head = ["technique", "undecided between", "error without", "error", "decided", "precision", "recall", "AURC"]
    return Table(f"Bands outside which at most {abstention.wished_error:.0%} was wrong on dev", head, rows)


def _calibration(result: Evaluation, titles: Mapping[str, str]) -> Table:
    calibration = result.decisions.calibration
    versions = {"after": result.metrics}
    if result.uncalibrated:
        versions = {"before": result.uncalibrated, **versions}
    rows = []
    for name in (*result.metrics.per_technique, ALL):
        for when, metrics in versions.items():
            parts = calibration.parts.get(when, {}).get(name)
            source = metrics.overall if name == ALL else metrics.per_technique[name]
            told = [
                number_text(getattr(parts, part) if parts else None, 4)
                for part in ("reliability", "resolution", "uncertainty", "within")
            ]
            rows.append(
                [
                    titles.get(name, name),
                    when,
                    estimate_text(source["brier_loss"]),
                    *told,
                    estimate_text(source["calibration_error"]),
                ]
            )
    head = [
        "technique",
        "calibration",
        "Brier loss",
        "reliability",
        "resolution",
        "uncertainty",
        "within bins",
        TITLES["calibration_error"],
    ]
    return Table("Brier loss in parts, and calibration error", head, rows)


def _weak_calibration(result: Evaluation, titles: Mapping[str, str]) -> Table:
    rows = list(weak_calibration_rows(result.weak_calibration, titles))
    return Table("Whether probabilities may be taken at their word", list(WEAK_CALIBRATION_HEAD), rows)


def _agreement(result: Evaluation, titles: Mapping[str, str]) -> Table | None:
    agreement = result.agreement
    if agreement is None or agreement.overall is None:
        return None
    rows = [
        [titles.get(name, name), *map(estimate_text, (one.f1, one.annotators_f1, one.annotators_alpha, one.part))]
        for name, one in (*agreement.per_technique.items(), (ALL, agreement.overall))
    ]
    who = " and ".join(agreement.annotators)
    title = f"F1 beside that of {who} with each other, {agreement.n_sentences:,} sentences"
    return Table(title, ["technique", "F1", "annotators' F1", "annotators' alpha", "F1 as a part of theirs"], rows)


def _panel(result: Evaluation, name: str, title: str, column: int) -> TechniquePanel:
    row = result.metrics.per_technique[name]
    decisions = result.decisions
    return TechniquePanel(
        name, title, int(row["n_positives"].value or 0), _curve(result, name, column), _reliability(decisions, name),
        _risk(decisions, name),
    )  # fmt: skip


def _curve(result: Evaluation, name: str, column: int) -> XYChart:
    """Precision against recall, with the threshold in use and the operating points that dev chose."""
    known = result.scored.mask[:, column]
    truth, scores = result.scored.gold[known, column], result.scored.probabilities[known, column]
    points = [(float(x), float(y)) for x, y in zip(*precision_recall_curve(truth, scores), strict=True)]
    row, marks = result.metrics.per_technique[name], []
    marks.append(_point("threshold in use", row["recall"], row["precision"], 0, points))
    for number, wish in enumerate(result.decisions.wishes, start=1):
        point = wish.points[name]
        marks.append(_point(f"{wish.figure} {wish.at_least:g} on dev", point.recall, point.precision, number, ()))
    return xy_chart([one for one in marks if one.points or one.marks], x_title="recall", y_title="precision")


def _point(label: str, recall: Estimate, precision: Estimate, style: int, points: Any) -> Series:
    if recall.value is None or precision.value is None:
        return Series("", points, (), style)
    told = f"{label}: recall {estimate_text(recall)}, precision {estimate_text(precision)}"
    mark = Mark(recall.value, precision.value, told, precision.low, precision.high)
    return Series(label, points, (mark,), style)


def _reliability(decisions: Decisions, name: str) -> XYChart:
    """Shares of positives against probabilities, before and after calibration; the diagonal is what is promised."""
    series = []
    for when, style in (("before", BEFORE), ("after", AFTER)):
        bins = decisions.calibration.bins.get(when, {}).get(name, [])
        places = [(one.mean_probability, one.positive_fraction) for one in bins]
        marks = [
            Mark(x, share.value, f"{when} calibration, probability {x:.3f}: share {estimate_text(share)}", share.low, share.high)
            for x, share in places if share.value is not None
        ]  # fmt: skip
        if marks:
            series.append(Series(f"{when} calibration", [(mark.x, mark.y) for mark in marks], marks, style))
    return xy_chart(series, x_title="mean probability", y_title="share of positives", guide=[(0, 0), (1, 1)])


def _risk(decisions: Decisions, name: str) -> XYChart:
    """Error of what is decided against its share, with the band that dev chose."""
    abstention = decisions.abstention
    if abstention is None:
        return xy_chart([], x_title="share decided", y_title="error of the decided", y_range=(0, 0.5))
    curve = abstention.curves[name].thinned()
    top = max([0.02, *(error for coverage, error in curve if coverage > 0.05)])
    figures = (
        abstention.together
        if name == ALL
        else {field: getattr(abstention.bands[name], field) for field in ("coverage", "error")}
    )
    coverage, error = figures["coverage"], figures["error"]
    marks = []
    if coverage.value is not None and error.value is not None:
        told = f"outside the band: {estimate_text(coverage)} decided, error {estimate_text(error)}"
        marks = [Mark(coverage.value, error.value, told, error.low, error.high)]
        top = max(top, *(end for end in (error.value, error.high) if end is not None))
    wished = abstention.wished_error
    return xy_chart(
        [Series("outside the band", curve, marks)], x_title="share decided", y_title="error of the decided",
        y_range=(0.0, float(np.ceil(max(top, wished) * 1.1 * 50) / 50)), guide=[(0, wished), (1, wished)],
    )  # fmt: skip


def _signed(estimate: Estimate) -> str:
    return signed_text(estimate.value, estimate.low, estimate.high)
