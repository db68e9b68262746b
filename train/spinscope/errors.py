"""The one error class for what a user can mend, and the exit codes of the command line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

DONE = 0
DONE_WITH_FINDINGS = 1
MISTAKE = 2
GATE_BROKEN = 3


class UserError(Exception):
    """A mistake the user can mend: shown without a traceback, exit code 2.

    Args:
        found: what was found, as a clause ("no column 'text'").
        where: file, line or config path where it was found.
        expected: what would have been right.
        remedy: what to do about it, as a sentence.
    """

    def __init__(self, found: str, *, where: str = "", expected: str = "", remedy: str = "") -> None:
        self.found, self.where, self.expected, self.remedy = found, where, expected, remedy
        lines = [f"{where}: {found}" if where else found]
        if expected:
            lines.append(f"  expected: {expected}")
        if remedy:
            lines.append(f"  to mend: {remedy}")
        super().__init__("\n".join(lines))


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like `name`, or None where none is near."""
    matches = difflib.get_close_matches(name, list(candidates), n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """A remedy sentence: the nearest valid name, or the list of all of them."""
    names = list(candidates)
    match = nearest(name, names)
    return f"did you mean '{match}'?" if match else f"choose one of: {', '.join(names)}."
