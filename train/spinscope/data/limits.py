"""What reading may cost: beyond these bounds an input is skipped with a reason, and the rest goes on.

They are functions of the input alone, never of the time a machine takes, so that every machine skips the same. Peak
memory while reading stays below about a gigabyte whatever the input; an article of news is a thousandth of any bound.
"""

from __future__ import annotations

MOST_CHARACTERS = 20_000_000
"""Of an article. A file that holds one article, and a row of a table, may have four bytes for each."""

MOST_SENTENCE_ENDS = 1_000_000
"""Full stops, other such marks and line ends in an article: a sentence in memory costs a thousand bytes."""

MOST_JSON_VALUES = 2_000_000
"""Objects, lists and their members in one line of JSONL."""

MOST_LEVELS = 50
"""Of lists and objects in a further column."""

MOST_VALUE_CHARACTERS = 10_000
"""Of a further column's value: what is longer is cut, and ends in an ellipsis, for it stands in each score line."""

MOST_FURTHER_CHARACTERS = 100_000
"""Of all further columns of a row together."""

MOST_SKIPPED_ROWS = 10_000
"""Of a table: those are named one by one, further ones are counted."""

MOST_PAGE_BYTES = 5_000_000
"""Of an HTML page without the pictures and fonts that stand in it as data."""

MOST_PAGE_TAGS = 100_000
"""Of an HTML page: some passes of the extraction are quadratic in them."""

MOST_TAG_ATTRIBUTES = 2_000
"""Of one tag: the parser is quadratic in them."""

MOST_MARKDOWN_CHARACTERS = 1_000_000
"""Of a Markdown file: the parser needs up to 15 microseconds and 500 bytes for each."""

MOST_UNPACKED_RATIO = 200
"""Bytes that gzip or zstd may make of one, once they made more than `FREE_UNPACKED_BYTES`. News text gives 3 to 6."""

FREE_UNPACKED_BYTES = 2**26
"""Of a compressed file: up to here its ratio is not asked for."""

MOST_UNPACKED_BYTES = 2**40
"""Of a compressed file."""


_SENTENCE_ENDS = ".!?…。！？\n\r\u2028\u2029"


def most_bytes() -> int:
    """Of a file that holds one article, and of a row of a table: what is longer is read through, not held."""
    return 4 * MOST_CHARACTERS


def refusal(text: str) -> str | None:
    """Why an article is too long to be scored, or None."""
    if len(text) > MOST_CHARACTERS:
        return too_long()
    if len(text) > MOST_SENTENCE_ENDS and sum(text.count(mark) for mark in _SENTENCE_ENDS) > MOST_SENTENCE_ENDS:
        return f"more than {MOST_SENTENCE_ENDS:,} places where a sentence may end: split it"
    return None


def too_long() -> str:
    """Why an article beyond `MOST_CHARACTERS` was skipped."""
    return f"longer than {MOST_CHARACTERS:,} characters, the most that one article may have: split it"


def cut(value: str) -> str:
    """What of a further column's value, or of an id, is carried on."""
    return value if len(value) <= MOST_VALUE_CHARACTERS else value[: MOST_VALUE_CHARACTERS - 1] + "…"
