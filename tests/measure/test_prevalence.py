"""Shares, corrected shares and their intervals: worked by hand, against closed forms, and against known truths."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from spinscope.measure.article_draws import (
    article_weights,
    design_effects,
    expanded_interval,
    few_articles,
    pseudo_sentences,
    small_sample_factor,
    weighted_sums,
)
from spinscope.measure.prevalence import ErrorRates, corrected_shares, error_rates

R = 4000


def keys_of(n: int, *, start: int = 1000) -> np.ndarray:
    return np.sort(np.random.default_rng(start).integers(0, 2**63, n).astype(np.uint64))


def drawn(
    marked: np.ndarray, sentences: np.ndarray, *, keys: np.ndarray | None = None, r: int = R, seed: int = 13
) -> np.ndarray:
    """(r, 1) resampled shares of one technique."""
    counts = np.stack([marked, sentences], axis=1)
    sums = weighted_sums(keys_of(len(marked)) if keys is None else keys, counts, n_resamples=r, seed=seed)
    effect = design_effects([(counts[:, :1], counts[:, 1:])])
    with_it, without = pseudo_sentences(n_resamples=r, seed=seed, key=7)
    return (sums[:, :1] + with_it * effect) / (sums[:, 1:] + (with_it + without) * effect)


def dev_of(tp: int, fn: int, fp: int, tn: int) -> np.ndarray:
    """Dev articles of one sentence each."""
    cells = [(0, tp), (2, fn), (1, fp), (3, tn)]
    return np.concatenate([np.tile(np.eye(4, dtype=int)[cell], (n, 1)) for cell, n in cells])[:, None, :]


def jeffreys(marked: int, n: int) -> tuple[float, float]:
    """The interval of a share, tails where those of so many articles lie."""
    tail = stats.norm.sf(small_sample_factor(n, confidence=0.95) * stats.norm.isf(0.025))
    return tuple(stats.beta.ppf([tail, 1 - tail], marked + 0.5, n - marked + 0.5))


@pytest.mark.parametrize(("marked", "n"), [(7, 50), (0, 40), (60, 60), (120, 400)])
def test_with_one_sentence_an_article_the_interval_is_that_of_jeffreys(marked: int, n: int) -> None:
    draws = drawn((np.arange(n) < marked).astype(int), np.ones(n, dtype=int), r=20_000)
    low, high = expanded_interval(draws, np.array([n]), confidence=0.95)
    assert (low[0], high[0]) == pytest.approx(jeffreys(marked, n), abs=0.006)


def test_it_is_near_the_ordinary_bootstrap_where_that_holds() -> None:
    marked = np.arange(400) < 120
    resamples = np.random.default_rng(0).integers(0, 400, size=(4000, 400))
    ordinary = np.quantile(marked[resamples].mean(axis=1), [0.025, 0.975])
    low, high = expanded_interval(drawn(marked.astype(int), np.ones(400, dtype=int)), np.array([400]), confidence=0.95)
    assert (low[0], high[0]) == pytest.approx(tuple(ordinary), abs=0.005)


def test_ten_sentences_that_say_the_same_are_worth_one() -> None:
    marked = (np.arange(60) < 9).astype(int)
    alone = drawn(marked, np.ones(60, dtype=int))
    assert design_effects([((10 * marked)[:, None], np.full((60, 1), 10))])[0] == pytest.approx(10)
    np.testing.assert_allclose(drawn(10 * marked, np.full(60, 10)), alone)


def test_design_effects_worked_by_hand() -> None:
    # Two articles of ten, shares 0.2 and 0.4: sum of squares (2-3)^2 + (4-3)^2 = 2, times m/(m-1) = 2: 4.
    # Were sentences independent: 0.3 * 0.7 * 20 = 4.2. So 4/4.2, and not below 1.
    assert design_effects([(np.array([[2], [4]]), np.array([[10], [10]]))])[0] == 1
    # Shares 0 and 0.6: 2 * (9 + 9) = 36 over 4.2.
    assert design_effects([(np.array([[0], [6]]), np.array([[10], [10]]))])[0] == pytest.approx(36 / 4.2)
    # Pooled with a group that says nothing of it.
    groups = [(np.array([[0], [6]]), np.array([[10], [10]])), (np.array([[0], [0]]), np.array([[10], [10]]))]
    assert design_effects(groups)[0] == pytest.approx(36 / 4.2)
    assert design_effects([(np.array([[0]]), np.array([[10]]))])[0] == 1


def test_weights_follow_from_the_article_alone() -> None:
    keys = keys_of(50)
    weights = article_weights(keys, n_resamples=2000, seed=13)
    assert weights.mean() == pytest.approx(1, abs=0.02)
    assert weights.std() == pytest.approx(1, abs=0.03)
    assert abs(np.corrcoef(weights.T)[np.triu_indices(50, 1)]).max() < 0.1
    np.testing.assert_array_equal(article_weights(keys[[30, 7]], n_resamples=2000, seed=13), weights[:, [30, 7]])
    assert not np.array_equal(article_weights(keys, n_resamples=2000, seed=14), weights)


def test_few_articles_reach_out_further() -> None:
    assert small_sample_factor(10, confidence=0.95) == pytest.approx(np.sqrt(10 / 9) * 2.262157 / 1.959964, rel=1e-5)
    assert small_sample_factor(100_000, confidence=0.95) == pytest.approx(1, abs=1e-4)
    draws = drawn(np.array([1]), np.array([20]))
    assert np.isnan(expanded_interval(draws, np.array([1]), confidence=0.95)).all()
    assert few_articles(1) == "no interval: one article only"
    assert "9 articles: too few" in few_articles(9)
    assert few_articles(10) == ""


def test_the_adjusted_count_worked_by_hand() -> None:
    rates = error_rates(dev_of(tp=80, fn=20, fp=40, tn=360), n_resamples=R, confidence=0.95, seed=13)
    assert (rates.true_positive[0], rates.false_positive[0]) == (0.8, 0.1)
    assert (rates.n_positive[0], rates.n_negative[0], rates.n_articles) == (100, 400, 500)
    np.testing.assert_allclose(rates.intervals[:, 0], [*jeffreys(80, 100), *jeffreys(40, 400)], atol=0.01)
    marked = (np.arange(500) < 120).astype(int)  # 24 %: (0.24 - 0.1) / (0.8 - 0.1) = 0.2
    found = corrected_shares(
        np.array([0.24]), drawn(marked, np.ones(500, dtype=int)), rates, n_articles=500, confidence=0.95
    )
    assert found[0].value == pytest.approx(0.2)
    # The same from independent draws of the three shares.
    rng = np.random.default_rng(1)
    share, tpr, fpr = (rng.beta(y + 0.5, n - y + 0.5, 200_000) for y, n in ((120, 500), (80, 100), (40, 400)))
    assert (found[0].low, found[0].high) == pytest.approx(
        tuple(np.quantile((share - fpr) / (tpr - fpr), [0.025, 0.975])), abs=0.01
    )
    assert found[0].note == ""


def corrected(share: float, rates: ErrorRates, *, n: int = 400):
    marked = (np.arange(n) < round(share * n)).astype(int)
    return corrected_shares(
        np.array([share]), drawn(marked, np.ones(n, dtype=int)), rates, n_articles=n, confidence=0.95
    )[0]


def test_what_lies_outside_is_cut_off_and_said() -> None:
    rates = error_rates(dev_of(tp=80, fn=20, fp=40, tn=360), n_resamples=R, confidence=0.95, seed=13)
    found = corrected(0.08, rates)
    assert (found.value, found.low, found.note) == (0.0, 0.0, "cut off at 0")
    assert 0 < found.high < 0.1
    found = corrected(0.82, rates)
    assert (found.value, found.high, found.note) == (1.0, 1.0, "cut off at 1")
    for share, told in (
        (0.01, "fewer sentences are marked than false alarms alone would mark"),
        (0.99, "more sentences are marked"),
    ):
        found = corrected(share, rates)
        assert found.value is None and found.low is None and told in found.note


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (
            (12, 88, 20, 380),
            "the classifier hardly tells it apart (true positive rate 0.12, false positive rate 0.05 on dev)",
        ),
        ((1, 2, 60, 340), "too few dev sentences to know how the classifier tells it apart"),
        ((0, 0, 10, 300), "no dev sentence with it"),
        ((30, 10, 0, 0), "no dev sentence without it"),
    ],
)
def test_a_classifier_that_does_not_tell_apart_corrects_nothing(cells: tuple[int, int, int, int], told: str) -> None:
    rates = error_rates(dev_of(*cells), n_resamples=R, confidence=0.95, seed=13)
    assert told in rates.why_not[0]
    found = corrected(0.2, rates)
    assert (found.value, found.low, found.note) == (None, None, rates.why_not[0])


def test_a_technique_that_stands_in_one_dev_article_only_is_not_corrected() -> None:
    dev = np.zeros((30, 1, 4), dtype=int)
    dev[:, 0, 3], dev[0, 0, 0] = 20, 15
    rates = error_rates(dev, n_resamples=R, confidence=0.95, seed=13)
    assert rates.why_not == ("it stands in one dev article only",)


def test_corrected_intervals_hold_the_truth_where_raw_ones_do_not() -> None:
    """Dev has 10 %, the articles 3 %; shares and error rates vary between articles. 95 % intervals, 120 times."""
    rng, truth, n_times = np.random.default_rng(5), 0.03, 120
    raw = right = 0
    for time in range(n_times):
        dev = _counted(rng, 34, 0.10)
        rates = error_rates(dev[:, None, :], n_resamples=500, confidence=0.95, seed=time)
        cells = _counted(rng, 40, truth)
        marked, sentences = cells[:, :2].sum(axis=1), cells.sum(axis=1)
        draws = drawn(marked, sentences, r=500, seed=time, keys=keys_of(40, start=time))
        low, high = expanded_interval(draws, np.array([40]), confidence=0.95)
        found = corrected_shares(
            np.array([marked.sum() / sentences.sum()]), draws, rates, n_articles=40, confidence=0.95
        )[0]
        raw += low[0] <= truth <= high[0]
        right += found.value is not None and found.low <= truth <= found.high
    assert 0.90 <= right / n_times <= 0.99
    assert raw / n_times < 0.2


def _counted(rng: np.random.Generator, n_articles: int, share: float) -> np.ndarray:
    """(m, 4) true positives, false positives, false negatives, true negatives."""
    sentences = rng.poisson(22, n_articles) + 3

    def varying(mean: float, size: float) -> np.ndarray:
        return rng.beta(mean * size, (1 - mean) * size, n_articles)

    positive = rng.binomial(sentences, varying(share, 12))
    tp, fp = rng.binomial(positive, varying(0.75, 30)), rng.binomial(sentences - positive, varying(0.05, 30))
    return np.stack([tp, fp, positive - tp, sentences - positive - fp], axis=1)
