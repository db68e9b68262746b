"""Hostile input: bounded time and memory, a clear reason, and the other articles are read.

The fast tests turn the bounds of `limits` down; the slow ones have files of full size and measure peak memory.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spinscope.data import limits
from spinscope.data.articles import read_articles
from spinscope.data.inputs import Skipped
from spinscope.data.sentences import article_sentences
from spinscope.errors import UserError
from spinscope.records import Article

GOOD = "The other article is read."


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "MOST_CHARACTERS": 1000, "MOST_SENTENCE_ENDS": 200, "MOST_JSON_VALUES": 50, "MOST_VALUE_CHARACTERS": 100,
        "MOST_FURTHER_CHARACTERS": 300, "MOST_SKIPPED_ROWS": 5, "MOST_PAGE_BYTES": 3000, "MOST_PAGE_TAGS": 40,
        "MOST_TAG_ATTRIBUTES": 20, "MOST_MARKDOWN_CHARACTERS": 500,
    }.items():  # fmt: skip
        monkeypatch.setattr(limits, name, value)


def read(path: Path, data: bytes) -> tuple[list[str], list[str]]:
    """Texts and reasons of the file and of a good one after it."""
    path.write_bytes(data)
    good = path.with_name("good.txt")
    good.write_text(GOOD)
    items = list(read_articles([str(path), str(good)]))
    texts = [item.text for item in items if isinstance(item, Article)]
    assert texts.pop() == GOOD
    for item in items:
        json.dumps([item.path, item.reason] if isinstance(item, Skipped) else [item.id, item.metadata]).encode()
    return texts, [item.reason for item in items if isinstance(item, Skipped)]


TOO_LONG = "longer than 1,000 characters, the most that one article may have: split it"
ROW_TOO_LONG = "a row of more than 4,000 bytes, the most that one may have"


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize(
    ("name", "data", "texts", "reasons"),
    [
        ("one-line.txt", b"a" * 9000, [], [TOO_LONG]),
        ("long.txt", b"a " * 501, [], [TOO_LONG]),
        ("longest.txt", "é".encode() * 1000, ["é" * 1000], []),
        ("long.md", b"a " * 251, [], ["Markdown of more than 500 characters: split it"]),
        ("one-line.jsonl", b'{"text": "' + b"a" * 9000 + b'"}\n{"text": "Next."}', ["Next."], [ROW_TOO_LONG]),
        ("long.jsonl", b'{"text": "' + b"a" * 1001 + b'"}\n{"text": "Next."}', ["Next."], [TOO_LONG]),
        ("one-line.csv", b"text\n" + b"a" * 9000 + b"\nNext.\n", ["Next."], [ROW_TOO_LONG]),
        ("exact.csv", b"text\n" + b"a" * 4000 + b"\nNext.\n", ["Next."], [ROW_TOO_LONG]),
        ("long.csv", b"text\n" + b"a" * 1001 + b"\nNext.\n", ["Next."], [TOO_LONG]),
        ("cell.csv", b'text\n"' + b'a ""b"" c\n' * 900 + b'"\nNext.\n', ["Next."], [ROW_TOO_LONG]),
        ("header.csv", b"a" * 9000 + b"\nNext.\n", [], [f"not readable: its header is no table's: {ROW_TOO_LONG}"]),
        ("noise.csv", b"\x07\xfftext,\x00id\nFirst.\n", [], ["not readable: its header is no table's: it holds control characters"]),
        ("one-line.tsv", b"id\ttext\n1\t" + b"a" * 9000 + b"\n2\tNext.\n", ["Next."], [ROW_TOO_LONG]),
        ("open.csv", b'text\nFirst.\n"' + b"a\n" * 4500, ["First."], ["a quotation mark in this row is never closed, so that nothing from here on could be read"]),
        ("returns.csv", b"text\rFirst.\rNext.\r", ["First.", "Next."], []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_too_long_is_skipped_alone(
    tmp_path: Path, name: str, data: bytes, texts: list[str], reasons: list[str]
) -> None:
    assert read(tmp_path / name, data) == (texts, reasons)
    assert read(tmp_path / f"{name}.gz", gzip.compress(data)) == (texts, reasons)


def test_of_very_many_columns_some_are_told(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(",".join(["body" + "y" * 99, *(f"c{number}" for number in range(999))]) + "\n1\n")
    with pytest.raises(UserError, match=r"bodyy{56}, c0, (.|\n)*c28 and 970 more\n(.|\n)*--text-column") as error:
        read_articles([str(path)])
    assert len(str(error.value)) < 600


@pytest.mark.usefixtures("small_limits")
def test_what_would_be_too_many_sentences_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(tmp_path / "a.txt", b"a. " * 201) == ([], ["more than 200 places where a sentence may end: split it"])
    assert read(tmp_path / "a.txt", b"a. " * 200) == (["a. " * 200], [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "x", "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "not JSON: nested too deep"),
        (b'{"text": "x", "a": ' + b'{"a":' * 100_000, "not JSON: nested too deep"),
        (b'{"text": "x", "a": ' + b"[" * 60 + b"]" * 60 + b"}", "'a' is nested more than 50 deep"),
        (b'{"text": "x", "\\ud800": ' + b"[" * 60 + b"]" * 60 + b"}", "'?' is nested more than 50 deep"),
        (b'{"text": "x", "a": ' + b"9" * 5000 + b"}", "not JSON: a number of thousands of digits"),
        (b'{"text": "caf\xe9"}', "byte 0xe9 is not UTF-8"), (b"\x00" * 1000, "not JSON: Expecting value"),
        (b'{"text": "x" "y"}', "not JSON: Expecting ',' delimiter"), (b'"' * 9999, "not JSON: Extra data"),
    ],
    ids=range(9),
)  # fmt: skip
def test_json_that_would_break_its_reader_is_skipped_alone(tmp_path: Path, line: bytes, reason: str) -> None:
    assert read(tmp_path / "a.jsonl", line + b'\n{"text": "Next.", "n": 1e999}\n') == (["Next."], [reason])


@pytest.mark.usefixtures("small_limits")
def test_further_columns_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jsonl"
    rows = [
        {"text": "a", "page": "x" * 101, "list": list(range(50)), "short": [1, "two"]},
        {"text": "b", **{f"c{number}": "y" * 90 for number in range(4)}},
        {"id": "i" * 500, "text": "c"},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    cut, wide, named = read_articles([str(path)])
    assert isinstance(cut, Article) and isinstance(named, Article)
    assert cut.metadata == {"page": "x" * 99 + "…", "list": json.dumps(list(range(50)))[:99] + "…", "short": [1, "two"]}
    assert wide == Skipped(f"{path}:2", "its further columns hold more than 300 characters")
    assert named.id == "i" * 99 + "…"


@pytest.mark.usefixtures("small_limits")
def test_very_many_faulty_rows_are_counted(tmp_path: Path) -> None:
    texts, reasons = read(tmp_path / "a.jsonl", b"x\n" * 1000 + b'{"text": "Last."}\n')
    assert texts == ["Last."]
    assert reasons == ["not JSON: Expecting value"] * 5 + ["995 further rows, which are not named one by one"]


@pytest.mark.usefixtures("small_limits")
def test_a_line_of_too_many_json_values_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spinscope.data.table_rows._CHECKED_JSON_BYTES", 100)
    line = b'{"text": "x", "a": [' + b"[]," * 60 + b"[]]}\n"
    assert read(tmp_path / "a.jsonl", line + b'{"text": "Next."}') == (
        ["Next."],
        ["more than 50 JSON values in one line"],
    )


WORDS = b"<p>The council of the harbour town met on Monday evening and voted to close the quay.</p>"


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (b"<html><body>" + WORDS * 38, "a page of more than 3,000 bytes, pictures in it not counted"),
        (b"<html><body>" + WORDS + b"<br>" * 40, "a page of more than 40 tags"),
        (b"<html><body><p " + b"a=1 " * 21 + b">" + WORDS, "a tag of more than 20 attributes"),
        (b"<html><body><p " + b"".join(b'a%d=">"' % n for n in range(21)) + b">" + WORDS, "a tag of more than 20 attributes"),
    ],
    ids=["bytes", "tags", "attributes", "quoted attributes"],
)  # fmt: skip
def test_pages_that_cost_too_much_are_skipped(tmp_path: Path, page: bytes, reason: str) -> None:
    assert read(tmp_path / "a.html", page) == ([], [reason])


@pytest.mark.usefixtures("small_limits")
def test_pictures_in_a_page_do_not_count(tmp_path: Path) -> None:
    picture = b'<img src="data:image/png;base64,' + b"iVBORw0KGgo=" * 300 + b'">'
    texts, reasons = read(tmp_path / "a.html", b"<html><body><article>" + WORDS + picture + WORDS)
    assert reasons == [] and texts[0].count("harbour") >= 1


@pytest.mark.parametrize("tag", [b"div", b"b", b"blockquote", b"ul><li", b"table><tr><td", b"font"])
def test_html_nested_deep_is_skipped_and_never_cut_silently(tmp_path: Path, tag: bytes) -> None:
    page = b"<html><body><article>" + WORDS + b"<" + tag + b">"
    deep = page + (b"<" + tag + b">") * 30_000 + WORDS
    texts, reasons = read(tmp_path / "a.html", deep)
    assert (texts, reasons) == ([], ["its tags are nested too deep to be read whole"])
    assert read(tmp_path / "a.html", page + WORDS)[1] == []


@pytest.mark.parametrize(
    "page",
    [b"\x00" * 5000, b"<" * 50_000, b"\xff\xfe" + "<p>דבר</p>".encode("utf-16-le"), b"<!--" * 9000, b"&#x110000;" * 999, b"<p \xff=\xfe>",
     b"<html><head><base href='http://[::1'></head><body>" + WORDS, b"<?xml version='1.0' encoding='x'?>" + WORDS, b"<html/>" + WORDS,
     b"<script type='application/ld+json'>" + b'{"a":' * 30_000 + b"</script>" + WORDS, b"<h1></title>&#0;<item></title>\xff<html/>"],
    ids=range(11),
)  # fmt: skip
def test_broken_pages_end_in_an_article_or_a_reason(tmp_path: Path, page: bytes) -> None:
    texts, reasons = read(tmp_path / "a.html", page)
    assert len(texts) + len(reasons) == 1


def test_pages_are_decoded_as_they_declare(tmp_path: Path) -> None:
    words = "Мэр города сказал в понедельник, что мост “закрыт” — до весны, и никто не удивился этому решению."
    for encoding, declared in (
        ("windows-1251", "windows-1251"),
        ("koi8-u", "KOI8-U"),
        ("utf-8", "iso-8859-1"),
        ("utf-16", "utf-16"),
    ):
        text = words.replace("“", '"').replace("”", '"').replace("—", "-")
        page = f'<html><head><meta charset="{declared}"></head><body><article><p>{text}</p></article></body></html>'
        assert read(tmp_path / "a.html", page.encode(encoding)) == ([text], []), encoding
    curly = "She said that the “quay” would close – and that nobody had asked the traders of the market."
    page = f'<html><head><meta http-equiv=x content="text/html; charset=ISO-8859-1"></head><body><p>{curly}</p></body></html>'
    assert read(tmp_path / "a.html", page.encode("cp1252")) == ([curly], [])
    nonsense = f'<html><head><meta charset="idna"></head><body><article><p>{curly}</p></article></body></html>'.encode(
        "cp1252"
    )
    assert len(read(tmp_path / "a.html", nonsense)[0]) == 1


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", "Hello".encode("utf-16"), "UTF-16, not UTF-8: iconv -f utf16 -t utf8 OLD > NEW"),
        ("a.txt", b"caf\xe9", "byte 0xe9 at offset 3 is not UTF-8 (if it is Latin-1: iconv -f latin1 -t utf8 OLD > NEW)"),
        ("a.txt", b"a\x00b", "not text: it holds NUL bytes"), ("a.md", b"\x00", "not text: it holds NUL bytes"),
        ("a.parquet", b"PAR1" + b"\x00" * 100 + b"PAR1", "not readable: "), ("a.parquet", b"PAR1", "not readable: not Parquet"),
    ],
    ids=range(6),
)  # fmt: skip
def test_what_is_no_text_is_skipped(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    texts, reasons = read(tmp_path / name, data)
    assert texts == [] and reasons[0].startswith(reason)


def test_nul_bytes_and_bad_bytes_of_a_csv_are_kept_to_their_row(tmp_path: Path) -> None:
    texts, reasons = read(tmp_path / "a.csv", b"text\nnul\x00byte\ncaf\xe9\nNext.\n")
    assert texts == ["nul\x00byte", "Next."]
    assert reasons == ["text that is not UTF-8"]


def test_damaged_parquet_is_skipped_from_where_it_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table({"text": [f"Text {number} {os.urandom(200).hex()}" for number in range(2000)]})
    pq.write_table(table, path, row_group_size=500, compression="zstd")
    data = bytearray(path.read_bytes())
    assert len(read(path, bytes(data))[0]) == 2000
    middle = len(data) // 2
    data[middle : middle + 3000] = b"\xff" * 3000
    texts, reasons = read(path, bytes(data))
    assert 500 <= len(texts) < 2000 and reasons[0].startswith("not readable: ")
    assert read(path, bytes(data[:-9]))[1][0].startswith("not readable: not Parquet")
    footer = data[:-30] + b"\xff" * 20 + data[-10:]
    assert read(path, bytes(footer))[1][0].startswith("not readable: ")


def test_a_parquet_value_that_is_not_text_is_kept_to_its_row(tmp_path: Path) -> None:
    values = pa.array([b"First.", b"caf\xe9", b"Next."], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"text": values}), tmp_path / "b.parquet")
    assert read(tmp_path / "a.parquet", (tmp_path / "b.parquet").read_bytes()) == (
        ["First.", "Next."],
        ["byte 0xe9 is not UTF-8"],
    )


# From here on files of full size. What is read is made while it is read; peak memory is that of a process of its own.

READER = """
import json, resource, sys
from pathlib import Path
from spinscope.data.articles import read_articles
from spinscope.data.inputs import Skipped
from spinscope.data.sentences import split_sentences
import trafilatura, pyarrow.parquet, numpy

