"""The command line: verbs and options, nothing else. A job is loaded when its verb runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from spinscope import __version__, options
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
def check(config: options.ConfigFile, overrides: options.Overrides = None, json_file: options.JsonFile = None) -> None:
    """Read config and data before any model loads, and report what is wrong with them."""
    from spinscope.config import read_config
    from spinscope.jobs.checking import check as job

    raise typer.Exit(job(read_config(config, overrides or []), json_file=json_file))


@app.command()
def train(
    config: options.ConfigFile,
    overrides: options.Overrides = None,
    resume: options.Resume = False,
    overwrite: options.Overwrite = False,
) -> None:
    """Train a checkpoint from a config."""
    from spinscope.config import config_name, read_config
    from spinscope.jobs.training import train as job

    run = read_config(config, overrides or [])
    job(run, name=config_name(config, run), resume=resume, overwrite=overwrite)


@app.command("cross-validate")
def cross_validate(
    config: options.ConfigFile,
    overrides: options.Overrides = None,
    folds: options.Folds = 5,
    baseline: options.Baseline = "tfidf",
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
    checkpoint: options.CheckpointFolder,
    data: options.DataPath = None,
    data_format: options.DataFormat = "auto",
    inventory: options.DataInventory = None,
    split: options.SplitName = None,
    json_file: options.JsonFile = None,
) -> None:
    """Measure a checkpoint: every figure with its interval over articles, beside simple baselines."""
    from spinscope.jobs.evaluation import evaluate as job

    raise typer.Exit(
        job(checkpoint, data=data, data_format=data_format, inventory_name=inventory, split=split, json_file=json_file)
    )


@app.command()
def score(
    inputs: options.Inputs,
    checkpoint: Annotated[Path, typer.Option("--checkpoint", help="Checkpoint folder.")],
    out: options.ScoresOut,
    file_format: options.ScoreFormat = None,
    partition_by: options.PartitionBy = None,
    report: options.ReportFile = None,
    text_column: options.TextColumn = "text",
    id_column: options.IdColumn = None,
    source_column: options.SourceColumn = None,
    date_column: options.DateColumn = None,
    language_column: options.LanguageColumn = None,
    any_language: options.AnyLanguage = False,
    keep_text: options.TextFolder = None,
    stdin_kind: options.StdinKind = "text",
    engine: options.ScoringEngine = None,
    threads: options.Threads = None,
    articles_per_shard: options.ArticlesPerShard = 128,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace scores that are there already.")] = False,
) -> None:
    """Score articles sentence by sentence, with exact offsets and the voice of each sentence; goes on where it stopped."""
    from spinscope.data.inputs import ArticleColumns
    from spinscope.jobs.scoring import score as job

    identity = None if id_column == "id" else id_column
    raise typer.Exit(
        job(
            inputs,
            checkpoint=checkpoint,
            out=out,
            kind=file_format,
            partition_by=[name for name in (partition_by or "").split(",") if name],
            overwrite=overwrite,
            columns=ArticleColumns(text_column, identity, source_column, date_column, language_column),
            engine=engine,
            threads=threads,
            articles_per_shard=articles_per_shard,
            report=report,
            any_language=any_language,
            keep_text=keep_text,
            stdin_kind=stdin_kind,
        )
    )


@app.command()
def summarize(
    scores: options.ScoresPath,
    by: options.GroupColumns = "",
    out: options.TableFile = None,
    html: options.SummaryPage = None,
    article_report: options.ArticleReport = None,
    confidence: options.Confidence = 0.95,
    resamples: options.Resamples = 2000,
    seed: options.Seed = 13,
) -> None:
    """Say how common each technique is by source, time and voice, with intervals, corrected for the errors on dev."""
    from spinscope.jobs.summarizing import summarize as job

    raise typer.Exit(
        job(
            scores,
            by=by,
            out=out,
            html_file=html,
            article_report=article_report,
            confidence=confidence,
            n_resamples=resamples,
            seed=seed,
        )
    )


@app.command()
def compare(
    checkpoints: options.Checkpoints,
    data: options.DataPath = None,
    data_format: options.DataFormat = "auto",
    inventory: options.DataInventory = None,
    split: options.SplitName = None,
    json_file: options.JsonFile = None,
    html: Annotated[Optional[Path], typer.Option("--html", help="Also write an HTML report.")] = None,
    allow_training_articles: options.AllowTrainingArticles = False,
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
    checkpoint: options.CheckpointFolder,
    out: Annotated[Path, typer.Option("--out", help="Folder of the new checkpoint.")],
    data: options.DataPath = None,
    data_format: options.DataFormat = "auto",
    inventory: options.DataInventory = None,
    split: options.SplitName = None,
    thresholds: options.Thresholds = None,
    calibration: options.Calibration = None,
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


@app.command()
def agreement(
    files: options.LabelledFiles,
    inventory: options.DataInventory = None,
    json_file: options.JsonFile = None,
    soft_labels: options.SoftLabels = None,
) -> None:
    """Measure how far annotators agree: Krippendorff's alpha and span overlap per technique, with intervals."""
    from spinscope.jobs.agreement import agreement as job

    raise typer.Exit(job(files, inventory_name=inventory, json_file=json_file, soft_labels_file=soft_labels))


