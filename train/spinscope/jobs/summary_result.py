"""What a summary of scores says: records that tables, JSON and the page are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from spinscope.data.groups import Group
from spinscope.data.strongest import Example
from spinscope.data.summaries import ANY
from spinscope.measure.resampling import Estimate

ALL = "all"
VOICES_TOLD = ("author", "quoted", "reported", ALL)
"""The voices that figures are told of, one by one and together."""

RANKED_VOICES = ("author", ALL)
FIGURES = ("share", "corrected_share", "per_1000_words")

_DIGITS = 6

Columns = tuple[str, ...]


def technique_name(technique: str) -> str:
    """An id as words."""
    return "any technique" if technique == ANY else technique.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Row:
    """One technique in one voice in one group of articles.

    Attributes:
        by: the columns that make the group; none for all articles together.
        group: the group's value in each of them.
        technique: an id, or `any`.
        voice: of `VOICES_TOLD`.
        n_articles: articles of the group, in whatever voice.
        n_sentences, n_words: of the group in this voice.
        n_marked: of these sentences, those decided to have the technique.
        share: n_marked of n_sentences, 0 to 1.
        corrected_share: the same, corrected for the classifier's errors on dev.
        per_1000_words: n_marked for a thousand of n_words.
    """

    by: Columns
    group: Group
    technique: str
    voice: str
    n_articles: int
    n_sentences: int
    n_words: int
    n_marked: int
    share: Estimate
    corrected_share: Estimate
    per_1000_words: Estimate

    def flat(self, columns: Columns) -> dict[str, Any]:
        """A table's row, with a column for each of `columns`: None where the group is not made by it."""
        groups = dict(zip(self.by, self.group, strict=True))
        counts = {name: getattr(self, name) for name in ("n_articles", "n_sentences", "n_words", "n_marked")}
        figures: dict[str, Any] = {}
        for name in FIGURES:
            estimate = getattr(self, name)
            figures |= {name: _rounded(estimate.value), f"{name}_low": _rounded(estimate.low)}
            figures |= {f"{name}_high": _rounded(estimate.high), f"{name}_note": estimate.note}
        head = {"by": ",".join(self.by) or ALL, **{column: groups.get(column) for column in columns}}
        return {**head, "technique": self.technique, "voice": self.voice, **counts, **figures}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)


@dataclass(frozen=True, slots=True)
class RankedPair:
    """Two groups of one ranking; `first` has the larger share, `verdict` is `above` or `cannot tell`."""

    first: str
    second: str
    difference: float
    low: float
    high: float
    verdict: str


@dataclass(frozen=True)
class Ranking:
    """The groups of one column compared in pairs, in one technique and voice.

    Attributes:
        by: the column.
        technique, voice: what is compared.
        shares: group -> share, the largest first.
        pairs: every two of them.
        left_out: group -> why it is not ranked.
        confidence: of all intervals of the pairs together, 0 to 1.
    """

    by: str
    technique: str
    voice: str
    shares: Mapping[str, float]
    pairs: tuple[RankedPair, ...]
    left_out: Mapping[str, str]
    confidence: float

    def below(self, group: str) -> list[RankedPair]:
        """The pairs in which the group is ranked above another."""
        return [pair for pair in self.pairs if pair.first == group and pair.verdict == "above"]


@dataclass(frozen=True, slots=True)
class Unlike:
    """A group whose scores are distributed unlike dev's (see `measure/score_shift`)."""

    by: Columns
    group: Group
    technique: str
    distance: float
    n_errors: float
    score: float
    direction: str

    def told(self) -> str:
        """The finding in words."""
        where = "above" if self.direction == "higher" else "below"
        return (
            f"{100 * self.distance:.0f} points more of the scores lie {where} {self.score:.2f} than in any mixture of "
            f"dev's ({self.n_errors:.1f} standard errors)"
        )


WHAT_UNLIKE_MEANS = (
    "The correction assumes that sentences with a technique, and sentences without it, are scored as on dev. Where "
    "they are not, the share and its correction may both be off, by more than their intervals say: read some of the "
    "sentences, and tune the checkpoint on sentences of your own (spinscope tune)."
)


@dataclass(frozen=True)
class Summary:
    """Everything that `summarize` found.

    Attributes:
        columns: that make the groups.
        levels: the sets of columns that rows are told by: none, each one, all together.
        techniques: ids, in order, `any` last.
        rows: by level, group, technique and voice.
        rankings: of the columns that are no periods.
        unlike: groups with scores unlike dev's.
        examples: technique -> the strongest sentences.
        error_rates: technique -> the rates on dev, for JSON; empty where dev is not known.
        notes: what is to be kept in mind.
        origin: of the scores: checkpoint, taxonomy, counts, and how intervals were made.
    """

    columns: Columns
    levels: tuple[Columns, ...]
    techniques: tuple[str, ...]
    rows: tuple[Row, ...]
    rankings: tuple[Ranking, ...]
    unlike: tuple[Unlike, ...]
    examples: Mapping[str, list[Example]]
    error_rates: Mapping[str, Mapping[str, Any]]
    notes: tuple[str, ...]
    origin: Mapping[str, Any]

    def unlike_told(self, *, most: int = 4) -> list[str]:
        """Where scores are distributed unlike dev's, a sentence for each technique."""
        told = []
        for technique in self.techniques:
            found = sorted((one for one in self.unlike if one.technique == technique), key=lambda one: -one.distance)
            parts = [one.told() for one in found if not one.by]
            for by in self.levels:
                groups = [" ".join(one.group) for one in found if one.by == by and by]
                if groups:
                    listed = ", ".join(groups[:most]) + (
                        f" and {len(groups) - most:,} more" if len(groups) > most else ""
                    )
                    parts.append(f"by {by[0]} in {listed}")
            if parts and found[0].by and not any(not one.by for one in found):
                parts.append(f"there {found[0].told()}")
            if parts:
                told.append(f"{technique_name(technique)}: {'; '.join(parts)}")
        return told

    def of(self, *, by: Columns | None = None, technique: str | None = None, voice: str | None = None) -> Iterator[Row]:
        """The rows of a level, technique or voice."""
        for row in self.rows:
            if (by is None or row.by == by) and technique in (None, row.technique) and voice in (None, row.voice):
                yield row

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "origin": dict(self.origin), "by": list(self.columns), "techniques": list(self.techniques),
            "error_rates": self.error_rates, "notes": list(self.notes),
            "unlike_dev": [{**asdict(one), "told": one.told()} for one in self.unlike],
            "rows": [row.flat(self.columns) for row in self.rows],
            "rankings": [asdict(ranking) for ranking in self.rankings],
            "examples": {technique: [asdict(one) for one in several] for technique, several in self.examples.items()},
        }  # fmt: skip
