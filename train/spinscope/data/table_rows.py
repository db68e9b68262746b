"""The rows of JSONL, CSV, TSV and Parquet, one at a time, each as a dict or as the reason why it could not be read.

Memory does not grow with the number of rows, and a row of any length costs a bounded amount of it, see `limits`.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Literal, cast

from spinscope.data import limits
from spinscope.data.compression import open_input
from spinscope.data.inputs import STANDARD_INPUT
from spinscope.data.parquet_rows import parquet_columns, parquet_rows
from spinscope.data.tab_separated import NO_LINE_END_IN_TSV, quotes_cells

Row = dict[str, Any]
Quoting = Literal[0, 3]  # csv.QUOTE_MINIMAL or csv.QUOTE_NONE

_BOM = b"\xef\xbb\xbf"
_LONGEST_CELL = 2**31 - 1
_PIECE_BYTES = 2**20
_SPOOLED_IN_MEMORY = 2**26
_MOST_READ_AGAIN = 20
_CHECKED_JSON_BYTES = 2**20
_NEVER_CLOSED = "a quotation mark in this row is never closed"
_READ_ON = f"{_NEVER_CLOSED}; reading goes on with the next line"
_GIVEN_UP = f"{_NEVER_CLOSED}, so that nothing from here on could be read"


def table_rows(path: str, kind: str) -> Iterator[tuple[int, Row | str]]:
    """Yields each row with its number, or why it could not be read. Of JSONL the number is the line's; all count from 1.

    Args:
        path: the file, which may be compressed, or `-` for standard input (not for Parquet).
        kind: jsonl, csv, tsv or parquet.

    Raises:
        OSError: the file cannot be read, or not from here on; or its header is none.
    """
    if kind == "parquet":
        yield from parquet_rows(path)
    elif kind == "jsonl":
        with open_input(path) as stream:
            yield from _json_rows(stream)
    else:
        with _opened_cells(path, kind) as lines:
            yield from _cell_rows(lines, kind)


def column_names(path: str, kind: str) -> list[str]:
    """The columns of a table, of JSONL the fields of its first record. Raises OSError as `table_rows`."""
    if kind == "parquet":
        return parquet_columns(path)
    if kind == "jsonl":
        with open_input(path) as stream:
            return list(next((row for _, row in _json_rows(stream) if not isinstance(row, str)), {}))
    with _opened_cells(path, kind) as lines:
        return _header(lines)


def _lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """The lines with their ends; None for one that is too long, which is read through and not held."""
    most = limits.most_bytes()
    line = stream.readline(most + 1).removeprefix(_BOM)
    while line:
        if len(line) > most:
            while line and not line.endswith(b"\n"):
                line = stream.readline(_PIECE_BYTES)
            yield None
        else:
            yield line
        line = stream.readline(most + 1)


def _row_too_long() -> str:
    return f"a row of more than {limits.most_bytes():,} bytes, the most that one may have"


def _json_rows(stream: BinaryIO) -> Iterator[tuple[int, Row | str]]:
    for number, line in enumerate(_lines(stream), start=1):
        if line is None:
            yield number, _row_too_long()
        elif line.strip():
            yield number, _json_row(line)


def _json_row(line: bytes) -> Row | str:
    # A bracket or comma may become an object of a hundred bytes.
    n_values = sum(line.count(mark) for mark in (b"{", b"[", b",")) if len(line) > _CHECKED_JSON_BYTES else 0
    if n_values > limits.MOST_JSON_VALUES:
        return f"more than {limits.MOST_JSON_VALUES:,} JSON values in one line"
    try:
        record = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        return f"byte 0x{line[error.start]:02x} is not UTF-8"
    except json.JSONDecodeError as error:
        return f"not JSON: {error.msg}"
    except RecursionError:
        return "not JSON: nested too deep"
    except ValueError:  # Python refuses to read an integer of more than 4,300 digits
        return "not JSON: a number of thousands of digits"
    return record if isinstance(record, dict) else f"a JSON {type(record).__name__}, not an object"


class _RowTooLong(Exception):
    pass


class _CellLines:
    """The lines of a CSV or TSV file as `csv.reader` asks for them, which knows the row that they make up.

    Bytes that are not UTF-8 become lone surrogates: only their own row is skipped. Lines may end in a carriage return.
    """

    def __init__(self, stream: BinaryIO, *, quoting: Quoting, delimiter: str) -> None:
        csv.field_size_limit(_LONGEST_CELL)  # rows are bounded here
        self._stream = stream
        self._ready: deque[str] = deque()
        self._row: list[str] = []
        self._n_bytes = self._n_read_again = 0
        self._is_first = True
        self._lines_in_cells = quoting != csv.QUOTE_NONE
        self._reader = csv.reader(self, strict=True, quoting=quoting, delimiter=delimiter)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self._ready:
            self._ready.extend(self._next_line())
        self._row.append(self._ready.popleft())
        return self._row[-1]

    def next_row(self) -> list[str] | None:
        """The cells of the next row, or None after the last. Raises csv.Error, and `_RowTooLong`."""
        self._row, self._n_bytes = [], 0
        return next(self._reader, None)

    def read_again(self) -> bool:
        """Takes the last row for its first line alone, and the lines after it for rows; not without end."""
        self._n_read_again += 1
        if self._n_read_again > _MOST_READ_AGAIN:
            return False
        self._ready.extendleft(reversed(self._row[1:]))
        return True

    def skip_row(self) -> bool:
        """Reads to the end of a row that is too long. False where a quotation mark in it is never closed."""
        n_quotes = sum(line.count('"') for line in self._row) if self._lines_in_cells else 0
        ended, self._row = self._row[-1].endswith("\n"), []
        while not ended or n_quotes % 2:
            line = self._stream.readline(_PIECE_BYTES)
            if not line:
                return n_quotes % 2 == 0
            n_quotes += line.count(b'"') if self._lines_in_cells else 0
            ended = line.endswith(b"\n")
        return True

    def _next_line(self) -> list[str]:
        most = limits.most_bytes() - self._n_bytes
        line = self._stream.readline(most + 1)
        if not line:
            raise StopIteration
        self._n_bytes += len(line)
        if self._is_first:
            self._is_first, line = False, line.removeprefix(_BOM)
        text = line.decode("utf-8", "surrogateescape")
        if self._n_bytes > limits.most_bytes():
            self._row.append(text)
            raise _RowTooLong(_row_too_long())
        return _split_at_returns(text)


_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


def _header(lines: _CellLines) -> list[str]:
    try:
        names = lines.next_row() or []
    except (csv.Error, _RowTooLong) as error:
        raise OSError(f"its header is no table's: {error}") from None
    if any(_CONTROL.search(name) for name in names):
        raise OSError("its header is no table's: it holds control characters")
    return names


def _cell_rows(lines: _CellLines, kind: str) -> Iterator[tuple[int, Row | str]]:
    header = _header(lines)
    number = 0
    while True:
        number += 1
        try:
            cells = lines.next_row()
        except csv.Error as error:
            if str(error) != "unexpected end of data":
                yield number, f"not {kind.upper()}: {error}"
                continue
            is_read_on = lines.read_again()
            yield number, _READ_ON if is_read_on else _GIVEN_UP
            if not is_read_on:
                return
            continue
        except _RowTooLong as error:
            yield number, str(error) if lines.skip_row() else _GIVEN_UP
            continue
        if cells is None:
            return
        if len(cells) == len(header):
            yield number, dict(zip(header, cells, strict=True))
        elif cells:
            hint = NO_LINE_END_IN_TSV if kind == "tsv" else "quote a cell that holds commas."
            cell = "cell" if len(cells) == 1 else "cells"
            yield number, f"{len(cells)} {cell} where the header has {len(header)}: {hint.rstrip('.')}"


@contextmanager
def _opened_cells(path: str, kind: str) -> Iterator[_CellLines]:
    if kind == "csv":
        with open_input(path) as stream:
            yield _CellLines(stream, quoting=csv.QUOTE_MINIMAL, delimiter=",")
        return
    if path == STANDARD_INPUT:
        with open_input(path) as stream, tempfile.SpooledTemporaryFile(max_size=_SPOOLED_IN_MEMORY) as copy:
            shutil.copyfileobj(stream, copy)
            copy.seek(0)
            quoting = _quoting_of_tsv(cast(BinaryIO, copy))
            copy.seek(0)
            yield _CellLines(cast(BinaryIO, copy), quoting=quoting, delimiter="\t")
        return
    with open_input(path) as stream:
        quoting = _quoting_of_tsv(stream)
    with open_input(path) as stream:
        yield _CellLines(stream, quoting=quoting, delimiter="\t")


def _quoting_of_tsv(stream: BinaryIO) -> Quoting:
    """How a TSV file is quoted, which the whole of it says: it is read twice."""
    csv.field_size_limit(_LONGEST_CELL)
    texts = (line.decode("utf-8", "surrogateescape") for line in _lines(stream) if line is not None)
    lines = (piece for text in texts for piece in _split_at_returns(text))
    return csv.QUOTE_MINIMAL if quotes_cells(lines) else csv.QUOTE_NONE


def _split_at_returns(text: str) -> list[str]:
    """A line cut at the carriage returns in it, which end lines too."""
    return [text] if text.find("\r", 0, -2) < 0 else list(io.StringIO(text, newline=""))
