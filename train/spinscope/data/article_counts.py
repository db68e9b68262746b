"""Score lines counted by article, group and voice as they stream by: what every figure of a summary is made of.

Memory grows with groups and articles, by some hundred bytes for an article, and not with sentences. Where a group has
more than `MOST_ARTICLES`, its articles fall by a hash of their id into `N_BUNDLES` bundles, which then stand for
articles wherever articles are resampled. All is counted in whole numbers and by hash: neither the order of the lines
nor their division into files plays a part.
"""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.data.groups import Group, Grouping
from spinscope.data.summaries import VOICES, count_words

MOST_ARTICLES = N_BUNDLES = 1024
SENTENCES, WORDS, MARKED = 0, 1, 2
"""Places in the last axis of `GroupCounts.counts`; from `MARKED` on, a place for each technique and one for any."""

_VOICE = {voice: position for position, voice in enumerate(VOICES)}


@dataclass(frozen=True)
class GroupCounts:
    """One group's articles, or bundles of them.

    Attributes:
        keys: (m,) uint64 in ascending order, the same for an article in whatever group it stands.
        counts: (m, 3, k + 3) by voice in the order of `VOICES`: sentences, words, sentences with each of the k
            techniques, sentences with any.
        ranks: (m, k) sums over sentences of the place of their score among the technique's edges.
        histograms: per technique (its number of edges + 1,): sentences with a score up to each edge and above the one
            before, the last one above all.
        n_articles: articles, bundled or not.
    """

    keys: NDArray[Any]
    counts: NDArray[Any]
    ranks: NDArray[Any]
    histograms: tuple[NDArray[Any], ...]
    n_articles: int


class ArticleCounts:
    """Counts score lines.

    Args:
        techniques: k ids, in order.
        grouping: into which groups lines fall.
        edges: per technique, ascending scores at which their distribution is looked at; none where it is not.
    """

    def __init__(
        self, techniques: Sequence[str], *, grouping: Grouping, edges: Sequence[Sequence[float]] | None = None
    ) -> None:
        self.techniques = tuple(techniques)
        self.grouping = grouping
        self.edges = [list(several) for several in edges or [()] * len(self.techniques)]
        self._position = {technique: MARKED + number for number, technique in enumerate(self.techniques)}
        self._any = MARKED + len(self.techniques)
        self._width = self._any + 1
        self._cells: dict[Group, _Cell] = {}
        self._article: str | None = None
        self._group: Group = ()
        self._row: list[int] = []

    def add(self, line: Mapping[str, Any]) -> Group:
        """Counts one score line and says which group it fell into.

        Raises:
            KeyError: a voice or technique that is none.
        """
        group, article = self.grouping.group(line), line["article"]
        if article != self._article or group != self._group:
            self._finish_article()
            self._article, self._group = article, group
            self._row = [0] * (len(VOICES) * self._width + len(self.techniques))
            self._histograms = self._cell(group).histograms
        row, start = self._row, _VOICE[line["voice"]] * self._width
        row[start] += 1
        row[start + WORDS] += count_words(line["text"])
        if line["techniques"]:
            row[start + self._any] += 1
            for technique in line["techniques"]:
                row[start + self._position[technique]] += 1
        place, scores = len(VOICES) * self._width, line["probabilities"]
        for technique, edges, histogram in zip(self.techniques, self.edges, self._histograms, strict=True):
            bin_ = bisect_left(edges, scores[technique])
            histogram[bin_] += 1
            row[place] += bin_
            place += 1
        return group

    def groups(self, columns: Sequence[str] | None = None) -> dict[Group, GroupCounts]:
        """The counts by all columns of the grouping, or by some of them.

        Args:
            columns: some of the grouping's columns; none of them makes one group of all, `()`.
        """
        self._finish_article()
        chosen = self.grouping.columns if columns is None else columns
        places = [self.grouping.columns.index(column) for column in chosen]
        parts: dict[Group, list[_Cell]] = {}
        for group, cell in self._cells.items():
            parts.setdefault(tuple(group[place] for place in places), []).append(cell)
        return {group: self._together(cells) for group, cells in parts.items()}

    def _cell(self, group: Group) -> _Cell:
        if group not in self._cells:
            histograms = [[0] * (len(edges) + 1) for edges in self.edges]
            self._cells[group] = _Cell(len(VOICES) * self._width + len(self.techniques), histograms)
        return self._cells[group]

    def _finish_article(self) -> None:
        if self._article is not None:
            self._cell(self._group).add(article_key(self._article), self._row)
            self._article = None

    def _together(self, cells: Sequence[_Cell]) -> GroupCounts:
        keys = [cell.keys() for cell in cells]
        n_articles = len(_unique([cell.articles.keys() for cell in cells]))
        if n_articles > MOST_ARTICLES:
            keys = [several % np.uint64(N_BUNDLES) for several in keys]
        unique, inverse = np.unique(np.concatenate(keys), return_inverse=True)
        table = np.zeros((len(unique), len(VOICES) * self._width + len(self.techniques)), dtype=np.int64)
        np.add.at(table, inverse, np.concatenate([cell.table[: len(cell.rows)] for cell in cells]))
        n_counts = len(VOICES) * self._width
        return GroupCounts(
            keys=unique,
            counts=table[:, :n_counts].reshape(len(unique), len(VOICES), self._width),
            ranks=table[:, n_counts:],
            histograms=tuple(
                np.sum([cell.histograms[number] for cell in cells], axis=0) for number in range(len(self.techniques))
            ),
            n_articles=n_articles,
        )


