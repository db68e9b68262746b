"""A comparison as a page: verdicts, the gate, costs, charts, and the decisions that changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spinscope.jobs.comparison_curves import look_legend, pareto_charts, precision_recall_charts, reliability_charts
from spinscope.jobs.comparison_output import (
    FACTS,
    KINDS,
    fact_text,
    gate_summary,
    notes,
    selection_rows,
    selection_told,
    summary,
)
from spinscope.jobs.comparison_result import HEADLINED, ComparisonResult, Pair
from spinscope.jobs.selection import AVERAGED
from spinscope.jobs.tables import TITLES, more_articles
from spinscope.measure.statistics import Comparison, Difference

N_CHANGES_ON_PAGE = 500


def render_comparison(result: ComparisonResult) -> str:
    """The comparison as one self-contained HTML page."""
    from spinscope.report.pages import render

    told = selection_told(result)
    facts = [(title, [fact_text(facts, key) for facts in result.checkpoints.values()]) for key, title in FACTS]
    return render(
        "comparison.html", result=result, pairs=[_told(pair) for pair in result.pairs], facts=facts, titles=TITLES,
        kinds=KINDS, more_articles=more_articles, gate_summary=gate_summary(result) if result.gate is not None else "",
        selection={
            "averaged": list(selection_rows(told, figures=AVERAGED)),
            "each": [row for row in selection_rows(told) if row[1] not in {TITLES[name] for name in AVERAGED}],
            "without": [one for one in told if one.why_not],
        },
        key=look_legend(result), pareto=pareto_charts(result),
        curves=[
            ("Precision and recall", "Marks: where the thresholds stand.", precision_recall_charts(result)),
            (
                "Reliability",
                "Bins of equally many sentences; on the dotted line probabilities mean what they say.",
                reliability_charts(result),
            ),
        ] if result.curves else [],
    )  # fmt: skip


def _told(pair: Pair) -> dict[str, Any]:
    return {
        "first": pair.first, "second": pair.second, "summary": summary(pair), "headline": pair.headline,
        "comparison": pair.comparison, "differences": pair.differences, "plots": _plots(pair.comparison),
        "notes": notes(pair), "counts": pair.counts(), "changes": pair.changes[:N_CHANGES_ON_PAGE],
        "n_changes": len(pair.changes),
        "has_seeds": max(pair.comparison.n_seeds_a, pair.comparison.n_seeds_b) > 1,
    }  # fmt: skip


def _plots(comparison: Comparison) -> list[dict[str, Any]]:
    from spinscope.report.forest import forest_plot

    rows = {"Averaged figures": _labelled_rows(comparison.overall)}
    for name in HEADLINED:
        differences = {technique: row[name] for technique, row in comparison.per_technique.items()}
        rows[f"{TITLES[name]} per technique"] = _labelled_rows(differences)
    return [{"title": title, "plot": forest_plot(several)} for title, several in rows.items()]


def _labelled_rows(differences: Mapping[str, Difference]) -> list[tuple[str, Difference]]:
    return [(TITLES.get(name, name), difference) for name, difference in differences.items()]
