"""Same and shared texts: what links articles, what leaks, what is only repeated."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from spinscope.data.duplicates import (
    leaks,
    linked_articles,
    same_texts,
    text_hash,
    texts_in_two_splits,
)
from spinscope.records import Sentence

LONG = "the committee voted {} times before the lights went out"


def article(name: str, texts: list[str]) -> list[Sentence]:
    return [Sentence(name, index, 0, len(text), text) for index, text in enumerate(texts)]


def own(name: str, n: int) -> list[str]:
    return [f"{name} has its own sentence number {index} right here" for index in range(n)]


def test_case_and_white_space_make_no_other_text() -> None:
    assert text_hash("Ein  STRASSE\n") == text_hash("ein straße") != text_hash("ein strasse.")


def test_a_fifth_links_and_less_does_not() -> None:
    shared = LONG.format("two")
    four, five = article("a", [*own("a", 4), shared]), article("b", [*own("b", 5), shared])
    assert linked_articles([*article("c", [shared, *own("c", 8)]), *five]) == [{"b"}, {"c"}]
    assert linked_articles([*four, *five]) == [{"a", "b"}]  # one of five of a


def test_short_sentences_link_nothing() -> None:
    assert linked_articles([*article("a", ["Now we wait."]), *article("b", ["Now we wait."])]) == [{"a"}, {"b"}]


def test_a_fifth_spread_over_several_articles_links_too() -> None:
    first, second = LONG.format("two"), LONG.format("six")
    sentences = [
        *article("a", [*own("a", 8), first, second]),
        *article("b", [*own("b", 9), first]),
        *article("c", [*own("c", 9), second]),
    ]
    groups = linked_articles(sentences)
    assert len(groups) == 2 and sorted(map(len, groups)) == [1, 2]
    splits = {name: f"split{number}" for number, group in enumerate(groups) for name in group}
    assert leaks(sentences, splits) == []
    spread = leaks(sentences, {"a": "test", "b": "train", "c": "train"})
    assert [(leak.article, leak.n_shared, leak.n_counted, leak.others) for leak in spread] == [("a", 2, 10, ("b", "c"))]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, 8), max_size=8), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_no_division_that_keeps_groups_whole_leaks(held: list[list[int]], chance: random.Random) -> None:
    sentences = [
        s for number, ids in enumerate(held) for s in article(f"a{number}", [LONG.format(i) for i in ids] or ["x"])
    ]
    groups = linked_articles(sentences)
    assert sorted(name for group in groups for name in group) == sorted({s.article for s in sentences})
    splits = {name: split for group in groups for split in [chance.choice(["train", "dev", "test"])] for name in group}
    assert leaks(sentences, splits) == []
    chance.shuffle(sentences)
    assert linked_articles(sentences) == groups


def test_texts_in_two_splits() -> None:
    sentences = [*article("a", ["Yes.", "No.", ""]), *article("b", ["yes.", "", "Maybe."]), *article("c", ["NO."])]
    assert [[s.article for s in group] for group in same_texts(sentences)] == [["a", "c"], ["a", "b"]]
    groups = texts_in_two_splits(sentences, {"a": "train", "b": "dev", "c": "train"})
    assert [[s.text for s in group] for group in groups] == [["Yes.", "yes."]]
