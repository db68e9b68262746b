"""What reading articles gives and needs: column names, what was skipped and why, where a headline ends."""

from __future__ import annotations

import re
from dataclasses import dataclass

STANDARD_INPUT = "-"
ABOUT = ("source", "date", "language")
"""What is known of an article beside its text, as keys of its metadata."""

_LONGEST_HEADLINE = 200
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\x00-\x1f]*")
_HEADLINE = re.compile(r"[\s\ufeff]*([^\r\n]+?)[^\S\r\n]*(?:\r\n|\r(?!\n)|\n)[^\S\r\n]*(?:\r\n|[\r\n])")


@dataclass(frozen=True, slots=True)
class ArticleColumns:
    """Names of columns (CSV, TSV, Parquet) or fields (JSONL) that hold articles.

    `text` holds the article; `id` its id, where null means: the column `id` if there is one, else file name and row.
    `source`, `date` and `language` stand in `Article.metadata` under these names, whatever their columns are called;
    null means: the column of that name, if there is one. All other columns are carried in `Article.metadata` too.
    """

    text: str = "text"
    id: str | None = None
    source: str | None = None
    date: str | None = None
    language: str | None = None

    def chosen(self) -> dict[str, str]:
        """The columns that were named, and so must be there, by what they hold."""
        names = {"text": self.text, "id": self.id, "source": self.source, "date": self.date, "language": self.language}
        return {kind: name for kind, name in names.items() if name is not None}

    def key(self, column: str) -> str:
        """The name of a further column in `Article.metadata`."""
        if self.source is None and self.date is None and self.language is None:
            return column
        held = {name: kind for kind, name in self.chosen().items() if kind in ABOUT}
        if column in held:
            return held[column]
        # Another column was named for what this one is called: both are kept.
        return f"{column}_column" if column in held.values() else column


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
