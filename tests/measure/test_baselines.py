"""Majority and random baselines follow the training prevalence."""

from __future__ import annotations

import numpy as np

from spinscope.measure.baselines import majority_probabilities, prevalences, random_probabilities


def test_prevalences_count_annotated_cells_only():
    gold = np.array([[1, 1, 1], [0, 1, 1], [0, 0, 1]])
    mask = np.array([[True, True, False], [True, False, False], [True, True, False]])
    np.testing.assert_allclose(prevalences(gold, mask), [1 / 3, 1 / 2, 0])


def test_majority_is_always_the_prevalence():
    np.testing.assert_array_equal(majority_probabilities([0.2, 0.7], 3), [[0.2, 0.7]] * 3)


def test_random_is_seeded_and_as_frequent_as_in_training():
    one, same, other = (random_probabilities([0.1, 0.5], 20_000, seed=seed) for seed in (1, 1, 2))
    assert (one == same).all() and (one != other).any()
    assert set(np.unique(one)) == {0.0, 1.0}
    np.testing.assert_allclose(one.mean(axis=0), [0.1, 0.5], atol=0.02)
