"""gzip and zstd inputs: every kind, standard input, damaged ones, and bombs given up."""

from __future__ import annotations

import gzip
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from spinscope.data import limits
from spinscope.data.articles import find_files, holds_many, read_articles
from spinscope.data.inputs import Skipped
from spinscope.records import Article

WORDS = "The council met on Monday. “Nobody knew,” said Ann Lee. שלום 👩‍👩‍👧\r\n"
PAGE = f"<html><head><title>Vote</title></head><body><article><h1>Vote</h1><p>{WORDS * 3}</p></article></body></html>"
KINDS = {
    "a.txt": WORDS, "a.md": f"# Vote\n\n{WORDS}", "a.html": PAGE, "a.jsonl": json.dumps({"text": WORDS}) + "\n",
    "a.csv": f'id,text\n1,"{WORDS}"\n', "a.tsv": "id\ttext\n1\tShort and plain.\n",
}  # fmt: skip


def zstd(data: bytes) -> bytes:
    return pa.Codec("zstd").compress(data).to_pybytes()


PACKERS = pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gz", "zst"])
Packer = Callable[[bytes], bytes]


def texts(path: Path) -> list[str]:
    return [item.text for item in read_articles([str(path)]) if isinstance(item, Article)]


def skipped(path: Path) -> str:
    (item,) = read_articles([str(path)])
    assert isinstance(item, Skipped)
    return item.reason


@PACKERS
@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_read_as_if_it_were_not_compressed(tmp_path: Path, name: str, pack: Packer, request) -> None:
    plain = tmp_path / name
    plain.write_bytes(KINDS[name].encode())
    for ending in (".gz", ".zst", ".GZ"):  # the first bytes say how it is compressed, whatever the name says
        packed = tmp_path / (name + ending)
        packed.write_bytes(pack(KINDS[name].encode()))
        assert texts(packed) == texts(plain) != []
        assert holds_many(str(packed)) == holds_many(str(plain))
    hidden = tmp_path / f"hidden-{name}"
    hidden.write_bytes(pack(KINDS[name].encode()))
    assert texts(hidden) == texts(plain)
    unpacked = tmp_path / f"b{name[1:]}.gz"
    unpacked.write_bytes(KINDS[name].encode())
    assert texts(unpacked) == texts(plain)


@PACKERS
@pytest.mark.parametrize("kind", ["text", "jsonl", "csv", "tsv", "html", "markdown"])
def test_standard_input_is_unpacked(kind: str, pack: Packer, monkeypatch: pytest.MonkeyPatch) -> None:
    name = {"text": "a.txt", "markdown": "a.md"}.get(kind, f"a.{kind}")
    found = []
    for data in (KINDS[name].encode(), pack(KINDS[name].encode())):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        (article,) = read_articles(["-"], stdin_kind=kind)
        assert isinstance(article, Article)
        found.append(article.text)
        assert not sys.stdin.buffer.closed
    assert found[0] == found[1]


@PACKERS
def test_parts_that_were_put_one_after_another_are_read_on(tmp_path: Path, pack: Packer) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(b"".join(pack(json.dumps({"text": f"Part {n}."}).encode() + b"\n") for n in range(3)))
    assert texts(path) == ["Part 0.", "Part 1.", "Part 2."]


def test_a_zstd_file_may_begin_with_a_frame_to_be_skipped(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.zst"
    path.write_bytes(b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc" + zstd(b"Plain words."))
    assert texts(path) == ["Plain words."]


@PACKERS
def test_a_damaged_file_is_skipped_and_what_came_before_is_read(tmp_path: Path, pack: Packer) -> None:
    rows = "".join(json.dumps({"text": f"{n} {'abc'[n % 3] * (n % 91)}"}) + "\n" for n in range(12_000)).encode()
    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(pack(rows)[:-1000])
    *articles, last = read_articles([str(path)])
    assert len(articles) > 1000 and all(isinstance(item, Article) for item in articles)
    assert isinstance(last, Skipped) and "damaged or cut short as " in last.reason
    text = tmp_path / "a.txt.gz"
    text.write_bytes(pack(rows)[:50])
    assert "damaged or cut short as " in skipped(text)
    text.write_bytes(pack(b""))
    assert skipped(text) == "empty"


@PACKERS
def test_a_bomb_is_given_up(tmp_path: Path, pack: Packer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FREE_UNPACKED_BYTES", 2**20)
    row = json.dumps({"text": "Fine."}).encode() + b"\n"
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(pack(row + b" " * 2**23))
    first, last = read_articles([str(path)])
    assert isinstance(first, Article) and first.text == "Fine."
    assert isinstance(last, Skipped)
    assert last.reason == "not readable: it unpacks to more than 200 times its size; nothing from here on was read"
    monkeypatch.setattr(limits, "MOST_UNPACKED_RATIO", 10**9)
    monkeypatch.setattr(limits, "MOST_UNPACKED_BYTES", 2**22)
    assert [item.reason for item in read_articles([str(path)]) if isinstance(item, Skipped)] == [
        "not readable: it unpacks to more than 4,194,304 bytes; nothing from here on was read"
    ]
    monkeypatch.setattr(limits, "MOST_CHARACTERS", 2**18)
    path = tmp_path / "a.txt.gz"
    path.write_bytes(pack(b"a" * 2**23))
    assert skipped(path) == "longer than 262,144 characters, the most that one article may have: split it"


def test_names_of_compressed_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("in/a.csv.gz", "in/b.html.zst", "in/c.gz", "in/d.tar.gz", "in/e.csv.gz", "in/f.parquet.gz"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(gzip.compress(b"id,text\n1,Hello.\n"))
    assert find_files(["in"]) == ["in/a.csv.gz", "in/b.html.zst", "in/e.csv.gz", "in/f.parquet.gz"]
    ids = [item.id for item in read_articles(["in/a.csv.gz", "in/e.csv.gz"]) if isinstance(item, Article)]
    assert ids == ["1", "e:1"]
    assert texts(Path("in/c.gz")) == ["id,text\n1,Hello.\n"]
    assert skipped(Path("in/d.tar.gz")).startswith("files ending in .tar are not read; supported: ")
    assert "unpack it" in skipped(Path("in/f.parquet.gz"))
