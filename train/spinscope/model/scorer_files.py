"""The part of a checkpoint folder that computes: weights and tokenizer, or an export for another engine."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from safetensors.numpy import load_file, save_file

from spinscope.config import RunConfig
from spinscope.errors import UserError
from spinscope.files import read_json, write_json
from spinscope.model.engines import (
    EXPORTS,
    FOLDERS,
    Bf16Scorer,
    default_threads,
    engine_scorer,
    verified_export,
)
from spinscope.model.linear import TfidfScorer
from spinscope.model.scorers import EncoderScorer, Scorer
from spinscope.model.source_heads import read_heads
from spinscope.model.stored_tokenizer import StoredTokenizer
from spinscope.taxonomy import Inventory

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def write_scorer(folder: Path, scorer: Scorer) -> None:
    """Writes the weights of a float32 scorer, and what it reads texts with, into a checkpoint folder."""
    if isinstance(scorer, TfidfScorer):
        save_file({"idf": scorer.idf, "weight": scorer.weight, "bias": scorer.bias}, folder / "model.safetensors")
        write_json(folder / "vocabulary.json", {"max_ngram": scorer.max_ngram, "terms": scorer.terms})
        return
    assert isinstance(scorer, EncoderScorer)
    from spinscope.model.architecture import quiet_transformers

    with quiet_transformers():
        scorer.model.save_pretrained(folder)
        scorer.tokenizer.save_pretrained(folder)


def read_scorer(
    path: Path, manifest: Mapping[str, Any], config: RunConfig, inventory: Inventory, *, engine: str,
    threads: int | None, device: str | None,
) -> tuple[Scorer, int]:  # fmt: skip
    """The scorer of an engine, and how many threads it uses."""
    if config.model.kind == "tfidf":
        return _read_tfidf(path, inventory, engine), 1
    entry = verified_export(path, manifest, engine) if engine != "torch" else {}
    if entry.get("files"):
        used = threads or default_threads()
        scorer = engine_scorer(
            engine, path / EXPORTS / FOLDERS[engine], tokenizer=_exports_tokenizer(path, entry), threads=used,
            max_tokens=config.model.max_tokens, n_techniques=len(inventory.ids), heads=read_heads(path, inventory),
        )  # fmt: skip
        return scorer, used
    import torch

    if threads:
        torch.set_num_threads(threads)
    plain = _read_encoder(path, config, inventory, device)
    return Bf16Scorer(plain) if engine == "torch-bf16" else plain, torch.get_num_threads()


def _read_tfidf(path: Path, inventory: Inventory, engine: str) -> TfidfScorer:
    if engine != "torch":
        raise UserError(
            f"engine {engine} for a TF-IDF checkpoint, which has no encoder",
            where=str(path),
            remedy="leave --engine out.",
        )
    vocabulary = read_json(path / "vocabulary.json")
    weights = load_file(path / "model.safetensors")
    _same_techniques(len(weights["bias"]), inventory, path)
    return TfidfScorer(
        vocabulary["terms"], weights["idf"], weights["weight"], weights["bias"], max_ngram=vocabulary["max_ngram"]
    )


def _read_tokenizer(path: Path) -> PreTrainedTokenizerBase:
    """The tokenizer of the class that wrote it: `AutoTokenizer` finds the same, and loads torch to do so."""
    import transformers

    named = str(read_json(path / "tokenizer_config.json").get("tokenizer_class"))
    kind = getattr(transformers, named, None) or transformers.AutoTokenizer
    return kind.from_pretrained(path, trust_remote_code=False)


def _exports_tokenizer(path: Path, entry: Mapping[str, Any]) -> PreTrainedTokenizerBase:
    """The tokenizer for an export; without transformers, where the export was found to need none for it."""
    facts = entry.get("tokenizer")
    if facts is None:
        return _read_tokenizer(path)
    return cast("PreTrainedTokenizerBase", StoredTokenizer(path, facts, partial(_read_tokenizer, path)))


def _read_encoder(path: Path, config: RunConfig, inventory: Inventory, device: str | None) -> EncoderScorer:
    import torch

    from spinscope.model.architecture import TechniqueClassifier, quiet_transformers

    with quiet_transformers():
        model = TechniqueClassifier.from_pretrained(path, use_safetensors=True, dtype=torch.float32)
        tokenizer = _read_tokenizer(path)
    heads = read_heads(path, inventory)
    labels = tuple(label for _, label in sorted((model.config.id2label or {}).items()))
    labels, n_more = labels[: len(inventory.ids)] if heads else labels, len(labels) - len(inventory.ids)
    if labels != inventory.ids or n_more != (len(heads.rows) if heads else 0):
        _same_techniques(len(labels), inventory, path, labels)
    torch.nn.Module.to(model, device or ("cuda" if torch.cuda.is_available() else "cpu"))
    return EncoderScorer(model, tokenizer, max_tokens=config.model.max_tokens, heads=heads)


def _same_techniques(n_found: int, inventory: Inventory, path: Path, labels: tuple[str, ...] = ()) -> None:
    if labels or n_found != len(inventory.ids):
        named = f" ({', '.join(labels[:3])}, ...)" if labels else ""
        raise UserError(
            f"a head with {n_found} techniques{named}", where=str(path),
            expected=f"the {len(inventory.ids)} of taxonomy.yaml ({', '.join(inventory.ids[:3])}, ...)",
            remedy="weights and taxonomy come from different checkpoints: restore the folder.",
        )  # fmt: skip
