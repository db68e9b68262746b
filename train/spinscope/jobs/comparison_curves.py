"""What the charts of a comparison show of one system: precision and recall, reliability, quality against cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from spinscope.jobs.comparison_result import ComparisonResult, Curves, Pair
from spinscope.jobs.tables import TITLES
from spinscope.measure.calibration import reliability_table
from spinscope.measure.curves import precision_recall_curve
from spinscope.measure.statistics import Difference
from spinscope.report.curves import Mark, Series, XYChart, legend, xy_chart

N_BINS = 15
QUALITY = ("macro_average_precision", "macro_f1")
COSTS = (
    ("sentences_per_second", "speed", "sentences scored a second", False), ("weights_bytes", "size", "weights, MB", True),
    ("training_seconds", "training cost", "training, s", True),
    ("calibration_error", "calibration", "calibration error", True),
)  # fmt: skip
"""Fact, what it stands for, its name on the axis, and whether less is better."""


def curves_of(
    gold: np.ndarray, mask: np.ndarray, probabilities: np.ndarray, decisions: np.ndarray, techniques: Sequence[str]
) -> Curves:
    """The curves of one system.

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        probabilities: (s, n, k), 0 to 1, of each seed.
        decisions: (s, n, k) bool, of each seed.
        techniques: k names.
    """
    curves, operating, reliability = {}, {}, {"": _reliability(gold, mask, probabilities)}
    for column, technique in enumerate(techniques):
        known = mask[:, column]
        truth = gold[known, column]
        curves[technique] = [
            [(float(r), float(p)) for r, p in zip(*precision_recall_curve(truth, its[known, column]), strict=True)]
            for its in probabilities
        ]
        operating[technique] = [
            (float((its & (truth == 1)).sum() / truth.sum()), float(truth[its].mean()))
            for its in (seed[known, column] for seed in decisions)
            if its.any() and truth.any()
        ]
        place = slice(column, column + 1)
        reliability[technique] = _reliability(gold[:, place], mask[:, place], probabilities[:, :, place])
    return Curves(curves, operating, reliability)


def precision_recall_charts(result: ComparisonResult) -> list[tuple[str, XYChart]]:
    """One chart for each technique, every system in a look of its own; marks stand at the thresholds."""
    charts = []
    for technique in result.techniques:
        series = []
        for style, (name, its) in enumerate(result.curves.items()):
            marks = [
                Mark(recall, precision, f"{name}: at its threshold recall {recall:.3f}, precision {precision:.3f}")
                for recall, precision in its.operating[technique]
            ]
            series += [Series(name, line, style=style) for line in its.precision_recall[technique]]
            series.append(Series(name, (), marks, style))
        charts.append((technique, xy_chart(series, x_title="recall", y_title="precision")))
    return charts


def reliability_charts(result: ComparisonResult) -> list[tuple[str, XYChart]]:
    """All techniques together, then each: the share of positives against the probability said."""
    charts = []
    for technique in ("", *result.techniques):
        series = []
        for style, (name, its) in enumerate(result.curves.items()):
            rows = its.reliability[technique]
            points = [(row["mean_probability"], row["positive_fraction"]) for row in rows]
            marks = [
                Mark(x, y, f"{name}: said {x:.2f}, found {y:.2f} ({row['n_positives']:,} of {row['n']:,})")
                for (x, y), row in zip(points, rows, strict=True)
            ]
            series.append(Series(name, points, marks, style))
        chart = xy_chart(series, x_title="probability said", y_title="share found", guide=[(0, 0), (1, 1)])
        charts.append((technique or "all techniques", chart))
    return charts


def pareto_charts(result: ComparisonResult) -> list[tuple[str, XYChart, str]]:
    """Quality against each cost, for the first figure that all systems have: title, chart, and who is best in words.

    The dotted line joins the systems that no other beats in both.
    """
    figure = next(
        (name for name in QUALITY if all(_quality(result, system, name) for system in result.checkpoints)), None
    )
    charts = []
    for fact, what, title, less_is_better in COSTS if figure else ():
        places = {}
        for name, facts in result.checkpoints.items():
            cost, quality = facts.get(fact), _quality(result, name, figure or "")
            if cost and quality:
                places[name] = (cost / 1e6 if fact == "weights_bytes" else cost, *quality)
        if len(places) < 2:
            continue
        best = _unbeaten({name: (-x if less_is_better else x, y) for name, (x, y, _) in places.items()})
        line = sorted((places[name][0], places[name][1]) for name in best)
        series = [
            Series(
                name, (), [Mark(*places[name][:2], f"{name}: {TITLES[figure or '']} {places[name][1]:.3f}, {title} {places[name][0]:,.4g}", *(places[name][2] or (None, None)))],
                style,
            )
            for style, name in enumerate(result.checkpoints) if name in places
        ]  # fmt: skip
        chart = xy_chart(
            series, x_title=title, y_title=TITLES[figure or ""], x_range=None, y_range=None,
            is_log_x=fact != "calibration_error", guide=line if len(line) > 1 else (),
        )  # fmt: skip
        charts.append((f"{TITLES[figure or '']} and {what}", chart, f"unbeaten: {', '.join(best)}"))
    return charts


def look_legend(result: ComparisonResult) -> list[tuple[int, str, str]]:
    """The look of each system in every chart."""
    return legend([Series(name, style=style) for style, name in enumerate(result.checkpoints)])


def _reliability(gold: np.ndarray, mask: np.ndarray, probabilities: np.ndarray) -> list[dict[str, Any]]:
    s = len(probabilities)
    return reliability_table(
        np.concatenate([gold] * s), np.concatenate([mask] * s), np.concatenate(list(probabilities)), n_bins=N_BINS
    )


def _quality(result: ComparisonResult, name: str, figure: str) -> tuple[float, tuple[float, float] | None] | None:
    pairs: list[Pair] = result.pairs
    if name == pairs[0].first:
        one: Difference | None = pairs[0].comparison.overall.get(figure)
        return (one.value_a, one.interval_a) if one and one.value_a is not None else None
    one = next((pair.comparison.overall.get(figure) for pair in pairs if pair.second == name), None)
    return (one.value_b, one.interval_b) if one and one.value_b is not None else None


def _unbeaten(places: dict[str, tuple[float, float]]) -> list[str]:
    """The names whose place no other reaches in both coordinates and surpasses in one."""
    return [
        name
        for name, here in places.items()
        if not any(all(b >= a for a, b in zip(here, there, strict=True)) and there != here for there in places.values())
    ]
