"""The run configuration: five blocks that mirror the YAML file one to one, refused where a value cannot be right.

Precedence: command line (`training.learning_rate=3e-5`), file, default.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from spinscope.config_reading import apply_override, explain, whole_numbers_as_floats
from spinscope.errors import UserError
from spinscope.files import dump_yaml, parse_yaml, read_text, yaml_lines

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
    frozen_layers: int = Field(
        0, ge=0, description="Encoder layers, from the embeddings up, that are not trained (finetuned)."
    )


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
    any_weight: float = Field(
        0.0, ge=0, description="Weight of a further loss: whether the sentence has any technique (noisy-or of all)."
    )
    class_weights: Literal["none", "balanced", "square_root"] = Field(
        "none", description="Weight of positives per technique: 1, negatives/positives, or its root."
    )
    length_grouped: bool = Field(True, description="Batches of sentences of similar length: less padding, same data.")
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


class Limits(Block):
    """What an audit holds a checkpoint to; a figure beyond its limit makes `spinscope audit` exit with 3."""

    neutral_alarm: float = Field(0.08, ge=0, le=1, description="Share of neutral, alarming sentences with any alarm.")
    symmetry_flips: float = Field(0.06, ge=0, le=1, description="Share of decisions that flip with the names.")
    symmetry_fired: float = Field(0.7, ge=0, le=1, description="Share of symmetry pairs with a technique that are found.")
    minimal_pairs: float = Field(0.85, ge=0, le=1, description="Share of minimal pairs ranked rightly.")
    recall: float = Field(0.6, ge=0, le=1, description="Recall of each technique on the measured part.")
    masking_loss: float = Field(0.02, ge=0, le=1, description="Macro average precision lost where names are masked.")
    names_alone_auroc: float = Field(0.58, ge=0, le=1, description="AUROC of names and domain alone, per technique.")


class Evaluation(Block):
    """How probabilities become decisions and figures."""

    thresholds: Literal["per_technique", "global", "fixed"] = Field(
        "per_technique", description="Threshold rule, fitted on dev."
    )
    fixed_threshold: float = Field(0.5, gt=0, lt=1, description="Cut-off of the rule `fixed`.")
    calibration: Literal["none", "temperature", "platt"] = Field(
        "platt", description="Fitted on dev and folded into the head."
    )
    cross_fit_folds: int = Field(5, ge=2, description="Article folds of dev for cross-fitted thresholds.")
    smoothing_positives: float = Field(
        20.0, ge=0, description="Weight of the pooled curve in each technique's threshold, as a number of positives."
    )
    f_beta: float = Field(
        1.0, gt=0, le=10, description="What thresholds maximise on dev: 1 is F1, below 1 false alarms cost more than misses."
    )
    interval: Literal["jackknife", "bca", "percentile"] = Field(
        "jackknife", description="How intervals are made from articles; see measure/resampling.py."
    )
    n_resamples: int = Field(1000, ge=100, description="Bootstrap and permutation resamples of articles.")
    confidence: float = Field(0.95, gt=0.5, lt=1, description="Level of intervals, 0 to 1.")
    seed: int = Field(13, ge=0, description="Seed of resampling.")
    limits: Limits = Field(default_factory=lambda: Limits(), description="Of `spinscope audit`.")


class Tracking(Block):
    """Names and where things land."""

    name: str | None = Field(
        None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", description="Checkpoint name; null: the config file's."
    )
    output_dir: str = Field("models", description="Folder for checkpoints.")
    report_to: list[str] = Field(
        default_factory=list, description="Trackers known to transformers: tensorboard, mlflow, ..."
    )


class RunConfig(Block):
    """One run."""

    data: Data = Field(default_factory=lambda: Data())
    model: Model = Field(default_factory=lambda: Model())
    training: Training = Field(default_factory=lambda: Training())
    evaluation: Evaluation = Field(default_factory=lambda: Evaluation())
    tracking: Tracking = Field(default_factory=lambda: Tracking())

    def to_yaml(self) -> str:
        """The resolved configuration, every field with its value."""
        return dump_yaml(self.model_dump(mode="json"))


def read_config(path: Path | str, overrides: Sequence[str] = ()) -> RunConfig:
    """Reads and checks a config file, with `block.key=value` overrides on top.

    Raises:
        UserError: unknown key, wrong type or impossible combination, each with path, line, value, expectation and nearest name.
    """
    text = read_text(Path(path))
    values = parse_yaml(text, where=str(path))
    if values is None:
        values = {}
    if not isinstance(values, dict):
        raise UserError(
            f"a YAML {type(values).__name__}",
            where=str(path),
            expected="a mapping with the blocks data, model, training, evaluation, tracking",
        )
    lines = {place: f"{path}:{line}" for place, line in yaml_lines(text).items()}
    for override in overrides:
        apply_override(values, override, lines)
    return _validated(values, where=str(path), lines=lines)


def parse_config(values: Mapping[str, Any], *, where: str = "config") -> RunConfig:
    """Checks a configuration given as nested mappings; raises UserError as `read_config` does."""
    return _validated(dict(values), where=where, lines={})


def config_name(path: Path | str, config: RunConfig) -> str:
    """The checkpoint's name: `tracking.name`, else the config file's stem with hyphens kept."""
    return config.tracking.name or Path(path).stem


def _validated(values: dict[str, Any], *, where: str, lines: Mapping[tuple[str, ...], str]) -> RunConfig:
    try:
        return RunConfig.model_validate(whole_numbers_as_floats(values, RunConfig))
    except ValidationError as error:
        raise UserError(explain(error, root=RunConfig, where=where, lines=lines)) from None
