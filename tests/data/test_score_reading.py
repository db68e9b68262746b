"""Scores read back: three formats and folders say the same, and what is not whole is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spinscope.data.score_files import about_article, open_scores, plain_cell, safe_cell, score_line
from spinscope.data.score_reading import read_scores, score_manifest
from spinscope.errors import UserError
from spinscope.files import sha256_of_file, write_json
from spinscope.records import Article, ScoredSentence, Voice

TECHNIQUES = ("loaded_language", "us_vs_them")
ORIGIN = {
    "checkpoint": "cues", "checkpoint_sha256": "c0ffee", "taxonomy_sha256": "7a", "text_sha256": "ab",
}  # fmt: skip
TEXTS = ["=cmd()", "'=cmd()", "''-1", "plain, “quoted” שלום\r\nand more", "'tis", "\ufeff+1", "two  \u2028 lines"]
METADATA = {"source": "Ledger", "date": 2024, "section": {"name": "=Oped"}, "tags": [1, None, "x"], "page": 3.5}


def score_lines() -> list[dict]:
    about = about_article(Article("a1", "".join(TEXTS), metadata=METADATA))
    lines = []
    for index, text in enumerate(TEXTS):
        voices = (Voice(0, 2, "quoted", "Ann" if index else None),) if index % 2 else ()
        techniques = TECHNIQUES[: index % 3]
        values = {"loaded_language": index / 7, "us_vs_them": 0.5}
        one = ScoredSentence("=a1", index, index, index + len(text), text, voices, values, techniques, 1 + index)
        lines.append(score_line(one, part="body", about=about, origin=ORIGIN))
    return lines


def write(path: Path, lines: list[dict]) -> Path:
    with open_scores(path, techniques=TECHNIQUES) as writer:
        writer.write(lines)
    return path


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_each_format_reads_back_what_was_written(tmp_path: Path, ending: str) -> None:
    lines = score_lines()
    found = list(read_scores(write(tmp_path / f"s.{ending}", lines)))
    assert found == lines
    assert [list(line) for line in found] == [list(line) for line in lines]
    first = found[0]
    assert (first["source"], first["date"], first["language"]) == ("Ledger", "2024", None)
    assert first["metadata"] == {"section": {"name": "=Oped"}, "tags": [1, None, "x"], "page": 3.5}


def test_cells_lose_nothing() -> None:
    for text in [*TEXTS, "", "'", "''", "-", "＝1", " =x", "' =x"]:
        assert plain_cell(safe_cell(text)) == text


def folder_of_shards(folder: Path, ending: str = "jsonl") -> Path:
    lines = score_lines()
    files = [write(folder / f"part-0000{number}.{ending}", part) for number, part in enumerate((lines[:3], lines[3:]))]
    entries = [{"name": file.name, "sha256": sha256_of_file(file)} for file in files]
    write_json(folder / "manifest.json", {"kind": "scores", "files": entries})
    return folder


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_a_folder_reads_in_the_order_of_its_manifest(tmp_path: Path, ending: str) -> None:
    assert list(read_scores(folder_of_shards(tmp_path / "scores", ending))) == score_lines()


def test_what_is_not_whole_is_refused(tmp_path: Path) -> None:
    folder = folder_of_shards(tmp_path / "scores")
    with (folder / "part-00001.jsonl").open("a") as stream:
        stream.write("\n")
    with pytest.raises(UserError, match=r"part-00001\.jsonl: altered since it was written"):
        next(read_scores(folder))
    (folder / "part-00001.jsonl").unlink()
    with pytest.raises(UserError, match="a shard is missing"):
        next(read_scores(folder))
    (folder / "manifest.json").unlink()
    with pytest.raises(UserError, match=r"no manifest\.json: the scores are not finished"):
        next(read_scores(folder))
    with pytest.raises(UserError, match="no such file"):
        next(read_scores(tmp_path / "none.jsonl"))
    (tmp_path / "s.txt").write_text("x")
    with pytest.raises(UserError, match=r"ending '\.txt'"):
        next(read_scores(tmp_path / "s.txt"))
    (tmp_path / "s.jsonl").write_text(json.dumps(score_lines()[0]) + '\n{"text": "x"}\n')
    with pytest.raises(UserError, match=r"s\.jsonl:2: not a score line"):
        list(read_scores(tmp_path / "s.jsonl"))
    with pytest.raises(UserError, match=r"no s\.manifest\.json"):
        score_manifest(tmp_path / "s.jsonl")
    (tmp_path / "s.csv").write_text("article,index\na,x\n")
    with pytest.raises(UserError, match=r"s\.csv:2: not a score line"):
        list(read_scores(tmp_path / "s.csv"))
    (tmp_path / "s.parquet").write_text("no")
    with pytest.raises(UserError, match="not Parquet"):
        list(read_scores(tmp_path / "s.parquet"))
