"""The native format: what may be left out, what is refused, and that writing and reading agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinscope.config import Data, Source
from spinscope.data.corpora import UnknownLabel, load_sentences, native, read_source
from spinscope.errors import UserError
from spinscope.files import dump_json
from spinscope.records import Sentence, Span, Voice
from spinscope.taxonomy import inventory

CORE = inventory("core")


def write(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text("".join(dump_json(record) + "\n" for record in records), encoding="utf-8")
    return path


def read(path: Path, unknown: list[UnknownLabel] | None = None) -> list[Sentence]:
    return read_source(Source(path=str(path)), name="", inventory=CORE, unknown=unknown)


def test_the_example_of_a_full_record(tmp_path: Path) -> None:
    record = {
        "article": "a017", "index": 4, "start": 512, "end": 524, "text": "Vile, again.", "part": "title", "split": "dev",
        "voices": [{"start": 0, "end": 4, "voice": "quoted", "speaker": "Ada"}],
        "spans": [{"start": 0, "end": 4, "technique": "loaded_language"}],
        "techniques": ["loaded_language"], "annotated": ["us_vs_them", "loaded_language"], "metadata": {"date": "2020"},
    }  # fmt: skip
    (sentence,) = read(write(tmp_path / "a.jsonl", record))
    assert sentence == Sentence(
        "a017", 4, 512, 524, "Vile, again.", (Span(0, 4, "loaded_language"),), ("loaded_language",),
        ("loaded_language", "us_vs_them"), (Voice(0, 4, "quoted", "Ada"),), "title", "dev", "", {"date": "2020"},
    )  # fmt: skip


def test_what_is_left_out_is_filled_in(tmp_path: Path) -> None:
    records = [
        {"article": "a", "text": "One two.", "techniques": ["Loaded_Language"]},
        {"article": "a", "text": "Three.", "spans": [{"start": 0, "end": 5, "technique": "us_vs_them"}]},
        {"text": "Nobody labelled me."},
        {"article": 7, "text": "Plain.", "techniques": []},
    ]
    by_text = {s.text: s for s in read(write(tmp_path / "a.jsonl", *records))}
    one, three, bare = by_text["One two."], by_text["Three."], by_text["Nobody labelled me."]
    assert (one.index, one.start, one.end, one.annotated) == (0, 0, 8, CORE.ids)
    assert (three.index, three.start, three.end, three.techniques) == (1, 9, 15, ("us_vs_them",))
    assert bare.article.startswith("text-") and bare.metadata == {"no_article": True} and bare.annotated == ()
    assert by_text["Plain."].article == "7" and by_text["Plain."].annotated == CORE.ids


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"text": "x", "labels": []}, "unknown key 'labels'"),
    ({"techniques": []}, "no 'text'"),
    ({"text": 3}, "'text' is 3"),
    ({"text": "x", "techniques": "doubt"}, "'techniques' is 'doubt'"),
    ({"text": "x", "techniques": [1]}, "'techniques' holds 1"),
    ({"text": "x", "index": -1}, "'index' is -1"),
    ({"text": "x", "index": True}, "'index' is True"),
    ({"text": "x", "start": 0}, "'start' without 'end', or the reverse"),
    ({"text": "xyz", "start": 0, "end": 4}, "start 0 and end 4 do not fit the text's 3 characters"),
    ({"text": "x", "spans": [{"start": 0, "end": 2, "technique": "us_vs_them"}]}, "span 0 to 2"),
    ({"text": "x", "spans": [{"start": 0, "end": 1}]}, "a span without 'technique'"),
    ({"text": "x", "spans": [{"start": 0, "end": 1, "label": "us_vs_them"}]}, "unknown key 'label' in 'spans'"),
    ({"text": "x", "voices": [{"start": 0, "end": 1, "voice": "shouted"}]}, "'voice' is 'shouted'"),
    ({"text": "x", "split": "training"}, "'split' is 'training'"),
    ({"text": "x", "techniques": ["us_vs_them"], "annotated": []}, "'us_vs_them' is positive but not among 'annotated'"),
    (
        {"text": "x", "techniques": [], "spans": [{"start": 0, "end": 1, "technique": "us_vs_them"}]},
        "a span of 'us_vs_them', which is not among 'techniques'",
    ),
    ({"text": "x", "techniques": ["loaded_langage"]}, "label 'loaded_langage' is not in the inventory 'core'"),
]  # fmt: skip


@pytest.mark.parametrize(("record", "found"), FAULTS)
def test_faults_are_named_with_their_line(tmp_path: Path, record: dict[str, Any], found: str) -> None:
    path = write(tmp_path / "a.jsonl", {"text": "fine"}, record)
    with pytest.raises(UserError) as caught:
        read(path)
    assert (caught.value.found, caught.value.where) == (found, f"{path}:2")


def test_an_unknown_label_is_collected_and_masks_its_sentence(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"article": "a", "text": "x", "techniques": ["us_vs_them", "Loaded Langage"]})
    unknown: list[UnknownLabel] = []
    (sentence,) = read(path, unknown)
    assert unknown == [UnknownLabel("Loaded Langage", f"{path}:1", "loaded_language")]
    assert sentence.techniques == sentence.annotated == ("us_vs_them",)
    with pytest.raises(UserError, match="did you mean 'loaded_language'"):
        load_sentences(Data(path=str(path)), target=CORE)
    assert load_sentences(Data(path=str(path), waive=["unknown_labels"]), target=CORE) == [sentence]


def test_one_index_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *[{"article": "a", "index": 3, "text": text} for text in "xy"])
    with pytest.raises(UserError) as caught:
        read(path)
    assert str(caught.value) == (
        f"{path}: article 'a' has two sentences with index 3\n  expected: each index once per article\n"
        "  to mend: remove one of them, or give one another index."
    )


def test_a_folder_pools_its_files(tmp_path: Path) -> None:
    write(tmp_path / "b.jsonl", {"article": "b", "text": "x"})
    write(tmp_path / "a.jsonl", {"article": "c", "text": "y"})
    assert [s.article for s in read(tmp_path)] == ["b", "c"]


def test_line_separators_inside_a_string_do_not_end_a_line(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.jsonl", {"text": "one\u2028two\x85three"}))[0].text == "one\u2028two\x85three"


def spans_in(text: str) -> st.SearchStrategy[list[Span]]:
    if not text:
        return st.just([])
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).filter(lambda pair: pair[0] != pair[1])
    span = st.builds(lambda place, technique: Span(min(place), max(place), technique), places, st.sampled_from(CORE.ids))
    return st.lists(span, max_size=4)


@st.composite
def sentences(draw: st.DrawFn) -> list[Sentence]:
    out = []
    for article in range(draw(st.integers(1, 3))):
        for index in range(draw(st.integers(1, 3))):
            text = draw(st.text(max_size=20))
            spans = draw(spans_in(text))
            positives = {span.technique for span in spans} | draw(st.sets(st.sampled_from(CORE.ids)))
            annotated = positives | draw(st.sets(st.sampled_from(CORE.ids)))
            ordered = [[t for t in CORE.ids if t in held] for held in (positives, annotated)]
            unique = sorted(set(spans), key=lambda s: (s.start, s.end, CORE.index(s.technique)))
            start = draw(st.integers(0, 1000))
            out.append(
                Sentence(
                    f"a{article}", index, start, start + len(text), text, tuple(unique), tuple(ordered[0]),
                    tuple(ordered[1]), part=draw(st.sampled_from(["title", "body"])),
                    split=draw(st.sampled_from([None, "train", "test"])), metadata=draw(st.sampled_from([{}, {"k": [1]}])),
                )
            )  # fmt: skip
    return out


@settings(deadline=None, max_examples=50)
@given(sentences(), st.randoms(use_true_random=False))
def test_writing_and_reading_agree_whatever_the_order(tmp_path_factory, held: list[Sentence], chance) -> None:
    path = tmp_path_factory.mktemp("native") / "a.jsonl"
    native.write(path, held)
    assert read(path) == held
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    chance.shuffle(lines)
    for line in lines:
        for key in ("techniques", "annotated", "spans"):
            chance.shuffle(line[key])
    write(path, *[{key: line[key] for key in sorted(line)} for line in lines])
    assert read(path) == held
