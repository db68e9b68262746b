"""ERASER's figures by hand."""

from __future__ import annotations

import numpy as np

from spinscope.measure.faithfulness import comprehensiveness, mass_inside, sufficiency, top_words, words_inside


def test_the_strongest_words_of_each_share():
    weights = np.array([0.1, 3.0, -5.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0, 1.0])
    assert top_words(weights, (0.05, 0.1, 0.2, 0.5)) == [[1], [1], [1, 3], [1, 3, 4, 9, 0]]
    assert top_words(np.array([1.0]), (0.05, 0.5)) == [[0], [0]]
    assert top_words(np.arange(3.0), (0.5,)) == [[2, 1]], "half of three words, rounded up"


def test_comprehensiveness_and_sufficiency_are_mean_falls():
    full = np.array([0.9, 0.5])
    erased = np.array([[0.8, 0.1], [0.5, 0.7]])
    np.testing.assert_allclose(comprehensiveness(full, erased), [0.45, -0.1], atol=1e-12)
    np.testing.assert_allclose(sufficiency(full, erased), [0.45, -0.1], atol=1e-12)


def test_mass_counts_what_adds_alone():
    weights, inside = np.array([2.0, -9.0, 1.0, 1.0]), np.array([True, True, False, True])
    assert mass_inside(weights, inside) == 0.75
    assert np.isnan(mass_inside(np.array([-1.0, 0.0]), np.array([True, False])))


def test_a_word_is_inside_with_half_its_characters():
    places = [(0, 4), (5, 9), (10, 12), (13, 14)]
    assert words_inside(places, [(2, 6), (11, 14)]).tolist() == [True, False, True, True]
    assert words_inside(places, [(0, 1), (3, 4)]).tolist() == [True, False, False, False], "two spans add up"
    assert not words_inside(places, []).any()
