"""Which language a text is in: py3langid, with "cannot tell" for texts too short to tell."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

UNDECIDED = ""
_LEAST_LETTERS = 40
_SAMPLE_CHARACTERS = 5000
_LEAST_CONFIDENCE = 0.7


def detect_language(text: str) -> tuple[str, float]:
    """The text's language as ISO 639-1 code and the confidence in it, 0 to 1.

    Texts of fewer than 40 letters give `("", 0.0)`: undecided. Of longer texts the first 5,000 characters and as many
    from the middle are looked at.
    """
    sample = text[:_SAMPLE_CHARACTERS]
    if len(text) > 4 * _SAMPLE_CHARACTERS:
        middle = len(text) // 2
        sample += " " + text[middle : middle + _SAMPLE_CHARACTERS]
    if sum(character.isalpha() for character in sample) < _LEAST_LETTERS:
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
