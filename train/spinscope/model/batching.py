"""Texts to padded token batches, once for every engine: equal texts together, windows, order by length, token budget.

What is made here is a function of the texts alone. No model is needed for it, so that the texts of one batch of
articles can be prepared while the model computes another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from spinscope.data.encoding import shortened_context

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Progress = Callable[[int], None]
"""Called with the number of sentences done since the last call."""

LONE_SURROGATES = re.compile("[\ud800-\udfff]")
TOKENS_PER_BATCH = 2048
"""Of torch on a processor: a fifth faster than 4096 on two cores, as fast as 1024."""

TEXTS_AT_ONCE = 2048
"""Tokenised in one call. The library's objects take some kilobytes a text, the arrays made from them some bytes a token."""


@dataclass(frozen=True, slots=True)
class PreparedTexts:
    """Texts ready for a scorer.

    Attributes:
        rows: (n_texts,) which of the unique texts each is.
        n_windows: (n_unique,) windows per unique text.
        recurrence: (n_texts,) how much of each text's wording recurs in its article; None where nobody asks.
        sources: of each text, for a scorer with heads by source; None where nobody asks.
    """

    rows: np.ndarray
    n_windows: np.ndarray
    recurrence: np.ndarray | None = field(default=None, kw_only=True)
    sources: tuple[str, ...] | None = field(default=None, kw_only=True)

    @property
    def n_texts(self) -> int:
        """Texts given."""
        return len(self.rows)

    @property
    def n_unique(self) -> int:
        """Texts that are computed; the others equal one of them, context included."""
        return len(self.n_windows)


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Windows of similar length, padded to the longest of them.

    Attributes:
        inputs: what the model takes, each (n, longest) int64: input_ids, attention_mask, and token_type_ids where the
            tokenizer names them.
        rows: (n,) the unique text of each window.
        n_done: texts given, copies included, whose last window stands here.
    """

    inputs: dict[str, np.ndarray]
    rows: np.ndarray
    n_done: int


@dataclass(frozen=True, slots=True)
class TokenizedTexts(PreparedTexts):
    """Prepared texts as token windows, the longest first.

    Attributes:
        tokens, types: (n_tokens,) token and type ids of all windows, one after the other; no types where the tokenizer
            knows none.
        lengths: (n_windows,) tokens per window, falling.
        window_rows: (n_windows,) the unique text of each window.
        n_done: (n_windows,) texts given whose last window this is.
        ends: windows up to which each batch goes.
        padding: ids of padding tokens and types, and whether they stand before the text.
    """

    tokens: np.ndarray
    types: np.ndarray | None
    lengths: np.ndarray
    window_rows: np.ndarray
    n_done: np.ndarray
    ends: tuple[int, ...]
    padding: tuple[int, int, bool]

    @property
    def n_padded(self) -> int:
        """Tokens of all batches, padding included."""
        begins = (0, *self.ends[:-1])
        return sum(
            int(self.lengths[begin]) * (end - begin) for begin, end in zip(begins, self.ends, strict=True) if end
        )

    @property
    def padded_fraction(self) -> float:
        """The share of the batches' tokens that is padding, 0 to 1."""
        return 1 - len(self.tokens) / self.n_padded if self.n_padded else 0.0

    def batches(self) -> Iterator[TokenBatch]:
        """The batches in their order; padded one by one, so that one at a time is in memory."""
        starts = np.concatenate([[0], np.cumsum(self.lengths)])
        begin = 0
        for end in self.ends:
            yield self._batch(begin, end, slice(int(starts[begin]), int(starts[end])))
            begin = end

    def _batch(self, begin: int, end: int, place: slice) -> TokenBatch:
        token, kind, before = self.padding
        lengths = self.lengths[begin:end, None]
        longest = int(lengths[0, 0])
        columns = np.arange(longest)
        known = columns >= longest - lengths if before else columns < lengths
        ids = np.full(known.shape, token, dtype=np.int64)
        ids[known] = self.tokens[place]
        inputs = {"input_ids": ids, "attention_mask": known.astype(np.int64)}
        if self.types is not None:
            inputs["token_type_ids"] = np.full(known.shape, kind, dtype=np.int64)
            inputs["token_type_ids"][known] = self.types[place]
        return TokenBatch(inputs, self.window_rows[begin:end], int(self.n_done[begin:end].sum()))


def length_batches(lengths: Sequence[int], *, tokens_per_batch: int) -> Iterator[list[int]]:
    """Row numbers in batches of similar length whose padded size stays within `tokens_per_batch`; a function of the
    lengths alone.
    """
    batch: list[int] = []
    for row in np.argsort(-np.asarray(lengths, dtype=np.int64), kind="stable").tolist():
        if batch and lengths[batch[0]] * (len(batch) + 1) > tokens_per_batch:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def prepare_texts(
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    contexts: Sequence[str],
    *,
    max_tokens: int,
    tokens_per_batch: int = TOKENS_PER_BATCH,
    first_window_only: bool = False,
) -> TokenizedTexts:
    """Tokenises each different text once and lays the windows out in batches.

    Args:
        tokenizer: of the `tokenizers` library.
        texts: n of them.
        contexts: (n,) the text beside each; '' for none.
        max_tokens: of a window; a longer text gets several, as `token_windows` cuts them.
        tokens_per_batch: most tokens of a batch, padding included.
        first_window_only: leaves further windows out.
    """
    rows, unique, copies = _unique(list(zip(map(_sound, contexts), map(_sound, texts), strict=True)))
    tokens, types, lengths, owners = _tokenised(tokenizer, unique, max_tokens, first_window_only=first_window_only)
    n_windows = np.bincount(owners, minlength=len(unique))
    last = np.zeros(len(owners), dtype=np.int64)
    last[np.cumsum(n_windows) - 1] = copies
    batches = list(length_batches(lengths.tolist(), tokens_per_batch=tokens_per_batch))
    order = np.array([number for batch in batches for number in batch], dtype=np.int64)
    place = _token_order(lengths, order)
    return TokenizedTexts(
        rows=rows, n_windows=n_windows, tokens=tokens[place], types=None if types is None else types[place],
        lengths=lengths[order], window_rows=owners[order], n_done=last[order],
        ends=tuple(np.cumsum([len(batch) for batch in batches]).tolist()),
        padding=(int(tokenizer.pad_token_id), int(tokenizer.pad_token_type_id), tokenizer.padding_side == "left"),
    )  # fmt: skip


