"""How a comparison is shown in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from spinscope.jobs.comparison_result import HEADLINED, ComparisonResult, Pair
from spinscope.jobs.evaluation_output import number_text, signed_text
from spinscope.jobs.selection import AVERAGED, Selection
from spinscope.jobs.tables import COLOURS, TITLES, comparison_tables, plain_table
from spinscope.measure.metrics import FEW_ARTICLES

if TYPE_CHECKING:
    from rich.console import Console

N_EXAMPLES = 5
N_DIFFERENCES = 12
KINDS = ("gained right", "gained wrong", "lost right", "lost wrong")
FACTS = (
    ("kind", "kind"), ("base", "base"), ("n_seeds", "seeds"), ("thresholds", "threshold rule"), ("calibration", "calibration"),
    ("calibration_error", "calibration error"), ("n_training_sentences", "training sentences"),
    ("training_seconds", "training, s"), ("training_precision", "training precision"), ("weights_bytes", "weights, MB"),
    ("sentences_per_second", "sentences scored a second"),
)  # fmt: skip


def print_comparison(result: ComparisonResult, console: Console) -> None:
    """Prints checkpoints, what sets them apart, differences, changed decisions, doubts, and what the gate says."""
    from rich.markup import escape

    facts_table = plain_table("checkpoints (speed: this run, this machine)", "", *map(escape, result.checkpoints))
    for key, title in FACTS:
        facts_table.add_row(title, *(fact_text(facts, key) for facts in result.checkpoints.values()))
    console.print(facts_table)
    for pair in result.pairs:
        _print_pair(pair, console)
    if result.selection:
        _print_selection(result, console)
    one = result.pairs[0].comparison
    console.print(
        f"Intervals are unadjusted; verdicts follow the p corrected by Holm ({one.n_resamples:,} permutations) and a "
        f"margin of {one.margin:g} (for the Brier loss: of the loss of always saying the technique's share). Behind "
        '"cannot tell": how many more articles like these would settle it.'
    )
    for told in dict.fromkeys(told for pair in result.pairs for told in notes(pair)):
        console.print(f"Note: {escape(told)}.")
    console.print(f"Data: sha256 {result.data['sha256'][:16]}, split {result.data['split']}.")
    if result.data["n_articles"] < FEW_ARTICLES:
        console.print(f"Note: {result.data['n_articles']} articles: too few for intervals to be trusted.")
    for technique, why in result.left_out.items():
        console.print(f"Left out: {technique}, {escape(why)}.")
    for finding in result.findings:
        console.print(f"[bold yellow]Doubtful:[/bold yellow] {escape(finding)}.")
    _print_gate(result, console)


def notes(pair: Pair) -> list[str]:
    """What to keep in mind about a pair's verdicts."""
    return [
        *pair.without_verdict(),
        *([f"{pair.second} against {pair.first}: {pair.held_back()}"] if pair.held_back() else []),
    ]


def summary(pair: Pair) -> str:
    """One line on what the second checkpoint is: the verdict on the pair, then on averages and per technique."""
    told = []
    for verdict in ("better", "worse", "equivalent"):
        averaged = [TITLES[name] for name, one in pair.comparison.overall.items() if one.verdict == verdict]
        single = [
            f"{TITLES[name]} of {technique}"
            for technique, row in pair.comparison.per_technique.items()
            for name, one in row.items()
            if one.verdict == verdict and name in HEADLINED
        ]
        if averaged or single:
            told.append(f"{verdict} on {', '.join([*averaged, *single])}")
    head = "better on some, worse on others" if pair.headline == "mixed" else pair.headline
    return f"{pair.second} against {pair.first}: {head}. " + (
        f"It is {'; '.join(told)}." if told else "No figure can be told apart, nor called equivalent."
    )


def gate_summary(result: ComparisonResult) -> str:
    """One line on the gate."""
    gate, broken = result.gate or (), len(result.broken())
    unjudged = sum(one.status == "not judged" for one in gate)
    told = (
        f"{broken} of {len(gate)} rules broken"
        if broken
        else f"all {len(gate) - unjudged} rules that could be judged are kept"
        if unjudged
        else f"all {len(gate)} rules kept"
    )
    return f"Gate: {told}."


