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
        convert(str(tmp_path / "t.csv"), tmp_path / "out.txt", console=silent())
    endings = ".jsonl (native), .csv (csv), .json (label-studio), or --to"
    assert str(caught.value) == f"--out: 'out.txt'\n  expected: a file that ends in {endings}"
    with pytest.raises(UserError, match="did you mean 'label-studio'"):
        convert(str(tmp_path / "t.csv"), out, to="labelstudio", console=silent())
    with pytest.raises(UserError, match="did you mean 'csv'"):
        convert(str(tmp_path / "t.csv"), out, data_format="cvs", console=silent())
    assert [file.name for file in tmp_path.iterdir()] == ["t.csv"]


def test_to_csv_and_label_studio_and_back(tmp_path: Path) -> None:
    first = tmp_path / "first.jsonl"
    records = [
        {"article": "a", "index": 0, "text": "Head", "part": "title", "annotated": []},
        {"article": "a", "index": 1, "text": "Vile, they say.", "techniques": ["us_vs_them"], "split": "test",
         "spans": [{"start": 0, "end": 4, "technique": "us_vs_them"}], "metadata": {"side": None}},
    ]  # fmt: skip
    (tmp_path / "given.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records))
    convert(str(tmp_path / "given.jsonl"), first, console=silent())
    for name in ("t.csv", "t.json"):
        convert(str(first), tmp_path / name, console=silent())
        convert(str(tmp_path / name), tmp_path / f"{name}.jsonl", console=silent())
        assert (tmp_path / f"{name}.jsonl").read_bytes() == first.read_bytes()
    assert "<Labels" in (tmp_path / "t.xml").read_text()
    convert(str(first), tmp_path / "table", to="csv", console=silent())
    assert (tmp_path / "table").read_bytes() == (tmp_path / "t.csv").read_bytes()


def test_a_config_or_settings_after_the_source_say_how_to_read_it(tmp_path: Path) -> None:
    table, file, out = tmp_path / "t.csv", tmp_path / "run.yaml", tmp_path / "out.jsonl"
    table.write_text("article,body,tags\na,Really?,doubt\n")
    file.write_text(f"data:\n  path: {table}\n  taxonomy: ptc-14\n  columns: {{text: body}}\n")
    assert convert(str(file), out, overrides=["data.columns.labels=tags"], console=silent()) == 0
    from_config = out.read_bytes()
    assert json.loads(from_config)["annotated"] == list(inventory("ptc-14").ids)
    settings = ["data.columns.labels=tags", "data.columns.text=body"]
    assert convert(str(table), out, overrides=settings, inventory_name="ptc-14", console=silent()) == 0
    assert out.read_bytes() == from_config
    with pytest.raises(UserError, match="--format with a config"):
        convert(str(file), out, data_format="csv", console=silent())
    with pytest.raises(UserError, match="at revision '0000"):
        convert("someone/data", out, data_format="datasets", overrides=[f'data.revision="{"0" * 40}"'], console=silent())


def test_the_second_subtask_of_semeval_2021(tmp_path: Path) -> None:
    task = {"id": "1", "text": "Vile, he said.", "labels": [{"start": 0, "end": 4, "technique": "Loaded Language"}]}
    (tmp_path / "t_task1.json").write_text(json.dumps([task | {"labels": []}]))
    (tmp_path / "t_task2.json").write_text(json.dumps([task]))
    out = tmp_path / "out.jsonl"
    assert convert(str(tmp_path), out, overrides=["data.subtask=2"], console=silent()) == 0
    assert json.loads(out.read_text().splitlines()[0])["techniques"] == ["loaded_language"]


def test_several_sources_are_converted_to_the_taxonomy_of_the_config(tmp_path: Path) -> None:
    for name, label in (("one", "loaded_language"), ("two", "us_vs_them")):
        (tmp_path / f"{name}.csv").write_text(f"article,text,labels\na,{name},{label}\n")
    sources = "".join(f"    {name}: {{path: {tmp_path / name}.csv}}\n" for name in ("one", "two"))
    (tmp_path / "run.yml").write_text(f"data:\n  sources:\n{sources}")
    out = tmp_path / "out.jsonl"
    convert(str(tmp_path / "run.yml"), out, console=silent())
    records = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(one["article"], one["techniques"]) for one in records] == [
        ("one/a", ["loaded_language"]), ("two/a", ["us_vs_them"]),
    ]  # fmt: skip
