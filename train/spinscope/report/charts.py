"""Charts of shares with their intervals, as numbers that a template draws as SVG: bars by group, lines over time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

BAR_WIDTH = 760
LABEL_WIDTH = 210
VALUE_WIDTH = 150
ROW_HEIGHT = 34
AXIS_HEIGHT = 26
_MOST_CHARACTERS = 27
_MOST_TIMES_VALUE = 2.2
"""Intervals are cut off above so many times the largest value, so that one wide interval does not flatten the rest."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A share and the ends of its interval, 0 to 1; None where there is none."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Datum:
    """What is drawn in one place: a share, the same corrected, and whether articles are few.

    Attributes:
        label: the group or period.
        share, corrected: marks; nothing is drawn of one without value.
        is_few: drawn hollow.
        colour: CSS class of a colour of its own; empty for the chart's.
        position: on a time axis; neighbours lie 1 apart.
    """

    label: str
    share: Mark
    corrected: Mark
    is_few: bool = False
    colour: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A mark in SVG units; `low` and `high` are the ends of its interval, cut to the chart."""

    at: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class BarRow:
    """One group: `y` of its middle."""

    datum: Datum
    label: str
    y: float
    share: Place | None
    corrected: Place | None


@dataclass(frozen=True, slots=True)
class BarChart:
    """Rows of marks on one scale from 0; ticks are (x, text)."""

    width: int
    height: int
    left: float
    right: float
    bottom: float
    rows: list[BarRow]
    ticks: list[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class Curve:
    """Neighbouring periods joined, as SVG lists of coordinates.

    Attributes:
        line: through the shares.
        band: around the intervals.
        faint: the parts of the band between periods of which one has few articles.
    """

    line: str
    band: list[str]
    faint: list[str]


@dataclass(frozen=True, slots=True)
class LineChart:
    """Shares over time; ticks are (x or y, text), points (x, y, datum).

    The points of corrected shares are one SVG path: what they say stands with the points of the shares.
    """

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    share: list[Curve]
    corrected: list[Curve]
    points: list[tuple[float, float, Datum]]
    corrected_points: str
    y_ticks: list[tuple[float, str]]
    x_ticks: list[tuple[float, str]] = field(default_factory=list)


def bar_chart(data: Sequence[Datum]) -> BarChart:
    """Groups below one another, each share with its interval, the corrected one under it."""
    ticks, top = _scale(data)
    left, right = float(LABEL_WIDTH), float(BAR_WIDTH - VALUE_WIDTH)

    def place(value: float) -> float:
        return round(left + min(value / top, 1) * (right - left), 1)

    rows = [
        BarRow(
            one,
            shortened(one.label),
            ROW_HEIGHT * (number + 0.5),
            _place(one.share, place),
            _place(one.corrected, place),
        )
        for number, one in enumerate(data)
    ]
    bottom = float(ROW_HEIGHT * len(rows))
    return BarChart(
        BAR_WIDTH, int(bottom + AXIS_HEIGHT), left, right, bottom, rows, [(place(value), text) for value, text in ticks]
    )


def line_chart(
    data: Sequence[Datum], *, width: int = BAR_WIDTH, height: int = 240, scale_of: Sequence[Datum] | None = None,
    span: tuple[int, int] | None = None, most_labels: int = 8,
) -> LineChart:  # fmt: skip
    """Periods beside one another; where a period has no articles the line is broken.

    Args:
        data: one for each period, by time.
        width: in SVG units.
        height: in SVG units.
        scale_of: what the vertical scale is made for, where several charts shall share one.
        span: first and last position of the horizontal axis, where several charts shall share one.
        most_labels: along the horizontal axis.
    """
    ticks, top_value = _scale(data if scale_of is None else scale_of)
    left, right, top, bottom = 44.0, width - 14.0, 10.0, height - 26.0
    first, last = span or (data[0].position, data[-1].position)

    def x(position: int) -> float:
        return round(left + (position - first + 0.5) / (last - first + 1) * (right - left), 1)

    def y(value: float) -> float:
        return round(bottom - min(value / top_value, 1) * (bottom - top), 1)

    return LineChart(
        width, height, left, right, top, bottom,
        share=list(_curves(data, lambda one: one.share, x, y)),
        corrected=list(_curves(data, lambda one: one.corrected, x, y)),
        points=[(x(one.position), y(one.share.value), one) for one in data if one.share.value is not None],
        corrected_points="".join(
            _diamond(x(one.position), y(one.corrected.value)) for one in data if one.corrected.value is not None
        ),
        y_ticks=[(y(value), text) for value, text in ticks],
        x_ticks=[(x(one.position), one.label) for one in _labelled(data, most_labels, span=last - first + 1)],
    )  # fmt: skip


def shortened(label: str) -> str:
    """A label that fits beside its row."""
    return label if len(label) <= _MOST_CHARACTERS else f"{label[: _MOST_CHARACTERS - 1].rstrip()}…"


def _place(mark: Mark, place: Callable[[float], float]) -> Place | None:
    if mark.value is None:
        return None
    known = mark.low is not None and mark.high is not None
    return Place(
        place(mark.value), place(mark.low or 0.0) if known else None, place(mark.high or 0.0) if known else None
    )


def _curves(
    data: Sequence[Datum], mark_of: Callable[[Datum], Mark], x: Callable[[int], float], y: Callable[[float], float]
) -> Iterator[Curve]:
    for run in _runs(data, mark_of):
        marks = [(x(one.position), mark_of(one), one.is_few) for one in run]
        line = _points([(place, y(mark.value or 0.0)) for place, mark, _ in marks])
        if len(run) == 1:  # a period alone: a band as wide as its point
            place, mark, is_few = marks[0]
            marks = [(place - 3, mark, is_few), (place + 3, mark, is_few)]
        band: list[str] = []
        faint: list[str] = []
        for stretch, is_few in _stretches(marks):
            upper = [(place, y(mark.high or 0.0)) for place, mark, _ in stretch]
            lower = [(place, y(mark.low or 0.0)) for place, mark, _ in reversed(stretch)]
            (faint if is_few else band).append(_points([*upper, *lower]))
        yield Curve(line, band, faint)


def _stretches(marks: Sequence[tuple[float, Mark, bool]]) -> Iterator[tuple[list[tuple[float, Mark, bool]], bool]]:
    """Neighbours with intervals on both sides, together as long as all or none of them touch few articles."""
    stretch: list[tuple[float, Mark, bool]] = []
    was_few = False
    for one, after in itertools.pairwise(marks):
        known = None not in (one[1].low, one[1].high, after[1].low, after[1].high)
        is_few = one[2] or after[2]
        if stretch and (not known or is_few != was_few):
            yield stretch, was_few
            stretch = []
        if known:
            stretch, was_few = [*(stretch or [one]), after], is_few
    if stretch:
        yield stretch, was_few


def _runs(data: Sequence[Datum], mark_of: Callable[[Datum], Mark]) -> Iterator[list[Datum]]:
    """Stretches of neighbouring periods with a share."""
    run: list[Datum] = []
    for one in data:
        if mark_of(one).value is None:
            continue
        if run and one.position != run[-1].position + 1:
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in places)


def _diamond(x: float, y: float, radius: float = 3.2) -> str:
    return f"M{x:g} {y - radius:g}l{radius:g} {radius:g}l-{radius:g} {radius:g}l-{radius:g}-{radius:g}z"


def _labelled(data: Sequence[Datum], most: int, *, span: int) -> Iterator[Datum]:
    """The periods with a label: none so near the one before that they would touch."""
    step, before = max(1, math.ceil(span / most)), -math.inf
    for one in data:
        if one.position - before >= step:
            before = one.position
            yield one


def _scale(data: Sequence[Datum]) -> tuple[list[tuple[float, str]], float]:
    """Ticks (share, percent as text) from 0, and the share at the chart's end."""
    marks = [mark for one in data for mark in (one.share, one.corrected) if mark.value is not None]
    largest = max((mark.value or 0.0 for mark in marks), default=0.0)
    reach = max((mark.high or 0.0 for mark in marks), default=0.0)
    wanted = max(largest, min(reach, _MOST_TIMES_VALUE * largest if largest else reach), 0.001)
    power = 10.0 ** math.floor(math.log10(wanted))
    step = next(power * factor for factor in (0.2, 0.5, 1, 2, 5) if wanted / (power * factor) <= 5)
    n_steps = math.ceil(wanted / step - 1e-9)
    decimals = max(0, -math.floor(math.log10(100 * step) + 1e-9))
    return [(number * step, f"{100 * number * step:.{decimals}f} %") for number in range(n_steps + 1)], n_steps * step
