"""A fitted run measured and written down: metrics, checkpoint folder, model card."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spinscope.config import RunConfig
from spinscope.data.duplicates import text_hash
from spinscope.data.encoding import article_codes, label_matrix
from spinscope.files import dump_json, sha256_of_text
from spinscope.jobs.answers import Answers
from spinscope.jobs.fitting import Run
from spinscope.measure.article_sums import Resampling
from spinscope.measure.metrics import Metrics, evaluate_predictions
from spinscope.measure.selection import selection_effects
from spinscope.model.card import render_card
from spinscope.model.checkpoint import save_checkpoint
from spinscope.model.prediction import Classifier
from spinscope.records import Sentence
from spinscope.taxonomy import Inventory


@dataclass(frozen=True, slots=True)
class Prepared:
    """Sentences of a run with their splits: `splits` maps article id to train, dev or test."""

    inventory: Inventory
    sentences: list[Sentence]
    splits: Mapping[str, str]

    def part(self, split: str) -> list[Sentence]:
        """The sentences of one split, by article and position."""
        return [sentence for sentence in self.sentences if self.splits[sentence.article] == split]

    def data_hash(self) -> str:
        """Hex sha256 over texts, labels and splits: whatever would change the run."""
        lines = [
            dump_json([s.article, s.index, s.text, sorted(s.techniques), sorted(s.annotated), self.splits[s.article]])
            for s in self.sentences
        ]
        return sha256_of_text("\n".join(lines))


def answers_of(run: Run, parts: Mapping[str, Sequence[Sentence]]) -> dict[str, Answers]:
    """Of dev (decided by cross-fitted thresholds) and, where there is one, of test."""
    answers = {}
    if parts["dev"]:
        answers["dev"] = run.dev_answers
    if parts["test"]:
        _, mask = label_matrix(parts["test"], run.classifier.inventory)
        probabilities = run.classifier.probabilities(parts["test"]).probabilities
        answers["test"] = Answers.by(run.classifier.decision, probabilities, mask)
    return answers


def measure(
    run: Run, config: RunConfig, parts: Mapping[str, Sequence[Sentence]], answers: Mapping[str, Answers]
) -> dict[str, Metrics]:
    """Metrics of each part that there are answers for, as of `answers_of`."""
    return {split: metrics_of(run.classifier, parts[split], answer, config) for split, answer in answers.items()}


def metrics_of(classifier: Classifier, sentences: Sequence[Sentence], answers: Answers, config: RunConfig) -> Metrics:
    """Metrics with article intervals, by the rules of `config.evaluation`."""
    gold, mask = label_matrix(sentences, classifier.inventory)
    rules = config.evaluation
    return evaluate_predictions(
        gold, mask, *answers, articles=article_codes(sentences), techniques=classifier.inventory.ids,
        n_resamples=rules.n_resamples, confidence=rules.confidence, seed=rules.seed, interval=rules.interval,
    )  # fmt: skip


def save_run(
    run: Run,
    prepared: Prepared,
    *,
    target: Path,
    seed: int,
    metrics: Mapping[str, Metrics],
    answers: Mapping[str, Answers],
    fingerprint: Mapping[str, Any],
) -> Classifier:
    """Writes the checkpoint folder of a run, then its model card; `metrics` are those of `answers`."""
    figures = {split: value.to_dict() for split, value in metrics.items()}
    if {"dev", "test"} <= figures.keys():
        figures["test"]["decisions"] = {"selection": selection_of(run, prepared, answers)}
    training = prepared.part("train")
    return save_checkpoint(
        target, run.classifier,
        texts={
            "split.json": dump_json(dict(sorted(prepared.splits.items())), indent=1) + "\n",
            "training-sentences.txt": "".join(f"{value}\n" for value in sorted({text_hash(s.text) for s in training})),
            "predictions-dev.jsonl": _dev_lines(run, prepared.part("dev")),
            "log.jsonl": "".join(dump_json(entry) + "\n" for entry in run.log),
            "metrics.json": dump_json(figures, indent=2) + "\n",
        },
        manifest={
            "seed": seed,
            "run": dict(fingerprint),
            "data": {
                "sha256": fingerprint["data"],
                "n_articles": len(prepared.splits),
                "n_sentences": {split: len(prepared.part(split)) for split in ("train", "dev", "test")},
            },
            "training": {
                "seconds": round(run.seconds, 1), "precision": run.precision, "threads": _threads(),
                "world_size": int(os.environ.get("WORLD_SIZE", "1")), **run.facts,
            },
        },
        card=lambda saved: render_card(saved, figures),
    )  # fmt: skip


def selection_of(run: Run, prepared: Prepared, answers: Mapping[str, Answers]) -> dict[str, Any]:
    """F1 on dev by the thresholds chosen there minus F1 on test, by figure and technique: see `measure.selection`."""
    dev, test = (prepared.part(split) for split in ("dev", "test"))
    classifier, rules = run.classifier, run.classifier.config.evaluation
    effects = selection_effects(
        (*label_matrix(dev, classifier.inventory), classifier.decide(run.dev_probabilities), answers["dev"].decisions),
        (*label_matrix(test, classifier.inventory), answers["test"].decisions),
        articles=(article_codes(dev), article_codes(test)), techniques=classifier.inventory.ids,
        rules=Resampling(rules.confidence, rules.seed),
    )  # fmt: skip
    return {name: effect.to_dict() for name, effect in effects.items()}


def _dev_lines(run: Run, dev: Sequence[Sentence]) -> str:
    """Scores and labels of dev, without its text: a corpus may be licensed, a checkpoint is passed on."""
    ids = run.classifier.inventory.ids
    return "".join(
        dump_json({
            "article": sentence.article, "index": sentence.index, "techniques": list(sentence.techniques),
            "annotated": list(sentence.annotated), "probabilities": dict(zip(ids, row.tolist(), strict=True)),
        }) + "\n"
        for sentence, row in zip(dev, run.dev_probabilities, strict=True)
    )  # fmt: skip


def _threads() -> int:
    import torch

    return torch.get_num_threads()
