"""Arguments and options of the command line, as typer reads them: what is shared by verbs, and what is long."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Optional

import typer

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
HtmlFile = Annotated[Optional[Path], typer.Option("--html", help="Also write a page with charts; it opens offline.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]

OfficialName = Annotated[
    Optional[str], typer.Option("--official", metavar="NAME", help="Also score by the rule of this shared task.")
]
OfficialGold = Annotated[
    Optional[Path],
    typer.Option("--official-gold", help="The shared task's own gold file, for spans to the last digit."),
]
SubmissionFile = Annotated[
    Optional[Path], typer.Option("--submission", help="With --official: write the predictions in the task's format.")
]
TaskName = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="semeval2020-si, semeval2020-tc, nlp4if2019-slc, nlp4if2019-flc, semeval2021-st1, semeval2021-st2, "
        "semeval2023-st3 or semeval2024-st1.",
    ),
]
TaskGold = Annotated[
    Optional[Path], typer.Option("--gold", help="Gold file in the task's format, or a folder of one file per article.")
]
TaskPredictions = Annotated[Optional[Path], typer.Option("--predictions", help="Submission file in the task's format.")]
TaskCheck = Annotated[Optional[Path], typer.Option("--check", help="Submission file whose format is checked instead.")]
TaskTechniques = Annotated[
    Optional[Path],
    typer.Option("--techniques", help="The task's list of labels, one a line, where it depends on the language."),
]
TaskArticles = Annotated[
    Optional[Path],
    typer.Option("--articles", help="Folder of the measured part's articles, so that one without a gold span counts."),
]

Resume = Annotated[bool, typer.Option("--resume", help="Go on where an interrupted run stopped.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace a checkpoint or an unfinished run of this name.")]
Folds = Annotated[int, typer.Option("--folds", min=2, help="Folds over articles.")]
Baseline = Annotated[
    Literal["tfidf", "none"], typer.Option("--baseline", help="What to compare with on the same folds.")
]
Inputs = Annotated[
    list[str], typer.Argument(metavar="INPUT...", help="Files, folders, globs, or - for standard input.")
]
ReportFile = Annotated[Optional[Path], typer.Option("--report", help="Also write an HTML report of the articles.")]
TextColumn = Annotated[str, typer.Option("--text-column", help="Column with the article's text (JSONL, CSV, Parquet).")]
IdColumn = Annotated[
    Optional[str],
    typer.Option("--id-column", help="Column with the article's id; by default id, where there is one."),
]
SourceColumn = Annotated[
    Optional[str], typer.Option("--source-column", help="Column with the article's source; by default source.")
]
DateColumn = Annotated[
    Optional[str], typer.Option("--date-column", help="Column with the article's date; by default date.")
]
LanguageColumn = Annotated[
    Optional[str], typer.Option("--language-column", help="Column with the article's language; by default language.")
]
ScoresOut = Annotated[
    Path, typer.Option("--out", help="Scores: a file (.jsonl, .csv, .parquet), or a folder for shards of them.")
]
ScoreFormat = Annotated[
    Optional[Literal["jsonl", "csv", "parquet"]],
    typer.Option("--format", help="Format of the shards in a folder; by default Parquet."),
]
PartitionBy = Annotated[
    Optional[str],
    typer.Option(
        "--partition-by", help="Folders of Parquet by source, language, date, month, ...; several with a comma."
    ),
]
ScoringEngine = Annotated[
    Optional[str],
    typer.Option(
        "--engine",
        help="What computes the model: torch, torch-bf16, onnx, onnx-int8, openvino, openvino-bf16; auto measures those "
        "that are exported; ray, or ray: and one of them, on many machines. By default the fastest in float32.",
    ),
]
ExportTarget = Annotated[
    str, typer.Option("--to", metavar="TARGET", help="onnx, onnx-int8, openvino, or torch-bf16 (figures alone).")
]
FlippedBound = Annotated[
    float, typer.Option("--max-flipped", min=0, max=1, help="bf16 and int8: share of all decisions that may differ.")
]
FlippedPositiveBound = Annotated[
    float,
    typer.Option("--max-flipped-positive", min=0, max=1, help="bf16 and int8: of those that float32 makes positive."),
]
MacroF1Bound = Annotated[
    float, typer.Option("--max-macro-f1-loss", min=0, max=1, help="bf16 and int8: where the 95 % interval must end.")
]
Threads = Annotated[
    Optional[int], typer.Option("--threads", min=1, help="Threads of the engine; by default one for each core.")
]
Workers = Annotated[
    Optional[int],
    typer.Option("--workers", min=1, help="With --engine ray: processes; by default as many as the cores allow."),
]
ArticlesPerShard = Annotated[
    int, typer.Option("--articles-per-shard", min=1, help="Articles scored, written and kept together.")
]
AnyLanguage = Annotated[bool, typer.Option("--any-language", help="Score articles in other languages too.")]
TextFolder = Annotated[Optional[Path], typer.Option("--keep-text", help="Folder for the extracted article texts.")]
StdinKind = Annotated[
    Literal["text", "markdown", "html", "jsonl", "csv", "tsv"],
    typer.Option("--stdin-kind", help="What standard input holds."),
]
Checkpoints = Annotated[
    list[str],
    typer.Argument(
        metavar="A B [...]",
        help="Checkpoint folders, each compared with the first; several seeds of one with a comma: a1,a2 or NAME=a1,a2.",
    ),
]
Margin = Annotated[
    float, typer.Option("--margin", min=0, max=1, help="Smallest difference of interest; within it is equivalent.")
]
CompareResamples = Annotated[
    Optional[int],
    typer.Option("--resamples", min=100, help="Of the articles, and as many permutations; by default the first's."),
]
GateFile = Annotated[
    Optional[Path], typer.Option("--gate", help="YAML of rules; exit code 3 where a further checkpoint breaks one.")
]
AuditFiles = Annotated[
    Optional[list[Path]],
    typer.Option(
        "--audit", help="For rules on audits: what `spinscope audit --json` wrote; by default suites are run."
    ),
]
AllowTrainingArticles = Annotated[
    bool,
    typer.Option("--allow-training-articles", help="Compare even on articles that a checkpoint was trained on."),
]
ReportTo = Annotated[
    Optional[list[str]],
    typer.Option("--report-to", help="Tracker that gets the figures too: tensorboard, mlflow, trackio, ..."),
]
AtPrecision = Annotated[
    Optional[float],
    typer.Option("--at-precision", min=0.01, max=1, help="Tell recall at this precision; by default the checkpoint's."),
]
AtRecall = Annotated[
    Optional[float],
    typer.Option("--at-recall", min=0.01, max=1, help="Tell precision at this recall; by default the checkpoint's."),
]
AtError = Annotated[
    Optional[float],
    typer.Option(
        "--at-error", min=0.001, max=0.99, help="Share of wrong decisions outside the undecided band; likewise."
    ),
]
Abstain = Annotated[
    Optional[float],
    typer.Option(
        "--abstain", min=0.001, max=0.99,
        help="Leave the doubtful to a person: outside the band of doubt this share of the decisions on dev is wrong.",
    ),
]  # fmt: skip
AsSource = Annotated[
    Optional[str],
    typer.Option(
        "--as-source",
        help="Score as this training source annotates, with a checkpoint that has a head for each, or by their `mean`. By default: labelled data by the source with the same techniques, everything else by the mean.",
    ),
]
Thresholds = Annotated[
    Optional[Literal["per_technique", "global", "expected", "fixed", "at_precision", "at_recall"]],
    typer.Option("--thresholds", help="Threshold rule; by default the checkpoint's."),
]
TunePrecision = Annotated[
    Optional[float],
    typer.Option(
        "--at-precision", min=0.01, max=1, help="Of each technique the lowest threshold with this precision, cross-fitted."
    ),
]
TuneRecall = Annotated[
    Optional[float],
    typer.Option(
        "--at-recall", min=0.01, max=1, help="Of each technique the highest threshold with this recall, cross-fitted."
    ),
]
Calibration = Annotated[
    Optional[Literal["none", "temperature", "platt", "auto"]],
    typer.Option("--calibration", help="By default the checkpoint's."),
]
AnyTechnique = Annotated[
    Optional[Literal["decided", "expected"]],
    typer.Option(
        "--any-technique",
        help="When a sentence has any technique; expected: by a cut-off of its own. By default the checkpoint's.",
    ),
]
Source = Annotated[
    str, typer.Argument(metavar="SOURCE", help="File, folder, or hub id of a corpus, or a config's YAML file.")
]
Annotator = Annotated[
    Optional[str],
    typer.Option("--annotator", help="Of a Label Studio export: whose labels (e-mail or id), or predictions."),
]
LabelledFiles = Annotated[
    list[Path], typer.Argument(metavar="A B [...]", help="Labelled files of the same sentences, one per annotator.")
]
SoftLabels = Annotated[
    Optional[Path],
    typer.Option("--soft-labels", help="JSONL file for the share of annotators per sentence and technique."),
]
SuitesFolder = Annotated[
    Optional[Path], typer.Option("--suites", help="Folder of behaviour suites; by default data/suites, where it is.")
]
OutOfFold = Annotated[
    Optional[Path],
    typer.Option("--out-of-fold", help="To rank labels better: what `spinscope cross-validate` of this recipe wrote."),
]
ProbePairs = Annotated[
    list[str], typer.Argument(metavar="TECHNIQUE=LABEL...", help="Whose scores are measured against which label.")
]
ProbeTextColumn = Annotated[
    Optional[str],
    typer.Option(
        "--text-column", help="The data is a table: column of the text; labels are columns of true and false."
    ),
]
ScoresPath = Annotated[Path, typer.Argument(metavar="SCORES", help="File or folder that `spinscope score` wrote.")]
GroupColumns = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="COLUMN[,COLUMN]",
        help="Groups: source, year, month, week, day, language, article, part, or another column of the input.",
    ),
]
TableFile = Annotated[
    Optional[Path], typer.Option("--out", help="Also write all figures to this file: .csv, .parquet or .json.")
]
ArticleReport = Annotated[
    Optional[Path],
    typer.Option("--article-report", help="What `spinscope score --report` wrote: the page's examples link to it."),
]
Confidence = Annotated[float, typer.Option("--confidence", min=0.5, max=0.999, help="Of the intervals.")]
Resamples = Annotated[int, typer.Option("--resamples", min=100, help="Of the articles, for the intervals.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Of the resamples.")]
