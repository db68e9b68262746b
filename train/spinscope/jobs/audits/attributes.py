"""What sentences say of where they come from: source, topic, date; each None where it is not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spinscope.records import Sentence

SOURCE_KEYS = ("source", "outlet", "publisher", "site")
TOPIC_KEYS = ("topic", "domain", "category", "section")
DATE_KEYS = ("date", "published", "publication_date")


def sources_of(sentences: Sequence[Sentence]) -> list[str | None]:
    """The source of each sentence: from its metadata, else the name of the corpus it was read from."""
    told = [_first(sentence, SOURCE_KEYS) for sentence in sentences]
    if any(told):
        return told
    corpora = [sentence.source or None for sentence in sentences]
    return corpora if len(set(corpora)) > 1 else [None] * len(sentences)


def topics_of(sentences: Sequence[Sentence]) -> list[str | None]:
    """The topic or domain of each sentence, from its metadata."""
    return [_first(sentence, TOPIC_KEYS) for sentence in sentences]


def months_of(sentences: Sequence[Sentence]) -> list[str | None]:
    """The month of each sentence's date, as 2024-05."""
    dates = [_first(sentence, DATE_KEYS) for sentence in sentences]
    return [text[:7] if text and len(text) >= 7 and text[4] == "-" else None for text in dates]


def _first(sentence: Sentence, keys: Sequence[str]) -> str | None:
    values: list[Any] = [sentence.metadata[key] for key in keys if sentence.metadata.get(key)]
    return str(values[0]) if values else None
