"""`spinscope train`: read, check, split, fit, measure, save."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinscope.config import RunConfig
from spinscope.data.checks import check_data
from spinscope.data.corpora import load_sentences
from spinscope.data.splits import assign_splits
from spinscope.errors import UserError
from spinscope.files import dump_json, read_json, sha256_of_text, sweep_leftovers, write_json
from spinscope.jobs.fit_settings import check_settings
from spinscope.jobs.fitting import Run, fit
from spinscope.jobs.processes import first_decides, is_first_process
from spinscope.jobs.progress import TrainingProgress, show
from spinscope.jobs.recording import Prepared, answers_of, measure, save_run
from spinscope.jobs.seeds import keep_answers, summarise_seeds
from spinscope.model.checkpoint import verify
from spinscope.taxonomy import inventory

if TYPE_CHECKING:
    from spinscope.model.trackers import TrackerRelay

RUN = "run.json"
"""In the folder of states: what run they belong to."""


def prepare(config: RunConfig) -> Prepared:
    """Reads the sources, divides them, and refuses what `spinscope check` would block.

    Raises:
        UserError: faulty sources, or a blocking finding that the config does not waive.
    """
    target = inventory(config.data.taxonomy)
    sentences = load_sentences(
        config.data, target=target, unknown=[] if "unknown_labels" in config.data.waive else None
    )
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
    check_settings(config)
    seeds = [config.training.seed + offset for offset in range(config.training.n_seeds)]
    folder = Path(config.tracking.output_dir)
    targets = {seed: folder / (name if len(seeds) == 1 else f"{name}-seed{seed}") for seed in seeds}
    if not resume and not overwrite:
        first_decides(lambda: _refuse_to_overwrite(targets.values()))
    prepared = prepare(config)
    fingerprints = {seed: _fingerprint(config, prepared, seed=seed) for seed in seeds}

    def claim() -> list[int]:
        return [seed for seed in seeds if _is_claimed(targets[seed], fingerprints[seed], resume, overwrite)]

    unfinished = first_decides(claim)
    for seed, target in targets.items():
        if seed not in unfinished:
            show(f"{target} is finished already.")
            continue
        if config.model.kind != "finetuned" and not is_first_process():
            continue  # nothing to share: a linear head is fitted by one process
        try:
            _train_one(
                config, prepared, target=target, seed=seed, resume=resume, fingerprint=fingerprints[seed],
                keeps_answers=len(seeds) > 1,
            )  # fmt: skip
        except UserError:
            _leave_nothing(state_dir_of(target))
            raise
    if len(seeds) > 1 and is_first_process():
        summarise_seeds(config, prepared, targets, fingerprints, file=folder / f"{name}-seeds.json")
    return list(targets.values())


def state_dir_of(target: Path) -> Path:
    """Where a run keeps its resumable states: a hidden folder beside its checkpoint, removed when that is written."""
    return target.parent / f".{target.name}.run"


def _train_one(
    config: RunConfig,
    prepared: Prepared,
    *,
    target: Path,
    seed: int,
    resume: bool,
    fingerprint: Mapping[str, Any],
    keeps_answers: bool,
) -> None:
    state_dir = state_dir_of(target)
    parts = {split: prepared.part(split) for split in ("train", "dev", "test")}
    show(
        f": {config.model.kind}, {len(parts['train']):,} sentences to train on, "
        f"{len(parts['dev']):,} dev, {len(parts['test']):,} test, {len(prepared.inventory.ids)} techniques, seed {seed}",
        bold=target.name,
    )
    trackers = _trackers(config, target)
    with TrainingProgress() as progress:
        run = fit(
            config, inventory=prepared.inventory, train=parts["train"], dev=parts["dev"], seed=seed,
            state_dir=state_dir, resume=resume, name=target.name,
            callbacks=[*progress.callbacks(config), *([trackers] if trackers else [])],
        )  # fmt: skip
    if not is_first_process():
        _tell_rank(run)
        return
    answers = answers_of(run, parts)
    metrics = measure(run, config, parts, answers)
    if keeps_answers:
        keep_answers(target, answers, fingerprint=fingerprint)
    save_run(
        run, prepared, target=target, seed=seed, metrics=metrics, answers=answers, fingerprint=fingerprint
    )  # fmt: skip
    if trackers:
        from spinscope.model.trackers import final_figures

        trackers.finish(final_figures({split: figures.to_dict() for split, figures in metrics.items()}))
    shutil.rmtree(state_dir, ignore_errors=True)
    show(f"checkpoint written: {target}")


def _trackers(config: RunConfig, target: Path) -> TrackerRelay | None:
    if not config.tracking.report_to:
        return None
    from spinscope.model.trackers import TrackerRelay

    return TrackerRelay(config.tracking.report_to, run_name=target.name, output_dir=target.parent)


def _refuse_to_overwrite(targets: Iterable[Path]) -> None:
    for target in targets:
        if target.exists():
            raise UserError(
                "a checkpoint of this name stands already",
                where=str(target),
                expected="a free name",
                remedy="set tracking.name=..., or pass --overwrite.",
            )
        if (state_dir_of(target) / RUN).is_file():
            raise UserError(
                "an unfinished run of this name stands already",
                where=str(state_dir_of(target)),
                remedy="pass --resume to go on with it, or --overwrite to begin afresh.",
            )


def _fingerprint(config: RunConfig, prepared: Prepared, *, seed: int) -> dict[str, Any]:
    """What makes two runs the same run; where it lands and how it is tracked may differ."""
    settings = sha256_of_text(dump_json({**config.model_dump(mode="json"), "tracking": None}))
    return {"config": settings, "data": prepared.data_hash(), "taxonomy": prepared.inventory.hash, "seed": seed}


def _is_finished(target: Path, fingerprint: Mapping[str, Any], *, overwrite: bool) -> bool:
    if not target.is_dir():
        return False
    try:
        changed = _changed(verify(target).get("run", {}), fingerprint)
    except UserError:
        if not overwrite:
            raise
        return False
    if changed and not overwrite:
        raise UserError(
            f"a checkpoint of this name stands already, of another {' and '.join(changed)}",
            where=str(target),
            remedy="set tracking.name=..., or pass --overwrite.",
        )
    return not changed


def _is_claimed(target: Path, fingerprint: Mapping[str, Any], resume: bool, overwrite: bool) -> bool:
    """Whether the folder of states belongs to this run from now on; False where a resumed run is finished."""
    sweep_leftovers(target)
    if resume and _is_finished(target, fingerprint, overwrite=overwrite):
        shutil.rmtree(state_dir_of(target), ignore_errors=True)
        return False
    _claim(state_dir_of(target), fingerprint, resume=resume, overwrite=overwrite)
    return True


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


def _tell_rank(run: Run) -> None:
    dev = [entry for entry in run.log if "eval_loss" in entry]
    timing = ("eval_runtime", "eval_samples_per_second", "eval_steps_per_second")
    last = {name: value for name, value in (dev[-1] if dev else {}).items() if name not in timing}
    print(
        dump_json({"rank": int(os.environ["RANK"]), "world_size": int(os.environ["WORLD_SIZE"]), "dev": last}),
        flush=True,
    )
