"""The rows of a Parquet file, a few at a time: memory grows neither with the file nor with its row groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from spinscope.data.compression import ENDINGS

_BATCH_ROWS, _BATCH_BYTES = 64, 2**25
_READ_BYTES = 2**20


def parquet_rows(path: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Yields each row with its number from 1, or why it could not be read. Raises OSError: no Parquet, or damaged."""
    import pyarrow as pa

    file = _parquet_file(path)
    number = 0
    try:
        for batch in file.iter_batches(batch_size=_batch_rows(file)):
            for row in _rows_of_batch(batch):
                number += 1
                yield number, row
    except pa.ArrowException as error:
        raise OSError(f"damaged after row {number:,} ({error})") from None
    finally:
        file.close()


def parquet_columns(path: str) -> list[str]:
    """The names of the columns. Raises OSError."""
    with _parquet_file(path) as file:
        return list(file.schema_arrow.names)


def _batch_rows(file: Any) -> int:
    """Rows that are read together: few where they are long."""
    metadata = file.metadata
    n_bytes = sum(metadata.row_group(index).total_byte_size for index in range(metadata.num_row_groups))
    return max(1, min(_BATCH_ROWS, _BATCH_BYTES * metadata.num_rows // max(1, n_bytes)))


def _rows_of_batch(batch: Any) -> Iterator[dict[str, Any] | str]:
    """The rows as Python values, one by one where they are long, or where one of them cannot be converted."""
    if batch.nbytes <= _BATCH_BYTES:
        try:
            yield from batch.to_pylist()
            return
        except (ValueError, OverflowError):
            pass
    for index in range(batch.num_rows):
        try:
            yield batch.slice(index, 1).to_pylist()[0]
        except UnicodeDecodeError as error:
            yield f"byte 0x{error.object[error.start]:02x} is not UTF-8"
        except (ValueError, OverflowError) as error:
            yield f"a value that cannot be read: {error}"


def _parquet_file(path: str) -> Any:
    import pyarrow as pa
    import pyarrow.parquet

    if path.lower().endswith(ENDINGS):
        raise OSError("Parquet in gzip or zstd cannot be read row by row, and is compressed as it is: unpack it")
    try:
        # Small reads as they are needed: by default a whole row group is fetched before its first row.
        return pyarrow.parquet.ParquetFile(path, buffer_size=_READ_BYTES, pre_buffer=False)
    except pa.ArrowException as error:
        raise OSError(f"not Parquet ({error})") from None
