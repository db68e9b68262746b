"""Tuning: a new checkpoint with its own identity, the same weights underneath, and honest about what it was tuned on."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest
import tiny
from rich.console import Console

from spinscope.config import Data
from spinscope.errors import UserError
from spinscope.jobs.evaluation import evaluate, evaluation_of
from spinscope.jobs.tuning import tune, tuned
from spinscope.model.checkpoint import open_checkpoint


def quiet() -> Console:
    return Console(quiet=True)


@pytest.fixture
def own(tmp_path):
    """A user's own labelled sentences."""
    return tiny.tiny_sentences(n_articles=12, seed=7, prefix="own")


@pytest.fixture
def own_file(own, tmp_path):
    return tiny.write_native(tmp_path / "own.jsonl", own)


def logit(p):
    return np.log(p / (1 - p))


@pytest.mark.parametrize("kind", ["tfidf", "frozen"])
def test_only_calibration_and_thresholds_change(kind, request, own, own_file, tmp_path):
    source = request.getfixturevalue(f"{kind}_checkpoint")
    files = {file.name: file.read_bytes() for file in source.iterdir()}
    assert tune(source, out=tmp_path / "tuned", data=str(own_file), data_format="native", console=quiet()) == 0
    old, new = open_checkpoint(source), open_checkpoint(tmp_path / "tuned")
    assert {file.name: file.read_bytes() for file in source.iterdir()} == files
    assert new.identity != old.identity
    assert new.manifest["tuned_from"] == {"name": old.name, "identity": old.identity}
    before, after = (logit(one.probabilities(own).probabilities) for one in (old, new))
    # The recorded calibration is that of the raw logits: undoing both must meet in the same place.
    raw = [(values - one.decision.intercepts) / one.decision.slopes for one, values in ((old, before), (new, after))]
    np.testing.assert_allclose(raw[0], raw[1], atol=2e-4)
    assert new.decision.calibration == "platt+platt"
    assert new.decision.thresholds != old.decision.thresholds


def test_thresholds_are_those_a_fit_on_the_sentences_gives(tfidf_checkpoint, own, own_file, tmp_path):
    from spinscope.data.encoding import article_codes, label_matrix
    from spinscope.measure.thresholds import fit_thresholds

    old = open_checkpoint(tfidf_checkpoint)
    gold, mask = label_matrix(own, old.inventory)
    expected = fit_thresholds(
        gold, mask, old.probabilities(own).probabilities, articles=article_codes(own), rule="global", n_folds=5,
        smoothing_positives=20.0, fixed=0.5, seed=13,
    ).values  # fmt: skip
    tune(
        tfidf_checkpoint, out=tmp_path / "tuned", data=str(own_file), thresholds="global", calibration="none", console=quiet()
    )
    new = open_checkpoint(tmp_path / "tuned")
    np.testing.assert_allclose(new.decision.thresholds, expected)
    assert new.decision.rule == new.config.evaluation.thresholds == "global"
    np.testing.assert_array_equal(new.probabilities(own).probabilities, old.probabilities(own).probabilities)


def test_a_wished_precision_is_kept_cross_fitted_or_said_not_to_be(tfidf_checkpoint, own, own_file, tmp_path):
    stream = io.StringIO()
    few = [
        replace(s, techniques=tuple(t for t in s.techniques if t != "appeal_to_threat" or s.article in ("own000", "own001")))
        for s in own
    ]
    file = tiny.write_native(tmp_path / "few.jsonl", few)
    out = tmp_path / "tuned"
    console = Console(file=stream, width=300)
    assert tune(tfidf_checkpoint, out=out, data=str(file), at_precision=0.7, calibration="none", console=console) == 1
    new = open_checkpoint(out)
    wish = new.decision.fitted_on["wish"]
    assert (new.decision.rule, new.config.evaluation.wished_precision) == ("at_precision", 0.7)
    assert (wish["figure"], wish["at_least"]) == ("precision", 0.7)
    dev = json.loads((out / "metrics.json").read_text())["dev"]["per_technique"]
    for name in ("loaded_language", "us_vs_them"):
        row = wish["techniques"][name]
        assert row["kept"] and row["cross_fitted"] >= 0.7
        assert dev[name]["precision"]["value"] == pytest.approx(row["cross_fitted"])
    assert wish["techniques"]["appeal_to_threat"] == {"cross_fitted": None, "kept": False}
    n = sum("appeal_to_threat" in s.techniques for s in few)
    assert 0 < n < 5
    assert (
        f"Doubtful: appeal_to_threat keeps precision 0.7 nowhere on these sentences (too few positives to say; {n} positives): "
        "its threshold is that of the rule per_technique."
    ) in stream.getvalue()
    assert "precision before" in stream.getvalue()
    # Evaluating it afterwards fits the same rule to the dev that it keeps, and finds the same thresholds.
    result = evaluation_of(new, split="test")
    assert not any("where dev gives" in note for note in (*result.findings, *result.decisions.notes()))


