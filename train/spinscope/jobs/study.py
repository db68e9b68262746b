"""`spinscope study`: many configs, seeds and folds; one table that says what each setting was worth.

Every fit is an ordinary one, as in `cross-validate`, and lies in its own file: an interrupted study goes on where it
stopped, within a fit too, and a run added to the file later is measured beside the finished ones. Runs that differ in
`evaluation` alone share a fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinscope.config import RunConfig
from spinscope.data.encoding import article_codes, label_matrix
from spinscope.errors import DONE, UserError
from spinscope.files import dump_json, read_json, sha256_of_text, write_json
from spinscope.jobs.folds import Folds, check_fold_settings, divide, pooled_answers, run_fold
from spinscope.jobs.labelled import data_hash
from spinscope.jobs.progress import show
from spinscope.jobs.studies.by_technique import by_technique, check_run
from spinscope.jobs.studies.plan import Study, StudyRun, read_study
from spinscope.jobs.studies.refits import fit_hash, redecide_fold, reusable
from spinscope.jobs.studies.table import Line, StudyTable, print_table, write_csv
from spinscope.jobs.tables import comparison_tables, result_console
from spinscope.measure.studies import Resampled, differences, over_seeds, resampled, seed_deviation

if TYPE_CHECKING:
    from rich.console import Console

TABLE = "study.json"
_RECORD = "seed-{seed}-fold-{fold}.json"


def study(
    path: Path, *, csv_file: Path | None = None, only_table: bool = False, techniques: str | None = None,
    console: Console | None = None,
) -> int:  # fmt: skip
    """Runs what is missing of a study and prints its table; `<output_dir>/<name>-study/study.json` holds it too.

    Seeds come first and runs last in the order of work, so that each seed soon has a whole table of its own; the table
    is written anew whenever a run of one seed is finished.

    Args:
        path: the study's file.
        csv_file: where given, the table is also written there, figures only.
        only_table: train nothing; the table of what is finished.
        techniques: a run that is held against the reference technique by technique too; `<run>/techniques.json` holds it.
        console: where the table goes; None: standard output.

    Returns:
        the exit code, 0.

    Raises:
        UserError: a faulty file, faulty data, finished fits of another config or other data under the same name, or
            no such run for `techniques`.
    """
    plan = read_study(path)
    if techniques is not None:
        check_run(plan, techniques)
    for run in plan.runs if not only_table else ():
        check_fold_settings(run.config, plan.folds)
    folds = divide(plan.base, n_folds=plan.plan.folds, seed=plan.base.data.split_by.seed)
    folder = Path(plan.base.tracking.output_dir) / f"{plan.name}-study"
    for run in plan.runs:
        _claim(folder / run.name, run, folds, plan)
    n_fits = len({fit_hash(run.config) for run in plan.runs}) * len(plan.plan.seeds) * len(plan.folds)
    show(f": {len(plan.runs)} runs, {len(plan.plan.seeds)} seeds, {len(plan.folds)} folds: {n_fits} fits", bold=plan.name)
    if not only_table:
        for seed in plan.plan.seeds:
            for run in plan.runs:
                _fit(run, seed, folds, plan, folder=folder)
                _tabled(plan, folds, folder=folder, csv_file=csv_file)
    table = _tabled(plan, folds, folder=folder, csv_file=csv_file)
    console = console or result_console()
    print_table(table, console)
    show(f"written: {folder / TABLE}")
    if techniques is not None:
        found = by_technique(plan, folds, techniques, {run.name: _finished(run, plan, folder) for run in plan.runs})
        for shown in islice(comparison_tables(found, names=(plan.reference, techniques)), 1, None):
            console.print(shown)
        write_json(folder / techniques / "techniques.json", found.to_dict())
        show(f"written: {folder / techniques / 'techniques.json'}")
    return DONE


def _claim(folder: Path, run: StudyRun, folds: Folds, plan: Study) -> None:
    """Claims a run's folder, or refuses fits that were made of something else under the same name."""
    facts = {
        "config": _config_hash(run.config), "data": data_hash(folds.sentences), "taxonomy": folds.inventory.hash,
        "folds": sha256_of_text(dump_json(dict(sorted(folds.fold_of.items())))),
        "articles_fraction": plan.plan.articles_fraction,
    }  # fmt: skip
    file = folder / "run.json"
    before = read_json(file) if file.is_file() else facts
    changed = [name for name, value in facts.items() if before.get(name) != value]
    if changed:
        raise UserError(
            f"{' and '.join(changed)} changed since the run '{run.name}' began", where=str(folder),
            expected="the same config, data and division",
            remedy="give the run another name, or remove its folder to begin it afresh.",
        )  # fmt: skip
    write_json(file, facts)
    (folder / "config.yaml").write_text(run.config.to_yaml(), encoding="utf-8")


