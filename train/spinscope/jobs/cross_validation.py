"""`spinscope cross-validate`: k folds of whole articles, held-out predictions pooled, a baseline on the same folds.

What is finished stays on disk, fold by fold: an interrupted run of the same config and data goes on where it stopped,
between folds and, through the Trainer's states, within one.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from spinscope.config import RunConfig
from spinscope.data.corpora import load_sentences
from spinscope.data.encoding import article_codes, label_matrix
from spinscope.data.splits import article_folds, split_by_article
from spinscope.errors import UserError
from spinscope.files import dump_json, read_json, sha256_of_text, write_json
from spinscope.jobs.baselines import baseline_config
from spinscope.jobs.fitting import Run, check_settings, fit
from spinscope.jobs.labelled import data_hash
from spinscope.jobs.progress import TrainingProgress, show
from spinscope.jobs.tables import comparison_tables, metrics_table, result_console, technique_table
from spinscope.measure.metrics import Metrics, evaluate_predictions, point_metrics
from spinscope.measure.statistics import Comparison, paired_comparison
from spinscope.records import Sentence
from spinscope.taxonomy import Inventory, inventory

if TYPE_CHECKING:
    from rich.console import Console

MODEL = "model"
RESULT = "cross-validation.json"


@dataclass(frozen=True, slots=True)
class Folds:
    """Labelled sentences and the fold, 0 to n_folds - 1, of each article."""

    inventory: Inventory
    sentences: list[Sentence]
    fold_of: Mapping[str, int]
    n_folds: int
    seed: int

    def rows(self, fold: int) -> np.ndarray:
        """Row numbers of the sentences held out in `fold`."""
        return np.flatnonzero([self.fold_of[sentence.article] == fold for sentence in self.sentences])

    def parts(self, fold: int, *, dev_fraction: float) -> tuple[list[Sentence], list[Sentence], list[Sentence]]:
        """(train, dev, held out) of a fold: dev is `dev_fraction` of the articles that are not held out."""
        held = [sentence for sentence in self.sentences if self.fold_of[sentence.article] == fold]
        rest = [sentence for sentence in self.sentences if self.fold_of[sentence.article] != fold]
        splits = split_by_article(
            rest, target=self.inventory, dev_fraction=dev_fraction, test_fraction=0.0, seed=self.seed
        )
        train = [sentence for sentence in rest if splits[sentence.article] == "train"]
        dev = [sentence for sentence in rest if splits[sentence.article] == "dev"]
        return train, dev, held


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """Figures of pooled out-of-fold predictions.

    Attributes:
        folder: where folds and result lie.
        metrics: of the model and, where there is one, of the baseline, by name.
        comparison: model minus baseline on the same sentences; None without a baseline.
        seconds: fitting time per system, summed over folds.
        facts: config, data and division, as hashes and counts.
    """

    folder: Path
    metrics: Mapping[str, Metrics]
    comparison: Comparison | None
    seconds: Mapping[str, float]
    facts: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            **self.facts,
            "seconds": dict(self.seconds),
            "metrics": {name: metrics.to_dict() for name, metrics in self.metrics.items()},
            "comparison": self.comparison.to_dict() if self.comparison else None,
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
        config: the run; its `n_seeds` plays no part.
        name: of the folder.
        n_folds: at least 2.
        baseline: what is fitted on the same folds, beside the model.
        seed: of folds and dev parts; None: `data.split_by.seed`.
        overwrite: discard what an earlier run of this name left.
        console: where the tables go; None: standard output.

    Raises:
        UserError: faulty data, too few articles, or an earlier run of this name with another config or other data.
    """
    check_settings(config)
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
            run_fold(settings, folds, fold, file=_fold_file(folder, fold, system), told=system)
    result = _measured(config, folds, tuple(systems), folder=folder, facts=facts)
    write_json(folder / RESULT, result.to_dict())
    _print(result, console or result_console())
    show(f"written: {folder / RESULT}")
    return result


def divide(config: RunConfig, *, n_folds: int, seed: int) -> Folds:
    """Reads the sentences and gives each article a fold. Raises UserError as `cross_validate` does."""
    target = inventory(config.data.taxonomy)
    sentences = load_sentences(config.data, target=target)
    # A given division is not ours: train and dev are pooled, and a test part stays out.
    pooled = [replace(sentence, split=None) for sentence in sentences if sentence.split != "test"]
    if len(pooled) < len(sentences):
        show(f"left out: {len(sentences) - len(pooled):,} sentences that their source gives as test.")
    if n_folds < 2:
        raise UserError(f"{n_folds} folds", where="command line", expected="at least 2")
    return Folds(target, pooled, article_folds(pooled, n_folds=n_folds, seed=seed, target=target), n_folds, seed)


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


