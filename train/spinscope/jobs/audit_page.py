"""An audit as one page: what is beyond its limit first, then every question with its figures and what stands behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from spinscope.jobs.audits.sections import Figure, Section
from spinscope.jobs.tables import estimate_text

if TYPE_CHECKING:
    from spinscope.jobs.audits.result import Audit

MOST_ROWS = 100
BAR_WIDTH = 160
Table = dict[str, Any]


def render_audit(found: Audit) -> str:
    """The audit as one self-contained HTML page."""
    from spinscope.report.pages import render

    sections = [
        {
            "name": section.name, "title": section.title, "state": state(section), "notes": section.notes,
            "rows": [_row(figure) for figure in section.figures],
            "tables": [table for table in _tables(section) if table["rows"]],
        }
        for section in found.sections
    ]  # fmt: skip
    return render("audit.html", audit=found, sections=sections, broken=found.broken(), bar_width=BAR_WIDTH)


def state(section: Section) -> str:
    """What a section came to: `beyond its limit`, `within its limits`, `no limit` or `not measured`."""
    measured = [figure for figure in section.figures if figure.estimate.value is not None]
    if section.broken():
        return "beyond its limit"
    if any(figure.limit for figure in measured):
        return "within its limits"
    return "no limit" if measured or not section.notes else "not measured"


def _row(figure: Figure) -> dict[str, Any]:
    one = figure.estimate
    return {
        "name": figure.name, "title": figure.title, "value": estimate_text(one), "limit": figure.limit,
        "n": "" if figure.n is None else f"{figure.n:,}", "is_broken": figure.is_broken, "note": one.note,
        "bar": _bar(figure),
    }  # fmt: skip


def _bar(figure: Figure) -> dict[str, float | None] | None:
    """Places on a scale from 0 to 1, or from -1 to 1 where something is negative; None for what is no share."""
    one = figure.estimate
    known = [value for value in (one.value, one.low, one.high, figure.at_most, figure.at_least) if value is not None]
    if one.value is None or any(abs(value) > 1 for value in known):
        return None
    is_signed = any(value < 0 for value in known)

    def place(value: float | None) -> float | None:
        if value is None:
            return None
        return round(4 + (BAR_WIDTH - 8) * ((value + 1) / 2 if is_signed else value), 1)

    limit = figure.at_most if figure.at_most is not None else figure.at_least
    return {
        "value": place(one.value), "low": place(one.low), "high": place(one.high), "limit": place(limit), "zero": place(0.0),
    }  # fmt: skip


def _tables(section: Section) -> Iterator[Table]:
    for key, (title, columns, cells) in _DETAILS.get(section.name, {}).items():
        lines = section.details.get(key) or []
        yield _table(title, columns, [cells(line) for line in lines])
    if section.name == "symmetry":
        yield _table(
            "Bias for each name: its score minus that of the name that replaces it",
            _BIAS_COLUMNS,
            list(_biases(section.details.get("bias", {}))),
        )
    if section.name == "noise":
        examples = section.details.get("examples", {})
        rows = [[kind, one["text"], one["changed"]] for kind, several in examples.items() for one in several]
        yield _table("Sentences whose decision flipped", ("kind", "sentence", "as typed"), rows)
    elif "examples" in section.details:
        rows = [_members(one["members"]) for one in section.details["examples"]]
        yield _table(_EXAMPLES.get(section.name, "Examples"), ("text", "decided"), rows)


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    return {"title": title, "columns": columns, "rows": rows[:MOST_ROWS], "n_rows": len(rows)}


def _members(members: Sequence[Mapping[str, Any]]) -> list[str]:
    texts = [one["text"] for one in members]
    decided = [", ".join(one["decided"]) or "nothing" for one in members]
    return ["  ⇄  ".join(texts), "  ⇄  ".join(decided)]


def _biases(bias: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterator[list[str]]:
    rows = [(technique, group, one) for technique, groups in bias.items() for group, one in groups.items()]
    for technique, group, one in sorted(rows, key=lambda row: -abs(row[2]["value"] or 0)):
        yield [
            technique,
            group,
            str(one["n_pairs"]),
            _signed(one),
            "yes" if one["is_told"] else "too few pairs" if one["p_holm"] is None else "cannot tell",
        ]


def _signed(one: Mapping[str, Any]) -> str:
    if one["value"] is None:
        return "-"
    ends = "" if one["low"] is None else f" ({one['low']:+.3f} to {one['high']:+.3f})"
    return f"{one['value']:+.3f}{ends}"


def _label(line: Mapping[str, Any]) -> list[str]:
    given = "there" if line["given"] else "not there"
    return [line["text"], line["technique"], given, f"{line['probability']:.2f}", f"{line['article']}:{line['index']}"]


def _copy(line: Mapping[str, Any]) -> list[str]:
    return [line["text"], line["trained"], f"{line['similarity']:.2f}", f"{line['article']}:{line['index']}"]


def _effect(line: Mapping[str, Any]) -> list[str]:
    values = [line[key] for key in ("dev", "dev_cross_fitted", "measured")]
    return [line["name"], *("-" if value is None else f"{value:.3f}" for value in values), _signed(line["effect"])]


def _slogan(line: Mapping[str, Any]) -> list[str]:
    return [line["text"], "; ".join(line["phrases"]), f"{line['article']}:{line['index']}"]


def _token(line: Mapping[str, Any]) -> list[str]:
    raised = line.get("score_raised")
    return [
        line["token"], line["technique"], f"{line['n_with_technique']} of {line['n_sentences']}", f"{line['prevalence']:.2f}",
        " and ".join(line["reasons"]), "-" if raised is None else _signed(raised), ", ".join(line["also"]),
    ]  # fmt: skip


def _slice(line: Mapping[str, Any]) -> list[str]:
    figures = line["figures"]
    told = [name.replace("_", " ") for name, one in figures.items() if one["is_worse"]]
    values = ["-" if one["value"] is None else f"{one['value']:.3f}" for one in figures.values()]
    f1 = figures["f1"]
    return [
        f"{line['attribute']}: {line['value']}", str(line["n_sentences"]), str(line["n_articles"]), *values,
        _signed(f1["difference"]), "-" if f1["p_holm"] is None else f"{f1['p_holm']:.2f}", ", ".join(told) or "-",
    ]  # fmt: skip


_BIAS_COLUMNS = ("technique", "name", "pairs", "difference of scores", "told")
_EXAMPLES = {
    "neutral_alarm": "Neutral sentences with an alarm", "symmetry": "Pairs whose decisions flip with the names",
    "minimal_pairs": "Pairs ranked wrongly", "attribution": "Pairs whose decisions flip with the voice",
    "transcribed": "Pairs whose decisions flip with the spelling",
}  # fmt: skip
_DETAILS: Mapping[str, Mapping[str, tuple[str, Sequence[str], Callable[[Mapping[str, Any]], list[str]]]]] = {
    "selection": {"effects": ("F1 of each technique", ("F1", "dev", "dev, cross-fitted", "here", "dev minus here"), _effect)},
    "label_errors": {"ranking": ("Least credible labels first", ("sentence", "technique", "label", "score", "place"), _label)},
    "leakage": {
        "copies": ("Copies and near-copies", ("measured", "trained on", "similarity", "place"), _copy),
        "slogans": ("Shared slogans", ("measured", "phrases", "place"), _slogan),
    },
    "giveaways": {"tokens": ("Tokens", ("token", "foretells", "sentences", "prevalence", "why", "moves the score by", "also"), _token)},
    "slices": {"slices": ("All slices", ("slice", "sentences", "articles", "micro F1", "recall", "false alarms", "F1 minus rest", "p (Holm)", "worse in"), _slice)},
}  # fmt: skip
"""What of a section's details becomes a table: key -> (title, columns, cells of a line)."""
