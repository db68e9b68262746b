"""How far cut-offs move: the bootstrap repeats the very fit, and widens where there is little to go by."""

from __future__ import annotations

import numpy as np
import pytest

from spinscope.measure.threshold_intervals import Counts, ThresholdFit, threshold_draws, threshold_intervals
from spinscope.measure.thresholds import balanced_folds, counts_as_positive, fit_thresholds


def corpus(seed, n_articles=40, n_sentences=30, base=(-1.5, -2.5, -5.0)):
    rng = np.random.default_rng(seed)
    n = n_articles * n_sentences
    p = 1 / (1 + np.exp(-np.asarray(base) - 1.5 * rng.normal(size=(n, len(base)))))
    p = p.round(2)  # few enough candidates that none is thinned out
    gold = (rng.random(p.shape) < p).astype(int)
    return gold, rng.random(p.shape) < 0.9, p, np.arange(n) // n_sentences


@pytest.mark.parametrize("rule", ["per_technique", "global", "expected"])
@pytest.mark.parametrize("f_beta", [1.0, 0.7])
def test_whole_articles_give_the_cutoffs_of_the_fit_itself(rule, f_beta):
    gold, mask, p, articles = corpus(1)
    whole = fit_thresholds(gold, mask, p, articles=np.zeros(len(gold)), rule=rule, f_beta=f_beta).values
    counts = Counts.of(counts_as_positive(gold, mask, p, rule), mask, p, articles)
    fit = ThresholdFit(rule, f_beta=f_beta)
    np.testing.assert_allclose(counts.cutoffs(np.ones((1, 40)), fit)[0], whole)
    # A weight of two is an article that stands there twice.
    rows = np.r_[np.arange(len(gold)), np.flatnonzero(articles == 7)]
    twice = fit_thresholds(
        gold[rows], mask[rows], p[rows], articles=np.zeros(len(rows)), rule=rule, f_beta=f_beta
    ).values
    weights = np.ones((1, 40))
    weights[0, 7] = 2
    np.testing.assert_allclose(counts.cutoffs(weights, fit)[0], twice)


@pytest.mark.parametrize("rule", ["at_precision", "at_recall"])
def test_redrawn_articles_keep_the_wish_that_the_fit_keeps(rule):
    gold, mask, p, articles = corpus(1)
    fit = ThresholdFit(rule, n_folds=4, wished=0.4)
    fitted = fit_thresholds(gold, mask, p, articles=articles, rule=rule, n_folds=4, wished=0.4)
    assert fitted.wished.kept.any()
    counts = Counts.of(np.where(mask, gold, 0), mask, p, articles)
    folds = balanced_folds(articles, (gold * mask).sum(axis=1), 4, 13)[::30]
    kept = (folds[None] != np.arange(4)[:, None]).astype(float)
    found = counts.cutoffs(kept, fit, fitted.wished.asked)
    np.testing.assert_allclose(found, fitted.per_fold, atol=0.011)
    draws = threshold_draws(gold, mask, p, articles=articles, fit=fit, n_resamples=60)
    low, high = threshold_intervals(fitted.values, draws, confidence=0.95)
    assert (low < high).all() and (np.quantile(draws, 0.05, axis=0) <= fitted.values + 0.011).all()


def test_articles_keep_their_fold():
    gold, mask, p, articles = corpus(2)
    fitted = fit_thresholds(gold, mask, p, articles=articles, n_folds=4)
    counts = Counts.of(np.where(mask, gold, 0), mask, p, articles)
    folds = balanced_folds(articles, (gold * mask).sum(axis=1), 4, 13)[::30]
    kept = (folds[None] != np.arange(4)[:, None]).astype(float)
    np.testing.assert_allclose(
        np.median(counts.cutoffs(kept, ThresholdFit(n_folds=4)), axis=0), fitted.values, atol=0.011
    )


def test_the_interval_holds_the_cutoff_and_narrows_with_more_articles():
    widths = {}
    for n_articles in (15, 500):
        gold, mask, p, articles = corpus(3, n_articles=n_articles, n_sentences=10, base=(-1.5, -1.0))
        values = fit_thresholds(gold, mask, p, articles=articles).values
        draws = threshold_draws(gold, mask, p, articles=articles, fit=ThresholdFit(), n_resamples=150)
        low, high = threshold_intervals(values, draws, confidence=0.95)
        assert ((low <= values) & (values <= high) & (low < high)).all()
        widths[n_articles] = (high - low).mean()
    assert widths[500] < 0.7 * widths[15]


def test_what_is_not_fitted_has_no_width():
    gold, mask, p, articles = corpus(4)
    assert (
        threshold_draws(gold, mask, p, articles=articles, fit=ThresholdFit("fixed", fixed=0.4), n_resamples=5) == 0.4
    ).all()
    assert (threshold_draws(gold * 0, mask, p, articles=articles, fit=ThresholdFit(), n_resamples=5) == 0.5).all()


def test_the_same_seed_gives_the_same_draws_whatever_the_order():
    gold, mask, p, articles = corpus(5)
    rows = np.random.default_rng(0).permutation(len(gold))
    one = threshold_draws(gold, mask, p, articles=articles, fit=ThresholdFit(), n_resamples=20)
    other = threshold_draws(
        gold[rows], mask[rows], p[rows], articles=articles[rows], fit=ThresholdFit(), n_resamples=20
    )
    np.testing.assert_array_equal(one, other)
