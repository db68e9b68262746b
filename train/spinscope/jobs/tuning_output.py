"""How a tuning is told: figures before and after, thresholds, bands of doubt, and wishes that are not kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from spinscope.jobs.recurring import told_of
from spinscope.jobs.tables import estimate_text, metrics_table, plain_table
from spinscope.measure.wished_thresholds import LEAST_POSITIVES
from spinscope.records import Decision

if TYPE_CHECKING:
    from rich.console import Console

    from spinscope.jobs.tuning_result import Tuning


def broken_wishes(decision: Decision) -> list[str]:
    """A sentence for each technique that has no threshold which keeps the wish, and what it has instead."""
    wish = decision.fitted_on.get("wish")
    if not wish:
        return []
    told = []
    for name, row in wish["techniques"].items():
        if not row["kept"]:
            reached, n = row["cross_fitted"], decision.fitted_on["positives"][name]
            best = "" if reached is None else f"cross-fitted at most {reached:.3f}; "
            best = "too few positives to say; " if n < LEAST_POSITIVES else best
            told.append(
                f"{name} keeps {wish['figure']} {wish['at_least']:g} nowhere on these sentences ({best}{n:,} positives): "
                "its threshold is that of the rule per_technique"
            )
    return told


def _bands_told(decision: Decision) -> Iterator[str]:
    """The bands of doubt in words."""
    if not decision.band_lows:
        return
    told = decision.fitted_on["abstention"]
    ends = zip(decision.techniques, decision.band_lows, decision.band_highs, strict=True)
    drawn = [f"{name} {low:.3f} to {high:.3f}" for name, low, high in ends if low < high]
    yield (
        f"Left undecided, so that at most {told['wished_error']:.1%} of the decisions outside is wrong here: "
        f"{', '.join(drawn) or 'nothing'}."
    )
    if told["without_band"]:
        yield f"No band does that for {', '.join(told['without_band'])}: all is decided."


def print_tuning(result: Tuning, console: Console) -> None:
    """Prints figures, thresholds and what makes them doubtful."""
    from rich.markup import escape

    name, counts = escape(result.classifier.name), (result.after.n_sentences, result.after.n_articles)
    title = "{}: {:,} sentences, {:,} articles".format(name, *counts)
    console.print(metrics_table({"after, cross-fitted": result.after, "before": result.before}, title=title))
    decision = result.classifier.decision
    shown = {"precision": "precision", "recall": "recall"} if "wish" in decision.fitted_on else {"f1": "F1"}
    columns = [column for title in shown.values() for column in (f"{title} before", "after")]
    table = plain_table("techniques", "technique", "positives", "threshold before", "after", *columns)
    ends = zip(decision.threshold_lows, decision.threshold_highs, strict=True)
    rows = zip(decision.techniques, result.old_thresholds, decision.thresholds, ends, strict=True)
    for technique, old, new, (low, high) in rows:
        before, after = result.before.per_technique[technique], result.after.per_technique[technique]
        table.add_row(
            technique, str(before["n_positives"].value), f"{old:.3f}", f"{new:.3f} ({low:.3f}–{high:.3f})",
            *(cell for name in shown for cell in (estimate_text(before[name], interval=len(shown) == 1), estimate_text(after[name]))),
        )  # fmt: skip
    console.print(table)
    console.print(
        "After: each article calibrated and decided by what the other articles chose."
    )
    if decision.any_threshold is not None:
        console.print(f"Any technique: where the probability that a sentence has any reaches {decision.any_threshold:.3f}.")
    recurring = told_of(decision)
    if recurring:
        console.print(f"{recurring[0].upper()}{recurring[1:]}.")
    for told in _bands_told(decision):
        console.print(told)
    for note in result.after.notes:
        console.print(f"Note: {note}")
    if result.kept:
        console.print(f"Not annotated here, so kept as they were: {', '.join(result.kept)}.")
    for finding in result.findings:
        console.print(f"[bold yellow]Doubtful:[/bold yellow] {escape(finding)}.")
