"""Tables of articles, one row at a time: JSONL, CSV, TSV and Parquet, with chosen text and id columns."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from spinscope.data import limits
from spinscope.data.inputs import ArticleColumns, Skipped, encodable, headline_end, is_blank
from spinscope.data.table_rows import column_names, table_rows
from spinscope.errors import UserError, nearest
from spinscope.records import Article

_NAMES_SHOWN, _NAME_CHARACTERS = 30, 60


def read_table(path: str, kind: str, columns: ArticleColumns) -> Iterator[Article | Skipped]:
    """Yields an Article for each row of a table, or what was skipped: rows without text, faulty lines, the whole file.

    Of very many skipped rows the first are named and the others counted.

    Args:
        path: the file, or `-` for standard input (not for Parquet).
        kind: jsonl, csv, tsv or parquet.
        columns: which columns hold text and id.
    """
    n_rows = n_skipped = 0
    shown = encodable(path)
    try:
        for number, row in table_rows(path, kind):
            n_rows += 1
            where = f"{shown}:{number}"
            item = Skipped(where, row) if isinstance(row, str) else _article(row, where, columns)
            n_skipped += isinstance(item, Skipped)
            if isinstance(item, Article) or n_skipped <= limits.MOST_SKIPPED_ROWS:
                yield item
    except OSError as error:
        yield Skipped(shown, f"not readable: {error.strerror or error}")
        n_rows = max(1, n_rows)
    if n_skipped > limits.MOST_SKIPPED_ROWS:
        yield Skipped(shown, f"{n_skipped - limits.MOST_SKIPPED_ROWS:,} further rows, which are not named one by one")
    if n_rows == 0:
        yield Skipped(shown, "empty")


def check_columns(path: str, kind: str, columns: ArticleColumns) -> None:
    """Refuses a table whose header, or first record, lacks a named column; unreadable files are left to `read_table`.

    Raises:
        UserError: names the columns found and the nearest one.
    """
    try:
        names = column_names(path, kind)
    except OSError:
        return
    for held, wanted in columns.chosen().items():
        if names and wanted not in names:
            match = nearest(wanted, names)
            shown = ", ".join(encodable(name)[:_NAME_CHARACTERS] for name in names[:_NAMES_SHOWN])
            others = f" and {len(names) - _NAMES_SHOWN:,} more" if len(names) > _NAMES_SHOWN else ""
            raise UserError(
                f"no column '{wanted}'",
                where=path,
                expected=f"one of the columns {shown}{others}",
                remedy=(f"did you mean '{match}'? " if match else "") + f"Name it with --{held}-column.",
            )


def _article(row: Mapping[str, Any], where: str, columns: ArticleColumns) -> Article | Skipped:
    text = row.get(columns.text)
    if text is None:
        return Skipped(where, f"no '{columns.text}'")
    if not isinstance(text, str):
        return Skipped(where, f"'{columns.text}' is a {type(text).__name__}, not text")
    reason = limits.refusal(text)
    if reason is not None:
        return Skipped(where, reason)
    if is_blank(text):
        return Skipped(where, "empty")
    if text != encodable(text):
        return Skipped(where, "text that is not UTF-8")
    id_column = columns.id or "id"
    given = row.get(id_column)
    known = limits.cut(encodable(str(given))) if given is not None and str(given).strip() else where
    metadata = _metadata(row, (columns.text, id_column), columns)
    return Skipped(where, metadata) if isinstance(metadata, str) else Article(known, text, headline_end(text), metadata)


def _metadata(row: Mapping[str, Any], held: tuple[str, ...], columns: ArticleColumns) -> dict[str, Any] | str:
    """The further columns as JSON can carry them, or why they cannot be carried."""
    metadata: dict[str, Any] = {}
    n_characters = 0
    for name, value in row.items():
        if name in held:
            continue
        name = encodable(name)
        try:
            plain = _plain(value, 0)
        except RecursionError:
            return f"'{limits.cut(name)}' is nested more than {limits.MOST_LEVELS} deep"
        written = plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
        if len(written) > limits.MOST_VALUE_CHARACTERS:
            plain = written = limits.cut(written)
        n_characters += len(name) + len(written)
        if n_characters > limits.MOST_FURTHER_CHARACTERS:
            return f"its further columns hold more than {limits.MOST_FURTHER_CHARACTERS:,} characters"
        metadata[columns.key(name)] = plain
    return metadata


def _plain(value: Any, level: int) -> Any:
    """A value that JSON can carry: dates and other objects as text, figures that are not numbers as null."""
    if level > limits.MOST_LEVELS:
        raise RecursionError
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list | tuple):
        return [_plain(item, level + 1) for item in value]
    if isinstance(value, dict):
        return {encodable(str(name)): _plain(item, level + 1) for name, item in value.items()}
    return value if value is None or isinstance(value, bool | int | float) else encodable(str(value))
