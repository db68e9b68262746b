"""Offsets for any text in any kind of file: the text is the decoded input, each sentence its characters, none is lost."""

from __future__ import annotations

import csv
import gzip
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinscope.data.articles import read_articles
from spinscope.data.inputs import Skipped, is_blank
from spinscope.data.sentences import article_sentences
from spinscope.records import Article

PIECES = [
    "The council met on Monday. ", "“Nobody knew,” said Ann Lee. ", "Is it? ", "Dr. Who ", '"', "'", "«Oui.» ", "„Ja.“ ", "‘So’ ",
    "\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "\t", " ", "\u00a0", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\u3000",
    "zero\u200bwidth. ", "\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "שלום עולם. ", "\u202eabc\u202c. ", "\u2067مرحبا؟\u2069 ",
    "👩‍👩‍👧 ", "🇩🇪", "👍🏽. ", "e\u0301. ", "a\u0300\u0301\u0302", "你好。他走了！", "नमस्ते। ", "ไทย", "\U00010348", "\U000e0001", "\ufffd", "\uffff",
    "<p>", "</p>", "<script>alert(1)</script>", "&amp;", "<!-- ", "-->", "&#x202e;", "<br/>", "**bold** ", "- item\n", "1. one\n",
    "# Head\n", "> said\n", "`x` ", "[a](b) ", "| a | b |\n", ",", ";", "=1+1", "@SUM(A1) ", "...", "… ", ". . . ", "No. 5 ", "5 p.m. Monday ",
]  # fmt: skip
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
TEXTS = st.one_of(st.text(CHARACTERS, max_size=120), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
FILES = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def assert_exact(article: Article) -> None:
    """Each sentence is its characters, in order, apart; what lies between them is white space; so for voices in them."""
    position = 0
    for number, sentence in enumerate(article_sentences(article)):
        assert (sentence.article, sentence.index) == (article.id, number)
        assert article.text[sentence.start : sentence.end] == sentence.text == sentence.text.strip() != ""
        assert sentence.start >= position and not article.text[position : sentence.start].strip()
        assert sentence.part == ("title" if sentence.end <= article.title_end else "body")
        edge = 0
        for voice in sentence.voices:
            assert edge <= voice.start < voice.end <= len(sentence.text)
            edge = voice.end
        position = sentence.end
    assert not article.text[position:].strip()
    assert 0 <= article.title_end <= len(article.text)


def read_one(path: Path) -> Article | Skipped:
    (item,) = read_articles([str(path)])
    return item


@FILES
@given(TEXTS)
def test_plain_text_is_the_decoded_input(tmp_path: Path, text: str) -> None:
    for name, data in (("a.txt", text.encode()), ("b.txt.gz", gzip.compress(text.encode(), 1))):
        (tmp_path / name).write_bytes(data)
        item = read_one(tmp_path / name)
        if isinstance(item, Skipped):
            assert item.reason == "empty" and is_blank(text)
        else:
            assert item.text == text
            assert_exact(item)


def written_tables(folder: Path, texts: list[str]) -> Iterator[Path]:
    for name, ends in (("a.csv", "\r\n"), ("b.csv", "\n")):
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator=ends, quoting=csv.QUOTE_ALL).writerows(
                [["n", "text"], *[[str(n), text] for n, text in enumerate(texts)]]
            )
        yield folder / name
    for name, ascii_only in (("a.jsonl", True), ("b.jsonl", False)):
        lines = [json.dumps({"n": n, "text": text}, ensure_ascii=ascii_only) for n, text in enumerate(texts)]
        (folder / name).write_bytes("\r\n".join(lines).encode())
        yield folder / name
    pq.write_table(pa.table({"n": range(len(texts)), "text": texts}), folder / "a.parquet")
    yield folder / "a.parquet"


@FILES
@given(st.lists(TEXTS.map(lambda text: f"x{text}"), min_size=1, max_size=3))
def test_tables_carry_the_text_unchanged(tmp_path: Path, texts: list[str]) -> None:
    for path in written_tables(tmp_path, texts):
        articles = [item for item in read_articles([str(path)]) if isinstance(item, Article)]
        assert [article.text for article in articles] == texts, path.name
    for article in articles:
        assert_exact(article)


