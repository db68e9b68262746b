"""Runs of a study that differ in `evaluation` and recurring wording alone are one fit: only its decisions are made again."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from spinscope.config import RunConfig
from spinscope.data.repetition import recurrence
from spinscope.files import dump_json, read_json, sha256_of_text, write_json
from spinscope.jobs.deciding import decision_of
from spinscope.jobs.dev_answers import without_calibration
from spinscope.jobs.folds import Folds, decided_record
from spinscope.jobs.progress import show
from spinscope.jobs.recurring import recurring_of
from spinscope.model.prediction import sigmoid
from spinscope.records import Decision, Sentence


def fit_hash(config: RunConfig) -> str:
    """Of what the weights depend on: all settings but those of `evaluation` and `tracking`, and `model.repetition`."""
    without: Any = {"tracking": True, "evaluation": True, "model": {"repetition": True}}
    dumped = config.model_dump(mode="json", exclude_defaults=True, exclude=without)
    settings = {name: block for name, block in dumped.items() if block}
    return sha256_of_text(dump_json(settings))


def reusable(files: Iterable[Path]) -> Path | None:
    """The first of these records of the same fit that is finished and holds the scores of dev."""
    return next((file for file in files if file.is_file() and "dev" in read_json(file)), None)


def redecide_fold(
    config: RunConfig, folds: Folds, fold: int, *, fitted: Path, file: Path, told: str, articles_fraction: float = 1.0
) -> None:
    """Writes the record of a fold from that of a run with the same weights; does nothing where it is written.

    The probabilities before calibration are recovered from those after it, exact but for rounding (some 1e-7).

    Args:
        config: its `evaluation` decides.
        folds: the division of both runs.
        fold: 0 to n_folds - 1, the one that is held out.
        fitted: the record of the run whose weights they are.
        file: where the record is written (JSON).
        told: what the run is called in the line of progress.
        articles_fraction: of the articles to train on, as the fit had it.
    """
    if file.is_file():
        return
    begin, record = time.perf_counter(), read_json(fitted)
    train, dev, held = folds.parts(
        fold, dev_fraction=config.data.split_by.dev_fraction, articles_fraction=articles_fraction
    )
    before, asked = record["decision"], config.model.repetition is not None
    old_weights = before.get("recurrence_weights", ())
    values = {name: recurrence(part)[:, None] if asked or old_weights else 0.0 for name, part in (("dev", dev), ("rows", held))}
    dev_logits, held_logits = (
        without_calibration(
            _in_order(record[name], part), before["slopes"], before["intercepts"],
            values[name] * np.array(old_weights) if old_weights else 0.0,
        )
        for name, part in (("dev", dev), ("rows", held))
    )  # fmt: skip
    decision, _ = decision_of(
        config, folds.inventory, dev, dev_logits, recurring=recurring_of(config, folds.inventory, dev, trained_on=train)
    )
    again = decided_record(decision, held, _calibrated(held_logits, decision, values["rows"]), folds.inventory)
    dev_rows = [
        {**row, "probabilities": values.tolist()}
        for row, values in zip(_rows(record["dev"], dev), _calibrated(dev_logits, decision, values["dev"]), strict=True)
    ]
    seconds = time.perf_counter() - begin
    write_json(file, {**record, **again, "dev": dev_rows, "seconds": seconds, "fit_of": fitted.parent.name})
    show(f"fold {fold + 1} of {folds.n_folds}, {told}: the fit of {fitted.parent.name}, decided anew ({seconds:.1f} s).")


def _rows(rows: Sequence[Mapping[str, Any]], sentences: Sequence[Sentence]) -> list[Mapping[str, Any]]:
    found = {(row["article"], row["index"]): row for row in rows}
    return [found[sentence.article, sentence.index] for sentence in sentences]


def _in_order(rows: Sequence[Mapping[str, Any]], sentences: Sequence[Sentence]) -> np.ndarray:
    """(n_sentences, n_techniques) probabilities."""
    return np.array([row["probabilities"] for row in _rows(rows, sentences)])


def _calibrated(logits: np.ndarray, decision: Decision, values: np.ndarray | float) -> np.ndarray:
    added = values * np.array(decision.recurrence_weights) if decision.recurrence_weights else 0.0
    return sigmoid(logits * np.array(decision.slopes) + np.array(decision.intercepts) + added)
