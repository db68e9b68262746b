"""The runs of a folder, as `spinscope runs` tells them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spinscope.jobs.config_differences import Setting
from spinscope.jobs.shelf_reading import Run

SORTED_BY: dict[str, Callable[[Run], Any]] = {
    "name": lambda run: run.name,
    "kind": lambda run: run.facts.get("kind"),
    "seed": lambda run: run.facts.get("seed"),
    "data": lambda run: run.facts.get("data_sha256"),
    "taxonomy": lambda run: run.facts.get("taxonomy"),
    "size": lambda run: run.facts.get("weights_bytes"),
    "training_seconds": lambda run: run.facts.get("training_seconds"),
}
"""Fields to sort by, beside the figures; upwards."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The runs of a folder in the order asked for.

    Attributes:
        folder: what was listed.
        runs: whole ones, then the others.
        settings: where the configurations of whole runs differ.
        lineage: run -> sentences on where it comes from.
        findings: what is to be known before figures are laid side by side (exit code 1 where something is broken).
        sorted_by: the field.
    """

    folder: Path
    runs: list[Run]
    settings: list[Setting]
    lineage: Mapping[str, list[str]]
    findings: list[str]
    sorted_by: str

    @property
    def whole(self) -> list[Run]:
        """The runs that have a checkpoint."""
        return [run for run in self.runs if run.status == "whole"]

    def to_dict(self) -> dict[str, Any]:
        """The shelf as JSON holds it."""
        return {
            "folder": str(self.folder), "sorted_by": self.sorted_by,
            "runs": [
                {
                    "name": run.name, "path": str(run.path), "status": run.status, "reason": run.reason or None,
                    **run.facts, "lineage": self.lineage.get(run.name, []), "remarks": list(run.remarks),
                    "differs": {one.path: one.values[run.name] for one in self.settings if run.name in one.values},
                    "figures": {name: figure.model_dump() for name, figure in run.figures.items()},
                }
                for run in self.runs
            ],
            "differences": [
                {"setting": one.path, "meaning": one.meaning, "values": dict(one.values)} for one in self.settings
            ],
            "findings": self.findings,
        }  # fmt: skip
