"""Splits by article: balanced, deterministic, whatever the order; given splits win; linked articles stay together."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinscope import config
from spinscope.data.duplicates import leaks, linked_articles
from spinscope.data.splits import (
    article_folds,
    assign_splits,
    given_splits,
    split_by_article,
    straddling_articles,
)
from spinscope.errors import UserError
from spinscope.records import Sentence
from spinscope.taxonomy import inventory

CORE = inventory("core")


def sentence(article: str, index: int, text: str = "", **fields: object) -> Sentence:
    text = text or f"Sentence {index} of article {article} has these words in it."
    return Sentence(article, index, 0, len(text), text, annotated=CORE.ids, **fields)


def corpus(n_articles: int, *, seed: int = 0, n_each: int = 6) -> list[Sentence]:
    chance = random.Random(seed)
    rates = dict(zip(CORE.ids, (0.3, 0.1, 0.03), strict=True))
    return [
        sentence(f"a{number:03d}", index, techniques=tuple(t for t in CORE.ids if chance.random() < rates[t]))
        for number in range(n_articles)
        for index in range(n_each)
    ]


def divide(sentences: list[Sentence], *, seed: int = 13, dev: float = 0.15, test: float = 0.15) -> dict[str, str]:
    return split_by_article(sentences, target=CORE, dev_fraction=dev, test_fraction=test, seed=seed)


def test_fractions_and_techniques_are_balanced() -> None:
    sentences = corpus(200)
    splits = divide(sentences)
    sizes = Counter(splits.values())
    assert 28 <= sizes["dev"] <= 32 and 28 <= sizes["test"] <= 32 and sizes["train"] + sizes["dev"] + sizes["test"] == 200
    for technique in CORE.ids:
        positives = Counter(splits[s.article] for s in sentences if technique in s.techniques)
        total = sum(positives.values())
        wanted = 0.15 * total
        assert all(abs(positives[split] - wanted) <= 1 + 0.05 * wanted for split in ("dev", "test"))


def test_a_corpus_among_several_is_divided_as_it_is_alone() -> None:
    """Balanced over all corpora together, a technique of the smallest lay in one fold, where the largest has it too."""
    small, large = corpus(30, seed=3, n_each=1), corpus(300, seed=4)
    # The larger corpus's own techniques, many more of them, in the other order of rarity.
    swapped = dict(zip(CORE.ids, reversed(CORE.ids), strict=True))
    large = [replace(one, techniques=tuple(swapped[name] for name in one.techniques)) for one in large]
    together = [
        replace(one, article=f"{source}/{one.article}", source=source, text=f"{source}: {one.text}")
        for source, sentences in (("small", small), ("large", large))
        for one in sentences
    ]
    folds = article_folds(together, n_folds=3, seed=13, target=CORE)
    splits = divide(together)
    for source, sentences in (("small", small), ("large", large)):
        alone = article_folds(sentences, n_folds=3, seed=13, target=CORE)
        assert {article: folds[f"{source}/{article}"] for article in alone} == alone
        assert {article: splits[f"{source}/{article}"] for article in alone} == divide(sentences)
        for technique in CORE.ids:
            counts = Counter(alone[one.article] for one in sentences if technique in one.techniques)
            each = [counts[fold] for fold in range(3)]
            assert max(each) - min(each) <= 1 + 0.05 * sum(each)


@pytest.mark.parametrize(("n_sources", "n_articles"), [(10, 2), (10, 4), (6, 1)])
def test_sources_too_small_to_be_divided_alone_are_divided_together(n_sources: int, n_articles: int) -> None:
    sentences = [
        replace(one, article=f"s{source}/{one.article}", source=f"s{source}", text=f"s{source}: {one.text}")
        for source in range(n_sources)
        for one in corpus(n_articles, seed=source)
    ]
    sizes = Counter(article_folds(sentences, n_folds=3, seed=13, target=CORE).values())
    assert max(sizes.values()) - min(sizes.values()) <= 1, sizes
    parts = Counter(divide(sentences).values())
    assert abs(parts["dev"] - parts["test"]) <= 1, parts


def test_every_split_with_a_fraction_gets_an_article() -> None:
    for n_articles in range(3, 12):
        assert set(divide(corpus(n_articles)).values()) == {"train", "dev", "test"}
    assert set(divide(corpus(9), dev=0.0).values()) == {"train", "test"}
    assert set(divide(corpus(9), dev=0.0, test=0.0).values()) == {"train"}


def test_another_seed_gives_another_division() -> None:
    sentences = corpus(60)
    assert divide(sentences, seed=1) == divide(sentences, seed=1) != divide(sentences, seed=2)


@settings(deadline=None, max_examples=25)
@given(st.integers(3, 25), st.integers(0, 5), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(n_articles: int, seed: int, chance: random.Random) -> None:
    sentences = corpus(n_articles, seed=seed)
    sentences += [replace(sentences[0], article="a001", index=9), replace(sentences[7], article="a002", index=9)]
    shuffled = [replace(s, techniques=tuple(chance.sample(s.techniques, len(s.techniques)))) for s in sentences]
    chance.shuffle(shuffled)
    assert divide(shuffled, seed=seed) == divide(sentences, seed=seed)
    folds = [article_folds(held, n_folds=2, seed=seed, target=CORE) for held in (sentences, shuffled)]
    assert folds[0] == folds[1]


def test_folds_are_of_one_size_and_balanced() -> None:
    sentences = corpus(100)
    folds = article_folds(sentences, n_folds=5, seed=13, target=CORE)
    assert set(folds) == {s.article for s in sentences}
    assert all(18 <= n <= 22 for n in Counter(folds.values()).values())
    rare = Counter(folds[s.article] for s in sentences if CORE.ids[2] in s.techniques)
    assert max(rare[fold] for fold in range(5)) - min(rare[fold] for fold in range(5)) <= 2


def test_more_folds_than_articles() -> None:
    with pytest.raises(UserError) as caught:
        article_folds(corpus(3), n_folds=5, seed=1, target=CORE)
    assert str(caught.value) == (
        "data: 3 articles (linked ones counted once)\n  expected: at least 5, one for each fold\n  to mend: use fewer folds."
    )


def test_linked_articles_stay_together() -> None:
    sentences = corpus(30)
    shared = sentences[0].text
    sentences += [sentence("a020", 99, shared), sentence("a021", 99, sentences[6].text.upper())]
    for seed in range(10):
        splits = divide(sentences, seed=seed)
        # One of seven sentences of a020 is less than a fifth; but one of six of a000 is, too.
        assert not leaks(sentences, splits)
    assert any({"b"} < group for group in linked_articles([*sentences, sentence("b", 0, shared)]))


def test_articles_without_a_split_follow_the_linked_ones_that_have_one() -> None:
    sentences = corpus(8)
    copies = [replace(s, article="copy", split="test") for s in sentences if s.article == "a003"]
    splits = divide([*sentences, *copies], dev=0.0, test=0.0)
    assert splits["copy"] == splits["a003"] == "test"
    assert {split for article, split in splits.items() if article not in ("copy", "a003")} == {"train"}


def test_given_splits_win() -> None:
    sentences = [replace(s, split="dev") if s.article < "a010" else s for s in corpus(30)]
    splits = assign_splits(sentences, config.Split(dev_fraction=0.0, test_fraction=0.25), target=CORE)
    assert {a for a, split in splits.items() if split == "dev"} == {f"a{n:03d}" for n in range(10)}
    assert Counter(splits.values())["test"] == 5


def test_an_article_in_two_splits() -> None:
    sentences = [sentence("a", 0, split="train"), sentence("a", 1, split="test", source="x")]
    assert straddling_articles(sentences) == {"a": {"train", "test"}}
    with pytest.raises(UserError) as caught:
        given_splits(sentences)
    assert str(caught.value) == (
        "data.sources.x: article 'a' is both in train and in test\n  expected: one split per article\n"
        "  to mend: give all its sentences the same split."
    )


def test_two_sources_with_clashing_splits() -> None:
    one = [sentence("one/a7", i, f"Text {i}", split="train", source="one") for i in range(3)]
    two = [sentence("two/a7", i, f"text  {i}", split="test", source="two") for i in range(2)]
    with pytest.raises(UserError) as caught:
        assign_splits([*two, *one], config.Split(), target=CORE)
    assert str(caught.value) == (
        "data.sources: article 'a7' is in train by source 'one' and in test by source 'two'\n"
        "  expected: one split per article\n"
        "  to mend: give both sources the same split, or leave the article out of one."
    )
    other = [replace(s, text=f"Something else {s.index}") for s in two]  # the same id by chance
    assert len(assign_splits([*other, *one], config.Split(), target=CORE)) == 2


def test_a_split_file_wins_and_must_be_whole(tmp_path: Path) -> None:
    file = tmp_path / "split.json"
    sentences = corpus(4)
    wanted = {"a000": "test", "a001": "dev", "a002": "train", "a003": "train"}
    file.write_text(json.dumps({**wanted, "elsewhere": "dev"}))
    split = config.Split(file=str(file))
    assert assign_splits(sentences, split, target=CORE) == wanted
    file.write_text(json.dumps({"a000": "test"}))
    with pytest.raises(UserError) as caught:
        assign_splits(sentences, split, target=CORE)
    assert str(caught.value) == (
        f"{file}: no split for 3 of 4 articles: a001, a002, a003\n  expected: an entry for each article of the data\n"
        "  to mend: add the articles, or leave out data.split_by.file."
    )
    given = [replace(s, split="train") if s.article == "a000" else s for s in sentences]
    file.write_text(json.dumps(wanted))
    with pytest.raises(UserError, match="article 'a000' is in test, but its source gives train"):
        assign_splits(given, split, target=CORE)
    file.write_text(json.dumps({"a000": "tset"}))
    with pytest.raises(UserError, match="split 'tset' of article 'a000'"):
        assign_splits(sentences, split, target=CORE)
    file.write_text("[]")
    with pytest.raises(UserError, match="a JSON list"):
        assign_splits(sentences, split, target=CORE)
