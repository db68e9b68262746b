"""The evaluation page: charts to scale with their points, all tables, dark, narrow and on paper."""

from __future__ import annotations

import browsing
import made_evaluation
import pytest

from spinscope.report.curves import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory):
    return made_evaluation.made_evaluation(tmp_path_factory.mktemp("evaluation"))


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return made_evaluation.write_page(tmp_path_factory.mktemp("page"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read_and_everything_has_a_name(look, file, scheme):
    page = look(file, color_scheme=scheme)
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"
    assert dark == (scheme == "dark")
    assert page.evaluate(browsing.CONTRASTS) == []
    assert page.evaluate(browsing.UNNAMED) == []


def test_every_technique_has_its_three_charts_and_the_pool_two(look, file, evaluation):
    page = look(file)
    charts = page.get_by_role("img")
    assert charts.count() == 3 * 3 + 2
    for technique in made_evaluation.CORE.techniques:
        told = page.get_by_role("img", name=f"Precision and recall, {technique.title}").locator("desc").text_content()
        assert "threshold in use: recall" in told
        assert "precision 0.8 on dev: recall" in told
        assert "recall 0.8 on dev: recall" in told
        told = page.get_by_role("img", name=f"Reliability, {technique.title}").locator("desc").text_content()
        assert told.count("before calibration") == told.count("after calibration") == 10


def test_points_lie_where_the_figures_are(look, file, evaluation):
    page = look(file)
    title = made_evaluation.CORE.techniques[0].title
    path = page.get_by_role("img", name=f"Precision and recall, {title}").locator("g.look-0 path.shape").first
    box = path.evaluate("one => { const b = one.getBBox(); return [b.x + b.width / 2, b.y + b.height / 2]; }")
    row = evaluation.metrics.per_technique[made_evaluation.CORE.ids[0]]
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    assert box[0] == pytest.approx(LEFT + row["recall"].value * width, abs=0.6)
    assert box[1] == pytest.approx(HEIGHT - BOTTOM - row["precision"].value * height, abs=0.6)


def test_all_sections_stand_there_and_text_stays_text(look, file):
    page = look(file)
    heads = page.locator("h2").all_inner_texts()
    assert heads == [
        "Figures", "Agreement of annotators", "Thresholds and the selection effect", "Operating points", "Calibration",
        "Abstention", "Charts by technique",
    ]  # fmt: skip
    assert page.title() == "Evaluation: core-small"
    assert "<b>few</b>" in page.locator(".warning").first.inner_text()
    for link in page.locator("nav a").all():
        assert page.locator(link.get_attribute("href")).count() == 1


@pytest.mark.parametrize("width", [360, 320])
def test_a_narrow_screen_scrolls_down_only(look, file, width):
    page = look(file, viewport={"width": width, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    region = page.get_by_role("region", name="All figures")
    region.focus()
    page.keyboard.press("ArrowRight")
    browsing.until(page, "document.activeElement.scrollLeft > 0")


def test_paper_is_white_without_navigation(look, file):
    page = look(file, color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("nav").is_visible()
    assert page.locator("svg.xy").first.is_visible()
