"""A summary as the values of its HTML page: figures as texts, charts, links to the article report."""

from __future__ import annotations

import os
import re
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spinscope.data.groups import PERIODS, UNKNOWN, period_number
from spinscope.data.strongest import Example
from spinscope.data.summaries import ANY
from spinscope.errors import UserError
from spinscope.files import read_text
from spinscope.jobs.score_manifest import engine_told
from spinscope.jobs.summary_output import estimate_percent, estimate_text, ranking_words
from spinscope.jobs.summary_result import ALL, VOICES_TOLD, WHAT_UNLIKE_MEANS, Columns, Row, Summary
from spinscope.measure.article_draws import FEW_ARTICLES
from spinscope.measure.resampling import Estimate
from spinscope.report.anchors import sentence_anchor
from spinscope.report.charts import Datum, Mark, bar_chart, line_chart
from spinscope.report.summary import (
    Multiples,
    Panel,
    Section,
    ShownExample,
    ShownTechnique,
    SummaryPage,
    TableRow,
    render_page,
)
from spinscope.taxonomy import catalogue

GROUPS_DRAWN = 40
MULTIPLES_DRAWN = 12
EXAMPLES_OF_ALL = 5
MOST_BESIDE_ANY = 9
_MULTIPLE_SIZE = (370, 170)
_ANCHOR = re.compile(r'id="(a[0-9a-f]{12}s\d+)"')


@dataclass(frozen=True)
class ArticleReport:
    """The article report that a page may link to: its address as seen from the page, and the places in it."""

    address: str
    places: frozenset[str]

    @classmethod
    def read(cls, path: Path, *, beside: Path) -> ArticleReport:
        """Looks up which sentences the report at `path` shows, for a page at `beside`.

        Raises:
            UserError: no such file, or not a report of articles.
        """
        places = frozenset(_ANCHOR.findall(read_text(path)))
        if not places:
            raise UserError(
                "no sentence to link to", where=str(path), expected="a report that `spinscope score --report` wrote",
                remedy="name that report, or score again: reports of earlier versions name no places.",
            )  # fmt: skip
        relative = os.path.relpath(path.resolve(), beside.resolve().parent)
        return cls(urllib.parse.quote(Path(relative).as_posix()), places)

    def link(self, example: Example) -> str:
        """The address of a sentence; empty where the report does not show it."""
        place = sentence_anchor(example.article, example.index)
        return f"{self.address}#{place}" if place in self.places else ""


def render_summary(summary: Summary, report: ArticleReport | None = None) -> str:
    """The summary as one self-contained HTML page."""
    return render_page(summary_page(summary, report))


def summary_page(summary: Summary, report: ArticleReport | None) -> SummaryPage:
    """The values of the page."""
    grouped = [by for by in summary.levels if by]
    by = f" by {' and '.join(summary.columns)}" if grouped else ""
    return SummaryPage(
        title=f"Techniques{by}",
        facts=_facts(summary),
        overview=_overview(summary),
        techniques=[_technique(summary, technique, grouped, report) for technique in summary.techniques],
        notes=summary.notes,
        unlike=summary.unlike_told(),
        what_unlike_means=WHAT_UNLIKE_MEANS,
        has_article_report=report is not None,
    )


def title_of(technique: str) -> str:
    """A technique's name as people read it."""
    if technique == ANY:
        return "Any technique"
    known = catalogue().get(technique)
    return known.title if known else technique.replace("_", " ").capitalize()


def _facts(summary: Summary) -> list[tuple[str, str]]:
    origin = summary.origin
    whole = next(summary.of(by=(), voice=ALL))
    return [
        ("articles", f"{whole.n_articles:,}"), ("sentences", f"{whole.n_sentences:,}"), ("words", f"{whole.n_words:,}"),
        ("checkpoint", f"{origin['checkpoint']} {str(origin['checkpoint_sha256'])[:12]}"),
        *([("engine", engine_told(origin))] if origin.get("engine") else []),
        ("intervals", f"{origin['confidence']:.0%}, from {origin['n_resamples']:,} resamples of articles, seed {origin['seed']}"),
    ]  # fmt: skip


