"""Cut-offs: fixed, global, per technique; smoothed, cross-fitted, never wild."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from spinscope.measure.thresholds import fit_thresholds


def corpus(seed, n_articles=40, n_sentences=30, base=(-1.5, -2.5, -5.0)):
    rng = np.random.default_rng(seed)
    n = n_articles * n_sentences
    logits = np.asarray(base) + 1.5 * rng.normal(size=(n, len(base)))
    p = 1 / (1 + np.exp(-logits))
    gold = (rng.random(p.shape) < p).astype(int)
    return gold, np.ones_like(gold, dtype=bool), p, np.arange(n) // n_sentences


def micro(gold, decisions):
    return sk.f1_score(gold.ravel(), decisions.ravel())


def best_f1(gold, p):
    precision, recall, _ = sk.precision_recall_curve(gold, p)
    return np.max(2 * precision * recall / np.maximum(precision + recall, 1e-12))


def test_fixed_is_fixed():
    gold, mask, p, articles = corpus(0)
    fitted = fit_thresholds(gold, mask, p, articles=articles, rule="fixed", fixed=0.3)
    assert (fitted.values == 0.3).all() and fitted.per_fold.shape == (0, 3)
    np.testing.assert_array_equal(fitted.cross_fitted_decisions, p >= 0.3)


def test_global_finds_the_best_micro_f1():
    gold, mask, p, articles = corpus(0)
    one = fit_thresholds(gold, mask, p, articles=np.zeros(len(gold)), rule="global").values
    assert len(set(one)) == 1
    best = best_f1(gold.ravel(), p.ravel())
    assert micro(gold, p >= one) == pytest.approx(best, abs=2e-3)
    folded = fit_thresholds(gold, mask, p, articles=articles, rule="global").values
    assert micro(gold, p >= folded) == pytest.approx(best, abs=0.01)


def test_without_smoothing_each_technique_gets_its_own_best_f1():
    gold, mask, p, _ = corpus(1)
    cuts = fit_thresholds(gold, mask, p, articles=np.zeros(len(gold)), smoothing_positives=0).values
    for j in range(3):
        assert sk.f1_score(gold[:, j], p[:, j] >= cuts[j]) == pytest.approx(best_f1(gold[:, j], p[:, j]), abs=1e-3)


@pytest.mark.parametrize("rule", ["per_technique", "global"])
def test_f_beta_weighs_false_alarms_against_misses(rule):
    gold, mask, p, _ = corpus(1)
    cuts = {
        beta: fit_thresholds(
            gold, mask, p, articles=np.zeros(len(gold)), smoothing_positives=0, rule=rule, f_beta=beta
        ).values
        for beta in (0.5, 1.0, 2.0)
    }
    assert (cuts[0.5] >= cuts[1.0]).all() and (cuts[1.0] >= cuts[2.0]).all()
    assert cuts[0.5].sum() > cuts[1.0].sum() > cuts[2.0].sum()
    if rule == "per_technique":
        for beta, cut in cuts.items():
            for j in range(3):
                precision, recall, _ = sk.precision_recall_curve(gold[:, j], p[:, j])
                best = np.nanmax((1 + beta**2) * precision * recall / np.maximum(beta**2 * precision + recall, 1e-12))
                assert sk.fbeta_score(gold[:, j], p[:, j] >= cut[j], beta=beta) == pytest.approx(best, abs=1e-3)


def test_much_smoothing_is_the_global_cutoff():
    gold, mask, p, articles = corpus(1)
    pooled = fit_thresholds(gold, mask, p, articles=articles, rule="global").values
    smooth = fit_thresholds(gold, mask, p, articles=articles, smoothing_positives=1e9).values
    np.testing.assert_allclose(smooth, pooled)


def test_a_technique_with_eight_positives_does_not_get_a_wild_cutoff():
    def spread_of_rare(smoothing):
        cuts = []
        for seed in range(12):
            gold, mask, p, articles = corpus(seed)
            drop = np.random.default_rng(seed).permutation(np.flatnonzero(gold[:, 2]))[8:]
            gold[drop, 2] = 0
            cuts.append(fit_thresholds(gold, mask, p, articles=articles, smoothing_positives=smoothing).values[2])
        return np.ptp(cuts)

    assert spread_of_rare(20) < 0.6 * spread_of_rare(0)


def test_no_positives_take_the_pooled_cutoff_and_none_at_all_the_fixed_one():
    gold, mask, p, articles = corpus(2)
    gold[:, 1] = 0
    fitted = fit_thresholds(gold, mask, p, articles=articles)
    pooled = fit_thresholds(gold, mask, p, articles=articles, rule="global")
    assert fitted.values[1] == pooled.values[1]
    assert (fit_thresholds(gold * 0, mask, p, articles=articles, fixed=0.4).values == 0.4).all()


def test_cutoffs_stay_within_the_observed_probabilities():
    gold, mask, p, articles = corpus(3)
    p[:, 2] *= 0.01  # far below where the pool has its cut-off
    for n_folds in (2, 5):
        cuts = fit_thresholds(gold, mask, p, articles=articles, smoothing_positives=200, n_folds=n_folds).values
        assert all(p[:, j].min() <= cuts[j] <= p[:, j].max() for j in range(3))


def test_cross_fitted_decisions_use_the_other_folds_and_keep_articles_whole():
    gold, mask, p, articles = corpus(4)
    fitted = fit_thresholds(gold, mask, p, articles=articles, n_folds=4)
    assert fitted.per_fold.shape == (4, 3)
    np.testing.assert_allclose(fitted.values, np.median(fitted.per_fold, axis=0))
    for article in range(40):
        here = articles == article
        assert any((fitted.cross_fitted_decisions[here] == (p[here] >= cuts)).all() for cuts in fitted.per_fold)
    # Gold changed in one article changes decisions of others only, never its own.
    changed = gold.copy()
    changed[articles == 7] = 1 - changed[articles == 7]
    changed_mask = mask.copy()
    changed_mask[articles == 7] = False
    again = fit_thresholds(gold, changed_mask, p, articles=articles, n_folds=40)
    whole = fit_thresholds(gold, mask, p, articles=articles, n_folds=40)
    own = articles == 7
    np.testing.assert_array_equal(again.cross_fitted_decisions[own], whole.cross_fitted_decisions[own])


def test_a_dev_figure_is_not_flattered_by_cross_fitting():
    """On labels of pure chance, tuned cut-offs look good on what they were tuned on; cross-fitted ones do not."""
    flattered, honest = [], []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        gold, p = (rng.random((300, 6)) < 0.05).astype(int), rng.random((300, 6))
        fitted = fit_thresholds(gold, gold >= 0, p, articles=np.arange(300) // 10, smoothing_positives=0)
        whole = fit_thresholds(gold, gold >= 0, p, articles=np.zeros(300), smoothing_positives=0)
        flattered.append(sk.f1_score(gold, p >= whole.values, average="macro"))
        honest.append(sk.f1_score(gold, fitted.cross_fitted_decisions, average="macro"))
    assert np.mean(honest) < np.mean(flattered) - 0.03


def test_one_article_is_fitted_without_folds():
    gold, mask, p, _ = corpus(5)
    fitted = fit_thresholds(gold, mask, p, articles=np.zeros(len(gold)))
    assert fitted.per_fold.shape == (0, 3)
    np.testing.assert_array_equal(fitted.cross_fitted_decisions, p >= fitted.values)


def test_masked_cells_and_order_do_not_matter():
    gold, mask, p, articles = corpus(6)
    mask = np.random.default_rng(0).random(mask.shape) < 0.7
    one = fit_thresholds(gold, mask, p, articles=articles)
    other = fit_thresholds(np.where(mask, gold, 1), mask, np.where(mask, p, np.nan), articles=articles)
    np.testing.assert_array_equal(one.values, other.values)
    rows, columns = np.random.default_rng(1).permutation(len(gold)), [2, 0, 1]
    moved = fit_thresholds(*(array[rows][:, columns] for array in (gold, mask, p)), articles=articles[rows])
    np.testing.assert_allclose(moved.values, one.values[columns])


def test_many_distinct_scores_are_thinned_without_loss():
    gold, mask, p, _ = corpus(7, n_articles=200, base=(-2.0,))
    cut = fit_thresholds(gold, mask, p, articles=np.zeros(len(gold)), smoothing_positives=0).values[0]
    assert sk.f1_score(gold[:, 0], p[:, 0] >= cut) == pytest.approx(best_f1(gold[:, 0], p[:, 0]), abs=2e-3)


def test_unknown_rule_and_shapes_are_refused():
    gold, mask, p, articles = corpus(8)
    with pytest.raises(ValueError, match="expected per_technique, global or fixed"):
        fit_thresholds(gold, mask, p, articles=articles, rule="best")
    with pytest.raises(ValueError, match="gold, mask, probabilities"):
        fit_thresholds(gold[:, :2], mask, p, articles=articles)