def test_rules_at_odds_are_refused(tfidf_checkpoint, own_file, tmp_path):
    with pytest.raises(UserError) as caught:
        tune(tfidf_checkpoint, out=tmp_path / "x", data=str(own_file), at_recall=0.8, thresholds="global", console=quiet())
    assert str(caught.value) == (
        "command line: --at-recall and --thresholds ask for different thresholds\n  expected: one rule\n"
        "  to mend: make a checkpoint of each."
    )
    with pytest.raises(UserError, match="--at-precision and --at-recall ask for different thresholds"):
        tune(tfidf_checkpoint, out=tmp_path / "x", data=str(own_file), at_recall=0.8, at_precision=0.8, console=quiet())


def test_a_technique_that_is_not_annotated_keeps_its_threshold_and_calibration(tfidf_checkpoint, own, tmp_path):
    known = ("loaded_language", "us_vs_them")
    partly = [
        replace(s, annotated=known, techniques=tuple(t for t in s.techniques if t in known)) for s in own
    ]
    file = tiny.write_native(tmp_path / "partly.jsonl", partly)
    old = open_checkpoint(tfidf_checkpoint)
    place = old.inventory.index("appeal_to_threat")
    expected = old.probabilities(own).probabilities[:, place]
    result = tuned(open_checkpoint(tfidf_checkpoint), out=tmp_path / "tuned", data=Data(path=str(file)))
    assert result.kept == ("appeal_to_threat",)
    assert result.classifier.decision.thresholds[place] == old.decision.thresholds[place]
    np.testing.assert_array_equal(result.classifier.probabilities(own).probabilities[:, place], expected)


def test_evaluating_on_what_it_was_tuned_on_is_told(tfidf_checkpoint, own_file, tmp_path):
    tune(tfidf_checkpoint, out=tmp_path / "tuned", data=str(own_file), console=quiet())
    result = evaluation_of(open_checkpoint(tmp_path / "tuned"), data=Data(path=str(own_file)))
    assert result.findings == ["12 of 12 articles are among those tuned was tuned on: own000, own001, own002, ..."]


def test_the_own_test_part_stays_the_own_test_part(tfidf_checkpoint, own_file, tmp_path):
    tune(tfidf_checkpoint, out=tmp_path / "tuned", data=str(own_file), console=quiet())
    assert evaluate(tmp_path / "tuned", console=quiet()) == 0
    assert set(json.loads((tmp_path / "tuned" / "metrics.json").read_text())) == {"dev", "test"}


def test_a_test_part_that_was_tuned_on_is_not_put_into_the_card_as_held_out(tfidf_checkpoint, tmp_path):
    tune(tfidf_checkpoint, out=tmp_path / "tuned", split="test", console=quiet())
    assert evaluate(tmp_path / "tuned", console=quiet()) == 1
    assert set(json.loads((tmp_path / "tuned" / "metrics.json").read_text())) == {"dev"}


def test_by_default_the_own_dev_part_is_used(tfidf_checkpoint, tmp_path):
    result = tuned(open_checkpoint(tfidf_checkpoint), out=tmp_path / "tuned")
    splits = json.loads((tfidf_checkpoint / "split.json").read_text())
    assert result.after.n_articles == sum(split == "dev" for split in splits.values())
    assert result.findings == []


def test_tuning_on_training_articles_is_told(tfidf_checkpoint, tmp_path):
    assert tune(tfidf_checkpoint, out=tmp_path / "tuned", split="train", console=quiet()) == 1


def test_sentences_without_a_positive_are_refused(tfidf_checkpoint, own, tmp_path):
    file = tiny.write_native(tmp_path / "none.jsonl", [replace(s, techniques=()) for s in own])
    with pytest.raises(UserError) as caught:
        tune(tfidf_checkpoint, out=tmp_path / "tuned", data=str(file), console=quiet())
    assert str(caught.value) == (
        "data: no positives in 96 sentences\n  expected: at least one sentence with a technique\n"
        "  to mend: label more sentences, or name other data."
    )
    assert not (tmp_path / "tuned").exists()


def test_nothing_is_overwritten(tfidf_checkpoint, own_file, tmp_path):
    (tmp_path / "tuned").mkdir()
    with pytest.raises(UserError, match="something of this name stands already"):
        tune(tfidf_checkpoint, out=tmp_path / "tuned", data=str(own_file), console=quiet())


def test_the_card_tells_where_it_comes_from(tfidf_checkpoint, own_file, tmp_path):
    tune(tfidf_checkpoint, out=tmp_path / "tuned", data=str(own_file), console=quiet())
    card = (tmp_path / "tuned" / "README.md").read_text()
    assert "- Tuned from *tfidf* (identity `" in card
    assert "on 96 labelled sentences" in card
    assert "What it was tuned on: decided by thresholds that other articles chose" in card
