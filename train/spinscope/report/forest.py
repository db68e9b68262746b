"""A forest plot: differences with their intervals on one scale, as numbers that a template draws as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

WIDTH = 760
LABEL_WIDTH = 250
VALUE_WIDTH = 190
ROW_HEIGHT = 24
AXIS_HEIGHT = 30
MOST_TICKS = 7


class HasInterval(Protocol):
    """What a row is drawn from: a difference, the ends of its interval, a verdict, and the smallest difference of interest; None where there is none."""

    @property
    def difference(self) -> float | None: ...  # noqa: D102 - as the class says
    @property
    def low(self) -> float | None: ...  # noqa: D102
    @property
    def high(self) -> float | None: ...  # noqa: D102
    @property
    def verdict(self) -> str: ...  # noqa: D102
    @property
    def margin(self) -> float | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the plot: `y` of its middle, `x` of the point, of the interval's ends and of the margin's (None:
    nothing to draw).
    """

    label: str
    text: str
    verdict: str
    y: float
    x: float | None
    x_low: float | None
    x_high: float | None
    margin: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class ForestPlot:
    """A plot in SVG units. `ticks` are (x, label); `zero` is the x of no difference."""

    width: int
    height: int
    rows: list[Row]
    ticks: list[tuple[float, str]]
    zero: float
    top: float
    bottom: float


def forest_plot(differences: Sequence[tuple[str, HasInterval]]) -> ForestPlot:
    """Places labelled differences on a scale that holds all intervals and zero.

    Args:
        differences: (label, difference) in the order of drawing.
    """
    known = [value for _, one in differences for value in (one.difference, one.low, one.high) if value is not None]
    reach = max(map(abs, known), default=0.0)
    known += [
        sign * min(one.margin, reach)
        for _, one in differences
        if one.margin and one.difference is not None
        for sign in (-1, 1)
    ]
    step = _tick_step(min([0.0, *known]), max([0.0, *known]))
    first, last = math.floor(min([0.0, *known]) / step), math.ceil(max([0.0, *known]) / step)
    if first == last:
        first, last = -1, 1
    left, right = LABEL_WIDTH, WIDTH - VALUE_WIDTH

    def margin_of(one: HasInterval) -> tuple[float, float] | None:
        if not one.margin or one.difference is None:
            return None
        ends = (max(-one.margin, first * step), min(one.margin, last * step))
        return place(ends[0]) or 0.0, place(ends[1]) or 0.0

    def place(value: float | None) -> float | None:
        if value is None:
            return None
        return round(left + (value / step - first) / (last - first) * (right - left), 2)

    rows = [
        Row(
            label, _text(one), one.verdict, y=ROW_HEIGHT * (number + 0.5), x=place(one.difference),
            x_low=place(one.low), x_high=place(one.high), margin=margin_of(one),
        )
        for number, (label, one) in enumerate(differences)
    ]  # fmt: skip
    bottom = ROW_HEIGHT * len(rows)
    ticks = [(place(tick * step) or 0.0, _tick_label(tick * step, step)) for tick in range(first, last + 1)]
    return ForestPlot(WIDTH, bottom + AXIS_HEIGHT, rows, ticks, zero=place(0.0) or 0.0, top=0.0, bottom=bottom)


def _tick_step(low: float, high: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that needs no more than `MOST_TICKS` ticks."""
    span = max(high - low, 1e-3)
    power = 10.0 ** math.floor(math.log10(span / MOST_TICKS))
    return next(power * factor for factor in (1, 2, 5, 10, 20) if span / (power * factor) <= MOST_TICKS - 2)


def _tick_label(value: float, step: float) -> str:
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{value:+.{decimals}f}" if abs(value) > step / 2 else "0"


def _text(one: HasInterval) -> str:
    if one.difference is None:
        return "undefined"
    interval = f" [{one.low:+.3f}, {one.high:+.3f}]" if one.low is not None and one.high is not None else ""
    return f"{one.difference:+.3f}{interval}"
