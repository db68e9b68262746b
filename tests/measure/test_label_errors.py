"""Labels that the rest of the data speaks against."""

from __future__ import annotations

import numpy as np
import pytest

from spinscope.measure.label_errors import label_confidence, likely_errors


def planted(*, flipped=0.05, n=600, seed=0):
    """(given, mask, probabilities, flips): a good classifier, some labels turned round."""
    chance = np.random.default_rng(seed)
    truth = chance.random((n, 2)) < 0.3
    flips = chance.random((n, 2)) < flipped
    probabilities = np.clip(np.where(truth, 0.8, 0.15) + chance.normal(0, 0.12, truth.shape), 0.01, 0.99)
    return (truth ^ flips).astype(int), np.ones(truth.shape, dtype=bool), probabilities, flips


def test_confidence_is_the_probability_of_the_given_label():
    gold, mask = [[1, 0], [0, 1]], [[True, True], [True, False]]
    found = label_confidence(gold, mask, [[0.9, 0.2], [0.3, 0.5]])
    assert found[0] == pytest.approx([0.9, 0.8])
    assert found[1, 0] == pytest.approx(0.7)
    assert np.isnan(found[1, 1])


def test_flipped_labels_come_first_and_are_counted():
    gold, mask, probabilities, flips = planted()
    order = np.argsort(label_confidence(gold, mask, probabilities), axis=None)
    assert flips.ravel()[order[: gold.size // 10]].sum() > 0.9 * flips.sum()
    wrong = likely_errors(gold, mask, probabilities)
    assert (wrong & flips).sum() > 0.5 * flips.sum(), "the threshold is the mean of the class: the rest ranks below it"
    assert (wrong & ~flips).sum() < 0.02 * gold.size


def test_right_labels_are_hardly_accused():
    gold, mask, probabilities, _ = planted(flipped=0.0)
    assert likely_errors(gold, mask, probabilities).mean() < 0.01


def test_what_is_masked_or_has_one_class_is_accused_of_nothing():
    gold, mask, probabilities, _ = planted()
    mask[:, 0] = False
    gold[:, 1] = 0
    assert not likely_errors(gold, mask, probabilities).any()


def test_a_weak_model_accuses_no_label_that_it_holds_likelier_itself():
    gold = np.array([1] * 10 + [0] * 90)[:, None]
    probabilities = np.where(gold == 1, 0.2, 0.1)
    probabilities[-5:] = 0.3  # above the mean of the positives, and still no positive to the model
    assert not likely_errors(gold, np.ones_like(gold, dtype=bool), probabilities).any()
    probabilities[-1] = 0.6
    assert np.flatnonzero(likely_errors(gold, np.ones_like(gold, dtype=bool), probabilities)).tolist() == [99]
