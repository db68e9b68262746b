"""Nearly equal texts, none missed: between two lists, and between the splits of a corpus."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.data.duplicates import is_longer, normalised
from spinscope.records import Sentence

NEAR_JACCARD = 0.8
"""Two texts are near-duplicates where their sets of character 5-grams have at least this Jaccard similarity."""

_SHINGLE = 5
_N_LEAST = 10  # two words have about as many 5-grams: texts with one rare word in common are not looked at
_BLOCK, _PAIRS = 512, 20_000  # texts, and pairs of texts, at a time: they bound the memory


@dataclass(frozen=True, slots=True)
class NearPair:
    """Two texts of different splits that are almost the same; `jaccard` of their character 5-grams, 0 to 1."""

    first: Sentence
    second: Sentence
    jaccard: float


def near_copies(first: Sequence[str], second: Sequence[str], *, threshold: float) -> list[tuple[int, int, float]]:
    """Pairs of a text of one list and a text of the other with at least this Jaccard similarity of character 5-grams.

    Args:
        first: texts.
        second: texts.
        threshold: least similarity, above 0, at most 1.

    Returns:
        (row of the first, row of the second, similarity), for each text of the second list the most similar of the
        first; most similar first.
    """
    lists = _indexed([map(normalised, texts) for texts in (first, second)], threshold=threshold)
    best: dict[int, tuple[float, int]] = {}
    for one, other, similarity in _alike(*lists, threshold=threshold):
        best[other] = max(best.get(other, (0.0, 0)), (similarity, -one))
    pairs = [(-one, other, similarity) for other, (similarity, one) in best.items()]
    return sorted(pairs, key=lambda pair: (-pair[2], pair[1]))


def near_duplicates(
    sentences: Iterable[Sentence], splits: Mapping[str, str], *, threshold: float = NEAR_JACCARD
) -> list[NearPair]:
    """Pairs of texts of six words or more that stand in different splits and are nearly, but not exactly, the same.

    Args:
        sentences: of all splits.
        splits: article id -> split.
        threshold: least Jaccard similarity of the sets of character 5-grams, above 0, at most 1.

    Returns:
        pairs, one for each pair of distinct texts, most similar first.
    """
    held: dict[str, dict[str, Sentence]] = defaultdict(dict)
    for sentence in sorted(sentences, key=lambda one: (one.article, one.index)):
        if is_longer(sentence.text):
            held[splits[sentence.article]].setdefault(normalised(sentence.text), sentence)
    indexed = dict(zip(held, _indexed(list(held.values()), threshold=threshold), strict=True))
    found: dict[frozenset[str], NearPair] = {}
    for pair in combinations(sorted(held), 2):
        texts, others = (list(held[split]) for split in pair)
        for row, its, jaccard in _alike(*(indexed[split] for split in pair), threshold=threshold):
            if texts[row] != others[its]:
                both = held[pair[0]][texts[row]], held[pair[1]][others[its]]
                first, second = sorted(both, key=lambda one: (one.article, one.index))
                found.setdefault(frozenset((texts[row], others[its])), NearPair(first, second, jaccard))
    return sorted(found.values(), key=lambda pair: (-pair.jaccard, pair.first.article, pair.first.index))


def shingles_of(text: str) -> frozenset[str]:
    """The character 5-grams of a normalised text."""
    # Without punctuation: a changed quotation mark or dash is no other text.
    bare = " ".join(re.findall(r"\w+", text)) or text
    return frozenset(bare[at : at + _SHINGLE] for at in range(max(len(bare) - _SHINGLE + 1, 1)))


@dataclass(frozen=True, slots=True)
class _Indexed:
    """n texts as rows of sparse matrices (n, number of different 5-grams), columns from the rarest 5-gram on.

    Attributes:
        whole: 1 where a text has a 5-gram.
        rarest: `whole`, of each row the first so many that a text as alike as asked for shares `n_least` of them.
        sizes: (n,) 5-grams of each text.
        n_least: (n,) at most `_N_LEAST`.
    """

    whole: Any
    rarest: Any
    sizes: NDArray[Any]
    n_least: NDArray[Any]


def _indexed(lists: Sequence[Iterable[str]], *, threshold: float) -> list[_Indexed]:
    """Each list of normalised texts, with one order of rarity for all."""
    from scipy.sparse import csr_array

    numbers: dict[str, int] = {}
    sets = [
        [[numbers.setdefault(shingle, len(numbers)) for shingle in shingles_of(text)] for text in texts]
        for texts in lists
    ]
    flat = [np.fromiter((number for one in several for number in one), dtype=np.intp) for several in sets]
    rarity = np.empty(len(numbers), dtype=np.int32)
    rarity[np.argsort(np.bincount(np.concatenate(flat), minlength=len(numbers)))] = np.arange(len(numbers))
    found = []
    for several, columns in zip(sets, flat, strict=True):
        sizes = np.array([len(one) for one in several], dtype=np.int64)
        begins = np.concatenate([[0], np.cumsum(sizes)])
        shape = len(several), len(numbers)
        whole = csr_array((np.ones(len(columns), dtype=np.int32), rarity[columns], begins), shape=shape)
        whole.sort_indices()
        least = np.ceil(threshold * sizes - 1e-9).astype(np.int64)
        n_least = np.minimum(_N_LEAST, least)
        kept = np.arange(len(columns)) - np.repeat(begins[:-1], sizes) < np.repeat(sizes - least + n_least, sizes)
        ends = np.concatenate([[0], np.cumsum(sizes - least + n_least)])
        rarest = csr_array((whole.data[kept], whole.indices[kept], ends), shape=shape)
        found.append(_Indexed(whole, rarest, sizes, n_least))
    return found


def _alike(first: _Indexed, second: _Indexed, *, threshold: float) -> Iterator[tuple[int, int, float]]:
    """(row of the first, row of the second, Jaccard similarity) of every pair that reaches the threshold.

    Texts that share so much share some of their rarest 5-grams (Wang, Li & Feng, "Can we beat the prefix filtering?",
    SIGMOD 2012), so that few pairs need to be counted out and none is missed.
    """
    columns = first.rarest.T.tocsr()
    for begin in range(0, len(second.sizes), _BLOCK):
        shared = (second.rarest[begin : begin + _BLOCK] @ columns).tocoo()
        its, rows = shared.coords[0] + begin, shared.coords[1]
        both = first.sizes[rows], second.sizes[its]
        hopeful = (shared.data >= np.minimum(first.n_least[rows], second.n_least[its])) & (
            np.minimum(*both) >= threshold * np.maximum(*both) - 1e-9
        )
        its, rows = its[hopeful], rows[hopeful]
        for at in range(0, len(its), _PAIRS):
            some, others = its[at : at + _PAIRS], rows[at : at + _PAIRS]
            n_shared = second.whole[some].multiply(first.whole[others]).sum(axis=1)
            similarity = n_shared / (second.sizes[some] + first.sizes[others] - n_shared)
            for place in np.flatnonzero(similarity >= threshold).tolist():
                yield int(others[place]), int(some[place]), float(similarity[place])
