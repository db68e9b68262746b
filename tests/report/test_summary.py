"""The summary page is closed, says what it shows, and leads to the characters in the source; its charts are to scale."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from pathlib import Path

import made_scores
import pytest

from spinscope.data.groups import grouping
from spinscope.data.sentences import article_sentences
from spinscope.data.summaries import tally
from spinscope.jobs.summarizing import summarize, summary_of
from spinscope.jobs.summary_figures import Rules
from spinscope.jobs.summary_page import ArticleReport, render_summary
from spinscope.records import Article, ScoredSentence
from spinscope.report import pages
from spinscope.report.anchors import sentence_anchor
from spinscope.report.articles import ReportedArticle, render_articles
from spinscope.report.charts import AXIS_HEIGHT, Datum, Mark, bar_chart, line_chart, shortened
from spinscope.taxonomy import inventory

HOSTILE = "<script>alert(1)</script></style><img src=x onerror=alert(2)> {{ 7 * 7 }} \"' onfocus=alert(3) x='"


class Elements(HTMLParser):
    """All tags with attributes, and the text outside style and script."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text, self.inside = "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag if tag in ("style", "script") else self.inside

    def handle_endtag(self, tag: str) -> None:
        self.inside = "" if tag == self.inside else self.inside

    def handle_data(self, data: str) -> None:
        self.text += "" if self.inside else data

    def values(self, name: str) -> list[str]:
        return [attributes[name] or "" for _, attributes in self.tags if name in attributes]


def page_of(lines: list[dict], by: str = "source,month", *, report: ArticleReport | None = None, **facts) -> str:
    manifest = made_scores.manifest(lines) | facts
    found = summary_of(iter(lines), manifest, groups=grouping(by), rules=Rules(n_resamples=200))
    return render_summary(found, report)


@pytest.fixture(scope="module")
def page() -> str:
    return page_of(made_scores.made_lines({"Ledger": 0.2, "Post": 0.05}, n_articles=25, n_sentences=10))