def article_key(article: str) -> int:
    """A number of 64 bits that stands for an article's id."""
    data = article.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")


class _Cell:
    """A growing table with a row for each article, or each bundle once there are too many articles."""

    def __init__(self, width: int, histograms: list[list[int]]) -> None:
        self.rows: dict[int, int] = {}
        self.table = np.zeros((1, width), dtype=np.int64)
        self.articles = _Distinct()
        self.histograms = histograms
        self.is_bundled = False

    def add(self, key: int, row: Sequence[int]) -> None:
        self.articles.add(key)
        name = key % N_BUNDLES if self.is_bundled else key
        place = self.rows.setdefault(name, len(self.rows))
        if place == len(self.table):
            self.table = np.concatenate([self.table, np.zeros_like(self.table)])
        self.table[place] += np.asarray(row, dtype=np.int64)
        if not self.is_bundled and len(self.rows) > MOST_ARTICLES:
            self._bundle()

    def keys(self) -> NDArray[Any]:
        """(m,) names of the rows, in the order of the table."""
        return np.fromiter(self.rows, dtype=np.uint64, count=len(self.rows))

    def _bundle(self) -> None:
        names = (self.keys() % np.uint64(N_BUNDLES)).astype(np.int64)
        table = np.zeros((N_BUNDLES, self.table.shape[1]), dtype=np.int64)
        np.add.at(table, names, self.table[: len(self.rows)])
        self.table, self.rows, self.is_bundled = table, {name: name for name in range(N_BUNDLES)}, True


class _Distinct:
    """Numbers, each kept once in eight bytes, some more for a while."""

    def __init__(self) -> None:
        self._sorted = np.zeros(0, dtype=np.uint64)
        self._new = array("Q")

    def add(self, number: int) -> None:
        self._new.append(number)
        if len(self._new) > 256 + len(self._sorted):
            self.keys()

    def keys(self) -> NDArray[Any]:
        """(n,) in ascending order."""
        if self._new:
            self._sorted = _unique([self._sorted, np.array(self._new, dtype=np.uint64)])
            self._new = array("Q")
        return self._sorted


def _unique(arrays: Iterable[NDArray[Any]]) -> NDArray[Any]:
    return np.unique(np.concatenate(list(arrays)))
