"""Precision and recall over all thresholds."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import auc, average_precision_score
from sklearn.metrics import precision_recall_curve as reference

from spinscope.measure.curves import precision_recall_curve


def drawn(n, seed=0):
    rng = np.random.default_rng(seed)
    gold = (rng.random(n) < 0.3).astype(int)
    return gold, np.round(np.clip(0.3 * gold + rng.random(n) * 0.7, 0, 1), 2)


def test_it_is_the_curve_of_scikit_learn():
    gold, scores = drawn(150)
    recall, precision = precision_recall_curve(gold, scores, n_points=10_000)
    theirs = {(round(r, 9), round(p, 9)) for p, r in zip(*reference(gold, scores)[:2], strict=True)}
    assert {(round(r, 9), round(p, 9)) for r, p in zip(recall, precision, strict=True)} <= theirs
    steps = np.diff(np.r_[0, recall])
    assert (steps * precision).sum() == pytest.approx(average_precision_score(gold, scores))


def test_thinned_it_keeps_ends_and_area():
    gold, scores = drawn(20_000)
    scores = scores + np.random.default_rng(1).random(len(scores)) * 1e-3
    whole, thin = (precision_recall_curve(gold, scores, n_points=n) for n in (10**9, 120))
    assert len(thin[0]) <= 120 < len(whole[0])
    assert (thin[0][0], thin[0][-1], thin[1][-1]) == (whole[0][0], 1.0, whole[1][-1])
    assert auc(*thin) == pytest.approx(auc(*whole), abs=0.01)
    assert (np.diff(thin[0]) > 0).all()


def test_without_a_positive_there_is_no_curve():
    for gold in ([], [0, 0]):
        assert [len(part) for part in precision_recall_curve(gold, [0.1] * len(gold))] == [0, 0]
