"""Krippendorff's alpha against published figures and by hand; the overlap F1; intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinscope.measure.agreement import MISSING, coincidences, f1_of, krippendorff_alpha, measure_agreement

M = MISSING


def units(*annotators):
    """One row per annotator, as the examples are printed, to one row per unit; values from 1, None missing."""
    return np.array([[M if value is None else value - 1 for value in row] for row in annotators]).T


# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, example B: two observers, binary.
BINARY = units([1, 2, 1, 1, 1, 1, 1, 1, 1, 1], [2, 2, 2, 1, 1, 2, 1, 2, 1, 1])
# The same, example C: two observers, five values, 12 units.
FIVE = units(
    [1, 1, 2, 2, 4, 3, 3, 3, 5, 4, 4, 1],
    [2, 1, 2, 2, 2, 3, 3, 3, 5, 4, 4, 4],
)
# The same, section D: four observers, five values, missing judgements; unit 12 has one judgement and does not count.
MISSING_VALUES = units(
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
)


def test_the_published_example_with_missing_values():
    """Nominal alpha 0.743; the coincidence matrix is printed there too."""
    assert krippendorff_alpha(MISSING_VALUES) == pytest.approx(0.743, abs=5e-4)
    matrix = coincidences(MISSING_VALUES, n_values=5).sum(axis=0)
    expected = [
        [7, 4 / 3, 1 / 3, 1 / 3, 0],
        [4 / 3, 10, 4 / 3, 1 / 3, 0],
        [1 / 3, 4 / 3, 8, 1 / 3, 0],
        [1 / 3, 1 / 3, 1 / 3, 4, 0],
        [0, 0, 0, 0, 3],
    ]
    np.testing.assert_allclose(matrix, expected)
    assert matrix.sum() == pytest.approx(40)


def test_the_published_binary_example():
    """Ten units, 14 of 20 judgements are 0, 6 are 1, four units disputed: 1 - 19 * 4 / (14 * 6) = 0.095."""
    assert krippendorff_alpha(BINARY) == pytest.approx(1 - 19 * 4 / (14 * 6))
    assert krippendorff_alpha(BINARY) == pytest.approx(0.095, abs=5e-4)


def test_five_values_by_hand():
    """Nine of 12 units agree; values stand 4, 6, 6, 6 and 2 times: 1 - (6/24) / ((24^2 - 128) / (24 * 23))."""
    assert krippendorff_alpha(FIVE) == pytest.approx(1 - (6 / 24) / ((24**2 - 128) / (24 * 23)))
    assert krippendorff_alpha(FIVE) == pytest.approx(0.692, abs=5e-4)


def test_bounds():
    assert krippendorff_alpha([[0, 0], [1, 1]]) == 1
    assert krippendorff_alpha([[0, 1], [1, 0]]) == pytest.approx(-0.5)
    for same in ([[0, 0], [0, 0]], [[0, M], [M, 1]], np.empty((0, 2), dtype=int)):
        assert math.isnan(krippendorff_alpha(same))
    assert not np.isnan(krippendorff_alpha([[1, 1], [0, 1], [M, 0]]))


def test_unfit_ratings_are_refused():
    with pytest.raises(ValueError, match="shape"):
        coincidences([0, 1], n_values=2)
    with pytest.raises(ValueError, match="0 to 2"):
        coincidences([[0, 2]], n_values=2)
    with pytest.raises(ValueError, match="articles"):
        measure_agreement([[0, 1]], articles=[0, 1], n_resamples=10, confidence=0.9, seed=1)


def test_f1_of_two_annotators_is_that_of_either_as_truth():
    ratings = np.array([[1, 1], [1, 0], [0, 1], [0, 1], [0, 0], [1, M]])
    assert f1_of(coincidences(ratings, n_values=2).sum(axis=0)) == pytest.approx(2 * 1 / (2 + 3))


def by_definition(ratings):
    """Alpha from all pairs of judgements, one by one."""
    rows = [[value for value in row if value != M] for row in ratings.tolist()]
    rows = [row for row in rows if len(row) > 1]
    values = [value for row in rows for value in row]
    n = len(values)
    observed = sum(
        (a != b) / (len(row) - 1) for row in rows for i, a in enumerate(row) for j, b in enumerate(row) if i != j
    )
    expected = sum(a != b for i, a in enumerate(values) for j, b in enumerate(values) if i != j)
    return 1 - (observed / n) / (expected / (n * (n - 1))) if expected else math.nan


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 5).flatmap(lambda m: st.lists(st.lists(st.integers(M, 3), min_size=m, max_size=m), min_size=1, max_size=12)))
def test_alpha_is_what_its_definition_says(rows):
    ratings = np.array(rows)
    assert krippendorff_alpha(ratings) == pytest.approx(by_definition(ratings), nan_ok=True)
    shuffled = ratings[::-1, ::-1]
    assert krippendorff_alpha(shuffled) == pytest.approx(krippendorff_alpha(ratings), nan_ok=True)


def test_intervals_are_those_of_resampled_articles():
    rng = np.random.default_rng(0)
    ratings = rng.integers(0, 2, (60, 3))
    ratings[rng.random(ratings.shape) < 0.1] = M
    articles = np.repeat(np.arange(12), 5)
    found = measure_agreement(ratings, articles=articles, n_resamples=200, confidence=0.9, seed=5)
    draws = np.random.default_rng([5, 0]).multinomial(12, np.full(12, 1 / 12), size=200)
    values = [krippendorff_alpha(ratings[np.repeat(np.arange(60), draw[articles])]) for draw in draws]
    assert found.alpha.value == pytest.approx(krippendorff_alpha(ratings))
    assert (found.alpha.low, found.alpha.high) == pytest.approx(np.quantile(values, [0.05, 0.95]))
    n_judged = (ratings != M).sum(axis=1)
    assert found.n_units == (n_judged > 1).sum()
    same = [len({value for value in row if value != M}) == 1 for row in ratings.tolist()]
    assert found.n_agreed == (np.array(same) & (n_judged > 1)).sum()


def test_intervals_respect_articles():
    """Sentences of an article are alike, so resampling them as if they were not is far too sure."""
    rng = np.random.default_rng(1)
    is_bad = np.repeat(rng.random(30) < 0.3, 20)
    first = rng.random(600) < 0.4
    second = np.where(is_bad & (rng.random(600) < 0.7), ~first, first)
    ratings = np.stack([first, second], axis=1).astype(int)
    options = {"n_resamples": 300, "confidence": 0.95, "seed": 0}
    by_article = measure_agreement(ratings, articles=np.repeat(np.arange(30), 20), **options).alpha
    by_sentence = measure_agreement(ratings, articles=np.arange(600), **options).alpha
    assert by_article.value == by_sentence.value
    assert by_article.high - by_article.low > 2 * (by_sentence.high - by_sentence.low)


def test_what_is_undefined_says_why():
    found = measure_agreement([[0, 0], [0, 0]], articles=[0, 1], n_resamples=10, confidence=0.9, seed=1)
    assert found.alpha.value is None and "the same" in found.alpha.note
    assert found.f1.value is None and "nobody" in found.f1.note
    assert (found.n_units, found.n_agreed) == (2, 2)
    empty = measure_agreement(np.empty((0, 2)), articles=[], n_resamples=10, confidence=0.9, seed=1)
    assert empty.alpha.value is None and empty.n_units == 0