def encoded_windows(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], contexts: Sequence[str], *, max_tokens: int
) -> list[list[Any]]:
    """The windows of each text as the `tokenizers` library encodes them, with `offsets` into the text."""
    pairs = list(zip(map(_sound, contexts), map(_sound, texts), strict=True))
    return [[one, *one.overflowing] for one in _encoded(tokenizer, pairs, max_tokens, with_offsets=True)]


def _sound(text: str) -> str:
    """The text with lone surrogates, which JSON may hold and no tokenizer takes, as U+FFFD."""
    return text if text.isascii() else LONE_SURROGATES.sub("\ufffd", text)


def _unique(pairs: list[tuple[str, str]]) -> tuple[np.ndarray, list[tuple[str, str]], np.ndarray]:
    """The place of each pair among the different ones, those in order of appearance, and how often each is there."""
    numbers: dict[tuple[str, str], int] = {}
    rows = np.array([numbers.setdefault(pair, len(numbers)) for pair in pairs], dtype=np.int64)
    return rows, list(numbers), np.bincount(rows, minlength=len(numbers))


def _tokenised(
    tokenizer: Any, pairs: list[tuple[str, str]], max_tokens: int, *, first_window_only: bool
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray, np.ndarray]:
    """Tokens and types of all windows one after the other, their lengths, and the pair each is of, pairs in order."""
    with_types = "token_type_ids" in tokenizer.model_input_names
    tokens, types = [np.zeros(0, np.int32)], [np.zeros(0, np.int8)]
    lengths: list[int] = []
    owners: list[int] = []
    for begin in range(0, len(pairs), TEXTS_AT_ONCE):
        several = _encoded(tokenizer, pairs[begin : begin + TEXTS_AT_ONCE], max_tokens)
        windows = [[one] if first_window_only else [one, *one.overflowing] for one in several]
        ids = [window.ids for window in chain.from_iterable(windows)]
        tokens.append(np.fromiter(chain.from_iterable(ids), dtype=np.int32))
        if with_types:
            kinds = (window.type_ids for window in chain.from_iterable(windows))
            types.append(np.fromiter(chain.from_iterable(kinds), dtype=np.int8))
        lengths += map(len, ids)
        owners += (row for row, some in enumerate(windows, start=begin) for _ in some)
    return (
        np.concatenate(tokens), np.concatenate(types) if with_types else None,
        np.array(lengths, dtype=np.int64), np.array(owners, dtype=np.int64),
    )  # fmt: skip


def _encoded(tokenizer: Any, pairs: list[tuple[str, str]], max_tokens: int, *, with_offsets: bool = False) -> list[Any]:
    """The library's encoding of each pair (its further windows as `overflowing`), texts without context alone."""
    found: list[Any] = [None] * len(pairs)
    plain = [row for row, (context, _) in enumerate(pairs) if not context]
    paired = [row for row, (context, _) in enumerate(pairs) if context]
    if plain:
        _set_truncation(tokenizer, "longest_first", max_tokens)
        backend = tokenizer.backend_tokenizer
        encode = backend.encode_batch if with_offsets else backend.encode_batch_fast
        for row, encoding in zip(plain, encode([pairs[row][1] for row in plain]), strict=True):
            # The fast way, which leaves offsets out, forgets the types of further windows.
            found[row] = backend.encode(pairs[row][1]) if encoding.overflowing and not with_offsets else encoding
    if paired:
        short = [shortened_context(tokenizer, pairs[row][0], max_tokens // 3) for row in paired]
        # A pair is cut in its second text only: the sentence is windowed, the context is repeated.
        _set_truncation(tokenizer, "only_second", max_tokens)
        inputs = [(context, pairs[row][1]) for context, row in zip(short, paired, strict=True)]
        for row, encoding in zip(paired, tokenizer.backend_tokenizer.encode_batch(inputs), strict=True):
            found[row] = encoding
    return found


def _set_truncation(tokenizer: Any, strategy: str, max_tokens: int) -> None:
    backend = tokenizer.backend_tokenizer
    backend.no_padding()
    backend.enable_truncation(
        max_length=max_tokens, stride=max_tokens // 4, strategy=strategy, direction=tokenizer.truncation_side
    )


def _token_order(lengths: np.ndarray, order: np.ndarray) -> np.ndarray:
    """(n_tokens,) where the tokens of the windows stand when the windows are put into `order`."""
    starts = np.cumsum(lengths) - lengths
    sorted_lengths = lengths[order]
    shift = starts[order] - (np.cumsum(sorted_lengths) - sorted_lengths)
    return np.asarray(np.arange(int(lengths.sum())) + np.repeat(shift, sorted_lengths))
