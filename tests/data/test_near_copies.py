"""Nearly equal texts, none missed."""

from __future__ import annotations

import random

import made_corpus
import pytest

from spinscope.data.duplicates import normalised, shingles_of
from spinscope.data.near_copies import near_copies


def similarity(one, other):
    first, second = (shingles_of(normalised(text)) for text in (one, other))
    return len(first & second) / len(first | second)


@pytest.mark.parametrize("threshold", [0.3, 0.65, 0.9])
def test_the_same_pairs_as_by_comparing_each_with_each(threshold):
    chance = random.Random(0)
    first = [one.text for one in made_corpus.clean(n_articles=8)]
    second = []
    for text in first[:60]:
        words = text.split()
        for place in chance.sample(range(len(words)), chance.randint(1, 5)):
            words[place] = "other"
        second.append(" ".join(words))
    expected = {
        row: max(similarity(text, other) for other in first)
        for row, text in enumerate(second)
        if max(similarity(text, other) for other in first) >= threshold
    }
    found = near_copies(first, second, threshold=threshold)
    assert {row: value for _, row, value in found} == pytest.approx(expected)
    assert all(similarity(first[one], second[other]) == pytest.approx(value) for one, other, value in found)
    assert found


def test_equal_texts_are_wholly_similar_and_nothing_is_like_nothing():
    assert near_copies(["One  TWO three."], ["one two three"], threshold=0.9) == [(0, 0, 1.0)]
    assert near_copies([], ["one"], threshold=0.5) == near_copies(["one"], [], threshold=0.5) == []
