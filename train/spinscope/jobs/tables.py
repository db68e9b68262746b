"""Figures as tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from spinscope.measure.metrics import Metrics
from spinscope.measure.resampling import Estimate
from spinscope.measure.statistics import Comparison, Difference
from spinscope.measure.weak_calibration import LEAST_POSITIVES, WeakCalibration

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
    "calibration_error": "calibration error (debiased)",
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

MOST_ARTICLES = 100_000
"""Beyond so many articles none is told: it cannot be settled by collecting more."""

COLOURS = {"better": "green", "worse": "red", "equivalent": "cyan", "cannot tell": "dim"}


def result_console() -> Console:
    """The console for results: standard output."""
    from rich.console import Console

    return Console(highlight=False)


def estimate_text(estimate: Estimate | None, *, interval: bool = True) -> str:
    """`0.412 (.380–.441)`; `-` where undefined."""
    if estimate is None or estimate.value is None:
        return "-"
    if not interval or estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} ({_short(estimate.low)}–{_short(estimate.high)})"


def metrics_table(systems: Mapping[str, Metrics], *, title: str) -> Table:
    """Overall figures: the first system with its intervals, the others beside it (their intervals are in the JSON)."""
    table = plain_table(title, "figure", *systems)
    first, *others = systems.values()
    for name in first.overall:
        beside = (estimate_text(metrics.overall[name], interval=False) for metrics in others)
        table.add_row(TITLES.get(name, name), estimate_text(first.overall[name]), *beside)
    return table


def technique_table(metrics: Metrics, *, title: str) -> Table:
    """The chief figures of each technique, with the number of positives beside them; the rest is in the JSON."""
    table = plain_table(title, "technique", "positives", "precision", "recall", "F1", "average precision")
    for technique, row in metrics.per_technique.items():
        plain = [estimate_text(row[name], interval=False) for name in ("precision", "recall")]
        full = [estimate_text(row[name]) for name in ("f1", "average_precision")]
        table.add_row(technique, f"{row['n_positives'].value:,}", *plain, *full)
    return table


WEAK_CALIBRATION_HEAD = (
    "technique", "positives", "slope", "intercept", "log loss", "below the constant's by", "calibration error", "at its word",
)  # fmt: skip


def weak_calibration_rows(checks: Mapping[str, WeakCalibration], titles: Mapping[str, str]) -> Iterator[list[str]]:
    """Slope, intercept and losses of each technique, and what is wrong with them; `titles` by technique."""
    for name, one in checks.items():
        told = ("; ".join(one.faults()) or "yes") if one.is_judged else f"under {LEAST_POSITIVES} positives"
        figures = (one.slope, one.intercept, one.log_loss, one.gain, one.calibration_error)
        yield [titles.get(name, name), f"{one.n_positives:,}", *map(estimate_text, figures), told]


def weak_calibration_table(checks: Mapping[str, WeakCalibration]) -> Table:
    """Whether each technique's probabilities may be taken at their word."""
    title = "probabilities: calibration slope (1 is right) and intercept (0 is right), log loss beside that of the constant share"
    table = plain_table(title, *WEAK_CALIBRATION_HEAD)
    for row in weak_calibration_rows(checks, {}):
        table.add_row(*row)
    return table


def comparison_tables(comparison: Comparison, *, names: tuple[str, str]) -> Iterator[Table]:
    """Second minus first: the overall figures, then F1 and average precision of each technique.

    The p-values are Holm-corrected; the intervals are not, and say so. Plain p-values are in the JSON and on the page.
    `+210` behind "cannot tell": so many more articles would settle it.
    """
    first, second = names
    size = f"{comparison.n_sentences:,} sentences, {comparison.n_articles:,} articles"
    columns = (first, second, "difference", f"{comparison.confidence:.0%} interval*", "p (Holm)", "verdict")
    table = plain_table(f"{second} minus {first}: {size} (* unadjusted)", "figure", *columns)
    for name, difference in comparison.overall.items():
        table.add_row(TITLES.get(name, name), *_difference_cells(difference))
    yield _with_whole_verdicts(table)
    for name in ("f1", "average_precision"):
        table = plain_table(f"{TITLES[name]} of each technique", "technique", *columns)
        for technique, row in comparison.per_technique.items():
            table.add_row(technique, *_difference_cells(row[name]))
        yield _with_whole_verdicts(table)


def _with_whole_verdicts(table: Table) -> Table:
    """In a narrow terminal names and headings are broken, not verdicts."""
    *others, last = table.columns
    last.no_wrap, last.min_width = True, max(map(len, COLOURS))
    for column in others:
        column.overflow, column.min_width = "fold", 5
    return table


def more_articles(difference: Difference) -> str | None:
    """How many more articles would settle what cannot be told, to two digits: what it rests on is no more exact."""
    more = difference.n_articles_to_settle
    if difference.verdict != "cannot tell" or more is None or more >= MOST_ARTICLES:
        return None
    scale = 10 ** max(0, len(str(more)) - 2)
    return f"{-(-more // scale) * scale:,}"


def _value_text(value: float | None, deviation: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" + (f" ±{_short(deviation)}" if deviation is not None else "")


def _short(value: float) -> str:
    """A figure from 0 to 1 without the leading 0: `.380`, `1.00`."""
    return f"{value:.3f}"[1:] if 0 <= value < 0.9995 else f"{value:.2f}"


def _difference_cells(difference: Difference) -> list[str]:
    def shown(value: float | None, form: str) -> str:
        return "-" if value is None else format(value, form)

    ends = (difference.low, difference.high)
    interval = "-" if None in ends else " ".join(f"{end:+.3f}".replace("0.", ".", 1) for end in ends if end is not None)
    colour, more = COLOURS[difference.verdict], more_articles(difference)
    verdict = difference.verdict + (f" +{more}" if more else "")
    return [
        _value_text(difference.value_a, difference.deviation_a), _value_text(difference.value_b, difference.deviation_b),
        shown(difference.difference, "+.3f"),
        interval,
        shown(difference.p_holm, ".3f"), f"[{colour}]{verdict}[/{colour}]",
    ]  # fmt: skip


def plain_table(title: str, first: str, *columns: Any) -> Table:
    """An empty table: names in the first column, figures to the right of it."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(
        title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0)
    )
    table.add_column(first, overflow="fold", min_width=16)
    for column in columns:
        table.add_column(str(column), justify="right", min_width=5)
    return table
