"""One run of a study beside the reference, technique by technique, over the seeds that both have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from spinscope.data.encoding import article_codes, label_matrix
from spinscope.errors import UserError, did_you_mean
from spinscope.files import read_json
from spinscope.jobs.answers import Answers
from spinscope.jobs.folds import Folds, pooled_answers
from spinscope.jobs.studies.plan import Study
from spinscope.jobs.studies.refits import fit_hash
from spinscope.measure.sides import Side
from spinscope.measure.statistics import Comparison, compare_sides

Finished = Mapping[str, Mapping[int, Sequence[Path]]]
"""Run -> seed -> the records of its folds, of those seeds of which no fold is missing."""


def check_run(plan: Study, name: str) -> None:
    """Raises UserError where `name` is the reference, or no run of the study."""
    others = [run.name for run in plan.runs if run.name != plan.reference]
    if name not in others:
        raise UserError(
            f"'{name}' is the reference" if name == plan.reference else f"no run '{name}'", where="--techniques",
            expected=f"a run of {plan.name} to hold against '{plan.reference}'", remedy=did_you_mean(name, others),
        )  # fmt: skip


def by_technique(plan: Study, folds: Folds, name: str, finished: Finished) -> Comparison:
    """The run minus the reference; paired by seed where both are made of the same fits.

    Args:
        plan: the study.
        folds: its division.
        name: of the run.
        finished: what there is of it and of the reference.

    Raises:
        UserError: they have no finished seed in common.
    """
    seeds = [seed for seed in finished[plan.reference] if seed in finished[name]]
    if not seeds:
        raise UserError(
            f"'{name}' and '{plan.reference}' have no finished seed in common", where="--techniques",
            expected="all folds of one seed of both", remedy="run the study without --only-table.",
        )  # fmt: skip
    rows = np.concatenate([folds.rows(fold) for fold in plan.folds])
    sentences = [folds.sentences[row] for row in rows]
    gold, mask = label_matrix(sentences, folds.inventory)
    rules = plan.base.evaluation

    def side(run: str) -> Side:
        answers: list[Answers] = [
            pooled_answers([read_json(file) for file in finished[run][seed]], folds, rows) for seed in seeds
        ]
        return Side.of(
            gold, mask, answers, articles=article_codes(sentences), n_resamples=plan.plan.n_resamples, seed=rules.seed
        )

    fits = {run.name: fit_hash(run.config) for run in plan.runs}
    return compare_sides(
        side(plan.reference), side(name), techniques=folds.inventory.ids, confidence=rules.confidence,
        interval=rules.interval, seeds_are_pairs=fits[name] == fits[plan.reference],
    )  # fmt: skip
