"""Sentences to logits to probabilities to decisions: the one home of all three, whatever the backend."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from spinscope.config import RunConfig
from spinscope.data.encoding import Encoding, contexts_of, token_windows
from spinscope.errors import UserError
from spinscope.records import Decision, Sentence
from spinscope.taxonomy import Inventory

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

    from spinscope.model.architecture import TechniqueClassifier

Progress = Callable[[int], None]
"""Called with the number of sentences done since the last call."""

TOKENS_PER_BATCH = 4096


@dataclass(frozen=True, slots=True)
class Prediction:
    """Scores of n sentences.

    `probabilities`: (n_sentences, n_techniques) float64, 0 to 1, in the inventory's order.
    `n_windows`: (n_sentences,) windows each sentence was scored in; more than 1 where it was too long for one.
    """

    probabilities: np.ndarray
    n_windows: np.ndarray


class Scorer(Protocol):
    """A backend: texts to logits."""

    def logits(
        self, texts: Sequence[str], contexts: Sequence[str], *, progress: Progress | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """((n, n_techniques) float32 logits, (n,) windows per text)."""
        ...


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Probabilities of logits, in float64, without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * logits.astype(np.float64)))


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


class EncoderScorer:
    """A `TechniqueClassifier` and its tokenizer, on the device the model is on."""

    def __init__(
        self,
        model: TechniqueClassifier,
        tokenizer: PreTrainedTokenizerBase,
        *,
        max_tokens: int,
        tokens_per_batch: int = TOKENS_PER_BATCH,
    ) -> None:
        self.model, self.tokenizer = model.eval(), tokenizer
        self.max_tokens, self.tokens_per_batch = max_tokens, tokens_per_batch

    def logits(
        self, texts: Sequence[str], contexts: Sequence[str], *, progress: Progress | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Logits per text; of a text in several windows, the highest of each technique. Equal inputs are computed once."""
        return self._over_windows(
            texts, contexts, self.model.config.num_labels, lambda inputs: self.model(**inputs).logits, progress
        )

    def embeddings(
        self, texts: Sequence[str], contexts: Sequence[str], *, progress: Progress | None = None
    ) -> np.ndarray:
        """(n, hidden_size) float32 sentence vectors before the head; of the first window where there are several."""
        width = self.model.head.in_features
        vectors, _ = self._over_windows(
            texts, contexts, width, lambda inputs: self.model.pooled(**inputs), progress, first_window_only=True
        )
        return vectors

    def _over_windows(
        self,
        texts: Sequence[str],
        contexts: Sequence[str],
        width: int,
        compute: Callable[[dict[str, torch.Tensor]], torch.Tensor],
        progress: Progress | None,
        *,
        first_window_only: bool = False,
    ) -> tuple[np.ndarray, np.ndarray]:
        import torch

        pairs = list(zip(contexts, texts, strict=True))
        unique = {pair: number for number, pair in enumerate(dict.fromkeys(pairs))}
        copies = np.bincount([unique[pair] for pair in pairs], minlength=len(unique)) if pairs else np.zeros(0, int)
        windows = (
            token_windows(
                self.tokenizer,
                [text for _, text in unique],
                [context for context, _ in unique],
                max_tokens=self.max_tokens,
            )
            if unique
            else []
        )
        if first_window_only:
            windows = [several[:1] for several in windows]
        flat = [(row, window) for row, several in enumerate(windows) for window in several]
        out = np.full((len(unique), width), -np.inf, dtype=np.float32)
        lengths = [len(window["input_ids"]) for _, window in flat]
        last = {row: number for number, (row, _) in enumerate(flat)}
        with torch.inference_mode():
            for batch in length_batches(lengths, tokens_per_batch=self.tokens_per_batch):
                values = compute(self._padded([flat[number][1] for number in batch])).float().cpu().numpy()
                np.maximum.at(out, [flat[number][0] for number in batch], values)
                if progress:
                    progress(int(sum(copies[flat[number][0]] for number in batch if last[flat[number][0]] == number)))
        rows = [unique[pair] for pair in pairs]
        return out[rows].reshape(len(pairs), width), np.array([len(windows[row]) for row in rows], dtype=np.int64)

    def _padded(self, windows: list[Encoding]) -> dict[str, torch.Tensor]:
        batch = self.tokenizer.pad(windows, padding=True, return_tensors="pt")
        return {name: values.to(self.model.device) for name, values in batch.items()}


class Classifier:
    """A trained classifier with its inventory and its decision: what every verb after training works with.

    Attributes:
        name: of the checkpoint folder.
        identity: hex sha256 over weights, config, tokenizer, taxonomy and decision; '' before it is saved.
        path: the checkpoint folder, or None before it is saved.
        manifest: what the folder's manifest.json says.
    """

    def __init__(
        self,
        scorer: Scorer,
        *,
        inventory: Inventory,
        decision: Decision,
        config: RunConfig,
        name: str = "unsaved",
        identity: str = "",
        path: Path | None = None,
        manifest: Mapping[str, Any] | None = None,
    ) -> None:
        if decision.techniques != inventory.ids:
            raise UserError(
                f"thresholds for {len(decision.techniques)} techniques ({', '.join(decision.techniques[:3])}, ...)",
                where=name,
                expected=f"the {len(inventory.ids)} of {inventory.name}, in its order",
                remedy="decision and taxonomy come from different checkpoints: restore the folder.",
            )
        self.scorer, self.inventory, self.decision, self.config = scorer, inventory, decision, config
        self.name, self.identity, self.path, self.manifest = name, identity, path, dict(manifest or {})

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes of the languages it was trained on."""
        return tuple(self.config.data.languages)

    @cached_property
    def thresholds(self) -> np.ndarray:
        """(n_techniques,) cut-offs, 0 to 1."""
        return np.array(self.decision.thresholds, dtype=np.float64)

    def training_hashes(self) -> set[str]:
        """`text_hash` of each sentence it was trained on (empty where the checkpoint keeps none)."""
        file = self.path / "training-sentences.txt" if self.path else None
        return set(file.read_text(encoding="utf-8").split()) if file and file.is_file() else set()

    def probabilities(self, sentences: Sequence[Sentence], *, progress: Progress | None = None) -> Prediction:
        """Scores sentences; context (previous sentence, title) comes from the other sentences given of the same article."""
        contexts = contexts_of(sentences, self.config.model.context)
        logits, n_windows = self.scorer.logits([sentence.text for sentence in sentences], contexts, progress=progress)
        return Prediction(sigmoid(logits), n_windows)

    def decide(self, probabilities: np.ndarray) -> np.ndarray:
        """(n_sentences, n_techniques) bool: True where the probability reaches the technique's threshold."""
        return probabilities >= self.thresholds

    def predict(self, texts: str | Sequence[str]) -> list[dict[str, Any]]:
        """Scores texts one by one, without context.

        Returns:
            per text {"text", "techniques": decided ids, "probabilities": {id: 0 to 1}}.
        """
        texts = [texts] if isinstance(texts, str) else list(texts)
        sentences = [Sentence(str(index), 0, 0, len(text), text) for index, text in enumerate(texts)]
        probabilities = self.probabilities(sentences).probabilities
        decisions = self.decide(probabilities)
        ids = self.inventory.ids
        return [
            {
                "text": text,
                "techniques": [technique for technique, decided in zip(ids, row_decisions, strict=True) if decided],
                "probabilities": dict(zip(ids, row.tolist(), strict=True)),
            }
            for text, row, row_decisions in zip(texts, probabilities, decisions, strict=True)
        ]
