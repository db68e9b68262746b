"""`convert`: any format to native JSONL that reads back the same."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from spinscope.config import Data, Source
from spinscope.data.corpora import read_source
from spinscope.errors import UserError
from spinscope.jobs.conversion import convert
from spinscope.taxonomy import inventory


def silent() -> Console:
    return Console(file=io.StringIO())


def test_a_corpus_reads_back_the_same(tmp_path: Path) -> None:
    (tmp_path / "train-articles").mkdir()
    (tmp_path / "train-articles" / "article1.txt").write_text("Head\n\nThe vandals will pay.\n", encoding="utf-8")
    (tmp_path / "train-task-flc-tc.labels").write_text("1\tName_Calling,Labeling\t10\t17\n")
    out = tmp_path / "out" / "ptc.jsonl"
    console = silent()
    assert convert(str(tmp_path), out, console=console) == 0
    own = inventory("ptc-14")
    before = read_source(Source(path=str(tmp_path)), name="", inventory=own)
    assert read_source(Source(path=str(out)), name="", inventory=own) == before
    assert console.file.getvalue() == (
        f"{out}: 2 sentences of 1 articles, 1 with a technique of ptc-14. "
        "To read it: data.format=native data.inventory=ptc-14\n"
    )
    again = tmp_path / "again.jsonl"
    assert convert(Source(path=str(out), inventory="ptc-14"), again, console=silent()) == 0
    assert again.read_bytes() == out.read_bytes()


def test_metadata_splits_and_title_survive(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,labels,article,part\nx,us_vs_them,,valid\n")
    source = Data(path=str(tmp_path / "t.csv"), columns={"split": "part"})  # type: ignore[arg-type]
    convert(source, tmp_path / "t.jsonl", console=silent())
    record = json.loads((tmp_path / "t.jsonl").read_text())
    assert record["split"] == "dev" and record["metadata"] == {"no_article": True}
    assert record["techniques"] == ["us_vs_them"] and record["annotated"] == list(inventory("core").ids)


def test_mistakes_leave_no_file(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    (tmp_path / "t.csv").write_text("text,labels,article\nx,us_vs_the,a\n")
    with pytest.raises(UserError, match="did you mean 'us_vs_them'"):
        convert(str(tmp_path / "t.csv"), out, console=silent())
    with pytest.raises(UserError) as caught:
        convert(str(tmp_path / "t.csv"), tmp_path / "out.csv", console=silent())
    assert str(caught.value) == "--out: 'out.csv'\n  expected: a file that ends in .jsonl"
    with pytest.raises(UserError, match="did you mean 'csv'"):
        convert(str(tmp_path / "t.csv"), out, data_format="cvs", console=silent())
    assert [file.name for file in tmp_path.iterdir()] == ["t.csv"]
