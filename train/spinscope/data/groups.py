"""Groups of score lines: by source, by year, month, week or day of the article's date, or by any other column."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spinscope.errors import UserError, did_you_mean
from spinscope.files import dump_json

UNKNOWN = "unknown"
"""The group of articles whose column is empty, missing, or no date where a date is needed."""

PERIODS = ("year", "month", "week", "day")
"""What the column `date` can be grouped by; weeks are those of ISO 8601, from Monday to Sunday."""

COLUMNS = ("article", "source", "date", "language", "part")
"""Columns that every score line has and that make groups; those of `metadata` come beside them."""

_OPTIONAL = ("source", "date", "language")

METADATA = "metadata."
"""Before a name: the column of the input, be it named like one of the others."""

MOST_GROUPS = 50_000
_NO_GROUPS = ("voice", "technique")
_DATE = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?|(\d{2})(\d{2}))?(?:[T ]\d{2}(?::?\d{2}(?::?\d{2}(?:[.,]\d+)?)?)?\s?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?"
)

Group = tuple[str, ...]


@dataclass
class Grouping:
    """The columns that make groups, and what was found in them.

    Attributes:
        columns: names of `COLUMNS` or `PERIODS`, or columns of the metadata.
    """

    columns: tuple[str, ...]
    _filled: set[str] = field(default_factory=set)
    _metadata: set[str] = field(default_factory=set)
    _groups: set[Group] = field(default_factory=set)
    _n_no_dates: int = 0
    _no_date: str = ""

    def group(self, line: Mapping[str, Any]) -> Group:
        """The group of a score line: a text for each column, `UNKNOWN` where it does not say.

        Raises:
            UserError: so many groups that the column cannot be one to group by.
        """
        metadata = line.get("metadata") or {}
        if not metadata.keys() <= self._metadata:
            self._metadata.update(metadata)
        self._filled.update([name for name in _OPTIONAL if line.get(name)])
        group = tuple([self._value(line, metadata, column) for column in self.columns])
        if group not in self._groups:
            self._groups.add(group)
            if len(self._groups) > MOST_GROUPS:
                raise UserError(
                    f"more than {MOST_GROUPS:,} groups by {', '.join(self.columns)}", where="--by",
                    expected="columns with few different values", remedy="name other columns.",
                )  # fmt: skip
        return group

    def check(self) -> None:
        """Refuses, once all lines are read, a column that no line has, or dates none of which can be read.

        Raises:
            UserError: naming the columns that are there, or a date as it was found.
        """
        if not self._groups:
            return
        for position, column in enumerate(self.columns):
            if all(group[position] == UNKNOWN for group in self._groups):
                self._refuse(column)

    def notes(self) -> list[str]:
        """What is to be said of dates that could not be read."""
        if not self._n_no_dates:
            return []
        return [
            f"{self._n_no_dates:,} {'sentence has' if self._n_no_dates == 1 else 'sentences have'} a date that does not say its {' and '.join(self._periods())} as ISO 8601 "
            f"does, for example '{self._no_date}': counted in the group '{UNKNOWN}'"
        ]

    def _refuse(self, column: str) -> None:
        names = [name for name in COLUMNS if name not in _OPTIONAL or name in self._filled]
        names += [*(PERIODS if "date" in self._filled else ()), *sorted(self._metadata - {*COLUMNS, *PERIODS})]
        if column in PERIODS and self._no_date:
            raise UserError(
                f"no date says a {column}, for example '{self._no_date}'", where=f"--by {column}",
                expected="dates as in ISO 8601: 2024-05-06, or 2024-05-06T07:30:00Z",
                remedy="bring the dates into this form and score again, or group by another column.",
            )  # fmt: skip
        if column in PERIODS or column in _OPTIONAL:
            name = "date" if column in PERIODS else column
            raise UserError(
                f"no article has a {name}", where=f"--by {column}", expected=f"one of: {', '.join(names)}",
                remedy=f"name the column of the input that holds it when scoring (--{name}-column).",
            )  # fmt: skip
        if column.removeprefix(METADATA) not in self._metadata:
            raise UserError(
                f"no column '{column.removeprefix(METADATA)}'", where=f"--by {column}",
                expected=f"one of: {', '.join(names)}", remedy=did_you_mean(column.removeprefix(METADATA), names),
            )  # fmt: skip

    def _periods(self) -> list[str]:
        return [column for column in self.columns if column in PERIODS]

    def _value(self, line: Mapping[str, Any], metadata: Mapping[str, Any], column: str) -> str:
        if column in PERIODS:
            text = _text(line.get("date"))
            found = period(text, column) if text else None
            if text and found is None:
                self._n_no_dates += column == self._periods()[-1]
                self._no_date = min(self._no_date or text[:40], text[:40])
            return found or UNKNOWN
        found = _text(line.get(column) if column in COLUMNS else metadata.get(column.removeprefix(METADATA)))
        return UNKNOWN if found is None else found


def grouping(by: str | Sequence[str]) -> Grouping:
    """The grouping that `--by source,month` names; the empty text makes none.

    Raises:
        UserError: a column named twice, or one that is always told apart.
    """
    names = by.split(",") if isinstance(by, str) else list(by)
    columns = [name.strip() for name in names if name.strip()]
    for column in columns:
        if column in _NO_GROUPS:
            raise UserError(
                f"'{column}'", where="--by", expected="a column of the articles",
                remedy=f"leave it out: every {column} has figures of its own in any case.",
            )  # fmt: skip
        if columns.count(column) > 1:
            raise UserError(f"'{column}' twice", where="--by", expected="each column once")
    return Grouping(tuple(columns))


@functools.lru_cache(maxsize=65536)
def period(date: str, kind: str) -> str | None:
    """The year, month, week or day of an ISO 8601 date, as it is written (in its own time zone); None where it has none.

    `2024` has a year alone, `2024-05` no week and no day.
    """
    match = _DATE.fullmatch(date)
    if not match:
        return None
    year, month, day = match[1], match[2] or match[4], match[3] or match[5]
    try:
        whole = datetime.date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    if kind == "year":
        return year
    if kind == "month":
        return f"{year}-{month}" if month else None
    if not day:
        return None
    iso = whole.isocalendar()
    return whole.isoformat() if kind == "day" else f"{iso.year}-W{iso.week:02d}"


def period_number(value: str, kind: str) -> int | None:
    """Place of a period on a time axis, 1 apart from the next; None for `UNKNOWN`."""
    if value == UNKNOWN:
        return None
    if kind == "year":
        return int(value)
    if kind == "month":
        return 12 * int(value[:4]) + int(value[5:]) - 1
    if kind == "week":
        return datetime.date.fromisocalendar(int(value[:4]), int(value[6:]), 1).toordinal() // 7
    return datetime.date.fromisoformat(value).toordinal()


def in_order(groups: Sequence[Group]) -> list[Group]:
    """Groups by name, which for periods is by time; the unknown last in each column."""
    return sorted(groups, key=lambda group: [(value == UNKNOWN, value.casefold(), value) for value in group])


def _text(value: Any) -> str | None:
    """A column's value as a group's name; None where it is empty."""
    if value is None or isinstance(value, str):
        return (value or "").strip() or None
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else dump_json(value)
