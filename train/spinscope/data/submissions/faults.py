"""Faults of a file, collected with their lines: those that leave its meaning open, and those that a site refuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from spinscope.errors import UserError

MOST_TOLD = 6
MOST_LINES = 3


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong on a line (from 1).

    `fatal`: what it means is open; else the organisers' reader refuses it, or reads it in a way that was hardly meant,
    though the meaning is clear.
    """

    file: Path
    line: int
    text: str
    fatal: bool

    @property
    def where(self) -> str:
        """File and line."""
        return f"{self.file}:{self.line}"


@dataclass(slots=True)
class Faults:
    """The faults of one file, in the order in which they were found."""

    file: Path
    found: list[Fault] = field(default_factory=list)

    def add(self, line: int, text: str, *, fatal: bool = True) -> None:
        """Notes a fault."""
        self.found.append(Fault(self.file, line, text, fatal))


def refuse(faults: list[Fault], *, expected: str) -> None:
    """Raises UserError naming the first fault, and where the others stand, where there is any."""
    if not faults:
        return
    first, *others = sorted(faults, key=lambda fault: (not fault.fatal, str(fault.file), fault.line))
    by_text: dict[str, list[int]] = {first.text: []}
    for fault in others:
        by_text.setdefault(fault.text, []).append(fault.line)
    told = [_lines(lines) + (f": {text}" if text != first.text else "") for text, lines in by_text.items() if lines]
    more = f"; and {len(told) - MOST_TOLD} other kinds" if len(told) > MOST_TOLD else ""
    raise UserError(
        first.text,
        where=first.where,
        expected=expected,
        remedy=f"{len(others):,} further: {'; '.join(told[:MOST_TOLD])}{more}." if others else "mend this line.",
    )


def _lines(lines: list[int]) -> str:
    """`line 3`, or `lines 3, 4, 5 and 12 more`."""
    more = f" and {len(lines) - MOST_LINES:,} more" if len(lines) > MOST_LINES else ""
    return f"line{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines[:MOST_LINES]))}{more}"


def notes_of(faults: list[Fault]) -> tuple[str, ...]:
    """The faults that are not fatal, as notes to a score: one of each kind, with how often it occurs."""
    by_text: dict[str, list[Fault]] = {}
    for fault in faults:
        if not fault.fatal:
            by_text.setdefault(fault.text, []).append(fault)
    return tuple(
        f"{found[0].where}: {text}" + (f" (and {len(found) - 1} more such lines)" if len(found) > 1 else "")
        for text, found in by_text.items()
    )
