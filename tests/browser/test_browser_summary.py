"""The summary page: charts to scale and named, the voice switch, tables by key, examples that lead to their sentence."""

from __future__ import annotations

import re

import browsing
import made_pages
import pytest

from spinscope.report.anchors import sentence_anchor

pytestmark = pytest.mark.browser

VOICES = ("author", "quoted", "reported", "all")


@pytest.fixture
def summary(look, pages):
    return look(pages.summary)


def test_charts_have_a_name_a_description_and_their_bars_and_points(summary):
    charts = summary.locator("svg.chart:visible")
    # One of all techniques; for each of two techniques and `any` by source, by month, and two small ones by both.
    assert charts.count() == 1 + 3 * (1 + 1 + 2)
    overview = summary.get_by_role("img", name="All articles together: share of sentences, the author's own words")
    assert overview.locator("g.row").count() == 3
    assert overview.locator("g.row > circle.dot").count() == 3
    by_source = summary.get_by_role("img", name="Loaded language, By source")
    assert by_source.locator("g.row > circle.dot").count() == 2
    months = summary.get_by_role("img", name=re.compile("Loaded language, Over time, by month"))
    assert months.locator("circle.dot").count() == 6
    assert (
        "2024-05" in months.locator("desc").text_content() or "2024-05" in months.locator("title").first.text_content()
    )


def test_points_stand_where_their_figures_say(summary):
    found = summary.evaluate(
        """() => [...document.querySelectorAll('svg.chart')].filter(one => one.checkVisibility() && one.querySelector('g.row')).map(chart => ({
             ticks: [...chart.querySelectorAll('text.tick')].map(one => [Number(one.getAttribute('x')), parseFloat(one.textContent)]),
             rows: [...chart.querySelectorAll('g.row')].map(row => [Number(row.querySelector('circle').getAttribute('cx')), parseFloat(row.querySelector('.value').textContent)]) }))"""
    )
    assert len(found) == 4
    for chart in found:
        (zero, _), (last, percent) = chart["ticks"][0], chart["ticks"][-1]
        for x, value in chart["rows"]:
            assert x == pytest.approx(zero + (last - zero) * value / percent, abs=1)


def test_arrows_switch_the_voice_of_every_chart_table_and_example(summary):
    summary.locator("#voice-author").focus()
    for number, voice in enumerate(VOICES):
        if number:
            summary.keyboard.press("ArrowDown")
        assert summary.locator(f"#voice-{voice}").is_checked()
        assert summary.locator(f".v-{voice}:visible").count() > 0
        for other in set(VOICES) - {voice}:
            assert summary.locator(f".v-{other}:not(.v-{voice}):visible").count() == 0
        examples = summary.evaluate(
            "[...document.querySelectorAll('.ex')].filter(one => one.checkVisibility()).map(one => one.className)"
        )
        assert examples and all(f"ex-{voice}" in classes.split() for classes in examples)
        assert summary.locator("svg.chart:visible").count() > 0


def test_corrected_shares_can_be_left_out(summary):
    assert summary.locator(".chart .corrected .dot:visible").count() > 0
    summary.get_by_role("checkbox", name="corrected shares").press("Space")
    assert summary.locator(".chart .corrected .dot:visible").count() == 0
    assert summary.locator(".chart .row > .dot:visible").count() > 0


def test_what_a_point_tells_on_hover_stands_in_a_table_that_opens_by_key(summary):
    """The figures of every chart's tips can be had without a pointer."""
    section = summary.locator("#overview .v-author")
    section.locator("summary").press("Enter")
    table = section.locator("table")
    assert table.is_visible()
    for tip in section.locator("g.row > title").all_text_contents():
        label, share = re.match(r"(.+?): (?:([\d.]+) %|-)", tip).groups()
        row = table.locator("tbody tr", has_text=label)
        assert row.count() == 1
        assert share in row.inner_text()


def test_the_contents_lead_to_their_part(summary):
    summary.locator(".toc a").nth(2).press("Enter")
    browsing.until(summary, "Math.abs(document.getElementById('technique-1').getBoundingClientRect().top) < 40")


def test_examples_lead_to_their_sentence_in_the_article_report(summary, pages):
    sentence = pages.shown[0].sentences[1]
    link = summary.locator(f'.ex:visible a[href$="#{sentence_anchor(sentence.article, sentence.index)}"]').first
    assert f"{sentence.start}–{sentence.end}" in link.inner_text()
    assert link.evaluate("one => one.closest('.ex').querySelector('mark').textContent") == sentence.text
    link.press("Enter")
    summary.wait_for_url("**/articles.html*")
    assert summary.locator(".s.active").get_attribute("data-start") == str(sentence.start)


def test_on_paper_stands_the_chosen_voice(look, pages):
    page = look(pages.summary)
    page.locator("#voice-quoted").check()
    page.emulate_media(media="print")
    told = page.locator(".switch").first.inner_text()
    assert "quoted" in told and "reported" not in told
    assert page.locator("svg.chart:visible").count() > 0


def test_a_packed_page_unpacks_to_the_plain_one(look, pages, tmp_path, monkeypatch):
    """Long pages are compressed; what stands there in the end is the same to the last character."""
    monkeypatch.setattr("spinscope.report.pages.MOST_PLAIN_CHARACTERS", 0)
    path = tmp_path / "packed.html"
    path.write_text(made_pages.summary_page(pages.shown), encoding="utf-8", newline="")
    monkeypatch.undo()
    plain = tmp_path / "plain.html"
    plain.write_text(made_pages.summary_page(pages.shown), encoding="utf-8", newline="")
    shown = look(path)
    browsing.until(shown, "document.documentElement.dataset.whole === ''")
    assert shown.locator(".packed").count() == 0
    assert shown.locator("main").inner_html() == look(plain).locator("main").inner_html()
