"""Files that stand whole under their name or not at all, whenever the process is killed or the power fails."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from spinscope.errors import UserError

_FULL = (errno.ENOSPC, errno.EDQUOT)
PARTIAL = ".partial"


@contextmanager
def durable_file(path: Path) -> Iterator[IO[bytes]]:
    """A stream to a temporary file, which takes the name `path` when its bytes are on disk.

    The temporary name is a function of `path`, so that what a killed process leaves is written over by the next one.
    Only one process may write to `path`.

    Raises:
        UserError: the disk is full.
    """
    partial = path.with_name(f".{path.name}{PARTIAL}")
    with space_needed(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(partial, "wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(partial, path)
        except BaseException:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise


def write_durably(path: Path, data: bytes) -> None:
    """Writes a file as `durable_file` does, and makes its name durable too."""
    with durable_file(path) as stream:
        stream.write(data)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable."""
    with space_needed(folder):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def discard_folder(folder: Path) -> None:
    """Removes a folder: first its name at once, then what is in it. What a killed process left of that is removed too."""
    gone = folder.with_name(f".{folder.name.lstrip('.')}.discarded")
    shutil.rmtree(gone, ignore_errors=True)
    if folder.is_dir():
        with space_needed(folder):
            os.replace(folder, gone)
        sync_folder(folder.parent)
        shutil.rmtree(gone, ignore_errors=True)


@contextmanager
def space_needed(path: Path) -> Iterator[None]:
    """Says of a full disk what to do about it."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise UserError(
            f"no space left on the device ({os.strerror(error.errno or 0)})", where=str(path),
            expected="room for the scores and, while they are joined, once more for them",
            remedy="make room and run the same command again: what was finished is kept.",
        ) from None  # fmt: skip
