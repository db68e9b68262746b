"""The debiased calibration error against its formula bin by bin, and against the truth."""

from __future__ import annotations

import numpy as np
import pytest
from made_corpora import Population
from scipy.special import expit

from spinscope.measure.calibration import bin_codes
from spinscope.measure.figures import Figures
from spinscope.measure.intervals import Intervals


def by_hand(gold, scores, mask, units):
    """Bins of equal mass; squared gap minus its variance over units, weighted by size."""
    gold, scores, units = gold[mask], scores[mask], units[mask]
    codes = bin_codes(scores, np.ones(len(scores), dtype=bool))
    total = 0.0
    for code in np.unique(codes):
        inside = codes == code
        gap = (scores - gold)[inside].mean()
        here = np.unique(units[inside])
        if len(here) < 2:
            continue
        rests = [((scores - gold)[inside & (units == unit)] - gap).sum() for unit in here]
        variance = len(here) / (len(here) - 1) * np.square(rests).sum() / inside.sum() ** 2
        total += inside.sum() * (gap**2 - variance)
    return total / len(scores)


@pytest.mark.parametrize("n_articles", [1, 30, 300])
def test_equals_the_formula_bin_by_bin(n_articles):
    """With one sentence per article, or one article, sentences are independent and the formula is Kumar's."""
    rng = np.random.default_rng(3)
    scores = rng.random((300, 2)).round(2)
    gold = (rng.random(scores.shape) < scores**1.5).astype(int)
    mask = rng.random(scores.shape) < 0.8
    articles = np.arange(300) % n_articles
    units = np.arange(300) if n_articles == 1 else articles
    figures = Figures.of(gold, mask, scores, scores > 0.5, articles=articles)
    mean, each = figures.squared_calibration_errors(np.ones((1, n_articles)))
    expected = [by_hand(gold[:, j], scores[:, j], mask[:, j], units) for j in range(2)]
    assert each[0] == pytest.approx(expected, abs=1e-12) and mean[0] == pytest.approx(np.mean(expected), abs=1e-12)
    overall, technique = figures.values(np.ones((1, n_articles)))
    assert overall["calibration_error"][0] == pytest.approx(max(0, np.mean(expected)) ** 0.5)
    assert technique["calibration_error"][0] == pytest.approx([max(0, value) ** 0.5 for value in expected])


def test_of_a_technique_nowhere_annotated_it_is_undefined():
    mask = np.array([[True, False]] * 6)
    figures = Figures.of(np.eye(6, 2), mask, np.full((6, 2), 0.3), mask, articles=np.arange(6))
    overall, each = figures.values(np.ones((1, 6)))
    assert np.isnan(each["calibration_error"][0, 1]) and np.isfinite(overall["calibration_error"][0])


def test_chance_is_taken_off_where_sentences_of_an_article_err_alike():
    """200 corpora of 60 articles: the mean is the truth; without taking chance off it is thrice as much."""
    rng = np.random.default_rng(5)
    articles = np.repeat(np.arange(60), 15)
    found, with_chance = [], []
    for _ in range(200):
        seen = rng.normal(size=(900, 1))
        tone = rng.normal(0, 0.8, 60)[articles][:, None]
        gold = rng.random(seen.shape) < expit(seen + tone)
        scores = expit(1.5 * seen + 0.3)
        figures = Figures.of(gold, np.ones(gold.shape, dtype=bool), scores, scores > 0.5, articles=articles)
        found.append(figures.squared_calibration_errors(np.ones((1, 60)))[0][0])
        codes = bin_codes(scores[:, 0], np.ones(900, dtype=bool))
        with_chance.append(np.square(np.bincount(codes, (scores - gold)[:, 0]) / np.bincount(codes)).mean())
    seen, tone = rng.normal(size=(10**6, 1)), rng.normal(0, 0.8, (10**6, 1))
    scores = expit(1.5 * seen + 0.3)
    codes = bin_codes(scores[:, 0], np.ones(10**6, dtype=bool))
    truth = np.square(np.bincount(codes, (scores - expit(seen + tone))[:, 0]) / np.bincount(codes)).mean()
    assert np.mean(found) == pytest.approx(truth, abs=3 * np.std(found) / 200**0.5)
    assert np.mean(with_chance) > truth + 0.003


@pytest.mark.slow
@pytest.mark.parametrize("error", [0.0, 0.7])
def test_its_interval_holds_the_truth(error):
    """150 corpora of 75 articles; it is wider than it need be where there is little error, never too short."""
    population = Population("three", n_techniques=3, base=-4.0, signal=1.2, tone=1.7, error=error)
    truth = population.truth()[0]["calibration_error"]
    held = 0
    for seed in range(150):
        figures = population.draw(np.random.default_rng([seed, 1]), 75, least_positives=50)
        low, high, _ = Intervals(figures, method="percentile", n_resamples=100, confidence=0.95, seed=0).of(
            0.0, "calibration_error"
        )
        held += low <= truth <= high
    assert held / 150 >= 0.9
