"""Nearly equal texts, none missed."""

from __future__ import annotations

import random

import made_corpus
import pytest

from spinscope.data.duplicates import normalised
from spinscope.data.near_copies import near_copies, near_duplicates, shingles_of
from spinscope.records import Sentence


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


def article(name, texts):
    return [Sentence(name, index, 0, len(text), text) for index, text in enumerate(texts)]


def test_near_duplicates_are_found_and_verified():
    base = "the committee voted three times before the lights went out in the old town hall"
    sentences = [
        *article("a", [base, "and then the river rose over its banks in a single night"]),
        *article("b", [base.replace("three", "thrice") + "!", base.upper()]),
        *article("c", ["something else entirely was said by nobody in particular today", "short one"]),
    ]
    pairs = near_duplicates(sentences, {"a": "train", "b": "test", "c": "test"})
    assert [(p.first.article, p.first.index, p.second.article, p.second.index) for p in pairs] == [("a", 0, "b", 0)]
    assert 0.8 <= pairs[0].jaccard < 1
    assert near_duplicates(sentences, dict.fromkeys("abc", "train")) == []


def test_near_duplicates_do_not_depend_on_the_order():
    chance = random.Random(3)
    words = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet"]
    texts = [" ".join(chance.choices(words, k=12)) for _ in range(40)]
    texts += [text.replace("alpha", "alfa", 1) + "." for text in texts]
    sentences = [s for number, text in enumerate(texts) for s in article(f"a{number:02d}", [text])]
    splits = {f"a{number:02d}": "train" if number < 40 else "dev" for number in range(80)}
    before = near_duplicates(sentences, splits)
    assert len(before) >= 30
    chance.shuffle(sentences)
    assert near_duplicates(sentences, splits) == before


def test_between_splits_none_is_missed_that_just_reaches_the_threshold():
    chance = random.Random(1)
    train = [one.text for one in made_corpus.clean(n_articles=6) if len(one.text.split()) >= 6]
    test = []
    for text in train:
        words = text.split()
        words[chance.randrange(len(words))] = chance.choice(["other", "Ja", "somewhere"])
        test.append(" ".join(words))
    expected = {
        (one, other)
        for one in train
        for other in test
        if similarity(one, other) >= 0.8 and normalised(one) != normalised(other)
    }
    found = near_duplicates([*article("a", train), *article("b", test)], {"a": "train", "b": "test"})
    assert {(pair.first.text, pair.second.text) for pair in found} == expected
    assert min(pair.jaccard for pair in found) < 0.82
