"""The blocks of a run configuration that say what is learned from, what is trained and how."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Format = Literal[
    "auto", "native", "csv", "tsv", "parquet", "datasets", "ptc", "nlp4if", "semeval2021", "markup", "label-studio"
]  # fmt: skip
Waiver = Literal["leaks", "unknown_labels"]


def _whole_commit(revision: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{40}", revision):
        raise ValueError(f"'{revision}' is no commit of 40 hexadecimal digits (a branch or a tag may move)")
    return revision


Revision = Annotated[str, AfterValidator(_whole_commit)]
"""A commit on the hub, in full."""


class Block(BaseModel):
    """A block of the configuration: closed, strict, frozen."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Columns(Block):
    """Names of columns in CSV, TSV, Parquet and `datasets` sources."""

    text: str = Field("text", description="Column with the sentence's text.")
    labels: str | None = Field(
        "labels", description="Column with the techniques: a list, a JSON list, or names separated by `separator`."
    )
    separator: str = Field("|", min_length=1, description="What separates technique names in the labels column.")
    article: str | None = Field("article", description="Column with the article's id; null: each row is an article.")
    index: str | None = Field(None, description="Column with the sentence's position in its article; null: row order.")
    split: str | None = Field(None, description="Column with train, dev or test; a given split wins over `data.split`.")


class Source(Block):
    """One corpus: where it lies, its format, and the inventory it was annotated with."""

    path: str | None = Field(
        None, description="File or folder, relative to the working directory; a hub id for `datasets`."
    )
    format: Format = Field("auto", description="Corpus format; `auto` tells it from the files.")
    inventory: str | None = Field(
        None, description="Inventory the source was annotated with; null: the format's own, else `data.taxonomy`."
    )
    columns: Columns = Field(default_factory=lambda: Columns(), description="Column names, for tables.")
    annotator: str | None = Field(
        None,
        description="Label Studio: whose annotations to read (e-mail or id), or `predictions`; null: the only ones.",
    )
    subtask: Literal[1, 2] = Field(1, description="SemEval-2021 task 6: which subtask's files to read.")
    revision: Revision | None = Field(None, description="Commit of a hub data set, 40 hexadecimal digits.")
    split: Literal["train", "dev", "test"] | None = Field(None, description="Puts the whole source into this split.")


class Split(Block):
    """How articles are divided where the source gives no split."""

    dev_fraction: float = Field(
        0.15, ge=0, lt=1, description="Fraction of articles for dev (thresholds, calibration, early stopping)."
    )
    test_fraction: float = Field(0.15, ge=0, lt=1, description="Fraction of articles for test.")
    seed: int = Field(13, ge=0, description="Seed of the split.")
    file: str | None = Field(None, description="JSON file {article id: split}; wins over the fractions.")

    @model_validator(mode="after")
    def _leaves_something_to_train_on(self) -> Split:
        if self.dev_fraction + self.test_fraction >= 1:
            raise ValueError("dev_fraction + test_fraction must stay below 1, else nothing is left to train on")
        return self


class Data(Source):
    """What is learned from: one source (path, format, ...) or several under `sources`."""

    taxonomy: str | list[str] = Field(
        "core", description="Target inventory, a list of inventories (their union), or a taxonomy file."
    )
    sources: dict[str, Source] = Field(
        default_factory=dict, description="Several sources by name, each with its own inventory."
    )
    split_by: Split = Field(default_factory=lambda: Split(), description="Division by article.")
    waive: list[Waiver] = Field(default_factory=list, description="Findings of `spinscope check` that shall not block.")
    languages: list[str] = Field(
        default_factory=lambda: ["en"], min_length=1, description="ISO 639-1 codes of the model's languages."
    )

    @model_validator(mode="after")
    def _one_way_to_name_sources(self) -> Data:
        if self.path and self.sources:
            raise ValueError("give either path or sources, not both")
        return self

    def all_sources(self) -> dict[str, Source]:
        """The sources by name; a single `path` is the source named ''."""
        if self.sources:
            return self.sources
        return {"": Source(**{name: getattr(self, name) for name in Source.model_fields})}


