"""AUROC within groups."""

from __future__ import annotations

import numpy as np
import pytest

from spinscope.measure.matched import matched_auroc_loss


def test_scores_that_only_tell_sources_apart_rank_nothing_within_them():
    chance = np.random.default_rng(0)
    articles = np.repeat(np.arange(40), 20)
    sources = articles % 4
    gold = (chance.random(800) < np.where(sources < 2, 0.7, 0.1)).astype(int)[:, None]
    scores = np.where(sources < 2, 0.8, 0.2) + chance.normal(0, 0.05, 800)
    within, lost = matched_auroc_loss(gold, gold >= 0, scores[:, None], articles=articles, groups=sources)
    assert within.low < 0.5 < within.high
    assert lost.low > 0.2


def test_hand_worked_pairs():
    gold = np.array([1, 0, 0, 1, 0])[:, None]
    scores = np.array([0.6, 0.4, 0.8, 0.3, 0.2])[:, None]
    within, lost = matched_auroc_loss(
        gold, gold >= 0, scores, articles=[0, 1, 2, 3, 4], groups=["a", "a", "a", "b", "b"]
    )
    assert within.value == pytest.approx((1 + 0 + 1) / 3)
    assert lost.value == pytest.approx((1 + 0 + 1 + 0 + 0 + 1) / 6 - 2 / 3)


def test_where_no_source_has_both_there_is_nothing_to_rank():
    gold = np.array([1, 1, 0, 0])[:, None]
    within, lost = matched_auroc_loss(gold, gold >= 0, gold * 0.5, articles=[0, 1, 2, 3], groups=["a", "a", "b", "b"])
    assert within.value is None and lost.value is None
