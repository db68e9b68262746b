"""The forest plot's geometry."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from spinscope.report.forest import LABEL_WIDTH, VALUE_WIDTH, WIDTH, forest_plot


@dataclass
class Difference:
    difference: float | None
    low: float | None
    high: float | None
    verdict: str = "cannot tell"
    margin: float | None = None


def test_all_marks_lie_within_the_plot_in_the_order_of_their_values():
    plot = forest_plot([("a", Difference(0.1, -0.05, 0.31)), ("b", Difference(-0.2, -0.4, -0.1, "worse"))])
    first, second = plot.rows
    assert LABEL_WIDTH <= second.x_low < second.x < second.x_high < plot.zero < first.x < first.x_high <= WIDTH - VALUE_WIDTH
    assert first.x_low < plot.zero
    assert first.y < second.y < plot.bottom
    assert first.text == "+0.100 [-0.050, +0.310]"


def test_positions_are_linear_in_the_value():
    plot = forest_plot([("a", Difference(0.1, 0.0, 0.2))])
    row = plot.rows[0]
    assert row.x_low == plot.zero
    assert row.x - row.x_low == pytest.approx(row.x_high - row.x, abs=0.02)
    assert [label for _, label in plot.ticks] == ["0", "+0.05", "+0.10", "+0.15", "+0.20"]


def test_what_is_undefined_has_a_row_and_no_mark():
    row = forest_plot([("a", Difference(None, None, None))]).rows[0]
    assert (row.x, row.x_low, row.text) == (None, None, "undefined")


@pytest.mark.parametrize("size", [0.0, 1e-9, 0.004, 0.03, 0.3, 2.0])
def test_any_size_gives_a_few_ticks(size):
    plot = forest_plot([("a", Difference(size, -size, size))])
    assert 2 <= len(plot.ticks) <= 8
    assert len({label for _, label in plot.ticks}) == len(plot.ticks)
    assert "0" in {label for _, label in plot.ticks}


def test_the_margin_is_to_scale_and_stays_within_the_plot():
    plot = forest_plot([("a", Difference(0.1, 0.01, 0.2, margin=0.02)), ("b", Difference(0.1, 0.0, 0.15, margin=5.0))])
    low, high = plot.rows[0].margin
    assert plot.zero - low == pytest.approx(high - plot.zero, abs=0.02)
    assert (high - plot.zero) / (plot.rows[0].x - plot.zero) == pytest.approx(0.2, abs=0.01)
    assert LABEL_WIDTH <= plot.rows[1].margin[0] <= plot.rows[0].x_low and plot.rows[1].margin[1] <= WIDTH - VALUE_WIDTH
    assert forest_plot([("a", Difference(0.1, 0.0, 0.2, margin=0.0))]).rows[0].margin is None
