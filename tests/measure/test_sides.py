"""Several seeds on a side: means, deviations, and errors that include the choice of seeds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t, ttest_ind

from spinscope.measure.sides import Side, degrees_of_freedom, permuted, seed_noise, seed_variances
from spinscope.measure.statistics import Comparison, compare_sides


def groups(seed, n_seeds, *, n_articles=40, n_each=6, apart=0.6, gain=0.0, n_resamples=199):
    """Two sides of seeds that read the same signal; each seed is a little sharper or blunter than the next."""
    rng = np.random.default_rng(seed)
    articles = np.repeat(np.arange(n_articles), n_each)
    signal = rng.normal(size=(len(articles), 2)) + 0.5 * rng.normal(size=(n_articles, 2))[articles]
    gold = (signal > 0.8).astype(int)
    found = []
    for number, n in enumerate(n_seeds):
        systems = []
        for _ in range(n):
            noise = 0.8 * math.exp(apart * rng.normal() - gain * number)
            p = 1 / (1 + np.exp(-2 * (signal + noise * rng.normal(size=signal.shape)) + 1.5))
            systems.append((p, p > 0.45))
        found.append(Side.of(gold, gold >= 0, systems, articles=articles, n_resamples=n_resamples, seed=3))
    return found


def compare(a, b, **options) -> Comparison:
    return compare_sides(a, b, techniques=("x", "y"), **options)


def test_values_are_means_over_seeds_with_their_deviation():
    a, b = groups(1, (2, 3))
    row = compare(a, b).overall["macro_f1"]
    values = b.values(0, "macro_f1", None)
    assert (row.value_b, row.deviation_b) == (pytest.approx(values.mean()), pytest.approx(values.std(ddof=1)))
    assert row.difference == pytest.approx(values.mean() - a.values(0, "macro_f1", None).mean())
    assert compare(*groups(1, (1, 1))).overall["macro_f1"].deviation_a is None


def test_the_order_and_number_of_pairs_leave_the_unswapped_difference_as_it_is():
    a, b = groups(2, (2, 3))
    swaps = permuted(a, b)[0]["micro_f1"]
    flipped = permuted(b, a)[0]["micro_f1"]
    assert swaps == pytest.approx(-flipped)
    one = permuted(*groups(2, (1, 1)))[0]["micro_f1"]
    assert len(one) == len(swaps) == 199


def test_intervals_include_the_seeds():
    a, b = groups(3, (3, 3))
    with_seeds = compare(a, b).overall["macro_average_precision"]
    alike = [Side([side.seeds[0]] * 3, n_resamples=199, seed=3) for side in (a, b)]
    without = compare(*alike).overall["macro_average_precision"]
    assert with_seeds.seed_error > 0 and without.seed_error == 0
    assert with_seeds.high - with_seeds.low > 1.2 * (without.high - without.low)
    assert with_seeds.standard_error > with_seeds.seed_error
    low, high = with_seeds.interval_b
    assert low < with_seeds.value_b < high


@pytest.mark.parametrize("method", ["jackknife", "bca", "percentile"])
def test_each_method_gives_an_interval_of_the_difference(method):
    a, b = groups(3, (1, 1), gain=0.6)
    told = compare(a, b, interval=method)
    row = told.overall["macro_average_precision"]
    assert told.interval == method
    assert row.low < row.difference < row.high
    assert row.interval_b[0] < row.value_b < row.interval_b[1]
    same = compare(a, a, interval=method).per_technique["x"]["f1"]
    assert (same.low, same.high, same.verdict) == (0.0, 0.0, "equivalent")
    back = compare(b, a, interval=method).overall["macro_average_precision"]
    assert (back.low, back.high) == pytest.approx((-row.high, -row.low), abs=0.02)


def test_by_hand_the_jackknife_of_a_paired_difference():
    """One sentence an article, so that the Brier loss is a mean: t standard errors of the mean of the differences."""
    rng = np.random.default_rng(0)
    gold = (rng.random((30, 2)) < 0.8).astype(int)
    one, other = rng.random((30, 2)), rng.random((30, 2))
    a, b = (
        Side.of(gold, gold >= 0, [(p, p > 0.5)], articles=np.arange(30), n_resamples=99, seed=1) for p in (one, other)
    )
    row = compare(a, b).per_technique["x"]["brier_loss"]
    d = ((other - gold) ** 2 - (one - gold) ** 2)[:, 0]
    centred = d - d.mean()
    df = min(29, 2 * (centred**2).sum() ** 2 / ((centred**4).sum() - (centred**2).sum() ** 2 / 30))
    error = d.std(ddof=1) / 30**0.5
    reach = t.ppf(0.975, df) * error
    assert (row.low, row.high) == pytest.approx((d.mean() - reach, d.mean() + reach))
    assert row.standard_error == pytest.approx(error)
    assert row.p_equivalent == pytest.approx(t.sf((row.margin - abs(d.mean())) / error, df))


def test_drawn_seeds_vary_as_their_means_do():
    """Resampling s seeds alone would give (s - 1) / s of the variance."""
    values = np.array([0.1, 0.4, 0.3])
    draws = np.repeat(values[:, None], 200_000, axis=1)
    first, second = seed_noise(draws, draws[:1], seed=1, is_same=False)
    assert first.var() == pytest.approx(values.var(ddof=1) / 3, rel=0.02)
    assert second.var() == pytest.approx(values.var(ddof=1), rel=0.02), "a single seed takes the other side's spread"
    assert seed_variances(values, values[:1]) == [
        (pytest.approx(values.var(ddof=1) / 3), 2),
        (pytest.approx(values.var(ddof=1)), 2),
    ]
    assert seed_variances(values[:1], values[:1]) == []


@pytest.mark.parametrize("interval", ["jackknife", "percentile"])
def test_of_pairs_of_seeds_only_what_sets_a_pair_apart_counts(interval):
    """Each seed of B is one of A that was told a little of the truth about x, and decides otherwise on y."""
    (a,) = groups(5, (4,), apart=0.9)
    first = a.seeds[0]
    systems = []
    for one in a.seeds:
        p = np.array(one.probabilities)
        p[:, 0] = 0.98 * p[:, 0] + 0.02 * first.gold[:, 0]
        systems.append((p, p > 0.3))
    b = Side.of(first.gold, first.mask, systems, articles=first.articles, n_resamples=199, seed=3)
    apart, paired = (compare(a, b, interval=interval, seeds_are_pairs=pairs).per_technique for pairs in (False, True))
    gains = b.values(1, "average_precision", 0) - a.values(1, "average_precision", 0)
    row, before = paired["x"]["average_precision"], apart["x"]["average_precision"]
    assert row.difference == before.difference == pytest.approx(gains.mean())
    assert row.seed_error == pytest.approx(gains.std(ddof=1) / 2)
    assert before.low < 0 < row.low < row.high < before.high and row.p_value < before.p_value
    same, before = paired["y"]["average_precision"], apart["y"]["average_precision"]
    assert (same.low, same.high, same.seed_error) == pytest.approx((0, 0, 0), abs=1e-12)
    assert before.low < -0.02
    with pytest.raises(ValueError, match="pairs of 4 and 3 seeds"):
        compare(a, Side(b.seeds[:3], n_resamples=199, seed=3), seeds_are_pairs=True)


def test_degrees_of_freedom_are_those_of_welch():
    rng = np.random.default_rng(4)
    a, b = rng.normal(size=4), 3 * rng.normal(size=6)
    assert degrees_of_freedom(seed_variances(a, b)) == pytest.approx(ttest_ind(a, b, equal_var=False).df)
    assert degrees_of_freedom([(0.0, 2)]) == math.inf


def test_two_seeds_that_lie_far_apart_decide_nothing():
    """The permutation over articles sees these very seeds differ; the seeds say that others might not."""
    a, b = groups(11, (2, 2), apart=0.9, gain=0.4, n_articles=80)
    row = compare(a, b).overall["macro_average_precision"]
    swaps = np.abs(permuted(a, b)[0]["macro_average_precision"])
    of_articles = (1 + int((swaps >= abs(row.difference)).sum())) / 200
    assert of_articles <= 0.01 < row.p_value
    assert row.verdict == "cannot tell"


def test_a_group_against_itself_is_equivalent():
    a, _ = groups(5, (3, 1))
    told = compare(a, a)
    rows = [*told.overall.values(), *(row for each in told.per_technique.values() for row in each.values())]
    assert {(row.difference, row.low, row.high, row.p_value, row.verdict) for row in rows} == {
        (0.0, 0.0, 0.0, 1.0, "equivalent")
    }


def test_a_clear_gain_of_alike_seeds_is_better():
    told = compare(*groups(6, (3, 3), apart=0.05, gain=1.2, n_articles=60))
    row = told.overall["macro_average_precision"]
    assert row.verdict == "better" and row.low > 0
    assert (told.n_seeds_a, told.n_seeds_b) == (3, 3)


def test_a_side_without_a_system_is_refused():
    with pytest.raises(ValueError, match="without a system"):
        Side.of(np.zeros((2, 1)), np.ones((2, 1), bool), [], articles=[0, 1], n_resamples=10, seed=1)


def test_sides_that_differ_in_any_technique_alone_are_the_same_in_all_else():
    rng = np.random.default_rng(8)
    gold = (rng.random((60, 2)) < 0.3).astype(int)
    p = np.clip(0.3 * gold + 0.7 * rng.random(gold.shape), 0, 1)
    common = {"articles": np.arange(60) // 3, "n_resamples": 99, "seed": 1}
    plain = Side.of(gold, gold >= 0, [(p, p > 0.6)] * 2, **common)
    own = Side.of(gold, gold >= 0, [(p, p > 0.6, p.max(axis=1) > 0.4), (p, p > 0.6, p.max(axis=1) > 0.45)], **common)
    again = Side.of(gold, gold >= 0, [(p, p > 0.6, None)] * 2, **common)
    assert plain.is_same_any(again) and not plain.is_same_any(own)
    found = compare(plain, own, margin=0.05).overall
    assert found["any_f1"].difference != 0 and found["any_f1"].seed_error > 0
    assert found["any_f1"].p_equivalent > 0
    assert found["micro_f1"].difference == 0 and found["micro_f1"].p_equivalent == 0
