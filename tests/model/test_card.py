"""The model card says of each checkpoint what is true of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spinscope.config import parse_config
from spinscope.measure.metrics import evaluate_predictions
from spinscope.model.card import render_card
from spinscope.model.linear import TfidfScorer
from spinscope.model.prediction import Classifier
from spinscope.records import Decision
from spinscope.taxonomy import inventory

CORE = inventory("core")


def card(*, confidence: float = 0.95, calibration: str = "platt", any_threshold: float | None = None, **model: object) -> str:
    config = parse_config({"model": {"max_tokens": 96, **model}})
    k = len(CORE.ids)
    scorer = TfidfScorer(["vile"], np.ones(1, np.float32), np.ones((k, 1), np.float32), np.zeros(k, np.float32), max_ngram=1)
    decision = Decision(CORE.ids, (0.5,) * k, calibration=calibration, any_threshold=any_threshold)
    classifier = Classifier(scorer, inventory=CORE, decision=decision, config=config, path=Path("models/one"))
    chance = np.random.default_rng(0)
    probabilities = chance.random((40, k))
    metrics = evaluate_predictions(
        (chance.random((40, k)) < 0.4).astype(np.int8), np.ones((40, k), bool), probabilities, probabilities > 0.5,
        articles=np.arange(40) // 4, techniques=CORE.ids, n_resamples=100, confidence=confidence, seed=0,
    )  # fmt: skip
    return render_card(classifier, {"test": metrics.to_dict()})


@pytest.mark.parametrize(("confidence", "told"), [(0.9, "90 % intervals"), (0.95, "95 % intervals"), (0.995, "99.5 % intervals")])
def test_intervals_are_named_by_their_level(confidence, told):
    assert f"In brackets: {told} over articles." in card(confidence=confidence)


def test_calibration_is_told_by_case():
    assert "; calibration: platt, folded into the head." in card()
    without = card(calibration="none")
    assert "; no calibration." in without
    assert "folded" not in without
    assert "; calibration: temperature, folded into the weights." in card(calibration="temperature", kind="tfidf")


def test_a_cutoff_on_any_technique_is_a_row_of_its_own():
    assert "any technique*" not in card() and "1 - prod" not in card()
    (row,) = [line for line in card(any_threshold=0.4124).splitlines() if line.startswith("| *any technique* |")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert (cells[1], cells[5], cells[6]) == ("-", "-", "0.412")
    (figure,) = [line for line in card().splitlines() if line.startswith("| any-technique F1 |")]
    assert cells[4] == figure.strip("|").split("|")[1].strip()
    assert "reaches the cut-off of the last row" in card(any_threshold=0.4124)


def test_what_transformers_alone_gives_is_told_by_case():
    plain = card()
    assert "The same probabilities from transformers alone, for texts of at most 96 tokens" in plain
    assert "longer ones are scored in windows, which only spinscope does" in plain
    assert "beside" not in plain
    before = card(context="previous")
    assert "the probabilities of `predict`, not of `spinscope score`, which gives the previous sentence beside" in before
    assert "gives the article's title beside" in card(context="title")
    assert "gives the sentences before and after beside" in card(context="neighbours")
    assert "transformers" not in card(kind="tfidf").partition("## Use")[2]
