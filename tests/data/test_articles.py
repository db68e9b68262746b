"""Files of every kind become articles; what cannot be read is skipped with a reason; mistakes are refused first."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinscope.data.articles import ArticleColumns, Skipped, find_files, headline_end, read_articles
from spinscope.errors import UserError
from spinscope.records import Article

ODD = "\ufeffTitle here\r\n\r\nBödy “one”.\r\nשלום 👩‍👩‍👧 zero\u200bwidth.\r\n"
VISIBLE = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), min_size=1).map(lambda t: "x" + t)


def only(inputs: list[str], **options) -> Article | Skipped:
    found = list(read_articles(inputs, **options))
    assert len(found) == 1, found
    return found[0]


def test_plain_text_is_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(ODD.encode())
    article = only([str(path)])
    assert isinstance(article, Article)
    assert article.text == ODD
    assert article.id == path.as_posix()
    assert article.text[: article.title_end].strip("\ufeff") == "Title here"


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(VISIBLE, min_size=1, max_size=4))
def test_tables_carry_text_unchanged(tmp_path: Path, texts: list[str]) -> None:
    import csv

    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["text"], *[[text] for text in texts]])
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"text": t}) + "\n" for t in texts), encoding="utf-8")
    pq.write_table(pa.table({"text": texts}), tmp_path / "a.parquet")
    for name in ("a.csv", "a.jsonl", "a.parquet"):
        found = list(read_articles([str(tmp_path / name)]))
        assert [a.text for a in found if isinstance(a, Article)] == texts, name


def test_chosen_columns_ids_and_metadata(tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    path.write_text("\ufeffkey,body,source\r\n7,\"Two lines\r\nin a cell\",Ledger\r\n8,,Ledger\r\n", encoding="utf-8", newline="")
    first, second = read_articles([str(path)], columns=ArticleColumns(text="body", id="key"))
    assert first == Article("7", "Two lines\r\nin a cell", 0, {"source": "Ledger"})
    assert second == Skipped(f"{path.as_posix()}:2", "empty")


def test_ids_without_an_id_column_name_file_and_row(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text('{"text": "One."}\n\n{"text": "Two.", "id": ""}\n{"text": "Three.", "id": 3}\n')
    assert [a.id for a in read_articles([str(path)])] == [f"{path}:1", f"{path}:3", "3"]


def test_column_order_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text,source\n1,Hello.,x\n")
    (tmp_path / "b.csv").write_text("source,text,id\nx,Hello.,1\n")
    assert only([str(tmp_path / "a.csv")]) == only([str(tmp_path / "b.csv")])


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.txt", b"", "empty"),
        ("blank.txt", " \n\u200b\ufeff".encode(), "empty"),
        ("latin.txt", "caf\xe9".encode("latin-1"), "byte 0xe9 at offset 3 is not UTF-8 (if it is Latin-1: iconv -f latin1 -t utf8 OLD > NEW)"),
        ("nul.txt", b"a\x00b", "not text: it holds NUL bytes"),
        ("page.html", b"<html><body></body></html>", "no article text found in the page"),
        ("none.md", b"<!-- nothing -->", "no text after extraction"),
        ("scan.pdf", b"%PDF", "files ending in .pdf are not read; supported: .txt, .text, .md, .markdown, .html, .htm, .xhtml, .jsonl, .ndjson, .csv, .tsv, .parquet"),
        ("empty.csv", b"", "empty"),
        ("header.csv", b"id,text\n", "empty"),
        ("empty.jsonl", b"\n", "empty"),
    ],
)  # fmt: skip
def test_unreadable_files_are_skipped_and_the_rest_is_read(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    bad, good = tmp_path / name, tmp_path / "good.txt"
    bad.write_bytes(content)
    good.write_text("A good text.")
    assert list(read_articles([str(bad), str(good)])) == [Skipped(bad.as_posix(), reason), Article(good.as_posix(), "A good text.")]


def test_a_file_that_is_no_parquet_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"no parquet at all")
    skipped = only([str(tmp_path / "a.parquet")])
    assert isinstance(skipped, Skipped)
    assert "not Parquet" in skipped.reason


def test_faulty_rows_are_skipped_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        b'{"text": "One."}\n{"text": \n[1]\n{"text": 5}\n{"other": 1}\n{"text": "caf\xe9"}\n{"text": "\\ud800"}\n'
        b'{"text": "Two.", "score": NaN, "note": "\\udc00"}\n'
    )
    items = list(read_articles([str(path)]))
    assert [item.reason for item in items if isinstance(item, Skipped)] == [
        "not JSON: Expecting value", "a JSON list, not an object", "'text' is a int, not text", "no 'text'",
        "byte 0xe9 is not UTF-8", "text that is not UTF-8",
    ]  # fmt: skip
    good = [item for item in items if isinstance(item, Article)]
    assert [a.text for a in good] == ["One.", "Two."]
    assert good[1].metadata == {"score": None, "note": "?"}


def test_a_latin_1_row_of_a_csv_is_skipped_alone(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"text\ncaf\xe9\nfine\n")
    items = list(read_articles([str(tmp_path / "a.csv")]))
    assert [type(item) for item in items] == [Skipped, Article]


def test_a_quotation_mark_that_is_never_closed_swallows_no_article_silently(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('id,text\n1,Fine.\n2,"Open.\n3,Lost.\n')
    first, second, third = read_articles([str(path)])
    assert isinstance(first, Article) and first.text == "Fine."
    assert second == Skipped(f"{path}:2", "a quotation mark in this row is never closed; reading goes on with the next line")
    assert third == Article("3", "Lost.")
    path.write_text("id,text\n" + 'a","b\n' * 30)
    *_, last = read_articles([str(path)])
    assert last == Skipped(f"{path}:21", "a quotation mark in this row is never closed, so that nothing from here on could be read")
    path.write_text('id,text\n1,"So" he said.\n2,Fine.\n')
    first, second = read_articles([str(path)])
    assert isinstance(first, Skipped) and first.reason.startswith("not CSV: ',' expected after")
    assert isinstance(second, Article) and second.text == "Fine."
    path.write_text('id,"text"x\n1,Fine.\n')
    header = only([str(path)])
    assert isinstance(header, Skipped) and header.reason.startswith("not readable: its header is no table's")


def test_rows_with_more_or_fewer_cells_than_the_header_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text\n1,Well, that is all.\n2\n3,Fine.\n")
    long, short, fine = read_articles([str(path)])
    assert long == Skipped(f"{path}:1", "3 cells where the header has 2: quote a cell that holds commas")
    assert short == Skipped(f"{path}:2", "1 cell where the header has 2: quote a cell that holds commas")
    assert isinstance(fine, Article) and fine.text == "Fine."


@pytest.mark.parametrize("from_pipe", [False, True])
def test_quotation_marks_of_a_tsv_swallow_neither_lines_nor_cells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, from_pipe: bool
) -> None:
    table = '\ufeffid\ttext\n1\t"Vile, he said.\n2\tIn between.\n3\tThe end."\n'
    path = tmp_path / "a.tsv"
    path.write_text(table, encoding="utf-8")
    if from_pipe:
        reading, writing = os.pipe()
        os.write(writing, table.encode())
        os.close(writing)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(os.fdopen(reading, "rb")))
    found = list(read_articles(["-" if from_pipe else str(path)], stdin_kind="tsv"))
    texts = ['"Vile, he said.', "In between.", 'The end."']
    assert [(a.id, a.text) for a in found if isinstance(a, Article)] == list(zip("123", texts, strict=True))
    path.write_text('id\ttext\n1\t"He said ""so""\there."\n')
    assert only([str(path)]).text == 'He said "so"\there.'
    path.write_text('id\ttext\n1\t"Two\nlines."\n')
    assert [item.path for item in read_articles([str(path)]) if isinstance(item, Skipped)] == [f"{path}:2"]


def test_a_table_without_the_named_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,body\n1,Hello.\n")
    with pytest.raises(UserError) as error:
        read_articles([str(path)], columns=ArticleColumns(text="bodyy"))
    assert str(error.value) == (
        f"{path}: no column 'bodyy'\n  expected: one of the columns id, body\n"
        "  to mend: did you mean 'body'? Name it with --text-column."
    )


@pytest.mark.parametrize("item", ["missing.txt", "missing/*.txt"])
def test_missing_inputs_are_refused(item: str) -> None:
    with pytest.raises(UserError, match=r"no such file|no file matches"):
        read_articles([item])


def test_folders_globs_and_doubles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("in/b.txt", "in/a.md", "in/deep/c.html", "in/.hidden.txt", "in/picture.png", "in/.git/x.txt"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("x")
    assert find_files(["in"]) == ["in/a.md", "in/b.txt", "in/deep/c.html"]
    assert find_files(["in/*.txt", "in", "./in/b.txt", "-"]) == ["in/b.txt", "in/a.md", "in/deep/c.html", "-"]
    Path("none").mkdir()
    with pytest.raises(UserError, match="no file of a supported kind"):
        find_files(["none"])


def test_a_second_article_with_the_same_id_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text\n1,One.\n1,Two.\n")
    assert [type(item) for item in read_articles([str(path)])] == [Article, Skipped]


def test_tables_that_number_their_articles_alike_lose_none(tmp_path: Path) -> None:
    paths = [tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "more" / "b.csv"]
    paths[2].parent.mkdir()
    for path in paths:
        path.write_text(f"id,text\n1,One of {path.parent.name}.\n2,Two.\n2,Again.\n")
    found = list(read_articles([str(path) for path in paths]))
    ids = [item.id for item in found if isinstance(item, Article)]
    assert ids == ["1", "2", "b:1", "b:2", f"{paths[2]}:1", f"{paths[2]}:2"]
    skipped = [item for item in found if isinstance(item, Skipped)]
    assert skipped == [Skipped("2", "an article with this id came before")] * 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("secret")
    path.chmod(0)
    assert only([str(path)]) == Skipped(path.as_posix(), "not readable: Permission denied")


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Hello there.\r\n")))
    assert only(["-"]) == Article("-", "Hello there.\r\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"id": "x", "text": "Hello."}\n')))
    assert only(["-"], stdin_kind="jsonl") == Article("x", "Hello.")


def test_html_gives_the_article_without_menus(tmp_path: Path) -> None:
    page = """<html><head><meta charset="iso-8859-1"><title>Dam opens</title></head><body><nav><a href="/">Home</a></nav>
    <article><h1>Dam opens</h1><p>Engineers opened two of the six <b>gates</b> at the café on Tuesday &amp; left.</p>
    <ul><li>The first point is here.</li><li>The second point is there.</li></ul>
    <p>He wrote &lt;script&gt;alert(1)&lt;/script&gt; on the wall, said Tal, who farms below.</p></article>
    <script>alert(2)</script><footer>Imprint</footer></body></html>"""
    path = tmp_path / "a.html"
    path.write_bytes(page.encode("latin-1"))
    article = only([str(path)])
    assert isinstance(article, Article)
    assert article.text[: article.title_end] == "Dam opens"
    assert article.text.count("Dam opens") == 1
    assert "the café on Tuesday & left." in article.text
    assert "<script>alert(1)</script>" in article.text
    assert "alert(2)" not in article.text
    assert "Home" not in article.text


@pytest.mark.parametrize(
    "data",
    [b"<div>" * 100_000 + b"<p>Deep words that nobody will ever reach down here.", b"\xff\xfe\x00", b"<" * 50_000, b"no markup at all"],
    ids=["deep", "bytes", "brackets", "plain"],
)  # fmt: skip
def test_hostile_pages_end_in_an_article_or_a_skip(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(data)
    assert isinstance(only([str(path)]), Article | Skipped)


def test_markdown_gives_text_without_markup(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        "---\ntitle: \"The *dam*\"\ndate: 2025-02-14\n---\n\nA **bold** [link](http://x.example) and `code`\non two lines.\n\n"
        "- one\n- two\n\n```\nhidden\n```\n\n| a | b |\n|---|---|\n| c | d |\n\n<script>alert(1)</script>\n"
    )
    article = only([str(path)])
    assert article == Article(path.as_posix(), "The *dam*\n\nA bold link and code on two lines.\n\none\n\ntwo", 9, {"date": "2025-02-14"})
    path.write_text("# Head *line*\n\nBody.\n")
    assert only([str(path)]) == Article(path.as_posix(), "Head line\n\nBody.", 9)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("A headline\n\nBody.", 10), ("\n A headline \n\nBody.", 12), ("A sentence.\n\nBody.", 0), ("A line\nBody.", 0),
        ("Only a line\n\n", 0), ("", 0), ("x" * 300 + "\n\nBody.", 0), ("Is it over?\r\n\r\nYes.", 11),
    ],
)  # fmt: skip
def test_headlines(text: str, end: int) -> None:
    assert headline_end(text) == end


def test_source_date_and_language_columns_take_one_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text,source,paper,day,page\n1,Hello there.,wire,Ledger,2024-03-01,7\n")
    plain = only([str(path)])
    assert plain.metadata == {"source": "wire", "paper": "Ledger", "day": "2024-03-01", "page": "7"}
    named = only([str(path)], columns=ArticleColumns(source="paper", date="day"))
    assert named.metadata == {"source_column": "wire", "source": "Ledger", "date": "2024-03-01", "page": "7"}
    with pytest.raises(UserError, match=r"no column 'when'(.|\n)*Name it with --date-column"):
        read_articles([str(path)], columns=ArticleColumns(date="when"))
