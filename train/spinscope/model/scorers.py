"""What computes logits: texts in windows, windows in batches, whatever the engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from spinscope.model.batching import (
    TOKENS_PER_BATCH,
    PreparedTexts,
    Progress,
    TokenBatch,
    TokenizedTexts,
    prepare_texts,
)

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

    from spinscope.model.architecture import TechniqueClassifier
    from spinscope.model.source_heads import SourceHeads


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


class WindowScorer(ABC):
    """Texts in windows, windows in batches; what computes a batch is the engine's alone.

    Attributes:
        tokenizer: of the `tokenizers` library.
        max_tokens: of a window.
        tokens_per_batch: most tokens of a batch, padding included.
        n_techniques: logits per text.
        heads: rows of the head that follow the techniques, each of one source; None: there are none.
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
        heads: SourceHeads | None = None,
    ) -> None:
        self.tokenizer, self.max_tokens, self.tokens_per_batch = tokenizer, max_tokens, tokens_per_batch
        self.n_techniques, self.n_parallel, self.heads = n_techniques, n_parallel, heads

    @abstractmethod
    def compute(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """(n, n_techniques) float32 logits of a padded batch, those of the sources after them; each input (n, longest) int64."""

    def prepare(self, texts: Sequence[str], contexts: Sequence[str]) -> TokenizedTexts:
        """Windows and batches of texts; equal texts with equal contexts once."""
        return prepare_texts(
            self.tokenizer, texts, contexts, max_tokens=self.max_tokens, tokens_per_batch=self.tokens_per_batch
        )

    def run(self, prepared: PreparedTexts, progress: Progress | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Logits per text; of a text in several windows, the highest of each technique."""
        width = self.n_techniques + (len(self.heads.rows) if self.heads else 0)
        logits, n_windows = _over_windows(prepared, self.compute, width, progress, n_parallel=self.n_parallel)
        return self.heads.chosen(logits, prepared.sources) if self.heads else logits, n_windows

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
        heads: SourceHeads | None = None,
    ) -> None:
        super().__init__(
            tokenizer, max_tokens=max_tokens, tokens_per_batch=tokens_per_batch, heads=heads,
            n_techniques=heads.n_techniques if heads else model.head.out_features,
        )  # fmt: skip
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