class Model(Block):
    """What is trained."""

    kind: Literal["finetuned", "frozen", "tfidf"] = Field(
        "finetuned",
        description="finetuned: encoder and head; frozen: a linear head on cached embeddings; tfidf: no encoder.",
    )
    base: str = Field("minilm", min_length=1, description="`minilm`, a local folder, or a hub id.")
    revision: Revision | None = Field(
        None, description="Commit of the hub id, 40 hexadecimal digits; needed for a hub id."
    )
    pooling: Literal["mean", "first", "attention"] = Field(
        "mean", description="How token states become one sentence vector: mean, first token, or a learned weighting."
    )
    dropout: float = Field(0.1, ge=0, lt=1, description="Dropout before the head.")
    max_tokens: int = Field(
        128,
        ge=8,
        le=8192,
        description="Tokens per window, context and special tokens included; longer text is windowed.",
    )
    context: Literal["none", "previous", "next", "neighbours", "title"] = Field(
        "none", description="Text given beside the sentence, as the first of a pair; neighbours: previous and next."
    )
    repetition: str | None = Field(
        None,
        min_length=1,
        description="Technique that wording which recurs in the article adds to, with a weight fitted on dev and train; null: none.",
    )
    frozen_layers: int = Field(
        0, ge=0, description="Encoder layers, from the embeddings up, that are not trained (finetuned)."
    )
    lora_rank: int | None = Field(
        None, ge=1, description="Rank of adapters that learn in the encoder's place (finetuned); null: the encoder learns."
    )

    @model_validator(mode="after")
    def _one_way_to_spare_the_encoder(self) -> Model:
        if self.lora_rank and self.frozen_layers:
            raise ValueError("give either lora_rank or frozen_layers: with adapters no layer's own weights learn")
        return self


