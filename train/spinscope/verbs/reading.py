"""Verbs that look into checkpoints: what stands on the shelf, which words carry a score."""

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


def explain(
    sentences: Annotated[Optional[list[str]], typer.Argument(metavar="[SENTENCE]...", help="In quotation marks.")] = None,
    checkpoint: Annotated[Path, typer.Option("--checkpoint", help="Checkpoint folder.")] = ...,  # type: ignore[assignment]
    file: Annotated[
        Optional[Path], typer.Option("--file", help="Sentences, one a line; or JSONL with text.")
    ] = None,
    technique: Annotated[
        Optional[list[str]], typer.Option("--technique", help="To explain; by default those decided. May stand twice.")
    ] = None,
    method: Annotated[
        Optional[str],
        typer.Option(
            "--method",
            help="integrated-gradients, gradient-x-input, states, leave-out, mask-out, linear; by default the best by "
            "measure.",
        ),
    ] = None,
    json_file: options.JsonFile = None,
    html: options.HtmlFile = None,
) -> None:  # fmt: skip
    """Show which words carry the score of a sentence, per technique."""
    from spinscope.jobs.explaining import explain as job

    raise typer.Exit(
        job(
            sentences or [],
            checkpoint=checkpoint,
            file=file,
            techniques=technique or [],
            method=method,
            json_file=json_file,
            html_file=html,
        )
    )
