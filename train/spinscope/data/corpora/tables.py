"""CSV, TSV and Parquet with named columns: one sentence per row.

A CSV or TSV whose columns are those of a sentence record is read as such (`record_tables`).
"""

from __future__ import annotations

import ast
import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinscope.data.corpora.files import refuse_empty, source_files
from spinscope.data.corpora.labels import LabelReader, UnknownLabel
from spinscope.data.corpora.placing import NO_ARTICLE, UNPLACED, placed
from spinscope.data.corpora.record_tables import check_header, is_record_table, sentence_of_row
from spinscope.data.splits import SPLITS
from spinscope.data.tab_separated import NO_LINE_END_IN_TSV, quotes_cells
from spinscope.errors import UserError, nearest
from spinscope.files import read_text
from spinscope.records import Sentence

if TYPE_CHECKING:
    from spinscope import config
    from spinscope.taxonomy import Inventory

Row = tuple[str, Mapping[str, Any]]
"""Place of the row, for messages, and its cells by column."""

ENDINGS = {"csv": (".csv",), "tsv": (".tsv", ".tab"), "parquet": (".parquet",)}
_OTHER_NAMES = {"validation": "dev", "valid": "dev", "val": "dev", "development": "dev", "training": "train"}


def read(
    source: config.Source, *, name: str, inventory: Inventory, unknown: list[UnknownLabel] | None = None
) -> list[Sentence]:
    """The rows of a table, or of all tables of a folder, pooled. `source.format` says which kind.

    Raises:
        UserError: no such file, an empty file, a missing column, a cell of the wrong type, an unknown label.
    """
    path = Path(source.path or "")
    read_rows = {"csv": _csv_rows, "tsv": _tsv_rows, "parquet": _parquet_rows}[source.format]
    labels = LabelReader(inventory, unknown)
    records: list[Sentence] = []
    rows: list[Row] = []
    for file in source_files(path, ENDINGS[source.format]):
        refuse_empty(file, expected="a header with column names, then rows")
        columns, its_rows = read_rows(file)
        is_records = source.format != "parquet" and is_record_table(columns, source.columns)
        if is_records:
            check_header(columns, where=str(file))
        else:
            check_columns(columns, source.columns, where=str(file), setting=f"data.sources.{name}" if name else "data")
        if not its_rows:
            raise UserError("the table has no rows", where=str(file), expected="one sentence per row")
        if is_records:
            records += [sentence_of_row(row, labels=labels, where=where) for where, row in its_rows]
        else:
            rows += its_rows
    sentences = [_sentence(row, source.columns, labels, where) for where, row in rows]
    return placed([*records, *sentences], where=str(path))


def check_columns(columns: Sequence[str], named: config.Columns, *, where: str, setting: str) -> None:
    """Refuses a table that lacks a column the configuration names, or has it twice.

    Raises:
        UserError: says which columns there are.
    """
    for key in ("text", "labels", "article", "index", "split"):
        wanted = getattr(named, key)
        if wanted is None:
            continue
        if columns.count(wanted) > 1:
            raise UserError(f"column '{wanted}' stands twice", where=where, expected="each column once")
        if wanted not in columns:
            match = nearest(wanted, columns)
            hint = f"did you mean '{match}'? " if match else ""
            absent = {
                "labels": f", or set it to null if nothing is labelled ({setting}.columns.labels=null)",
                "article": f", or set it to null if each row is an article ({setting}.columns.article=null)",
            }
            raise UserError(
                f"no column '{wanted}'; the columns are: {', '.join(columns)}",
                where=where,
                expected=f"the column that {setting}.columns.{key} names",
                remedy=f"{hint}Name the right column in {setting}.columns.{key}{absent.get(key, '')}.",
            )


def sentences_of_rows(
    rows: Iterable[Row], *, columns: config.Columns, labels: LabelReader, where: str
) -> list[Sentence]:
    """Sentences from rows. A labels cell that is null means: not annotated; one that is empty: no technique.

    Raises:
        UserError: a cell of the wrong type, an unknown split or label, two rows with one article and index.
    """
    return placed([_sentence(row, columns, labels, place) for place, row in rows], where=where)


def _sentence(row: Mapping[str, Any], columns: config.Columns, labels: LabelReader, where: str) -> Sentence:
    text = _cell(row, columns.text)
    if not isinstance(text, str | None):
        raise UserError(f"column '{columns.text}' holds {text!r}", where=where, expected="a string")
    names = _label_names(_cell(row, columns.labels), columns, labels.inventory, where)
    techniques, all_known = labels.techniques(names or (), where=where)
    article = _cell(row, columns.article)
    if isinstance(article, float) and article.is_integer():  # whole numbers beside an empty cell, as pandas writes them
        article = int(article)
    article = "" if article is None else str(article).strip()
    return Sentence(
        article=article,
        index=_index(_cell(row, columns.index), columns, where),
        start=UNPLACED,
        end=UNPLACED,
        text=text or "",
        techniques=techniques,
        annotated=() if names is None else labels.annotated(techniques, all_known=all_known),
        split=split_name(_cell(row, columns.split), where=where),
        metadata={NO_ARTICLE: True} if columns.article and not article else {},
    )


