"""Folds of whole articles: the division, one fit with a fold held out, held-out scores put together again."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from spinscope.config import RunConfig
from spinscope.data.corpora import load_sentences
from spinscope.data.encoding import label_matrix
from spinscope.data.splits import article_folds, split_by_article
from spinscope.errors import UserError
from spinscope.files import write_json
from spinscope.jobs.answers import Answers
from spinscope.jobs.fit_settings import check_settings
from spinscope.jobs.fitting import Run, fit
from spinscope.jobs.progress import TrainingProgress, show
from spinscope.measure.metrics import point_metrics
from spinscope.records import Decision, Sentence
from spinscope.taxonomy import Inventory, inventory

FOLD = "{fold}"
"""In `model.base`: the number of the fold, 0 to n_folds - 1, for a base that was adapted without what it holds out."""


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

    def parts(
        self, fold: int, *, dev_fraction: float, articles_fraction: float = 1.0
    ) -> tuple[list[Sentence], list[Sentence], list[Sentence]]:
        """(train, dev, held out) of a fold: dev is `dev_fraction` of the articles that are not held out, train
        `articles_fraction` of the others, drawn with the division's seed.
        """
        held = [sentence for sentence in self.sentences if self.fold_of[sentence.article] == fold]
        rest = [sentence for sentence in self.sentences if self.fold_of[sentence.article] != fold]
        splits = split_by_article(
            rest, target=self.inventory, dev_fraction=dev_fraction, test_fraction=0.0, seed=self.seed
        )
        train = [sentence for sentence in rest if splits[sentence.article] == "train"]
        dev = [sentence for sentence in rest if splits[sentence.article] == "dev"]
        return _fraction_of(train, articles_fraction, seed=self.seed), dev, held


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


def of_fold(config: RunConfig, fold: int) -> RunConfig:
    """The config with the fold's own base, where `model.base` names one."""
    if FOLD not in config.model.base:
        return config
    model = config.model.model_copy(update={"base": config.model.base.replace(FOLD, str(fold))})
    return config.model_copy(update={"model": model})


def check_fold_settings(config: RunConfig, folds: Iterable[int]) -> None:
    """`check_settings` of each fold's config. Raises UserError as that does."""
    for fold in folds if FOLD in config.model.base else [0]:
        check_settings(of_fold(config, fold))


def run_fold(
    config: RunConfig, folds: Folds, fold: int, *, file: Path, told: str, articles_fraction: float = 1.0
) -> None:
    """Fits one fold and writes what it leaves, unless that is there; an interrupted fit goes on from its last state.

    Args:
        config: the run.
        folds: the division.
        fold: 0 to n_folds - 1, the one that is held out.
        file: where figures, decision and the scores of dev and held-out sentences are written (JSON).
        told: what the run is called in the lines of progress.
        articles_fraction: of the articles to train on, drawn with the division's seed; dev and held-out part stay whole.
    """
    if file.is_file():
        show(f"fold {fold + 1} of {folds.n_folds}, {told}: finished already.")
        return
    train, dev, held = folds.parts(fold, dev_fraction=config.data.split_by.dev_fraction, articles_fraction=articles_fraction)
    show(
        f"fold {fold + 1} of {folds.n_folds}, {told}: {len(train):,} sentences to train on, {len(dev):,} dev, "
        f"{len(held):,} held out"
    )
    config = of_fold(config, fold)
    state_dir = file.parent / f".{file.stem}.run"
    with TrainingProgress() as progress:
        run = fit(
            config, inventory=folds.inventory, train=train, dev=dev, seed=config.training.seed, state_dir=state_dir,
            resume=True, name=file.stem, callbacks=progress.callbacks(config),
        )  # fmt: skip
    write_json(file, _fold_record(run, held, dev, fold=fold, n_train=len(train)))
    shutil.rmtree(state_dir, ignore_errors=True)


