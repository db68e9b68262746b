"""Sentences to logits to probabilities to decisions: the one home of all three, whatever the backend."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from spinscope.config import RunConfig
from spinscope.data.encoding import contexts_of
from spinscope.errors import UserError
from spinscope.model.batching import (
    TOKENS_PER_BATCH,
    PreparedTexts,
    Progress,
    TokenBatch,
    TokenizedTexts,
    prepare_texts,
)
from spinscope.records import Decision, Sentence
from spinscope.taxonomy import Inventory

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

    from spinscope.model.architecture import TechniqueClassifier
    from spinscope.model.article_scoring import ScoredArticle


@dataclass(frozen=True, slots=True)
class Prediction:
    """Scores of n sentences.

    `probabilities`: (n_sentences, n_techniques) float64, 0 to 1, in the inventory's order.
    `n_windows`: (n_sentences,) windows each sentence was scored in; more than 1 where it was too long for one.
    """

    probabilities: np.ndarray
    n_windows: np.ndarray


class Scorer(Protocol):
    """A backend: texts to logits, in two steps of which the first needs no model."""

    def prepare(self, texts: Sequence[str], contexts: Sequence[str]) -> PreparedTexts:
        """What the backend reads of n texts and the n texts beside them. It may run while another `run` does."""
        ...

    def run(self, prepared: PreparedTexts, progress: Progress | None = None) -> tuple[np.ndarray, np.ndarray]:
        """((n, n_techniques) float32 logits, (n,) windows per text)."""
        ...

    def logits(
        self, texts: Sequence[str], contexts: Sequence[str], *, progress: Progress | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Both steps together."""
        ...


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Probabilities of logits, in float64, without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * logits.astype(np.float64)))


