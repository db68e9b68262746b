"""Texts that stand in more than one place: linked articles, leaks between splits, exact copies."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from spinscope.files import sha256_of_text
from spinscope.records import Sentence

MIN_WORDS = 6
"""A shorter sentence may well be written twice; it links no articles and counts in no leak."""

SHARED_FRACTION = Fraction(1, 5)
"""An article of which this fraction of its longer sentences stands elsewhere is tied to that place."""


@dataclass(frozen=True, slots=True)
class Leak:
    """An article of `split` whose longer sentences stand in articles of other splits: `n_shared` of `n_counted`."""

    article: str
    split: str
    n_shared: int
    n_counted: int
    others: tuple[str, ...]


def normalised(text: str) -> str:
    """Casefolded, with each run of white space as one space and none at the ends."""
    return " ".join(text.casefold().split())


def text_hash(text: str) -> str:
    """Hex sha256 of the normalised text: the one way to say that two sentences are the same text."""
    return sha256_of_text(normalised(text))


def linked_articles(sentences: Iterable[Sentence]) -> list[set[str]]:
    """Groups of articles that belong into one split; every article is in exactly one group.

    Articles are linked where a fifth or more of the longer sentences of one stand in the other. A group grows further
    while a fifth or more of one of its articles stands outside of it, spread over several articles: so no division that
    keeps the groups whole has a leak in the sense of `leaks`.

    Returns:
        groups, sorted by their first article id.
    """
    longer = _longer_texts(sentences)
    holders = _holders(longer)
    group_of = {article: {article} for article in longer}

    def join(first: str, second: str) -> None:
        merged = group_of[first] | group_of[second]
        for article in merged:
            group_of[article] = merged

    for article, texts in longer.items():
        shared = Counter(other for text in texts for other in holders[text] if other != article)
        for other, n_shared in shared.items():
            if other not in group_of[article] and _is_a_fifth(n_shared, texts):
                join(article, other)
    grown = True
    while grown:
        grown = False
        for article, texts in longer.items():
            outside = Counter(other for text in texts for other in holders[text] if other not in group_of[article])
            n_outside = sum(1 for text in texts if not holders[text] <= group_of[article])
            if outside and _is_a_fifth(n_outside, texts):
                join(article, min(outside, key=lambda other: (-outside[other], other)))
                grown = True
    groups = {min(group): group for group in group_of.values()}
    return [groups[first] for first in sorted(groups)]


def leaks(sentences: Iterable[Sentence], splits: Mapping[str, str]) -> list[Leak]:
    """The articles of which a fifth or more of the sentences of six words or longer stands in another split.

    Args:
        sentences: of all splits.
        splits: article id -> split.
    """
    longer = _longer_texts(sentences)
    holders = _holders(longer)
    found = []
    for article, texts in longer.items():
        others = {text: {other for other in holders[text] if splits[other] != splits[article]} for text in texts}
        n_shared = sum(1 for text in texts if others[text])
        if texts and _is_a_fifth(n_shared, texts):
            names = tuple(sorted(set().union(*others.values())))
            found.append(Leak(article, splits[article], n_shared, len(texts), names))
    return found


def texts_in_two_splits(sentences: Iterable[Sentence], splits: Mapping[str, str]) -> list[list[Sentence]]:
    """Groups of sentences with the same text that stand in at least two splits."""
    return [group for group in same_texts(sentences) if len({splits[sentence.article] for sentence in group}) > 1]


def same_texts(sentences: Iterable[Sentence]) -> list[list[Sentence]]:
    """Groups of at least two sentences with the same `text_hash`; empty texts are left out."""
    groups: dict[str, list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        text = normalised(sentence.text)
        if text:
            groups[text].append(sentence)
    return [groups[text] for text in sorted(groups) if len(groups[text]) > 1]


def is_longer(text: str) -> bool:
    """Whether a text has `MIN_WORDS` or more."""
    return len(text.split()) >= MIN_WORDS


def _is_a_fifth(n_shared: int, texts: Sequence[str]) -> bool:
    return n_shared * SHARED_FRACTION.denominator >= len(texts) * SHARED_FRACTION.numerator


def _longer_texts(sentences: Iterable[Sentence]) -> dict[str, list[str]]:
    """Article id, sorted -> its normalised texts of six words or more (all articles, also those with none)."""
    longer: dict[str, list[str]] = defaultdict(list)
    for sentence in sentences:
        held = longer[sentence.article]
        if is_longer(sentence.text):
            held.append(normalised(sentence.text))
    return {article: longer[article] for article in sorted(longer)}


def _holders(longer: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    holders: dict[str, set[str]] = defaultdict(set)
    for article, texts in longer.items():
        for text in texts:
            holders[text].add(article)
    return holders
