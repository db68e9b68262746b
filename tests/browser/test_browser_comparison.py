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
    charts = comparison.get_by_role("img")
    assert charts.count() == 3
    for title in TITLES:
        chart = comparison.get_by_role("img", name=title)
        assert chart.locator("g").count() == 3
        told = chart.locator("desc").text_content()
        assert "better" in told and "worse" in told
    points = comparison.get_by_role("img", name=TITLES[0]).locator("circle")
    places = [float(point.get_attribute("cx")) for point in points.all()]
    values = [one.difference for one in pair.overall.values()]
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
    verdicts = comparison.locator("tr[class^=verdict] td:last-child").all_inner_texts()
    assert {"better", "worse", "cannot tell"} == set(verdicts)


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
