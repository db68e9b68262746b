"""Which language a text is in: py3langid, with "cannot tell" for texts too short to tell."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

UNDECIDED = ""
_LEAST_LETTERS = 40
_SAMPLE_CHARACTERS = 5000
_PIECES, _PIECE_CHARACTERS = 6, 100
_SURE = 0.99
_LEAST_CONFIDENCE = 0.7


def detect_language(text: str) -> tuple[str, float]:
    """The text's language as ISO 639-1 code and the confidence in it, 0 to 1.

    Texts of fewer than 40 letters give `("", 0.0)`: undecided. Of longer texts six pieces of 100 characters, spread
    from beginning to end, are looked at, and where they leave a doubt the first 5,000 and as many from the middle.
    """
    if len(text) > 2 * _PIECES * _PIECE_CHARACTERS:
        places = [number * (len(text) - _PIECE_CHARACTERS) // (_PIECES - 1) for number in range(_PIECES)]
        language, confidence = _classified(" ".join(text[at : at + _PIECE_CHARACTERS] for at in places))
        if confidence >= _SURE:
            return language, confidence
    sample = text[:_SAMPLE_CHARACTERS]
    if len(text) > 4 * _SAMPLE_CHARACTERS:
        middle = len(text) // 2
        sample += " " + text[middle : middle + _SAMPLE_CHARACTERS]
    return _classified(sample)


def _classified(sample: str) -> tuple[str, float]:
    if sum(map(str.isalpha, sample)) < _LEAST_LETTERS:
        return UNDECIDED, 0.0
    language, confidence = _identifier().classify(sample)
    return str(language), float(confidence)


def is_foreign(text: str, languages: tuple[str, ...] | list[str]) -> str | None:
    """The text's language where it is surely none of `languages`, else None: what cannot be told is accepted."""
    language, confidence = detect_language(text)
    return language if surely_foreign(language, confidence, languages) else None


def surely_foreign(language: str, confidence: float, languages: Sequence[str]) -> bool:
    """Whether what `detect_language` said of a text means that it is in none of `languages`."""
    return language != UNDECIDED and confidence >= _LEAST_CONFIDENCE and language not in languages


@functools.cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
