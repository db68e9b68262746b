"""A study as its file states it: which configs, seeds and folds, and what is held against what."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, model_validator

from spinscope.config import Block, RunConfig, read_config
from spinscope.config_reading import explain, whole_numbers_as_floats
from spinscope.errors import UserError, did_you_mean
from spinscope.files import dump_json, parse_yaml, read_text, yaml_lines

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._=,+-]*")
_LEFT_ALONE = ("data", "tracking")


class StudyFile(Block):
    """The keys of a study's YAML file."""

    base: str = Field(min_length=1, description="Config file that every run starts from, relative to the working directory.")
    common: dict[str, Any] = Field(default_factory=dict, description="What all runs set, block.key: value.")
    runs: dict[str, dict[str, Any]] = Field(default_factory=dict, description="Runs by name, each block.key: value.")
    grid: dict[str, list[Any]] = Field(
        default_factory=dict, description="block.key: list of values; each combination is a run."
    )
    reference: str | None = Field(None, description="Run that the others are held against; null: the first.")
    folds: int = Field(3, ge=2, description="Folds of articles.")
    only_folds: list[int] | None = Field(
        None, min_length=1, description="Folds that are held out, from 0; null: all, one after the other."
    )
    seeds: list[int] = Field(default_factory=lambda: [13], min_length=1, description="Seeds of each run.")
    articles_fraction: float = Field(
        1.0, gt=0, le=1, description="Share of each fold's training articles that is used, for cheap screening."
    )
    n_resamples: int = Field(500, ge=100, description="Resamples of articles, where evaluation.interval makes intervals of them.")

    @model_validator(mode="after")
    def _has_runs(self) -> StudyFile:
        if not self.runs and not self.grid:
            raise ValueError("give runs or a grid, else there is nothing to study")
        if self.only_folds and not all(0 <= fold < self.folds for fold in self.only_folds):
            raise ValueError(f"only_folds holds folds from 0 to {self.folds - 1}")
        for name, values in {"seeds": self.seeds, "only_folds": self.only_folds or []}.items():
            if len(set(values)) < len(values):
                raise ValueError(f"{name} holds the same number twice")
        return self


@dataclass(frozen=True, slots=True)
class StudyRun:
    """One line of the table: a name, what it sets, and the config that follows."""

    name: str
    settings: Mapping[str, Any]
    config: RunConfig


@dataclass(frozen=True, slots=True)
class Study:
    """A study that was read and checked.

    Attributes:
        name: the file's stem.
        base: the config that all runs start from, `common` applied; its data are the study's.
        runs: in the order of the file, runs before grid.
        reference: name of the run that the others are held against.
        plan: the rest of the file.
    """

    name: str
    base: RunConfig
    runs: tuple[StudyRun, ...]
    reference: str
    plan: StudyFile

    @property
    def folds(self) -> list[int]:
        """The folds that are held out."""
        return self.plan.only_folds or list(range(self.plan.folds))


def read_study(path: Path | str) -> Study:
    """Reads and checks a study and every config in it, before anything is trained.

    Raises:
        UserError: unknown key, wrong type, faulty run, each with path, line, value found and expectation.
    """
    text = read_text(Path(path))
    values = parse_yaml(text, where=str(path))
    if not isinstance(values, dict):
        raise UserError(f"a YAML {type(values).__name__}", where=str(path), expected="a mapping with base and runs or grid")
    lines = {place: f"{path}:{line}" for place, line in yaml_lines(text).items()}
    try:
        plan = StudyFile.model_validate(whole_numbers_as_floats(values, StudyFile))
    except ValidationError as error:
        raise UserError(explain(error, root=StudyFile, where=str(path), lines=lines)) from None
    named = {**plan.runs, **_combinations(plan.grid)}
    runs = tuple(_run(name, plan, settings, where=f"{path}: runs.{name}") for name, settings in named.items())
    reference = plan.reference or runs[0].name
    if reference not in named:
        raise UserError(
            f"reference '{reference}'", where=lines.get(("reference",), str(path)), expected="the name of a run",
            remedy=did_you_mean(reference, named),
        )  # fmt: skip
    return Study(Path(path).stem, _config(plan, {}, where=f"{path}: common"), runs, reference, plan)


def _combinations(grid: Mapping[str, list[Any]]) -> dict[str, dict[str, Any]]:
    """`training.epochs=2,model.pooling=first` -> its settings, the last key varying fastest."""
    if not grid:
        return {}
    products = (dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values()))
    return {
        ",".join(f"{key.rsplit('.', 1)[-1]}={value}" for key, value in settings.items()): settings
        for settings in products
    }


def _run(name: str, plan: StudyFile, settings: Mapping[str, Any], *, where: str) -> StudyRun:
    if not _NAME.fullmatch(name):
        raise UserError(
            f"a run called '{name}'", where=where, expected="letters, digits and . _ = , + -: it names a folder"
        )
    return StudyRun(name, dict(settings), _config(plan, settings, where=where))


def _config(plan: StudyFile, settings: Mapping[str, Any], *, where: str) -> RunConfig:
    for key in settings:
        if key.partition(".")[0] in _LEFT_ALONE:
            raise UserError(
                f"a run that sets '{key}'", where=where, expected="keys of model, training and evaluation",
                remedy="all runs share data and folds, else their figures could not be compared: set it under common.",
            )  # fmt: skip
    overrides = [f"{key}={dump_json(value)}" for key, value in {**plan.common, **settings}.items()]
    try:
        return read_config(plan.base, overrides)
    except UserError as error:
        raise UserError(str(error).replace("command line", where)) from None
