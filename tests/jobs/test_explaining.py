"""Explaining on the command line: what is printed, written and refused; pages are closed."""

from __future__ import annotations

import io
import json

import pytest
import tiny
from rich.console import Console

from spinscope.errors import UserError
from spinscope.jobs.explaining import explain
from spinscope.model.checkpoint import open_checkpoint
from spinscope.report.evidence import level_of, render_evidence, word_pieces
from spinscope.taxonomy import inventory

SENTENCES = ["The council met and they brought doom.", "The vile library office."]


def printed(*args, **options):
    console = Console(record=True, width=100, file=io.StringIO())
    assert explain(*args, console=console, **options) == 0
    return console.export_text()


def test_the_cue_word_carries_the_score(tfidf_checkpoint, tmp_path):
    text = printed(
        SENTENCES, checkpoint=tfidf_checkpoint, techniques=["loaded_language"], json_file=tmp_path / "e.json"
    )
    told = json.loads((tmp_path / "e.json").read_text())
    one = told["sentences"][1]["evidence"][0]
    assert max(one["words"], key=lambda word: word["weight"])["word"] == "vile" and one["method"] == "linear"
    assert "loaded_language" in text and "vile +" in text and "by linear" in text
    total = one["baseline"] + one["elsewhere"] + sum(word["weight"] for word in one["words"])
    logit = float(open_checkpoint(tfidf_checkpoint).scorer.logits(SENTENCES[1:], [""])[0][0, 0])
    assert total == pytest.approx(logit, abs=1e-5)
    for word in one["words"]:
        assert SENTENCES[1][word["start"] : word["end"]] == word["word"]


@pytest.mark.parametrize("method", [None, "leave-out"])
def test_a_head_on_a_frozen_encoder(frozen_checkpoint, tmp_path, method):
    explain(
        SENTENCES, checkpoint=frozen_checkpoint, method=method, json_file=tmp_path / "e.json", html_file=tmp_path / "e.html",
        console=Console(quiet=True),
    )  # fmt: skip
    told = json.loads((tmp_path / "e.json").read_text())
    assert told["checkpoint"] == "frozen" and len(told["sentences"]) == 2
    assert all(one["evidence"][0]["method"] == (method or "integrated-gradients") for one in told["sentences"])
    page = (tmp_path / "e.html").read_text()
    assert "Content-Security-Policy" in page and "council" in page


def test_sentences_of_a_file(tfidf_checkpoint, tmp_path):
    (tmp_path / "a.txt").write_text("\ufeffThey bring doom.\r\n\n  Vile men.\n", encoding="utf-8")
    tiny.write_native(tmp_path / "b.jsonl", tiny.tiny_sentences(n_articles=1, n_each=3))
    text = printed([], checkpoint=tfidf_checkpoint, file=tmp_path / "a.txt")
    assert "They bring doom." in text and "Vile men." in text
    explain(
        SENTENCES[:1], checkpoint=tfidf_checkpoint, file=tmp_path / "b.jsonl", json_file=tmp_path / "e.json",
        console=Console(quiet=True),
    )  # fmt: skip
    assert len(json.loads((tmp_path / "e.json").read_text())["sentences"]) == 4
    (tmp_path / "c.jsonl").write_text('{"text": "one"}\n{"body": "two"}\n')
    with pytest.raises(UserError, match=r"c.jsonl:2: a line without 'text'"):
        explain([], checkpoint=tfidf_checkpoint, file=tmp_path / "c.jsonl")
    with pytest.raises(UserError, match="no sentence"):
        explain([], checkpoint=tfidf_checkpoint)


def evidence(text, weights):
    from spinscope.data.words import word_places

    words = [
        {"start": start, "end": end, "word": text[start:end], "weight": weight}
        for (start, end), weight in zip(word_places(text), weights, strict=True)
    ]
    return {
        "technique": "us_vs_them", "probability": 0.7, "threshold": 0.5, "decided": True, "method": "linear", "words": words,
        "elsewhere": 0.0, "baseline": -1.0, "completeness_error": 0.0, "n_windows": 1,
    }  # fmt: skip


def test_levels_follow_the_strongest_word():
    assert [level_of(weight, 4.0) for weight in (4.0, 2.1, 2.0, 1.0, 0.5, 0.4, 0.0, -4.0, -0.5)] == [
        4,
        3,
        2,
        1,
        1,
        0,
        0,
        -4,
        -1,
    ]
    assert level_of(0.0, 0.0) == 0
    text = " They, they!"
    pieces = word_pieces(text, evidence(text, [1.0, 0.0, -1.0, 0.2])["words"])
    assert "".join(piece["text"] for piece in pieces) == text
    assert [piece["level"] for piece in pieces] == [0, 4, 0, 0, -4, 1]


def test_hostile_text_stays_text():
    text = '<script>alert(1)</script> & "quotes" onload=x'
    page = render_evidence(
        [(text, [evidence(text, [1.0] * len(word_pieces_of(text)))])], inventory=inventory("core"), checkpoint="<b>c</b>", identity="ab" * 32
    )  # fmt: skip
    assert "<script>alert" not in page and "<b>c</b>" not in page and "style=" not in page
    assert page.count("<script") == 0, "the page has no script of its own"


def word_pieces_of(text):
    from spinscope.data.words import word_places

    return word_places(text)
