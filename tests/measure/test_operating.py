"""Operating points and abstention: chosen on dev, measured elsewhere, with the figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from spinscope.measure.abstention import bands, margins, narrowest_margin, pooled_curve, risk_coverage
from spinscope.measure.article_sums import Resampling
from spinscope.measure.cutoff_curves import Curve
from spinscope.measure.operating import operating_points

RULES = Resampling()


def corpus(seed, n=1200, base=(-1.0, -2.5)):
    rng = np.random.default_rng(seed)
    p = 1 / (1 + np.exp(-np.asarray(base) - 1.5 * rng.normal(size=(n, len(base)))))
    return (rng.random(p.shape) < p).astype(int), np.ones(p.shape, dtype=bool), p


def test_the_wish_is_kept_on_dev_with_the_most_of_the_other_figure():
    gold = np.array([1, 1, 0, 1, 0, 0, 1, 0])
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2])
    curve = Curve.of(gold, scores)
    assert curve.cutoffs[curve.at("precision", 0.75)] == 0.6  # 3 of 4
    assert curve.cutoffs[curve.at("precision", 1.0)] == 0.8
    assert curve.cutoffs[curve.at("recall", 0.75)] == 0.6
    assert curve.cutoffs[curve.at("recall", 0.76)] == 0.3
    assert Curve.of(np.array([0, 1]), np.array([0.9, 0.1])).at("precision", 0.8) is None


def test_tied_scores_are_decided_together():
    curve = Curve.of(np.array([1, 0, 1, 0]), np.array([0.9, 0.9, 0.2, 0.2]))
    np.testing.assert_allclose(curve.precision, [0.5, 0.5])
    np.testing.assert_allclose(curve.recall, [0.5, 1.0])


def test_points_are_chosen_on_dev_and_measured_on_the_other_part():
    dev, measured = corpus(0), corpus(1)
    articles = np.arange(1200) // 20
    points, together = operating_points(dev, measured, articles=articles, wish="precision", wished=0.7, rules=RULES)
    for j, point in enumerate(points):
        assert point.dev_precision >= 0.7
        decided = measured[2][:, j] >= point.cutoff
        assert point.precision.value == pytest.approx(measured[0][decided, j].mean())
        assert point.recall.value == pytest.approx(decided[measured[0][:, j] == 1].mean())
        assert point.precision.low < point.precision.value < point.precision.high
    decided = np.stack([measured[2][:, j] >= point.cutoff for j, point in enumerate(points)], axis=1)
    assert together.precision.value == pytest.approx(measured[0][decided].mean())


def test_a_wish_that_dev_never_keeps_is_told():
    gold, mask, p = corpus(2)
    points, together = operating_points(
        (gold[:, ::-1] * 0 + (p < 0.05), mask, p), (gold, mask, p), articles=np.arange(1200) // 20, wish="precision",
        wished=0.99, rules=RULES,
    )  # fmt: skip
    assert points[0].cutoff is None
    assert points[0].precision.note == "no cut-off has precision 0.99 on dev"
    assert together.precision.value is None


def test_risk_falls_with_coverage_as_counted_by_hand():
    curve = risk_coverage(np.array([False, True, False, True]), np.array([3.0, 1.0, 2.0, 0.5]))
    np.testing.assert_allclose(curve.coverage, [0.25, 0.5, 0.75, 1.0])
    np.testing.assert_allclose(curve.error, [0, 0, 1 / 3, 0.5])
    assert curve.aurc_loss == pytest.approx((0 + 0 + 1 / 3 + 0.5) / 4)
    tied = risk_coverage(np.array([True, False]), np.array([1.0, 1.0]))
    assert (tied.coverage.tolist(), tied.error.tolist(), tied.aurc_loss) == ([1.0], [0.5], 0.5)


def test_the_narrowest_band_that_keeps_the_wish():
    wrong, margin = np.array([False, True, False, True, False]), np.array([3.0, 1.0, 2.0, 0.5, 0.1])
    assert narrowest_margin(wrong, margin, wished_error=0.4) == 0.0
    assert narrowest_margin(wrong, margin, wished_error=0.34) == 1.0
    assert narrowest_margin(wrong, margin, wished_error=0.1) == 2.0
    assert narrowest_margin(np.array([True]), np.array([1.0]), wished_error=0.1) is None


def test_a_band_lowers_the_error_on_sentences_it_was_not_chosen_on():
    dev, measured = (corpus(seed, n=4000, base=(-1.0, -5.0)) for seed in (3, 4))
    thresholds, articles = np.array([0.4, 0.4]), np.arange(4000) // 20
    rows, together = bands(dev, measured, thresholds=thresholds, articles=articles, wished_error=0.1, rules=RULES)
    common = rows[0]
    assert common.low < 0.4 < common.high
    assert common.dev_error <= 0.1 < common.error_without.value
    assert common.error.value == pytest.approx(0.1, abs=0.03)
    sure = margins(measured[2][:, 0], thresholds[0]) >= np.log(common.high / (1 - common.high)) - np.log(0.4 / 0.6)
    assert common.coverage.value == pytest.approx(sure.mean(), abs=1e-3)
    assert (rows[1].low, rows[1].coverage.value) == (0.4, 1.0), "a rare technique errs seldom without any band"
    assert together["undecided_sentences"].value == pytest.approx(1 - sure.mean(), abs=1e-3)
    assert together["error"].value < together["error_without"].value
    assert pooled_curve(*measured, thresholds=thresholds).error[-1] == pytest.approx(together["error_without"].value)
