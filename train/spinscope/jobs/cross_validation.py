"""`spinscope cross-validate`: k folds of whole articles, held-out predictions pooled, a baseline on the same folds.

What is finished stays on disk, fold by fold: an interrupted run of the same config and data goes on where it stopped,
between folds and, through the Trainer's states, within one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from spinscope.config import RunConfig
from spinscope.data.encoding import article_codes, label_matrix
from spinscope.errors import UserError
from spinscope.files import dump_json, read_json, sha256_of_text, write_json, write_jsonl
from spinscope.jobs.baselines import baseline_config
from spinscope.jobs.folds import Folds, check_fold_settings, divide, pooled_answers, run_fold
from spinscope.jobs.labelled import data_hash
from spinscope.jobs.progress import show
from spinscope.jobs.seeds import seeds_table
from spinscope.jobs.tables import (
    comparison_tables,
    metrics_table,
    result_console,
    technique_table,
    weak_calibration_table,
)
from spinscope.measure.article_sums import Resampling
from spinscope.measure.metrics import Metrics, evaluate_predictions
from spinscope.measure.seeds import SeedFigures, over_seeds
from spinscope.measure.sides import Side
from spinscope.measure.statistics import Comparison, compare_sides
from spinscope.measure.weak_calibration import WeakCalibration, weak_calibration

if TYPE_CHECKING:
    from rich.console import Console

MODEL = "model"
RESULT = "cross-validation.json"
SOFT_LABELS = "out-of-fold.jsonl"
"""The model's held-out probabilities, means over seeds, as `training.soft_labels` reads them."""



@dataclass(frozen=True, slots=True)
class CrossValidation:
    """Figures of pooled out-of-fold predictions.

    Attributes:
        folder: where folds and result lie.
        metrics: of the model and, where there is one, of the baseline, by name.
            Of several seeds it is the first one's.
        comparison: model (the mean over its seeds) minus baseline on the same sentences; None without a baseline.
        seconds: fitting time per system, summed over folds and seeds.
        facts: config, data and division, as hashes and counts.
        weak_calibration: by technique, whether the model's probabilities (of several seeds: their mean) may be taken
            at their word.
        seeds: the model's figures over its seeds, where there are several.
    """

    folder: Path
    metrics: Mapping[str, Metrics]
    comparison: Comparison | None
    seconds: Mapping[str, float]
    facts: Mapping[str, Any]
    weak_calibration: Mapping[str, WeakCalibration]
    seeds: SeedFigures | None = None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            **self.facts,
            "seconds": dict(self.seconds),
            "metrics": {name: metrics.to_dict() for name, metrics in self.metrics.items()},
            "comparison": self.comparison.to_dict() if self.comparison else None,
            "weak_calibration": {name: one.to_dict() for name, one in self.weak_calibration.items()},
            **({"seeds": self.seeds.to_dict()} if self.seeds else {}),
        }


def cross_validate(
    config: RunConfig,
    *,
    name: str,
    n_folds: int = 5,
    baseline: Literal["tfidf"] | None = "tfidf",
    seed: int | None = None,
    overwrite: bool = False,
    console: Console | None = None,
) -> CrossValidation:
    """Cross-validates a config over articles and writes `<output_dir>/<name>-folds/cross-validation.json`.

    In each fold `data.split_by.dev_fraction` of the remaining articles is dev: the fold's weights, calibration and
    thresholds are chosen there. Articles that a source gives as test are left out; other given splits are pooled.

    Args:
        config: the run; with `training.n_seeds`, each fold is fitted once with each seed, on the same division.
        name: of the folder.
        n_folds: at least 2.
        baseline: what is fitted on the same folds, beside the model.
        seed: of folds and dev parts; None: `data.split_by.seed`.
        overwrite: discard what an earlier run of this name left.
        console: where the tables go; None: standard output.

    Raises:
        UserError: faulty data, too few articles, or an earlier run of this name with another config or other data.
    """
    check_fold_settings(config, range(n_folds))
    folds = divide(config, n_folds=n_folds, seed=config.data.split_by.seed if seed is None else seed)
    folder = Path(config.tracking.output_dir) / f"{name}-folds"
    facts = _claim(folder, config, folds, overwrite=overwrite)
    systems = {MODEL: config}
    if baseline and config.model.kind != baseline:
        systems = {baseline: baseline_config(config), MODEL: config}
    show(
        f": {n_folds} folds of {len(folds.fold_of):,} articles, {len(folds.sentences):,} sentences, "
        f"{len(folds.inventory.ids)} techniques; {' and '.join(systems)}",
        bold=name,
    )
    for fold in range(n_folds):
        for system, settings in systems.items():
            for seed_number in range(_n_seeds(system, config)):
                file = _fold_file(folder, fold, system, seed_number)
                told = system if not seed_number else f"{system}, seed {config.training.seed + seed_number}"
                run_fold(_with_seed(settings, seed_number), folds, fold, file=file, told=told)
    result = _measured(config, folds, tuple(systems), folder=folder, facts=facts)
    write_json(folder / RESULT, result.to_dict())
    _print(result, console or result_console())
    show(f"written: {folder / RESULT}")
    return result


