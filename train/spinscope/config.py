"""The run configuration: five blocks that mirror the YAML file one to one, refused where a value cannot be right.

Precedence: command line (`training.learning_rate=3e-5`), file, default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from spinscope.config_blocks import Block, Columns, Data, Format, Model, Source, Split, Training
from spinscope.config_reading import apply_override, explain, whole_numbers_as_floats
from spinscope.errors import UserError
from spinscope.files import dump_yaml, parse_yaml, read_text, yaml_lines

__all__ = [
    "Block", "Columns", "Data", "Evaluation", "Format", "Limits", "Model", "RunConfig", "Source", "Split", "Tracking",
    "Training", "config_name", "parse_config", "read_config",
]  # fmt: skip


class Limits(Block):
    """What an audit holds a checkpoint to; a figure beyond its limit makes `spinscope audit` exit with 3."""

    neutral_alarm: float = Field(0.08, ge=0, le=1, description="Share of neutral, alarming sentences with any alarm.")
    symmetry_flips: float = Field(0.06, ge=0, le=1, description="Share of decisions that flip with the names.")
    symmetry_fired: float = Field(
        0.7, ge=0, le=1, description="Share of symmetry pairs with a technique that are found."
    )
    name_bias: float = Field(
        0.1, ge=0, le=1, description="Mean difference of scores for one name in symmetry pairs, where it can be told."
    )
    minimal_pairs: float = Field(0.85, ge=0, le=1, description="Share of minimal pairs ranked rightly.")
    recall: float = Field(0.6, ge=0, le=1, description="Recall of each technique on the measured part.")
    masking_loss: float = Field(0.02, ge=0, le=1, description="Macro average precision lost where names are masked.")
    names_alone_auroc: float = Field(0.58, ge=0, le=1, description="AUROC of names and domain alone, per technique.")
    duplicates: float = Field(
        0.01,
        ge=0,
        le=1,
        description="Share of measured sentences of six words or more that the training part holds, or nearly.",
    )
    giveaway_tokens: int = Field(0, ge=0, description="Tokens that give a technique away almost perfectly.")
    shortcut_auroc: float = Field(
        0.7,
        ge=0,
        le=1,
        description="AUROC at which errors tell source, topic, article or date, where chance is ruled out.",
    )
    attribute_alone_auroc: float = Field(
        0.7, ge=0, le=1, description="AUROC of the easiest technique from source, topic or date alone."
    )
    unseen_source_loss: float = Field(
        0.05,
        ge=0,
        le=1,
        description="Macro average precision that TF-IDF loses where sources are left out, not articles alone.",
    )
    same_source_loss: float = Field(
        0.05, ge=0, le=1, description="Macro AUROC lost where negatives come from the same source only."
    )
    noise_loss: float = Field(0.1, ge=0, le=1, description="Micro F1 lost to other case, typos or missing punctuation.")
    slice_gap: float = Field(0.15, ge=0, le=1, description="Micro F1 of a slice below the rest, where it can be told.")
    label_errors: float = Field(
        0.03, ge=0, le=1, description="Share of labels that confident learning calls wrong, all parts."
    )


class Evaluation(Block):
    """How probabilities become decisions and figures."""

    thresholds: Literal["per_technique", "global", "expected", "fixed", "at_precision", "at_recall"] = Field(
        "per_technique",
        description="Threshold rule, fitted on dev; expected: one for all, by the calibrated probabilities themselves; the last two keep wished_precision or wished_recall there, cross-fitted, and are per_technique where that cannot be.",
    )
    any_technique: Literal["decided", "expected"] = Field(
        "decided",
        description="When a sentence has any technique; decided: some technique is; expected: by the probability that it has any, with a cut-off of its own, where the calibrated probabilities expect the best F1 on dev.",
    )
    fixed_threshold: float = Field(0.5, gt=0, lt=1, description="Cut-off of the rule `fixed`.")
    calibration: Literal["none", "temperature", "platt", "auto"] = Field(
        "platt",
        description="Fitted on dev and folded into the head; auto: the likeliest, cross-fitted on dev. Unless none, heads by source are first put on one scale.",
    )
    cross_fit_folds: int = Field(5, ge=2, description="Article folds of dev for cross-fitted thresholds.")
    smoothing_positives: float = Field(
        20.0, ge=0, description="Weight of the pooled curve in each technique's threshold, as a number of positives."
    )
    f_beta: float = Field(
        1.0,
        gt=0,
        le=10,
        description="What thresholds maximise on dev: 1 is F1, below 1 false alarms cost more than misses.",
    )
    interval: Literal["jackknife", "bca", "percentile"] = Field(
        "jackknife", description="How intervals are made from articles; see measure/resampling.py."
    )
    wished_precision: float = Field(0.8, gt=0, le=1, description="Recall is told at this precision, chosen on dev.")
    wished_recall: float = Field(0.8, gt=0, le=1, description="Precision is told at this recall, chosen on dev.")
    wished_error: float = Field(0.05, gt=0, lt=1, description="Wrong decisions allowed outside the undecided band.")
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
        default_factory=list, description="Trackers known to transformers: tensorboard, mlflow, trackio, ...; they get the final figures too."
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