@app.command()
def audit(
    checkpoint: options.CheckpointFolder,
    data: options.DataPath = None,
    data_format: options.DataFormat = "auto",
    inventory: options.DataInventory = None,
    split: options.SplitName = None,
    suites: options.SuitesFolder = None,
    json_file: options.JsonFile = None,
) -> None:
    """Look for wrong reasons: false alarms, names, pairs and spelling; exit code 3 where a limit is broken."""
    from spinscope.jobs.auditing import audit as job

    raise typer.Exit(
        job(
            checkpoint,
            data=data,
            data_format=data_format,
            inventory_name=inventory,
            split=split,
            suites=suites,
            json_file=json_file,
        )
    )


@app.command()
def probe(
    checkpoint: options.CheckpointFolder,
    pairs: options.ProbePairs,
    data: Annotated[str, typer.Option("--data", help="Labelled corpus, or with --text-column a table.")],
    data_format: options.DataFormat = "auto",
    inventory: options.DataInventory = None,
    text_column: options.ProbeTextColumn = None,
    json_file: options.JsonFile = None,
) -> None:
    """Measure how well scores rank sentences by a label of another kind: fear for threat, a stance for us-vs-them."""
    from spinscope.jobs.probing import probe as job

    raise typer.Exit(
        job(
            checkpoint,
            pairs,
            data=data,
            data_format=data_format,
            inventory_name=inventory,
            text_column=text_column,
            json_file=json_file,
        )
    )


taxonomy_app = typer.Typer(
    no_args_is_help=True, help="List, show and map the inventories of techniques.", rich_markup_mode=None
)
app.add_typer(taxonomy_app, name="taxonomy")


@taxonomy_app.command("list")
def taxonomy_list(as_json: options.AsJson = False) -> None:
    """List the inventories."""
    from spinscope.jobs.taxonomies import list_taxonomies

    raise typer.Exit(list_taxonomies(as_json=as_json))


@taxonomy_app.command("show")
def taxonomy_show(
    name: Annotated[str, typer.Argument(help="An inventory or a technique.")], as_json: options.AsJson = False
) -> None:
    """Show an inventory, or a technique with its definition, example and near miss."""
    from spinscope.jobs.taxonomies import show_taxonomy

    raise typer.Exit(show_taxonomy(name, as_json=as_json))


@taxonomy_app.command("map")
def taxonomy_map(source: str, target: str, as_json: options.AsJson = False) -> None:
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
                "interrupted; what was finished is kept: train goes on with --resume, cross-validate and score when run "
                "again",
                file=sys.stderr,
            )
        raise
