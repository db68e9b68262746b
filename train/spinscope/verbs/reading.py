"""Verbs that look into checkpoints: what stands on the shelf."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from spinscope import options


def runs(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="Folder of checkpoints.")] = Path("models"),
    sort: Annotated[
        str,
        typer.Option(
            "--sort", metavar="FIELD",
            help="name, kind, seed, data, taxonomy, size, training_seconds, or a figure such as "
            "dev.macro_average_precision or test.loaded_language.f1; the best first.",
        ),
    ] = "name",
    as_json: options.AsJson = False,
    csv_file: Annotated[Optional[Path], typer.Option("--csv", help="Also write one line a run to this file.")] = None,
) -> None:  # fmt: skip
    """List checkpoints with figures, what differs between them, data and lineage; broken ones with the reason."""
    from spinscope.jobs.shelf import runs as job

    raise typer.Exit(job(folder, sort=sort, as_json=as_json, csv_file=csv_file))
