"""Article, index and offsets for rows of corpora that leave them out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from spinscope.data.duplicates import text_hash
from spinscope.errors import UserError
from spinscope.records import Sentence

UNPLACED = -1
"""Index or offset that a row does not give."""

NO_ARTICLE = "no_article"
"""Metadata key of a sentence whose row should name its article and does not."""


def own_article(text: str) -> str:
    """The article id of a row that is an article of its own.

    It is made from the text, so that the order of rows does not matter and equal texts stay together.
    """
    return f"text-{text_hash(text)[:16]}"


def placed(sentences: Sequence[Sentence], *, where: str) -> list[Sentence]:
    """Fills what is missing: an empty article by one of the row's own, an index by the row's position in its article,
    offsets as if the article's sentences were joined by newlines.

    Raises:
        UserError: two sentences of an article have the same index.
    """
    articles: dict[str, list[Sentence]] = defaultdict(list)
    alone: dict[str, list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        if sentence.article:
            articles[sentence.article].append(sentence)
        else:
            article = own_article(sentence.text)
            alone[article].append(replace(sentence, article=article, index=UNPLACED))
    for article, copies in alone.items():  # equal texts: in an order that does not depend on that of the rows
        articles[article] += sorted(copies, key=lambda one: (one.text, one.techniques, one.annotated))
    return [sentence for article in sorted(articles) for sentence in _placed_article(article, articles[article], where)]


def _placed_article(article: str, sentences: Sequence[Sentence], where: str) -> list[Sentence]:
    numbered = [
        replace(sentence, index=position) if sentence.index == UNPLACED else sentence
        for position, sentence in enumerate(sentences)
    ]
    numbered.sort(key=lambda one: one.index)
    for first, second in pairwise(numbered):
        if first.index == second.index:
            raise UserError(
                f"article '{article}' has two sentences with index {first.index}",
                where=where,
                expected="each index once per article",
                remedy="remove one of them, or give one another index.",
            )
    start, out = 0, []
    for sentence in numbered:
        if sentence.start == UNPLACED:
            sentence = replace(sentence, start=start, end=start + len(sentence.text))
        start = sentence.end + 1
        out.append(sentence)
    return out
