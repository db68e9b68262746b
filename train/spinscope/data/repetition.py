"""How much of a sentence's wording stands again near it in its article: what no sentence tells by itself."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence

import numpy as np

from spinscope.records import Sentence

# Chosen by cross-validation over the 371 articles of the Propaganda Techniques Corpus; `recurrence` says what each is.
MEMORY = 10.0
SHORTEST = 5
PAIR_WEIGHT = 3.0

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
Place = tuple[int, int]
"""Article, by number, and the sentence's index in it."""


def recurrence(sentences: Sequence[Sentence]) -> np.ndarray:
    """(n_sentences,) float64, 0 or more: how much of each sentence's wording stands in other sentences near it.

    Counted are words of at least `SHORTEST` letters, as their length less `SHORTEST - 1` (long words are rarer, and
    their return is less of an accident), and pairs of neighbouring words of which one is that long, as `PAIR_WEIGHT`.
    Each counts once for every other sentence of the article that has it too, less the farther away: by
    exp(-distance / `MEMORY`), the distance in sentences. Names do not count, because every article repeats whom it is
    about: a name is what stands with a capital more often than without, at other places than a sentence's start; in
    scripts without capitals nothing is taken for a name. The sum is divided by the root of the sentence's number of
    words, and log(1 + sum) is returned, so that a sentence alone has 0.

    Words are compared in NFC and case-folded, and by letters and digits alone. Scripts that put no space between words
    have no words here that could return: they get values near 0. Time and memory grow with the number of words.

    Args:
        sentences: of any number of articles, in any order; `index` tells the distance. Sentences of an article that
            are not given cannot be counted. Where an article has an index twice, it is taken for two articles.
    """
    out = np.zeros(len(sentences))
    for rows in _articles(sentences):
        if len(rows) > 1:
            words = [_WORD.findall(unicodedata.normalize("NFC", sentences[row].text)) for row in rows]
            units = _units(words)
            places = [sentences[row].index for row in rows]
            for row, several, value in zip(rows, words, _returns(units, places), strict=True):
                out[row] = math.log1p(value / math.sqrt(max(len(several), 1)))
    return out


def _articles(sentences: Sequence[Sentence]) -> list[list[int]]:
    """Row numbers by article, in the order of the sentences' indices."""
    seen: Counter[tuple[str, int]] = Counter()
    rows: dict[tuple[str, int], list[int]] = defaultdict(list)
    for row, sentence in enumerate(sentences):
        place = (sentence.article, sentence.index)
        rows[sentence.article, seen[place]].append(row)
        seen[place] += 1
    return [sorted(several, key=lambda row: sentences[row].index) for several in rows.values()]


def _units(words: Sequence[Sequence[str]]) -> list[dict[Hashable, float]]:
    """Per sentence of an article its words and pairs that count, with what each counts."""
    folded = [[word.casefold().replace("\u2019", "'") for word in several] for several in words]
    names = _names(words, folded)
    units: list[dict[Hashable, float]] = []
    for several in folded:
        found: dict[Hashable, float] = {}
        for number, word in enumerate(several):
            if word in names:
                continue
            if len(word) >= SHORTEST:
                found[word] = float(len(word) - SHORTEST + 1)
            following = several[number + 1] if number + 1 < len(several) else ""
            if following and following not in names and max(len(word), len(following)) >= SHORTEST:
                found[word, following] = PAIR_WEIGHT
        units.append(found)
    return units


def _names(words: Sequence[Sequence[str]], folded: Sequence[Sequence[str]]) -> set[str]:
    """Case-folded words that the article writes with a capital where it need not.

    A sentence with a capital in more than half of its words is a headline or shouted: it tells of no names.
    """
    capitals: Counter[str] = Counter()
    for several, folds in zip(words, folded, strict=True):
        marked = [word[0].isupper() for word in several]
        if 2 * sum(marked) <= len(marked):
            for fold, is_capital in zip(folds[1:], marked[1:], strict=True):
                capitals[fold] += 1 if is_capital else -1
    return {word for word, more in capitals.items() if more > 0}


def _returns(units: Sequence[dict[Hashable, float]], places: Sequence[int]) -> list[float]:
    """Per sentence the sum over its units and the other sentences that have each: weight times exp(-distance / MEMORY).

    Forwards, then backwards: what is remembered of a unit fades with the distance from one sentence that has it to the
    next, so that a unit costs the same whether it returns twice or a thousand times.
    """
    totals = [0.0] * len(units)
    for order in (range(len(units)), range(len(units) - 1, -1, -1)):
        remembered: dict[Hashable, tuple[int, float]] = {}
        for number in order:
            place = places[number]
            for unit, weight in units[number].items():
                last, sum_ = remembered.get(unit, (place, 0.0))
                if sum_:
                    sum_ *= math.exp(-abs(place - last) / MEMORY)
                    totals[number] += weight * sum_
                remembered[unit] = (place, sum_ + 1.0)
    return totals
