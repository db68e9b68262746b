"""Verbs that measure checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from spinscope import options


def evaluate(
    checkpoint: options.CheckpointFolder,
    data: options.DataPath = None,
    data_format: options.DataFormat = "auto",
    inventory: options.DataInventory = None,
    split: options.SplitName = None,
    json_file: options.JsonFile = None,
    official: options.OfficialName = None,
    official_gold: options.OfficialGold = None,
    submission: options.SubmissionFile = None,
    html: options.HtmlFile = None,
    at_precision: options.AtPrecision = None,
    at_recall: options.AtRecall = None,
    at_error: options.AtError = None,
    as_source: options.AsSource = None,
    report_to: options.ReportTo = None,
) -> None:
    """Measure a checkpoint: every figure with its interval over articles, beside simple baselines."""
    from spinscope.jobs.evaluation import evaluate as job

    raise typer.Exit(
        job(
            checkpoint,
            data=data,
            data_format=data_format,
            inventory_name=inventory,
            split=split,
            json_file=json_file,
            official=official,
            official_gold=official_gold,
            submission=submission,
            html_file=html,
            as_source=as_source,
            report_to=report_to or [],
            wished={"wished_precision": at_precision, "wished_recall": at_recall, "wished_error": at_error},
        )
    )


def official_verb(
    name: options.TaskName,
    gold: options.TaskGold = None,
    predictions: options.TaskPredictions = None,
    check: options.TaskCheck = None,
    techniques: options.TaskTechniques = None,
    articles: options.TaskArticles = None,
    json_file: options.JsonFile = None,
) -> None:
    """Score a submission by the rules of its shared task, or check its format line by line."""
    from spinscope.jobs.officials import official as job

    raise typer.Exit(
        job(
            name,
            gold=gold,
            predictions=predictions,
            check=check,
            techniques=techniques,
            articles=articles,
            json_file=json_file,
        )
    )


def compare(
    checkpoints: options.Checkpoints,
    data: options.DataPath = None,
    data_format: options.DataFormat = "auto",
    inventory: options.DataInventory = None,
    split: options.SplitName = None,
    json_file: options.JsonFile = None,
    html: options.HtmlFile = None,
    margin: options.Margin = 0.02,
    resamples: options.CompareResamples = None,
    gate: options.GateFile = None,
    audit_files: options.AuditFiles = None,
    suites: options.SuitesFolder = None,
    allow_training_articles: options.AllowTrainingArticles = False,
) -> None:
    """Say which checkpoint is better, per technique and on average, or as good within a margin; hold it to a gate."""
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
            margin=margin,
            n_resamples=resamples,
            gate_file=gate,
            audit_files=audit_files or (),
            suites=suites,
            allow_training_articles=allow_training_articles,
        )
    )


def voices(
    sentences: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="JSONL of sentences whose voices are marked, such as the native corpus."),
    ],
    split: Annotated[Optional[str], typer.Option("--split", help="train, dev, test or all; by default all.")] = None,
    json_file: options.JsonFile = None,
) -> None:
    """Measure how well quoted and reported speech and its speakers are told, against voices marked by hand."""
    from spinscope.jobs.voice_quality import voice_quality as job

    raise typer.Exit(job(sentences, split=split, json_file=json_file))


def audit(
    checkpoint: options.CheckpointFolder,
    data: options.DataPath = None,
    data_format: options.DataFormat = "auto",
    inventory: options.DataInventory = None,
    split: options.SplitName = None,
    suites: options.SuitesFolder = None,
    out_of_fold: options.OutOfFold = None,
    json_file: options.JsonFile = None,
    html: options.HtmlFile = None,
) -> None:
    """Look for wrong reasons: shortcuts, leaks, wrong labels, names, noise; exit code 3 where a limit is broken."""
    from spinscope.jobs.auditing import audit as job

    raise typer.Exit(
        job(
            checkpoint,
            data=data,
            data_format=data_format,
            inventory_name=inventory,
            split=split,
            suites=suites,
            out_of_fold=out_of_fold,
            json_file=json_file,
            html_file=html,
        )
    )


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
