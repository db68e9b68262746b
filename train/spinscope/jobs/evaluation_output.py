"""How an evaluation is shown: tables for the terminal, and its figures as words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from spinscope.jobs.ceilings import AgreementBeside
from spinscope.jobs.decisions import ALL, Abstention, Calibration, Decisions, Threshold, Wished
from spinscope.jobs.tables import (
    TITLES,
    estimate_text,
    metrics_table,
    plain_table,
    technique_table,
    weak_calibration_table,
)
from spinscope.measure.abstention import Band
from spinscope.measure.metrics import Metrics

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from spinscope.jobs.evaluation_result import Evaluation

BASELINE_FIGURES = ("micro_f1", "macro_f1", "macro_average_precision", "brier_loss")


def print_evaluation(result: Evaluation, console: Console) -> None:
    """Prints every figure with its interval, what the decisions rest on, and what makes either doubtful."""
    from rich.markup import escape

    name, data = result.checkpoint["name"], result.data
    systems = {name: result.metrics}
    if result.without_training_texts:
        systems["without training texts"] = result.without_training_texts
    title = f"{name} on {data['split']}: {data['n_sentences']:,} sentences, {data['n_articles']:,} articles"
    console.print(metrics_table(systems | dict(result.baselines), title=title))
    console.print(technique_table(result.metrics, title="techniques"))
    for table in decision_tables(result.decisions):
        console.print(table)
    console.print(calibration_table(result))
    console.print(weak_calibration_table(result.weak_calibration))
    if result.agreement:
        for table in agreement_tables(result.agreement):
            console.print(table)
        for told in agreement_words(result.agreement):
            console.print(f"Agreement: {escape(told)}.")
    console.print(f"In brackets: {result.metrics.confidence:.0%} intervals over articles.")
    for note in (*result.metrics.notes, *result.decisions.notes()):
        console.print(f"Note: {escape(note)}")
    if result.n_training_texts:
        console.print(f"{result.n_training_texts:,} sentences have a text that also stands in training.")
    for baseline, remark in result.remarks.items():
        console.print(f"Baseline {baseline}: {escape(remark)}.")
    for finding in result.findings:
        console.print(f"[bold yellow]Doubtful:[/bold yellow] {escape(finding)}.")


def decision_tables(decisions: Decisions) -> Iterator[Table]:
    """Thresholds with the selection effect; operating points; bands of abstention."""
    table = plain_table(
        "thresholds, and F1 on dev (as chosen; cross-fitted) minus F1 here", "technique", "threshold", "dev", "cross-fitted",
        "here", "dev minus here",
    )  # fmt: skip
    for name in (*decisions.thresholds, "micro_f1", "macro_f1"):
        effect = decisions.effects.get(name)
        values = (effect.dev, effect.dev_cross_fitted, effect.measured) if effect else (None,) * 3
        threshold = decisions.thresholds.get(name)
        table.add_row(
            TITLES.get(name, name), threshold_text(threshold) if threshold else "", *map(number_text, values),
            signed_text(effect.effect.value, effect.effect.low, effect.effect.high) if effect else "-",
        )  # fmt: skip
    yield table
    for wish in decisions.wishes:
        yield wish_table(wish)
    if decisions.abstention:
        yield abstention_table(decisions.abstention)


def wish_table(wish: Wished) -> Table:
    """The points of one wish."""
    other = "recall" if wish.figure == "precision" else "precision"
    title = f"{other} at {wish.figure} {wish.at_least:g}: chosen on dev, measured here"
    table = plain_table(title, "technique", "cut-off", f"dev {other}", other, wish.figure)
    for name, point in wish.points.items():
        table.add_row(
            name, number_text(point.cutoff), number_text(getattr(point, f"dev_{other}")),
            estimate_text(getattr(point, other)), estimate_text(getattr(point, wish.figure)),
        )  # fmt: skip
    return table


def abstention_table(abstention: Abstention) -> Table:
    """Bands and what they leave decided; below, all techniques together."""
    title = f"bands chosen on dev so that at most {abstention.wished_error:.0%} of the decided is wrong, measured here"
    table = plain_table(title, "technique", "undecided between", "error without", "error", "decided", "AURC")
    for name, band in abstention.bands.items():
        table.add_row(
            name, band_text(band), estimate_text(band.error_without, interval=False), estimate_text(band.error),
            estimate_text(band.coverage), number_text(abstention.curves[name].aurc_loss),
        )  # fmt: skip
    together = abstention.together
    table.add_row(
        ALL, "", estimate_text(together["error_without"], interval=False), estimate_text(together["error"]),
        estimate_text(together["coverage"]), number_text(abstention.curves[ALL].aurc_loss),
    )  # fmt: skip
    table.add_row("sentences with something undecided", "", "", "", estimate_text(together["undecided_sentences"]), "")
    return table


def calibration_table(result: Evaluation) -> Table:
    """Loss, error and parts of the loss, before and after calibration."""
    calibration = result.decisions.calibration
    before, after = result.uncalibrated, result.metrics
    title = f"calibration ({calibration.method})" + (
        f"; loss on dev, cross-fitted: {losses_text(calibration)}" if calibration.losses else ""
    )
    table = plain_table(title, "figure", *(["before"] if before else []), "after")
    columns: list[Metrics] = [one for one in (before, after) if one]
    for name in ("brier_loss", "calibration_error"):
        table.add_row(TITLES[name], *(estimate_text(one.overall[name]) for one in columns))
    for part in ("reliability", "resolution", "uncertainty"):
        found = [calibration.parts.get(when, {}).get(ALL) for when in (("before", "after") if before else ("after",))]
        table.add_row(
            f"{part} (of the Brier loss)", *(number_text(getattr(one, part) if one else None, 4) for one in found)
        )
    return table


def losses_text(calibration: Calibration) -> str:
    """The candidates' losses on dev, least first."""
    ordered = sorted(calibration.losses.items(), key=lambda one: one[1])
    return ", ".join(f"{name} {loss:.4f}" for name, loss in ordered)


