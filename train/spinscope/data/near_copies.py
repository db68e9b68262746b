"""Every pair of nearly equal texts between two lists: exact, where `duplicates.near_duplicates` may miss one."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from spinscope.data.duplicates import normalised, shingles_of


def near_copies(first: Sequence[str], second: Sequence[str], *, threshold: float) -> list[tuple[int, int, float]]:
    """Pairs of a text of one list and a text of the other with at least this Jaccard similarity of character 5-grams.

    Two sets that are so similar share one of their rarest 5-grams (prefix filtering: Bayardo, Ma & Srikant, WWW 2007),
    so that few pairs need to be looked at and none is missed.

    Args:
        first: texts.
        second: texts.
        threshold: least similarity, above 0, at most 1.

    Returns:
        (row of the first, row of the second, similarity), for each text of the second list the most similar of the
        first; most similar first.
    """
    sets = [[shingles_of(normalised(text)) for text in texts] for texts in (first, second)]
    counts = Counter(shingle for texts in sets for one in texts for shingle in one)

    def rarest(one: frozenset[str]) -> list[str]:
        n_kept = len(one) - math.ceil(threshold * len(one) - 1e-9) + 1
        return sorted(one, key=lambda shingle: (counts[shingle], shingle))[:n_kept]

    holders: dict[str, list[int]] = defaultdict(list)
    for row, one in enumerate(sets[0]):
        for shingle in rarest(one):
            holders[shingle].append(row)
    pairs = []
    for row, one in enumerate(sets[1]):
        candidates = sorted({other for shingle in rarest(one) for other in holders.get(shingle, ())})
        found = [(len(one & sets[0][other]) / len(one | sets[0][other]), -other) for other in candidates]
        if found and max(found)[0] >= threshold:
            similarity, other = max(found)
            pairs.append((-other, row, similarity))
    return sorted(pairs, key=lambda pair: (-pair[2], pair[1]))
