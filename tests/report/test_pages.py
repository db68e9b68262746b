"""Pages are closed: all text escaped, nothing requested, no script but their own."""

from __future__ import annotations

import base64
import gzip
import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from spinscope.data.inputs import Skipped
from spinscope.data.sentences import article_sentences
from spinscope.data.summaries import Tally, tally
from spinscope.errors import UserError
from spinscope.records import Article, ScoredSentence
from spinscope.report import pages
from spinscope.report.anchors import article_anchor, sentence_anchor
from spinscope.report.articles import ReportedArticle, render_articles
from spinscope.taxonomy import inventory

HOSTILE = (
    "<script>alert(1)</script> & \"title\"\n\nThey said </style><img src=x onerror=alert(2)> to us. "
    "It costs {{ 7 * 7 }} {% raw %}. ' onfocus=alert(3) x='\" onclick=\"alert(4)\". <a href=javascript:alert(5)>x</a>"
)


class Elements(HTMLParser):
    """All tags with attributes, and the text outside style and script."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag if tag in ("style", "script") else self.inside

    def handle_endtag(self, tag: str) -> None:
        self.inside = None if tag == self.inside else self.inside

    def handle_data(self, data: str) -> None:
        self.text += "" if self.inside else data


def page_of(*texts: str, names: str = "core", marked: int = 2, **metadata: str) -> str:
    target = inventory(names)
    reported = []
    total = Tally(target.ids)
    for number, text in enumerate(texts):
        article = Article(f"a{number} <b>", text, text.find("\n\n") if "\n\n" in text else 0, metadata)
        scored = tuple(
            ScoredSentence(
                s.article, s.index, s.start, s.end, s.text, s.voices,
                {t: 0.9 if n < marked else 0.1 for n, t in enumerate(target.ids)}, target.ids[:marked],
            )
            for s in article_sentences(article)
        )  # fmt: skip
        counts = tally(scored, techniques=target.ids)
        total.merge(counts)
        reported.append(ReportedArticle(article, scored, counts))
    return render_articles(
        reported, inventory=target, thresholds=(0.5,) * len(target.ids), checkpoint="c <i>", identity="ab" * 32, total=total,
        n_articles=len(reported), skipped=[Skipped("<u>.txt", "empty & <gone>")],
        engine="onnx-int8; a score moves by 9e-08 at most <with others>",
    )  # fmt: skip


def parsed(page: str) -> Elements:
    elements = Elements()
    elements.feed(page)
    return elements


def assert_closed(page: str) -> Elements:
    elements = parsed(page)
    for tag, attributes in elements.tags:
        assert tag not in ("img", "iframe", "object", "embed", "link", "base", "form", "video", "audio", "source", "use")
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "style", "srcset", "xlink:href")]
        assert (attributes.get("href") or "#").startswith("#")
    assert sum(tag == "script" for tag, _ in elements.tags) <= 1
    assert sum(tag == "style" for tag, _ in elements.tags) == 1
    policy = next(a["content"] for t, a in elements.tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    assert str(policy).startswith("default-src 'none'; style-src 'sha256-")
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)
    for found in (style, script):
        assert found is not None
        assert pages.csp_hash(found.group(1)) in str(policy)
        assert not re.search(r"https?://|url\(|@import|fetch\(|XMLHttp|innerHTML|eval\(", found.group(1))
    return elements


def test_hostile_text_is_shown_and_not_run() -> None:
    elements = assert_closed(page_of(HOSTILE, "Second. " + HOSTILE, source="<script>alert(6)</script>"))
    for piece in ("<script>alert(1)</script>", "</style><img src=x onerror=alert(2)>", "{{ 7 * 7 }}", "<script>alert(6)</script>", "<u>.txt", "c <i>"):
        assert piece in elements.text


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=80))
def test_any_text_is_shown_whole(text: str) -> None:
    page = page_of(text)
    elements = assert_closed(page)
    shown = re.sub(r"\s+", "", elements.text)
    for sentence in article_sentences(Article("a", text)):
        assert re.sub(r"\s+", "", sentence.text) in shown


def test_sentences_carry_probabilities_voice_and_techniques() -> None:
    page = page_of('Head line\n\n"Pay now, or else the men will come," said Ann Lee. It rained.')
    spans = [a for t, a in parsed(page).tags if t == "span" and "data-scores" in a]
    assert len(spans) == 3
    assert spans[1]["data-scores"] == "0.900 0.900 0.100"
    assert spans[1]["data-marks"].split() == ["0", "1"]
    assert (spans[1]["data-voice"], spans[1]["tabindex"]) == ("quoted", "0")
    assert 'data-speaker="Ann Lee"' in page
    assert html.unescape(page).count('<span class="u t1"') == 3


def test_unmarked_sentences_are_no_tab_stops() -> None:
    spans = [a for t, a in parsed(page_of("One here. Two there.", marked=0)).tags if "data-scores" in a]
    assert spans
    assert all("tabindex" not in span for span in spans)


def test_many_articles_get_an_index_and_one_gets_none() -> None:
    assert '<ol class="index">' in page_of("One.", "Two.")
    assert '<ol class="index">' not in page_of("One.")


@pytest.mark.parametrize("names", ["semeval-2023", "semeval-2021", "ptc-14"])
def test_large_inventories_have_codes_and_colours_of_their_own(names: str) -> None:
    page = page_of("One here.", names=names)
    n_techniques = len(inventory(names).ids)
    legend = re.findall(r'<label class="t\d+".*?<span class="chip"[^>]*>([^<]+)<', page)
    assert len(set(legend)) == len(legend) == n_techniques
    hues = re.findall(r"^\.t\d+ \{ --c: hsl\((\d+)", page, re.MULTILINE)
    assert len(set(hues)) == n_techniques


def test_an_unknown_template_is_named() -> None:
    with pytest.raises(UserError, match=r"no template 'nothing\.html'"):
        pages.render("nothing.html")


def test_places_keep_their_names_whatever_stands_around_them() -> None:
    first, second = (parsed(page_of(*texts)) for texts in (("One here.", "Two there."), ("Else.", "Two there.", "More.")))
    names = [{a["id"] for t, a in page.tags if t == "span" and "data-scores" in a} for page in (first, second)]
    assert sentence_anchor("a1 <b>", 0) in names[0] & names[1]
    assert {a["id"] for t, a in first.tags if t == "article"} == {article_anchor("a0 <b>"), article_anchor("a1 <b>")}
    assert {a["href"] for t, a in first.tags if t == "a"} <= {f"#{name}" for t, a in first.tags if (name := a.get("id"))}


def test_a_long_part_is_packed_and_holds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    part = Markup("<p>{}</p>").format("A \r and a <script>. " * 99)
    assert pages.packed(part) is part
    monkeypatch.setattr(pages, "MOST_PLAIN_CHARACTERS", 1000)
    found = pages.packed(part)
    assert len(found) < 400 < len(part)
    [data] = re.findall(r'data-html="([\w+/=]+)"', found)
    assert gzip.decompress(base64.b64decode(data)).decode() == str(part).replace("\r", "&#13;")
    assert pages.packed(part) == found
