"""What choosing is worth, and cut-offs that were chosen on the sentences measured: found where planted, else silent."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from spinscope.measure.article_sums import Resampling
from spinscope.measure.cutoff_curves import Curve
from spinscope.measure.selection import check_cutoffs, selection_effects
from spinscope.measure.threshold_intervals import ThresholdFit, threshold_draws, threshold_intervals
from spinscope.measure.thresholds import fit_thresholds

NAMES = ("a", "b", "c", "d")


def part(seed, n=1200):
    rng = np.random.default_rng(seed)
    logits = np.array([-1.0, -2.0, -2.5, -4.0]) + rng.normal(size=(n // 20, 4)).repeat(20, axis=0) * 0.5
    p = 1 / (1 + np.exp(-logits - 1.5 * rng.normal(size=(n, 4))))
    return (rng.random(p.shape) < p).astype(int), np.ones(p.shape, dtype=bool), p, np.arange(n) // 20


def checked(seed, plant=None):
    gold, mask, p, articles = part(2 * seed)
    test = part(2 * seed + 1)
    from_dev = fit_thresholds(gold, mask, p, articles=articles).values
    cutoffs = from_dev.copy()
    if plant is not None:
        curve = Curve.of(test[0][:, plant], test[2][:, plant])
        cutoffs[plant] = curve.cutoffs[np.argmax(curve.f1())]
    draws = threshold_draws(gold, mask, p, articles=articles, fit=ThresholdFit(), n_resamples=50)
    return check_cutoffs(
        test[:3], cutoffs=cutoffs, from_dev=from_dev, interval=threshold_intervals(from_dev, draws, confidence=0.95),
        techniques=NAMES, known=np.ones(4, dtype=bool),
    )  # fmt: skip


@pytest.mark.parametrize("plant", range(4))
def test_a_threshold_chosen_on_test_is_found_and_no_other(plant):
    for seed in range(2):
        found = [one.technique for one in checked(seed, plant) if one.is_chosen_here]
        assert found == [NAMES[plant]]


def test_thresholds_of_dev_are_not_suspected():
    for seed in range(4):
        assert not any(one.is_chosen_here or not one.is_from_dev for one in checked(seed))


def test_what_is_told_names_both_thresholds():
    one = checked(0, 1)[1]
    assert one.told().startswith(f"the threshold of b is {one.cutoff:.3f}, where dev gives {one.from_dev:.3f} (")
    assert one.told().endswith("no threshold has a higher F1: it looks chosen on them, which flatters its figures")


def test_a_threshold_set_by_hand_is_told_without_suspicion():
    gold, mask, p, _ = part(1)
    checks = check_cutoffs(
        (gold, mask, p), cutoffs=np.full(4, 0.9), from_dev=np.full(4, 0.3), interval=(np.full(4, 0.2), np.full(4, 0.4)),
        techniques=NAMES, known=np.array([True, False, True, True]),
    )  # fmt: skip
    assert [one.technique for one in checks] == ["a", "c", "d"]
    assert not any(one.is_from_dev or one.is_chosen_here for one in checks)


def test_effects_are_dev_minus_measured():
    gold, mask, p, articles = part(10)
    test = part(11)
    fitted = fit_thresholds(gold, mask, p, articles=articles, smoothing_positives=0)
    decided = p >= fitted.values
    effects = selection_effects(
        (gold, mask, decided, fitted.cross_fitted_decisions), (test[0], test[1], test[2] >= fitted.values),
        articles=(articles, test[3]), techniques=NAMES, rules=Resampling(),
    )  # fmt: skip
    for average in ("micro", "macro"):
        one = effects[f"{average}_f1"]
        assert one.dev == pytest.approx(f1_score(gold, decided, average=average))
        assert one.dev_cross_fitted == pytest.approx(f1_score(gold, fitted.cross_fitted_decisions, average=average))
        assert one.measured == pytest.approx(f1_score(test[0], test[2] >= fitted.values, average=average))
        assert one.effect.value == pytest.approx(one.dev - one.measured)
        assert one.effect.low < one.effect.value < one.effect.high


def test_choosing_flatters_on_average():
    """On labels of chance, cut-offs chosen on dev look better there than elsewhere; the interval holds the truth."""
    values, crossed = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        gold, p = (rng.random((400, 4)) < 0.05).astype(int), rng.random((400, 4))
        other, q = (rng.random((400, 4)) < 0.05).astype(int), rng.random((400, 4))
        mask, articles = np.ones_like(gold, dtype=bool), np.arange(400) // 10
        fitted = fit_thresholds(gold, mask, p, articles=articles, smoothing_positives=0)
        one = selection_effects(
            (gold, mask, p >= fitted.values, fitted.cross_fitted_decisions), (other, mask, q >= fitted.values),
            articles=(articles, articles), techniques=NAMES, rules=Resampling(),
        )["macro_f1"]  # fmt: skip
        values.append(one.effect.value)
        crossed.append(one.dev_cross_fitted - one.measured)
    assert np.mean(values) > 0.01
    assert abs(np.mean(crossed)) < np.mean(values)
