"""The ids that articles have so far, in eight bytes each: a million articles shall not fill the memory with names."""

from __future__ import annotations

import hashlib

import numpy as np

_MERGED_TOGETHER = 2**16


class KnownIds:
    """Ids of the file that is being read, and of those read before. They are told apart by 64 bits of BLAKE2."""

    def __init__(self) -> None:
        self._path: str | None = None
        self._before, self._here = _Hashes(), _Hashes()

    def begin_file(self, path: str) -> None:
        """Ids are from now on those of this file; nothing happens where they are already."""
        if path != self._path:
            self._path = path
            self._before.update(self._here)
            self._here = _Hashes()

    def of_another_file(self, article_id: str) -> bool:
        """Whether a file before this one gave the id."""
        return _hash(article_id) in self._before

    def add(self, article_id: str) -> bool:
        """Notes an id of this file. False where it is known already."""
        value = _hash(article_id)
        if value in self._here or value in self._before:
            return False
        self._here.add(value)
        return True


class _Hashes:
    """A set of 64-bit numbers: the latest in a set, the others in a sorted array."""

    def __init__(self) -> None:
        self._latest: set[int] = set()
        self._sorted = np.empty(0, dtype=np.uint64)

    def __contains__(self, value: int) -> bool:
        if value in self._latest:
            return True
        if not len(self._sorted):
            return False
        at = int(np.searchsorted(self._sorted, np.uint64(value)))
        return at < len(self._sorted) and int(self._sorted[at]) == value

    def add(self, value: int) -> None:
        self._latest.add(value)
        if len(self._latest) >= _MERGED_TOGETHER:
            self._merge(np.empty(0, dtype=np.uint64))

    def update(self, other: _Hashes) -> None:
        if len(other._sorted):
            self._merge(other._sorted)
        for value in other._latest:
            self.add(value)

    def _merge(self, others: np.ndarray) -> None:
        latest = np.fromiter(self._latest, dtype=np.uint64, count=len(self._latest))
        self._latest = set()
        self._sorted = np.concatenate([self._sorted, latest, others])
        self._sorted.sort(kind="stable")  # two runs that are sorted already


def _hash(article_id: str) -> int:
    return int.from_bytes(hashlib.blake2b(article_id.encode("utf-8"), digest_size=8).digest(), "little")
