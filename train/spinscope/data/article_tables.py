"""Tables of articles, one row at a time: JSONL, CSV, TSV and Parquet, with chosen text and id columns."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from spinscope.data.inputs import STANDARD_INPUT, ArticleColumns, Skipped, encodable, headline_end, is_blank
from spinscope.data.tab_separated import NO_LINE_END_IN_TSV, quotes_cells
from spinscope.errors import UserError, did_you_mean
from spinscope.records import Article

_PARQUET_BATCH_ROWS = 64
_LONGEST_CELL = 2**31 - 1
_SPOOLED_IN_MEMORY = 2**26
_NEVER_CLOSED = "a quotation mark in this row is never closed, so that nothing from here on could be read"


def read_table(path: str, kind: str, columns: ArticleColumns) -> Iterator[Article | Skipped]:
    """Yields an Article for each row of a table, or what was skipped: rows without text, faulty lines, the whole file.

    Args:
        path: the file, or `-` for standard input (not for Parquet).
        kind: jsonl, csv, tsv or parquet.
        columns: which columns hold text and id.
    """
    n_rows = 0
    try:
        for number, row in _rows(path, kind):
            n_rows += 1
            where = f"{path}:{number}"
            yield Skipped(where, row) if isinstance(row, str) else _article(row, where, columns)
    except OSError as error:
        yield Skipped(path, f"not readable: {error.strerror or error}")
        return
    if n_rows == 0:
        yield Skipped(path, "empty")


def check_columns(path: str, kind: str, columns: ArticleColumns) -> None:
    """Refuses a table whose header, or first record, lacks a named column; unreadable files are left to `read_table`.

    Raises:
        UserError: names the columns found and the nearest one.
    """
    try:
        names = _column_names(path, kind)
    except OSError:
        return
    for held, wanted in columns.chosen().items():
        if names and wanted not in names:
            raise UserError(
                f"no column '{wanted}'",
                where=path,
                expected=f"one of the columns {', '.join(names)}",
                remedy=f"{did_you_mean(wanted, names)} Name it with --{held}-column.",
            )


def _column_names(path: str, kind: str) -> list[str]:
    if kind == "parquet":
        return _parquet_file(path).schema_arrow.names
    with _opened(path) as stream:
        if kind == "jsonl":
            first = next((row for _, row in _json_lines(stream) if not isinstance(row, str)), {})
            return list(first)
        return _header(_csv_reader(stream, kind))


def _rows(path: str, kind: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Row number (line number in JSONL, from 1) and the row, or why it could not be read."""
    if kind == "parquet":
        number = 0
        for batch in _parquet_file(path).iter_batches(batch_size=_PARQUET_BATCH_ROWS):
            for row in batch.to_pylist():
                number += 1
                yield number, row
        return
    with _opened(path) as stream:
        yield from _json_lines(stream) if kind == "jsonl" else _csv_rows(stream, kind)


def _json_lines(stream: BinaryIO) -> Iterator[tuple[int, dict[str, Any] | str]]:
    for number, line in enumerate(stream, start=1):
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line.strip():
            continue
        try:
            record = json.loads(line.decode("utf-8"))
        except UnicodeDecodeError as error:
            yield number, f"byte 0x{line[error.start]:02x} is not UTF-8"
        except (json.JSONDecodeError, RecursionError) as error:
            yield number, f"not JSON: {getattr(error, 'msg', 'nested too deep')}"
        else:
            yield number, record if isinstance(record, dict) else f"a JSON {type(record).__name__}, not an object"


def _csv_rows(stream: BinaryIO, kind: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    reader = _csv_reader(stream, kind)
    header = _header(reader)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            is_open = str(error) == "unexpected end of data"
            yield number, _NEVER_CLOSED if is_open else f"not {kind.upper()}: {error}"
            continue
        if len(cells) == len(header):
            yield number, dict(zip(header, cells, strict=True))
        elif cells:
            hint = NO_LINE_END_IN_TSV if kind == "tsv" else "quote a cell that holds commas."
            cell = "cell" if len(cells) == 1 else "cells"
            yield number, f"{len(cells)} {cell} where the header has {len(header)}: {hint.rstrip('.')}"


def _header(reader: Any) -> list[str]:
    try:
        names: list[str] = next(reader, [])
    except csv.Error as error:
        raise OSError(f"its header is no table's: {error}") from None
    return names


def _csv_reader(stream: BinaryIO, kind: str) -> Any:
    csv.field_size_limit(_LONGEST_CELL)
    if kind == "csv":
        return csv.reader(_text_lines(stream), strict=True)
    if not stream.seekable():
        stream = _spooled(stream)
    is_quoted = quotes_cells(_text_lines(stream))
    stream.seek(0)
    lines = _text_lines(stream)
    return csv.reader(lines, delimiter="\t", strict=True, quoting=csv.QUOTE_MINIMAL if is_quoted else csv.QUOTE_NONE)


def _text_lines(stream: BinaryIO) -> Iterator[str]:
    """The lines with their ends. Bytes that are not UTF-8 become lone surrogates: only their own row is skipped."""
    decoded = io.TextIOWrapper(stream, encoding="utf-8", errors="surrogateescape", newline="")
    try:
        for number, line in enumerate(decoded):
            yield line if number else line.removeprefix("\ufeff")
    finally:
        if not stream.closed:
            decoded.detach()  # so that the stream stays open, to be read again


def _spooled(stream: BinaryIO) -> BinaryIO:
    """A copy that can be read twice, in memory as long as it is small."""
    copy = tempfile.SpooledTemporaryFile(max_size=_SPOOLED_IN_MEMORY)  # noqa: SIM115 (closed when it is collected)
    shutil.copyfileobj(stream, copy)
    copy.seek(0)
    return cast(BinaryIO, copy)


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    if path == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    with Path(path).open("rb") as stream:
        yield stream


def _parquet_file(path: str) -> Any:
    import pyarrow.lib
    import pyarrow.parquet

    try:
        return pyarrow.parquet.ParquetFile(path)
    except pyarrow.lib.ArrowInvalid as error:
        raise OSError(f"not Parquet ({error})") from None


def _article(row: Mapping[str, Any], where: str, columns: ArticleColumns) -> Article | Skipped:
    text = row.get(columns.text)
    if text is None:
        return Skipped(where, f"no '{columns.text}'")
    if not isinstance(text, str):
        return Skipped(where, f"'{columns.text}' is a {type(text).__name__}, not text")
    if is_blank(text):
        return Skipped(where, "empty")
    if text != encodable(text):
        return Skipped(where, "text that is not UTF-8")
    id_column = columns.id or "id"
    given = row.get(id_column)
    known = encodable(str(given)) if given is not None and str(given).strip() else where
    rest = ((name, value) for name, value in row.items() if name not in (columns.text, id_column))
    metadata = {columns.key(name): _plain(value) for name, value in rest}
    return Article(known, text, headline_end(text), metadata)


def _plain(value: Any) -> Any:
    """A value that JSON can carry: dates and other objects as text, figures that are not numbers as null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {encodable(str(name)): _plain(item) for name, item in value.items()}
    return value if value is None or isinstance(value, bool | int | float) else encodable(str(value))
