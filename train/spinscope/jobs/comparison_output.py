"""How a comparison is shown: tables for the terminal, values for the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from spinscope.jobs.tables import TITLES, comparison_tables, plain_table
from spinscope.measure.metrics import FEW_ARTICLES
from spinscope.measure.statistics import Comparison, Difference

if TYPE_CHECKING:
    from rich.console import Console

    from spinscope.jobs.comparison_result import ComparisonResult, Pair

N_EXAMPLES = 5
N_CHANGES_ON_PAGE = 500
KINDS = ("gained right", "gained wrong", "lost right", "lost wrong")
PLOTTED = ("f1", "average_precision")
FACTS = (
    ("kind", "kind"), ("thresholds", "threshold rule"), ("calibration", "calibration"),
    ("n_training_sentences", "training sentences"), ("training_seconds", "training, s"),
    ("training_precision", "training precision"), ("weights_bytes", "weights, MB"),
    ("sentences_per_second", "sentences scored a second"),
)  # fmt: skip


def print_comparison(result: ComparisonResult, console: Console) -> None:
    """Prints checkpoints, differences, changed decisions and doubts."""
    from rich.markup import escape

    facts_table = plain_table("checkpoints (speed: this run, this machine)", "", *map(escape, result.checkpoints))
    for key, title in FACTS:
        facts_table.add_row(title, *(fact_text(facts, key) for facts in result.checkpoints.values()))
    console.print(facts_table)
    for pair in result.pairs:
        for table in comparison_tables(pair.comparison, names=(escape(pair.first), escape(pair.second))):
            console.print(table)
        console.print(f"[bold]{escape(summary(pair))}[/bold]")
        _print_changes(pair, console)
    n_resamples = result.pairs[0].comparison.n_resamples
    console.print(f"Intervals are unadjusted; verdicts follow the p corrected by Holm ({n_resamples:,} permutations).")
    for told in dict.fromkeys(told for pair in result.pairs for told in pair.without_verdict()):
        console.print(f"Note: {told}.")
    console.print(f"Data: sha256 {result.data['sha256'][:16]}, split {result.data['split']}.")
    if result.data["n_articles"] < FEW_ARTICLES:
        console.print(f"Note: {result.data['n_articles']} articles: too few for intervals to be trusted.")
    for technique, why in result.left_out.items():
        console.print(f"Left out: {technique}, {escape(why)}.")
    for finding in result.findings:
        console.print(f"[bold yellow]Doubtful:[/bold yellow] {escape(finding)}.")


def summary(pair: Pair) -> str:
    """One line on what the second checkpoint is, on the averaged figures and per technique."""
    told = []
    for verdict in ("better", "worse"):
        averaged = [TITLES[name] for name, one in pair.comparison.overall.items() if one.verdict == verdict]
        single = [
            f"{TITLES[name]} of {technique}"
            for technique, row in pair.comparison.per_technique.items()
            for name, one in row.items()
            if one.verdict == verdict and name in PLOTTED
        ]
        if averaged or single:
            told.append(f"{verdict} on {', '.join([*averaged, *single])}")
    return f"{pair.second} against {pair.first}: {'; '.join(told) if told else 'cannot tell on any figure'}."


def render_comparison(result: ComparisonResult) -> str:
    """The comparison as one self-contained HTML page."""
    from spinscope.report.forest import forest_plot
    from spinscope.report.pages import render

    def plots(comparison: Comparison) -> list[dict[str, Any]]:
        rows = {"Averaged figures": _labelled_rows(comparison.overall)}
        for name in PLOTTED:
            differences = {technique: row[name] for technique, row in comparison.per_technique.items()}
            rows[f"{TITLES[name]} per technique"] = _labelled_rows(differences)
        return [{"title": title, "plot": forest_plot(several)} for title, several in rows.items()]

    pairs = [
        {
            "first": pair.first, "second": pair.second, "summary": summary(pair), "comparison": pair.comparison,
            "plots": plots(pair.comparison), "without_verdict": pair.without_verdict(), "counts": pair.counts(), "changes": pair.changes[:N_CHANGES_ON_PAGE],
            "n_changes": len(pair.changes),
        }
        for pair in result.pairs
    ]  # fmt: skip
    facts = [(title, [fact_text(facts, key) for facts in result.checkpoints.values()]) for key, title in FACTS]
    return render("comparison.html", result=result, pairs=pairs, facts=facts, titles=TITLES, kinds=KINDS)


def fact_text(facts: Mapping[str, Any], key: str) -> str:
    """A fact of a checkpoint as people read it; `-` where it is not known."""
    value = facts.get(key)
    if value is None:
        return "-"
    if key == "weights_bytes":
        return f"{value / 1e6:.1f}"
    return f"{value:,}" if isinstance(value, int | float) else str(value).replace("_", " ")


def _labelled_rows(differences: Mapping[str, Difference]) -> list[tuple[str, Difference]]:
    return [(TITLES.get(name, name), difference) for name, difference in differences.items()]


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