def _overview(summary: Summary) -> Section:
    colours = {technique: f"t{number}" for number, technique in enumerate(summary.techniques)}
    panels = []
    for voice in VOICES_TOLD:
        rows = list(summary.of(by=(), voice=voice))
        # Any of many techniques stands in most sentences: its bar would leave the others no room.
        drawn = [row for row in rows if row.technique != ANY or len(rows) <= MOST_BESIDE_ANY]
        data = [_datum(row, title_of(row.technique), colour=colours[row.technique]) for row in drawn]
        panels.append(Panel(voice, bar_chart(data), [_table_row(row, title_of(row.technique)) for row in rows]))
    return Section("overview", "All articles together", "technique", "bars", panels)


def _technique(
    summary: Summary, technique: str, grouped: Sequence[Columns], report: ArticleReport | None
) -> ShownTechnique:
    known = catalogue().get(technique)
    rates = summary.error_rates.get(technique)
    marked = next(summary.of(by=(), technique=technique, voice=ALL)).n_marked
    return ShownTechnique(
        technique, title_of(technique), known.definition if known else "", marked,
        [section for by in grouped if (section := _section(summary, technique, by)) is not None] if marked else [],
        [_example(one, report, place) for place, one in enumerate(summary.examples.get(technique, []))],
        rates=_rates_text(rates) if rates else "",
        why_not_corrected=str(rates["why_not_corrected"]) if rates else "",
    )  # fmt: skip


def _section(summary: Summary, technique: str, by: Columns) -> Section | None:
    """The section of one level; None for levels that are no picture (several columns, none or two of them of time)."""
    times = [column for column in by if column in PERIODS]
    name = "-".join(re.sub(r"\W+", "-", column) for column in by)
    if len(by) == 1:
        return _lines(summary, technique, by, name) if times else _bars(summary, technique, by, name)
    return _multiples(summary, technique, by, name) if len(by) == 2 and len(times) == 1 else None


def _bars(summary: Summary, technique: str, by: Columns, name: str) -> Section:
    kept, note = _largest([row.group[0] for row in summary.of(by=by, technique=technique, voice=ALL)], summary, by)
    panels = []
    for voice in VOICES_TOLD:
        rows = [row for row in summary.of(by=by, technique=technique, voice=voice) if row.group[0] in kept]
        rows.sort(key=lambda row: (row.group[0] == UNKNOWN, -(row.share.value if row.share.value is not None else -1)))
        words = [
            told
            for ranking in summary.rankings
            if (ranking.by, ranking.technique, ranking.voice) == (by[0], technique, voice)
            for told in ranking_words(ranking, limit=GROUPS_DRAWN, head=False)
        ]
        chart = bar_chart([_datum(row, row.group[0]) for row in rows])
        panels.append(Panel(voice, chart, [_table_row(row, row.group[0]) for row in rows], words))
    return Section(name, f"By {by[0]}", by[0], "bars", panels, note)


def _lines(summary: Summary, technique: str, by: Columns, name: str) -> Section | None:
    panels = []
    for voice in VOICES_TOLD:
        rows = list(summary.of(by=by, technique=technique, voice=voice))
        data = [_datum(row, row.group[0], kind=by[0]) for row in rows if row.group[0] != UNKNOWN]
        panels.append(Panel(voice, line_chart(data), [_table_row(row, row.group[0]) for row in rows]))
    return Section(name, f"Over time, by {by[0]}", by[0], "lines", panels)


