"""Parts of the data against the rest."""

from __future__ import annotations

import numpy as np
import pytest

from spinscope.measure.slices import slices_of


def made(*, worse=0.0, n_articles=40, n_each=20, seed=0):
    """(gold, mask, decisions, articles, inside): a classifier that misses more in part of each article by `worse`."""
    chance = np.random.default_rng(seed)
    articles = np.repeat(np.arange(n_articles), n_each)
    inside = chance.random(len(articles)) < 0.4
    gold = chance.random((len(articles), 2)) < 0.3
    found = chance.random(gold.shape) < np.where(inside, 0.8 - worse, 0.8)[:, None]
    decisions = np.where(gold, found, chance.random(gold.shape) < 0.05)
    return gold, np.ones(gold.shape, bool), decisions, articles, inside


def everywhere(n):
    return np.ones(n, bool)


def test_hand_worked_counts():
    gold = np.array([[1, 0], [1, 1], [0, 0], [0, 1]])
    decisions = np.array([[1, 1], [0, 1], [0, 0], [1, 0]], bool)
    mask = np.array([[1, 1], [1, 1], [1, 0], [1, 1]], bool)
    inside = np.array([True, True, False, False])
    one = slices_of(gold, mask, decisions, [0, 1, 0, 1], [inside], known=[everywhere(4)])[0]
    assert (one.n_sentences, one.n_articles, one.n_positives) == (2, 2, 3)
    assert one.figures["f1"].value == pytest.approx(2 * 2 / (2 * 2 + 1 + 1))
    assert one.figures["f1"].rest == 0
    assert one.figures["recall"].value == pytest.approx(2 / 3)
    assert one.figures["false_alarms"].value == 1
    assert one.figures["false_alarms"].rest == 1 / 2
    assert one.figures["f1"].p_value is None, "two articles tell nothing"


def test_a_worse_part_is_told():
    gold, mask, decisions, articles, inside = made(worse=0.3)
    one = slices_of(gold, mask, decisions, articles, [inside], known=[everywhere(len(gold))])[0]
    assert one.figures["recall"].is_worse and one.figures["f1"].is_worse
    assert not one.figures["false_alarms"].is_worse
    difference = one.figures["recall"].difference
    assert difference.low < -0.3 < difference.high < 0


def test_more_false_alarms_are_worse_and_fewer_are_not():
    gold, mask, decisions, articles, inside = made()
    decisions = decisions | (inside[:, None] & ~gold & (np.random.default_rng(9).random(gold.shape) < 0.2))
    both = slices_of(gold, mask, decisions, articles, [inside, ~inside], known=[everywhere(len(gold))] * 2)
    assert [one.figures["false_alarms"].is_worse for one in both] == [True, False]


def test_parts_at_random_are_hardly_ever_told():
    n_told = 0
    for seed in range(20):
        gold, mask, decisions, articles, _ = made(seed=seed)
        chance = np.random.default_rng(1000 + seed)
        parts = [chance.random(len(gold)) < 0.2 for _ in range(8)]
        found = slices_of(gold, mask, decisions, articles, parts, known=[everywhere(len(gold))] * 8)
        n_told += any(one.figures["f1"].is_worse for one in found)
    assert n_told <= 2, "Holm over eight parts: at most one in twenty, on one side one in forty"


def test_sentences_of_which_it_is_not_known_are_no_rest():
    gold, mask, decisions, articles, inside = made()
    known = articles < 20
    one = slices_of(gold, mask, decisions, articles, [inside], known=[known])[0]
    some = slices_of(gold[known], mask[known], decisions[known], articles[known], [inside[known]], known=[everywhere(known.sum())])[0]  # fmt: skip
    assert one.n_sentences == some.n_sentences
    assert one.figures["f1"].difference.value == pytest.approx(some.figures["f1"].difference.value)
