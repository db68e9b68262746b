"""Charts of one quantity against another, as numbers that `templates/curves.html` draws as SVG.

Precision against recall, observed share against probability, quality against cost: each is `xy_chart` of a few
`Series`. A series is told apart by its dashes and the shape of its marks as well as by colour.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 360, 300
LEFT, RIGHT, TOP, BOTTOM = 52.0, 22.0, 12.0, 46.0
N_STYLES = 6
"""Looks that the template knows; further series begin anew."""

_MOST_TICKS = 6
_RADIUS = 4.2


@dataclass(frozen=True, slots=True)
class Mark:
    """A point with a name of its own, and the ends of its interval along y, None where there is none."""

    x: float
    y: float
    title: str
    low: float | None = None
    high: float | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """What is drawn in one look.

    Attributes:
        label: in the legend.
        points: joined by a line, in this order.
        marks: drawn as points.
        style: look, from 0; several series may share one (the seeds of one system).
    """

    label: str
    points: Sequence[tuple[float, float]] = ()
    marks: Sequence[Mark] = ()
    style: int = 0


@dataclass(frozen=True, slots=True)
class DrawnMark:
    """A mark in SVG units: `path` of its shape; `low` and `high` the y of its interval's ends."""

    x: float
    y: float
    path: str
    title: str
    low: float | None
    high: float | None
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class DrawnSeries:
    """A series in SVG units; `line` is a list of coordinates, empty where there is no line."""

    label: str
    style: int
    line: str
    marks: list[DrawnMark]


