"""The article report: marks to the letter, filters, probabilities by pointer, key and finger, paper, size."""

from __future__ import annotations

import browsing
import made_pages
import pytest

from spinscope.data.voice import main_voice
from spinscope.files import write_text
from spinscope.records import Article
from spinscope.report.anchors import article_anchor, sentence_anchor

pytestmark = pytest.mark.browser


@pytest.fixture
def report(look, pages):
    return look(pages.articles)


@pytest.fixture(scope="session")
def sentences(pages):
    """All scored sentences in the page's order."""
    return [sentence for one in pages.shown for sentence in one.sentences]


@pytest.fixture(scope="session")
def marked(sentences):
    return [sentence for sentence in sentences if sentence.techniques]


def shown(page) -> list[str]:
    return page.evaluate("[...document.querySelectorAll('.s.shown')].map(one => one.id)")


def ids(sentences) -> list[str]:
    return [sentence_anchor(one.article, one.index) for one in sentences]


def inspected(page) -> tuple[str, list[str]]:
    return page.locator("#where").inner_text().lower(), page.locator("#scores .value").all_inner_texts()


def expected(sentence) -> tuple[str, list[str]]:
    return f"sentence {sentence.index + 1}", [f"{value:.2f}" for value in sentence.probabilities.values()]


def active(page) -> str:
    return page.evaluate("document.querySelector('.s.active')?.id || ''")


def test_marks_hold_exactly_the_characters_of_the_source(report, pages):
    found = report.evaluate(browsing.SENTENCES)
    text = {article_anchor(one.article.id): one.article.text for one in pages.shown}
    known = {(article_anchor(s.article), s.start): s for one in pages.shown for s in one.sentences}
    assert len(found) == len(known)
    for one in found:
        sentence = known[one["article"], one["start"]]
        assert one["text"] == text[one["article"]][one["start"] : one["end"]] == sentence.text
        assert [mark[1] for mark in one["marked"]] == [sentence.text] * len(sentence.techniques)
        titles = list(sentence.probabilities)
        assert {titles[mark[0]] for mark in one["marked"]} == set(sentence.techniques)


def test_odd_characters_reach_the_page_unchanged(look, tmp_path):
    text = "One\rtwo.\x00 Three \u200bfour\u00ad\u2028five \ufeffsix\u0085seven.\r\nEight\u202e nine\u202c. \U0001f468\u200d\U0001f469 ten\x0b."
    reported = made_pages.scored_article(Article("odd", text))
    file = tmp_path / "odd.html"
    write_text(file, made_pages.articles_page([reported]))
    for one in look(file).evaluate(browsing.SENTENCES):
        assert one["text"] == text[one["start"] : one["end"]].replace("\0", "\ufffd")


def test_what_is_copied_is_the_text_without_codes(report):
    report.evaluate("getSelection().selectAllChildren(document.querySelector('article .text p'))")
    copied = report.evaluate("getSelection().toString()")
    assert "They have never cared for us, and they never will." in copied
    assert "Loaded language" not in copied and " LL" not in copied


def test_a_technique_is_hidden_and_shown_by_its_box(report, marked):
    first, others = "loaded_language", {"us_vs_them", "appeal_to_threat"}
    assert shown(report) == ids(marked)
    report.get_by_role("checkbox", name="Loaded language").focus()
    report.keyboard.press("Space")
    assert shown(report) == ids(s for s in marked if others & set(s.techniques))
    assert report.locator("article .chip.t0:visible").count() == 0
    assert report.locator("article .u.t0:not(.off)").count() == 0
    assert report.evaluate(
        "[...document.querySelectorAll('.u.t0')].every(one => getComputedStyle(one).borderBottomColor === 'rgba(0, 0, 0, 0)')"
    )
    assert report.locator("article .s .chip.t1:visible").count() == sum("us_vs_them" in s.techniques for s in marked)
    report.keyboard.press("Space")
    assert shown(report) == ids(marked)
    assert report.locator("article .s .chip.t0:visible").count() == sum(first in s.techniques for s in marked)


