"""The parts of the Brier loss: their sum, their bias, and Ferro and Fricker's formula for single sentences."""

from __future__ import annotations

import numpy as np
import pytest

from spinscope.measure.article_sums import Resampling
from spinscope.measure.calibration import best_foldable, bin_codes, calibration_losses, isotonic_probabilities
from spinscope.measure.reliability import brier_parts, reliability_bins


def corpus(seed, n_articles=60, spread=0.0, slope=1.0, k=3):
    """Calibrated probabilities where slope is 1; with a spread, the sentences of an article go together."""
    rng = np.random.default_rng(seed)
    n = n_articles * 10
    logits = -1.5 + rng.normal(size=(n, k))
    shift = spread * rng.normal(size=(n_articles, 1)).repeat(10, axis=0)
    gold = (rng.random(logits.shape) < 1 / (1 + np.exp(-logits - shift))).astype(int)
    return gold, rng.random(gold.shape) < 0.9, 1 / (1 + np.exp(-slope * logits)), np.arange(n) // 10


def test_the_parts_add_up_to_the_loss():
    gold, mask, p, articles = corpus(0, spread=1.0, slope=2.0)
    parts = brier_parts(gold, mask, p, articles=articles)
    assert parts.brier_loss == pytest.approx(np.mean((gold - p)[mask] ** 2))
    total = parts.reliability - parts.resolution + parts.uncertainty + parts.within
    assert total == pytest.approx(parts.brier_loss)


def test_with_one_sentence_an_article_it_is_ferro_and_frickers():
    gold, _, p, _ = corpus(1, k=1)
    gold, p = gold[:, 0], p[:, 0]
    parts = brier_parts(
        gold[:, None], np.ones((len(gold), 1), bool), p[:, None], articles=np.arange(len(gold)), n_bins=8
    )
    codes, n, o = bin_codes(p, np.ones(len(p), bool), n_bins=8), len(gold), gold.mean()
    sizes = np.bincount(codes)
    share, given = np.bincount(codes, gold) / sizes, np.bincount(codes, p) / sizes
    noise = (sizes / (sizes - 1) * share * (1 - share)).sum() / n
    assert parts.reliability == pytest.approx((sizes * (given - share) ** 2).sum() / n - noise)
    assert parts.resolution == pytest.approx((sizes * (share - o) ** 2).sum() / n - noise + o * (1 - o) / (n - 1))
    assert parts.uncertainty == pytest.approx(o * (1 - o) * n / (n - 1))


def test_calibrated_probabilities_have_no_lack_on_average_where_a_plain_estimate_finds_one():
    """One draw decides all sentences of an article, so that a share is far less sure than its sentences are many."""
    corrected, plain = [], []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        group = rng.random((30, 1)).repeat(10, axis=0)
        p = np.full((300, 1), 0.3) + 0.2 * (rng.random((300, 1)) < 0.5)
        gold = (np.where(group < p, 1, 0)).astype(int)
        mask, articles = np.ones_like(gold, bool), np.arange(300) // 10
        corrected.append(brier_parts(gold, mask, p, articles=articles).reliability)
        plain.append(brier_parts(gold, mask, p, articles=np.arange(300)).reliability)
    assert abs(np.mean(corrected)) < 0.3 * np.mean(plain)


def test_a_lack_of_calibration_is_reliability_and_little_else():
    gold, mask, p, articles = corpus(2, n_articles=300)
    _, _, sharp, _ = corpus(2, n_articles=300, slope=3.0)
    calm, keen = brier_parts(gold, mask, p, articles=articles), brier_parts(gold, mask, sharp, articles=articles)
    assert calm.reliability < 0.002 < 0.01 < keen.reliability
    assert keen.resolution == pytest.approx(calm.resolution, abs=2e-3)


def test_nothing_annotated_has_no_parts():
    gold, mask, p, articles = corpus(3)
    assert brier_parts(gold, mask & False, p, articles=articles) is None
    assert reliability_bins(gold, mask & False, p, articles=articles, rules=Resampling()) == []


def test_bins_hold_equally_many_and_their_intervals_the_share():
    gold, mask, p, articles = corpus(4)
    rows = reliability_bins(gold, mask, p, articles=articles, rules=Resampling())
    assert len(rows) == 10
    assert sum(row.n for row in rows) == mask.sum()
    assert max(row.n for row in rows) - min(row.n for row in rows) <= 1
    assert all(row.positive_fraction.low <= row.positive_fraction.value <= row.positive_fraction.high for row in rows)
    top = mask & (p >= rows[-1].low)
    assert rows[-1].positive_fraction.value == pytest.approx(gold[top].mean())
    assert rows[-1].mean_probability == pytest.approx(p[top].mean())


def logits_of(p):
    return np.log(p) - np.log1p(-p)


def test_the_likelihood_picks_what_the_data_need():
    gold, mask, p, articles = corpus(5, n_articles=150)
    settings = {"articles": articles, "n_folds": 5, "seed": 13}
    good = calibration_losses(gold, mask, logits_of(p), **settings)
    hot = calibration_losses(gold, mask, 3 * logits_of(p), **settings)
    moved = calibration_losses(gold, mask, logits_of(p) + np.array([2.0, -1.0, 0.0]), **settings)
    assert hot["temperature"] < hot["none"] - 0.01
    assert best_foldable(hot) in ("temperature", "platt")
    assert best_foldable(moved) == "platt"
    assert abs(good["platt"] - good["none"]) < 0.01
    assert best_foldable({"none": 0.3, "temperature": 0.3, "platt": 0.3, "isotonic": 0.1}) == "none"
    assert calibration_losses(gold, mask & False, logits_of(p), **settings) == {}


def test_isotonic_probabilities_rise_and_never_say_never():
    gold, mask, p, _ = corpus(6)
    given = isotonic_probabilities(gold, mask, logits_of(p), np.linspace(-9, 9, 50)[:, None].repeat(3, axis=1))
    assert (np.diff(given, axis=0) >= 0).all()
    assert 0 < given.min() < 0.05
    assert given.max() < 1
    alone = isotonic_probabilities(gold * 0, mask, logits_of(p), np.zeros((2, 3)))
    assert (alone == 0.5).all(), "nothing to learn: as it was"
