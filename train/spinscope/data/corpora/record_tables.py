"""Sentence records as a plain CSV, for spreadsheets: one row per sentence, the keys of the native format as columns.

`spans`, `voices` and `metadata` are JSON; `techniques` and `annotated` are names separated by `|`. An empty cell means
that nothing is given: no technique, but every technique annotated; a sentence that nobody judged has `[]` as
`annotated`. Columns of other names are passed over, so that notes may stand beside the labels.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from spinscope.data.corpora import native
from spinscope.data.corpora.labels import LabelReader
from spinscope.errors import UserError
from spinscope.files import dump_json
from spinscope.records import Sentence

if TYPE_CHECKING:
    from spinscope import config

COLUMNS = (
    "article", "index", "text", "spans", "techniques", "annotated", "start", "end", "voices", "part", "split",
    "metadata",
)  # fmt: skip
SEPARATOR = "|"
_NUMBERS = ("index", "start", "end")
_NAMES = ("techniques", "annotated")
_JSON = ("spans", "voices", "metadata")


def is_record_table(columns: Sequence[str], named: config.Columns) -> bool:
    """Whether a header is that of sentence records, and the configuration names no columns of its own."""
    return named == type(named)() and {"text", "techniques"} <= set(columns) and named.labels not in columns


def check_header(columns: Sequence[str], *, where: str) -> None:
    """Refuses a header that has a column twice.

    Raises:
        UserError: names the column.
    """
    for column in COLUMNS:
        if columns.count(column) > 1:
            raise UserError(f"column '{column}' stands twice", where=where, expected="each column once")


def sentence_of_row(row: Mapping[str, str], *, labels: LabelReader, where: str) -> Sentence:
    """The sentence of a row.

    Raises:
        UserError: a cell that is no JSON, or a record that the native format refuses.
    """
    record: dict[str, Any] = {}
    for column in COLUMNS:
        cell = row.get(column, "")
        if column == "text" or (cell and column in ("article", "part", "split")):
            record[column] = cell
        elif column in _NUMBERS and cell.strip():
            # What is no number stays as it is, for the native format to refuse.
            record[column] = int(cell) if cell.strip().isdecimal() else cell
        elif column in _NAMES and cell.strip():
            record[column] = _names(cell, column, where)
        elif column in _JSON and cell.strip():
            record[column] = _parsed(cell, column, where)
    if not record.get("spans"):
        record.setdefault("techniques", [])
    return native.parse_record(record, labels=labels, where=where)


def render(sentences: Iterable[Sentence]) -> str:
    """The text of the CSV file."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)  # ends lines with CR LF, so that a CR inside a cell is quoted too
    writer.writerow(COLUMNS)
    for sentence in sentences:
        record = native.record_of(sentence)
        writer.writerow([_cell(record, column) for column in COLUMNS])
    return stream.getvalue()


def _cell(record: Mapping[str, Any], column: str) -> str:
    value = record.get(column)
    if column in _NAMES:
        return SEPARATOR.join(value or ()) or ("[]" if column == "annotated" else "")
    if column in _JSON:
        return dump_json(value) if value else ""
    return "" if value is None else str(value)


def _names(cell: str, column: str, where: str) -> Any:
    if cell.strip().startswith("["):
        return _parsed(cell, column, where)
    return [name.strip() for name in cell.split(SEPARATOR) if name.strip()]


def _parsed(cell: str, column: str, where: str) -> Any:
    try:
        return json.loads(cell)
    except json.JSONDecodeError as error:
        expected = {
            "spans": 'JSON like [{"start": 0, "end": 4, "technique": "loaded_language"}]',
            "techniques": "names separated by '|', or a JSON list",
            "annotated": "names separated by '|', or a JSON list",
        }
        raise UserError(
            f"column '{column}' is not JSON: {error.msg}",
            where=where,
            expected=expected.get(column, "JSON, or nothing"),
        ) from None
