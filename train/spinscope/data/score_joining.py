"""Shards of scores put together: into one file, or dealt out into a folder for each value of a column."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from spinscope.data.score_files import parquet_writer

PARTITIONS = ("source", "language", "date", "month", "article", "part", "voice")
"""What Parquet can be partitioned by; the month is that of the date."""

NULL_FOLDER = "__HIVE_DEFAULT_PARTITION__"
_ROWS_PER_GROUP = 8_192
_BYTES_PER_FILE = 2**25
_BYTES_IN_MEMORY = 2**26
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")


def join_lines(files: Iterable[Path], target: IO[bytes], *, with_header: bool) -> None:
    """Copies files one after the other; of CSV, the header of the first alone."""
    for number, file in enumerate(files):
        with file.open("rb") as stream:
            if with_header and number:
                stream.readline()  # no column of scores has a line end in its name
            shutil.copyfileobj(stream, target, 2**20)


def join_parquet(files: Iterable[Path], target: IO[bytes], schema: Any) -> None:
    """Joins Parquet files, small shards together in one row group; some thousand rows are in memory."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with parquet_writer(target, schema) as writer:
        held: list[Any] = []
        for file in files:
            held.append(pq.read_table(file, schema=schema, partitioning=None, memory_map=False))
            if sum(table.num_rows for table in held) >= _ROWS_PER_GROUP:
                writer.write_table(pa.concat_tables(held))
                held = []
        if held:
            writer.write_table(pa.concat_tables(held))


def deal_parquet(
    files: Iterable[Path], *, by: Sequence[str], schema: Any, write: Callable[[str, Any], None]
) -> Iterator[tuple[str, int, dict[str, str | None]]]:
    """Deals the rows of Parquet files out by the values of columns, in folders as Hive names them.

    A file is written when its rows fill it, the largest first where memory fills before; which rows lie in which file
    is a function of the input files alone. The columns stand in the folder's name and not in the file.

    Args:
        files: the shards, in order.
        by: names of `PARTITIONS`.
        schema: of the scores, as `score_schema` gives it.
        write: takes a file's name and its table.

    Yields:
        the name of each file written, its number of rows, and the values it is of.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    held: dict[tuple[str | None, ...], list[Any]] = {}
    sizes: dict[tuple[str | None, ...], int] = {}
    numbers: dict[tuple[str | None, ...], int] = {}

    def flush(key: tuple[str | None, ...]) -> tuple[str, int, dict[str, str | None]]:
        number = numbers.get(key, 0)
        numbers[key] = number + 1
        name = f"{_folder(by, key)}/part-{number:05d}.parquet"
        table = pa.concat_tables(held.pop(key))
        write(name, table)
        del sizes[key]
        return name, table.num_rows, dict(zip(by, key, strict=True))

    for file in files:
        table = pq.read_table(file, schema=schema, partitioning=None, memory_map=False)
        for key, rows in _by_value(table, by):
            # Copied: a slice would keep the whole shard in memory.
            part = table.drop_columns([name for name in by if name in table.column_names]).take(rows)
            held.setdefault(key, []).append(part)
            sizes[key] = sizes.get(key, 0) + part.nbytes
            if sizes[key] >= _BYTES_PER_FILE:
                yield flush(key)
        while sum(sizes.values()) > _BYTES_IN_MEMORY:
            yield flush(max(sizes, key=lambda key: (sizes[key], repr(key))))
    for key in sorted(held, key=repr):
        yield flush(key)


def _by_value(table: Any, by: Sequence[str]) -> Iterator[tuple[tuple[str | None, ...], list[int]]]:
    """Row numbers by the values of the columns, in order of appearance."""
    columns = [
        [month_of(value) for value in table["date"].to_pylist()] if name == "month" else table[name].to_pylist()
        for name in by
    ]
    rows: dict[tuple[str | None, ...], list[int]] = {}
    for number, key in enumerate(zip(*columns, strict=True)):
        rows.setdefault(key, []).append(number)
    yield from rows.items()


def month_of(date: str | None) -> str | None:
    """`2024-03` of a date that begins as ISO 8601 has it, else null."""
    match = _MONTH.match(date or "")
    return match.group() if match else None


def _folder(by: Sequence[str], key: Sequence[str | None]) -> str:
    names = (NULL_FOLDER if value is None else quote(value, safe=" ") for value in key)
    return "/".join(f"{name}={value}" for name, value in zip(by, names, strict=True))
