"""Counting score lines: right, whatever their order, in memory that does not grow with sentences."""

from __future__ import annotations

import random
import tracemalloc

import made_scores
import numpy as np
import pytest

from spinscope.data import article_counts
from spinscope.data.article_counts import ArticleCounts, GroupCounts
from spinscope.data.groups import Group, grouping
from spinscope.data.strongest import Strongest


def counted(lines: list[dict], by: str = "source", *, edges=None) -> ArticleCounts:
    counts = ArticleCounts(made_scores.TECHNIQUES, grouping=grouping(by), edges=edges)
    for line in lines:
        counts.add(line)
    return counts


def same(first: dict[Group, GroupCounts], second: dict[Group, GroupCounts]) -> bool:
    assert first.keys() == second.keys()
    for group, one in first.items():
        other = second[group]
        assert one.n_articles == other.n_articles
        for name in ("keys", "counts", "ranks"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        for mine, its in zip(one.histograms, other.histograms, strict=True):
            np.testing.assert_array_equal(mine, its)
    return True


def test_counts_worked_by_hand() -> None:
    counts = counted(
        [
            made_scores.line("a", 0, "One two three.", techniques=["loaded_language"]),
            made_scores.line(
                "a", 1, "Don't four-five 6!", voice="quoted", techniques=["loaded_language", "us_vs_them"]
            ),
            made_scores.line("b", 0, "…", source="Post"),
            made_scores.line("c", 0, "One.", techniques=["us_vs_them"]),
        ],
        edges=[[0.05, 0.5], [0.95]],
    )
    found = counts.groups()
    ledger, post = found[("Ledger",)], found[("Post",)]
    assert (ledger.n_articles, post.n_articles) == (2, 1)
    # By voice: sentences, words, loaded_language, us_vs_them, any.
    assert ledger.counts.sum(axis=0).tolist() == [[2, 4, 1, 1, 2], [1, 3, 1, 1, 1], [0, 0, 0, 0, 0]]
    assert post.counts.tolist() == [[[1, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]]
    assert [histogram.tolist() for histogram in ledger.histograms] == [
        [0, 1, 2],
        [3, 0],
    ]  # 0.1, 0.9, 0.9; all below 0.95
    assert ledger.ranks.sum(axis=0).tolist() == [5, 0]
    together = counts.groups(())[()]
    assert together.n_articles == 3
    assert together.counts.sum(axis=0)[0].tolist() == [3, 4, 1, 1, 2]


def test_order_of_lines_and_parts_play_no_part() -> None:
    lines = made_scores.made_lines({"Ledger": 0.1, "Post": 0.2}, n_articles=12, n_sentences=6)
    shuffled = random.Random(0).sample(lines, len(lines))
    by, edges = "source,month,part", [[0.1, 0.5], [0.3]]
    assert same(counted(lines, by, edges=edges).groups(), counted(shuffled, by, edges=edges).groups())
    assert same(counted(lines, by, edges=edges).groups(("month",)), counted(shuffled, "month", edges=edges).groups())


def test_many_articles_fall_into_bundles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(article_counts, "MOST_ARTICLES", 8)
    monkeypatch.setattr(article_counts, "N_BUNDLES", 8)
    lines = made_scores.made_lines({"Ledger": 0.1, "Post": 0.2}, n_articles=30, n_sentences=3)
    lines += made_scores.made_lines({"Radio": 0.1}, n_articles=6, n_sentences=3)
    shuffled = random.Random(0).sample(lines, len(lines))
    counts = counted(lines)
    found = counts.groups()
    assert same(found, counted(shuffled).groups())
    assert [found[(name,)].n_articles for name in ("Ledger", "Post", "Radio")] == [30, 30, 6]
    assert [len(found[(name,)].keys) for name in ("Ledger", "Post", "Radio")] == [8, 8, 6]
    together = counts.groups(())[()]
    assert (together.n_articles, len(together.keys)) == (66, 8)
    assert together.counts[:, :, 0].sum() == len(lines)
    assert same(counts.groups(()), counted(shuffled, "").groups())


def test_memory_does_not_grow_with_sentences() -> None:
    def peak(n_sentences: int) -> int:
        counts, strongest = ArticleCounts(made_scores.TECHNIQUES, grouping=grouping("source")), Strongest(5)
        tracemalloc.start()
        for number in range(n_sentences):
            line = made_scores.line(
                f"a{number % 5}", number, f"Text {number}.", techniques=["us_vs_them"], source="Ledger"
            )
            strongest.add(line, counts.add(line))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1000)
    assert peak(12_000) - peak(3000) < 50_000


def test_the_strongest_are_kept_whatever_the_order() -> None:
    lines = made_scores.made_lines({"Ledger": 0.4}, n_articles=20, n_sentences=10)
    lines += [dict(line, article=f"copy of {line['article']}") for line in lines]
    found = []
    for order in (lines, random.Random(0).sample(lines, len(lines))):
        strongest = Strongest(3)
        for line in order:
            strongest.add(line, (line["source"],))
        found.append(strongest.of("loaded_language"))
    assert found[0] == found[1]
    assert [one.score for one in found[0]] == sorted((one.score for one in found[0]), reverse=True)
    assert {voice: sum(one.voice == voice for one in found[0]) for voice in ("author", "quoted", "reported")} == {
        "author": 3, "quoted": 3, "reported": 3,
    }  # fmt: skip
    decided = [line for line in lines if "loaded_language" in line["techniques"] and line["voice"] == "author"]
    best = max(line["probabilities"]["loaded_language"] for line in decided)
    assert next(one for one in found[0] if one.voice == "author").score == best
    assert len({one.text for one in found[0]}) == len(found[0]), "copies count once"
    assert {one.speaker for one in found[0] if one.voice == "quoted"} == {"Ann Lee"}
    assert Strongest(0).of("loaded_language") == []


def test_a_long_sentence_is_cut_and_its_characters_are_not() -> None:
    strongest = Strongest(1)
    strongest.add(made_scores.line("a", 0, "x" * 10_000, techniques=["us_vs_them"], start=7), ())
    (found,) = strongest.of("us_vs_them")
    assert (len(found.text), found.is_cut, found.start, found.end) == (600, True, 7, 10_007)