def _multiples(summary: Summary, technique: str, by: Columns, name: str) -> Section | None:
    time = next(position for position, column in enumerate(by) if column in PERIODS)
    column, kind = by[1 - time], by[time]
    names = list(dict.fromkeys(row.group[1 - time] for row in summary.of(by=by, technique=technique, voice=ALL)))
    kept, note = _largest(names, summary, (column,), most=MULTIPLES_DRAWN)
    panels = []
    for voice in VOICES_TOLD:
        cells = {row.group: row for row in summary.of(by=by, technique=technique, voice=voice)}
        periods = sorted({group[time] for group in cells}, key=lambda value: (value == UNKNOWN, value))
        numbers = [number for value in periods if (number := period_number(value, kind)) is not None]
        series = {
            one: [_datum(row, row.group[time], kind=kind) for group, row in cells.items() if group[1 - time] == one and group[time] != UNKNOWN]
            for one in kept
        }  # fmt: skip
        together = [_scaled(datum) for several in series.values() for datum in several]
        charts = [
            (one, line_chart(
                data, width=_MULTIPLE_SIZE[0], height=_MULTIPLE_SIZE[1], scale_of=together,
                span=(min(numbers), max(numbers)), most_labels=4,
            ))
            for one, data in series.items() if data
        ]  # fmt: skip
        table = [
            (value, [_cell(cells.get((one, value) if time else (value, one))) for one in kept]) for value in periods
        ]
        panels.append(Multiples(voice, charts, list(kept), table))
    return Section(name, f"By {column} over time", kind, "multiples", panels, note)


def _largest(
    names: Sequence[str], summary: Summary, by: Columns, *, most: int = GROUPS_DRAWN
) -> tuple[dict[str, int], str]:
    """The groups that are drawn, with their articles, in the order of `names`, and a note on the others."""
    sizes = {row.group[0]: row.n_articles for row in summary.of(by=by, technique=ANY, voice=ALL)}
    chosen = set(sorted(names, key=lambda name: (name == UNKNOWN, -sizes[name], name))[:most])
    kept = {name: sizes[name] for name in names if name in chosen}
    others = len(names) - len(kept)
    return (
        kept,
        f"Drawn are the {most} with the most articles; {others:,} more are in the table of --out." if others else "",
    )


def _datum(row: Row, label: str, *, kind: str = "", colour: str = "") -> Datum:
    few = any("too few" in one.note or "one article" in one.note for one in (row.share,))
    position = period_number(row.group[0 if len(row.group) == 1 else row.by.index(kind)], kind) if kind else 0
    return Datum(
        label, _mark(row.share), _mark(row.corrected_share), few or row.n_articles < FEW_ARTICLES, colour, position or 0
    )


def _scaled(datum: Datum) -> Datum:
    """What a common scale is made for: of few articles the share alone, their intervals would leave the rest no room."""
    if not datum.is_few:
        return datum
    return Datum(datum.label, Mark(datum.share.value), Mark(datum.corrected.value))


def _mark(estimate: Estimate) -> Mark:
    return Mark(estimate.value, estimate.low, estimate.high)


def _table_row(row: Row, label: str) -> TableRow:
    notes = dict.fromkeys(note for note in (row.share.note, row.corrected_share.note) if note and row.technique != ANY)
    return TableRow(
        label, f"{row.n_articles:,}", f"{row.n_sentences:,}", f"{row.n_marked:,}", estimate_text(row.per_1000_words),
        estimate_percent(row.share), estimate_percent(row.corrected_share), "; ".join(notes),
    )  # fmt: skip


def _cell(row: Row | None) -> str:
    return "-" if row is None else estimate_percent(row.share)


def _rates_text(rates: Mapping[str, object]) -> str:
    def share(name: str) -> str:
        values = [rates[f"{name}{end}"] for end in ("", "_low", "_high")]
        value, low, high = (one if isinstance(one, float) else None for one in values)
        return estimate_percent(Estimate(value, low, high))

    return (
        f"On dev ({rates['n_positive']:,} sentences with it, {rates['n_negative']:,} without, {rates['n_articles']:,} articles) "
        f"the classifier marks {share('true_positive_rate')} % of the former and {share('false_positive_rate')} % of the latter; "
        "corrected shares take this to hold here, and in every voice."
    )


def _example(one: Example, report: ArticleReport | None, place: int) -> ShownExample:
    group = ", ".join(value for value in one.group if value != UNKNOWN)
    return ShownExample(
        one.text + (" …" if one.is_cut else ""), one.article, one.start, one.end, one.voice, one.speaker, one.score,
        group, report.link(one) if report else "", is_top=place < EXAMPLES_OF_ALL,
    )  # fmt: skip