class WindowScorer(ABC):
    """Texts in windows, windows in batches; what computes a batch is the engine's alone.

    Attributes:
        tokenizer: of the `tokenizers` library.
        max_tokens: of a window.
        tokens_per_batch: most tokens of a batch, padding included.
        n_techniques: logits per text.
        n_parallel: batches that are computed at the same time, each by one thread; 1 where the engine divides the work
            of a batch itself.
    """

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        *,
        max_tokens: int,
        tokens_per_batch: int,
        n_techniques: int,
        n_parallel: int = 1,
    ) -> None:
        self.tokenizer, self.max_tokens, self.tokens_per_batch = tokenizer, max_tokens, tokens_per_batch
        self.n_techniques, self.n_parallel = n_techniques, n_parallel

    @abstractmethod
    def compute(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """(n, n_techniques) float32 logits of a padded batch, each input (n, longest) int64."""

    def prepare(self, texts: Sequence[str], contexts: Sequence[str]) -> TokenizedTexts:
        """Windows and batches of texts; equal texts with equal contexts once."""
        return prepare_texts(
            self.tokenizer, texts, contexts, max_tokens=self.max_tokens, tokens_per_batch=self.tokens_per_batch
        )

    def run(self, prepared: PreparedTexts, progress: Progress | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Logits per text; of a text in several windows, the highest of each technique."""
        return _over_windows(prepared, self.compute, self.n_techniques, progress, n_parallel=self.n_parallel)

    def logits(
        self, texts: Sequence[str], contexts: Sequence[str], *, progress: Progress | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Logits per text; of a text in several windows, the highest of each technique. Equal inputs are computed once."""
        return self.run(self.prepare(texts, contexts), progress)


class EncoderScorer(WindowScorer):
    """A `TechniqueClassifier` and its tokenizer, on the device the model is on: the engine `torch`."""

    def __init__(
        self,
        model: TechniqueClassifier,
        tokenizer: PreTrainedTokenizerBase,
        *,
        max_tokens: int,
        tokens_per_batch: int = TOKENS_PER_BATCH,
    ) -> None:
        super().__init__(
            tokenizer, max_tokens=max_tokens, tokens_per_batch=tokens_per_batch, n_techniques=model.head.out_features
        )
        self.model = model.eval()

    def compute(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """(n, n_techniques) float32 logits."""
        return self._computed(lambda tensors: self.model(**tensors).logits, inputs)

    def embeddings(
        self, texts: Sequence[str], contexts: Sequence[str], *, progress: Progress | None = None
    ) -> np.ndarray:
        """(n, hidden_size) float32 sentence vectors before the head; of the first window where there are several."""
        prepared = prepare_texts(
            self.tokenizer, texts, contexts, max_tokens=self.max_tokens, tokens_per_batch=self.tokens_per_batch,
            first_window_only=True,
        )  # fmt: skip

        def compute(inputs: Mapping[str, np.ndarray]) -> np.ndarray:
            return self._computed(lambda tensors: self.model.pooled(**tensors), inputs)

        return _over_windows(prepared, compute, self.model.head.in_features, progress)[0]

    def _computed(self, function: Callable[[dict[str, torch.Tensor]], torch.Tensor], inputs: Any) -> np.ndarray:
        import torch

        with torch.inference_mode():
            tensors = {name: torch.from_numpy(values).to(self.model.device) for name, values in inputs.items()}
            return function(tensors).float().cpu().numpy()


def _over_windows(
    prepared: PreparedTexts,
    compute: Callable[[Mapping[str, np.ndarray]], np.ndarray],
    width: int,
    progress: Progress | None,
    *,
    n_parallel: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """The highest values over the windows of each text: ((n, width) float32, (n,) windows)."""
    assert isinstance(prepared, TokenizedTexts)
    out = np.full((prepared.n_unique, width), -np.inf, dtype=np.float32)
    for batch, values in _computed_batches(prepared, compute, n_parallel):
        np.maximum.at(out, batch.rows, values)
        if progress:
            progress(batch.n_done)
    return out[prepared.rows].reshape(prepared.n_texts, width), prepared.n_windows[prepared.rows]


def _computed_batches(
    prepared: TokenizedTexts, compute: Callable[[Mapping[str, np.ndarray]], np.ndarray], n_parallel: int
) -> Iterator[tuple[TokenBatch, np.ndarray]]:
    """Each batch with its values, in order; twice `n_parallel` of them at most are in memory."""
    if n_parallel == 1 or len(prepared.ends) <= 1:
        yield from ((batch, compute(batch.inputs)) for batch in prepared.batches())
        return
    waiting: deque[tuple[TokenBatch, Future[np.ndarray]]] = deque()
    with ThreadPoolExecutor(n_parallel, thread_name_prefix="spinscope-engine") as pool:
        for batch in prepared.batches():
            waiting.append((batch, pool.submit(compute, batch.inputs)))
            if len(waiting) == 2 * n_parallel:
                first, values = waiting.popleft()
                yield first, values.result()
        for batch, values in waiting:
            yield batch, values.result()


class Classifier:
    """A trained classifier with its inventory and its decision: what every verb after training works with.

    Attributes:
        name: of the checkpoint folder.
        identity: hex sha256 over weights, config, tokenizer, taxonomy and decision; '' before it is saved.
        path: the checkpoint folder, or None before it is saved.
        manifest: what the folder's manifest.json says.
        engine: that computes the logits.
        threads: of the engine.
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
        engine: str = "torch",
        threads: int = 1,
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
        self.engine, self.threads = engine, threads

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
        return self.run(self.prepare(sentences), progress=progress)

    def prepare(self, sentences: Sequence[Sentence]) -> PreparedTexts:
        """The part of `probabilities` that needs no model, so that it may run beside another `run`."""
        contexts = contexts_of(sentences, self.config.model.context)
        return self.scorer.prepare([sentence.text for sentence in sentences], contexts)

    def run(self, prepared: PreparedTexts, *, progress: Progress | None = None) -> Prediction:
        """Scores what `prepare` made; rows in its order."""
        logits, n_windows = self.scorer.run(prepared, progress)
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

    def score_articles(self, articles: Iterable[Any]) -> Iterator[ScoredArticle]:
        """Yields each article with its scored sentences; see `spinscope.model.article_scoring.score_articles`."""
        from spinscope.model.article_scoring import score_articles

        return score_articles(self, articles)

    def score_rows(
        self, rows: Mapping[str, Sequence[Any]], *, text_column: str = "text", id_column: str = "id"
    ) -> dict[str, list[Any]]:
        """Columns of articles to columns of scored sentences, for `datasets.Dataset.map(batched=True)`."""
        from spinscope.model.article_scoring import score_rows

        return score_rows(self, rows, text_column=text_column, id_column=id_column)
