"""Intervals against scipy and by hand where every article is one sentence, and what they hold where it is many."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from made_corpora import Population
from scipy import stats

from spinscope.measure import resampling
from spinscope.measure.figures import Figures
from spinscope.measure.intervals import Intervals
from spinscope.measure.metrics import evaluate_predictions
from spinscope.measure.resampling import (
    bca_interval,
    cluster_bootstrap,
    degrees_of_freedom,
    interval,
    jackknife_interval,
    left_out_weights,
)

RULES = {"n_resamples": 2000, "confidence": 0.95, "seed": 1}


def sentences_alone(n=40, seed=0):
    """Figures whose Brier loss is the plain mean of the second value, one sentence in each article."""
    rng = np.random.default_rng(seed)
    gold, scores = (rng.random((n, 1)) < 0.3).astype(int), rng.beta(1, 3, (n, 1))
    figures = Figures.of(gold, np.ones((n, 1), dtype=bool), scores, scores > 0.5, articles=np.arange(n))
    return figures, ((scores - gold) ** 2)[:, 0]


@pytest.mark.parametrize("method", ["BCa", "percentile"])
def test_with_one_sentence_per_article_the_bootstrap_is_scipys(method):
    figures, losses = sentences_alone()
    draws = cluster_bootstrap(figures, **{key: RULES[key] for key in ("n_resamples", "seed")})[0]["brier_loss"]
    theirs = stats.bootstrap(
        (losses,), np.mean, n_resamples=0, method=method, bootstrap_result=SimpleNamespace(bootstrap_distribution=draws)
    ).confidence_interval
    ours = Intervals(figures, method=method.lower(), **RULES).of(losses.mean(), "brier_loss")
    assert ours == (pytest.approx(theirs.low, abs=1e-12), pytest.approx(theirs.high, abs=1e-12), "")
    # On draws of its own scipy comes as near as draws allow.
    own = stats.bootstrap((losses,), np.mean, n_resamples=9999, method=method, rng=np.random.default_rng(0))
    width = own.confidence_interval.high - own.confidence_interval.low
    assert ours[:2] == pytest.approx(tuple(own.confidence_interval), abs=0.06 * width)


def test_with_one_sentence_per_article_the_jackknife_is_the_t_interval_of_a_mean():
    figures, losses = sentences_alone()
    n, error = len(losses), stats.sem(losses)
    df = min(n - 1, 2 * n / (stats.kurtosis(losses) + 2))
    left_out = figures.values(left_out_weights(n, seed=0))[0]["brier_loss"]
    low, high, _ = jackknife_interval(losses.mean(), left_out, confidence=0.95, scale="plain")
    assert (low, high) == pytest.approx(stats.t.interval(0.95, df, losses.mean(), error))
    low, high, _ = Intervals(figures, method="jackknife", **RULES).of(losses.mean(), "brier_loss")
    odds = np.log([x / (1 - x) for x in (low, losses.mean(), high)])
    assert odds[2] - odds[1] == pytest.approx(odds[1] - odds[0])
    assert odds[2] - odds[1] == pytest.approx(stats.t.ppf(0.975, df) * error / losses.mean() / (1 - losses.mean()))


def test_few_articles_that_decide_a_figure_leave_few_degrees_of_freedom():
    one = np.r_[np.full(1, 1.0), np.zeros(74)] - 1 / 75
    assert degrees_of_freedom(one) == pytest.approx(2, abs=0.1)
    assert 60 < degrees_of_freedom(np.sort(stats.norm.ppf((np.arange(75) + 0.5) / 75))) <= 74
    assert degrees_of_freedom(np.tile([-1.0, 1.0], 5)) == 9


def test_what_cannot_be_resampled_has_no_interval_and_says_why():
    left_out = np.r_[np.full(9, 0.4), np.nan]
    assert (
        jackknife_interval(0.4, left_out, confidence=0.95)[2]
        == "no interval: all that it is measured on stands in one article"
    )
    assert jackknife_interval(1.0, np.ones(9), confidence=0.95) == (
        None, None, "no interval: it is the same whichever article is left out",
    )  # fmt: skip
    draws = np.linspace(0.5, 0.6, 50)
    assert bca_interval(draws, value=0.4, left_out=draws[:5], confidence=0.95) == (
        None, None, "no interval: every resample lies on one side of the figure",
    )  # fmt: skip
    assert bca_interval(np.full(50, np.nan), value=0.4, left_out=draws[:5], confidence=0.95) == interval(
        np.full(50, np.nan), confidence=0.95
    )


def test_of_very_many_articles_blocks_are_left_out(monkeypatch):
    monkeypatch.setattr(resampling, "MOST_LEFT_OUT", 60)
    weights = left_out_weights(1000, seed=3)
    assert weights.shape == (60, 1000) and (weights.sum(axis=0) == 59).all()
    figures, losses = sentences_alone(n=1000)
    low, high, _ = Intervals(figures, method="jackknife", **RULES).of(losses.mean(), "brier_loss")
    assert high - low == pytest.approx(2 * 1.96 * stats.sem(losses), rel=0.25)


@pytest.mark.parametrize("method", ["jackknife", "bca", "percentile"])
def test_every_figure_has_an_interval_around_it_by_every_method(method):
    f = Population("two", n_techniques=2, base=-2.5, tone=1.0).draw(np.random.default_rng(1), 30)
    result = evaluate_predictions(
        f.gold, f.mask, f.probabilities, f.decisions, articles=f.articles, techniques="ab", n_resamples=300,
        interval=method,
    )  # fmt: skip
    assert result.to_dict()["interval"] == method
    rows = [
        result.overall,
        *({n: e for n, e in row.items() if not n.startswith("n_")} for row in result.per_technique.values()),
    ]
    for name, estimate in ((name, estimate) for row in rows for name, estimate in row.items()):
        assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1, name
        assert estimate.high - estimate.low > 0.005, name


def test_rare_techniques_are_named_in_a_note():
    gold = np.zeros((400, 3), dtype=int)
    gold[::2, 0] = gold[:40:2, 1] = 1  # b: 20 positives in 4 articles; c: none
    scores = np.full(gold.shape, 0.2)
    arguments = {"articles": np.arange(400) // 10, "techniques": "abc"}
    (note,) = evaluate_predictions(gold, gold >= 0, scores, scores > 0.5, **arguments).notes
    assert note.startswith("too few positives for intervals to be trusted") and note.endswith(": b (20 in 4 articles)")


@pytest.mark.slow
def test_jackknife_intervals_hold_the_truth_where_naive_ones_do_not():
    """250 corpora: 95 % give or take twice the 1.4 points of chance. In full: tests/benchmarks/coverage.py."""
    names = ("micro_f1", "macro_auroc", "macro_average_precision", "brier_loss")
    population = Population("crowded", base=-4.4, tone=1.8)
    truth, correlation = population.truth()
    assert correlation > 0.1
    held = dict.fromkeys(names, 0)
    naive = 0
    for seed in range(250):
        f = population.draw(np.random.default_rng([seed, 1]), 75, least_positives=50)
        point = f.values(np.ones((1, 75)), calibration=False)[0]
        intervals = Intervals(f, method="jackknife", **RULES)
        for name in names:
            low, high, _ = intervals.of(float(point[name][0]), name)
            held[name] += low <= truth[name] <= high
        losses = (f.probabilities - f.gold)[:, 0] ** 2
        naive += abs(losses.mean() - truth["brier_loss"]) < 1.96 * stats.sem(losses)
    assert all(0.91 <= count / 250 <= 0.985 for count in held.values()), held
    assert naive / 250 < 0.8