def agreement_tables(agreement: AgreementBeside) -> Iterator[Table]:
    """Scores as a part of what annotators reach with each other."""
    if agreement.overall is None:
        return
    title = (
        f"F1 beside that of {' and '.join(agreement.annotators)} with each other, {agreement.n_sentences:,} sentences"
    )
    table = plain_table(title, "technique", "F1", "annotators' F1", "alpha", "part")
    for name, one in (*agreement.per_technique.items(), (ALL, agreement.overall)):
        table.add_row(name, *map(estimate_text, (one.f1, one.annotators_f1, one.annotators_alpha, one.part)))
    yield table


def agreement_words(agreement: AgreementBeside) -> Iterator[str]:
    """Where the passes lie, and what is published."""
    if agreement.note:
        yield agreement.note
    for fact in agreement.published:
        span = f"{fact['low']:.2f}" if fact["low"] == fact["high"] else f"{fact['low']:.2f} to {fact['high']:.2f}"
        yield f"people reach {fact['measure']} {span} on these labels ({fact['what']}; {fact['source']}), no scale for F1"


def threshold_text(threshold: Threshold) -> str:
    """`0.412 (0.380 to 0.441)`."""
    if threshold.low is None or threshold.high is None:
        return f"{threshold.value:.3f}"
    return f"{threshold.value:.3f} ({threshold.low:.3f}–{threshold.high:.3f})"


def band_text(band: Band) -> str:
    """The ends of a band in words."""
    if band.low is None or band.high is None:
        return "no band on dev does"
    return "nothing" if band.low == band.high else f"{band.low:.2f} and {band.high:.2f}"


def number_text(value: float | None, decimals: int = 3) -> str:
    """A figure without interval; `-` where there is none."""
    return "-" if value is None else f"{value:.{decimals}f}"


def signed_text(value: float | None, low: float | None, high: float | None) -> str:
    """A difference with its interval."""
    if value is None:
        return "-"
    return f"{value:+.3f}" + (f" ({low:+.3f} to {high:+.3f})" if low is not None and high is not None else "")
