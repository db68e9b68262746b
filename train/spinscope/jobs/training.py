"""`spinscope train`: read, check, split, fit, measure, save."""

from __future__ import annotations

import os
import shutil
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from spinscope.config import RunConfig
from spinscope.data.checks import check_data
from spinscope.data.corpora import load_sentences
from spinscope.data.duplicates import text_hash
from spinscope.data.encoding import article_codes, label_matrix
from spinscope.data.splits import assign_splits
from spinscope.errors import UserError
from spinscope.files import dump_json, read_json, sha256_of_text, write_json
from spinscope.jobs.fitting import Run, fit
from spinscope.jobs.progress import TrainingProgress, show
from spinscope.measure.metrics import Metrics, evaluate_predictions
from spinscope.model.card import render_card
from spinscope.model.checkpoint import rewrite_reports, save_checkpoint, verify
from spinscope.model.prediction import Classifier
from spinscope.records import Sentence
from spinscope.taxonomy import Inventory, inventory

RUN = "run.json"
"""In the folder of states: what run they belong to."""


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


def prepare(config: RunConfig) -> Prepared:
    """Reads the sources, divides them, and refuses what `spinscope check` would block.

    Raises:
        UserError: faulty sources, or a blocking finding that the config does not waive.
    """
    target = inventory(config.data.taxonomy)
    sentences = load_sentences(config.data, target=target, unknown=[] if "unknown_labels" in config.data.waive else None)
    splits = assign_splits(sentences, config.data.split_by, target=target)
    report = check_data(sentences, splits, config=config, target=target, unknown=[])
    blocking = [finding for finding in report.findings if finding.severity == "block"]
    if blocking:
        raise UserError(
            "; ".join(finding.message for finding in blocking), where="data", expected="no blocking finding",
            remedy="see `spinscope check`, mend the data, or name the finding in data.waive.",
        )  # fmt: skip
    return Prepared(target, sentences, splits)


def train(config: RunConfig, *, name: str, resume: bool = False, overwrite: bool = False) -> list[Path]:
    """Trains `training.n_seeds` checkpoints and returns their folders.

    Args:
        config: the run.
        name: checkpoint name; with several seeds, `-seed<N>` is appended.
        resume: go on where an interrupted run of the same config and data stopped; a checkpoint that such a run has
            finished is left as it is.
        overwrite: replace what stands under this name where it is of another run (without `resume`: whatever it is).

    Raises:
        UserError: something of this name stands already, and neither option allows for it.
    """
    if config.model.kind == "finetuned":
        from spinscope.model.fitting import check_trainer_arguments

        check_trainer_arguments(config)
    seeds = [config.training.seed + offset for offset in range(config.training.n_seeds)]
    folder = Path(config.tracking.output_dir)
    targets = {seed: folder / (name if len(seeds) == 1 else f"{name}-seed{seed}") for seed in seeds}
    if not resume and not overwrite:
        _refuse_to_overwrite(targets.values())
    prepared = prepare(config)
    for seed, target in targets.items():
        fingerprint = _fingerprint(config, prepared, seed=seed)
        if resume and _is_finished(target, fingerprint, overwrite=overwrite):
            show(f"{target} is finished already.")
            continue
        if is_first_process():
            _claim(state_dir_of(target), fingerprint, resume=resume, overwrite=overwrite)
        try:
            _train_one(config, prepared, target=target, seed=seed, resume=resume, fingerprint=fingerprint)
        except UserError:
            _leave_nothing(state_dir_of(target))
            raise
    if len(seeds) > 1 and is_first_process():
        _summarise_seeds(list(targets.values()), folder / f"{name}-seeds.json")
    return list(targets.values())


def is_first_process() -> bool:
    """True but on the further processes of a distributed run, which write nothing."""
    return int(os.environ.get("RANK", "0")) == 0


def state_dir_of(target: Path) -> Path:
    """Where a run keeps its resumable states: a hidden folder beside its checkpoint, removed when that is written."""
    return target.parent / f".{target.name}.run"


def _train_one(
    config: RunConfig, prepared: Prepared, *, target: Path, seed: int, resume: bool, fingerprint: Mapping[str, Any]
) -> None:
    state_dir = state_dir_of(target)
    parts = {split: prepared.part(split) for split in ("train", "dev", "test")}
    show(
        f"[bold]{target.name}[/bold]: {config.model.kind}, {len(parts['train']):,} sentences to train on, "
        f"{len(parts['dev']):,} dev, {len(parts['test']):,} test, {len(prepared.inventory.ids)} techniques, seed {seed}"
    )
    with TrainingProgress() as progress:
        run = fit(
            config, inventory=prepared.inventory, train=parts["train"], dev=parts["dev"], seed=seed,
            state_dir=state_dir, resume=resume, name=target.name, callbacks=progress.callbacks(config),
        )  # fmt: skip
    if not is_first_process():
        _tell_rank(run)
        return
    metrics = measure(run, config, parts)
    save_run(run, prepared, target=target, seed=seed, metrics=metrics, fingerprint=fingerprint)
    shutil.rmtree(state_dir, ignore_errors=True)
    show(f"checkpoint written: {target}")


