"""The comparison page: one chart for each kind of figure, to scale, and verdicts that need no colour."""

from __future__ import annotations

import browsing
import made_pages
import pytest

pytestmark = pytest.mark.browser

TITLES = ("Averaged figures", "F1 per technique", "average precision per technique")


@pytest.fixture
def comparison(look, pages):
    return look(pages.comparison)


def test_charts_have_a_row_for_each_figure_and_a_name(comparison):
    pair = made_pages.made_comparison().pairs[0].comparison
    assert comparison.locator("svg.forest").count() == 3
    for title, n_rows in zip(TITLES, (4, 3, 3), strict=True):
        chart = comparison.get_by_role("img", name=title)
        assert chart.locator("g").count() == n_rows
        told = chart.locator("desc").text_content()
        assert "better" in told and "worse" in told
    points = comparison.get_by_role("img", name=TITLES[0]).locator("circle")
    places = [float(point.get_attribute("cx")) for point in points.all()]
    values = [one.difference for one in pair.overall.values() if one.verdict != "equivalent"]
    assert comparison.get_by_role("img", name=TITLES[0]).locator("rect.point").count() == 1, "equivalent is a square"
    assert comparison.get_by_role("img", name=TITLES[0]).locator("rect.margin").count() == len(pair.overall)
    zero = float(comparison.locator("line.zero").first.get_attribute("x1"))
    scale = (places[0] - zero) / values[0]
    assert [place - zero for place in places] == pytest.approx([scale * value for value in values], abs=0.5)
    assert comparison.get_by_role("img", name=TITLES[1]).locator("circle").count() == 2, (
        "what is undefined has no point"
    )


def test_verdicts_need_no_colour(comparison):
    comparison.emulate_media(media="print")
    fill = "one => getComputedStyle(one).fill"
    hollow = comparison.locator(".verdict-cannot-tell circle").first.evaluate(fill)
    assert hollow == "rgb(255, 255, 255)"
    assert comparison.locator(".verdict-better circle").first.evaluate(fill) != hollow
    verdicts = comparison.locator("tr[class^=verdict] td:last-child").evaluate_all(
        "all => all.map(one => one.firstChild.data.trim())"
    )
    assert set(verdicts) == {"better", "worse", "equivalent", "cannot tell"}
    assert "1,300" in comparison.get_by_role("region", name="all figures").inner_text(), "how many more articles"


def test_curves_and_costs_are_drawn_within_their_charts_and_told_apart_without_colour(comparison):
    charts = comparison.locator("svg.xy")
    names = [chart.get_attribute("aria-label") for chart in charts.all()]
    assert len(names) == len(set(names)) == 4 + 3 + 4
    assert sum(name.startswith("Precision and recall") for name in names) == 3
    assert sum(name.startswith("Reliability") for name in names) == 4
    outside = charts.evaluate_all(
        """all => all.flatMap(chart => { const box = chart.getBoundingClientRect();
           return [...chart.querySelectorAll('text, path, polyline, line')].filter(one => { const its = one.getBoundingClientRect();
             return its.left < box.left - 1 || its.right > box.right + 1 || its.top < box.top - 1 || its.bottom > box.bottom + 1;
           }).map(one => one.outerHTML.slice(0, 80)); })"""
    )
    assert outside == []
    lines = comparison.get_by_role("img", name="Precision and recall: us_vs_them").locator("polyline.line")
    dashes = lines.evaluate_all("all => all.map(one => getComputedStyle(one).strokeDasharray)")
    assert len(dashes) == 3 and dashes[0] != dashes[1] == dashes[2], "the seeds of one system look alike"
    shapes = (
        comparison.locator("ul.xy-key")
        .first.locator("path.shape")
        .evaluate_all("all => all.map(one => one.getAttribute('d'))")
    )
    assert len(set(shapes)) == 2
    marks = comparison.get_by_role("img", name="macro F1 and speed").locator("path.shape")
    left, right = (mark.bounding_box()["x"] for mark in marks.all())
    assert left > right, "the first one scores faster"


def test_the_gate_and_what_is_different_are_told_in_words(comparison):
    gate = comparison.get_by_role("region", name="Gate")
    assert gate.locator("tbody tr").count() == 2
    assert "worse by 0.080" in gate.locator("tr.broken").inner_text()
    assert comparison.get_by_text("1 of 2 rules broken").is_visible()
    assert comparison.get_by_text("training.epochs: 5 instead of 3").is_visible()
    head = comparison.locator("ul.court li")
    assert head.get_attribute("class") == "verdict-mixed" and "better on some, worse on others" in head.inner_text()


def test_changed_decisions_open_by_key(comparison):
    pair = made_pages.made_comparison().pairs[0]
    summary = comparison.locator("summary")
    rows = comparison.locator("details tbody tr")
    assert not rows.first.is_visible()
    summary.press("Enter")
    assert rows.first.is_visible()
    assert rows.count() == len(pair.changes)
    assert rows.first.locator("td").first.inner_text() == pair.changes[0].text
    summary.press("Space")
    assert not rows.first.is_visible()


def test_wide_tables_and_charts_scroll_by_key(look, pages):
    page = look(pages.comparison, viewport={"width": 360, "height": 740})
    region = page.get_by_role("region", name="all figures")
    region.focus()
    page.keyboard.press("ArrowRight")
    browsing.until(page, "document.activeElement.scrollLeft > 0")
