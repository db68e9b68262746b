"""What `spinscope compare` compares: a checkpoint, or several seeds of one, read from a word of the command line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from spinscope.errors import UserError
from spinscope.jobs.labelled import Scored
from spinscope.measure.calibration import calibration_error
from spinscope.model.checkpoint import open_checkpoint
from spinscope.model.prediction import Classifier

SEED_ENDING = re.compile(r"[-_.]?seed[-_]?\d+$")
_NAMED = re.compile(r"([A-Za-z0-9][A-Za-z0-9._ -]*)=(.+)")


@dataclass(frozen=True, slots=True)
class System:
    """One side of a comparison.

    Attributes:
        name: what it is called; '' until `named_apart` has seen the others.
        seeds: opened checkpoints, one or more.
    """

    name: str
    seeds: tuple[Classifier, ...]

    @property
    def first(self) -> Classifier:
        """What speaks for all seeds where they are alike: inventory, config."""
        return self.seeds[0]


@dataclass(frozen=True, slots=True)
class Answered:
    """A system's answers on the compared rows and techniques: (s, n, k) probabilities and decisions, one per seed.

    `any_decided`: (s, n) bool, whether a sentence is said to have any of the compared techniques.
    """

    probabilities: np.ndarray
    decisions: np.ndarray
    any_decided: np.ndarray

    @property
    def mean_probabilities(self) -> np.ndarray:
        """(n, k), the mean over the seeds."""
        return np.asarray(self.probabilities.mean(axis=0))

    @property
    def majority(self) -> np.ndarray:
        """(n, k) bool: what more than half of the seeds decide."""
        return np.asarray(2 * self.decisions.sum(axis=0) > len(self.decisions))


def open_system(word: str | Path) -> System:
    """Opens what a word names: FOLDER, FOLDER,FOLDER,... (seeds of one system), or NAME=FOLDER,...

    A folder that is not there stands for the seeds beside it that a run with `training.n_seeds` has written
    (`models/name` for `models/name-seed13`, `models/name-seed14`, ...).

    Raises:
        UserError: no checkpoint there, the same one twice, or seeds of different techniques.
    """
    text = str(word)
    named = None if Path(text).exists() else _NAMED.fullmatch(text)
    name, listed = (named[1].strip(), named[2]) if named and "/" not in named[1] else ("", text)
    parts = [listed] if Path(listed).exists() else [part.strip() for part in listed.split(",") if part.strip()]
    folders = [folder for part in parts for folder in _folders(Path(part))]
    seeds = tuple(open_checkpoint(folder) for folder in folders)
    if not seeds:
        raise UserError(f"no checkpoint in '{text}'", where="command line", expected="A, A1,A2 or NAME=A1,A2")
    _refuse_unlike(seeds, text)
    return System(name, seeds)


def named_apart(systems: Sequence[System]) -> list[System]:
    """The systems with a name for each: its own, else its folder's, with the parent's or a number where that is taken."""
    bases = [system.name or _base_name(system) for system in systems]
    homes = {base: {_home(s) for s, its in zip(systems, bases, strict=True) if its == base} for base in bases}
    told = [
        f"{system.first.path.parent.name}/{base}" if system.first.path and len(homes[base]) > 1 and not system.name else base
        for system, base in zip(systems, bases, strict=True)
    ]  # fmt: skip
    counts = [told[:position].count(name) for position, name in enumerate(told)]
    return [
        System(name if not count else f"{name} ({count + 1})", system.seeds)
        for name, count, system in zip(told, counts, systems, strict=True)
    ]


def unlike_seeds(system: System) -> list[str]:
    """What makes seeds of one system more than that: settings or data that differ."""
    from spinscope.jobs.comparison_differences import config_differences

    told = []
    for other in system.seeds[1:]:
        keys = config_differences(system.first, other)
        if other.manifest.get("data", {}).get("sha256") != system.first.manifest.get("data", {}).get("sha256"):
            keys = [*keys, "the data"]
        if keys:
            told.append(
                f"{system.first.name} and {other.name} are taken as seeds of one system, and differ in {', '.join(keys)}"
            )
    return told


def facts_of(
    system: System, scored: Sequence[Scored], truth: tuple[np.ndarray, np.ndarray], answered: Answered
) -> dict[str, Any]:
    """What the system is, what it cost, and how fast it was in this run; of several seeds the mean for each.

    Args:
        system: with its name.
        scored: what each seed gave.
        truth: (n, k) gold and mask of what is compared.
        answered: on the same rows and techniques.
    """
    one = system.first
    manifests = [seed.manifest for seed in system.seeds]
    seconds = [manifest.get("training", {}).get("seconds") for manifest in manifests]
    paths = [seed.path for seed in system.seeds if seed.path is not None]
    errors = [calibration_error(*truth, probabilities) for probabilities in answered.probabilities]
    return {
        "path": str(one.path), "identity": one.identity, "kind": one.config.model.kind, "base": _base(one),
        "taxonomy": one.inventory.name, "thresholds": one.decision.rule, "calibration": one.decision.calibration,
        "n_seeds": len(system.seeds),
        "seeds": [
            {"path": str(seed.path), "identity": seed.identity, "seed": manifest.get("seed")}
            for seed, manifest in zip(system.seeds, manifests, strict=True)
        ],
        "training_seconds": _mean(seconds),
        "training_precision": one.manifest.get("training", {}).get("precision"),
        "n_training_sentences": one.manifest.get("data", {}).get("n_sentences", {}).get("train"),
        "weights_bytes": round(float(np.mean([(path / "model.safetensors").stat().st_size for path in paths]))),
        "calibration_error": _mean(errors),
        "scoring_seconds": round(float(np.mean([its.seconds for its in scored])), 3),
        "sentences_per_second": round(float(np.mean([its.sentences_per_second for its in scored])), 1),
    }  # fmt: skip


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(float(np.mean(known)), 4) if known else None


def _base(one: Classifier) -> str | None:
    model = one.config.model
    return None if model.kind == "tfidf" else model.base


def _folders(path: Path) -> list[Path]:
    if path.exists() or not path.name:
        return [path]
    beside = [
        (int(match[1]), folder)
        for folder in path.parent.glob(f"{path.name}-seed*")
        if (match := re.fullmatch(r"-seed(\d+)", folder.name[len(path.name) :])) and folder.is_dir()
    ]
    return [folder for _, folder in sorted(beside)] or [path]


def _refuse_unlike(seeds: Sequence[Classifier], text: str) -> None:
    paths = [seed.path.resolve() for seed in seeds if seed.path]
    twice = next((path for path in paths if paths.count(path) > 1), None)
    if twice is not None:
        raise UserError(
            f"'{text}' names {twice.name} twice", where="command line", expected="different seeds of one system",
            remedy="separate the two sides with a space: spinscope compare A B.",
        )  # fmt: skip
    for seed in seeds[1:]:
        if seed.inventory.ids != seeds[0].inventory.ids:
            raise UserError(
                f"'{text}' joins {seeds[0].name} and {seed.name}, which have other techniques", where="command line",
                expected="seeds of one system: the same techniques in the same order",
                remedy="separate the two sides with a space: spinscope compare A B.",
            )  # fmt: skip


def _base_name(system: System) -> str:
    if len(system.seeds) == 1:
        return system.first.name
    bases = list(dict.fromkeys(SEED_ENDING.sub("", seed.name) or seed.name for seed in system.seeds))
    return bases[0] if len(bases) == 1 else "+".join(bases)


def _home(system: System) -> Path | None:
    return system.first.path.parent if system.first.path and len(system.seeds) > 1 else system.first.path
