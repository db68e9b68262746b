"""Verbs that apply checkpoints to articles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spinscope import options


def score(
    inputs: options.Inputs,
    checkpoint: Annotated[Path, typer.Option("--checkpoint", help="Checkpoint folder.")],
    out: options.ScoresOut,
    file_format: options.ScoreFormat = None,
    partition_by: options.PartitionBy = None,
    report: options.ReportFile = None,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="In the report, show the words that carry the clearest scores.")
    ] = False,
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
    workers: options.Workers = None,
    abstain: options.Abstain = None,
    as_source: options.AsSource = None,
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
            workers=workers,
            abstain=abstain,
            as_source=as_source,
            articles_per_shard=articles_per_shard,
            report=report,
            evidence=evidence,
            any_language=any_language,
            keep_text=keep_text,
            stdin_kind=stdin_kind,
        )
    )


def export(
    checkpoint: options.CheckpointFolder,
    to: options.ExportTarget,
    data: options.DataPath = None,
    data_format: options.DataFormat = "auto",
    inventory: options.DataInventory = None,
    split: options.SplitName = None,
    max_flipped: options.FlippedBound = 0.003,
    max_flipped_positive: options.FlippedPositiveBound = 0.08,
    max_macro_f1_loss: options.MacroF1Bound = 0.01,
    threads: options.Threads = None,
    json_file: options.JsonFile = None,
) -> None:
    """Write a checkpoint for another engine, if its answers on dev are those of float32 within bounds; else exit with 3."""
    from spinscope.jobs.exporting import export as job
    from spinscope.measure.gates import Bounds

    bounds = Bounds(
        flipped_fraction=max_flipped, flipped_positive_fraction=max_flipped_positive, macro_f1_loss=max_macro_f1_loss
    )
    raise typer.Exit(
        job(
            checkpoint,
            to=to,
            data=data,
            data_format=data_format,
            inventory_name=inventory,
            split=split,
            bounds=bounds,
            threads=threads,
            json_file=json_file,
        )
    )


def summarize(
    scores: options.ScoresPath,
    by: options.GroupColumns = "",
    out: options.TableFile = None,
    html: options.HtmlFile = None,
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