@FILES
@given(st.lists(TEXTS.map(lambda text: "x" + "".join(text.replace("\t", " ").splitlines())), min_size=1, max_size=3))
def test_tsv_carries_the_text_unchanged(tmp_path: Path, texts: list[str]) -> None:
    (tmp_path / "a.tsv").write_text("n\ttext\n" + "".join(f"{n}\t{text}\n" for n, text in enumerate(texts)), newline="")
    articles = [item for item in read_articles([str(tmp_path / "a.tsv")]) if isinstance(item, Article)]
    assert [article.text for article in articles] == texts


@FILES
@given(st.lists(TEXTS, min_size=1, max_size=4), st.booleans())
def test_html_of_any_text(tmp_path: Path, texts: list[str], escaped: bool) -> None:
    body = "".join(f"<p>{html.escape(text) if escaped else text}</p>" for text in texts)
    plain = "<p>The council of the harbour town met on Monday evening and voted to close the northern quay.</p>"
    (tmp_path / "a.html").write_text(
        f"<html><head><title>Vote</title></head><body><article>{plain}{body}</article></body></html>", newline=""
    )
    item = read_one(tmp_path / "a.html")
    if isinstance(item, Article):
        item.text.encode()
        assert_exact(item)


@FILES
@given(TEXTS)
def test_markdown_of_any_text(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.md").write_text(text, encoding="utf-8", newline="")
    item = read_one(tmp_path / "a.md")
    if isinstance(item, Article):
        assert_exact(item)


def test_no_paragraph_of_a_page_is_lost(tmp_path: Path) -> None:
    words = [
        "Ann Lee said that the quay would close for good.",
        "שלום לכולם, אמר ראש העיר ביום שני בערב.",
        "She “knew” it 👩‍👩‍👧 and e\u0301tude.",
    ]
    paragraphs = [
        f"{number}. {word} Nobody had asked the traders of the old market." for number, word in enumerate(words * 4)
    ]
    page = "".join(f"<p>{paragraph}</p>\r\n" for paragraph in paragraphs)
    (tmp_path / "a.html").write_text(f"<html><body><article><h1>Quay</h1>{page}</article></body></html>", newline="")
    item = read_one(tmp_path / "a.html")
    assert isinstance(item, Article)
    assert_exact(item)
    found = re.sub(r"\W+", "", item.text)
    assert [p for p in paragraphs if re.sub(r"\W+", "", p) not in found] == []


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 30_000),
    st.integers(0, 300),
    st.sampled_from(["x", "é", "👩‍👩‍👧", "a\u200b", ". ", "x ", '"', "שלום "]),
)
def test_what_never_ends_is_cut_without_loss(n_pieces: int, at: int, piece: str) -> None:
    text = piece * at + "   " + piece * n_pieces
    article = Article("a", text, min(at, len(text)))
    assert_exact(article)
    assert max((len(sentence.text) for sentence in article_sentences(article)), default=0) <= 10_000


ONE_LINE = {
    "prose": "The ministry said on Tuesday that 4,000 people had left. “We knew,” said Ann Lee. ",
    "right to left": "משרד הפנים אמר ביום שלישי. “ידענו”, אמרה אן. \u202eabc\u202c. ",
    "emoji": "So 👩‍👩‍👧 said. ", "no white space": "a\u200bé", "one mark": "He said that ", "dots": ". ", "quotation marks": "“He said. ",
}  # fmt: skip


@pytest.mark.parametrize("name", ONE_LINE)
def test_a_long_line(tmp_path: Path, name: str) -> None:
    whole_line(tmp_path, ONE_LINE[name], n_bytes=60_000)


@pytest.mark.slow
def test_ten_megabytes_on_one_line(tmp_path: Path) -> None:
    whole_line(tmp_path, ONE_LINE["prose"] * 50 + "".join(ONE_LINE.values()), n_bytes=10 * 2**20)


def whole_line(folder: Path, piece: str, *, n_bytes: int) -> None:
    text = piece * (n_bytes // len(piece.encode()))
    (folder / "a.txt").write_bytes(text.encode())
    (folder / "a.jsonl.gz").write_bytes(gzip.compress(json.dumps({"text": text}).encode(), 1))
    found = [
        item for item in read_articles([str(folder / "a.txt"), str(folder / "a.jsonl.gz")]) if isinstance(item, Article)
    ]
    assert [article.text == text for article in found] == [True, True]
    assert_exact(found[0])
