"""The audit: suites, names, limits and exit code."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny
from rich.console import Console

from spinscope.data.corpora.native import write
from spinscope.data.suites import read_suites
from spinscope.errors import UserError
from spinscope.files import write_jsonl
from spinscope.jobs.audit_page import render_audit
from spinscope.jobs.auditing import audit, audit_of
from spinscope.jobs.audits.names import _cross_validated, masked_text
from spinscope.jobs.audits.result import Audit
from spinscope.jobs.audits.selection import selection_section
from spinscope.jobs.decisions import decisions_of
from spinscope.jobs.exposure import exposure
from spinscope.jobs.labelled import read_labelled, score_labelled
from spinscope.model.checkpoint import open_checkpoint
from spinscope.records import Sentence

SUITES = Path(__file__).parents[2] / "data" / "suites"


def line(number, text, *techniques, **keys):
    return {"id": f"x-{number}", "text": text, "techniques": list(techniques), "spans": [], "voices": [], **keys}


@pytest.fixture
def suites(tmp_path):
    folder = tmp_path / "suites"
    folder.mkdir()
    alarms = ["The council met about the bus route.", "A vile shameless rotten disgraceful report."]
    write_jsonl(folder / "neutral_alarm.jsonl", [line(n, text, kind="law") for n, text in enumerate(alarms)])
    pairs = [
        ("the council met on monday unless doom collapse danger", "the council met on monday"),
        ("members public garden", "unless doom collapse danger members"),
    ]
    lines = [
        line(f"{n}{role}", text, *(["appeal_to_threat"] if role == "positive" else []), pair=str(n), role=role, technique="appeal_to_threat")
        for n, texts in enumerate(pairs)
        for role, text in zip(("positive", "neutral"), texts, strict=True)
    ]  # fmt: skip
    write_jsonl(folder / "minimal_pairs.jsonl", lines)
    return folder


def test_planted_alarms_and_pairs_are_counted_and_a_broken_limit_exits_with_3(tfidf_checkpoint, suites, tmp_path):
    out = tmp_path / "audit.json"
    assert audit(tfidf_checkpoint, suites=suites, json_file=out, console=Console(quiet=True)) == 3
    found = json.loads(out.read_text())
    alarm = found["sections"]["neutral_alarm"]
    assert alarm["figures"]["any_alarm"]["value"] == 0.5
    assert alarm["figures"]["alarm_loaded_language"]["value"] == 0.5
    assert alarm["figures"]["any_alarm"]["broken"]
    assert [one["members"][0]["id"] for one in alarm["details"]["examples"]] == ["x-1"]
    ranked = found["sections"]["minimal_pairs"]["figures"]
    assert ranked["ranked"]["value"] == 0.5
    assert ranked["ranked_us_vs_them"]["value"] is None
    assert any("neutral sentences with any alarm: 0.500, at most 0.08" in words for words in found["broken"])


def test_within_its_limits_it_exits_with_0(tfidf_checkpoint, suites, tmp_path):
    copy = shutil.copytree(tfidf_checkpoint, tmp_path / "copy")
    classifier = open_checkpoint(copy)
    # The made-up corpus has four cue words a technique and one wrong label in twenty-five.
    limits = {"neutral_alarm": 1.0, "minimal_pairs": 0.0, "recall": 0.0, "label_errors": 1.0, "giveaway_tokens": 20}
    rules = classifier.config.evaluation
    generous = rules.model_copy(update={"limits": rules.limits.model_copy(update=limits)})
    classifier.config = classifier.config.model_copy(update={"evaluation": generous})
    assert audit_of(classifier, data=None, split=None, suites=read_suites(suites)).broken() == []


def test_the_shipped_suites_are_read_and_every_one_has_its_section(tfidf_checkpoint):
    found = audit_of(open_checkpoint(tfidf_checkpoint), data=None, split=None, suites=read_suites(SUITES))
    names = [section.name for section in found.sections]
    assert names[-5:] == ["neutral_alarm", "attribution", "symmetry", "minimal_pairs", "transcribed"]
    symmetry = found.sections[-3].to_dict()
    assert symmetry["figures"]["carrying"]["value"] >= 0.5
    assert symmetry["details"]["bias"]["us_vs_them"]


def test_without_suites_it_says_so(tfidf_checkpoint):
    found = audit_of(open_checkpoint(tfidf_checkpoint), data=None, split=None, suites={})
    assert "no suites" in found.sections[-1].notes[0]
    assert "no names are marked" in found.sections[2].notes[0]


def test_the_selection_effect_is_that_of_evaluate_and_of_dev_there_is_none(tfidf_checkpoint):
    classifier = open_checkpoint(tfidf_checkpoint)
    effects = {}
    for split in ("test", "dev"):
        labelled = read_labelled(classifier, data=None, split=split)
        scored = score_labelled(classifier, labelled.measured(), classifier.inventory)
        section = selection_section(classifier, scored, exposure(classifier, labelled.measured(), labelled.sentences))
        effects[split] = (section, decisions_of(classifier, scored, split=split).effects)
    section, expected = effects["test"]
    assert [figure.estimate for figure in section.figures] == [expected[name].effect for name in ("micro_f1", "macro_f1")]
    assert [row["effect"] for row in section.details["effects"]] == [one.effect.to_dict() for one in expected.values()]
    audited = Audit({"name": "x", "identity": "0" * 64}, {"sha256": "0" * 64, "split": "test", "n_sentences": 1}, (section,), {})
    page = render_audit(audited)
    assert "micro F1 on dev, minus here" in page
    assert f"<td class=\"text\" dir=\"auto\">{expected['us_vs_them'].dev:.3f}</td>" in page
    section = effects["dev"][0]
    assert not section.figures
    assert section.notes[0].startswith("not measured: ")
    assert "had a part in choosing" in section.notes[0]


def test_lines_that_are_no_pair_are_refused(suites):
    lines = (suites / "minimal_pairs.jsonl").read_text().splitlines()
    (suites / "minimal_pairs.jsonl").write_text("\n".join([lines[0], *lines[2:]]) + "\n")
    with pytest.raises(UserError, match="lines 1 and 2 are no pair"):
        read_suites(suites)
    with pytest.raises(UserError, match="no behaviour suite"):
        read_suites(suites.parent)


def test_names_are_masked_at_their_characters():
    text = "Ana met Bo in Rome."
    sentence = Sentence("a", 0, 0, len(text), text, metadata={"entities": [[14, 18], [0, 3], [8, 10]]})
    assert masked_text(sentence) == "[MASK] met [MASK] in [MASK]."


def test_names_that_give_the_label_away_are_found_and_others_are_not():
    chance = np.random.default_rng(0)
    telling, silent = [], []
    for number in range(400):
        label = bool(chance.integers(2))
        for sentences, name in ((telling, "Evil" if label else "Good"), (silent, "Evil" if chance.integers(2) else "Good")):
            text = f"{name} said so."
            sentences.append(
                Sentence(f"a{number // 8}", number, 0, len(text), text, techniques=("doubt",) if label else (), annotated=("doubt",), metadata={"entities": [[0, 4]]})
            )  # fmt: skip
    gold = np.array([[bool(one.techniques)] for one in telling], dtype=np.int8)
    apart = _cross_validated(telling, gold)[:, 0]
    assert apart[gold[:, 0] == 1].min() > apart[gold[:, 0] == 0].max()
    mixed = _cross_validated(silent, gold)[:, 0]
    assert abs(mixed[gold[:, 0] == 1].mean() - mixed[gold[:, 0] == 0].mean()) < 0.1


def test_masking_is_measured_where_names_are_marked(tfidf_checkpoint, tmp_path):
    marked = [
        replace(one, metadata={"entities": [[0, len(one.text.split()[0])]], "domain": "x"})
        for one in tiny.tiny_sentences(n_articles=12, seed=5, prefix="z")
    ]
    data = tmp_path / "marked.jsonl"
    write(data, marked)
    out = tmp_path / "audit.json"
    audit(tfidf_checkpoint, data=str(data), json_file=out, console=Console(quiet=True))
    sections = json.loads(out.read_text())["sections"]
    assert sections["masking"]["figures"]["macro_average_precision_lost"]["n"] == len(marked)
    assert set(sections["names_alone"]["figures"]) == {
        "auroc_loaded_language", "auroc_us_vs_them", "auroc_appeal_to_threat"
    }  # fmt: skip
