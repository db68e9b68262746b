"""The smallest difference a part can resolve: its formula, and that a permutation finds it as often as is said."""

from __future__ import annotations

import numpy as np
import pytest
from made_corpora import PairPopulation
from scipy import stats

from spinscope.measure.resolution import HARDEST_F1, Assumptions, resolution

ALONE = Assumptions(intraclass_correlation=0.0)


def test_formula_with_one_positive_in_each_article():
    found = resolution(np.r_[np.ones(46), np.zeros(29)], ALONE)
    assert (found.n_articles, found.n_positives, found.n_articles_with_positives, found.design_effect) == (
        75,
        46,
        46,
        1,
    )
    f1 = HARDEST_F1
    error = (f1 * (1 - f1) * (2 - f1) / 2 / 46) ** 0.5  # correlation 0.5: the factor 2 (1 - 0.5) is 1
    assert found.smallest_difference == pytest.approx((stats.t.ppf(0.975, 45) + stats.t.ppf(0.8, 45)) * error)
    assert found.told == f"75 articles, 46 positives: nothing under {int(100 * found.smallest_difference) + 1} points"


def test_variance_of_f1_is_that_of_drawn_answers():
    """As many false alarms as misses: F1's deviation over draws is the one that the formula starts from."""
    rng = np.random.default_rng(0)
    for f1 in (HARDEST_F1, 0.8):
        jaccard, n = f1 / (2 - f1), 400
        hits = rng.binomial(round((2 - f1) * n), jaccard, 20_000)
        share = hits / round((2 - f1) * n)
        assert np.std(2 * share / (1 + share)) == pytest.approx((f1 * (1 - f1) * (2 - f1) / 2 / n) ** 0.5, rel=0.02)


def test_crowded_positives_count_less():
    even, crowded = resolution(np.full(50, 2)), resolution(np.r_[np.full(5, 20), np.zeros(45)])
    assert even.design_effect == pytest.approx(1.1) and crowded.design_effect == pytest.approx(2.9)
    assert crowded.smallest_difference > 1.6 * even.smallest_difference
    assert resolution(np.full(200, 2)).smallest_difference == pytest.approx(even.smallest_difference / 2, rel=0.02)


def test_where_nothing_can_be_told():
    for positives in ([], [0, 0], [9, 0, 0], [1, 1]):
        assert resolution(np.array(positives)).smallest_difference is None
    assert resolution(np.array([9, 0, 0])).told == "3 articles, 9 positives: no difference"


def test_the_difference_stated_is_found_about_four_times_in_five():
    """300 tries of 75 articles whose true difference is the one that is stated; chance moves the share by 2.3 points."""
    population, noise = PairPopulation(), (0.2, 0.77)
    truth = population.draw(np.random.default_rng(1), 30_000, noise)
    assumed = Assumptions(
        f1=float(truth.f1().mean()), intraclass_correlation=0.0, correlation=float(np.corrcoef(truth.errors())[0, 1])
    )
    parts = truth.positives[:7500].reshape(100, 75)
    stated = np.mean([resolution(part, assumed).smallest_difference for part in parts])
    assert -np.diff(truth.f1())[0] == pytest.approx(stated, rel=0.03)
    rng = np.random.default_rng(3)
    found = 0
    for _ in range(300):
        pair = population.draw(rng, 75, noise)
        swaps = rng.random((299, 75)) < 0.5
        hits, marks = (np.where(swaps[:, None, :], both[::-1], both).sum(axis=2) for both in (pair.hits, pair.marks))
        permuted = np.diff(2 * hits / marks, axis=1)[:, 0]
        found += (1 + (np.abs(permuted) >= abs(np.diff(pair.f1())[0]) - 1e-12).sum()) / 300 < 0.05
    assert 0.74 <= found / 300 <= 0.92
