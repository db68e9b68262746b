"""The cut-off on any technique: worked out by hand, against all cut-offs, on ties and on nothing."""

from __future__ import annotations

import numpy as np
import pytest

from spinscope.measure.any_technique import expected_any_cutoff


def expected_f1(p, cut):
    return 2 * p[p >= cut].sum() / ((p >= cut).sum() + p.sum())


def test_worked_by_hand():
    # Of 1.3 expected: the first 1.6 / 2.3 = 0.70, two 2.4 / 3.3 = 0.73, all three 2.6 / 4.3 = 0.60.
    assert expected_any_cutoff([0.1, 0.8, 0.4]) == pytest.approx((0.4 + 0.1) / 2)
    # Of 2.4: one 1.8 / 3.4 = 0.53, all four 4.8 / 6.4 = 0.75; nothing is below, so the least P itself.
    assert expected_any_cutoff([0.5, 0.9, 0.5, 0.5]) == 0.5
    assert expected_any_cutoff([0.02]) == 0.02


def test_no_cutoff_is_expected_to_be_better():
    chance = np.random.default_rng(0)
    for n in (2, 10, 300):
        p = chance.beta(0.5, 2, n).round(3)
        found = expected_any_cutoff(p)
        assert expected_f1(p, found) == pytest.approx(max(expected_f1(p, cut) for cut in p))
        assert found == expected_any_cutoff(chance.permutation(p))


def test_calibrated_probabilities_are_cut_at_half_the_best_f1():
    """As for one label (Lipton, Elkan & Naryanaswamy, 2014); and truth drawn of them agrees."""
    chance = np.random.default_rng(1)
    p = chance.beta(0.6, 1.4, 200_000)
    found, gold = expected_any_cutoff(p), chance.random(len(p)) < p
    assert found == pytest.approx(expected_f1(p, found) / 2, abs=0.001)
    f1 = {
        cut: 2 * (gold & (p >= cut)).sum() / (gold.sum() + (p >= cut).sum())
        for cut in (found - 0.1, found, found + 0.1)
    }
    assert max(f1, key=f1.get) == found


def test_what_is_equally_likely_stays_together():
    # Two of the four that are equally likely would be no better than all, and nobody could say which.
    p = np.array([0.9, 0.9, 0.3, 0.3, 0.3, 0.3])
    assert expected_any_cutoff(p) == pytest.approx(0.6)
    neighbours = np.array([0.4, np.nextafter(0.4, 0)])
    assert expected_any_cutoff(np.r_[neighbours, 0.0]) < neighbours[1], "no rounding between neighbours parts them"
    close = np.array([np.nextafter(0.9, 1), 0.9, *[1e-3] * 20])
    assert (close >= expected_any_cutoff(close)).tolist() == [True, True, *[False] * 20]


@pytest.mark.parametrize("p", [[], [0.0, 0.0]])
def test_of_nothing_there_is_none(p):
    assert expected_any_cutoff(p) is None


@pytest.mark.parametrize(
    ("p", "message"), [([[0.1]], r"probabilities \(1, 1\)"), ([1.1], "within 0 and 1"), ([np.nan], "within")]
)
def test_what_is_no_column_of_probabilities_is_refused(p, message):
    with pytest.raises(ValueError, match=message):
        expected_any_cutoff(p)
