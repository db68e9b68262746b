"""Labelled sentences for the verbs that measure: what is read, which part, and what a checkpoint has seen of it."""

from __future__ import annotations

from collections.abc import Sequence

from spinscope.files import dump_json, sha256_of_text
from spinscope.records import Sentence


def data_hash(sentences: Sequence[Sentence]) -> str:
    """Hex sha256 over texts, labels and what is annotated; the order of the sentences plays no part."""
    lines = [
        dump_json([s.article, s.index, s.text, sorted(s.techniques), sorted(s.annotated)])
        for s in sorted(sentences, key=lambda s: (s.article, s.index))
    ]
    return sha256_of_text("\n".join(lines))
