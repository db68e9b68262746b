"""Formats told from files, several sources in one inventory, and what each source does not annotate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spinscope.config import Data, Source
from spinscope.data.corpora import load_sentences, read_source
from spinscope.data.corpora.files import detect_format
from spinscope.data.corpora.loading import MODULES, OWN_INVENTORIES
from spinscope.errors import UserError
from spinscope.files import dump_json
from spinscope.records import Span
from spinscope.taxonomy import inventory

CORE = inventory("core")


def write_native(path: Path, *records: dict) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(dump_json(record) + "\n" for record in records), encoding="utf-8")
    return path


def write_ptc(folder: Path) -> Path:
    (folder / "train-articles").mkdir(parents=True)
    (folder / "train-articles" / "article1.txt").write_text("Head\n\nThe vandals will pay for this.\nPlain.\n")
    lines = "1\tLoaded_Language\t10\t17\n1\tAppeal_to_fear-prejudice\t18\t26\n"
    (folder / "train-task-flc-tc.labels").write_text(lines)
    return folder


def test_every_format_of_the_config_has_a_reader() -> None:
    from typing import get_args

    from spinscope.config import Format

    assert set(MODULES) == set(get_args(Format)) - {"auto"}
    assert all(inventory(name) for name in OWN_INVENTORIES.values())


def test_formats_are_told_from_the_files(tmp_path: Path) -> None:
    cases = {
        "a.jsonl": "native", "a.csv": "csv", "a.TSV": "tsv", "a.parquet": "parquet", "a.json": "semeval2021",
    }  # fmt: skip
    for name, expected in cases.items():
        folder = tmp_path / expected
        folder.mkdir()
        (folder / name).write_text("x")
        assert detect_format(folder / name) == detect_format(folder) == expected
    ptc = write_ptc(tmp_path / "ptc")
    assert detect_format(ptc) == detect_format(ptc / "train-articles") == "ptc"
    (tmp_path / "memes").mkdir()
    (tmp_path / "memes" / "dev_task1.txt").write_text("\ufeff [{}]", encoding="utf-8")
    (tmp_path / "memes" / "techniques.txt").write_text("Doubt")
    assert detect_format(tmp_path / "memes") == detect_format(tmp_path / "memes" / "dev_task1.txt") == "semeval2021"
    (tmp_path / "marked").mkdir()
    (tmp_path / "marked" / "a1.txt").write_text("id: a1")
    assert detect_format(tmp_path / "marked") == detect_format(tmp_path / "marked" / "a1.txt") == "markup"


def test_formats_that_cannot_be_told(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        detect_format(tmp_path / "nowhere")
    assert str(caught.value) == f"{tmp_path}/nowhere: no such file or folder\n  to mend: check the path."
    with pytest.raises(UserError, match=r"For a data set of the hub, set data\.format to datasets"):
        detect_format(Path("someone/corpus"))
    with pytest.raises(UserError, match="the format cannot be told"):
        detect_format(tmp_path)
    (tmp_path / "a.csv").write_text("x")
    (tmp_path / "b.jsonl").write_text("x")
    with pytest.raises(UserError) as caught:
        detect_format(tmp_path)
    assert str(caught.value) == f"{tmp_path}: files of several formats: csv, native\n  to mend: name one in data.format."


def test_no_path() -> None:
    with pytest.raises(UserError) as caught:
        load_sentences(Data(), target=CORE)
    assert str(caught.value) == (
        "data: no path\n  expected: the file or folder of the corpus\n  to mend: set data.path."
    )


def test_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "gone.jsonl"
    with pytest.raises(UserError) as caught:
        load_sentences(Data(path=str(path), format="native"), target=CORE)
    assert str(caught.value) == f"{path}: no such file or folder\n  to mend: check the path."


def test_a_source_is_translated_and_what_it_does_not_annotate_is_masked(tmp_path: Path) -> None:
    head, pays, plain = load_sentences(Data(path=str(write_ptc(tmp_path))), target=CORE)
    assert pays.techniques == ("loaded_language",) and pays.spans == (Span(4, 11, "loaded_language"),)
    # Fear is broader than threat: its presence says nothing of a threat, its absence that there is none.
    assert pays.annotated == ("loaded_language",)
    assert head.annotated == plain.annotated == ("loaded_language", "appeal_to_threat")


def test_several_sources_keep_their_own_inventories(tmp_path: Path) -> None:
    own = write_native(tmp_path / "own.jsonl", {"article": "1", "text": "Us or them.", "techniques": ["us_vs_them"]})
    sources = {
        "ptc": Source(path=str(write_ptc(tmp_path / "ptc"))),
        "own": Source(path=str(own), inventory="core", split="dev"),
    }
    target = inventory(["ptc-14", "core"])
    sentences = load_sentences(Data(sources=sources, taxonomy=["ptc-14", "core"]), target=target)
    assert [(s.article, s.source, s.split) for s in sentences] == [
        ("own/1", "own", "dev"), ("ptc/1", "ptc", None), ("ptc/1", "ptc", None), ("ptc/1", "ptc", None),
    ]  # fmt: skip
    assert set(sentences[0].annotated) == {"us_vs_them", "loaded_language", "appeal_to_threat"}
    assert "us_vs_them" not in sentences[1].annotated and "doubt" in sentences[1].annotated
    reverse = Data(sources=dict(reversed(sources.items())), taxonomy=["ptc-14", "core"])
    assert load_sentences(reverse, target=target) == sentences


def test_one_named_source_keeps_its_article_ids(tmp_path: Path) -> None:
    path = write_native(tmp_path / "a.jsonl", {"article": "1", "text": "x"})
    (sentence,) = load_sentences(Data(sources={"own": Source(path=str(path))}), target=CORE)
    assert (sentence.article, sentence.source) == ("1", "own")


def test_the_inventory_of_a_source_must_be_known(tmp_path: Path) -> None:
    path = write_native(tmp_path / "a.jsonl", {"article": "1", "text": "x"})
    with pytest.raises(UserError, match="did you mean 'ptc-14'"):
        load_sentences(Data(path=str(path), inventory="ptc14"), target=CORE)


def test_markup_is_core_whatever_the_target(tmp_path: Path) -> None:
    head = "id: a1\ndomain: sport\nregister: analysis\nsource: X\ndate: 2020-01-01\nside: none\n---\n"
    (tmp_path / "a1.txt").write_text(f"{head}Title\n\nA <L>vile</L> win.\n")
    target = inventory("semeval-2021")
    sentences = load_sentences(Data(path=str(tmp_path), taxonomy="semeval-2021"), target=target)
    assert sentences[1].techniques == ("loaded_language",)


def test_json_order_of_keys_means_nothing(tmp_path: Path) -> None:
    record = {"article": "1", "text": "x", "techniques": ["us_vs_them", "loaded_language"], "annotated": list(CORE.ids)}
    one = write_native(tmp_path / "one.jsonl", record)
    two = tmp_path / "two.jsonl"
    two.write_text(json.dumps(dict(reversed({**record, "annotated": list(CORE.ids)[::-1]}.items()))) + "\n")
    assert read_source(Source(path=str(one)), name="", inventory=CORE) == read_source(
        Source(path=str(two)), name="", inventory=CORE
    )
