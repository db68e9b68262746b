"""Words of a sentence: nothing but space lies outside them; leaving words out leaves the others as they were."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinscope.data.words import without_words, word_places


def words(text):
    return [text[start:end] for start, end in word_places(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They will pay!", ["They", "will", "pay", "!"]),
        ("The council's well-paid men...", ["The", "council's", "well-paid", "men", "..."]),
        ("don\u2019t -- \u201cnever\u201d", ["don\u2019t", "--", "\u201c", "never", "\u201d"]),
        ("3.5 % of 2,000", ["3", ".", "5", "%", "of", "2", ",", "000"]),
        ("snake_case a_", ["snake_case", "a_"]),
        ("我们 are", ["我", "们", "are"]),
        ("Größe \U0001f600", ["Größe", "\U0001f600"]),
        ("", []),
        (" \n\t", []),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_every_character_that_is_no_space_is_in_one_word(text):
    places = word_places(text)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(places))
    outside = set(range(len(text))) - {at for start, end in places for at in range(start, end)}
    assert not "".join(text[at] for at in sorted(outside)).strip()


def test_leaving_words_out():
    text = "They will never, ever pay."
    places = word_places(text)
    assert without_words(text, places, []) == text
    assert without_words(text, places, [2]) == "They will, ever pay."
    assert without_words(text, places, [0]) == "will never, ever pay."
    assert without_words(text, places, [0, 1, 2, 3]) == "ever pay."
    assert without_words(text, places, range(len(places))) == ""
    assert without_words(text, places, [2], instead=" [MASK] ") == "They will  [MASK] , ever pay."


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40), st.data())
def test_the_other_words_stay_in_their_order(text, data):
    places = word_places(text)
    left_out = data.draw(st.sets(st.integers(0, max(len(places) - 1, 0)))) if places else set()
    left = without_words(text, places, left_out)
    kept = "".join(text[slice(*place)] for number, place in enumerate(places) if number not in left_out)
    assert "".join(left.split()) == "".join(kept.split())
