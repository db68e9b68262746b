"""What a model is held against, where one of the baselines cannot be had."""

from __future__ import annotations

import json
from dataclasses import replace

import tiny

from spinscope.jobs.baselines import baseline_answers
from spinscope.jobs.labelled import Labelled, score_labelled
from spinscope.model.checkpoint import open_checkpoint


def test_a_tfidf_that_cannot_be_fitted_is_a_remark(frozen_checkpoint):
    classifier = open_checkpoint(frozen_checkpoint)
    splits = json.loads((frozen_checkpoint / "split.json").read_text())
    spoilt = [
        replace(one, techniques=()) if splits[one.article] == "dev" else one
        for one in (replace(s, split=splits[s.article]) for s in tiny.tiny_sentences(n_articles=30))
    ]
    labelled = Labelled(classifier.inventory, spoilt, splits, "test", is_own=True)
    scored = score_labelled(classifier, labelled.measured(), classifier.inventory)
    answers, remarks = baseline_answers(classifier, labelled, scored)
    assert set(answers) == {"majority", "random"}
    assert remarks == {"tfidf": "missing: it cannot be fitted (no positives in dev (40 sentences))"}
