"""Words and runs of words, by which tests tell that two texts share a phrase."""

from __future__ import annotations

import re

RUN = 8
"""No two texts of the project share so many words in a row."""


def words(text: str) -> list[str]:
    """The words of a text, casefolded, without punctuation."""
    return re.findall(r"\w+", text.casefold())


def runs(text: str) -> set[tuple[str, ...]]:
    """Every run of eight words in a text."""
    found = words(text)
    return {tuple(found[i : i + RUN]) for i in range(len(found) - RUN + 1)}
