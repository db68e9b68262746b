"""The summary report: how common each technique is, by group, over time and by voice, as one HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from spinscope.report.charts import BarChart, LineChart
from spinscope.report.pages import render
from spinscope.report.palette import codes, hues

VOICE_NAMES = {
    "author": "the author's own words", "quoted": "quoted", "reported": "reported", "all": "all together",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line of the table beside a chart; figures are texts, `-` where there is none."""

    label: str
    n_articles: str
    n_sentences: str
    n_marked: str
    per_1000_words: str
    share: str
    corrected: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One voice of one section: a chart and its table, and what a ranking says in words."""

    voice: str
    chart: BarChart | LineChart
    rows: list[TableRow]
    words: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Multiples:
    """One voice of a section of small charts that share both scales: (name, chart) each, and a table of all."""

    voice: str
    charts: list[tuple[str, LineChart]]
    columns: list[str]
    table: list[tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Section:
    """Charts of one level of groups for one technique.

    Attributes:
        name: for the section's `id`.
        title: what it shows.
        first: head of the table's first column.
        kind: `bars`, `lines` or `multiples`.
        panels: one for each voice.
        note: what is left out.
    """

    name: str
    title: str
    first: str
    kind: str
    panels: list[Panel] | list[Multiples]
    note: str = ""


@dataclass(frozen=True, slots=True)
class ShownExample:
    """A sentence, where it stands, and what the page links to (empty: nothing); `is_top` among those of all voices."""

    text: str
    article: str
    start: int
    end: int
    voice: str
    speaker: str | None
    score: float
    group: str
    href: str
    is_top: bool


@dataclass(frozen=True, slots=True)
class ShownTechnique:
    """One technique's part of the page; `rates` says how the classifier errs in it."""

    id: str
    title: str
    definition: str
    n_marked: int
    sections: list[Section]
    examples: list[ShownExample]
    rates: str
    why_not_corrected: str

    @property
    def voices_with_examples(self) -> set[str]:
        """Voices with an example, `all` among them where there is any."""
        return {one.voice for one in self.examples} | ({"all"} if self.examples else set())


@dataclass(frozen=True, slots=True)
class SummaryPage:
    """What the page shows.

    Attributes:
        title: of the page.
        facts: (name, value) of the scores and of the intervals.
        overview: all techniques in all articles, a panel for each voice.
        techniques: one by one, in order; last `any`.
        notes: what is to be kept in mind.
        unlike: groups whose scores are distributed unlike dev's, in words.
        what_unlike_means: what follows from that.
        has_article_report: whether examples may link to one.
    """

    title: str
    facts: list[tuple[str, str]]
    overview: Section
    techniques: list[ShownTechnique]
    notes: Sequence[str]
    unlike: Sequence[str]
    what_unlike_means: str
    has_article_report: bool


def render_page(page: SummaryPage) -> str:
    """The page as one self-contained HTML file."""
    letters = codes([technique.title for technique in page.techniques])
    return render(
        "summary.html", page=page, voices=VOICE_NAMES, codes=letters, hues=hues(len(page.techniques)), describe=describe
    )


def describe(rows: Sequence[TableRow], *, most: int = 40) -> str:
    """A chart's contents in words, for those who do not see it."""
    told = [
        f"{row.label}: {row.share}" + (f", corrected {row.corrected}" if row.corrected != "-" else "")
        for row in rows[:most]
    ]
    return "; ".join(told) + (f"; and {len(rows) - most} more in the table below" if len(rows) > most else "")