@dataclass(frozen=True, slots=True)
class XYChart:
    """A chart in SVG units; ticks are (x or y, text); `guide` is a dotted line, empty where there is none."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    x_title: str
    y_title: str
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    guide: str
    series: list[DrawnSeries]
    legend: list[tuple[int, str, str]]

    @property
    def described(self) -> str:
        """Every mark in words, for those who cannot see the chart."""
        return "; ".join(mark.title for one in self.series for mark in one.marks)


def xy_chart(
    series: Sequence[Series],
    *,
    x_title: str,
    y_title: str,
    x_range: tuple[float, float] | None = (0.0, 1.0),
    y_range: tuple[float, float] | None = (0.0, 1.0),
    is_log_x: bool = False,
    guide: Sequence[tuple[float, float]] = (),
    width: int = WIDTH,
    height: int = HEIGHT,
) -> XYChart:
    """Places series on two scales.

    Args:
        series: drawn in this order.
        x_title: name and unit of the horizontal axis.
        y_title: name and unit of the vertical axis.
        x_range: ends of the horizontal axis; None: round values around all points.
        y_range: ends of the vertical axis; None: likewise.
        is_log_x: a logarithmic horizontal axis; all x must lie above 0, and `x_range` is not looked at.
        guide: a dotted line, such as the diagonal of a reliability diagram.
        width: in SVG units.
        height: in SVG units.
    """
    marks = [mark for one in series for mark in one.marks]
    xs = [x for one in series for x, _ in one.points] + [mark.x for mark in marks]
    ys = [y for one in series for _, y in one.points]
    ys += [y for mark in marks for y in (mark.y, mark.low, mark.high) if y is not None]
    right, bottom = width - RIGHT, height - BOTTOM
    x_ticks, x = _log_scale(xs, LEFT, right) if is_log_x else _scale(xs, x_range, LEFT, right)
    y_ticks, y = _scale(ys, y_range, bottom, TOP)
    drawn = [
        DrawnSeries(
            one.label, one.style % N_STYLES, _line([(x(a), y(b)) for a, b in one.points]),
            [_drawn(mark, one.style % N_STYLES, x, y, (LEFT + right) / 2) for mark in one.marks],
        )
        for one in series
    ]  # fmt: skip
    return XYChart(
        width, height, LEFT, right, TOP, bottom, x_title, y_title, x_ticks, y_ticks,
        _line([(x(a), y(b)) for a, b in guide]), drawn, legend(series),
    )  # fmt: skip


def legend(series: Sequence[Series]) -> list[tuple[int, str, str]]:
    """(look, shape of its marks around the origin, label), each label once."""
    looks = {one.label: one.style % N_STYLES for one in series if one.label}
    return [(style, shape(style, 0.0, 0.0), label) for label, style in looks.items()]


def shape(style: int, x: float, y: float, radius: float = _RADIUS) -> str:
    """The SVG path of a mark: circle, square, diamond, triangle, and the latter two turned."""
    r = radius
    flat = r * 0.9
    forms = (
        f"M{x - r:g} {y:g}a{r:g} {r:g} 0 1 0 {2 * r:g} 0a{r:g} {r:g} 0 1 0 {-2 * r:g} 0z",
        f"M{x - flat:g} {y - flat:g}h{2 * flat:g}v{2 * flat:g}h{-2 * flat:g}z",
        f"M{x:g} {y - 1.25 * r:g}l{1.25 * r:g} {1.25 * r:g}l{-1.25 * r:g} {1.25 * r:g}l{-1.25 * r:g} {-1.25 * r:g}z",
        f"M{x:g} {y - 1.2 * r:g}l{1.2 * r:g} {2.1 * r:g}h{-2.4 * r:g}z",
        f"M{x:g} {y + 1.2 * r:g}l{1.2 * r:g} {-2.1 * r:g}h{-2.4 * r:g}z",
        f"M{x - r:g} {y - r / 2:g}h{2 * r:g}v{r:g}h{-2 * r:g}z",
    )
    return forms[style % N_STYLES]


def _drawn(
    mark: Mark, style: int, x: Callable[[float], float], y: Callable[[float], float], middle: float
) -> DrawnMark:
    at, up = x(mark.x), y(mark.y)
    return DrawnMark(
        at, up, shape(style, at, up), mark.title, None if mark.low is None else y(mark.low),
        None if mark.high is None else y(mark.high), mark.label, "end" if at > middle else "start",
    )  # fmt: skip


def _line(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in places)


def _scale(
    values: Sequence[float], ends: tuple[float, float] | None, begin: float, end: float
) -> tuple[list[tuple[float, str]], Callable[[float], float]]:
    """Ticks (place, text) and the way from a value to its place, rounded to a tenth."""
    low, high = ends or (min(values, default=0.0), max(values, default=1.0))
    span = high - low or max(abs(high), 1e-3)
    power = 10.0 ** math.floor(math.log10(span / _MOST_TICKS))
    step = next(
        power * factor for factor in (1, 2, 2.5, 5, 10, 20) if span / (power * factor) <= _MOST_TICKS - 1 + 1e-9
    )
    if ends is None:
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        first, last = (first - 1, last + 1) if first == last else (first, last)
        low, high = first * step, last * step
    else:
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)

    def place(value: float) -> float:
        inside = min(max(value, low), high)
        return round(begin + (inside - low) / (high - low) * (end - begin), 1)

    decimals = next((n for n in range(12) if abs(step - round(step, n)) < 1e-9 * step), 12)
    return [(place(n * step), f"{n * step:,.{decimals}f}") for n in range(first, last + 1)], place


def _log_scale(
    values: Sequence[float], begin: float, end: float
) -> tuple[list[tuple[float, str]], Callable[[float], float]]:
    """Powers of ten with 2 and 5 between them, as many as there is room for."""
    low, high = min(values, default=1.0) / 1.3, max(values, default=10.0) * 1.3
    lowest, highest = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for factors in ((1, 2, 5), (1, 3), (1,)):
        ticks = [factor * 10.0**n for n in range(lowest, highest + 1) for factor in factors]
        inside = [tick for tick in ticks if low <= tick <= high]
        if len(inside) <= _MOST_TICKS:
            break
    if len(inside) < 2:
        low, high = max(tick for tick in ticks if tick <= low), min(tick for tick in ticks if tick >= high)
        inside = [low, *inside, high]
    inside = inside[:: math.ceil(len(inside) / _MOST_TICKS)]

    def place(value: float) -> float:
        return round(begin + math.log(value / low) / math.log(high / low) * (end - begin), 1)

    return [(place(tick), f"{tick:,.0f}" if tick >= 1 else f"{tick:g}") for tick in inside], place
