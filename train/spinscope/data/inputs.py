"""What reading articles gives and needs: column names, what was skipped and why, where a headline ends."""

from __future__ import annotations

import re
from dataclasses import dataclass

STANDARD_INPUT = "-"
_LONGEST_HEADLINE = 200
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\x00-\x1f]*")
_HEADLINE = re.compile(r"[\s\ufeff]*([^\r\n]+?)[^\S\r\n]*(?:\r\n|\r(?!\n)|\n)[^\S\r\n]*(?:\r\n|[\r\n])")


@dataclass(frozen=True, slots=True)
class ArticleColumns:
    """Names of columns (CSV, TSV, Parquet) or fields (JSONL) that hold articles.

    `text` holds the article; `id` its id, where null means: the column `id` if there is one, else file name and row.
    All other columns are carried in `Article.metadata`.
    """

    text: str = "text"
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """An input that gave no article: where it stands (`file` or `file:row`) and why."""

    path: str
    reason: str


def headline_end(text: str) -> int:
    """Offset at which the headline of a text ends: a first line without full stop that a blank line follows; else 0."""
    match = _HEADLINE.match(text, 0, 4 * _LONGEST_HEADLINE)
    if match is None or len(match.group(1)) > _LONGEST_HEADLINE or not text[match.end() :].strip():
        return 0
    return 0 if re.search(r"[.;,:]['\"”’»)]*$", match.group(1)) else match.end(1)


def is_blank(text: str) -> bool:
    """Whether nothing of the text can be seen: white space, control and zero-width characters only."""
    return _INVISIBLE.fullmatch(text) is not None


def encodable(text: str) -> str:
    """The text with lone surrogates, which no file can hold, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
