"""Places in an article report that other pages can point to: the same for an article, whatever stands around it."""

from __future__ import annotations

from spinscope.files import sha256_of_text

_DIGITS = 12


def article_anchor(article: str) -> str:
    """The `id` of an article's element, made of the article's id: a letter and hexadecimal digits."""
    return f"a{sha256_of_text(article)[:_DIGITS]}"


def sentence_anchor(article: str, index: int) -> str:
    """The `id` of a sentence's element: the article's, and the sentence's place in it from 0."""
    return f"{article_anchor(article)}s{index}"
