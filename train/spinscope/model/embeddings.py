"""Sentence vectors kept on disk, so that a frozen encoder reads each text once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from spinscope.model.batching import Progress
from spinscope.model.scorers import EncoderScorer


def cached_embeddings(
    scorer: EncoderScorer,
    texts: Sequence[str],
    contexts: Sequence[str],
    *,
    cache_dir: Path,
    progress: Progress | None = None,
) -> np.ndarray:
    """(n, hidden_size) float32 vectors, computed once for the same encoder, pooling, window and texts.

    A cache file that cannot be read is computed again.
    """
    file = cache_dir / f"{_key(scorer, texts, contexts)}.safetensors"
    if file.is_file():
        try:
            return load_file(file)["vectors"]
        except SafetensorError:
            file.unlink()
    vectors = scorer.embeddings(texts, contexts, progress=progress)
    cache_dir.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    save_file({"vectors": vectors}, partial)
    partial.replace(file)
    return vectors


def _key(scorer: EncoderScorer, texts: Sequence[str], contexts: Sequence[str]) -> str:
    digest = hashlib.sha256(f"{scorer.model.config.pooling} {scorer.max_tokens} {scorer.tokens_per_batch}".encode())
    for name, value in sorted(scorer.model.encoder.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    for text, context in zip(texts, contexts, strict=True):
        digest.update(f"{len(context)} {len(text)} {context}{text}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]
