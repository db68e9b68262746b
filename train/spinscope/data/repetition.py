"""How much of a sentence's wording stands again near it in its article: what no sentence tells by itself."""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spinscope.records import Sentence

# Chosen by cross-validation over the 371 articles of the Propaganda Techniques Corpus; `recurrence` says what each is.
MEMORY = 10.0
SHORTEST = 5
PAIR_WEIGHT = 3.0
USUAL = 1.0
"""About the mean over sentences of news (1.06 in that corpus)."""

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")


def recurrence(sentences: Sequence[Sentence]) -> np.ndarray:
    """(n_sentences,) float64: how much of each sentence's wording stands in other sentences near it, 0 about the usual.

    Counted are words of at least `SHORTEST` letters, as their length less `SHORTEST - 1` (long words are rarer, and
    their return is less of an accident), and pairs of neighbouring words of which one is that long, as `PAIR_WEIGHT`.
    Each counts once for every other sentence of the article that has it too, less the farther away: by
    exp(-distance / `MEMORY`), the distance in sentences. Names do not count, because every article repeats whom it is
    about: a name is what stands with a capital more often than without, at other places than a sentence's start; in
    scripts without capitals nothing is taken for a name. The sum is divided by the root of the sentence's number of
    words; the value is log(1 + sum) - `USUAL`. A sentence without another of its article has 0: of it nothing is known,
    which is not the same as that it repeats nothing.

    Words are compared in NFC and case-folded, and by letters and digits alone. Scripts that put no space between words
    have no words here that could return: they get values near the least. Time and memory grow with the number of words.

    Args:
        sentences: of any number of articles, in any order; `index` tells the distance. Sentences of an article that
            are not given cannot be counted. Where an article has an index twice, it is taken for two articles.
    """
    out = np.zeros(len(sentences))
    for rows in _articles(sentences):
        if len(rows) > 1:
            words = _Words.of([sentences[row].text for row in rows])
            sums = _returns(*_units(words), np.array([sentences[row].index for row in rows], dtype=np.float64))
            out[rows] = np.log1p(sums / np.sqrt(np.maximum(words.n_words, 1))) - USUAL
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


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of an article as numbers: a word of text costs four bytes here, as an object some sixty.

    `numbers` (n,) says which word each is, `n_words` (n_sentences,) how many each sentence has; `lengths` and `names`
    (n_different,) how long each different word is, and whether it is a name.
    """

    numbers: np.ndarray
    n_words: np.ndarray
    lengths: np.ndarray
    names: np.ndarray

    @classmethod
    def of(cls, texts: Sequence[str]) -> _Words:
        """Case-folded, so that what differs by case alone is one word."""
        known: dict[str, int] = {}
        capitals: Counter[int] = Counter()
        numbers, n_words = array("i"), array("i")
        for text in texts:
            words = _WORD.findall(unicodedata.normalize("NFC", text))
            several = [known.setdefault(word.casefold().replace("\u2019", "'"), len(known)) for word in words]
            marked = [word[0].isupper() for word in words]
            # With a capital in more than half of its words it is a headline or shouted: it tells of no names.
            if 2 * sum(marked) <= len(marked):
                for number, is_capital in zip(several[1:], marked[1:], strict=True):
                    capitals[number] += 1 if is_capital else -1
            numbers.extend(several)
            n_words.append(len(several))
        return cls(
            np.array(numbers, dtype=np.int64), np.array(n_words, dtype=np.int64),
            np.array([len(word) for word in known], dtype=np.int64),
            np.array([capitals[number] > 0 for number in range(len(known))], dtype=bool),
        )  # fmt: skip


def _units(words: _Words) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n,) codes of the words and pairs that count, the sentence each stands in, and what each counts."""
    numbers, sentence = words.numbers, np.repeat(np.arange(len(words.n_words)), words.n_words)
    lengths, counts = words.lengths[numbers], ~words.names[numbers]
    is_long = lengths >= SHORTEST
    alone = np.flatnonzero(counts & is_long)
    paired = np.flatnonzero(
        (sentence[:-1] == sentence[1:]) & counts[:-1] & counts[1:] & (is_long[:-1] | is_long[1:])
    )  # fmt: skip
    pairs = (numbers[paired] + 1) * len(words.lengths) + numbers[paired + 1]
    return (
        np.concatenate([numbers[alone], pairs]),
        np.concatenate([sentence[alone], sentence[paired]]),
        np.concatenate([lengths[alone] - (SHORTEST - 1.0), np.full(len(paired), PAIR_WEIGHT)]),
    )


def _returns(codes: np.ndarray, sentence: np.ndarray, weights: np.ndarray, places: np.ndarray) -> np.ndarray:
    """(n_sentences,) sums over units and the other sentences that have each: weight times exp(-distance / MEMORY).

    Forwards, then backwards: what is remembered of a unit fades with the distance from one sentence that has it to the
    next, so that a unit costs the same whether it returns twice or a thousand times.

    Args:
        codes: (n,) of units, in any order.
        sentence: (n,) that each stands in; one may have a unit more than once.
        weights: (n,) what each counts.
        places: (n_sentences,) indices, rising.
    """
    order = np.lexsort((sentence, codes))
    codes, sentence, weights = codes[order], sentence[order], weights[order]
    first = np.ones(len(codes), dtype=bool)
    first[1:] = (codes[1:] != codes[:-1]) | (sentence[1:] != sentence[:-1])
    codes, sentence, weights = codes[first], sentence[first], weights[first]
    again = np.zeros(len(codes) + 1, dtype=bool)
    again[1:-1] = codes[1:] == codes[:-1]
    returning = again[:-1] | again[1:]
    fades = again[:-1] * np.exp(-np.abs(np.diff(places[sentence], prepend=0.0)) / MEMORY)
    fades, sentence, weights = fades[returning], sentence[returning], weights[returning]
    before = _remembered(fades)
    after = _remembered(np.append(fades[1:], 0.0)[::-1])[::-1]
    return np.bincount(sentence, weights * (before + after), minlength=len(places))


def _remembered(fades: np.ndarray) -> np.ndarray:
    """(n,) sums s of s[i] = fades[i] * (s[i - 1] + 1), from s = 0."""
    out, sum_ = np.empty(len(fades)), 0.0
    for number, fade in enumerate(fades.tolist()):
        sum_ = fade * (sum_ + 1.0)
        out[number] = sum_
    return out
