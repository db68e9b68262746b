"""Verbs on labelled sentences and inventories."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from spinscope import options


def convert(
    source: options.Source,
    out: Annotated[Path, typer.Option("--out", help="File to write: .jsonl (native), .csv, or .json (Label Studio).")],
    overrides: options.Overrides = None,
    to: Annotated[
        Optional[str], typer.Option("--to", help="native, csv or label-studio; by default what --out ends in.")
    ] = None,
    data_format: options.DataFormat = "auto",
    inventory: options.DataInventory = None,
    annotator: options.Annotator = None,
) -> None:
    """Bring a corpus of any supported format to native JSONL, plain CSV or Label Studio's JSON."""
    from spinscope.jobs.conversion import convert as job

    raise typer.Exit(
        job(
            source,
            out=out,
            overrides=overrides or [],
            to=to,
            data_format=data_format,
            inventory_name=inventory,
            annotator=annotator,
        )
    )


def agreement(
    files: options.LabelledFiles,
    inventory: options.DataInventory = None,
    json_file: options.JsonFile = None,
    soft_labels: options.SoftLabels = None,
) -> None:
    """Measure how far annotators agree: Krippendorff's alpha and span overlap per technique, with intervals."""
    from spinscope.jobs.agreement import agreement as job

    raise typer.Exit(job(files, inventory_name=inventory, json_file=json_file, soft_labels_file=soft_labels))


def taxonomy_list(as_json: options.AsJson = False) -> None:
    """List the inventories."""
    from spinscope.jobs.taxonomies import list_taxonomies

    raise typer.Exit(list_taxonomies(as_json=as_json))


def taxonomy_show(
    name: Annotated[str, typer.Argument(help="An inventory or a technique.")], as_json: options.AsJson = False
) -> None:
    """Show an inventory, or a technique with its definition, example and near miss."""
    from spinscope.jobs.taxonomies import show_taxonomy

    raise typer.Exit(show_taxonomy(name, as_json=as_json))


def taxonomy_map(source: str, target: str, as_json: options.AsJson = False) -> None:
    """Show how the techniques of SOURCE map onto TARGET, and what is lost."""
    from spinscope.jobs.taxonomies import map_taxonomies

    raise typer.Exit(map_taxonomies(source, target, as_json=as_json))
