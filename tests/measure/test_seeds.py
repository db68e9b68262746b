"""Figures over seeds: mean and deviation, and an interval that counts articles and seeds."""

from __future__ import annotations

import numpy as np
import pytest
from made_corpora import Population

from spinscope.measure.figures import OVERALL, PER_TECHNIQUE, Figures
from spinscope.measure.intervals import Intervals
from spinscope.measure.seeds import over_seeds


def systems(n_seeds, *, spread=0.3, n_articles=40):
    """One corpus, scored by systems that differ by noise on every sentence."""
    one = Population("two", n_techniques=2, base=-2.0, tone=1.0).draw(np.random.default_rng(1), n_articles)
    rng = np.random.default_rng(2)
    scores = [np.clip(one.probabilities * np.exp(rng.normal(0, spread, one.gold.shape)), 0, 1) for _ in range(n_seeds)]
    return [Figures.of(one.gold, one.mask, s, s >= 0.3, articles=one.articles) for s in scores]


def test_mean_and_deviation_of_every_figure():
    seeds = systems(3)
    found = over_seeds(seeds, techniques="ab")
    values = [figures.values(np.ones((1, 40))) for figures in seeds]
    assert list(found.overall) == list(OVERALL) and found.n_seeds == 3
    for level, name, one in [(0, name, found.overall[name]) for name in OVERALL] + [
        (1, name, found.per_technique["b"][name]) for name in PER_TECHNIQUE
    ]:
        points = [float(value[level][name][0] if level == 0 else value[level][name][0, 1]) for value in values]
        if name != "calibration_error":
            assert one.mean == pytest.approx(np.mean(points)), name
        assert one.deviation == pytest.approx(np.std(points, ddof=1)), name
        assert one.low < one.mean < one.high, name


def test_seeds_that_agree_have_the_interval_of_one():
    (one,) = systems(1)
    found = over_seeds([one, one, one], techniques="ab").overall
    intervals = Intervals(one, method="jackknife", n_resamples=100, confidence=0.95, seed=13)
    for name in OVERALL:
        low, high, _ = intervals.of(found[name].mean, name)
        assert (found[name].low, found[name].high) == pytest.approx((low, high)), name
        assert found[name].seed_error == pytest.approx(0, abs=1e-12)


def test_errors_add_up_and_two_seeds_that_differ_make_it_wide():
    one, other = systems(2, spread=0.1)
    weak = Figures.of(other.gold, other.mask, other.probabilities**2, other.decisions, articles=other.articles)
    found = over_seeds([one, weak], techniques="ab").overall["brier_loss"]
    alike = over_seeds([one, other], techniques="ab").overall["brier_loss"]
    assert found.seed_error == pytest.approx(found.deviation / 2**0.5) and found.seed_error > 20 * alike.seed_error
    assert found.high - found.low > 1.5 * (alike.high - alike.low)


def test_what_is_undefined_says_so():
    gold = np.zeros((6, 1), dtype=int)
    figures = [Figures.of(gold, gold == 0, gold + 0.2, gold > 0, articles=np.arange(6))] * 2
    found = over_seeds(figures, techniques="a").overall
    assert (found["micro_f1"].mean, found["micro_f1"].note) == (None, "undefined for 2 of 2 seeds")
    assert found["brier_loss"].mean == pytest.approx(0.04)
    assert found["brier_loss"].note == "no interval: it is the same whichever article is left out"
    with pytest.raises(ValueError, match="1 seeds"):
        over_seeds(figures[:1], techniques="a")


def test_the_interval_holds_the_expected_figure_where_one_of_articles_alone_does_not():
    """200 times three seeds on 60 sentences; a seed shifts all scores, so that it weighs more than the articles."""
    rng = np.random.default_rng(4)
    truth = 0.25 + 0.05**2  # E (0.5 + u - gold)^2 with gold of share 0.3 and u normal with deviation 0.05
    held = alone = 0
    for _ in range(200):
        gold = (rng.random((60, 1)) < 0.3).astype(int)
        scores = [np.full(gold.shape, 0.5 + u) for u in rng.normal(0, 0.05, 3)]
        seeds = [Figures.of(gold, gold >= 0, s, s > 0.5, articles=np.arange(60)) for s in scores]
        one = over_seeds(seeds, techniques="a").overall["brier_loss"]
        held += one.low <= truth <= one.high
        alone += abs(one.mean - truth) < 2 * one.article_error
    assert 0.9 <= held / 200 <= 0.99 and alone / 200 < 0.6