def _fraction_of(sentences: list[Sentence], fraction: float, *, seed: int) -> list[Sentence]:
    articles = sorted({sentence.article for sentence in sentences})
    drawn = np.random.default_rng(seed).permutation(len(articles))[: max(1, round(fraction * len(articles)))]
    kept = {articles[index] for index in drawn}
    return [sentence for sentence in sentences if sentence.article in kept]


def _fold_record(run: Run, held: Sequence[Sentence], dev: Sequence[Sentence], *, fold: int, n_train: int) -> dict[str, Any]:
    """What a fold leaves: its decision and the scores of dev and held-out sentences, without their text."""
    classifier = run.classifier
    told = decided_record(classifier.decision, held, classifier.probabilities(held).probabilities, classifier.inventory)
    show(f"  held out: {_in_words(told['figures'])} ({run.seconds:.0f} s)")
    return {
        "fold": fold, "n_train": n_train, "n_dev": len(dev),
        "seconds": run.seconds, "precision": run.precision, **run.facts, **told, "log": run.log,
        "dev": [
            {"article": sentence.article, "index": sentence.index, "probabilities": row.tolist()}
            for sentence, row in zip(dev, run.dev_probabilities, strict=True)
        ],
    }  # fmt: skip


def decided_record(
    decision: Decision, held: Sequence[Sentence], probabilities: np.ndarray, target: Inventory
) -> dict[str, Any]:
    """The part of a fold's record that its decision decides; rows say `any` where that has a cut-off of its own.

    Args:
        decision: of the fold.
        held: n sentences that were held out.
        probabilities: (n, n_techniques), calibrated.
        target: the label order.
    """
    gold, mask = label_matrix(held, target)
    answers = Answers.by(decision, probabilities, mask)
    figures = point_metrics(gold, mask, *answers)
    of_any = [{}] * len(held) if answers.any_decided is None else [{"any": int(said)} for said in answers.any_decided]
    return {
        "figures": {name: float(value) for name, value in figures.items() if np.isfinite(value)},
        "decision": decision.to_dict(),
        "rows": [
            {
                "article": sentence.article, "index": sentence.index, "probabilities": row.tolist(),
                "decided": decided.astype(int).tolist(), **said,
            }
            for sentence, row, decided, said in zip(held, probabilities, answers.decisions, of_any, strict=True)
        ],
    }  # fmt: skip


def _in_words(figures: Mapping[str, float]) -> str:
    names = {"micro_f1": "micro F1", "macro_average_precision": "macro average precision", "any_f1": "any-technique F1"}
    return ", ".join(f"{told} {figures.get(name, float('nan')):.3f}" for name, told in names.items())


def pooled_answers(
    records: Sequence[Mapping[str, Any]], folds: Folds, rows: np.ndarray | None = None
) -> Answers:
    """(n, k) probabilities and decisions, each row from the fold that held it out, and (n,) on any technique.

    The last is None where no row says `any`; where some do, the others have one where an annotated technique is decided.

    Args:
        records: what `run_fold` wrote.
        folds: the division.
        rows: numbers of the sentences that were held out; None: all, in the order of `folds.sentences`.
    """
    chosen = folds.sentences if rows is None else [folds.sentences[row] for row in rows]
    place = {(sentence.article, sentence.index): row for row, sentence in enumerate(chosen)}
    probabilities = np.full((len(place), len(folds.inventory.ids)), np.nan)
    decisions = np.zeros(probabilities.shape, dtype=bool)
    said: dict[int, int] = {}
    for record in records:
        for row in record["rows"]:
            number = place[row["article"], row["index"]]
            probabilities[number], decisions[number] = row["probabilities"], row["decided"]
            said |= {number: row["any"]} if "any" in row else {}
    if np.isnan(probabilities).any():
        raise ValueError(f"{int(np.isnan(probabilities).any(axis=1).sum())} sentences were held out in no fold")
    if not said:
        return Answers(probabilities, decisions)
    any_decided = (decisions & label_matrix(chosen, folds.inventory)[1]).any(axis=1)
    any_decided[list(said)] = np.array(list(said.values()), dtype=bool)
    return Answers(probabilities, decisions, any_decided)
