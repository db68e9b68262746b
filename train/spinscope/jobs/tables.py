"""Figures as tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from spinscope.measure.metrics import Metrics
from spinscope.measure.resampling import Estimate
from spinscope.measure.statistics import Comparison, Difference

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

TITLES = {
    "micro_precision": "micro precision",
    "micro_recall": "micro recall",
    "micro_f1": "micro F1",
    "macro_f1": "macro F1",
    "weighted_f1": "weighted F1",
    "macro_average_precision": "macro average precision",
    "macro_auroc": "macro AUROC",
    "brier_loss": "Brier loss",
    "calibration_error": "calibration error",
    "any_precision": "any-technique precision",
    "any_recall": "any-technique recall",
    "any_f1": "any-technique F1",
    "exact_match_score": "exact match",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "average_precision": "average precision",
    "auroc": "AUROC",
}
"""Names of figures as people read them."""

COLOURS = {"better": "green", "worse": "red", "cannot tell": "dim"}


def result_console() -> Console:
    """The console for results: standard output."""
    from rich.console import Console

    return Console(highlight=False)


def estimate_text(estimate: Estimate | None) -> str:
    """`0.412 [0.380, 0.441]`; `-` where undefined."""
    if estimate is None or estimate.value is None:
        return "-"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def metrics_table(systems: Mapping[str, Metrics], *, title: str) -> Table:
    """Overall figures, one column for each system."""
    table = plain_table(title, "figure", *systems)
    first = next(iter(systems.values()))
    for name in first.overall:
        table.add_row(TITLES.get(name, name), *(estimate_text(metrics.overall[name]) for metrics in systems.values()))
    return table


def technique_table(metrics: Metrics, *, title: str) -> Table:
    """The chief figures of each technique, with the number of positives beside them; the rest is in the JSON."""
    names = ("precision", "recall", "f1", "average_precision")
    table = plain_table(title, "technique", "positives", *(TITLES[name] for name in names))
    for technique, row in metrics.per_technique.items():
        table.add_row(technique, f"{row['n_positives'].value:,}", *(estimate_text(row[name]) for name in names))
    return table


def comparison_table(comparison: Comparison, *, names: tuple[str, str]) -> Table:
    """Second minus first on each overall figure, then the F1 and average precision of each technique."""
    first, second = names
    level = f"{comparison.confidence:.0%}"
    table = plain_table(
        f"{second} minus {first} ({comparison.n_sentences:,} sentences, {comparison.n_articles:,} articles)",
        "figure", first, second, "difference", f"{level} interval, unadjusted", "p", "p (Holm)", f"{second} is",
    )  # fmt: skip
    for name, difference in comparison.overall.items():
        table.add_row(TITLES.get(name, name), *_difference_cells(difference))
    table.add_section()
    for technique, row in comparison.per_technique.items():
        for name in ("f1", "average_precision"):
            table.add_row(f"{technique}: {TITLES[name]}", *_difference_cells(row[name]))
    return table


def _difference_cells(difference: Difference) -> list[str]:
    def shown(value: float | None, form: str) -> str:
        return "-" if value is None else format(value, form)

    interval = "-" if difference.low is None else f"[{difference.low:+.3f}, {difference.high:+.3f}]"
    colour = COLOURS[difference.verdict]
    return [
        shown(difference.value_a, ".3f"), shown(difference.value_b, ".3f"), shown(difference.difference, "+.3f"),
        interval,
        shown(difference.p_value, ".3g"), shown(difference.p_holm, ".3g"), f"[{colour}]{difference.verdict}[/{colour}]",
    ]  # fmt: skip


def plain_table(title: str, first: str, *columns: Any) -> Table:
    """An empty table: names in the first column, figures to the right of it."""
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    table.add_column(first, no_wrap=True)
    for column in columns:
        table.add_column(str(column), justify="right")
    return table
