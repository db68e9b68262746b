"""Inputs that are compressed with gzip or zstd: known by their first bytes, unpacked while they are read.

The name's ending says what is inside (`news.csv.gz` is CSV), the first bytes whether it is compressed at all: servers
unpack files and keep their names, and standard input has none. A file that unpacks to a multiple that no text reaches
is given up, see `limits`.
"""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from spinscope.data import limits
from spinscope.data.inputs import STANDARD_INPUT

ENDINGS = (".gz", ".zst")
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"
_BUFFER_BYTES = 2**18
_PIECE_BYTES = 2**20


class UnpackingError(OSError):
    """A compressed file that is damaged, cut short, or a decompression bomb."""


def plain_name(path: str) -> str:
    """The name without the ending of its compression."""
    return path[: -len(Path(path).suffix)] if Path(path).suffix.lower() in ENDINGS else path


@contextmanager
def open_input(path: str) -> Iterator[BinaryIO]:
    """The bytes of a file, or of standard input for `-`, unpacked where they are compressed.

    Raises:
        OSError: the file cannot be opened; while reading, `UnpackingError` too.
    """
    if path == STANDARD_INPUT:
        yield _unpacked(sys.stdin.buffer)  # left open: it is not ours
        return
    with Path(path).open("rb") as stream, _unpacked(stream) as unpacked:
        yield unpacked


def read_whole(stream: BinaryIO) -> bytes | None:
    """All bytes of the stream, or None where they are more than one article may have: the rest is left unread."""
    pieces: list[bytes] = []
    n_bytes = 0
    while piece := stream.read(_PIECE_BYTES):
        pieces.append(piece)
        n_bytes += len(piece)
        if n_bytes > limits.most_bytes():
            return None
    return b"".join(pieces)


def _unpacked(stream: BinaryIO) -> BinaryIO:
    head = stream.read(len(_ZSTD))
    source = _Source(stream, head)
    if head.startswith(_GZIP):
        return _buffered(_Unpacked(gzip.GzipFile(fileobj=_buffered(source)), source, "gzip"))
    if head == _ZSTD or (head[1:] == _ZSTD_SKIPPABLE and head[0] >> 4 == 5):
        import pyarrow as pa

        packed = pa.PythonFile(_buffered(source), mode="r")
        return _buffered(_Unpacked(pa.CompressedInputStream(packed, "zstd"), source, "zstd"))
    return _buffered(source)


def _buffered(raw: io.RawIOBase) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(raw, _BUFFER_BYTES))


class _Source(io.RawIOBase):
    """A stream with what was read of it put back in front. Counts its bytes, and leaves the stream open."""

    def __init__(self, stream: BinaryIO, head: bytes) -> None:
        self._stream, self._head = stream, head
        self.n_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._head or self._stream.read1(min(len(buffer), _BUFFER_BYTES))  # type: ignore[attr-defined]
        n = min(len(data), len(buffer))
        buffer[:n] = data[:n]
        self._head = self._head[n:]
        self.n_bytes += n
        return n


class _Unpacked(io.RawIOBase):
    """What a decompressor makes of a source, as long as it is no bomb."""

    def __init__(self, decompressor: Any, source: _Source, kind: str) -> None:
        self._decompressor, self._source, self._kind = decompressor, source, kind
        self.n_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._decompressor.read(min(len(buffer), _BUFFER_BYTES))
        except (EOFError, zlib.error, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # of the disk, not of what lies on it
            raise UnpackingError(f"damaged or cut short as {self._kind}: {error}") from None
        self.n_bytes += len(data)
        self._refuse_bombs()
        buffer[: len(data)] = data
        return len(data)

    def _refuse_bombs(self) -> None:
        n_bytes, ratio = self.n_bytes, limits.MOST_UNPACKED_RATIO
        if n_bytes > limits.FREE_UNPACKED_BYTES and n_bytes > ratio * self._source.n_bytes:
            raise UnpackingError(f"it unpacks to more than {ratio} times its size; nothing from here on was read")
        if n_bytes > limits.MOST_UNPACKED_BYTES:
            raise UnpackingError(
                f"it unpacks to more than {limits.MOST_UNPACKED_BYTES:,} bytes; nothing from here on was read"
            )