def test_none_all_and_the_count_beside_them(report, marked):
    report.get_by_role("button", name="No technique").press("Enter")
    assert shown(report) == []
    assert report.locator("#status").inner_text() == f"0 of {len(marked)} marked sentences shown"
    assert report.locator("article .s [role=mark], article .s[role=mark]").count() == 0
    report.get_by_role("button", name="All techniques").press("Enter")
    assert shown(report) == ids(marked)
    assert report.locator("#status").inner_text() == f"{len(marked)} of {len(marked)} marked sentences shown"


@pytest.mark.parametrize("voice", ["author", "quoted", "reported"])
def test_a_voice_is_hidden_by_its_box(report, marked, voice):
    voices = [main_voice(len(s.text), s.voices) for s in marked]
    assert voice in voices
    report.locator(f"#voices [data-voice={voice}]").press("Space")
    assert shown(report) == ids(s for s, its in zip(marked, voices, strict=True) if its != voice)


def test_the_least_probability_hides_what_is_below(report, marked):
    slider = report.get_by_role("slider", name="Least probability")
    slider.focus()
    report.keyboard.press("End")
    assert report.locator("#least-value").inner_text() == "0.99"
    assert shown(report) == []
    slider.fill("0.8")
    assert shown(report) == ids(s for s in marked if max(s.probabilities[t] for t in s.techniques) >= 0.8)
    report.keyboard.press("Home")
    assert shown(report) == ids(marked)


def test_the_rest_can_be_dimmed_and_still_be_read(report, sentences, marked):
    report.get_by_role("checkbox", name="dim the rest").press("Space")
    dimmed = report.evaluate(
        "[...document.querySelectorAll('article .s')].filter(one => getComputedStyle(one).opacity < 1).length"
    )
    assert dimmed == len(sentences) - len(marked)
    assert report.evaluate(browsing.CONTRASTS) == []


def test_tab_walks_through_marked_sentences_and_tells_their_probabilities(report, marked):
    report.keyboard.press("Tab")
    assert report.evaluate("document.activeElement.textContent") == "Skip to the articles"
    report.keyboard.press("Enter")
    for sentence in marked[:4]:
        report.keyboard.press("Tab")
        assert report.evaluate(browsing.TAB_STOP)["isSentence"]
        assert active(report) == ids([sentence])[0]
        assert inspected(report) == expected(sentence)
        assert f"{sentence.start}-{sentence.end}" in report.locator("#facts").inner_text()


def test_keys_reach_marked_sentences_and_all(report, sentences, marked):
    for sentence in marked[:3]:
        report.keyboard.press("j")
        assert active(report) == ids([sentence])[0]
    report.keyboard.press("k")
    assert active(report) == ids(marked)[1]
    report.keyboard.press("Escape")
    assert active(report) == ""
    report.keyboard.press("n")
    after = sentences[sentences.index(marked[1]) + 1]
    assert active(report) == ids([after])[0]
    assert inspected(report) == expected(after)
    for value in expected(after)[1]:
        assert value in report.locator("#said").inner_text()
    report.keyboard.press("p")
    assert active(report) == ids(marked)[1]
    report.keyboard.press("p")
    report.keyboard.press("K")
    report.keyboard.press("k")
    assert active(report) == ids(marked)[-1], "before the first comes the last"


def test_keys_can_be_switched_off_and_filters_hold_for_them(report, marked):
    report.get_by_role("checkbox", name="Us versus them").press("Space")
    left = [s for s in marked if set(s.techniques) - {"us_vs_them"}]
    for sentence in left[:3]:
        report.keyboard.press("j")
        assert active(report) == ids([sentence])[0]
    report.get_by_role("checkbox", name="keys").press("Space")
    report.keyboard.press("j")
    assert active(report) == ids(left)[2]


