"""The verb `voices`, and how well voices are told on what the project was written with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from spinscope.errors import UserError
from spinscope.jobs.voice_quality import measured, voice_quality

DATA = Path(__file__).parents[2] / "data"
QUICK = {"n_resamples": 20}


def write(path: Path, *records: object) -> Path:
    path.write_text("\n".join(map(json.dumps, records)))
    return path


QUOTED = {"start": 0, "end": 5, "voice": "quoted", "speaker": "Ann Lee"}
ARTICLE = [
    {"article": "a", "start": 0, "end": 19, "split": "dev", "text": '"No," said Ann Lee.', "voices": [QUOTED]},
    {"article": "a", "start": 21, "end": 37, "split": "dev", "text": "The hall cheered.", "voices": []},
    {"article": "b", "start": 0, "end": 12, "split": "train", "text": "He said so. ", "voices": []},
]


def test_the_figures_are_printed_and_written(tmp_path):
    console = Console(width=140, highlight=False)
    with console.capture() as captured:
        done = voice_quality(
            write(tmp_path / "s.jsonl", *ARTICLE), split="dev", json_file=tmp_path / "out.json", console=console, **QUICK
        )
    told = " ".join(captured.get().split())
    assert done == 0
    assert "2 sentences of 1 article " in told and "dev part" in told
    assert "direct quotation, whole, exact bounds" in told and "speaker named rightly" in told
    record = json.loads((tmp_path / "out.json").read_text())
    assert record["n_sentences"] == 2 and record["quotation_hits"] == 1
    assert record["figures"]["speaker_score"]["value"] == 1.0
    assert record["figures"]["reported_f1"]["value"] is None


def test_lines_without_article_are_articles_of_their_own(tmp_path):
    path = write(tmp_path / "s.jsonl", *({"text": '"No," said Ann Lee.', "voices": [QUOTED]} for _ in range(3)))
    found = measured(path, **QUICK)
    assert found.counts["n_articles"] == 3 and found.counts["quotation_hits"] == 3


def test_a_paragraph_between_sentences_is_put_back(tmp_path):
    """The second quotation opens again in a new paragraph: without the blank line it would be unbalanced."""
    first, second = '"We were here first.', '"And we stay," said Ann Lee.'
    path = write(
        tmp_path / "s.jsonl",
        {"article": "a", "start": 0, "text": first, "voices": [{"start": 0, "end": 20, "voice": "quoted", "speaker": "Ann Lee"}]},
        {"article": "a", "start": 22, "text": second, "voices": [{"start": 0, "end": 14, "voice": "quoted", "speaker": "Ann Lee"}]},
    )  # fmt: skip
    assert measured(path, **QUICK).counts["quotation_hits"] == 2


@pytest.mark.parametrize(
    ("record", "split", "found"),
    [
        ({"text": "a"}, None, "no text or no voices"),
        ({"text": "a", "voices": [3]}, None, "faulty"),
        ({"text": "a", "voices": [{"start": 0, "end": 1}]}, None, "faulty"),
        ({"text": "a", "voices": [{"start": 0, "end": 2, "voice": "quoted"}]}, None, "from 0 to 2"),
        ({"text": "a", "voices": [{"start": 0, "end": 1, "voice": "author"}]}, None, "'author'"),
        ({"text": "a", "voices": []}, "tset", "split 'tset'"),
        ({"text": "a", "voices": [], "split": "dev"}, "test", "no sentence of split test"),
    ],
)
def test_mistakes_are_told(tmp_path, record, split, found):
    with pytest.raises(UserError, match=found):
        measured(write(tmp_path / "s.jsonl", record), split=split)


HELD = [
    (DATA / "core" / "sentences.jsonl", "test", {"character_f1": 0.95, "quotation_f1": 0.90, "reported_f1": 0.80, "speaker_score": 0.68}),
    (DATA / "suites" / "attribution.jsonl", None, {"character_f1": 0.95, "quotation_f1": 0.90, "reported_f1": 0.90, "speaker_score": 0.95}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "split", "least"), HELD)
def test_voices_are_told_as_well_as_they_were(path, split, least):
    figures = measured(path, split=split, **QUICK).figures
    assert {name: figures[name].value for name in least if figures[name].value < least[name]} == {}