class Training(Block):
    """How it is trained."""

    epochs: float = Field(3.0, gt=0, description="Passes over the training part.")
    learning_rate: float = Field(5e-5, gt=0, lt=1, description="Peak rate of the encoder.")
    head_learning_rate_ratio: float = Field(10.0, gt=0, description="The head's rate as a multiple of the encoder's.")
    layer_decay: float = Field(
        1.0, gt=0, le=1, description="Each encoder layer's rate as a multiple of the layer's above it."
    )
    weight_decay: float = Field(0.01, ge=0, description="AdamW weight decay; biases and norms are left out.")
    warmup_fraction: float = Field(0.1, ge=0, lt=1, description="Fraction of steps with rising rate.")
    batch_size: int = Field(32, ge=1, description="Sentences per device and step.")
    loss: Literal["bce", "focal", "asymmetric"] = Field(
        "bce", description="Masked binary cross-entropy, focal, or asymmetric loss."
    )
    focal_gamma: float = Field(2.0, ge=0, description="Focusing exponent of the focal loss.")
    asymmetric_gamma_positive: float = Field(0.0, ge=0, description="Focusing exponent on positives (asymmetric loss).")
    asymmetric_gamma_negative: float = Field(4.0, ge=0, description="Focusing exponent on negatives (asymmetric loss).")
    asymmetric_margin: float = Field(
        0.05, ge=0, lt=1, description="Probability margin taken off negatives (asymmetric loss)."
    )
    label_smoothing: float = Field(
        0.0, ge=0, lt=1, description="Share of each label that is replaced by the technique's rate in the training part."
    )
    soft_labels: str | None = Field(
        None, description="JSONL file of probabilities to learn from beside the labels, by article and index (finetuned)."
    )
    soft_label_weight: float = Field(
        0.5, gt=0, le=1, description="Share of each label that is replaced by its soft label, where there is one."
    )
    averaged_folds: int | None = Field(
        None,
        ge=2,
        description="Models of which each learns without another part of the training articles; their weights are averaged (finetuned).",
    )
    distilled_folds: int | None = Field(
        None,
        ge=2,
        description="Parts of the training articles, each scored by a model that learned from the others: soft labels of the one that learns from all (finetuned).",
    )
    any_weight: float = Field(
        0.0, ge=0, description="Weight of a further loss: whether the sentence has any technique (noisy-or of all)."
    )
    hierarchy_weight: float = Field(
        0.0,
        ge=0,
        description="Weight of further losses: whether the sentence has any technique below each node of the inventory's hierarchy, or else of SemEval-2024's (noisy-or).",
    )
    class_weights: Literal["none", "balanced", "square_root"] = Field(
        "none", description="Weight of positives per technique: 1, negatives/positives, or its root."
    )
    sampling: Literal["proportional", "square_root", "balanced"] = Field(
        "proportional",
        description="Part of an epoch that each of several sources has: by its sentences, their root, or the same for all (finetuned).",
    )
    source_heads: bool = Field(
        False,
        description="Each of several sources teaches a head of its own; texts of another are scored by their mean (finetuned).",
    )
    negatives_share: float = Field(
        1.0, gt=0, le=1, description="Share of the sentences without any technique that an epoch holds, drawn anew (finetuned)."
    )
    length_grouped: bool = Field(True, description="Batches of sentences of similar length: less padding, same data.")
    length_pool: int = Field(
        50, ge=1, description="Batches whose sentences are drawn together and sorted by length; fewer mix lengths better, at more padding."
    )
    tokens_at_once: int | None = Field(
        None,
        ge=16,
        description="A batch is computed in parts of similar length, of at most so many tokens each: its own gradient, less padding; null: whole.",
    )
    early_stopping_patience: int | None = Field(
        None, ge=1, description="Stop after so many dev checks without gain; null: never."
    )
    best_metric: Literal["macro_average_precision", "micro_f1", "macro_f1", "any_f1", "loss"] = Field(
        "macro_average_precision", description="Dev metric that picks the best checkpoint."
    )
    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field(
        "auto", description="auto: bf16 where processor or GPU declares it, else fp32."
    )
    averaged_epochs: int = Field(
        1, ge=1, description="Mean of the weights after the last so many epochs; 1: the weights of the best dev check."
    )
    pretrained_share: float = Field(
        0.0, ge=0, lt=1, description="Share of the pretrained weights mixed back into the encoder at the end (WiSE-FT)."
    )
    seed: int = Field(13, ge=0, description="Seed of head, dropout and order.")
    n_seeds: int = Field(1, ge=1, le=100, description="Runs with seeds seed, seed+1, ...")
    save_steps: int | None = Field(
        None, ge=1, description="Optimiser steps between resumable states; null: once an epoch."
    )
    l2: float | None = Field(
        None,
        gt=0,
        description="Inverse strength C of the linear head (frozen, tfidf); null: chosen by article-wise cross-validation on train.",
    )
    max_ngram: int = Field(2, ge=1, le=5, description="Longest word n-gram (tfidf).")
    min_document_count: int = Field(2, ge=1, description="Sentences an n-gram must stand in (tfidf).")
    trainer: dict[str, Any] = Field(
        default_factory=dict, description="Passed to transformers.TrainingArguments unchanged."
    )

    @model_validator(mode="after")
    def _one_use_of_folds(self) -> Training:
        given = [name for name in ("averaged_folds", "distilled_folds", "soft_labels") if getattr(self, name)]
        if "distilled_folds" in given and len(given) > 1:
            raise ValueError(f"give distilled_folds alone, not with {' and '.join(set(given) - {'distilled_folds'})}")
        clash = [name for name in ("any_weight", "hierarchy_weight", "averaged_folds", "distilled_folds") if getattr(self, name)]
        if self.source_heads and clash:
            raise ValueError(f"give source_heads alone, not with {' and '.join(clash)}")
        return self
