"""Exact evidence of a TF-IDF checkpoint: its logit is a sum over n-grams, and each n-gram is made of words."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from spinscope.data.words import Place
from spinscope.model.linear import TermTexts, TfidfScorer

_TOKEN = re.compile(r"(?u)\b\w\w+\b")
"""What the vectorizer counts as a word."""


def term_shares(
    scorer: TfidfScorer, texts: Sequence[str], places: Sequence[Sequence[Place]], cells: Sequence[tuple[int, int]]
) -> list[tuple[np.ndarray, float, float]]:
    """What words add to logits, per cell: (n_words,) log-odds, 0 for what is no word, and the bias.

    The term of an n-gram (weight times tf-idf) is divided equally among its occurrences, and that of an occurrence
    equally among its words: all shares and the bias add up to the logit.

    Args:
        scorer: of the checkpoint.
        texts: n of them.
        places: (n,) words of each.
        cells: (row, column) of text and technique.
    """
    numbers = {term: number for number, term in enumerate(scorer.terms)}
    prepared = scorer.prepare(texts, [""] * len(texts))
    assert isinstance(prepared, TermTexts)
    occurrences: dict[int, list[tuple[int, list[int]]]] = {}
    found = []
    for row, column in cells:
        if row not in occurrences:
            occurrences[row] = list(_occurrences(texts[row], places[row], numbers, scorer.max_ngram))
        weights = np.zeros(len(places[row]))
        if prepared.features is not None:
            features = prepared.features[prepared.rows[row]]
            values = dict(zip(features.indices.tolist(), features.data.tolist(), strict=True))
            counts: dict[int, int] = {}
            for term, _ in occurrences[row]:
                counts[term] = counts.get(term, 0) + 1
            for term, words in occurrences[row]:
                share = values[term] * float(scorer.weight[column, term]) / counts[term] / len(words)
                for word in words:
                    weights[word] += share
        found.append((weights, 0.0, float(scorer.bias[column])))
    return found


def _occurrences(
    text: str, places: Sequence[Place], numbers: dict[str, int], max_ngram: int
) -> list[tuple[int, list[int]]]:
    """(term, words it is made of) of each n-gram of the text that the scorer knows."""
    lowered, origin = _lowered(text)
    word_at = np.full(len(text) + 1, -1)
    for number, (start, end) in enumerate(places):
        word_at[start:end] = number
    tokens = [(match.group(), int(word_at[origin[match.start()]])) for match in _TOKEN.finditer(lowered)]
    found = []
    for n in range(1, max_ngram + 1):
        for begin in range(len(tokens) - n + 1):
            several = tokens[begin : begin + n]
            term = numbers.get(" ".join(token for token, _ in several))
            if term is not None:
                found.append((term, [word for _, word in several]))
    return found


def _lowered(text: str) -> tuple[str, list[int]]:
    """The text in lower case, and where each of its characters comes from: some letters become two."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered, list(range(len(text)))
    pieces = [character.lower() for character in text]
    # A final sigma is lowered by its neighbours, but to one character: places are those of the pieces.
    return lowered, [number for number, piece in enumerate(pieces) for _ in piece]
