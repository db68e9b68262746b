"""Paired comparison: planted differences are found, null ones are not, identical systems are the same."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from scipy.stats import binom, permutation_test
from sklearn import metrics as sk
from statsmodels.stats.multitest import multipletests

from spinscope.measure.statistics import COMPARED_OVERALL, COMPARED_PER_TECHNIQUE, holm, paired_comparison


def systems(seed, n_articles, n_sentences, k=1, noise=(1.0, 1.0)):
    """Gold and two systems that see the same signal through noise of their own."""
    rng = np.random.default_rng(seed)
    articles = np.repeat(np.arange(n_articles), n_sentences)
    shape = (len(articles), k)
    signal = rng.normal(-1, 1.5, shape) + rng.normal(0, 0.7, (n_articles, k))[articles]
    gold = (rng.random(shape) < 1 / (1 + np.exp(-signal))).astype(int)
    seen = [
        signal + scale * rng.normal(size=shape) + 0.5 * rng.normal(size=(n_articles, k))[articles] for scale in noise
    ]
    a, b = (1 / (1 + np.exp(-logits)) for logits in seen)
    return gold, np.ones(shape, dtype=bool), a, a >= 0.4, b, b >= 0.4, articles


def compare(gold, mask, a, da, b, db, articles, **options):
    options = {"n_resamples": 199, "seed": 1} | options
    names = [f"t{j}" for j in range(gold.shape[1])]
    return paired_comparison(gold, mask, a, da, b, db, articles=articles, techniques=names, **options)


def every_row(comparison):
    return [
        *comparison.overall.values(),
        *itertools.chain(*(row.values() for row in comparison.per_technique.values())),
    ]


def test_identical_systems_are_the_same():
    gold, mask, a, da, _, _, articles = systems(0, 20, 5, k=3)
    result = compare(gold, mask, a, da, a, da, articles)
    assert set(result.overall) == set(COMPARED_OVERALL)
    for row in every_row(result):
        assert (row.difference, row.low, row.high, row.p_value, row.p_holm, row.verdict) == (
            0,
            0,
            0,
            1,
            1,
            "equivalent",
        )


def test_a_planted_difference_is_found_with_the_right_sign():
    planted = systems(1, 40, 15, k=2, noise=(3.0, 0.3))
    result = compare(*planted)
    for name in ("micro_f1", "macro_f1", "macro_average_precision", "macro_auroc"):
        row = result.overall[name]
        assert row.verdict == "better" and 0 < row.low < row.difference < row.high
    assert result.overall["brier_loss"].difference < 0 and result.overall["brier_loss"].verdict == "better"
    assert all(result.per_technique[technique]["average_precision"].verdict == "better" for technique in ("t0", "t1"))
    gold, mask, a, da, b, db, articles = planted
    back = compare(gold, mask, b, db, a, da, articles)
    assert back.overall["brier_loss"].verdict == "worse" and back.overall["micro_f1"].verdict == "worse"
    assert back.overall["micro_f1"].difference == -result.overall["micro_f1"].difference
    assert back.overall["micro_f1"].p_value == result.overall["micro_f1"].p_value


def test_the_size_of_a_planted_difference_is_recovered():
    """System B finds every positive that A finds and exactly a fifth of the others: recall is higher by a known amount."""
    rng = np.random.default_rng(3)
    articles = np.repeat(np.arange(60), 20)
    gold = (rng.random((1200, 1)) < 0.3).astype(int)
    a = gold.astype(bool) & (rng.random(gold.shape) < 0.5)
    missed = np.flatnonzero((gold == 1) & ~a)
    b = a.copy()
    b[missed[::5]] = True
    result = compare(gold, gold >= 0, a * 0.9, a, b * 0.9, b, articles)
    row = result.per_technique["t0"]["recall"]
    assert row.difference == pytest.approx(len(missed[::5]) / gold.sum())
    assert row.low < row.difference < row.high and row.verdict == "better"


def test_permutation_equals_recomputing_each_swap_with_scikit_learn():
    gold, mask, a, da, b, db, articles = systems(5, 12, 4, k=2)
    result = compare(gold, mask, a, da, b, db, articles, n_resamples=40, seed=9)
    swapped = np.random.default_rng([9, 1]).random((40, 12)) < 0.5
    figures = {
        "micro_f1": lambda p, d: sk.f1_score(gold, d, average="micro"),
        "macro_f1": lambda p, d: sk.f1_score(gold, d, average="macro"),
        "macro_average_precision": lambda p, d: sk.average_precision_score(gold, p),
        "macro_auroc": lambda p, d: sk.roc_auc_score(gold, p),
        "brier_loss": lambda p, d: ((p - gold) ** 2).mean(),
        "any_f1": lambda p, d: sk.f1_score(gold.any(axis=1), d.any(axis=1)),
    }
    for name, figure in figures.items():
        observed, extreme = figure(b, db) - figure(a, da), 0
        for swaps in swapped:
            here = swaps[articles][:, None]
            as_a = figure(np.where(here, b, a), np.where(here, db, da))
            as_b = figure(np.where(here, a, b), np.where(here, da, db))
            extreme += abs(as_b - as_a) >= abs(observed) - 1e-12
        assert result.overall[name].difference == pytest.approx(observed)
        assert result.overall[name].p_value == pytest.approx((extreme + 1) / 41), name


def test_with_one_sentence_per_article_it_is_the_ordinary_paired_test():
    gold, mask, a, da, b, db, articles = systems(8, 12, 1, noise=(2.0, 0.2))
    ours = compare(gold, mask, a, da, b, db, articles, n_resamples=20_000).overall["brier_loss"]
    losses = [((p - gold) ** 2).ravel() for p in (a, b)]
    exact = permutation_test(
        losses, lambda x, y: y.mean() - x.mean(), permutation_type="samples", n_resamples=np.inf, vectorized=False
    )
    assert ours.difference == pytest.approx(exact.statistic)
    assert ours.p_value == pytest.approx(exact.pvalue, abs=0.012)


@pytest.mark.slow
def test_alarms_under_the_null_stay_within_the_binomial_band():
    """1,000 null draws: two-sided alarms at 5 % between the 0.5 % and 99.5 % points of the binomial distribution."""
    alarms = {"brier_loss": 0, "macro_average_precision": 0, "micro_f1": 0}
    for seed in range(1000):
        result = compare(*systems(10_000 + seed, 30, 4), n_resamples=99, seed=seed)
        for name in alarms:
            p = result.overall[name].p_value
            alarms[name] += p is not None and p <= 0.05
    low, high = binom.ppf([0.005, 0.995], 1000, 0.05)
    assert all(low <= count <= high for count in alarms.values()), alarms


def test_one_article_cannot_tell():
    result = compare(*systems(2, 1, 30, noise=(3.0, 0.1)))
    row = result.overall["macro_average_precision"]
    assert (row.low, row.high, row.p_value, row.verdict) == (None, None, 1, "cannot tell")
    assert row.note == "no interval: one article only"


def test_undefined_figures_have_no_p_and_are_not_counted_in_the_correction():
    gold, mask, a, da, b, db, articles = systems(4, 25, 4, k=3)
    gold[:, 1] = 0
    da, db = da.copy(), db.copy()
    da[:, 1] = False
    result = compare(gold, mask, a, da, b, db, articles)
    row = result.per_technique["t1"]["average_precision"]
    assert (row.value_a, row.difference, row.p_value, row.p_holm, row.verdict) == (
        None,
        None,
        None,
        None,
        "cannot tell",
    )
    assert row.note == "undefined for both"
    assert result.per_technique["t1"]["precision"].note == "undefined for A"
    two = [result.per_technique[name]["f1"].p_value for name in ("t0", "t2")]
    assert result.per_technique["t0"]["average_precision"].p_holm is not None
    expected = multipletests([*two, result.per_technique["t1"]["f1"].p_value or 1.0], method="holm")[1]
    assert result.per_technique["t0"]["f1"].p_holm <= expected[0] + 1e-12


def test_masked_cells_do_not_count():
    gold, mask, a, da, b, db, articles = systems(6, 20, 5, k=2)
    mask = np.random.default_rng(0).random(mask.shape) < 0.7
    one = compare(gold, mask, a, da, b, db, articles)
    other = compare(
        np.where(mask, gold, 1 - gold), mask, a, np.where(mask, da, ~da), np.where(mask, b, 0), db, articles
    )
    assert one == other


@pytest.mark.parametrize("p_values", [[0.01, 0.04, 0.03, 0.005], [0.5, 0.5], [0.02], [0.9, 0.001, 0.04, 0.04, 1.0]])
def test_holm_equals_statsmodels(p_values):
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1])
    assert holm([None, *p_values])[0] is None
    assert holm([None, *p_values])[1:] == holm(p_values)
    assert holm([]) == []


def test_result_is_json_and_complete():
    result = json.loads(json.dumps(compare(*systems(7, 10, 3, k=2)).to_dict()))
    assert set(result["per_technique"]["t1"]) == set(COMPARED_PER_TECHNIQUE)
    assert result["overall"]["micro_f1"]["verdict"] in ("better", "worse", "equivalent", "cannot tell")
    assert (result["n_sentences"], result["n_articles"]) == (30, 10)