def peak_kb():
    # What `getrusage` says is not less than what the parent held when it started this process.
    status = Path("/proc/self/status")
    if not status.is_file():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(next(line for line in status.read_text().splitlines() if line.startswith("VmHWM")).split()[1])

list(read_articles([sys.argv[1]]))
before = peak_kb()
texts, reasons, sentences = [], [], 0
for item in read_articles(sys.argv[3:], stdin_kind=sys.argv[2]):
    if isinstance(item, Skipped):
        reasons.append(item.reason)
    else:
        texts.append([len(item.text), item.text[:40]])
        sentences += len(split_sentences(item.text, title_end=item.title_end))
peak = peak_kb() - before
print(json.dumps({"texts": texts, "reasons": reasons, "sentences": sentences, "peak_mb": peak / 1024}))
"""
Make = Callable[[BinaryIO], None]


def run_reader(folder: Path, inputs: list[str], *, kind: str = "text", make: Make | None = None) -> dict:
    """What a process of its own reads of the inputs, and by how many MB its memory grew at most."""
    good = folder / "good.txt"
    good.write_text(GOOD)
    command = [sys.executable, "-c", READER, str(good), kind, *inputs, str(good)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    assert child.stdin is not None

    def feed() -> None:
        try:
            if make is not None:
                make(child.stdin)
            child.stdin.close()
        except BrokenPipeError:
            pass  # the child has read enough

    feeder = threading.Thread(target=feed)
    feeder.start()
    out = child.stdout.read()  # type: ignore[union-attr]
    feeder.join()
    assert child.wait() == 0
    found = json.loads(out)
    print(f"{inputs} {kind}: peak +{found['peak_mb']:.0f} MB, {found['reasons'][:3]}")
    assert found["texts"].pop() == [len(GOOD), GOOD]
    return found


def filled(before: bytes, piece: bytes, n_bytes: int, after: bytes) -> Make:
    """Writes `piece` over and over between two ends."""
    block = piece * (2**20 // len(piece))

    def make(stream: BinaryIO) -> None:
        stream.write(before)
        for _ in range(n_bytes // len(block)):
            stream.write(block)
        stream.write(after)

    return make


GIGABYTE = 10**9
LINES = {
    "text": (filled(b"", b"word ", GIGABYTE, b""), [], "longer than 20,000,000 characters"),
    "jsonl": (filled(b'{"text": "First."}\n{"text": "', b"word ", GIGABYTE, b'"}\n{"text": "Next."}\n'), [[6, "First."], [5, "Next."]], "a row of more than 80,000,000 bytes"),
    "csv": (filled(b'text\nFirst.\n"', b"word, ", GIGABYTE, b'"\nNext.\n'), [[6, "First."], [5, "Next."]], "a row of more than 80,000,000 bytes"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", LINES)
def test_a_gigabyte_on_one_line(tmp_path: Path, kind: str) -> None:
    make, texts, reason = LINES[kind]
    found = run_reader(tmp_path, ["-"], kind=kind, make=make)
    assert found["texts"] == texts
    assert len(found["reasons"]) == 1 and found["reasons"][0].startswith(reason)
    assert found["peak_mb"] < 300


@pytest.mark.slow
def test_a_sparse_gigabyte(tmp_path: Path) -> None:
    names = [str(tmp_path / name) for name in ("a.txt", "a.md", "a.html", "a.jsonl", "a.csv", "a.tsv", "a.parquet")]
    for name in names:
        with open(name, "wb") as stream:
            stream.truncate(GIGABYTE)
    found = run_reader(tmp_path, names)
    assert found["texts"] == [] and len(found["reasons"]) == len(names)
    assert found["peak_mb"] < 500


@pytest.mark.slow
@pytest.mark.parametrize("packer", ["gzip", "zstd"])
def test_bombs_of_six_gigabytes(tmp_path: Path, packer: str) -> None:
    pack = gzip.compress if packer == "gzip" else lambda data: pa.Codec("zstd").compress(data).to_pybytes()
    bomb = pack(b"a" * 2**26) * 100
    starts = {
        "txt": b"",
        "html": b"",
        "jsonl": b'{"text": "First."}\n',
        "csv": b"text\nFirst.\n",
        "tsv": b"id\ttext\n1\tFirst.\n",
    }
    names = [str(tmp_path / f"a.{ending}.gz") for ending in starts]
    for name, start in zip(names, starts.values(), strict=True):
        Path(name).write_bytes(pack(start) + bomb)
    found = run_reader(tmp_path, names)
    assert found["texts"] == [[6, "First."], [6, "First."]]
    assert (
        found["reasons"]
        == ["not readable: it unpacks to more than 200 times its size; nothing from here on was read"] * 5
    )
    assert found["peak_mb"] < 400


@pytest.mark.slow
def test_a_cell_of_a_hundred_megabytes(tmp_path: Path) -> None:
    closed = filled(b'text\nFirst.\n"', b'A line, and ""words"".\n', 10**8, b'"\nNext.\n')
    found = run_reader(tmp_path, ["-"], kind="csv", make=closed)
    assert found["texts"] == [[6, "First."], [5, "Next."]]
    assert found["reasons"] == ["a row of more than 80,000,000 bytes, the most that one may have"]
    assert found["peak_mb"] < 1000
    never = filled(b'id,text\n1,First.\n2,"', b"A line of many words" * 500 + b"\n", 6 * 10**7, b"3,Next.\n")
    found = run_reader(tmp_path, ["-"], kind="csv", make=never)
    assert found["texts"] == [[6, "First."], [5, "Next."]]
    assert found["reasons"][0] == "a quotation mark in this row is never closed; reading goes on with the next line"
    assert found["peak_mb"] < 1000


@pytest.mark.slow
def test_the_longest_article_that_is_read(tmp_path: Path) -> None:
    text = "The ministry said on Tuesday that four thousand people had left the old harbour town. "
    make = filled(b'{"text": "', text.encode(), 19 * 2**20, b'"}\n')
    found = run_reader(tmp_path, ["-"], kind="jsonl", make=make)
    assert found["texts"][0][0] > 19_000_000 and found["sentences"] > 200_000
    assert found["peak_mb"] < 1000


def hostile_pages() -> Iterator[tuple[str, bytes]]:
    yield "deep", b"<div>" * 100_000 + WORDS + b"</div>" * 100_000
    yield "large", b"<html><body><article>" + WORDS * (50 * 2**20 // len(WORDS))
    yield "tags", b"<html><body>" + b"<h2>Head</h2>" * 20_000
    yield "line", b"<html><body><article><p>" + b"Some words of a sentence. " * 100_000
    yield "script", b"<html><body>" + WORDS + b"<script>" + b"x=1;" * 500_000 + b"</script>"
    yield "attributes", b"<html><body><p " + b" ".join(b"a%d=1" % number for number in range(10**6)) + b">"


@pytest.mark.slow
def test_hostile_pages_of_full_size(tmp_path: Path) -> None:
    names = []
    for name, page in hostile_pages():
        names.append(str(tmp_path / f"{name}.html"))
        Path(names[-1]).write_bytes(page)
    found = run_reader(tmp_path, names)
    assert len(found["texts"]) + len(found["reasons"]) == len(names)
    assert found["peak_mb"] < 1000


def test_sentences_of_hostile_text_are_bounded() -> None:
    assert max(len(s.text) for s in article_sentences(Article("a", "x" * 50_000))) == 10_000
