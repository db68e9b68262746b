"""Cut-offs: fixed, global, per technique; smoothed, cross-fitted, never wild."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from spinscope.measure.thresholds import balanced_folds, fit_thresholds


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


def test_expected_is_half_the_f1_that_calibrated_probabilities_expect():
    gold, mask, p, articles = corpus(0)
    one = fit_thresholds(gold, mask, p, articles=np.zeros(len(gold)), rule="expected").values
    assert len(set(one)) == 1
    expected = [2 * p[p >= cut].sum() / ((p >= cut).sum() + p.sum()) for cut in np.unique(p)]
    assert one[0] == pytest.approx(max(expected) / 2, abs=0.01)
    # Labels count only in that there are some; what is not annotated does not count.
    other = np.random.default_rng(1).permutation(gold.ravel()).reshape(gold.shape)
    mask = mask & (np.random.default_rng(2).random(mask.shape) < 0.5)
    found = fit_thresholds(gold, mask, p, articles=articles, rule="expected", n_folds=1).values
    again = fit_thresholds(other, mask, np.where(mask, p, 0.999), articles=articles, rule="expected", n_folds=1).values
    np.testing.assert_array_equal(found, again)
    assert (fit_thresholds(gold * 0, mask, p, articles=articles, rule="expected", fixed=0.4).values == 0.4).all()


def test_expected_moves_less_from_dev_part_to_dev_part_than_counting():
    """Small dev parts of one population, calibrated: the micro-F1 on it is higher on average, and never much lower."""
    population, p_all = corpus(100, n_articles=4000)[0], corpus(100, n_articles=4000)[2]
    found = {rule: [] for rule in ("global", "expected")}
    for seed in range(20):
        gold, mask, p, articles = corpus(seed, n_articles=12)
        for rule, figures in found.items():
            cut = fit_thresholds(gold, mask, p, articles=articles, rule=rule).values
            figures.append(micro(population, p_all >= cut))
    assert np.mean(found["expected"]) > np.mean(found["global"]) + 0.002
    assert np.std(found["expected"]) < 0.5 * np.std(found["global"])


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
    with pytest.raises(ValueError, match="expected per_technique, global, expected, fixed, at_precision or at_recall"):
        fit_thresholds(gold, mask, p, articles=articles, rule="best")
    with pytest.raises(ValueError, match="gold, mask, probabilities"):
        fit_thresholds(gold[:, :2], mask, p, articles=articles)


def two_folds():
    """Two articles alike, of ten sentences each: by hand, the ranks of the positives are 1, 2, 4, 6 and 9."""
    truth = np.array([1, 1, 0, 1, 0, 1, 0, 0, 1, 0])
    gold = np.r_[truth, truth][:, None]
    p = np.r_[np.arange(10, 0, -1), np.arange(10, 0, -1)][:, None] / 20
    return gold, np.ones_like(gold, dtype=bool), p, np.repeat([0, 1], 10)


@pytest.mark.parametrize(
    ("rule", "wished", "rank", "figure"),
    [
        ("at_precision", 1.0, 2, 1.0),
        ("at_precision", 0.75, 4, 0.75),
        ("at_precision", 0.66, 6, 4 / 6),
        ("at_precision", 0.5, 10, 0.5),
        ("at_recall", 0.5, 4, 0.6),
        ("at_recall", 0.8, 6, 0.8),
        ("at_recall", 1.0, 9, 1.0),
    ],
)
def test_a_wish_is_kept_by_the_cutoff_that_gives_up_least(rule, wished, rank, figure):
    gold, mask, p, articles = two_folds()
    fitted = fit_thresholds(gold, mask, p, articles=articles, rule=rule, wished=wished, n_folds=2)
    # Half-way between the score of that rank and the next; the lowest score itself where there is none below.
    expected = (11 - rank) / 20 - (0.025 if rank < 10 else 0)
    assert fitted.values == pytest.approx([expected])
    assert fitted.per_fold == pytest.approx(np.full((2, 1), expected))
    assert fitted.wished.kept.all() and fitted.wished.cross_fitted == pytest.approx([figure])
    assert fitted.cross_fitted_decisions.sum() == 2 * rank


def test_where_the_other_articles_promise_too_much_more_is_asked_of_them():
    gold, mask, p, articles = corpus(1, n_articles=20)
    fitted = fit_thresholds(gold, mask, p, articles=articles, rule="at_precision", wished=0.7)
    folds = balanced_folds(articles, (gold * mask).sum(axis=1), 5, 13)

    def cross_fitted(asked: float) -> float:
        """Precision of the second technique, each fold decided by the lowest cut-off with so much on the others."""
        decided = np.zeros(len(gold), dtype=bool)
        for fold in range(5):
            others = folds != fold
            ranked = np.argsort(-p[others, 1])
            precision = np.cumsum(gold[others, 1][ranked]) / np.arange(1, len(ranked) + 1)
            last = np.flatnonzero(precision >= asked)[-1]
            decided |= (folds == fold) & (p[:, 1] >= p[others, 1][ranked][last : last + 2].mean())
        return gold[decided, 1].mean()

    asked = fitted.wished.asked[1]
    assert fitted.wished.kept[1] and asked > 0.7
    assert cross_fitted(asked) == pytest.approx(fitted.wished.cross_fitted[1])
    assert fitted.wished.cross_fitted[1] >= 0.7
    steps = np.linspace(0.7, 1, 21)
    assert max(cross_fitted(step) for step in steps[steps < asked - 1e-9]) < 0.7


def test_a_wish_that_cannot_be_kept_takes_the_usual_rule():
    gold, mask, p, articles = corpus(3)
    gold[:, 1] = np.random.default_rng(0).permutation(gold[:, 1])  # scores that say nothing of it
    gold[:, 2] = 0
    gold[:4, 2] = 1
    usual = fit_thresholds(gold, mask, p, articles=articles)
    wished = fit_thresholds(gold, mask, p, articles=articles, rule="at_precision", wished=0.75)
    assert wished.wished.kept.tolist() == [True, False, False]
    np.testing.assert_array_equal(wished.values[1:], usual.values[1:])
    np.testing.assert_array_equal(wished.cross_fitted_decisions[:, 1:], usual.cross_fitted_decisions[:, 1:])
    assert not wished.wished.cross_fitted[1] >= 0.75
    assert np.isnan(wished.wished.cross_fitted[2]), "four positives say nothing"
    alone = fit_thresholds(gold, mask, p, articles=np.zeros(len(gold)), rule="at_precision", wished=0.75)
    assert alone.wished is None, "a single article cannot be cross-fitted"
