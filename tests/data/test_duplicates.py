"""Same, nearly same and shared texts: what links articles, what leaks, what is only repeated."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from spinscope.data.duplicates import (
    leaks,
    linked_articles,
    near_duplicates,
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
    sentences = [s for number, ids in enumerate(held) for s in article(f"a{number}", [LONG.format(i) for i in ids] or ["x"])]
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


def test_near_duplicates_are_found_and_verified() -> None:
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


def test_near_duplicates_do_not_depend_on_the_order() -> None:
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
