"""Scores read back: three formats and folders say the same, and what is not whole is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spinscope.data.score_files import (
    about_article,
    encode_scores,
    plain_cell,
    safe_cell,
    score_line,
    score_schema,
)
from spinscope.data.score_joining import deal_parquet, join_lines, join_parquet, month_of
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
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_scores(lines, kind=path.suffix[1:], techniques=TECHNIQUES))
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


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_shards_join_to_what_was_written_in_one_go(tmp_path: Path, ending: str) -> None:
    lines = score_lines()
    parts = [write(tmp_path / f"{n}.{ending}", part) for n, part in enumerate((lines[:3], [], lines[3:]))]
    with (tmp_path / f"whole.{ending}").open("wb") as stream:
        if ending == "parquet":
            join_parquet(parts, stream, score_schema(TECHNIQUES))
        else:
            join_lines(parts, stream, with_header=ending == "csv")
    assert list(read_scores(tmp_path / f"whole.{ending}")) == lines
    if ending != "parquet":
        assert (tmp_path / f"whole.{ending}").read_bytes() == write(tmp_path / f"x.{ending}", lines).read_bytes()


def test_rows_are_dealt_out_by_value(tmp_path: Path) -> None:
    lines = [
        {**line, "source": source, "date": date}
        for line, source, date in zip(
            score_lines(),
            ["A", "B/é", None, "A", "A", "B/é", "C=1"],
            ["2024-03-01", "2024-03", None, "x"] * 2,
            strict=False,
        )
    ]
    parts = [write(tmp_path / f"{n}.parquet", part) for n, part in enumerate((lines[:4], lines[4:]))]
    tables: dict = {}
    dealt = list(deal_parquet(parts, by=("source", "month"), schema=score_schema(TECHNIQUES), write=tables.__setitem__))
    assert [name for name, _, _ in dealt] == list(tables)
    assert {name.rsplit("/", 1)[0]: values for name, _, values in dealt} == {
        "source=A/month=2024-03": {"source": "A", "month": "2024-03"},
        "source=A/month=__HIVE_DEFAULT_PARTITION__": {"source": "A", "month": None},
        "source=B%2F%C3%A9/month=2024-03": {"source": "B/é", "month": "2024-03"},
        "source=__HIVE_DEFAULT_PARTITION__/month=__HIVE_DEFAULT_PARTITION__": {"source": None, "month": None},
        "source=C%3D1/month=__HIVE_DEFAULT_PARTITION__": {"source": "C=1", "month": None},
    }
    assert sum(rows for _, rows, _ in dealt) == len(lines)
    assert all("source" not in table.column_names and "date" in table.column_names for table in tables.values())
    assert (month_of("2024-13-01"), month_of("March 2024"), month_of(None)) == (None, None, None)


def test_what_is_not_whole_is_refused(tmp_path: Path) -> None:
    folder = folder_of_shards(tmp_path / "scores")
    with (folder / "part-00001.jsonl").open("a") as stream:
        stream.write("\n")
    with pytest.raises(UserError, match=r"part-00001\.jsonl: altered since it was written"):
        next(read_scores(folder))
    (folder / "part-00001.jsonl").unlink()
    with pytest.raises(UserError, match=r"part-00001\.jsonl: missing"):
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
