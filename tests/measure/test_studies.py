"""Figures over seeds and their differences: pairing by article, spread of the seeds, agreement with single figures."""

from __future__ import annotations

import numpy as np
import pytest

from spinscope.measure.figures import Figures
from spinscope.measure.studies import STUDIED, Resampled, differences, over_seeds, resampled, seed_deviation

OPTIONS = {"confidence": 0.95, "seed": 0}


def system(seed, *, strength=1.5, n_articles=40, n_each=10):
    rng = np.random.default_rng(0)
    gold = (rng.random((n_articles * n_each, 2)) < 0.3).astype(int)
    noise = np.random.default_rng(seed).normal(size=gold.shape)
    probabilities = 1 / (1 + np.exp(-(strength * (2 * gold - 1) + noise)))
    articles = np.repeat(np.arange(n_articles), n_each)
    return gold, np.ones(gold.shape, bool), probabilities, probabilities >= 0.5, articles


def drawn(seed, **options):
    *arrays, articles = system(seed, **options)
    return resampled(*arrays, articles=articles, n_resamples=400, seed=3)


def test_points_are_those_of_the_figures():
    *arrays, articles = system(1)
    values, _ = Figures.of(*arrays, articles=articles).values(np.ones((1, 40)))
    assert drawn(1).points == pytest.approx([values[name][0] for name in STUDIED])


def test_a_run_against_itself_differs_by_nothing_at_any_article():
    same = [drawn(1)]
    for estimate in differences(same, same, **OPTIONS).values():
        assert (estimate.value, estimate.low, estimate.high) == (0, 0, 0)


def test_a_better_run_is_told_apart_and_pairing_narrows_the_interval():
    worse, better = [drawn(1, strength=0.6)], [drawn(1, strength=1.5)]
    difference = differences(better, worse, **OPTIONS)["micro_f1"]
    assert difference.low > 0
    alone = over_seeds(better, **OPTIONS)["micro_f1"]
    other = over_seeds(worse, **OPTIONS)["micro_f1"]
    assert difference.high - difference.low < (alone.high - alone.low) + (other.high - other.low)
    assert differences(better, worse, **OPTIONS)["brier_loss"].high < 0


def test_the_value_is_the_mean_over_seeds_and_the_interval_holds_their_spread():
    rng = np.random.default_rng(0)
    shared = rng.normal(0, 0.01, size=(2000, len(STUDIED)))
    seeds = [Resampled(np.full(len(STUDIED), value), value + shared) for value in (0.4, 0.5, 0.6)]
    estimate = over_seeds(seeds, **OPTIONS)["micro_f1"]
    assert estimate.value == pytest.approx(0.5)
    assert seed_deviation(seeds)["micro_f1"] == pytest.approx(0.1)
    # The standard error of a mean of three is 0.1 / sqrt(3) = 0.058; the articles' 0.01 adds next to nothing.
    assert 0.9 * 1.96 * 0.058 < (estimate.high - estimate.low) / 2 < 1.25 * 1.96 * 0.058
    one = over_seeds(seeds[:1], **OPTIONS)["micro_f1"]
    assert (one.high - one.low) / 2 == pytest.approx(0.0196, rel=0.1)
    assert seed_deviation(seeds[:1])["micro_f1"] is None


def test_a_figure_that_is_undefined_has_no_value():
    gold = np.zeros((6, 1), int)
    arrays = (gold, np.ones((6, 1), bool), np.full((6, 1), 0.2), np.zeros((6, 1), bool))
    estimate = over_seeds([resampled(*arrays, articles=np.arange(6), n_resamples=100, seed=0)], **OPTIONS)
    assert estimate["macro_auroc"].value is None
    assert estimate["brier_loss"].value == pytest.approx(0.04)
