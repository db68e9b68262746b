"""Calibration recovers what was planted, is careful where positives are few, and its error is what it says."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from spinscope.measure.calibration import bin_codes, calibration_error, fit_calibration, reliability_table


def planted(seed, n=4000, slopes=(0.5, 0.5, 0.5), intercepts=(0.0, 0.0, 0.0), centre=-1.5):
    rng = np.random.default_rng(seed)
    logits = rng.normal(centre, 2.5, (n, len(slopes)))
    gold = (rng.random(logits.shape) < expit(np.asarray(slopes) * logits + intercepts)).astype(int)
    return gold, np.ones_like(gold, dtype=bool), logits


def test_temperature_recovers_one_slope_for_all():
    slopes, intercepts = fit_calibration(*planted(0), method="temperature")
    assert len(set(slopes)) == 1 and (intercepts == 0).all()
    assert slopes[0] == pytest.approx(0.5, abs=0.03)


def test_platt_recovers_each_technique_and_nears_logistic_regression_where_positives_are_many():
    gold, mask, logits = planted(1, n=20_000, slopes=(0.4, 1.0, 0.7), intercepts=(0.5, -0.5, 0.0))
    slopes, intercepts = fit_calibration(gold, mask, logits, method="platt")
    for j in range(3):
        free = LogisticRegression(C=np.inf).fit(logits[:, [j]], gold[:, j])
        assert slopes[j] == pytest.approx(free.coef_[0, 0], abs=0.02)
        assert intercepts[j] == pytest.approx(free.intercept_[0], abs=0.03)


def test_calibration_lowers_likelihood_loss_and_error():
    gold, mask, logits = planted(2, slopes=(0.4, 0.6, 0.5), intercepts=(0.8, 0.2, -0.4))
    slopes, intercepts = fit_calibration(gold, mask, logits, method="platt")
    before, after = expit(logits), expit(slopes * logits + intercepts)
    assert calibration_error(gold, mask, after) < 0.5 * calibration_error(gold, mask, before)


def test_few_positives_stay_near_the_pooled_fit_and_none_take_it():
    gold, mask, logits = planted(3, n=1500)
    gold[np.flatnonzero(gold[:, 1])[4:], 1] = 0
    gold[:, 2] = 0
    mask[4:, 1] = False
    mask[:4, 1] = True
    slopes, intercepts = fit_calibration(gold, mask, logits, method="platt")
    assert abs(np.log(slopes[1] / slopes[2])) < 0.3 and abs(intercepts[1] - intercepts[2]) < 0.8
    gold[:, 1], mask[:, 1] = 0, True
    slopes, intercepts = fit_calibration(gold, mask, logits, method="platt")
    assert slopes[1] == slopes[2] and intercepts[1] == intercepts[2]


def test_rare_techniques_are_better_off_shrunken():
    """Log loss on fresh data of a technique with a handful of positives: shrunken against a free fit of its own."""
    kinds = {"slopes": (0.6, 0.5), "intercepts": (0.0, 0.3), "centre": -6.5}
    test_gold, _, test_logits = planted(99, n=20_000, **kinds)
    losses = []
    for seed in range(10):
        gold, mask, logits = planted(seed, n=2000, **kinds)
        mask[150:, 1] = False
        slopes, intercepts = fit_calibration(gold, mask, logits, method="platt")
        free = LogisticRegression(C=np.inf).fit(logits[:150, [1]], gold[:150, 1])
        chances = expit(slopes[1] * test_logits[:, 1] + intercepts[1]), free.predict_proba(test_logits[:, [1]])[:, 1]
        losses.append([-np.log(np.where(test_gold[:, 1] == 1, p, 1 - p)).mean() for p in chances])
    shrunken, own = np.array(losses).T
    assert shrunken.mean() < 0.99 * own.mean() and shrunken.std() < 0.7 * own.std()


def test_slopes_are_positive_even_where_scores_are_the_wrong_way_round():
    gold, mask, logits = planted(4)
    slopes, _ = fit_calibration(gold, mask, -logits, method="platt")
    assert (slopes > 0).all()


def test_separable_data_do_not_run_away():
    gold = np.array([[0], [0], [1], [1]])
    logits = np.array([[-2.0], [-1.0], [1.0], [2.0]])
    slopes, intercepts = fit_calibration(gold, gold >= 0, logits, method="platt")
    assert 0 < slopes[0] < 1000 and np.isfinite(intercepts).all()


def test_masked_cells_do_not_matter():
    gold, mask, logits = planted(5)
    mask = np.random.default_rng(0).random(mask.shape) < 0.6
    one = fit_calibration(gold, mask, logits, method="platt")
    other = fit_calibration(np.where(mask, gold, 1), mask, np.where(mask, logits, np.nan), method="platt")
    np.testing.assert_array_equal(one, other)


def test_none_and_nothing_annotated_change_nothing():
    gold, mask, logits = planted(6)
    for fitted in (
        fit_calibration(gold, mask, logits, method="none"),
        fit_calibration(gold, mask & False, logits, method="platt"),
    ):
        np.testing.assert_array_equal(fitted, (np.ones(3), np.zeros(3)))


def test_unknown_method_and_shapes_are_refused():
    gold, mask, logits = planted(7)
    with pytest.raises(ValueError, match="expected none, temperature or platt"):
        fit_calibration(gold, mask, logits, method="isotonic")
    with pytest.raises(ValueError, match="gold, mask, logits"):
        fit_calibration(gold, mask, logits[:, :1], method="platt")


def test_calibration_error_by_hand():
    # Two bins of two: |0.2 - 0.5| and |0.8 - 0.5|, each for half of the sentences.
    gold, p = np.array([0, 1, 1, 0]), np.array([0.1, 0.3, 0.7, 0.9])
    assert calibration_error(gold, gold >= 0, p, n_bins=2) == pytest.approx(0.3)
    assert calibration_error(gold, gold < 0, p) is None
    two = calibration_error(np.c_[gold, gold], np.c_[gold >= 0, [True, False, False, False]], np.c_[p, p], n_bins=2)
    assert two == pytest.approx((0.3 + 0.1) / 2)


def test_bins_hold_equal_mass_and_ties_stay_together():
    p = np.random.default_rng(0).random(300)
    assert (np.bincount(bin_codes(p, p >= 0, n_bins=15)) == 20).all()
    assert len(set(bin_codes(np.full(50, 0.2), np.ones(50, dtype=bool)))) == 1
    tied = np.repeat([0.1, 0.2, 0.3], [40, 5, 5])
    codes = bin_codes(tied, tied > 0, n_bins=5)
    assert len(set(codes[:40])) == 1 and codes[0] < codes[40] <= codes[45]


def test_reliability_table_adds_up():
    gold, mask, logits = planted(8, n=1000)
    mask[:100, 0] = False
    rows = reliability_table(gold, mask, expit(logits), n_bins=10)
    assert len(rows) == 10 and sum(row["n"] for row in rows) == mask.sum()
    assert sum(row["n_positives"] for row in rows) == gold[mask].sum()
    assert all(row["low"] <= row["mean_probability"] <= row["high"] for row in rows)
    assert all(before["high"] <= after["low"] for before, after in itertools.pairwise(rows))
    column = expit(logits[:, 0])
    own = reliability_table(gold[:, 0], mask[:, 0], column, n_bins=15)
    error = sum(row["n"] * abs(row["mean_probability"] - row["positive_fraction"]) for row in own) / 900
    assert error == pytest.approx(calibration_error(gold[:, 0], mask[:, 0], column))