def test_the_pointer_shows_enter_holds_and_a_resting_pointer_is_silent(report, sentences, marked):
    spots = report.locator("article .s")
    spots.nth(2).hover()
    assert inspected(report) == expected(sentences[2])
    spots.nth(3).hover()
    assert inspected(report) == expected(sentences[3])
    for sentence in marked[:6]:  # the page scrolls under the pointer, which stays where it is
        report.keyboard.press("j") if sentence is not marked[0] else report.locator(f"#{ids([sentence])[0]}").focus()
        report.wait_for_timeout(30)
        assert inspected(report) == expected(sentence)
    report.keyboard.press("Enter")
    spots.nth(4).hover()
    assert active(report) == ids(marked)[5], "held"
    report.keyboard.press("Enter")
    spots.nth(5).hover()
    assert inspected(report) == expected(sentences[5])


def test_a_finger_opens_and_shuts_the_panel_on_a_narrow_screen(look, pages, sentences):
    page = look(pages.articles, viewport={"width": 360, "height": 740}, has_touch=True)
    assert not page.locator("#side").is_visible()
    page.locator("article .s").nth(2).tap()
    assert not sentences[2].techniques or not sentences[1].techniques, "some sentence without a mark is tried too"
    assert page.locator("#side").is_visible()
    assert inspected(page) == expected(sentences[2])
    page.locator("#close").tap()
    assert not page.locator("#side").is_visible()
    page.locator("article .s").nth(1).tap()
    assert inspected(page) == expected(sentences[1])


def test_a_focused_sentence_is_not_under_the_panel(look, pages):
    page = look(pages.articles, viewport={"width": 360, "height": 740})
    page.locator("article .s.hit").first.focus()
    for _ in range(6):
        page.keyboard.press("Tab")
        browsing.until(
            page,
            "document.activeElement.getBoundingClientRect().top < document.getElementById('side').getBoundingClientRect().top",
        )
    page.locator("#close").press("Enter")
    assert not page.locator("#side").is_visible()
    assert page.evaluate(browsing.TAB_STOP)["isSentence"], "who shut it by key is where he was"


def test_right_to_left_text_stands_to_the_right(report, pages):
    article = report.locator(f"#{article_anchor('rtl.txt')}")
    article.scroll_into_view_if_needed()
    words = article.locator(".text p").first
    assert words.evaluate("one => getComputedStyle(one).direction") == "rtl"
    box, first = words.bounding_box(), words.locator(".s").first.bounding_box()
    assert abs(box["x"] + box["width"] - first["x"] - first["width"]) < 2
    assert report.locator("article .text p").first.evaluate("one => getComputedStyle(one).direction") == "ltr"


def test_marks_on_paper_need_no_colour(report, marked):
    report.emulate_media(media="print")
    assert report.locator("article .s .chip:visible").count() == sum(len(s.techniques) for s in marked)
    lines = report.evaluate(
        "[...document.querySelectorAll('article .s .u')].map(one => getComputedStyle(one)).map(one => one.borderBottomStyle + one.borderBottomWidth)"
    )
    assert set(lines) == {"solid2px"}
    legend = report.locator("#techniques").inner_text()
    codes = report.evaluate(
        "[...new Set([...document.querySelectorAll('article .s .chip')].map(one => one.textContent))]"
    )
    assert all(code in legend for code in codes), "each code is explained on the paper"


def test_an_address_with_a_place_leads_to_its_sentence(look, pages, marked):
    page = look(pages.articles, f"#{ids(marked)[-1]}")
    assert active(page) == ids(marked)[-1]
    assert inspected(page) == expected(marked[-1])
    browsing.until(page, "document.querySelector('.s.active').getBoundingClientRect().top < innerHeight")


def test_thousands_of_sentences_are_filtered_and_walked(look, tmp_path):
    text = "They will come for our children and nobody cares. " * 6000
    reported = made_pages.scored_article(Article("long", text), share=0.3)
    file = tmp_path / "long.html"
    write_text(file, made_pages.articles_page([reported]))
    page = look(file)
    n_marked = sum(bool(s.techniques) for s in reported.sentences)
    assert len(shown(page)) == n_marked > 3000
    slider = page.get_by_role("slider", name="Least probability")
    slider.fill("0.9")
    assert 0 < len(shown(page)) < n_marked
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert active(page) == shown(page)[-1]
