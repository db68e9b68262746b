"""SemEval-2021 task 6: files of both subtasks, offsets, duplicate ids, faulty entries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spinscope.config import Source
from spinscope.data.corpora import read_source
from spinscope.data.corpora.semeval2021 import subtask_files
from spinscope.errors import UserError
from spinscope.records import Sentence, Span
from spinscope.taxonomy import inventory

INVENTORY = inventory("semeval-2021")
TEXT = "\n  WAKE UP,\nsheeple!\n\n"


def write(path: Path, *entries: Any) -> Path:
    path.write_text(json.dumps(list(entries)), encoding="utf-8")
    return path


def read(path: Path, **settings: Any) -> list[Sentence]:
    return read_source(Source(path=str(path), **settings), name="", inventory=INVENTORY)


def label(fragment: str, technique: str) -> dict[str, Any]:
    start = TEXT.index(fragment)
    return {"start": start, "end": start + len(fragment), "technique": technique, "text_fragment": fragment}


def test_both_subtasks_of_a_folder(tmp_path: Path) -> None:
    write(tmp_path / "training_set_task1.txt", {"id": "1", "labels": ["Slogans", "Name calling/Labeling"], "text": TEXT})
    write(tmp_path / "dev_set_task1.txt", {"id": "2", "labels": [], "text": "Plain."})
    write(
        tmp_path / "training_set_task2.txt",
        {"id": "1", "labels": [label("sheeple", "Name calling/Labeling"), label("\n  WAKE UP", "Slogans")], "text": TEXT},
    )
    (tmp_path / "techniques_list_task1-2.txt").write_text("Slogans\n")
    assert [file.name for file in subtask_files(tmp_path, 1)] == ["dev_set_task1.txt", "training_set_task1.txt"]
    one, two = read(tmp_path)
    assert (one.article, one.start, one.text) == ("1", 3, "WAKE UP,\nsheeple!")
    assert one.techniques == ("name_calling_labeling", "slogans") and one.annotated == INVENTORY.ids
    assert (two.techniques, two.annotated, two.split) == ((), INVENTORY.ids, None)
    (with_spans,) = read(tmp_path, subtask=2)
    assert with_spans.techniques == one.techniques
    assert with_spans.spans == (Span(0, 7, "slogans"), Span(9, 16, "name_calling_labeling"))


def test_duplicate_ids(tmp_path: Path) -> None:
    write(
        tmp_path / "a_task1.json",
        {"id": "1", "labels": ["Doubt"], "text": "x"},
        {"id": "1", "labels": ["Doubt"], "text": "x"},
        {"id": "1", "text": "x"},
        {"id": "2", "labels": ["Doubt"], "text": "y"},
        {"id": "2", "labels": [], "text": "y"},
    )
    before = read(tmp_path)
    assert [s.article for s in before if s.text == "x"] == ["1"]
    twice = {s.article for s in before if s.text == "y"}
    assert len(twice) == 2 and all(article.startswith("2~") for article in twice)
    entries = json.loads((tmp_path / "a_task1.json").read_text())
    write(tmp_path / "a_task1.json", *entries[::-1])
    assert read(tmp_path) == before


def test_a_text_without_labels_has_nothing_annotated(tmp_path: Path) -> None:
    assert read(write(tmp_path / "test_task1.txt", {"id": 9, "text": "x"}))[0].annotated == ()


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ({"id": "1"}, "an entry without id or text"),
        ({"id": "1", "text": "x", "labels": [{"technique": "Doubt"}]}, "label {'technique': 'Doubt'}"),
        ({"id": "1", "text": "x", "labels": [{"start": 0, "end": 2, "technique": "Doubt"}]}, "span 0 to 2"),
        (
            {"id": "1", "text": "xy", "labels": [{"start": 0, "end": 1, "technique": "Doubt", "text_fragment": "y"}]},
            "text_fragment of span 0 to 1 differs from the text there",
        ),
        ({"id": "1", "text": "x", "labels": ["Slogan"]}, "label 'Slogan' is not in the inventory 'semeval-2021'"),
    ],
)
def test_faulty_entries(tmp_path: Path, entry: dict[str, Any], found: str) -> None:
    with pytest.raises(UserError) as caught:
        read(write(tmp_path / "t.json", entry))
    assert caught.value.found == found
    assert caught.value.where.startswith(f"{tmp_path / 't.json'}: entry 1")


def test_empty_and_missing_files(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text("")
    with pytest.raises(UserError, match="the file is empty"):
        read(path)
    with pytest.raises(UserError, match="no sentence"):
        read(write(path))
    with pytest.raises(UserError) as caught:
        read(tmp_path, format="semeval2021")
    assert str(caught.value) == f"{tmp_path}: no file of subtask 1\n  expected: a file like training_set_task1.txt"