def fact_text(facts: Mapping[str, Any], key: str) -> str:
    """A fact of a checkpoint as people read it; `-` where it is not known."""
    value = facts.get(key)
    if value is None:
        return "-"
    if key == "weights_bytes":
        return f"{value / 1e6:.1f}"
    if key == "calibration_error":
        return f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int | float) else str(value).replace("_", " ")


def _print_pair(pair: Pair, console: Console) -> None:
    from rich.markup import escape

    if pair.differences:
        console.print(f"[bold]What is different in {escape(pair.second)}[/bold]")
        for told in pair.differences[:N_DIFFERENCES]:
            console.print(f"  {escape(told)}")
        if len(pair.differences) > N_DIFFERENCES:
            console.print(f"  ... and {len(pair.differences) - N_DIFFERENCES} more, all of them in the JSON.")
    for table in comparison_tables(pair.comparison, names=(escape(pair.first), escape(pair.second))):
        console.print(table)
    colour = COLOURS.get(pair.headline, "yellow")
    console.print(f"[bold {colour}]{escape(summary(pair))}[/bold {colour}]")
    _print_changes(pair, console)


def selection_rows(several: Sequence[Selection], *, figures: Sequence[str] | None = None) -> Iterator[list[str]]:
    """Checkpoint, figure, on dev, cross-fitted, here, and dev minus here; `figures`: of these alone."""
    for one in several:
        for name in one.effects if figures is None else figures:
            effect = one.effects.get(name)
            if effect is None:
                continue
            values = (effect.dev, effect.dev_cross_fitted, effect.measured)
            told = signed_text(effect.effect.value, effect.effect.low, effect.effect.high)
            yield [one.checkpoint, TITLES.get(name, name), *map(number_text, values), told]


def selection_told(result: ComparisonResult) -> list[Selection]:
    """Each checkpoint's selection effect, called as the checkpoint is called here."""
    return [
        replace(one, checkpoint=label if len(seeds) == 1 else one.checkpoint)
        for label, seeds in result.selection.items()
        for one in seeds
    ]


def _print_selection(result: ComparisonResult, console: Console) -> None:
    from rich.markup import escape

    told = selection_told(result)
    table = plain_table(
        "selection effect: F1 on dev (as chosen; cross-fitted) minus F1 here", "checkpoint", "figure", "dev",
        "cross-fitted", "here", "dev minus here",
    )  # fmt: skip
    for row in selection_rows(told, figures=AVERAGED):
        table.add_row(*map(escape, row))
    if table.row_count:
        console.print(table)
    for one in told:
        if one.why_not:
            console.print(f"No selection effect of {escape(one.checkpoint)}: {escape(one.why_not)}.")


def _print_gate(result: ComparisonResult, console: Console) -> None:
    from rich.markup import escape

    if result.gate is None:
        return
    for one in result.gate:
        if one.status != "kept":
            colour = "bold red" if one.status == "broken" else "dim"
            console.print(
                f"[{colour}]Gate, {one.status}:[/{colour}] {escape(one.checkpoint)}: {escape(one.rule)}: "
                f"{escape(one.reason)} ({escape(one.place)})"
            )
    colour = "bold red" if result.broken() else "bold green"
    console.print(f"[{colour}]{gate_summary(result)}[/{colour}]")


def _print_changes(pair: Pair, console: Console) -> None:
    from rich.markup import escape

    if not pair.changes:
        console.print("No decision changed.")
        return
    table = plain_table(f"decisions that {escape(pair.second)} takes otherwise", "technique", *KINDS)
    for technique, counts in pair.counts().items():
        table.add_row(technique, *(str(counts[kind]) for kind in KINDS))
    console.print(table)
    for change in pair.changes[:N_EXAMPLES]:
        right = "rightly" if change.is_right else "wrongly"
        console.print(
            f"  {right} {change.change} [bold]{change.technique}[/bold] ({change.probability_a:.2f} to "
            f"{change.probability_b:.2f}), {escape(change.article)}:{change.index}: {escape(change.text)}"
        )
    if len(pair.changes) > N_EXAMPLES:
        console.print(f"  ... and {len(pair.changes) - N_EXAMPLES:,} more, all of them in the JSON.")