def assert_closed(page: str) -> Elements:
    elements = Elements(page)
    for tag, attributes in elements.tags:
        assert tag not in (
            "img",
            "iframe",
            "object",
            "embed",
            "link",
            "base",
            "form",
            "video",
            "audio",
            "source",
            "use",
            "image",
        )
        assert not [
            name for name in attributes if name.startswith("on") or name in ("src", "style", "srcset", "xlink:href")
        ]
        assert not re.match(r"\s*\w+:", attributes.get("href") or ""), "no address of another site, no script"
    assert sum(tag == "script" for tag, _ in elements.tags) == sum(tag == "style" for tag, _ in elements.tags) == 1
    policy = next(a["content"] for t, a in elements.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert str(policy).startswith("default-src 'none'; style-src 'sha256-")
    for tag in ("style", "script"):
        found = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert found is not None and pages.csp_hash(found.group(1)) in str(policy)
        assert not re.search(r"https?://|url\(|@import|fetch\(|XMLHttp|innerHTML|eval\(", found.group(1))
    return elements


def test_the_page_is_closed_and_its_parts_are_named(page: str) -> None:
    elements = assert_closed(page)
    assert not re.search(r"https?://", page)
    names = elements.values("id")
    assert len(names) == len(set(names))
    for reference in elements.values("aria-labelledby"):
        assert set(reference.split()) <= set(names)
    assert {href.removeprefix("#") for href in elements.values("href")} <= set(names)
    charts = [attributes for tag, attributes in elements.tags if tag == "svg" and attributes.get("role") == "img"]
    # Four voices: one of all techniques, and for three of them one by source, one by month, two small ones by both.
    assert len(charts) == 4 * (1 + 3 * (1 + 1 + 2))
    assert sum(tag == "desc" for tag, _ in elements.tags) == len(charts)
    assert [a["id"] for t, a in elements.tags if a.get("type") == "radio" and "checked" in a] == ["voice-author"]
    for attributes in (a for _, a in elements.tags if a.get("role") == "region"):
        assert attributes["tabindex"] == "0" and attributes["aria-label"]


def test_figures_stand_beside_charts(page: str) -> None:
    text = Elements(page).text
    for piece in (
        "Loaded language",
        "Us versus them",
        "Any technique",
        "By source",
        "Over time, by month",
        "By source over time",
        "Strongest examples",
        "On dev (",
    ):
        assert piece in text
    assert "Ledger (" in text and "is above Post (by" in text
    rows = re.findall(r"<tr><th scope=\"row\">Ledger(?:<span class=\"note\">[^<]*</span>)?</th>(.*?)</tr>", page)
    assert len(rows) == 3 * 4
    assert re.fullmatch(r"(<td>[\d.,]+</td>){3}(<td>[\d.]+ \([\d.]+–[\d.]+\)</td>){3}", rows[0])


def test_hostile_text_is_shown_and_not_run() -> None:
    lines = [
        made_scores.line(
            f"{HOSTILE}{number}", 0, f"{HOSTILE} {number}.", techniques=["us_vs_them"], source=HOSTILE, voice="quoted", speaker=HOSTILE,
            date="2024-05-06", section=HOSTILE,
        )
        for number in range(12)
    ]  # fmt: skip
    for by in ("source,month", "section", "metadata.section,article"):
        page = page_of(lines, by, checkpoint=HOSTILE)
        elements = assert_closed(page)
        assert HOSTILE in elements.text
        assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page
        assert "x onerror" not in re.sub(r"&[^;]+;", "", re.sub(r">[^<]*<", "><", page)).replace("src=x onerror", "")


def test_examples_name_their_characters_and_lead_to_them(tmp_path: Path) -> None:
    text = "They have never cared for us. The vote is on Monday.\n\nNobody said more."
    article = Article("news/a 1.txt", text)
    scored = tuple(
        ScoredSentence(
            s.article, s.index, s.start, s.end, s.text, s.voices, {t: 0.9 if s.index == 0 else 0.1 for t in inventory("core").ids},
            ("us_vs_them",) if s.index == 0 else (),
        )
        for s in article_sentences(article)
    )  # fmt: skip
    report = tmp_path / "reports" / "the articles.html"
    report.parent.mkdir()
    shown = [ReportedArticle(article, scored, tally(scored, techniques=inventory("core").ids))]
    report.write_text(
        render_articles(
            shown, inventory=inventory("core"), thresholds=(0.5,) * 3, checkpoint="c", identity="ab", total=shown[0].tally, n_articles=1, skipped=[]
        ),
        encoding="utf-8",
    )  # fmt: skip
    lines = [made_scores.line(s.article, s.index, s.text, start=s.start, techniques=s.techniques) for s in scored] + [
        made_scores.line("elsewhere", 0, "They will come.", techniques=["us_vs_them"])
    ]
    path = made_scores.write_scores(tmp_path / "s.jsonl", lines)
    summarize(path, html_file=tmp_path / "pages" / "summary.html", article_report=report, n_resamples=100)
    page = (tmp_path / "pages" / "summary.html").read_text(encoding="utf-8")
    elements = assert_closed(page)
    assert f"news/a 1.txt, characters 0–{len('They have never cared for us.')}" in elements.text
    outside = [href for href in elements.values("href") if not href.startswith("#")]
    anchor = sentence_anchor("news/a 1.txt", 0)
    assert outside == [f"../reports/the%20articles.html#{anchor}"], (
        "an article that the report does not show gets no link"
    )
    place = re.search(
        rf'<span class="[^"]*" id="{anchor}"[^>]*data-start="(\d+)" data-end="(\d+)"',
        report.read_text(encoding="utf-8"),
    )
    assert place is not None and text[int(place[1]) : int(place[2])] == "They have never cared for us."


def test_doubts_are_told_on_the_page() -> None:
    page = page_of(made_scores.made_lines({"Ledger": 0.1}, n_articles=30, n_sentences=15, shift=-1.2), "source")
    text = html.unescape(page)
    assert "Scores are distributed unlike dev's" in text and "points more of the scores lie" in text
    assert "The correction assumes" in text
    assert "Scores are distributed unlike dev's" not in html.unescape(
        page_of(made_scores.made_lines({"Ledger": 0.1}, n_articles=30))
    )


def test_without_groups_marks_or_dates_a_page_still_stands() -> None:
    page = page_of([made_scores.line(str(number)) for number in range(3)], "", dev=None, dev_articles=None)
    elements = assert_closed(page)
    assert elements.text.count("No sentence was marked.") == 3
    assert "no corrected shares" in elements.text
    page = page_of(
        [made_scores.line("a", techniques=["us_vs_them"], date=None), made_scores.line("b", date="2024-01-01")], "month"
    )
    assert "unknown" in assert_closed(page).text


def test_many_groups_are_drawn_in_part_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spinscope.report.pages.MOST_PLAIN_CHARACTERS", 10**9)
    lines = [made_scores.line(f"a{n}", techniques=["us_vs_them"], source=f"Source {n:03d}") for n in range(60)]
    text = Elements(page_of(lines, "source,month")).text
    assert "Drawn are the 40 with the most articles; 20 more are in the table of --out." in text
    assert "Drawn are the 12 with the most articles; 48 more are in the table of --out." in text


def datum(label: str, share: float | None, *, reach: float = 0.02, position: int = 0, few: bool = False) -> Datum:
    mark = Mark(share, None, None) if share is None else Mark(share, max(0.0, share - reach), share + reach)
    return Datum(label, mark, Mark(None), few, position=position)


def test_bars_are_to_scale() -> None:
    chart = bar_chart([datum("a", 0.1), datum("b", 0.05), datum("c", 0.0), datum("d", None)])
    first, second, third, fourth = chart.rows
    assert first.share is not None and second.share is not None and third.share is not None
    assert first.share.at - chart.left == pytest.approx(2 * (second.share.at - chart.left), abs=0.2)
    assert (third.share.at, third.share.low) == (chart.left, chart.left)
    assert first.share.at - first.share.low == pytest.approx(first.share.high - first.share.at, abs=0.2)
    assert fourth.share is None
    assert chart.ticks[0] == (chart.left, "0 %") and chart.ticks[-1][0] == pytest.approx(chart.right)
    assert first.y < second.y < fourth.y < chart.bottom == chart.height - AXIS_HEIGHT


@pytest.mark.parametrize("share", [0.0, 0.0004, 0.003, 0.07, 0.5, 1.0])
def test_any_share_gives_a_few_ticks(share: float) -> None:
    ticks = bar_chart([datum("a", share, reach=share / 5)]).ticks
    assert 2 <= len(ticks) <= 7
    assert len({text for _, text in ticks}) == len(ticks)


def test_wide_intervals_do_not_flatten_the_rest() -> None:
    chart = bar_chart([datum("a", 0.05), datum("few", 0.04, reach=0.6, few=True)])
    assert chart.ticks[-1][1] in ("10 %", "12 %", "15 %")
    assert chart.rows[1].share is not None and chart.rows[1].share.high == pytest.approx(chart.right)


def test_lines_break_where_a_period_is_missing() -> None:
    chart = line_chart([datum(str(n), 0.1, position=n) for n in (0, 1, 2, 5, 6, 9)])
    assert [len(curve.line.split()) for curve in chart.share] == [3, 2, 1]
    assert (len(chart.points), chart.corrected, chart.corrected_points) == (6, [], "")
    xs = [x for x, _, _ in chart.points]
    assert xs[3] - xs[2] == pytest.approx(3 * (xs[1] - xs[0]), abs=0.3), "a true time axis"
    assert len({y for _, y, _ in chart.points}) == 1
    assert [len(curve.band) for curve in chart.share] == [1, 1, 1]


def test_few_articles_make_the_band_faint() -> None:
    data = [datum(str(n), 0.1, position=n, few=n in (2, 3)) for n in range(7)]
    (curve,) = line_chart(data).share
    assert (len(curve.band), len(curve.faint)) == (2, 1)
    assert len(curve.faint[0].split()) == 2 * 4  # from 1 to 4: the parts that touch 2 or 3


def test_labels_along_an_axis_do_not_crowd() -> None:
    chart = line_chart([datum(str(n), 0.1, position=n) for n in range(100)])
    assert len(chart.x_ticks) <= 9
    assert shortened("x" * 60) == "x" * 26 + "…"
