"""A folder of checkpoints, read: what each is, what came out of it, where it comes from, or why it cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from spinscope.config import RunConfig, read_config
from spinscope.errors import UserError
from spinscope.files import read_json, sha256_of_file
from spinscope.model.checkpoint import MANIFEST, verify

WEIGHTS = "model.safetensors"
FIGURES = "metrics.json"
NO_RUNS = (".embeddings",)
"""Hidden folders beside checkpoints that are no run."""

Status = Literal["whole", "broken", "unfinished", "folds", "other"]
PARTS = (WEIGHTS, "config.json", "config.yaml", "decision.json", "taxonomy.yaml", "vocabulary.json")


class _Taxonomy(BaseModel):
    name: str
    sha256: str


class _Data(BaseModel):
    sha256: str = ""
    n_articles: int | None = None
    n_sentences: dict[str, int] = Field(default_factory=dict)


class _Training(BaseModel):
    model_config = ConfigDict(extra="allow")
    seconds: float | None = None


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="allow")
    identity: str
    kind: str
    taxonomy: _Taxonomy
    seed: int | None = None
    run: dict[str, Any] = Field(default_factory=dict)
    data: _Data = Field(default_factory=_Data)
    tuning: dict[str, Any] = Field(default_factory=dict)
    training: _Training = Field(default_factory=_Training)
    exports: dict[str, Any] = Field(default_factory=dict)


class Figure(BaseModel):
    """A figure with its interval over articles; None where it is not defined."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


class _Part(BaseModel):
    overall: dict[str, Figure]
    per_technique: dict[str, dict[str, Figure | int | None]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One folder of the shelf.

    Attributes:
        name: of the folder.
        path: of the folder.
        status: `whole`; `broken`, with the reason; `unfinished`, a run without its checkpoint yet; `folds`, what
            cross-validation left, which is no checkpoint; `other`, a folder of other files, such as reports.
        reason: why it is not whole.
        facts: kind, identity, taxonomy, data, seed, ..., as the manifest has them; empty where it is not whole.
        figures: `dev.micro_f1`, `test.loaded_language.f1`, ... -> the figure.
        config: resolved configuration; None where it is not whole.
        remarks: what makes a whole checkpoint's figures doubtful.
    """

    name: str
    path: Path
    status: Status
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)
    config: RunConfig | None = None
    remarks: tuple[str, ...] = ()


def read_shelf(folder: Path) -> list[Run]:
    """Every run in a folder, by name; the folder may also be one checkpoint itself. What is no folder is passed over.

    Raises:
        UserError: no such folder.
    """
    if not folder.is_dir():
        raise UserError(
            "no such folder", where=str(folder), expected="a folder of checkpoints, such as models",
            remedy="check the name, or train first.",
        )  # fmt: skip
    if (folder / MANIFEST).is_file():
        return [_read(folder)]
    found = []
    for path in sorted(folder.iterdir()):
        if not path.is_dir() or path.name in NO_RUNS:
            continue
        run = _hidden(path) if path.name.startswith(".") else _read(path)
        if run is not None:
            found.append(run)
    return sorted(found, key=lambda run: run.name)


def _hidden(path: Path) -> Run | None:
    """A run that has not ended, or what one that was killed left behind; None for any other hidden folder."""
    name = path.name.removeprefix(".")
    if path.suffix == ".run":
        steps = [int(one.name.split("-")[1]) for one in path.glob("checkpoint-*") if one.name[11:].isdigit()]
        state = f"saved up to step {max(steps):,}" if steps else "nothing saved yet"
        how = "it runs still, or was interrupted: spinscope train CONFIG --resume goes on"
        return Run(name.removesuffix(".run"), path, "unfinished", f"no checkpoint yet, {state}; {how}")
    if path.suffix in (".partial", ".old"):
        return Run(path.name, path, "broken", "half written: a process writes it still, or was killed while it did")
    return None


def _read(path: Path) -> Run:
    try:
        if not (path / MANIFEST).is_file() and (path / "cross-validation.json").is_file():
            return Run(path.name, path, "folds", "folds of spinscope cross-validate, no checkpoint")
        if any(path.iterdir()) and not any((path / part).is_file() for part in (MANIFEST, *PARTS)):
            return Run(path.name, path, "other", "no file of a checkpoint in it")
        return _whole(path)
    except UserError as error:
        where = error.where.removeprefix(str(path)).strip("/")
        reason = f"{where}: {error.found}" if where else error.found
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        reason = f"a manifest or figures that spinscope did not write: {place}: {first['msg']}"
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
    except (AttributeError, KeyError, TypeError) as error:  # JSON, but of another shape than a manifest
        reason = f"a manifest that spinscope did not write ({type(error).__name__}: {error})"
    return Run(path.name, path, "broken", reason)


def _whole(path: Path) -> Run:
    raw = verify(path)
    manifest = _Manifest.model_validate(raw)
    config = read_config(path / "config.yaml")
    remarks, figures = [], {}
    if (path / FIGURES).is_file():
        figures = _figures(read_json(path / FIGURES))
        if raw.get("reports", {}).get(FIGURES) != sha256_of_file(path / FIGURES):
            remarks.append(f"{FIGURES} was altered since it was written")
    else:
        remarks.append(f"no {FIGURES}")
    sizes = {file.name: file.stat().st_size for file in path.rglob("*") if file.is_file()}
    facts = {
        "identity": manifest.identity, "kind": manifest.kind, "base": _base(config), "seed": manifest.seed,
        "taxonomy": manifest.taxonomy.name, "taxonomy_sha256": manifest.taxonomy.sha256,
        "data_sha256": manifest.data.sha256, "n_articles": manifest.data.n_articles,
        "n_sentences": manifest.data.n_sentences, "tuning_sha256": manifest.tuning.get("sha256"),
        "run": manifest.run, "training": manifest.training.model_dump(), "training_seconds": manifest.training.seconds,
        "weights_bytes": (path / WEIGHTS).stat().st_size, "folder_bytes": sum(sizes.values()),
        "exports": sorted(manifest.exports), "made_from": _made_from(raw),
    }  # fmt: skip
    return Run(path.name, path, "whole", facts=facts, figures=figures, config=config, remarks=tuple(remarks))


def _base(config: RunConfig) -> str | None:
    if config.model.kind == "tfidf":
        return None
    return f"{config.model.base}@{config.model.revision[:8]}" if config.model.revision else config.model.base


def _made_from(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What other checkpoints the manifest names as origin: `tuned_from` and its like, each with name and identity."""
    found = []
    for key, value in manifest.items():
        if key.endswith("_from"):
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict):
                    found.append({"how": key.removesuffix("_from"), **one})
    return found


def _figures(metrics: Any) -> dict[str, Figure]:
    figures: dict[str, Figure] = {}
    for split, raw in metrics.items():
        part = _Part.model_validate(raw)
        figures |= {f"{split}.{name}": figure for name, figure in part.overall.items()}
        for technique, row in part.per_technique.items():
            figures |= {
                f"{split}.{technique}.{name}": one if isinstance(one, Figure) else Figure(value=one)
                for name, one in row.items()
            }
    return figures
