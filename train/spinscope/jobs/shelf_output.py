"""How a shelf is shown: a table for the terminal, differences and lineage in words, CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from spinscope.files import write_text
from spinscope.jobs.config_differences import value_text
from spinscope.jobs.shelf_reading import Figure, Run
from spinscope.jobs.shelf_result import SORTED_BY, Shelf
from spinscope.jobs.tables import TITLES, plain_table

if TYPE_CHECKING:
    from rich.console import Console

SHOWN = ("dev.macro_average_precision", "dev.micro_f1", "test.macro_average_precision", "test.micro_f1")
"""Figures of the table, where a run has them; the JSON has all."""

N_HASH = 8


def print_shelf(shelf: Shelf, console: Console) -> None:
    """Prints the table of whole runs, what differs, where they come from, and what is broken or unfinished."""
    from rich.markup import escape

    if not shelf.runs:
        console.print(f"No run in {escape(str(shelf.folder))}.")
        return
    if shelf.whole:
        console.print(_figures_table(shelf))
        console.print(_facts_table(shelf))
        _print_words(shelf, console)
    for run in shelf.runs:
        if run.status != "whole":
            colour = "bold red" if run.status == "broken" else "dim"
            console.print(
                f"[{colour}]{run.status}[/{colour}] {escape(run.name)}: {escape(run.reason)}.", soft_wrap=True
            )
    for finding in shelf.findings:
        console.print(f"[bold yellow]Note:[/bold yellow] {escape(finding)}.", soft_wrap=True)


def figure_title(name: str) -> str:
    """`test.micro_f1` as people read it: `test micro F1`."""
    *where, last = name.split(".")
    return " ".join([*where, TITLES.get(last, last.replace("_", " "))])


def write_csv(shelf: Shelf, file: Path) -> None:
    """One line a run: status, facts, differing settings, and every averaged figure with its interval."""
    figures = list(dict.fromkeys(name for run in shelf.runs for name in run.figures if name.count(".") == 1))
    names = ("kind", "base", "seed", "taxonomy", "identity", "data_sha256", "weights_bytes", "training_seconds")
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    ends = ("", "_low", "_high")
    writer.writerow([
        "name", "status", "reason", *names, "lineage", *(one.path for one in shelf.settings),
        *(f"{name}{end}" for name in figures for end in ends),
    ])  # fmt: skip
    for run in shelf.runs:
        several = [run.figures.get(name, Figure()) for name in figures]
        values = [value for one in several for value in (one.value, one.low, one.high)]
        writer.writerow([
            run.name, run.status, run.reason, *(_cell(run.facts.get(name)) for name in names),
            "; ".join(shelf.lineage.get(run.name, [])),
            *(value_text(one.values[run.name]) if run.name in one.values else "" for one in shelf.settings),
            *map(_cell, values),
        ])  # fmt: skip
    write_text(file, stream.getvalue())


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _figures_table(shelf: Shelf):  # type: ignore[no-untyped-def]  # rich is loaded late
    from rich.markup import escape

    shown = [name for name in SHOWN if any(name in run.figures for run in shelf.whole)]
    if shelf.sorted_by not in SORTED_BY and shelf.sorted_by not in shown:
        shown.insert(0, shelf.sorted_by)
    table = plain_table(f"{shelf.folder}, sorted by {shelf.sorted_by}", "run", *map(figure_title, shown))
    for run in shelf.whole:
        table.add_row(escape(run.name), *(_figure_text(run, name) for name in shown))
    return table


def _facts_table(shelf: Shelf):  # type: ignore[no-untyped-def]  # rich is loaded late
    from rich.markup import escape

    table = plain_table("", "run", "kind", "taxonomy", "MB", "training, s", "seed", "data")
    for run in shelf.whole:
        facts, seconds = run.facts, run.facts["training_seconds"]
        table.add_row(
            escape(run.name), facts["kind"], escape(facts["taxonomy"]), f"{facts['weights_bytes'] / 1e6:.1f}",
            "-" if seconds is None else f"{seconds:,.0f}", "-" if facts["seed"] is None else str(facts["seed"]),
            facts["data_sha256"][:N_HASH] or "-",
        )  # fmt: skip
    return table


def _figure_text(run: Run, name: str) -> str:
    one = run.figures.get(name)
    if one is None or one.value is None:
        return "-"
    if one.low is None or one.high is None:
        return f"{one.value:.3f}"
    return f"{one.value:.3f} ±{(one.high - one.low) / 2:.3f}"


def _print_words(shelf: Shelf, console: Console) -> None:
    from rich.markup import escape

    console.print("±: half the interval over articles; ends and all other figures: --json. MB: of the weights.")
    data: dict[str, list[Run]] = {}
    for run in shelf.whole:
        data.setdefault(run.facts["data_sha256"], []).append(run)
    console.print("[bold]Data[/bold]")
    for value, several in data.items():
        counts = several[0].facts["n_sentences"]
        told = ", ".join(f"{n:,} {part}" for part, n in counts.items())
        names = ", ".join(run.name for run in several)
        n_articles = several[0].facts["n_articles"]
        console.print(
            f"  {value[:N_HASH] or '-'}: {n_articles or '-'} articles; sentences: {told or '-'}: {escape(names)}"
        )
    if shelf.settings:
        console.print("[bold]What differs in the configurations[/bold]")
        for setting in shelf.settings:
            console.print(f"  {escape(setting.told())}", soft_wrap=True)
    elif len(shelf.whole) > 1:
        console.print("The configurations are the same.")
    lines = [f"  {name}: {'; '.join(lineage)}" for name, lineage in shelf.lineage.items() if lineage]
    if lines:
        console.print("[bold]Lineage[/bold]")
        for line in lines:
            console.print(escape(line), soft_wrap=True)
