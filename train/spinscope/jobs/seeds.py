"""Several seeds of one run, summed up: what each answered is kept beside the checkpoints until it is asked for."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinscope.config import RunConfig
from spinscope.data.encoding import article_codes, label_matrix
from spinscope.files import read_json, write_json
from spinscope.jobs.answers import Answers
from spinscope.jobs.progress import show
from spinscope.jobs.recording import Prepared
from spinscope.jobs.tables import TITLES, estimate_text, plain_table, result_console
from spinscope.measure.figures import Figures
from spinscope.measure.resampling import Estimate
from spinscope.measure.seeds import SeedEstimate, SeedFigures, over_seeds

if TYPE_CHECKING:
    from rich.table import Table

NOT_KEPT = "no interval: the answers of a seed are not there any more"


def keep_answers(target: Path, answers: Mapping[str, Answers], *, fingerprint: Mapping[str, Any]) -> None:
    """Writes what a run answered on dev and test beside its checkpoint, without text, for the summary over seeds."""
    parts = {
        split: {
            "probabilities": one.probabilities.tolist(), "decided": one.decisions.astype(int).tolist(),
            **({} if one.any_decided is None else {"any": one.any_decided.astype(int).tolist()}),
        }
        for split, one in answers.items()
    }  # fmt: skip
    write_json(answers_file(target), {"run": dict(fingerprint), "parts": parts})


def answers_file(target: Path) -> Path:
    """A hidden file beside the checkpoint, which stays: a later seed may be added to the summary."""
    return target.parent / f".{target.name}.answers.json"


def summarise_seeds(
    config: RunConfig,
    prepared: Prepared,
    targets: Mapping[int, Path],
    fingerprints: Mapping[int, Mapping[str, Any]],
    *,
    file: Path,
) -> dict[str, Any]:
    """Writes and prints mean, deviation and interval over articles and seeds of each figure on dev and test.

    Args:
        config: the run.
        prepared: its sentences.
        targets: seed -> checkpoint.
        fingerprints: seed -> what makes its run; answers kept of another run do not count.
        file: where the summary is written (JSON): part -> figure -> `measure.seeds.SeedEstimate`, and the same by
            technique under `<part>_per_technique`. Without the answers of a seed there are mean and deviation only.
    """
    runs = [read_json(target / "metrics.json") for target in targets.values()]
    kept = [_kept(target, fingerprints[seed]) for seed, target in targets.items()]
    summary: dict[str, Any] = {"checkpoints": [target.name for target in targets.values()]}
    for split in ("dev", "test"):
        if not all(split in run for run in runs):
            continue
        if all(split in parts for parts in kept):
            found = _over_seeds(config, prepared, split, [parts[split] for parts in kept])
            summary[split] = {name: one.to_dict() for name, one in found.overall.items()}
            summary[f"{split}_per_technique"] = found.to_dict()["per_technique"]
            if split == "test" or "test" not in runs[0]:
                title = f"{file.stem} on {split}: mean over {found.n_seeds} seeds, interval over articles and seeds"
                result_console().print(seeds_table(found, title=title))
        else:
            summary[split] = _without_answers([run[split]["overall"] for run in runs])
    write_json(file, summary)
    show(f"figures over {len(targets)} seeds: {file}")
    return summary


def seeds_table(found: SeedFigures, *, title: str) -> Table:
    """The overall figures: mean with its interval, and deviation over the seeds."""
    table = plain_table(title, "figure", "mean", "deviation over seeds")
    for name, one in found.overall.items():
        mean = estimate_text(Estimate(one.mean, one.low, one.high))
        table.add_row(TITLES.get(name, name), mean, "-" if one.deviation is None else f"{one.deviation:.3f}")
    return table


def _kept(target: Path, fingerprint: Mapping[str, Any]) -> dict[str, Any]:
    file = answers_file(target)
    kept = read_json(file) if file.is_file() else {}
    return dict(kept["parts"]) if kept.get("run") == dict(fingerprint) else {}


def _over_seeds(config: RunConfig, prepared: Prepared, split: str, parts: list[dict[str, Any]]) -> SeedFigures:
    sentences = prepared.part(split)
    gold, mask = label_matrix(sentences, prepared.inventory)
    articles = article_codes(sentences)
    systems = [
        Figures.of(
            gold, mask, np.array(part["probabilities"]), np.array(part["decided"], dtype=bool), part.get("any"),
            articles=articles,
        )
        for part in parts
    ]  # fmt: skip
    rules = config.evaluation
    return over_seeds(systems, techniques=prepared.inventory.ids, confidence=rules.confidence, seed=rules.seed)


def _without_answers(runs: list[dict[str, Any]]) -> dict[str, Any]:
    columns = {name: [run[name]["value"] for run in runs] for name in runs[0]}
    return {
        name: SeedEstimate(statistics.fmean(values), statistics.stdev(values), note=NOT_KEPT).to_dict()
        for name, values in columns.items() if all(value is not None for value in values)
    }  # fmt: skip
