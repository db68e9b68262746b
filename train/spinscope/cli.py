"""The command line: verbs and options, nothing else. A job is loaded when its verb runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal, Optional

import typer

from spinscope import __version__
from spinscope.errors import MISTAKE, UserError

INTERRUPTED = 130

app = typer.Typer(
    name="spinscope",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Train, evaluate, apply and compare classifiers of propaganda techniques.\n\n"
    "Exit codes: 0 done; 1 done, with findings or skipped inputs; 2 a mistake you can mend, nothing done; 3 a gate broken.",
)

ConfigFile = Annotated[Path, typer.Argument(metavar="CONFIG", help="YAML file of the run.")]
Overrides = Annotated[
    Optional[list[str]],
    typer.Argument(metavar="[KEY=VALUE]...", help="Settings on top, for example training.epochs=2."),
]
CheckpointFolder = Annotated[Path, typer.Argument(metavar="CHECKPOINT", help="Checkpoint folder.")]
DataPath = Annotated[Optional[str], typer.Option("--data", help="Labelled file or folder, or a config's YAML file.")]
DataFormat = Annotated[str, typer.Option("--format", help="Format of --data; auto tells it from the files.")]
DataInventory = Annotated[
    Optional[str],
    typer.Option("--inventory", help="Inventory the data was annotated with, where its format does not say."),
]
SplitName = Annotated[
    Optional[str],
    typer.Option("--split", help="train, dev, test or all; by default test where there is one."),
]
JsonFile = Annotated[Optional[Path], typer.Option("--json", help="Also write the result as JSON to this file.")]


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"spinscope {__version__}")
        raise typer.Exit


# Eager: typer loads pydantic for the options that it has yet to look at.
Version = Annotated[
    bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Print the version and stop.")
]


@app.callback()
def _top(version: Version = False) -> None:
    pass


@app.command()
def quickstart(
    output: Annotated[Path, typer.Option("--out", help="Folder for the report and scores.")] = Path(
        "models/quickstart-report"
    ),
) -> None:
    """Check, train on the project's own sentences, evaluate, score the example articles, write an HTML report."""
    from spinscope.jobs.quickstart import quickstart as job

    raise typer.Exit(job(out=output))


@app.command()
def check(config: ConfigFile, overrides: Overrides = None, json_file: JsonFile = None) -> None:
    """Read config and data before any model loads, and report what is wrong with them."""
    from spinscope.config import read_config
    from spinscope.jobs.checking import check as job

    raise typer.Exit(job(read_config(config, overrides or []), json_file=json_file))


@app.command()
def train(
    config: ConfigFile,
    overrides: Overrides = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an interrupted run stopped.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a checkpoint or an unfinished run of this name.")
    ] = False,
) -> None:
    """Train a checkpoint from a config."""
    from spinscope.config import config_name, read_config
    from spinscope.jobs.training import train as job

    run = read_config(config, overrides or [])
    job(run, name=config_name(config, run), resume=resume, overwrite=overwrite)


@app.command("cross-validate")
def cross_validate(
    config: ConfigFile,
    overrides: Overrides = None,
    folds: Annotated[int, typer.Option("--folds", min=2, help="Folds over articles.")] = 5,
    baseline: Annotated[
        Literal["tfidf", "none"], typer.Option("--baseline", help="What to compare with on the same folds.")
    ] = "tfidf",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Discard the folds of an earlier run.")] = False,
) -> None:
    """Train on k folds over articles and measure the pooled out-of-fold predictions; goes on where it stopped."""
    from spinscope.config import config_name, read_config
    from spinscope.jobs.cross_validation import cross_validate as job

    run = read_config(config, overrides or [])
    job(
        run,
        name=config_name(config, run),
        n_folds=folds,
        baseline=None if baseline == "none" else baseline,
        overwrite=overwrite,
    )


@app.command()
def evaluate(
    checkpoint: CheckpointFolder,
    data: DataPath = None,
    data_format: DataFormat = "auto",
    inventory: DataInventory = None,
    split: SplitName = None,
    json_file: JsonFile = None,
) -> None:
    """Measure a checkpoint: every figure with its interval over articles, beside simple baselines."""
    from spinscope.jobs.evaluation import evaluate as job

    raise typer.Exit(
        job(checkpoint, data=data, data_format=data_format, inventory_name=inventory, split=split, json_file=json_file)
    )


@app.command()
def score(
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT...", help="Files, folders, globs, or - for standard input.")
    ],
    checkpoint: Annotated[Path, typer.Option("--checkpoint", help="Checkpoint folder.")],
    out: Annotated[Path, typer.Option("--out", help="Scores: .jsonl, .csv or .parquet.")],
    report: Annotated[
        Optional[Path], typer.Option("--report", help="Also write an HTML report of the articles.")
    ] = None,
    text_column: Annotated[
        str, typer.Option("--text-column", help="Column with the article's text (JSONL, CSV, Parquet).")
    ] = "text",
    id_column: Annotated[
        Optional[str],
        typer.Option("--id-column", help="Column with the article's id; by default id, where there is one."),
    ] = None,
    any_language: Annotated[
        bool, typer.Option("--any-language", help="Score articles in other languages too.")
    ] = False,
    keep_text: Annotated[
        Optional[Path], typer.Option("--keep-text", help="Folder for the extracted article texts.")
    ] = None,
    stdin_kind: Annotated[
        Literal["text", "markdown", "html", "jsonl", "csv", "tsv"],
        typer.Option("--stdin-kind", help="What standard input holds."),
    ] = "text",
) -> None:
    """Score articles sentence by sentence, with exact offsets and the voice of each sentence."""
    from spinscope.jobs.scoring import score as job

    raise typer.Exit(
        job(
            inputs,
            checkpoint=checkpoint,
            out=out,
            report=report,
            text_column=text_column,
            id_column=id_column,
            any_language=any_language,
            keep_text=keep_text,
            stdin_kind=stdin_kind,
        )
    )


