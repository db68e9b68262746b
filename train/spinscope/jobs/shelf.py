"""`spinscope runs`: the checkpoints of a folder side by side, with figures, differences, data and lineage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinscope.errors import DONE, DONE_WITH_FINDINGS, UserError, did_you_mean
from spinscope.files import dump_json
from spinscope.jobs.config_differences import config_differences
from spinscope.jobs.shelf_output import print_shelf, write_csv
from spinscope.jobs.shelf_reading import Figure, Run, read_shelf
from spinscope.jobs.shelf_result import SORTED_BY, Shelf
from spinscope.jobs.tables import result_console

if TYPE_CHECKING:
    from rich.console import Console

TEST = "test."


def runs(
    folder: Path,
    *,
    sort: str = "name",
    as_json: bool = False,
    csv_file: Path | None = None,
    console: Console | None = None,
) -> int:
    """Lists the runs of a folder.

    Args:
        folder: of checkpoints; or one checkpoint.
        sort: `name`, `kind`, `seed`, `data`, `taxonomy`, `size`, `training_seconds`, or a figure such as
            `dev.macro_average_precision` or `test.loaded_language.f1` (without a part: of dev, by which runs are to be
            chosen); the best first.
        as_json: print JSON instead of tables.
        csv_file: where given, one line a run is written there.
        console: where the tables go; None: standard output.

    Returns:
        the exit code: 1 where a folder is broken or half written, else 0.

    Raises:
        UserError: no such folder or field.
    """
    found = shelf(folder, sort=sort)
    if csv_file is not None:
        write_csv(found, csv_file)
    if as_json:
        print(dump_json(found.to_dict(), indent=2))
    else:
        print_shelf(found, console or result_console())
    return DONE_WITH_FINDINGS if any(run.status == "broken" for run in found.runs) else DONE


def shelf(folder: str | Path, *, sort: str = "name") -> Shelf:
    """What `runs` lists; see there."""
    found = read_shelf(Path(folder))
    whole, others = ([run for run in found if (run.status == "whole") == wanted] for wanted in (True, False))
    field, ordered = _ordered(whole, sort)
    settings = config_differences({run.name: run.config for run in ordered if run.config is not None})
    findings = [*_of_data(ordered, field), *(f"{run.name}: {told}" for run in ordered for told in run.remarks)]
    return Shelf(Path(folder), [*ordered, *others], settings, _lineage(ordered), findings, field)


def _ordered(whole: Sequence[Run], sort: str) -> tuple[str, list[Run]]:
    names = list(dict.fromkeys(name for run in whole for name in run.figures))
    field = sort if sort in SORTED_BY or sort in names or "." in sort else f"dev.{sort}"
    if field not in SORTED_BY and field not in names:
        if not whole and sort != "name":
            return sort, list(whole)
        raise UserError(
            f"no field '{sort}'", where="--sort", expected="a field of the runs, or a figure of their metrics.json",
            remedy=did_you_mean(sort, [*SORTED_BY, *(name for name in names if name.count(".") == 1)]),
        )  # fmt: skip
    if field in SORTED_BY:
        value_of, downwards = SORTED_BY[field], False
    else:
        value_of, downwards = (
            lambda run: run.figures.get(field, Figure()).value,
            not field.endswith(("_loss", "_error")),
        )
    known = sorted((run for run in whole if value_of(run) is not None), key=value_of, reverse=downwards)
    return field, [*known, *(run for run in whole if value_of(run) is None)]


def _lineage(whole: Sequence[Run]) -> dict[str, list[str]]:
    by_identity: dict[str, list[str]] = {}
    for run in whole:
        by_identity.setdefault(run.facts["identity"], []).append(run.name)
    told = {}
    for run in whole:
        lines = [_origin(one, by_identity) for one in run.facts["made_from"]]
        seeds = sorted(other.facts["seed"] for other in whole if _is_sibling(run, other))
        if seeds:
            lines.append(f"the same run with seed {', '.join(map(str, seeds))} stands beside it")
        same = [name for name in by_identity[run.facts["identity"]] if name != run.name]
        if same:
            lines.append(f"answers exactly as {', '.join(same)}")
        if run.facts["training"].get("resumed"):
            lines.append("resumed after an interruption")
        told[run.name] = lines
    return told


def _origin(one: Mapping[str, Any], by_identity: Mapping[str, list[str]]) -> str:
    name, identity = one.get("name", "a checkpoint without name"), str(one.get("identity", ""))
    here = by_identity.get(identity, [])
    if name in here:
        return f"{one['how']} from {name}"
    return f"{one['how']} from {name} (here as {here[0]})" if here else f"{one['how']} from {name}, which is not here"


def _is_sibling(run: Run, other: Run) -> bool:
    """Whether both are one run but for the seed; a tuned copy of a run is none."""
    keys = ("config", "data", "taxonomy")
    alike = bool(run.facts["run"]) and all(run.facts["run"].get(key) == other.facts["run"].get(key) for key in keys)
    return alike and other.facts["seed"] is not None and run.facts["seed"] != other.facts["seed"]


def _of_data(whole: Sequence[Run], field: str) -> list[str]:
    """What forbids to read one column of figures from top to bottom."""
    told = []
    if len({run.facts["data_sha256"] for run in whole}) > 1:
        told.append("the runs were measured on different data: figures of different data hashes are not to be compared")
    if len({run.facts["taxonomy_sha256"] for run in whole}) > 1:
        told.append("the inventories differ: averaged figures are averages over different techniques")
    if field.startswith(TEST):
        told.append("a run that was chosen by its test figure has no test figure any more: choose by dev")
    return told
