"""The words of a sentence with their places, and a sentence without some of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

Place = tuple[int, int]
"""Half-open range of characters in a text."""

# Scripts that put no space between words: each character is one.
_ALONE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_ALONE}]|[^\W{_ALONE}]+(?:[-'\u2019][^\W{_ALONE}]+)*|[^\w\s]+")


def word_places(text: str) -> list[Place]:
    """Where words stand: letters and digits with hyphens and apostrophes inside, or a run of other marks.

    Every character that is no space is in exactly one word. Characters of scripts without spaces are a word each.
    """
    return [match.span() for match in _WORD.finditer(text)]


def without_words(text: str, places: Sequence[Place], left_out: Collection[int], *, instead: str = "") -> str:
    """The text without some of its words, or with something in the place of each.

    Args:
        text: a text.
        places: its words, as `word_places` gives them.
        left_out: numbers of the words to leave out.
        instead: what stands in the place of each; with '' the space before a word goes with it.
    """
    pieces, end = [], 0
    for number in sorted(left_out):
        start, stop = places[number]
        before = text[end:start]
        pieces.append(before + instead if instead else before.rstrip())
        end = stop
    pieces.append(text[end:])
    left = "".join(pieces)
    return left if instead else left.lstrip() if text[:1].strip() else left


def is_carrier(text: str, place: Place) -> bool:
    """Whether a word holds a letter or a digit, and not punctuation alone."""
    return any(character.isalnum() for character in text[place[0] : place[1]])
