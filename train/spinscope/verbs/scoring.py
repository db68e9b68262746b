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
