"""Plain CSV and Label Studio: what is written reads back the same, and what people and tools make of it is read."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinscope.config import Columns, Source
from spinscope.data.corpora import label_studio, read_source, record_tables
from spinscope.data.corpora.files import detect_format
from spinscope.errors import UserError
from spinscope.records import Sentence, Span, Voice
from spinscope.taxonomy import inventory

CORE = inventory("core")
LOADED, US, THREAT = CORE.ids
CORPUS = Path(__file__).parents[2] / "data" / "core" / "sentences.jsonl"


def read(path: Path, **more: Any) -> list[Sentence]:
    return read_source(Source(path=str(path), **more), name="", inventory=CORE)


def written(path: Path, sentences: list[Sentence]) -> Path:
    csv_file = path.suffix == ".csv"
    text = record_tables.render(sentences) if csv_file else label_studio.render(sentences, inventory=CORE)
    path.write_bytes(text.encode())
    return path


LETTERS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=12)
TEXTS = st.one_of(LETTERS, st.sampled_from(['"a", b', "=1+1\r\nx|y", " x ", "😀 vile 😀", "[]", "\ufeffx", "line\u2028end"]))


@st.composite
def sentences(draw: Any) -> list[Sentence]:
    out, start = [], 0
    for index in range(draw(st.integers(1, 3))):
        text = draw(TEXTS)
        annotated = draw(st.sampled_from([CORE.ids, (LOADED, THREAT), ()]))
        spans = []
        for technique in annotated:
            if draw(st.booleans()):
                a = draw(st.integers(0, len(text) - 1))
                spans.append(Span(a, draw(st.integers(a + 1, len(text))), technique))
        alone = [one for one in annotated if draw(st.booleans())]
        positives = {*alone, *(span.technique for span in spans)}
        voices = (Voice(0, len(text), "quoted", draw(st.sampled_from([None, "Ann | Bo"]))),) if draw(st.booleans()) else ()
        out.append(
            Sentence(
                article="a|1", index=index, start=start, end=start + len(text), text=text,
                spans=tuple(sorted(spans, key=lambda one: (one.start, one.end, CORE.index(one.technique)))),
                techniques=tuple(one for one in CORE.ids if one in positives), annotated=annotated, voices=voices,
                part="body" if index else "title", split=draw(st.sampled_from([None, "dev"])),
                metadata=draw(st.sampled_from([{}, {"n": 1, "roles": [{"by": "x|y"}]}])),
            )
        )
        start += len(text) + 1
    return out


@pytest.mark.parametrize("name", ["t.csv", "t.json"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sentences())
def test_nothing_is_lost(tmp_path: Path, name: str, made: list[Sentence]) -> None:
    assert read(written(tmp_path / name, made)) == made


@pytest.mark.parametrize("name", ["t.csv", "t.json"])
def test_the_corpus_itself_survives(tmp_path: Path, name: str) -> None:
    made = read(CORPUS)[:300]
    assert read(written(tmp_path / name, made)) == made


def write_rows(path: Path, *rows: list[str]) -> Path:
    with open(path, "w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def test_a_table_made_by_hand(tmp_path: Path) -> None:
    spans = json.dumps([{"start": 0, "end": 4, "technique": LOADED}])
    path = write_rows(
        tmp_path / "t.csv",
        ["text", "techniques", "spans", "note", "article", "annotated"],
        ["vile deal", "", spans, "hard", "a", ""],
        ["plain", "", "", "", "a", ""],
        ["both", f"{THREAT} | {US}", "", "", "b", ""],
        ["unread", "", "", "", "b", "[]"],
    )
    found = read(path)
    assert [s.techniques for s in found] == [(LOADED,), (), (US, THREAT), ()]
    assert [s.annotated for s in found] == [CORE.ids, CORE.ids, CORE.ids, ()]
    assert found[0].spans == (Span(0, 4, LOADED),) and [s.index for s in found] == [0, 1, 0, 1]


def test_named_columns_win_over_the_columns_of_a_record(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "t.csv", ["text", "techniques", "spans"], ["x", US, "not JSON"])
    found = read(path, columns=Columns(labels="techniques", article=None))
    assert found[0].techniques == (US,) and not found[0].spans


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["x", US, "[{", "1"], r"t.csv:2: column 'spans' is not JSON"),
        (["x", US, '[{"start": 0, "end": 9, "technique": "us_vs_them"}]', "1"], "span 0 to 9"),
        (["x", "us_vs_the", "", "1"], "did you mean 'us_vs_them'"),
        (["x", US, "", "one"], "'index' is 'one'"),
    ],
)
def test_faulty_rows_are_refused(tmp_path: Path, row: list[str], message: str) -> None:
    path = write_rows(tmp_path / "t.csv", ["text", "techniques", "spans", "index"], row)
    with pytest.raises(UserError, match=message):
        read(path)


def test_a_column_twice_is_refused(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "t.csv", ["text", "techniques", "text"], ["x", "", "y"])
    with pytest.raises(UserError, match="column 'text' stands twice"):
        read(path)


def task(*annotations: dict[str, Any], text: str = "They spit on us.", **more: Any) -> dict[str, Any]:
    return {"id": 7, "annotations": list(annotations), "drafts": [], "data": {"text": text, "article": "a", "index": 0}, **more}


def labelled(start: int, end: int, label: str, words: str | None = None, **more: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "labels": [label], **({"text": words} if words is not None else {})}
    result = {"id": "x1", "from_name": "techniques", "to_name": "text", "type": "labels", "value": value, "origin": "manual"}
    return {"id": 3, "was_cancelled": False, "ground_truth": False, "result": [result], **more}


def export(path: Path, *tasks: dict[str, Any]) -> Path:
    path.write_text(json.dumps(list(tasks)), encoding="utf-8")
    return path


def test_an_export_is_told_from_semeval_and_read(tmp_path: Path) -> None:
    path = export(tmp_path / "export.json", task(labelled(0, 15, US, "They spit on us", completed_by=1)))
    assert detect_format(path) == detect_format(tmp_path) == "label-studio"
    (one,) = read(path)
    assert one.spans == (Span(0, 15, US),) and one.annotated == CORE.ids
    other = tmp_path / "memes.json"
    other.write_text('[{"id": "1", "labels": [], "text": "\\"data\\": x"}]')
    assert detect_format(other) == "semeval2021"


def test_no_annotation_a_skipped_one_and_an_empty_one(tmp_path: Path) -> None:
    path = export(tmp_path / "e.json", task(), task({"result": [], "was_cancelled": True}), task({"result": []}))
    tasks = json.loads(path.read_text())
    for index, one in enumerate(tasks):
        one["data"]["index"] = index
    found = read(export(path, *tasks))
    assert [s.annotated for s in found] == [(), (), CORE.ids] and not any(s.techniques for s in found)


def test_of_several_annotators_one_is_named(tmp_path: Path) -> None:
    ann = labelled(0, 4, US, completed_by={"id": 1, "email": "ann@x.org"})
    path = export(tmp_path / "e.json", task(ann, labelled(0, 4, LOADED, completed_by=2)))
    with pytest.raises(UserError, match=r"2 annotations by 2, ann@x.org"):
        read(path)
    assert read(path, annotator="ann@x.org")[0].techniques == read(path, annotator="1")[0].techniques == (US,)
    assert read(path, annotator="2")[0].techniques == (LOADED,)
    assert read(path, annotator="3")[0].annotated == ()
    truth = export(tmp_path / "t.json", task(ann, labelled(0, 4, LOADED, ground_truth=True)))
    assert read(truth)[0].techniques == (LOADED,)


def test_predictions_are_labels_only_when_asked_for(tmp_path: Path) -> None:
    path = export(tmp_path / "e.json", task(predictions=[{"model_version": "m", "result": labelled(0, 4, US)["result"]}]))
    assert read(path)[0].annotated == ()
    assert read(path, annotator="predictions")[0].techniques == (US,)


def test_a_technique_of_the_whole_sentence(tmp_path: Path) -> None:
    choice = {"type": "choices", "from_name": "sentence", "to_name": "text", "value": {"choices": [THREAT]}}
    note = {"type": "textarea", "value": {"text": ["hard"]}}
    (one,) = read(export(tmp_path / "e.json", task({"result": [choice, note]})))
    assert one.techniques == (THREAT,) and not one.spans


def test_offsets_that_count_utf16_units(tmp_path: Path) -> None:
    for start in (2, 3):  # "😀 vile": one code point or two units before the blank
        (one,) = read(export(tmp_path / "e.json", task(labelled(start, start + 4, LOADED, "vile"), text="😀 vile!")))
        assert one.spans == (Span(2, 6, LOADED),)
    with pytest.raises(UserError, match="should read 'gone'"):
        read(export(tmp_path / "e.json", task(labelled(2, 6, LOADED, "gone"), text="😀 vile!")))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"data": {}}', "a JSON dict"),
        ('[{"data": {"body": "x"}}]', "no 'data' with a 'text'"),
        ('[{"data": {"text": "x"}, "annotations": [3]}]', "no objects"),
        ('[{"data": {"text": "x"}, "annotations": [{"result": [{"type": "labels", "value": {}}]}]}]', "from None to None"),
        ('[{"data": {"text": "x"}, "annotations": [{"result": [{"type": "choices", "value": {"choices": ["doub"]}}]}]}]', "label 'doub'"),
    ],
)  # fmt: skip
def test_faulty_tasks_are_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "e.json"
    path.write_text(content)
    with pytest.raises(UserError, match=message):
        read(path, format="label-studio")


def test_the_interface_offers_every_technique() -> None:
    root = ElementTree.fromstring(label_studio.labelling_interface(CORE))
    assert [one.get("value") for one in root.iter("Label")] == [one.get("value") for one in root.iter("Choice")] == list(CORE.ids)


def test_the_sentence_before_is_shown() -> None:
    one = Sentence(article="a", index=0, start=0, end=1, text="x")
    tasks = json.loads(label_studio.render([one, replace(one, index=1, start=2, end=3, text="y")], inventory=CORE))
    assert [each["data"]["previous"] for each in tasks] == ["", "x"]
