"""What an audit found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spinscope.jobs.audits.sections import Section


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found.

    Attributes:
        checkpoint: name and identity.
        data: what the sections on labelled sentences were measured on.
        sections: one per question.
        limits: what the figures were held to.
    """

    checkpoint: dict[str, str]
    data: dict[str, Any]
    sections: tuple[Section, ...]
    limits: dict[str, float]

    def broken(self) -> list[str]:
        """A sentence for each figure beyond its limit."""
        return [words for section in self.sections for words in section.broken()]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "checkpoint": self.checkpoint, "data": self.data, "limits": self.limits, "broken": self.broken(),
            "sections": {section.name: section.to_dict() for section in self.sections},
        }  # fmt: skip
