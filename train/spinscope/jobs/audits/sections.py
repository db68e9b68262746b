"""What every section of an audit gives: figures, some of them held to a limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from spinscope.measure.resampling import Estimate


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of an audit.

    Attributes:
        name: key for JSON.
        title: in words.
        estimate: value and interval.
        at_most, at_least: the limit, None where there is none.
        n: units that it was measured on.
    """

    name: str
    title: str
    estimate: Estimate
    at_most: float | None = None
    at_least: float | None = None
    n: int | None = None

    @property
    def is_broken(self) -> bool:
        """Whether the value lies beyond its limit; one that could not be measured breaks nothing."""
        value = self.estimate.value
        if value is None:
            return False
        return (self.at_most is not None and value > self.at_most) or (
            self.at_least is not None and value < self.at_least
        )

    @property
    def limit(self) -> str:
        """The limit in words; '' where there is none."""
        parts = [f"at most {self.at_most:g}"] if self.at_most is not None else []
        parts += [f"at least {self.at_least:g}"] if self.at_least is not None else []
        return ", ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "title": self.title, **self.estimate.to_dict(), "at_most": self.at_most, "at_least": self.at_least,
            "n": self.n, "broken": self.is_broken,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """One question of an audit.

    Attributes:
        name: key for JSON.
        title: the question in words.
        figures: in the order they are told.
        notes: how to read them, or why there are none.
        details: what stands behind them (examples, figures for each name, ...), JSON-able.
    """

    name: str
    title: str
    figures: tuple[Figure, ...] = ()
    notes: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    def broken(self) -> list[str]:
        """A sentence for each figure beyond its limit."""
        return [f"{one.title}: {one.estimate.value:.3f}, {one.limit}" for one in self.figures if one.is_broken]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        # Not `asdict`: it would copy the details, which may hold a line for each of thousands of labels.
        return {
            "name": self.name, "title": self.title, "notes": self.notes, "details": self.details,
            "figures": {figure.name: figure.to_dict() for figure in self.figures},
        }  # fmt: skip