def measure(run: Run, config: RunConfig, parts: Mapping[str, Sequence[Sentence]]) -> dict[str, Metrics]:
    """Metrics of dev (decided by cross-fitted thresholds) and, where there is one, of test."""
    figures = {}
    if parts["dev"]:
        figures["dev"] = metrics_of(run.classifier, parts["dev"], run.dev_probabilities, run.dev_decisions, config)
    if parts["test"]:
        probabilities = run.classifier.probabilities(parts["test"]).probabilities
        decisions = run.classifier.decide(probabilities)
        figures["test"] = metrics_of(run.classifier, parts["test"], probabilities, decisions, config)
    return figures


def metrics_of(
    classifier: Classifier, sentences: Sequence[Sentence], probabilities: np.ndarray, decisions: np.ndarray,
    config: RunConfig,
) -> Metrics:
    """Metrics with article intervals, by the rules of `config.evaluation`."""
    gold, mask = label_matrix(sentences, classifier.inventory)
    rules = config.evaluation
    return evaluate_predictions(
        gold, mask, probabilities, decisions, articles=article_codes(sentences), techniques=classifier.inventory.ids,
        n_resamples=rules.n_resamples, confidence=rules.confidence, seed=rules.seed,
    )  # fmt: skip


def save_run(
    run: Run, prepared: Prepared, *, target: Path, seed: int, metrics: Mapping[str, Metrics],
    fingerprint: Mapping[str, Any],
) -> Classifier:
    """Writes the checkpoint folder of a run, then its model card."""
    figures = {split: value.to_dict() for split, value in metrics.items()}
    training = prepared.part("train")
    saved = save_checkpoint(
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
    )  # fmt: skip
    rewrite_reports(target, {"README.md": render_card(saved, figures)})
    return saved


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


def _refuse_to_overwrite(targets: Iterable[Path]) -> None:
    for target in targets:
        if target.exists():
            raise UserError("a checkpoint of this name stands already", where=str(target), expected="a free name", remedy="set tracking.name=..., or pass --overwrite.")
        if (state_dir_of(target) / RUN).is_file():
            raise UserError("an unfinished run of this name stands already", where=str(state_dir_of(target)), remedy="pass --resume to go on with it, or --overwrite to begin afresh.")


def _fingerprint(config: RunConfig, prepared: Prepared, *, seed: int) -> dict[str, Any]:
    """What makes two runs the same run; where it lands and how it is tracked may differ."""
    settings = sha256_of_text(dump_json({**config.model_dump(mode="json"), "tracking": None}))
    return {"config": settings, "data": prepared.data_hash(), "taxonomy": prepared.inventory.hash, "seed": seed}


def _is_finished(target: Path, fingerprint: Mapping[str, Any], *, overwrite: bool) -> bool:
    if not target.is_dir():
        return False
    changed = _changed(verify(target).get("run", {}), fingerprint)
    if changed and not overwrite:
        raise UserError(f"a checkpoint of this name stands already, of another {' and '.join(changed)}", where=str(target), remedy="set tracking.name=..., or pass --overwrite.")
    return not changed


def _claim(state_dir: Path, fingerprint: Mapping[str, Any], *, resume: bool, overwrite: bool) -> None:
    """Prepares the folder of states; a resumed run must be the run that was interrupted."""
    file = state_dir / RUN
    if resume and file.is_file():
        changed = _changed(read_json(file), fingerprint)
        if not changed:
            return
        if not overwrite:
            raise UserError(
                f"{' and '.join(changed)} changed since the run was interrupted", where=str(state_dir),
                expected="the same config, data, taxonomy and seed", remedy="restore them, or pass --overwrite instead of --resume to begin afresh.",
            )  # fmt: skip
    shutil.rmtree(state_dir, ignore_errors=True)
    write_json(file, dict(fingerprint))


def _leave_nothing(state_dir: Path) -> None:
    """After a mistake there is no unfinished run to go on with, unless it has come to a state before."""
    if is_first_process() and not any(state_dir.glob("checkpoint-*")):
        shutil.rmtree(state_dir, ignore_errors=True)


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return [name for name in now if before.get(name) != now[name]]


def _threads() -> int:
    import torch

    return torch.get_num_threads()


def _tell_rank(run: Run) -> None:
    dev = [entry for entry in run.log if "eval_loss" in entry]
    timing = ("eval_runtime", "eval_samples_per_second", "eval_steps_per_second")
    last = {name: value for name, value in (dev[-1] if dev else {}).items() if name not in timing}
    print(dump_json({"rank": int(os.environ["RANK"]), "world_size": int(os.environ["WORLD_SIZE"]), "dev": last}), flush=True)


def _summarise_seeds(targets: Sequence[Path], file: Path) -> None:
    """Mean and standard deviation of each overall figure over the seeds."""
    runs = [read_json(target / "metrics.json") for target in targets]
    summary: dict[str, Any] = {"checkpoints": [target.name for target in targets]}
    for split in ("dev", "test"):
        if all(split in run for run in runs):
            columns = {name: [run[split]["overall"][name]["value"] for run in runs] for name in runs[0][split]["overall"]}
            summary[split] = {
                name: {"mean": statistics.fmean(values), "deviation": statistics.stdev(values)}
                for name, values in columns.items() if all(value is not None for value in values)
            }  # fmt: skip
    write_json(file, summary)
    show(f"figures over {len(targets)} seeds: {file}")
