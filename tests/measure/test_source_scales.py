"""Corpora's logits on one scale."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from spinscope.measure.calibration import negative_log_likelihood
from spinscope.measure.source_scales import source_scales


def made(n=9000, k=3, seed=0):
    """(gold, true logits, sources): two corpora, `a` before `b`."""
    random = np.random.default_rng(seed)
    truth = random.normal(-1.0, 1.5, (n, k))
    return (random.random((n, k)) < expit(truth)).astype(np.int8), truth, ["a"] * (n // 2) + ["b"] * (n - n // 2)


def test_corpora_that_are_alike_keep_their_logits_however_wrong_these_are():
    gold, truth, sources = made()
    for given in (truth, 3 * truth + 1):
        for slope, intercept in source_scales(gold, gold >= 0, given, sources).values():
            assert slope == pytest.approx(1, abs=0.1) and intercept == pytest.approx(0, abs=0.25)


def test_one_that_is_too_sure_is_put_on_the_scale_of_the_other():
    gold, truth, sources = made()
    too_sure = np.array(sources) == "b"
    given = np.where(too_sure[:, None], 3 * truth + 1, truth)
    scales = source_scales(gold, gold >= 0, given, sources)
    assert scales["a"][0] / scales["b"][0] == pytest.approx(3, rel=0.15)
    level = np.where(too_sure[:, None], scales["b"][0] * given + scales["b"][1], scales["a"][0] * given + scales["a"][1])
    # What is left is one line for both: fitted on one corpus it serves the other.
    known = np.ones_like(gold, dtype=bool)
    line = np.polyfit(level[~too_sure].ravel(), truth[~too_sure].ravel(), 1)
    of_other = negative_log_likelihood(gold[too_sure], known[too_sure], expit(np.polyval(line, level[too_sure])))
    right = negative_log_likelihood(gold[too_sure], known[too_sure], expit(truth[too_sure]))
    assert of_other == pytest.approx(right, rel=0.01)
    slopes_only = source_scales(gold, known, given, sources, with_intercept=False)
    assert [intercept for _, intercept in slopes_only.values()] == [0, 0]
    assert slopes_only["a"][0] > 1.5 * slopes_only["b"][0]


def test_few_labels_move_a_corpus_little_and_none_not_at_all():
    gold, truth, sources = made()
    given = np.where(np.array(sources)[:, None] == "b", 3 * truth, truth)
    mask = np.ones_like(gold, dtype=bool)

    def apart():
        scales = source_scales(gold, mask, given, sources)
        return scales["b"][0] / scales["a"][0]

    all_known = apart()
    mask[4600:] = False
    few = apart()
    mask[4500:] = False
    none = source_scales(gold, mask, given, sources)
    assert all_known < 0.4 < few < 1
    assert none["b"] == pytest.approx((1, 0)), "the prior alone"
    assert source_scales(gold[:0], mask[:0], given[:0], []) == {}
