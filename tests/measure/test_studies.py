"""Figures over seeds and their differences: pairing by article, spread of the seeds, agreement with single figures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

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
    seeds = [Resampled(np.full(len(STUDIED), value), value + shared, is_left_out=False) for value in (0.4, 0.5, 0.6)]
    estimate = over_seeds(seeds, **OPTIONS)["micro_f1"]
    assert estimate.value == pytest.approx(0.5)
    assert seed_deviation(seeds)["micro_f1"] == pytest.approx(0.1)
    # The standard error of a mean of three is 0.1 / sqrt(3) = 0.058; the articles' 0.01 adds next to nothing.
    assert 0.9 * 1.96 * 0.058 < (estimate.high - estimate.low) / 2 < 1.25 * 1.96 * 0.058
    one = over_seeds(seeds[:1], **OPTIONS)["micro_f1"]
    assert (one.high - one.low) / 2 == pytest.approx(0.0196, rel=0.1)
    assert seed_deviation(seeds[:1])["micro_f1"] is None


def test_a_figure_that_corpora_together_do_not_have_is_undefined_with_several_seeds_too():
    *arrays, articles = system(1)
    arrays[1] = np.stack([np.arange(400) < 200, np.arange(400) >= 200], axis=1)  # two corpora, a technique each
    seeds = [resampled(*arrays, articles=articles, n_resamples=400, seed=3) for _ in range(2)]
    assert np.isnan(seeds[0].points[STUDIED.index("any_f1")])
    assert seed_deviation(seeds)["any_f1"] is None and seed_deviation(seeds)["micro_f1"] == 0
    assert over_seeds(seeds, **OPTIONS)["any_f1"].value is None
    assert differences(seeds, seeds[:1], **OPTIONS)["any_f1"].value is None


@pytest.mark.parametrize("method", ["jackknife", "percentile"])
def test_both_methods_hold_the_seeds_of_a_difference(method):
    def several(first, strength):
        return [
            resampled(*arrays, articles=articles, n_resamples=400, seed=3, method=method)
            for *arrays, articles in (system(first + number, strength=strength) for number in range(3))
        ]

    one, other = several(1, 0.6), several(11, 0.9)
    together = differences(other, one, **OPTIONS)["micro_f1"]
    expected = np.mean([its.points[0] for its in other]) - np.mean([its.points[0] for its in one])
    assert together.value == pytest.approx(expected)
    assert together.low < together.value < together.high
    same_seed = differences(other[:1] * 3, one[:1] * 3, **OPTIONS)["micro_f1"]
    spread = np.sqrt(sum(np.var([its.points[0] for its in side], ddof=1) / 3 for side in (one, other)))
    assert (together.high - together.low) / 2 > 1.96 * spread
    assert same_seed.high - same_seed.low > 0
    assert over_seeds(one, **OPTIONS)["micro_f1"].low < over_seeds(one, **OPTIONS)["micro_f1"].high


@pytest.mark.parametrize("method", ["jackknife", "percentile"])
def test_runs_of_the_same_fits_are_paired_by_seed(method):
    """What all seeds gain alike is sure, however far apart the seeds lie; what one gains and another loses is not."""

    def shifted(gains):
        out = []
        for number, gain in enumerate(gains):
            gold, mask, probabilities, _, articles = system(number, strength=0.2 + 0.5 * number)
            decided = probabilities > 0.5 - gain
            out.append(resampled(gold, mask, probabilities, decided, articles=articles, n_resamples=400, seed=3, method=method))
        return out

    plain, moved = shifted([0, 0, 0]), shifted([0.02, 0.02, 0.02])
    apart = differences(moved, plain, **OPTIONS)["micro_f1"]
    paired = differences(moved, plain, **OPTIONS, same_fits=True)["micro_f1"]
    assert paired.value == pytest.approx(apart.value)
    assert paired.high - paired.low < 0.3 * (apart.high - apart.low)
    of_seeds = [one.points[0] - other.points[0] for one, other in zip(moved, plain, strict=True)]
    error = np.std(of_seeds, ddof=1) / np.sqrt(3)
    assert (paired.high - paired.low) / 2 > 1.96 * error


def test_by_hand_the_jackknife_of_a_difference_of_shares():
    """Four articles of one sentence: the Brier losses differ by d; its standard error is that of a mean."""
    gold, articles = np.array([[1], [0], [1], [0]]), np.arange(4)
    first, second = np.array([[0.9], [0.2], [0.6], [0.4]]), np.array([[0.8], [0.1], [0.9], [0.4]])
    d = ((second - gold) ** 2 - (first - gold) ** 2)[:, 0]
    mask = np.ones((4, 1), bool)
    runs = [[resampled(gold, mask, p, p > 0.5, articles=articles, n_resamples=100, seed=0)] for p in (first, second)]
    found = differences(runs[1], runs[0], **OPTIONS)["brier_loss"]
    centred = d - d.mean()
    df = min(3, 2 * (centred**2).sum() ** 2 / ((centred**4).sum() - (centred**2).sum() ** 2 / 4))
    reach = stats.t.ppf(0.975, df) * d.std(ddof=1) / 2
    assert (found.value, found.low, found.high) == pytest.approx((d.mean(), d.mean() - reach, d.mean() + reach))


def test_a_figure_that_is_undefined_has_no_value():
    gold = np.zeros((6, 1), int)
    arrays = (gold, np.ones((6, 1), bool), np.full((6, 1), 0.2), np.zeros((6, 1), bool))
    estimate = over_seeds([resampled(*arrays, articles=np.arange(6), n_resamples=100, seed=0)], **OPTIONS)
    assert estimate["macro_auroc"].value is None
    assert estimate["brier_loss"].value == pytest.approx(0.04)


def test_a_word_of_its_own_on_any_technique_changes_that_figure_alone():
    rng = np.random.default_rng(6)
    gold = (rng.random((60, 2)) < 0.3).astype(int)
    p = np.clip(0.3 * gold + 0.7 * rng.random(gold.shape), 0, 1)
    options = {"articles": np.arange(60) // 3, "n_resamples": 100, "seed": 0}
    plain, own = (resampled(gold, gold >= 0, p, p > 0.6, *said, **options) for said in ((), (p.max(axis=1) > 0.4,)))
    assert [name for name, a, b in zip(STUDIED, plain.points, own.points, strict=True) if a != b] == ["any_f1"]
