"""What differs between the configurations of runs, setting by setting, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from spinscope.config import RunConfig
from spinscope.files import dump_json

UNUSED = "not used"
"""What stands for a setting that a run's kind of model does not read."""

_LINEAR = ("model.kind", "model.repetition", "training.class_weights", "training.l2", "training.seed", "training.n_seeds")
READ_BY = {
    "frozen": {*_LINEAR, "model.base", "model.revision", "model.pooling", "model.max_tokens", "model.context"},
    "tfidf": {*_LINEAR, "training.max_ngram", "training.min_document_count"},
}
"""The settings of `model` and `training` that a kind without epochs reads; in it the others say nothing."""

_OF_LINEAR_ALONE = {"training.l2", "training.max_ngram", "training.min_document_count"}

SILENT = ("tracking", "training.n_seeds", "evaluation.limits")
"""What decides no figure of a checkpoint: where it landed, how many siblings it has, what audits hold it to."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting on which runs differ.

    Attributes:
        path: `block.key`.
        meaning: the field's description; "" for a name the configuration leaves open.
        values: run -> value, as JSON holds it; `UNUSED` where the run's kind does not read it.
    """

    path: str
    meaning: str
    values: Mapping[str, Any]

    def usual(self) -> Any:
        """The value that most runs have that read the setting; of equally common ones the first."""
        told = [dump_json(value) for value in self.values.values() if value != UNUSED]
        most = max(told, key=told.count)
        return next(value for value in self.values.values() if dump_json(value) == most)

    def told(self) -> str:
        """`training.epochs: 3.0 (a, b); 2.0 (c)`, the most common value first."""
        groups: dict[str, list[str]] = {}
        for run, value in self.values.items():
            groups.setdefault(value_text(value), []).append(run)
        ordered = sorted(groups.items(), key=lambda item: (item[0] == UNUSED, -len(item[1])))
        return f"{self.path}: " + "; ".join(f"{value} ({', '.join(runs)})" for value, runs in ordered)


def config_differences(configs: Mapping[str, RunConfig]) -> list[Setting]:
    """The settings on which runs differ, in the order of the configuration.

    A setting counts only among the runs whose kind of model reads it; `SILENT` ones are left out.

    Args:
        configs: run -> its resolved configuration.
    """
    flat = {run: _flat(config) for run, config in configs.items()}
    found = []
    for path in dict.fromkeys(path for values in flat.values() for path in values):
        if any(path == silent or path.startswith(f"{silent}.") for silent in SILENT):
            continue
        values = {
            run: its.get(path) if is_read(path, configs[run].model.kind) else UNUSED for run, its in flat.items()
        }
        if len({dump_json(value) for value in values.values() if value != UNUSED}) > 1:
            found.append(Setting(path, _meaning(path), values))
    return found


def is_read(path: str, kind: str) -> bool:
    """Whether a kind of model reads a setting, `block.key`."""
    if kind in READ_BY:
        return path in READ_BY[kind] or not path.startswith(("model.", "training."))
    return path not in _OF_LINEAR_ALONE


def value_text(value: Any) -> str:
    """A value as the YAML file would say it, in one line."""
    return value if isinstance(value, str) else dump_json(value)


def _flat(block: BaseModel, prefix: str = "") -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in type(block).model_fields:
        value = getattr(block, name)
        if isinstance(value, BaseModel):
            values |= _flat(value, f"{prefix}{name}.")
        elif isinstance(value, dict) and any(isinstance(item, BaseModel) for item in value.values()):
            for key, item in value.items():
                values |= _flat(item, f"{prefix}{name}.{key}.")
        else:
            values[f"{prefix}{name}"] = value
    return values


def _meaning(path: str) -> str:
    block: Any = RunConfig
    for part in path.split(".")[:-1]:
        field = getattr(block, "model_fields", {}).get(part)
        if field is None:
            return ""
        block = field.annotation
    field = getattr(block, "model_fields", {}).get(path.rsplit(".", 1)[-1])
    return str(field.description or "").rstrip(".") if field is not None else ""
