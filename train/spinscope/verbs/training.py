"""Verbs that make checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spinscope import options


def quickstart(
    output: Annotated[Path, typer.Option("--out", help="Folder for the report and scores.")] = Path(
        "models/quickstart-report"
    ),
) -> None:
    """Check, train on the project's own sentences, evaluate, score the example articles, write an HTML report."""
    from spinscope.jobs.quickstart import quickstart as job

    raise typer.Exit(job(out=output))


def check(config: options.ConfigFile, overrides: options.Overrides = None, json_file: options.JsonFile = None) -> None:
    """Read config and data before any model loads, and report what is wrong with them."""
    from spinscope.config import read_config
    from spinscope.jobs.checking import check as job

    raise typer.Exit(job(read_config(config, overrides or []), json_file=json_file))


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


def study(
    path: Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="Runs, seeds and folds; see configs/studies.")],
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Also write the table here, figures only.")] = None,
    only_table: Annotated[bool, typer.Option("--only-table", help="Train nothing: the table of what is finished.")] = False,
    techniques: Annotated[
        str | None, typer.Option("--techniques", metavar="RUN", help="Also hold this run against the reference by technique.")
    ] = None,
) -> None:
    """Train many configs, seeds and folds, and say what each setting is worth; goes on where it stopped."""
    from spinscope.jobs.study import study as job

    raise typer.Exit(job(path, csv_file=csv_file, only_table=only_table, techniques=techniques))


def adapt(
    config: options.ConfigFile,
    out: Annotated[str, typer.Option("--out", help="Folder of the adapted encoder; with --folds it holds {fold}.")],
    overrides: options.Overrides = None,
    texts: Annotated[
        list[str] | None, typer.Option("--texts", help="Further unlabelled articles, as `score` reads them; repeatable.")
    ] = None,
    only_texts: Annotated[bool, typer.Option("--only-texts", help="Leave the config's own articles out.")] = False,
    folds: Annotated[
        int | None, typer.Option("--folds", min=2, help="An encoder for each fold of cross-validate with so many.")
    ] = None,
    epochs: Annotated[float, typer.Option("--epochs", min=0.01, help="Passes over the texts.")] = 3.0,
    learning_rate: Annotated[float, typer.Option("--learning-rate", min=0.0, help="Peak rate of the encoder.")] = 5e-5,
    masked: Annotated[float, typer.Option("--masked", min=0.01, max=0.9, help="Share of tokens to be guessed.")] = 0.15,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a folder that stands there.")] = False,
) -> None:
    """Train the base encoder to guess masked words of the training articles and further ones; for model.base."""
    from spinscope.config import read_config
    from spinscope.jobs.adapting import adapt as job

    job(
        read_config(config, overrides or []), out=out, texts=texts or [], only_texts=only_texts, n_folds=folds,
        epochs=epochs, learning_rate=learning_rate, masked_fraction=masked, overwrite=overwrite,
    )  # fmt: skip


def average(
    checkpoints: Annotated[list[Path], typer.Argument(metavar="CHECKPOINT...", help="Two or more, of the same base.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the new checkpoint.")],
    data: options.DataPath = None,
    data_format: options.DataFormat = "auto",
    inventory: options.DataInventory = None,
    split: options.SplitName = None,
    thresholds: options.Thresholds = None,
    calibration: options.Calibration = None,
    any_technique: options.AnyTechnique = None,
) -> None:
    """Write a checkpoint whose weights are the mean of several, thresholds and calibration fitted anew on dev."""
    from spinscope.jobs.averaging import average as job

    raise typer.Exit(
        job(
            checkpoints, out=out, data=data, data_format=data_format, inventory_name=inventory, split=split,
            thresholds=thresholds, calibration=calibration, any_technique=any_technique,
        )
    )  # fmt: skip


def tune(
    checkpoint: options.CheckpointFolder,
    out: Annotated[Path, typer.Option("--out", help="Folder of the new checkpoint.")],
    data: options.DataPath = None,
    data_format: options.DataFormat = "auto",
    inventory: options.DataInventory = None,
    split: options.SplitName = None,
    thresholds: options.Thresholds = None,
    calibration: options.Calibration = None,
    any_technique: options.AnyTechnique = None,
    at_precision: options.TunePrecision = None,
    at_recall: options.TuneRecall = None,
    abstain: options.Abstain = None,
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
            any_technique=any_technique,
            at_precision=at_precision,
            at_recall=at_recall,
            abstain=abstain,
        )
    )
