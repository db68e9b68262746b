"""What decisions rest on: thresholds chosen on test are found, the effect of choosing is told, agreement stands beside."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace

import numpy as np
import pytest
import tiny
from rich.console import Console

from spinscope.config import Data
from spinscope.jobs.ceilings import agreement_beside, passes_beside, published_agreement
from spinscope.jobs.deciding import decide
from spinscope.jobs.decisions import ALL, decisions_of
from spinscope.jobs.dev_answers import dev_answers
from spinscope.jobs.evaluation import evaluate, evaluation_of
from spinscope.jobs.labelled import read_labelled, score_labelled
from spinscope.jobs.tuning import tune
from spinscope.measure.article_sums import Resampling
from spinscope.measure.cutoff_curves import Curve
from spinscope.model.checkpoint import open_checkpoint, save_checkpoint
from spinscope.records import Decision
from spinscope.taxonomy import inventory

TECHNIQUES = inventory("core").ids


def quiet() -> Console:
    return Console(quiet=True)


@pytest.fixture
def checkpoint(tfidf_checkpoint, tmp_path):
    return shutil.copytree(tfidf_checkpoint, tmp_path / "copied")


def scored_of(path, split="test"):
    classifier = open_checkpoint(path)
    labelled = read_labelled(classifier, data=None, split=split)
    return classifier, score_labelled(classifier, labelled.measured(), classifier.inventory)


def with_thresholds(path, thresholds, target):
    """The same checkpoint with other thresholds, whole and with an identity of its own, as if it had been tuned."""
    old = open_checkpoint(path)
    old.decision = replace(old.decision, thresholds=tuple(map(float, thresholds)))
    kept = ("split.json", "training-sentences.txt", "predictions-dev.jsonl", "metrics.json")
    facts = {name: old.manifest[name] for name in ("seed", "data", "training")}
    save_checkpoint(target, old, texts={name: (path / name).read_text() for name in kept}, manifest=facts)
    return target


def best_on(scored, column):
    curve = Curve.of(scored.gold[:, column], scored.probabilities[:, column])
    return curve.cutoffs[np.argmax(curve.f1())]


def test_a_threshold_chosen_on_test_is_found_and_told_and_kept_out_of_the_card(checkpoint, tmp_path):
    classifier, scored = scored_of(checkpoint)
    thresholds = list(classifier.decision.thresholds)
    thresholds[1] = best_on(scored, 1)
    planted = with_thresholds(checkpoint, thresholds, tmp_path / "planted")
    result = evaluation_of(open_checkpoint(planted))
    assert len(result.findings) == 1
    assert result.findings[0].startswith(f"the threshold of us_vs_them is {thresholds[1]:.3f}, where dev gives ")
    assert "it looks chosen on them" in result.findings[0]
    before = (planted / "metrics.json").read_bytes()
    assert evaluate(planted, console=quiet()) == 1
    assert (planted / "metrics.json").read_bytes() == before


def test_thresholds_of_dev_are_clean(checkpoint):
    result = evaluation_of(open_checkpoint(checkpoint))
    assert result.findings == []
    assert result.decisions.notes() == []
    assert all(check.is_from_dev for check in result.decisions.checks)


def test_tuning_on_test_is_on_record(checkpoint, tmp_path):
    tune(checkpoint, out=tmp_path / "tuned", split="test", console=quiet())
    result = evaluation_of(open_checkpoint(tmp_path / "tuned"))
    assert "are among those tuned was tuned on" in result.findings[0]


def test_the_interval_is_stored_with_the_decision_and_shown(checkpoint):
    decision = open_checkpoint(checkpoint).decision
    for low, value, high in zip(decision.threshold_lows, decision.thresholds, decision.threshold_highs, strict=True):
        assert low <= value <= high
    assert evaluate(checkpoint, console=quiet()) == 0
    card = (checkpoint / "README.md").read_text()
    shown = json.loads((checkpoint / "metrics.json").read_text())["test"]["decisions"]["thresholds"]["us_vs_them"]
    assert f"| {shown['value']:.3f} [{shown['low']:.3f}, {shown['high']:.3f}] |" in card
    assert "- Selection effect, F1 on dev by the thresholds chosen there minus F1 here: micro F1 " in card
    assert shown["low"] == pytest.approx(decision.threshold_lows[1], abs=1e-3)


def test_a_decision_of_an_older_checkpoint_is_still_read(checkpoint, tmp_path):
    from spinscope.model.checkpoint import open_checkpoint as opened

    old = replace(opened(checkpoint).decision, threshold_lows=(), threshold_highs=())
    classifier = opened(checkpoint)
    classifier.decision = old
    _, scored = scored_of(checkpoint)
    assert decisions_of(classifier, scored, split="test").thresholds["us_vs_them"].low is not None
    assert Decision(**{name: value for name, value in asdict(old).items() if not name.startswith("threshold_")}) == old


def test_dev_cannot_be_held_against_itself(checkpoint):
    classifier, scored = scored_of(checkpoint, "dev")
    found = decisions_of(classifier, scored, split="dev")
    assert not found.effects
    assert found.notes() == [
        "no selection effect, operating points or band: these are the sentences that thresholds were chosen on"
    ]
    (checkpoint / "predictions-dev.jsonl").unlink()
    classifier, scored = scored_of(checkpoint)
    found = decisions_of(classifier, scored, split="test")
    assert found.notes()[0].endswith("the checkpoint keeps no predictions on dev")
    assert found.thresholds["us_vs_them"].value == classifier.decision.thresholds[1]


def test_cross_fitted_dev_is_what_training_told(checkpoint):
    classifier, scored = scored_of(checkpoint)
    told = json.loads((checkpoint / "metrics.json").read_text())["dev"]
    found = decisions_of(classifier, scored, split="test")
    assert found.effects["micro_f1"].dev_cross_fitted == pytest.approx(told["overall"]["micro_f1"]["value"], abs=1e-9)
    here = evaluation_of(open_checkpoint(checkpoint)).metrics
    kept = json.loads((checkpoint / "metrics.json").read_text())["test"]["decisions"]["selection"]
    assert kept["macro_f1"]["effect"]["value"] == pytest.approx(found.effects["macro_f1"].effect.value, abs=1e-9)
    assert "- Selection effect, " in (checkpoint / "README.md").read_text(), "training tells of it too"
    assert found.effects["micro_f1"].measured == pytest.approx(here.overall["micro_f1"].value)
    for technique in TECHNIQUES:
        assert found.effects[technique].measured == pytest.approx(here.per_technique[technique]["f1"].value)
    assert found.calibration.parts["after"][ALL].brier_loss == pytest.approx(here.overall["brier_loss"].value)


def test_before_calibration_is_undone_exactly(checkpoint):
    classifier = open_checkpoint(checkpoint)
    dev = dev_answers(classifier)
    again = 1 / (1 + np.exp(-(dev.logits * classifier.decision.slopes + classifier.decision.intercepts)))
    np.testing.assert_allclose(again, dev.probabilities, atol=1e-9)
    result = evaluation_of(classifier)
    assert result.uncalibrated.overall["micro_f1"] == result.metrics.overall["micro_f1"]
    assert result.uncalibrated.overall["brier_loss"] != result.metrics.overall["brier_loss"]


def test_calibration_auto_takes_the_likeliest_that_a_head_can_carry(checkpoint):
    classifier = open_checkpoint(checkpoint)
    dev = tiny.tiny_sentences(n_articles=20, seed=3)
    logits = classifier.scorer.logits([one.text for one in dev], [""] * len(dev))[0]
    config = classifier.config.model_copy(
        update={"evaluation": classifier.config.evaluation.model_copy(update={"calibration": "auto"})}
    )
    decision, _, _ = decide(config, classifier.inventory, classifier.scorer, dev, logits)
    losses = decision.fitted_on["calibration_losses"]
    assert set(losses) == {"none", "temperature", "platt", "isotonic"}
    assert decision.calibration == min(("none", "temperature", "platt"), key=losses.__getitem__)


def test_agreement_of_passes_beside_a_corpus(checkpoint, tmp_path):
    folder = tmp_path / "corpus"
    (folder / "annotations").mkdir(parents=True)
    made = tiny.tiny_sentences(n_articles=30)
    other = [replace(s, techniques=() if s.index == 0 else s.techniques) for s in made]
    for number, several in enumerate((made, other), start=1):
        tiny.write_native(folder / "annotations" / f"pass{number}.jsonl", several)
    corpus = tiny.write_native(folder / "sentences.jsonl", made)
    assert [file.name for file in passes_beside(str(corpus))] == ["pass1.jsonl", "pass2.jsonl"]
    assert passes_beside(str(corpus)) == passes_beside(str(folder))
    _, scored = scored_of(checkpoint)
    data = Data(path=str(corpus), format="native")
    found = agreement_beside(scored, data, inventory("core"), Resampling())
    assert found.n_sentences == len(scored.sentences)
    from sklearn.metrics import f1_score

    first = scored.gold * np.array([s.index > 0 for s in scored.sentences])[:, None]
    for column, technique in enumerate(TECHNIQUES):
        one = found.per_technique[technique]
        between = f1_score(scored.gold[:, column], first[:, column])
        assert one.annotators_f1.value == pytest.approx(between)
        assert one.f1.value == pytest.approx(f1_score(scored.gold[:, column], scored.decisions[:, column]))
        assert one.part.value == pytest.approx(one.f1.value / between)
    between = f1_score(scored.gold, first, average="micro")
    assert found.overall.annotators_f1.value == pytest.approx(between)
    assert found.overall.part.low < found.overall.part.value < found.overall.part.high
    assert agreement_beside(scored, Data(path="elsewhere.jsonl"), inventory("core"), Resampling()) is None


def test_published_agreement_names_inventories_and_sources(checkpoint):
    for name, facts in published_agreement().items():
        assert inventory(name).name == name
        assert all(0 < fact["low"] <= fact["high"] < 1 and fact["source"] for fact in facts)
    _, scored = scored_of(checkpoint)
    found = agreement_beside(scored, Data(path="x", format="ptc"), inventory("core"), Resampling())
    assert found.overall is None
    assert found.published[0]["measure"] == "gamma"


def test_the_page_holds_every_part(checkpoint, tmp_path):
    page = tmp_path / "page.html"
    assert evaluate(checkpoint, html_file=page, json_file=tmp_path / "figures.json", console=quiet()) == 0
    text = page.read_text()
    for words in (
        "selection effect",
        "Recall at precision 0.8",
        "Precision at recall 0.8",
        "Reliability",
        "AURC",
        "majority",
    ):
        assert words in text
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert set(figures["decisions"]["abstention"]["risk_coverage"]) == {*TECHNIQUES, ALL}
    assert (
        "risk_coverage" not in json.loads((checkpoint / "metrics.json").read_text())["test"]["decisions"]["abstention"]
    )


def test_other_wishes_than_the_checkpoints_can_be_told(checkpoint, tmp_path):
    wished = {"wished_precision": 0.5, "wished_recall": None, "wished_error": 0.2}
    evaluate(checkpoint, json_file=tmp_path / "figures.json", wished=wished, console=quiet())
    told = json.loads((tmp_path / "figures.json").read_text())["decisions"]
    assert [(one["wished"], one["at_least"]) for one in told["operating_points"]] == [
        ("precision", 0.5),
        ("recall", 0.8),
    ]
    assert told["abstention"]["wished_error"] == 0.2
