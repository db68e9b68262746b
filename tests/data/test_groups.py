"""Groups of score lines: dates, missing values, columns of the metadata, and what is refused."""

from __future__ import annotations

import made_scores
import pytest

from spinscope.data.groups import Grouping, grouping, in_order, period, period_number
from spinscope.errors import UserError


@pytest.mark.parametrize(
    ("date", "year", "month", "week", "day"),
    [
        ("2024-05-06", "2024", "2024-05", "2024-W19", "2024-05-06"),
        ("20240506", "2024", "2024-05", "2024-W19", "2024-05-06"),
        ("2024-05-06T23:59:59Z", "2024", "2024-05", "2024-W19", "2024-05-06"),
        ("2024-05-06 07:30:00.123+02:00", "2024", "2024-05", "2024-W19", "2024-05-06"),
        ("2024-12-30", "2024", "2024-12", "2025-W01", "2024-12-30"),
        ("2024-05", "2024", "2024-05", None, None),
        ("2024", "2024", None, None, None),
        ("2024-02-30", None, None, None, None),
        ("2024-13-01", None, None, None, None),
        ("9 October 2024", None, None, None, None),
        ("05/06/2024", None, None, None, None),
        ("", None, None, None, None),
    ],
)
def test_periods_of_dates(date: str, year: str, month: str, week: str, day: str) -> None:
    assert [period(date, kind) for kind in ("year", "month", "week", "day")] == [year, month, week, day]


def test_periods_lie_one_apart() -> None:
    for kind, values in (
        ("year", ["2023", "2024"]), ("month", ["2023-12", "2024-01"]), ("week", ["2024-W52", "2025-W01"]),
        ("day", ["2024-02-29", "2024-03-01"]),
    ):  # fmt: skip
        first, second = (period_number(value, kind) for value in values)
        assert first is not None and second == first + 1
    assert period_number("unknown", "month") is None


def groups_of(groups: Grouping, *lines: dict) -> list[tuple[str, ...]]:
    found = [groups.group(line) for line in lines]
    groups.check()
    return found


def test_groups_of_several_columns_and_missing_values() -> None:
    lines = [
        made_scores.line("a", source="Ledger", date="2024-05-06"), made_scores.line("b", source=None, date="2024-05-31"),
        made_scores.line("c", source=" ", date=None), made_scores.line("d", source="Post", date="soon"),
    ]  # fmt: skip
    groups = grouping("source, month")
    assert groups_of(groups, *lines) == [
        ("Ledger", "2024-05"),
        ("unknown", "2024-05"),
        ("unknown", "unknown"),
        ("Post", "unknown"),
    ]
    assert groups.notes() == [
        "1 sentence has a date that does not say its month as ISO 8601 does, for example 'soon': counted in the group 'unknown'"
    ]
    assert grouping("").columns == () == grouping(" , ").columns
    assert grouping(["part", "language"]).columns == ("part", "language")


def test_columns_of_the_metadata() -> None:
    lines = [made_scores.line("a", desk="home", page=3, tags=["x"], month="May"), made_scores.line("b", desk=True)]
    assert groups_of(grouping("desk"), *lines) == [("home",), ("true",)]
    assert groups_of(grouping("page"), *lines) == [("3",), ("unknown",)]
    assert groups_of(grouping("tags"), *lines) == [('["x"]',), ("unknown",)]
    assert groups_of(grouping("metadata.month,month"), *lines) == [("May", "2024-05"), ("unknown", "2024-05")]


def test_what_is_not_there_is_refused() -> None:
    lines = [made_scores.line("a", desk="home"), made_scores.line("b", page=3)]
    with pytest.raises(
        UserError,
        match=r"(?s)no column 'desc'.*article, source, date, language, part, year, month, week, day, desk, page.*did you mean 'desk'",
    ):
        groups_of(grouping("desc"), *lines)
    without = [made_scores.line("a", source=None, date=None)]
    with pytest.raises(
        UserError, match=r"(?s)no article has a source.*one of: article, language, part.*--source-column"
    ):
        groups_of(grouping("source"), *without)
    with pytest.raises(UserError, match=r"(?s)no article has a date.*--date-column"):
        groups_of(grouping("week"), *without)
    with pytest.raises(UserError, match=r"(?s)no date says a month, for example '9 October'.*2024-05-06"):
        groups_of(grouping("month"), made_scores.line("a", date="9 October"), made_scores.line("b", date="May"))
    with pytest.raises(UserError, match="no date says a day, for example '2024'"):
        groups_of(grouping("day"), made_scores.line("a", date="2024"))
    for column in ("voice", "technique"):
        with pytest.raises(UserError, match=f"every {column} has figures of its own"):
            grouping(f"source,{column}")
    with pytest.raises(UserError, match="'source' twice"):
        grouping("source,source")


def test_too_many_groups_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spinscope.data.groups.MOST_GROUPS", 5)
    with pytest.raises(UserError, match="more than 5 groups by article"):
        groups_of(grouping("article"), *[made_scores.line(str(number)) for number in range(6)])


def test_order_is_by_name_and_the_unknown_last() -> None:
    groups = [("b", "unknown"), ("unknown", "2023"), ("B", "2024"), ("a", "2024"), ("b", "2023")]
    assert in_order(groups) == [("a", "2024"), ("B", "2024"), ("b", "2023"), ("b", "unknown"), ("unknown", "2023")]
