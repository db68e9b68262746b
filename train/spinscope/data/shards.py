"""Shards: the articles of a run in groups that are a function of the input alone, each known by what it holds.

A shard is what is scored together, whoever does it: sentences are sorted, de-duplicated and batched within it, so that
one shard has one result on one machine or on many, in one go or after an interruption.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from spinscope.data.inputs import Skipped
from spinscope.files import dump_json, sha256_of_text
from spinscope.records import Article

ARTICLES_PER_SHARD = 128
CHARACTERS_PER_SHARD = 4_000_000


@dataclass(frozen=True, slots=True)
class Shard:
    """What was read, in the order of the input: articles, and inputs that gave none. `number` counts from 0."""

    number: int
    items: tuple[Article | Skipped, ...]


@dataclass(frozen=True, slots=True)
class ShardDigest:
    """What a shard is known by.

    Attributes:
        input_sha256: of ids, texts, headlines and metadata: equal shards give equal output.
        text_sha256: (n_items,) of each article's text; '' for what was skipped.
    """

    input_sha256: str
    text_sha256: tuple[str, ...]


def shards(
    items: Iterable[Article | Skipped],
    *,
    n_articles: int = ARTICLES_PER_SHARD,
    n_characters: int = CHARACTERS_PER_SHARD,
) -> Iterator[Shard]:
    """Groups what is read into shards, each closed at `n_articles` inputs or `n_characters`, whichever comes first.

    An article is never divided; skipped inputs count as articles. One shard is in memory at a time.
    """
    held: list[Article | Skipped] = []
    number, size = 0, 0
    for item in items:
        held.append(item)
        size += 0 if isinstance(item, Skipped) else len(item.text)
        if len(held) >= n_articles or size >= n_characters:
            yield Shard(number, tuple(held))
            number, held, size = number + 1, [], 0
    if held:
        yield Shard(number, tuple(held))


def digest_of(shard: Shard) -> ShardDigest:
    """The digest of a shard; metadata must be what JSON can carry."""
    texts = tuple("" if isinstance(item, Skipped) else sha256_of_text(item.text) for item in shard.items)
    whole = hashlib.sha256()
    for item, digest in zip(shard.items, texts, strict=True):
        if isinstance(item, Skipped):
            facts: list[Any] = [item.path, item.reason]
        else:
            facts = [item.id, digest, item.title_end, dict(item.metadata)]
        whole.update(dump_json(facts).encode("utf-8", "surrogatepass") + b"\n")
    return ShardDigest(whole.hexdigest(), texts)
