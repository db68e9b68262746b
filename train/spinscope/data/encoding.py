"""Sentences to what a model eats: label matrix with mask, token windows, epoch order, padding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from spinscope.data.sampling import EpochSampling
from spinscope.records import Sentence
from spinscope.taxonomy import Inventory

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

NOT_ANNOTATED = -100.0
"""Label of a cell that is not annotated: masked out of the loss, as transformers masks tokens."""

ContextKind = Literal["none", "previous", "next", "neighbours", "title"]
Encoding = dict[str, list[int]]


def label_matrix(sentences: Sequence[Sentence], target: Inventory) -> tuple[np.ndarray, np.ndarray]:
    """Labels in the inventory's one order.

    Returns:
        (n_sentences, n_techniques) int8 of 0 or 1, and (n_sentences, n_techniques) bool, True where annotated.
    """
    column = {technique: index for index, technique in enumerate(target.ids)}
    gold = np.zeros((len(sentences), len(column)), dtype=np.int8)
    mask = np.zeros(gold.shape, dtype=bool)
    for row, sentence in enumerate(sentences):
        mask[row, [column[technique] for technique in sentence.annotated if technique in column]] = True
        gold[row, [column[technique] for technique in sentence.techniques if technique in column]] = 1
    return gold * mask, mask


def article_codes(sentences: Sequence[Sentence]) -> np.ndarray:
    """(n_sentences,) article numbers, 0 to n_articles - 1, in sorted order of article ids."""
    number = {article: index for index, article in enumerate(sorted({sentence.article for sentence in sentences}))}
    return np.array([number[sentence.article] for sentence in sentences], dtype=np.int64)


def contexts_of(sentences: Sequence[Sentence], kind: ContextKind) -> list[str]:
    """The text beside each sentence: neighbours in its article or the title, '' where there is none.

    `neighbours` is the previous and the next sentence, a space between them.
    """
    if kind == "none":
        return [""] * len(sentences)
    known = {(sentence.article, sentence.index): sentence.text for sentence in sentences}
    titles = {sentence.article: sentence.text for sentence in sentences if sentence.part == "title"}
    steps = {"previous": (-1,), "next": (1,), "neighbours": (-1, 1)}.get(kind)
    if steps is not None:
        return [
            " ".join(filter(None, (known.get((sentence.article, sentence.index + step)) for step in steps)))
            for sentence in sentences
        ]
    return [titles.get(sentence.article, "") if sentence.part != "title" else "" for sentence in sentences]


def token_windows(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], contexts: Sequence[str], *, max_tokens: int
) -> list[list[Encoding]]:
    """Tokenises each text into one window, or several that overlap by a quarter where it is longer than `max_tokens`.

    A context takes at most a third of a window and is repeated in each; it is the first of the pair.

    Returns:
        per text its windows, each a dict of token lists as the tokenizer names them (input_ids, attention_mask, ...).
    """
    windows: list[list[Encoding]] = [[] for _ in texts]
    plain = [index for index, context in enumerate(contexts) if not context]
    paired = [index for index, context in enumerate(contexts) if context]
    if plain:
        encoded = _encode(tokenizer, [texts[index] for index in plain], None, max_tokens)
        _deal(encoded, plain, windows)
    if paired:
        short = [shortened_context(tokenizer, contexts[index], max_tokens // 3) for index in paired]
        encoded = _encode(tokenizer, short, [texts[index] for index in paired], max_tokens)
        _deal(encoded, paired, windows)
    return windows


def _encode(tokenizer: Any, first: list[str], second: list[str] | None, max_tokens: int) -> Any:
    # A pair is cut in its second text only: the sentence is windowed, the context is repeated.
    return tokenizer(
        first,
        second,
        truncation="only_second" if second else True,
        max_length=max_tokens,
        stride=max_tokens // 4,
        return_overflowing_tokens=True,
    )


def _deal(encoded: Any, rows: list[int], windows: list[list[Encoding]]) -> None:
    names = [name for name in encoded if name not in ("overflow_to_sample_mapping", "offset_mapping", "length")]
    origins = encoded["overflow_to_sample_mapping"]
    for number, origin in enumerate(origins):
        windows[rows[origin]].append({name: encoded[name][number] for name in names})


def shortened_context(tokenizer: Any, context: str, max_tokens: int) -> str:
    """A context cut after `max_tokens` tokens, as it stands in the text."""
    if len(context) <= max_tokens:  # a token has at least one character, so this cannot be over-long
        return context
    offsets = tokenizer(context, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    return context if len(offsets) <= max_tokens else context[: offsets[max_tokens - 1][1]]


class EpochOrderedDataset:
    """Encoded sentences in an order that is a function of (seed, epoch) alone.

    `accelerate` calls `set_epoch` on a data set at the start of each epoch. Trainer's own samplers draw their order
    from the global generator, which a resumed run finds in another state: with them a run resumed within an epoch
    sees other batches than an uninterrupted one.
    """

    def __init__(
        self,
        encodings: Sequence[Encoding],
        labels: np.ndarray,
        *,
        batch_size: int,
        seed: int,
        length_grouped: bool,
        length_pool: int = 50,
        sampling: EpochSampling | None = None,
    ) -> None:
        self.encodings, self.labels, self.sampling = encodings, labels, sampling
        self.batch_size, self.seed, self.length_grouped, self.length_pool = batch_size, seed, length_grouped, length_pool
        self.lengths = np.array([len(encoding["input_ids"]) for encoding in encodings], dtype=np.int64)
        self.order = np.arange(len(encodings))
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Draws and shuffles for this epoch; with `length_grouped`, batches of similar length, themselves in random order."""
        generator = np.random.default_rng([self.seed, epoch])
        order = generator.permutation(self.sampling.rows(generator) if self.sampling else len(self.lengths))
        if self.length_grouped:
            # Sorting within pools of some batches keeps most of the randomness and most of the gain, where there are many.
            pool = self.batch_size * self.length_pool
            batches = []
            for start in range(0, len(order), pool):
                piece = order[start : start + pool]
                piece = piece[np.argsort(-self.lengths[piece], kind="stable")]
                batches += [piece[at : at + self.batch_size] for at in range(0, len(piece), self.batch_size)]
            full = [batch for batch in batches if len(batch) == self.batch_size]
            rest = [batch for batch in batches if len(batch) < self.batch_size]
            shuffled = [full[index] for index in generator.permutation(len(full))]
            order = np.concatenate(shuffled + rest) if batches else order
        self.order = order

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, index: int) -> dict[str, Any]:
        row = int(self.order[index])
        return {**self.encodings[row], "labels": self.labels[row]}


class PaddingCollator:
    """Pads a batch to its longest member and stacks labels: float32 0, 1, or `NOT_ANNOTATED`."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self.tokenizer = tokenizer

    def __call__(self, batch: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Returns tensors: tokens (n, longest) int64 and, where given, labels (n, n_techniques) float32."""
        import torch

        features = [{name: value for name, value in item.items() if name != "labels"} for item in batch]
        padded = dict(self.tokenizer.pad(features, padding=True, return_tensors="pt"))
        if "labels" in batch[0]:
            padded["labels"] = torch.from_numpy(np.stack([item["labels"] for item in batch]).astype(np.float32))
        return padded


def masked_labels(gold: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """(n_sentences, n_techniques) float32: gold where annotated, else `NOT_ANNOTATED`."""
    return np.where(mask, gold, NOT_ANNOTATED).astype(np.float32)
