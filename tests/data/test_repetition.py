"""Recurring wording: what counts, and that it costs time in proportion to the text."""

import itertools
import math
import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spinscope.data.repetition import MEMORY, PAIR_WEIGHT, USUAL, recurrence
from spinscope.records import Sentence


def article(*texts: str, name: str = "a") -> list[Sentence]:
    return [Sentence(name, index, 0, len(text), text) for index, text in enumerate(texts)]


def test_a_word_counts_by_its_length_and_fades_with_the_distance():
    values = recurrence(article("the migrants arrived", "so it was", "we saw the migrants there"))
    fading = math.exp(-2 / MEMORY)
    pair = PAIR_WEIGHT  # "the migrants", of which one word is long
    expected = [math.log1p(fading * (4 + pair) / math.sqrt(3)), 0, math.log1p(fading * (4 + pair) / math.sqrt(5))]
    np.testing.assert_allclose(values + USUAL, expected, rtol=1e-12)


def test_names_short_words_and_what_stands_in_one_sentence_alone_do_not_count():
    texts = ("We met Tedros and Tedros again", "Then they met with the Tedros man", "Never never never", "So be it")
    assert (recurrence(article(*texts)) == -USUAL).all()


def test_a_headline_tells_of_no_names_and_its_words_count():
    values = recurrence(article("Deadly Plague Could Mutate", "it is a plague that kills"))
    assert (values > -USUAL).all()


def test_words_are_compared_in_one_form_whatever_their_case_and_code_points():
    composed, decomposed = "stra\u00dfe \u00e9tranger", "STRASSE e\u0301tranger isn't"
    assert (recurrence(article(composed, decomposed)) > -USUAL).all()
    assert (recurrence(article("it shouldn\u2019t", "they shouldn't")) > -USUAL).all()


def test_articles_are_apart_though_they_share_an_id():
    first, second = article("they are criminals", "and more of it"), article("they are criminals", "and so forth")
    assert (recurrence(first + second) == -USUAL).all()
    assert (recurrence(article("they are criminals", "all are criminals")) > -USUAL).all()


def test_of_a_sentence_alone_nothing_is_known():
    assert recurrence([]).shape == (0,)
    alone = article("criminals are criminals", name="a") + article("criminals are criminals", name="b")
    assert not recurrence(alone).any()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.text(max_size=40), max_size=6), max_size=4),
    st.randoms(use_true_random=False),
)
def test_the_order_in_which_sentences_are_given_plays_no_part(articles: list[list[str]], chance: random.Random):
    sentences = [one for number, texts in enumerate(articles) for one in article(*texts, name=str(number))]
    values = recurrence(sentences)
    assert values.shape == (len(sentences),)
    assert np.isfinite(values).all() and (values >= -USUAL).all()
    order = list(range(len(sentences)))
    chance.shuffle(order)
    assert np.array_equal(recurrence([sentences[row] for row in order]), values[order])
    for texts in articles:
        if len(texts) > 1:  # said twice, nothing recurs less
            assert (recurrence(article(*texts, *texts))[: len(texts)] >= recurrence(article(*texts)) - 1e-9).all()


def by_definition(texts: list[str]) -> list[float]:
    words = [text.split() for text in texts]
    units = [
        {w: len(w) - 4 for w in several if len(w) >= 5}
        | {(v, w): PAIR_WEIGHT for v, w in itertools.pairwise(several) if max(len(v), len(w)) >= 5}
        for several in words
    ]
    return [
        math.log1p(
            sum(
                weight * math.exp(-abs(i - j) / MEMORY)
                for unit, weight in mine.items()
                for j, other in enumerate(units)
                if j != i and unit in other
            )
            / math.sqrt(max(1, len(words[i])))
        )
        for i, mine in enumerate(units)
    ]


def test_two_passes_give_what_the_definition_says():
    chance = random.Random(3)
    texts = [" ".join(chance.choices("we of plague border invasion they threat again", k=6)) for _ in range(40)]
    np.testing.assert_allclose(recurrence(article(*texts)) + USUAL, by_definition(texts), rtol=1e-9)
