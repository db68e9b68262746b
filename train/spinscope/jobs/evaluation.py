"""`spinscope evaluate`: how good a checkpoint is on labelled sentences, and how good the simplest others are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinscope import config
from spinscope.data.duplicates import text_hash
from spinscope.errors import DONE, DONE_WITH_FINDINGS
from spinscope.files import dump_json, read_json, write_json, write_text
from spinscope.jobs.answers import Answers
from spinscope.jobs.baselines import baseline_answers
from spinscope.jobs.ceilings import agreement_beside
from spinscope.jobs.decisions import before_calibration, decisions_of
from spinscope.jobs.evaluation_output import print_evaluation
from spinscope.jobs.evaluation_page import render_evaluation
from spinscope.jobs.evaluation_result import Evaluation
from spinscope.jobs.exposure import exposure
from spinscope.jobs.labelled import (
    Labelled,
    Scored,
    data_block,
    data_hash,
    read_labelled,
    score_labelled,
)
from spinscope.jobs.officials import official_of, refuse_aimless, refuse_unfit_for
from spinscope.jobs.one_thread import one_thread_algebra
from spinscope.jobs.progress import show
from spinscope.jobs.tables import result_console
from spinscope.measure.article_sums import Resampling
from spinscope.measure.metrics import Metrics, evaluate_predictions
from spinscope.measure.weak_calibration import weak_calibration
from spinscope.model.card import render_card
from spinscope.model.checkpoint import open_checkpoint, rewrite_reports
from spinscope.model.prediction import Classifier
from spinscope.model.source_heads import MEAN, as_if_from, heads_used

if TYPE_CHECKING:
    from rich.console import Console

    from spinscope.model.trackers import TrackerRelay


def evaluate(
    checkpoint: str | Path,
    *,
    data: str | config.Data | None = None,
    data_format: str = "auto",
    inventory_name: str | None = None,
    split: str | None = None,
    json_file: Path | None = None,
    official: str | None = None,
    official_gold: Path | None = None,
    submission: Path | None = None,
    html_file: Path | None = None,
    wished: Mapping[str, float | None] | None = None,
    as_source: str | None = None,
    report_to: Sequence[str] = (),
    console: Console | None = None,
) -> int:
    """Measures a checkpoint and prints every figure with its interval over articles, beside simple baselines.

    On the checkpoint's own test part, metrics.json and model card are written anew, unless the figures are doubtful.

    Args:
        checkpoint: its folder.
        data: labelled file or folder, a config's YAML file, or a block; None: what the checkpoint was made from.
        data_format: of `data`; `auto` tells it from the files.
        inventory_name: what `data` was annotated with, where its format does not say.
        split: train, dev, test or all; None: `test` where the checkpoint's own division covers the data, else `all`.
        json_file: where given, the figures are also written there.
        official: name of a shared task by whose rule the sentences are scored too.
        official_gold: that task's own gold file; None: what the sentences say.
        submission: where given, the predictions are written there in that task's format.
        html_file: where given, a page with all figures and charts.
        wished: `wished_precision`, `wished_recall`, `wished_error` that shall be told; None: the checkpoint's.
        as_source: the source whose head scores all sentences, for a checkpoint that has one for each, or `mean`; None:
            each sentence's own, or that of the source annotated with the same techniques, else their mean.
        report_to: trackers that get the figures too, as a run of their own.
        console: where the tables go; None: standard output.

    Returns:
        the exit code: 1 where something makes the figures doubtful, else 0.

    Raises:
        UserError: faulty checkpoint or data, nothing to measure, or a tracker that is not there.
    """
    refuse_aimless(official, official_gold=official_gold, submission=submission)
    block = data_block(data, data_format=data_format, inventory_name=inventory_name)
    classifier = open_checkpoint(checkpoint)
    classifier.config = _with_wishes(classifier.config, wished or {})
    trackers = _trackers(classifier, report_to)
    result = evaluation_of(
        classifier, data=block, split=split, official=official, official_gold=official_gold, as_source=as_source
    )
    print_evaluation(result, console or result_console())
    if result.official:
        result.official.tell(console or result_console(), submission=submission)
    if result.data["is_own"] and result.data["split"] == "test" and not result.findings and as_source is None:
        _rewrite(classifier, result)
    _tell(trackers, result)
    _write(result, classifier, json_file=json_file, html_file=html_file)
    return DONE_WITH_FINDINGS if result.findings else DONE


def _write(result: Evaluation, classifier: Classifier, *, json_file: Path | None, html_file: Path | None) -> None:
    if json_file is not None:
        write_json(json_file, result.to_dict())
        show(f"written: {json_file}")
    if html_file is not None:
        write_text(html_file, render_evaluation(result, classifier.inventory))
        show(f"written: {html_file}")


def _trackers(classifier: Classifier, names: Sequence[str]) -> TrackerRelay | None:
    """Opened before anything is measured: a mistake in a name is said at once."""
    if not names:
        return None
    from spinscope.model.trackers import TrackerRelay

    assert classifier.path is not None
    return TrackerRelay(names, run_name=f"{classifier.name}-evaluation", output_dir=classifier.path.parent)


def _tell(trackers: TrackerRelay | None, result: Evaluation) -> None:
    if trackers:
        from spinscope.model.trackers import final_figures

        trackers.finish(final_figures({str(result.data["split"]): result.metrics.to_dict()}))


def _with_wishes(settings: config.RunConfig, wished: Mapping[str, float | None]) -> config.RunConfig:
    changed = {name: value for name, value in wished.items() if value is not None}
    if not changed:
        return settings
    block = config.Evaluation.model_validate({**settings.evaluation.model_dump(), **changed})
    return settings.model_copy(update={"evaluation": block})


@one_thread_algebra()
def evaluation_of(
    classifier: Classifier,
    *,
    data: config.Data | None = None,
    split: str | None = None,
    official: str | None = None,
    official_gold: Path | None = None,
    as_source: str | None = None,
) -> Evaluation:
    """The figures that `evaluate` prints."""
    labelled = read_labelled(classifier, data=data, split=split)
    if official:
        refuse_unfit_for(official, classifier, labelled)
    measured = as_if_from(as_source, labelled.measured(), classifier)
    scored = score_labelled(classifier, measured, classifier.inventory)
    heads = heads_used(measured, classifier)
    if data is not None and heads:
        show(f"scored as these sources annotate: {', '.join(heads)} (--as-source {MEAN}: by the mean of all).")
    answers, remarks = baseline_answers(classifier, labelled, scored)
    repeated = _stands_in(scored, classifier.training_hashes())
    decisions = decisions_of(classifier, scored, split=labelled.split)
    seen = exposure(classifier, labelled.measured(), labelled.sentences).told()
    rules = classifier.config.evaluation
    metrics = _metrics(classifier, scored, scored.answers)
    return Evaluation(
        checkpoint={"name": classifier.name, "identity": classifier.identity},
        data=_told(labelled, scored) | ({} if heads is None else {"as_sources": heads}),
        metrics=metrics,
        decisions=decisions, scored=scored,
        baselines={name: _metrics(classifier, scored, answer) for name, answer in answers.items()},
        remarks=remarks,
        n_training_texts=int(repeated.sum()),
        without_training_texts=_without(classifier, scored, repeated),
        findings=[*seen, *decisions.findings()],
        scoring={"seconds": round(scored.seconds, 3), "sentences_per_second": round(scored.sentences_per_second, 1)},
        official=official_of(classifier, labelled, scored, official, gold=official_gold) if official else None,
        uncalibrated=_uncalibrated(classifier, scored),
        weak_calibration=weak_calibration(
            metrics, scored.gold, scored.mask, scored.probabilities, articles=scored.articles,
            rules=Resampling(rules.confidence, rules.seed),
        ),
        agreement=agreement_beside(
            scored, data or classifier.config.data, classifier.inventory, Resampling(rules.confidence, rules.seed)
        ),
    )  # fmt: skip


def _uncalibrated(classifier: Classifier, scored: Scored) -> Metrics | None:
    """Metrics as they would be without calibration: the same decisions, other probabilities."""
    if classifier.decision.calibration == "none":
        return None
    before = before_calibration(classifier, scored.probabilities)
    return _metrics(classifier, scored, scored.answers._replace(probabilities=before))


def _metrics(classifier: Classifier, scored: Scored, answers: Answers, rows: np.ndarray | None = None) -> Metrics:
    rules = classifier.config.evaluation
    chosen = np.arange(len(scored.sentences)) if rows is None else rows
    arrays = (scored.gold, scored.mask, *answers)
    return evaluate_predictions(
        *(None if array is None else array[chosen] for array in arrays), articles=scored.articles[chosen], techniques=classifier.inventory.ids,
        n_resamples=rules.n_resamples, confidence=rules.confidence, seed=rules.seed, interval=rules.interval,
    )  # fmt: skip


def _stands_in(scored: Scored, hashes: set[str]) -> np.ndarray:
    return np.array([text_hash(sentence.text) in hashes for sentence in scored.sentences], dtype=bool)


def _without(classifier: Classifier, scored: Scored, repeated: np.ndarray) -> Metrics | None:
    if not repeated.any() or repeated.all():
        return None
    return _metrics(classifier, scored, scored.answers, np.flatnonzero(~repeated))


def _told(labelled: Labelled, scored: Scored) -> dict[str, Any]:
    return {
        "sha256": data_hash(scored.sentences),
        "split": labelled.split,
        "is_own": labelled.is_own,
        "taxonomy": {"name": labelled.inventory.name, "sha256": labelled.inventory.hash},
        "n_sentences": len(scored.sentences),
        "n_articles": len(np.unique(scored.articles)),
        "n_sentences_without_labels": scored.n_scored - len(scored.sentences),
    }


def _rewrite(classifier: Classifier, result: Evaluation) -> None:
    """Puts the figures of the own test part into metrics.json and the model card."""
    assert classifier.path is not None
    file = classifier.path / "metrics.json"
    figures = (read_json(file) if file.is_file() else {}) | {"test": result.report()}
    rewrite_reports(
        classifier.path,
        {"metrics.json": dump_json(figures, indent=2) + "\n", "README.md": render_card(classifier, figures)},
    )
    show(f"metrics.json and model card rewritten: {classifier.path}")