def _claim(folder: Path, config: RunConfig, folds: Folds, *, overwrite: bool) -> dict[str, Any]:
    """Claims the folder for this config, data and division, or refuses what another run left there."""
    settings = sha256_of_text(dump_json({**config.model_dump(mode="json"), "tracking": None}))
    facts = {
        "config": settings, "data": data_hash(folds.sentences), "taxonomy": folds.inventory.hash,
        "folds": sha256_of_text(dump_json(dict(sorted(folds.fold_of.items())))), "n_folds": folds.n_folds,
        "seed": folds.seed,
    }  # fmt: skip
    file = folder / "run.json"
    if overwrite:
        shutil.rmtree(folder, ignore_errors=True)
    if file.is_file():
        before = read_json(file)
        changed = [key for key in facts if before.get(key) != facts[key]]
        if changed:
            raise UserError(
                f"{' and '.join(changed)} changed since this cross-validation began", where=str(folder),
                expected="the same config, data, taxonomy, number of folds and seed",
                remedy="restore them, set tracking.name=..., or remove the folder to begin afresh.",
            )  # fmt: skip
    else:
        write_json(file, facts)
    write_json(folder / "folds.json", dict(sorted(folds.fold_of.items())))
    (folder / "config.yaml").write_text(config.to_yaml(), encoding="utf-8")
    return facts


def _n_seeds(system: str, config: RunConfig) -> int:
    """Of the model as many as the config says; the baseline has no chance in it."""
    return config.training.n_seeds if system == MODEL else 1


def _with_seed(config: RunConfig, number: int) -> RunConfig:
    training = config.training.model_copy(update={"seed": config.training.seed + number})
    return config.model_copy(update={"training": training})


def _fold_file(folder: Path, fold: int, system: str, seed_number: int = 0) -> Path:
    return folder / (f"fold-{fold}-{system}.json" if not seed_number else f"fold-{fold}-{system}-{seed_number + 1}.json")


def _measured(
    config: RunConfig, folds: Folds, systems: Sequence[str], *, folder: Path, facts: Mapping[str, Any]
) -> CrossValidation:
    gold, mask = label_matrix(folds.sentences, folds.inventory)
    rules = config.evaluation
    common: dict[str, Any] = {
        "articles": article_codes(folds.sentences), "techniques": folds.inventory.ids,
        "n_resamples": rules.n_resamples, "confidence": rules.confidence, "seed": rules.seed,
    }  # fmt: skip
    pooled, seconds = {}, {}
    for system in systems:
        by_seed = [
            [read_json(_fold_file(folder, fold, system, number)) for fold in range(folds.n_folds)]
            for number in range(_n_seeds(system, config))
        ]
        pooled[system] = [pooled_answers(records, folds) for records in by_seed]
        seconds[system] = round(sum(record["seconds"] for records in by_seed for record in records), 1)
    probabilities = np.mean([answers.probabilities for answers in pooled[MODEL]], axis=0)
    write_jsonl(folder / SOFT_LABELS, _soft_labels(folds, probabilities))
    metrics = {
        system: evaluate_predictions(gold, mask, *seeds[0], **common, interval=rules.interval)
        for system, seeds in pooled.items()
    }
    sides = [
        Side.of(gold, mask, seeds, articles=common["articles"], n_resamples=rules.n_resamples, seed=rules.seed)
        for seeds in pooled.values()
    ]
    names: dict[str, Any] = {"techniques": folds.inventory.ids, "confidence": rules.confidence}
    comparison = compare_sides(*sides, **names, interval=rules.interval) if len(sides) > 1 else None
    figures = sides[-1].seeds
    over = over_seeds(figures, **names, seed=rules.seed) if len(figures) > 1 else None
    told = {**facts, "systems": list(systems), "kind": config.model.kind, "techniques": list(folds.inventory.ids)}
    calibrated = weak_calibration(
        metrics[MODEL], gold, mask, probabilities, articles=common["articles"],
        rules=Resampling(rules.confidence, rules.seed),
    )  # fmt: skip
    return CrossValidation(folder, metrics, comparison, seconds, told, calibrated, over)


def _soft_labels(folds: Folds, probabilities: np.ndarray) -> Iterator[dict[str, Any]]:
    for sentence, row in zip(folds.sentences, probabilities.tolist(), strict=True):
        soft = {technique: round(value, 6) for technique, value in zip(folds.inventory.ids, row, strict=True)}
        yield {"article": sentence.article, "index": sentence.index, "soft": soft}


def _print(result: CrossValidation, console: Console) -> None:
    note = "out-of-fold predictions, pooled; in brackets: intervals over articles"
    note += "; the first seed" if result.seeds else ""
    # The first column alone has room for intervals.
    systems = {MODEL: result.metrics[MODEL], **result.metrics}
    console.print(metrics_table(systems, title=f"{result.folder.name}: {note}"))
    console.print(technique_table(result.metrics[MODEL], title=f"{result.folder.name}: techniques"))
    console.print(weak_calibration_table(result.weak_calibration))
    if result.seeds:
        title = f"{result.folder.name}: mean over {result.seeds.n_seeds} seeds, interval over articles and seeds"
        console.print(seeds_table(result.seeds, title=title))
    if result.comparison:
        first, second = result.metrics
        for table in comparison_tables(result.comparison, names=(first, second)):
            console.print(table)
