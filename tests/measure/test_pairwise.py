"""Groups compared in pairs: only real differences are ranked, and equal groups hardly ever."""

from __future__ import annotations

import numpy as np
import pytest

from spinscope.measure.article_draws import design_effects, pseudo_sentences, small_sample_factor, weighted_sums
from spinscope.measure.pairwise import PairDifferences, pair_differences


def compared(
    groups: list[tuple[np.ndarray, np.ndarray]], *, seed: int = 13, r: int = 1000, confidence: float = 0.95
) -> PairDifferences:
    """Groups of (marked, sentences) by article."""
    effect = design_effects([(marked[:, None], sentences[:, None]) for marked, sentences in groups])
    draws = []
    for number, (marked, sentences) in enumerate(groups):
        keys = np.sort(np.random.default_rng([seed, number]).integers(0, 2**63, len(marked)).astype(np.uint64))
        sums = weighted_sums(keys, np.stack([marked, sentences], axis=1), n_resamples=r, seed=seed)
        with_it, without = pseudo_sentences(n_resamples=r, seed=seed, key=number)
        draws.append(((sums[:, :1] + with_it * effect) / (sums[:, 1:] + (with_it + without) * effect))[:, 0])
    shares = np.array([marked.sum() / sentences.sum() for marked, sentences in groups])
    return pair_differences(
        shares, np.stack(draws, axis=1), np.array([len(m) for m, _ in groups]), confidence=confidence
    )


def drawn(rng: np.random.Generator, n_articles: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    sentences = rng.poisson(20, n_articles) + 3
    return rng.binomial(sentences, rng.beta(12 * share, 12 * (1 - share), n_articles)), sentences


def test_a_pair_is_the_difference_of_shares_and_its_usual_interval() -> None:
    marked, sentences = (np.arange(500) < 100).astype(int), np.ones(500, dtype=int)
    found = compared([(marked, sentences), ((np.arange(500) < 50).astype(int), sentences)], r=8000)
    assert found.difference.tolist() == [pytest.approx(0.1)]
    error = np.sqrt(0.2 * 0.8 / 500 + 0.1 * 0.9 / 500)
    factor = small_sample_factor(500, confidence=0.95)
    assert (found.low[0], found.high[0]) == pytest.approx(
        (0.1 - 1.96 * error * factor, 0.1 + 1.96 * error * factor), abs=0.003
    )
    assert found.above.tolist() == [1]


def test_intervals_of_many_pairs_reach_out_further() -> None:
    rng = np.random.default_rng(2)
    two = compared([drawn(rng, 60, 0.1) for _ in range(2)])
    many = compared([drawn(rng, 60, 0.1) for _ in range(8)])
    assert two.reach == pytest.approx(1.96, abs=0.15)
    assert len(many.first) == 28 and 2.7 < many.reach < 3.5  # Tukey's range test of 8 groups: 3.03; Bonferroni: 3.12


def test_an_article_in_both_groups_counts_as_one() -> None:
    draws = np.random.default_rng(0).normal(0.2, 0.05, size=(2000, 1))
    found = pair_differences(
        np.array([0.25, 0.2]), np.hstack([draws + 0.05, draws]), np.array([50, 50]), confidence=0.95
    )
    assert found.above.tolist() == [1]  # apart, they would not be: 0.05 with an error of 0.07
    apart = np.hstack([draws + 0.05, np.random.default_rng(1).normal(0.2, 0.05, size=(2000, 1))])
    assert pair_differences(np.array([0.25, 0.2]), apart, np.array([50, 50]), confidence=0.95).above.tolist() == [0]


def test_equal_groups_are_hardly_ever_ranked_and_different_ones_are() -> None:
    rng, n_times = np.random.default_rng(4), 80
    wrong = sum(
        compared([drawn(rng, 25, 0.05) for _ in range(5)], seed=time, r=400).above.any() for time in range(n_times)
    )
    assert wrong / n_times <= 0.06
    found = compared([drawn(rng, 60, 0.2), drawn(rng, 60, 0.02), drawn(rng, 60, 0.02)])
    assert found.above.tolist() == [1, 1, 0]


def test_a_group_without_any_mark_is_not_taken_for_certain() -> None:
    none, few = (np.zeros(12, dtype=int), np.full(12, 5)), ((np.arange(12) < 3).astype(int), np.full(12, 5))
    found = compared([few, none])
    assert found.difference[0] == pytest.approx(0.05)
    assert found.above.tolist() == [0]


def test_one_group_has_no_pair() -> None:
    found = pair_differences(np.array([0.1]), np.full((10, 1), 0.1), np.array([20]), confidence=0.95)
    assert len(found.first) == 0