def run_fold(
    config: RunConfig, folds: Folds, fold: int, *, file: Path, told: str, articles_fraction: float = 1.0
) -> None:
    """Fits one fold and writes what it leaves, unless that is there; an interrupted fit goes on from its last state.

    Args:
        config: the run.
        folds: the division.
        fold: 0 to n_folds - 1, the one that is held out.
        file: where figures, decision and held-out scores are written (JSON).
        told: what the run is called in the lines of progress.
        articles_fraction: of the articles to train on, drawn with the division's seed; dev and held-out part stay whole.
    """
    if file.is_file():
        show(f"fold {fold + 1} of {folds.n_folds}, {told}: finished already.")
        return
    train, dev, held = folds.parts(fold, dev_fraction=config.data.split_by.dev_fraction)
    train = _fraction_of(train, articles_fraction, seed=folds.seed)
    show(
        f"fold {fold + 1} of {folds.n_folds}, {told}: {len(train):,} sentences to train on, {len(dev):,} dev, "
        f"{len(held):,} held out"
    )
    state_dir = file.parent / f".{file.stem}.run"
    with TrainingProgress() as progress:
        run = fit(
            config, inventory=folds.inventory, train=train, dev=dev, seed=config.training.seed, state_dir=state_dir,
            resume=True, name=file.stem, callbacks=progress.callbacks(config),
        )  # fmt: skip
    write_json(file, _fold_record(run, held, fold=fold, n_train=len(train), n_dev=len(dev)))
    shutil.rmtree(state_dir, ignore_errors=True)


def _fraction_of(sentences: list[Sentence], fraction: float, *, seed: int) -> list[Sentence]:
    articles = sorted({sentence.article for sentence in sentences})
    drawn = np.random.default_rng(seed).permutation(len(articles))[: max(1, round(fraction * len(articles)))]
    kept = {articles[index] for index in drawn}
    return [sentence for sentence in sentences if sentence.article in kept]


def _fold_record(run: Run, held: Sequence[Sentence], *, fold: int, n_train: int, n_dev: int) -> dict[str, Any]:
    """What a fold leaves: its decision and the scores of its held-out sentences, without their text."""
    classifier = run.classifier
    probabilities = classifier.probabilities(held).probabilities
    decisions = classifier.decide(probabilities)
    gold, mask = label_matrix(held, classifier.inventory)
    figures = point_metrics(gold, mask, probabilities, decisions)
    show(
        f"  held out: micro F1 {figures['micro_f1']:.3f}, macro average precision "
        f"{figures['macro_average_precision']:.3f}, any-technique F1 {figures['any_f1']:.3f} ({run.seconds:.0f} s)"
    )
    return {
        "fold": fold, "n_train": n_train, "n_dev": n_dev,
        "seconds": run.seconds, "precision": run.precision, **run.facts,
        "figures": {name: float(value) for name, value in figures.items() if np.isfinite(value)},
        "decision": asdict(classifier.decision), "log": run.log,
        "rows": [
            {
                "article": sentence.article, "index": sentence.index, "probabilities": row.tolist(),
                "decided": decided.astype(int).tolist(),
            }
            for sentence, row, decided in zip(held, probabilities, decisions, strict=True)
        ],
    }  # fmt: skip


def _fold_file(folder: Path, fold: int, system: str) -> Path:
    return folder / f"fold-{fold}-{system}.json"


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
        records = [read_json(_fold_file(folder, fold, system)) for fold in range(folds.n_folds)]
        pooled[system] = pooled_answers(records, folds)
        seconds[system] = round(sum(record["seconds"] for record in records), 1)
    metrics = {system: evaluate_predictions(gold, mask, *arrays, **common) for system, arrays in pooled.items()}
    comparison = None
    if len(systems) > 1:
        comparison = paired_comparison(gold, mask, *pooled[systems[0]], *pooled[systems[1]], **common)
    told = {**facts, "systems": list(systems), "kind": config.model.kind, "techniques": list(folds.inventory.ids)}
    return CrossValidation(folder, metrics, comparison, seconds, told)


def pooled_answers(
    records: Sequence[Mapping[str, Any]], folds: Folds, rows: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """(n, k) probabilities and decisions, each row from the fold that held it out.

    Args:
        records: what `run_fold` wrote.
        folds: the division.
        rows: numbers of the sentences that were held out; None: all, in the order of `folds.sentences`.
    """
    chosen = folds.sentences if rows is None else [folds.sentences[row] for row in rows]
    place = {(sentence.article, sentence.index): row for row, sentence in enumerate(chosen)}
    probabilities = np.full((len(place), len(folds.inventory.ids)), np.nan)
    decisions = np.zeros(probabilities.shape, dtype=bool)
    for record in records:
        for row in record["rows"]:
            number = place[row["article"], row["index"]]
            probabilities[number], decisions[number] = row["probabilities"], row["decided"]
    if np.isnan(probabilities).any():
        raise ValueError(f"{int(np.isnan(probabilities).any(axis=1).sum())} sentences were held out in no fold")
    return probabilities, decisions


def _print(result: CrossValidation, console: Console) -> None:
    note = "out-of-fold predictions, pooled; in brackets: intervals over articles"
    # The first column alone has room for intervals.
    systems = {MODEL: result.metrics[MODEL], **result.metrics}
    console.print(metrics_table(systems, title=f"{result.folder.name}: {note}"))
    console.print(technique_table(result.metrics[MODEL], title=f"{result.folder.name}: techniques"))
    if result.comparison:
        first, second = result.metrics
        for table in comparison_tables(result.comparison, names=(first, second)):
            console.print(table)
