"""The geometry of charts of one quantity against another."""

from __future__ import annotations

import re

import pytest
from jinja2 import Environment, FileSystemLoader

from spinscope.report.curves import BOTTOM, HEIGHT, LEFT, N_STYLES, RIGHT, TOP, WIDTH, Mark, Series, legend, xy_chart
from spinscope.report.pages import TEMPLATES

AXES = {"x_title": "recall", "y_title": "precision"}


def drawn(line: str) -> list[tuple[float, float]]:
    return [tuple(map(float, point.split(","))) for point in line.split()]


def test_the_corners_of_the_unit_square_lie_in_the_corners():
    chart = xy_chart([Series("a", [(0, 0), (1, 1)], [Mark(0.5, 0.25, "half")])], guide=[(0, 0), (1, 1)], **AXES)
    assert drawn(chart.series[0].line) == [(LEFT, HEIGHT - BOTTOM), (WIDTH - RIGHT, TOP)]
    assert chart.guide == chart.series[0].line
    mark = chart.series[0].marks[0]
    assert (mark.x, mark.y) == (
        (LEFT + WIDTH - RIGHT) / 2,
        pytest.approx(HEIGHT - BOTTOM - 0.25 * (HEIGHT - BOTTOM - TOP), abs=0.05),
    )
    assert [label for _, label in chart.x_ticks] == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
    assert chart.described == "half"


@pytest.mark.parametrize("values", [[0.91, 0.77], [0.5], [0.0, 0.0], [12_000, 3], [1e-4, 2e-4], [-0.3, 0.2]])
def test_a_scale_of_its_own_holds_all_points_and_intervals(values):
    marks = [
        Mark(1 + n, value, "", value - 0.01 * abs(value), value + 0.01 * abs(value)) for n, value in enumerate(values)
    ]
    chart = xy_chart([Series("a", marks=marks)], x_range=None, y_range=None, **AXES)
    for mark in chart.series[0].marks:
        assert LEFT <= mark.x <= WIDTH - RIGHT
        assert TOP <= mark.high <= mark.y <= mark.low <= HEIGHT - BOTTOM
    for ticks in (chart.x_ticks, chart.y_ticks):
        assert 2 <= len(ticks) <= 8 and len({label for _, label in ticks}) == len(ticks)


@pytest.mark.parametrize("values", [[3.0], [480.0, 12_000.0], [0.5, 90.0], [1.0, 1e7], [201.8, 201.8]])
def test_a_logarithmic_scale_has_equal_ratios_at_equal_distances(values):
    top = max(values)
    chart = xy_chart(
        [Series("a", marks=[Mark(v, 0.5, "") for v in (*values, top / 2, top / 4)])], is_log_x=True, **AXES
    )
    *_, whole, half, quarter = (mark.x for mark in chart.series[0].marks)
    assert whole - half == pytest.approx(half - quarter, abs=0.2)
    assert all(LEFT <= mark.x <= WIDTH - RIGHT for mark in chart.series[0].marks)
    assert 2 <= len(chart.x_ticks) <= 8
    assert all(LEFT - 0.1 <= x <= WIDTH - RIGHT + 0.1 for x, _ in chart.x_ticks)


def test_looks_differ_in_shape_and_seeds_share_one():
    series = [Series(name, [(0, 0)], style=number) for number, name in enumerate("abcdef")]
    entries = legend(
        [*series, Series("a", [(0, 1)], style=0), Series("", [(0, 1)], style=0), Series("g", style=N_STYLES)]
    )
    assert [label for _, _, label in entries] == list("abcdefg")
    assert len({path for _, path, _ in entries[:N_STYLES]}) == N_STYLES
    assert entries[-1][0] == 0


def test_the_template_draws_what_the_chart_says_and_escapes_it():
    module = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True).get_template("curves.html").module
    one = Series("a <b>", [(0, 1), (1, 0.2)], [Mark(0.4, 0.6, "<i>at 0.5</i>", 0.5, 0.7, "here")], style=1)
    chart = xy_chart([one], guide=[(0, 0), (1, 1)], **AXES)
    svg, key, style = str(module.chart(chart, "PR <x>")), str(module.key(chart.legend)), str(module.style())
    assert 'aria-label="PR &lt;x&gt;"' in svg and "&lt;i&gt;at 0.5" in svg and "<i>" not in svg
    assert svg.count("<polyline") == 2 and svg.count('class="reach"') == 1 and svg.count('class="shape"') == 1
    assert "a &lt;b&gt;" in key and 'class="look-1"' in key
    assert not re.search(r"style=|href=|src=|http", svg + key)
    for look in range(N_STYLES):
        assert f".look-{look} " in style and style.count(f"--s{look}: ") == 3