@app.command()
def compare(
    checkpoints: Annotated[
        list[Path], typer.Argument(metavar="A B [...]", help="Checkpoint folders; each is compared with the first.")
    ],
    data: DataPath = None,
    data_format: DataFormat = "auto",
    inventory: DataInventory = None,
    split: SplitName = None,
    json_file: JsonFile = None,
    html: Annotated[Optional[Path], typer.Option("--html", help="Also write an HTML report.")] = None,
    allow_training_articles: Annotated[
        bool,
        typer.Option("--allow-training-articles", help="Compare even on articles that a checkpoint was trained on."),
    ] = False,
) -> None:
    """Say which checkpoint is better, per technique and on average, with intervals and corrected p-values."""
    from spinscope.jobs.comparison import compare as job

    raise typer.Exit(
        job(
            checkpoints,
            data=data,
            data_format=data_format,
            inventory_name=inventory,
            split=split,
            json_file=json_file,
            html_file=html,
            allow_training_articles=allow_training_articles,
        )
    )


@app.command()
def tune(
    checkpoint: CheckpointFolder,
    out: Annotated[Path, typer.Option("--out", help="Folder of the new checkpoint.")],
    data: DataPath = None,
    data_format: DataFormat = "auto",
    inventory: DataInventory = None,
    split: SplitName = None,
    thresholds: Annotated[
        Optional[Literal["per_technique", "global", "fixed"]],
        typer.Option("--thresholds", help="Threshold rule; by default the checkpoint's."),
    ] = None,
    calibration: Annotated[
        Optional[Literal["none", "temperature", "platt"]],
        typer.Option("--calibration", help="By default the checkpoint's."),
    ] = None,
) -> None:
    """Fit new thresholds and calibration on your own labelled sentences, without training, as a new checkpoint."""
    from spinscope.jobs.tuning import tune as job

    raise typer.Exit(
        job(
            checkpoint,
            out=out,
            data=data,
            data_format=data_format,
            inventory_name=inventory,
            split=split,
            thresholds=thresholds,
            calibration=calibration,
        )
    )


@app.command()
def convert(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="File, folder, or hub id of a corpus, or a config's YAML file.")
    ],
    out: Annotated[Path, typer.Option("--out", help="File to write: .jsonl (native), .csv, or .json (Label Studio).")],
    overrides: Overrides = None,
    to: Annotated[
        Optional[str], typer.Option("--to", help="native, csv or label-studio; by default what --out ends in.")
    ] = None,
    data_format: DataFormat = "auto",
    inventory: DataInventory = None,
    annotator: Annotated[
        Optional[str],
        typer.Option("--annotator", help="Of a Label Studio export: whose labels (e-mail or id), or predictions."),
    ] = None,
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


@app.command()
def agreement(
    files: Annotated[
        list[Path], typer.Argument(metavar="A B [...]", help="Labelled files of the same sentences, one per annotator.")
    ],
    inventory: DataInventory = None,
    json_file: JsonFile = None,
    soft_labels: Annotated[
        Optional[Path],
        typer.Option("--soft-labels", help="JSONL file for the share of annotators per sentence and technique."),
    ] = None,
) -> None:
    """Measure how far annotators agree: Krippendorff's alpha and span overlap per technique, with intervals."""
    from spinscope.jobs.agreement import agreement as job

    raise typer.Exit(job(files, inventory_name=inventory, json_file=json_file, soft_labels_file=soft_labels))


taxonomy_app = typer.Typer(
    no_args_is_help=True, help="List, show and map the inventories of techniques.", rich_markup_mode=None
)
app.add_typer(taxonomy_app, name="taxonomy")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@taxonomy_app.command("list")
def taxonomy_list(as_json: AsJson = False) -> None:
    """List the inventories."""
    from spinscope.jobs.taxonomies import list_taxonomies

    raise typer.Exit(list_taxonomies(as_json=as_json))


@taxonomy_app.command("show")
def taxonomy_show(
    name: Annotated[str, typer.Argument(help="An inventory or a technique.")], as_json: AsJson = False
) -> None:
    """Show an inventory, or a technique with its definition, example and near miss."""
    from spinscope.jobs.taxonomies import show_taxonomy

    raise typer.Exit(show_taxonomy(name, as_json=as_json))


@taxonomy_app.command("map")
def taxonomy_map(source: str, target: str, as_json: AsJson = False) -> None:
    """Show how the techniques of SOURCE map onto TARGET, and what is lost."""
    from spinscope.jobs.taxonomies import map_taxonomies

    raise typer.Exit(map_taxonomies(source, target, as_json=as_json))


def main() -> None:
    """Runs the command line; a mistake the user can mend ends in one message and exit code 2."""
    try:
        app()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(MISTAKE) from None
    except SystemExit as stop:
        if stop.code == INTERRUPTED:  # what typer makes of Ctrl-C
            print(
                "interrupted; what was finished is kept: train goes on with --resume, cross-validate when run again",
                file=sys.stderr,
            )
        raise