def _config_hash(config: RunConfig) -> str:
    """Of what a fit depends on: a setting that is added later with its default leaves it as it was."""
    settings = config.model_dump(mode="json", exclude_defaults=True, exclude={"tracking": True})
    return sha256_of_text(dump_json(settings))


def _fit(run: StudyRun, seed: int, folds: Folds, plan: Study, *, folder: Path) -> None:
    config = run.config.model_copy(update={"training": run.config.training.model_copy(update={"seed": seed})})
    same = [other.name for other in plan.runs if other is not run and fit_hash(other.config) == fit_hash(run.config)]
    for fold in plan.folds:
        name, told = _RECORD.format(seed=seed, fold=fold), f"{run.name}, seed {seed}"
        file = folder / run.name / name
        fitted = reusable(folder / other / name for other in same) if not file.is_file() else None
        common: dict[str, Any] = {"file": file, "told": told, "articles_fraction": plan.plan.articles_fraction}
        if fitted:
            redecide_fold(config, folds, fold, fitted=fitted, **common)
        else:
            run_fold(config, folds, fold, **common)


def _finished(run: StudyRun, plan: Study, folder: Path) -> dict[int, list[Path]]:
    """Seed -> the records of its folds, where none is missing."""
    files = {seed: [folder / run.name / _RECORD.format(seed=seed, fold=fold) for fold in plan.folds] for seed in plan.plan.seeds}
    return {seed: several for seed, several in files.items() if all(file.is_file() for file in several)}


def _tabled(plan: Study, folds: Folds, *, folder: Path, csv_file: Path | None) -> StudyTable:
    """The table of what is finished: runs with all folds of at least one seed, each with the seeds it has."""
    rows = np.concatenate([folds.rows(fold) for fold in plan.folds])
    rules = plan.base.evaluation
    finished: dict[str, dict[int, Resampled]] = {}
    seconds: dict[str, float] = {}
    for run in plan.runs:
        finished[run.name], seconds[run.name] = {}, 0.0
        for seed, files in _finished(run, plan, folder).items():
            records = [read_json(file) for file in files]
            seconds[run.name] += sum(record["seconds"] for record in records)
            finished[run.name][seed] = _figures(records, folds, rows, plan, cache=folder / run.name)
    reference = list(finished[plan.reference].values())
    of_reference = next(fit_hash(run.config) for run in plan.runs if run.name == plan.reference)
    lines = []
    for run in plan.runs:
        seeds = list(finished[run.name].values())
        if seeds:
            options: dict[str, Any] = {"confidence": rules.confidence, "seed": rules.seed}
            compared = reference and run.name != plan.reference
            same_fits = fit_hash(run.config) == of_reference and list(finished[run.name]) == list(finished[plan.reference])
            lines.append(
                Line(
                    run.name, run.settings, tuple(finished[run.name]), over_seeds(seeds, **options),
                    differences(seeds, reference, **options, same_fits=same_fits) if compared else {}, seed_deviation(seeds),
                    seconds[run.name],
                )
            )  # fmt: skip
    table = StudyTable(
        plan.name, plan.reference, tuple(lines), len(plan.runs), len(np.unique(article_codes(folds.sentences)[rows])), len(rows),
        len(plan.folds), plan.plan.articles_fraction, rules.confidence,
    )  # fmt: skip
    write_json(folder / TABLE, table.to_dict())
    if csv_file is not None:
        write_csv(table, csv_file)
    return table


def _figures(
    records: Sequence[dict[str, Any]], folds: Folds, rows: np.ndarray, plan: Study, *, cache: Path
) -> Resampled:
    """The studied figures of one seed; kept beside the fits, since each table needs them again."""
    answers = pooled_answers(records, folds, rows)
    n_resamples, seed, method = plan.plan.n_resamples, plan.base.evaluation.seed, plan.base.evaluation.interval
    told = " ".join(part.tobytes().hex() for part in answers if part is not None)
    key = sha256_of_text(f"{told} {n_resamples} {seed} {method}")[:16]
    file = cache / f".figures-{key}.npz"
    if file.is_file():
        with np.load(file) as kept:
            return Resampled(kept["points"], kept["draws"], method == "jackknife")
    gold, mask = label_matrix([folds.sentences[row] for row in rows], folds.inventory)
    result = resampled(
        gold, mask, *answers, articles=article_codes(folds.sentences)[rows], n_resamples=n_resamples, seed=seed,
        method=method,
    )  # fmt: skip
    np.savez(file, points=result.points, draws=result.draws)
    return result