def split_name(value: Any, *, where: str) -> str | None:
    """train, dev or test for that name or a common other one (validation, ...); None for an empty cell.

    Raises:
        UserError: another value.
    """
    if value is None or value == "":
        return None
    name = str(value).strip().casefold()
    name = _OTHER_NAMES.get(name, name)
    if name not in SPLITS:
        raise UserError(f"split {value!r}", where=where, expected="train, dev (or validation) or test")
    return name


def _label_names(cell: Any, columns: config.Columns, inventory: Inventory, where: str) -> list[str] | None:
    if columns.labels is None or cell is None:
        return None
    if isinstance(cell, str):
        stripped = cell.strip()
        if not (stripped.startswith("[") and stripped.endswith("]")):
            return [part.strip() for part in stripped.split(columns.separator) if part.strip()]
        cell = _parsed_list(stripped, columns, where)
    if isinstance(cell, list | tuple) and all(isinstance(name, str) for name in cell):
        return [name.strip() for name in cell if name.strip()]
    if isinstance(cell, list | tuple) and all(isinstance(number, int | float) for number in cell):
        raise UserError(
            f"column '{columns.labels}' holds a row of {len(cell)} numbers, which name no techniques",
            where=where,
            expected=f"names of techniques of the inventory '{inventory.name}' ({len(inventory.ids)} techniques)",
            remedy=f'write the names of the techniques instead of the numbers, for example ["{inventory.ids[0]}"].',
        )
    raise UserError(
        f"column '{columns.labels}' holds {cell!r}",
        where=where,
        expected=f"a list of technique names, or names separated by '{columns.separator}'",
    )


def _parsed_list(text: str, columns: config.Columns, where: str) -> Any:
    """A JSON list, or a Python one, as pandas writes lists to CSV."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        raise UserError(
            f"column '{columns.labels}' holds {text}", where=where, expected='a JSON list like ["doubt", "slogans"]'
        ) from None


def _index(cell: Any, columns: config.Columns, where: str) -> int:
    if columns.index is None:
        return UNPLACED
    try:
        number = int(cell)
    except (TypeError, ValueError, OverflowError):
        number = UNPLACED
    if number < 0 or (isinstance(cell, float) and number != cell):
        raise UserError(f"column '{columns.index}' holds {cell!r}", where=where, expected="a whole number from 0")
    return number


def _cell(row: Mapping[str, Any], column: str | None) -> Any:
    value = row[column] if column is not None else None
    return None if isinstance(value, float) and math.isnan(value) else value


def _csv_rows(file: Path) -> tuple[list[str], list[Row]]:
    return _with_header(list(_parsed(_lines(file), file, delimiter=",")), file)


def _tsv_rows(file: Path) -> tuple[list[str], list[Row]]:
    lines = _lines(file)
    if quotes_cells(lines):
        return _with_header(list(_parsed(lines, file, delimiter="\t")), file)
    unquoted = _parsed(lines, file, delimiter="\t", quoting=csv.QUOTE_NONE, remedy=NO_LINE_END_IN_TSV)
    return _with_header(list(unquoted), file)


def _with_header(lines: list[tuple[int, list[str]]], file: Path) -> tuple[list[str], list[Row]]:
    header = [name.strip() for name in lines[0][1]]
    return header, [(f"{file}:{number}", dict(zip(header, cells, strict=True))) for number, cells in lines[1:]]


def _lines(file: Path) -> list[str]:
    """The lines with their ends; a byte-order mark, as spreadsheets write it, is no part of the first column's name."""
    return list(io.StringIO(read_text(file).removeprefix("\ufeff"), newline=""))


def _parsed(lines: list[str], file: Path, *, remedy: str = "", **dialect: Any) -> Iterator[tuple[int, list[str]]]:
    """Yields (line number, cells) of each row that is not blank."""
    reader = csv.reader(lines, strict=True, **dialect)
    width, number = 0, 1
    try:
        for cells in reader:
            if cells:
                width = width or len(cells)
                if len(cells) != width:
                    place = f"{file}:{number}"
                    expected = f"{width}, as in the header"
                    raise UserError(f"{len(cells)} cells", where=place, expected=expected, remedy=remedy)
                yield number, cells
            number = reader.line_num + 1
    except csv.Error as error:
        place = f"{file}:{number}"
        raise UserError(f"not a table: {error}", where=place, remedy="check the quotation marks.") from None


def _parquet_rows(file: Path) -> tuple[list[str], list[Row]]:
    import pyarrow
    from pyarrow import parquet

    try:
        table = parquet.read_table(file)
    except pyarrow.ArrowInvalid as error:
        raise UserError(f"not a Parquet file: {error}", where=str(file), remedy="write it again.") from None
    rows = [(f"{file}: row {number}", row) for number, row in enumerate(table.to_pylist(), start=1)]
    return list(table.column_names), rows
