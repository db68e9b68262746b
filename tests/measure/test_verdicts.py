"""From differences to verdicts: the margin, families, one test before all claims, and how many articles are wanting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from spinscope.measure.statistics import COMPARED_OVERALL, Comparison, Side, compare_sides, judged_together
from spinscope.measure.verdicts import Court, Difference, articles_to_settle, equivalence_p, judged, largest_p

COURT = Court(0.95, 100, 10)


def verdict(court=COURT, figure="f1", **values):
    row = Difference(0.5, 0.5 + values.get("difference", 0.0), **({"difference": 0.0} | values))
    return judged({"x": row}, {"x": figure}, {"x": court})["x"].verdict


def test_equivalent_is_the_interval_of_twice_alpha_within_the_margin():
    rng = np.random.default_rng(0)
    for centre in (0.0, 0.004, 0.012, 0.02):
        for spread in (0.002, 0.006, 0.012):
            draws = rng.normal(centre, spread, 4999)
            low, high = np.quantile(draws, [0.05, 0.95])
            assert (equivalence_p(draws, 0.02) < 0.05) == bool(low > -0.02 and high < 0.02)
    assert equivalence_p(np.zeros(99), 0.02) == 0.01
    assert equivalence_p(np.zeros(99), 0.0) == 1.0
    assert equivalence_p(np.full(99, np.nan), 0.02) == 1.0, "what is undefined claims nothing"


def test_a_sure_difference_within_the_margin_is_equivalent_and_one_beyond_it_is_not():
    assert verdict(difference=0.01, p_value=0.001, p_equivalent=0.001) == "equivalent"
    assert verdict(difference=0.01, p_value=0.001, p_equivalent=0.3) == "better"
    assert verdict(difference=-0.01, p_value=0.001, p_equivalent=0.3) == "worse"
    assert verdict(figure="brier_loss", difference=-0.01, p_value=0.001) == "better"
    assert verdict(difference=0.01, p_value=0.2, p_equivalent=0.2) == "cannot tell"
    assert verdict(p_value=1.0, p_equivalent=None) == "cannot tell"


def test_equivalence_is_corrected_within_its_family():
    rows = {
        str(n): Difference(0.5, 0.5, 0.0, p_value=1.0, p_equivalent=p) for n, p in enumerate((0.01, 0.02, 0.03, None))
    }
    told = judged(rows, dict.fromkeys(rows, "f1"), dict.fromkeys(rows, COURT))
    assert [told[key].p_equivalent_holm for key in rows] == [
        pytest.approx(0.03),
        pytest.approx(0.04),
        pytest.approx(0.04),
        None,
    ]
    many = {str(n): Difference(0.5, 0.5, 0.0, p_value=1.0, p_equivalent=0.01) for n in range(6)}
    assert {row.verdict for row in judged(many, dict.fromkeys(many, "f1"), dict.fromkeys(many, COURT)).values()} == {
        "cannot tell"
    }


def test_what_the_test_over_all_figures_does_not_allow_is_not_claimed():
    only_worse = replace(COURT, may_be=frozenset({"worse"}))
    assert verdict(only_worse, difference=0.1, p_value=0.001) == "cannot tell"
    assert verdict(only_worse, difference=-0.1, p_value=0.001) == "worse"


def test_the_largest_of_many_differences_is_held_against_the_largest_that_swaps_give():
    rng = np.random.default_rng(1)
    scale = np.array([1.0, 0.01, 5.0])
    swaps = rng.normal(size=(999, 3)) * scale
    spread = np.sqrt((swaps**2).mean(axis=0))
    observed = np.array([0.5, 0.03, -1.0])
    gain = ((swaps / spread).max(axis=1) >= (observed / spread).max()).sum()
    loss = ((swaps / spread).min(axis=1) <= (observed / spread).min()).sum()
    assert largest_p(observed, swaps) == pytest.approx(((gain + 1) / 1000, (loss + 1) / 1000))
    assert largest_p(np.zeros(2), np.zeros((99, 2))) == (1.0, 1.0)
    with_unknown = np.column_stack([swaps, np.full(999, np.nan)])
    assert largest_p(np.r_[observed, np.nan], with_unknown) == largest_p(observed, swaps)


def test_so_many_articles_settle_it_four_times_in_five():
    """The number is put to the test: a normal estimate from so many articles, again and again."""
    rng = np.random.default_rng(2)
    m, error, alpha = 75, 0.02, 0.05 / 8
    margin = 0.02

    def settled(difference: float, n: float) -> float:
        its = error * (m / n) ** 0.5
        found = rng.normal(difference, its, 20_000)
        differs = np.abs(found) / its > norm.isf(alpha / 2)
        return float((differs | (np.abs(found) + norm.isf(alpha) * its < margin)).mean())

    for difference in (0.03, 0.0, 0.005, -0.025):
        row = Difference(0.5, 0.5, difference, p_value=0.5, p_equivalent=0.9, standard_error=error, margin=margin)
        n = m + articles_to_settle(row, alpha=alpha, n_articles=m)
        assert settled(difference, n) > 0.78
        assert settled(difference, 0.4 * n) < 0.78, "and not far more than it takes"


def test_articles_do_not_settle_what_lies_in_the_seeds_or_is_settled():
    row = Difference(0.5, 0.52, 0.02, p_value=0.2, p_equivalent=0.9, standard_error=0.02, seed_error=0.019, margin=0.02)
    assert articles_to_settle(row, alpha=0.05, n_articles=75) is None
    few_seeds = replace(row, seed_error=0.003)
    assert articles_to_settle(few_seeds, alpha=0.05, n_articles=75) > articles_to_settle(
        replace(row, seed_error=0.0), alpha=0.05, n_articles=75
    )
    assert articles_to_settle(replace(row, verdict="better"), alpha=0.05, n_articles=75) is None
    assert articles_to_settle(Difference(None, None, None), alpha=0.05, n_articles=75) is None


def sides(seed, n_articles, *, noises, n_each=6, k=2, share=0.3):
    rng = np.random.default_rng(seed)
    articles = np.repeat(np.arange(n_articles), n_each)
    signal = rng.normal(size=(len(articles), k)) + 0.5 * rng.normal(size=(n_articles, k))[articles]
    gold = (signal > np.quantile(signal, 1 - share)).astype(int)
    found = []
    for noise in noises:
        p = 1 / (1 + np.exp(-2 * (signal + noise * rng.normal(size=signal.shape)) + 1))
        found.append(Side.of(gold, gold >= 0, [(p, p > 0.5)], articles=articles, n_resamples=199, seed=3))
    return found


def test_families_span_all_that_are_compared_with_the_first():
    a, *others = sides(5, 40, noises=(1.0, 0.9, 0.8, 0.7))
    alone = [compare_sides(a, b, techniques=("x", "y")) for b in others]
    together = judged_together(alone)
    every = [one.overall[name].p_value for one in alone for name in COMPARED_OVERALL]
    assert together[0].overall["micro_f1"].family_size == len(every) == 3 * alone[0].overall["micro_f1"].family_size
    assert min(row.p_holm for one in together for row in one.overall.values()) == pytest.approx(
        min(1, min(every) * len(every))
    )
    for one, its in zip(alone, together, strict=True):
        assert all(its.overall[name].p_holm >= one.overall[name].p_holm for name in COMPARED_OVERALL)
        assert all(its.overall[name].p_value == one.overall[name].p_value for name in COMPARED_OVERALL)
        assert its.per_technique["x"]["f1"].family_size == 6
    assert judged_together([alone[0]]) == [alone[0]]


def test_few_articles_claim_no_equivalence_but_of_what_is_the_same():
    a, b = sides(6, 12, noises=(1.0, 1.0))
    told = compare_sides(a, b, techniques=("x", "y"), margin=0.9)
    assert {row.p_equivalent for row in told.overall.values()} == {None}
    assert "12 articles: too few to claim equivalence" in told.overall["micro_f1"].note
    assert {row.verdict for row in compare_sides(a, a, techniques=("x", "y")).overall.values()} == {"equivalent"}
    wide = compare_sides(*sides(6, 40, noises=(1.0, 1.0)), techniques=("x", "y"), margin=0.9)
    assert wide.overall["micro_f1"].verdict == "equivalent"


def test_a_margin_of_nothing_calls_nothing_equivalent():
    a, b = sides(7, 30, noises=(1.0, 1.0))
    told = compare_sides(a, b, techniques=("x", "y"), margin=0.0)
    assert "equivalent" not in {row.verdict for row in told.overall.values()}


def test_the_brier_loss_has_a_margin_of_its_own():
    """A hundredth of it is much where the technique is rare: the margin is a part of the loss of saying the share."""
    a, b = sides(8, 30, noises=(1.0, 1.0), share=0.1)
    told: Comparison = compare_sides(a, b, techniques=("x", "y"), margin=0.02)
    share = a.seeds[0].gold.mean(axis=0)
    assert told.per_technique["x"]["brier_loss"].margin == pytest.approx(0.02 * share[0] * (1 - share[0]))
    assert told.overall["brier_loss"].margin == pytest.approx(0.02 * (share * (1 - share)).mean())
    assert told.overall["micro_f1"].margin == 0.02
