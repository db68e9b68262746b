"""Behaviour suites: shares, flips, rankings and signed biases against hand-worked cases."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from spinscope.measure.behaviour import flip_share, mean_of_units, ranked_rightly, share, signed_bias, told_biases


def test_a_share_has_wilsons_interval():
    found = share([True] * 7 + [False] * 33)
    low, high = proportion_confint(7, 40, method="wilson")
    assert found.value == pytest.approx(7 / 40)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert share([]).value is None


def test_flips_are_counted_over_pairs_and_techniques():
    first = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0], [0, 0, 1]], dtype=bool)
    second = np.array([[1, 0, 0], [0, 1, 1], [0, 0, 0], [0, 0, 1]], dtype=bool)
    found = flip_share(first, second)
    assert found.value == pytest.approx(2 / 12)
    assert found.low == 0 and 2 / 12 < found.high <= 6 / 12
    assert flip_share(first, first).high == 0


def test_a_tie_is_not_ranked_rightly():
    assert ranked_rightly([0.9, 0.5, 0.4], [0.1, 0.5, 0.6]).value == pytest.approx(1 / 3)


def test_signed_bias_is_what_a_name_adds_to_the_score():
    first, second = np.array([0.9, 0.2, 0.5]), np.array([0.5, 0.4, 0.5])
    found = signed_bias(first, second, first_names=["A", "B", "A"], second_names=["B", "A", "C"])
    assert [(name, n) for name, (n, _) in found.items()] == [("A", 3), ("B", 2), ("C", 1)]
    assert found["A"][1].value == pytest.approx((0.4 + 0.2 + 0.0) / 3)
    assert found["B"][1].value == pytest.approx(-0.3)
    assert found["C"][1].value == pytest.approx(0.0)
    # By hand, of 0.4, 0.2 and 0: mean 0.2, standard error 0.2 / sqrt(3), two degrees of freedom, t 4.3027.
    low, high = 0.2 - 4.302653 * 0.2 / 3**0.5, 0.2 + 4.302653 * 0.2 / 3**0.5
    assert (found["A"][1].low, found["A"][1].high) == pytest.approx((low, high))
    assert (found["C"][1].low, found["C"][1].note) == (None, "no interval: one pair only")


def test_the_interval_of_a_mean_is_that_of_a_bootstrap_of_units():
    values = np.random.default_rng(0).normal(1.0, 2.0, size=400)
    found = mean_of_units(values)
    assert found.value == pytest.approx(values.mean())
    half = 1.96 * values.std() / 20
    assert found.high - found.low == pytest.approx(2 * half, rel=0.1)


def test_a_bias_is_told_where_pairs_agree_and_not_where_they_are_few_or_differ():
    chance = np.random.default_rng(0)
    first_names = ["Aland"] * 20 + ["Borduria"] * 20 + ["Carpathia"] * 3
    second_names = ["Delmark"] * 20 + ["Elbonia"] * 20 + ["Freedonia"] * 3
    first = 0.5 + np.r_[np.full(20, 0.1), chance.normal(0, 0.1, 20), np.full(3, 0.4)]
    found = told_biases(first, np.full(43, 0.5), first_names=first_names, second_names=second_names)
    assert found["Aland"] == found["Delmark"] < 0.05
    assert found["Borduria"] > 0.05
    assert found["Carpathia"] is None


def test_the_more_names_are_asked_about_the_more_it_takes_to_tell_one():
    first_names, second_names = ["Aland"] * 9 + list("CEG") * 6, ["Borduria"] * 9 + list("DFH") * 6
    first = 0.5 + np.r_[np.full(9, 0.1), np.zeros(18)]
    found = told_biases(first, np.full(27, 0.5), first_names=first_names, second_names=second_names)
    assert found["Aland"] == pytest.approx(8 * 2 / 2**9, rel=0.5)  # 2 of all patterns of signs, times 8 names
    assert found["C"] == 1.0


def test_a_pair_that_names_one_group_on_both_sides_tells_nothing():
    found = told_biases(np.full(10, 0.9), np.full(10, 0.1), first_names=["Aland"] * 10, second_names=["Aland"] * 10)
    assert found == {"Aland": None}
