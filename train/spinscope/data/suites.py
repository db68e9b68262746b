"""Behaviour suites: texts that ask one question each of a classifier, alone or in pairs (data/suites/README.md).

A suite is a JSON Lines file named after it; in the suites of pairs two lines that follow each other are a pair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spinscope.errors import UserError
from spinscope.files import read_jsonl
from spinscope.records import Sentence

ROLES: Mapping[str, tuple[str, str] | None] = {
    "neutral_alarm": None,
    "attribution": ("author", "attributed"),
    "symmetry": ("a", "b"),
    "minimal_pairs": ("positive", "neutral"),
    "transcribed": ("clean", "noisy"),
}
"""The suites, and for those of pairs the roles of first and second line."""

_ANNOTATED = ("loaded_language", "us_vs_them", "appeal_to_threat")


@dataclass(frozen=True, slots=True)
class Suite:
    """Texts in file order.

    Attributes:
        name: one of `ROLES`.
        sentences: one per line; of a suite of pairs, rows 2i and 2i + 1 are pair i. Each is an article of its own, so
            that no context runs from one to the next.
        lines: the records as they stand, for keys of the suite's own.
    """

    name: str
    sentences: tuple[Sentence, ...]
    lines: tuple[Mapping[str, Any], ...]

    @property
    def first(self) -> Sequence[Mapping[str, Any]]:
        """The first line of each pair."""
        return self.lines[::2]

    @property
    def second(self) -> Sequence[Mapping[str, Any]]:
        """The second line of each pair."""
        return self.lines[1::2]


def read_suites(folder: Path) -> dict[str, Suite]:
    """The suites that a folder holds, by name, in the order of `ROLES`.

    Raises:
        UserError: no suite there, a line without text or techniques, or a pair that is not one.
    """
    found = {name: folder / f"{name}.jsonl" for name in ROLES}
    suites = {name: _read(name, file) for name, file in found.items() if file.is_file()}
    if not suites:
        raise UserError(
            "no behaviour suite", where=str(folder), expected=f"one or more of {', '.join(f'{n}.jsonl' for n in ROLES)}",
            remedy="name the folder with --suites (data/suites of the project).",
        )  # fmt: skip
    return suites


def _read(name: str, file: Path) -> Suite:
    lines, sentences = [], []
    for number, line in read_jsonl(file):
        where = f"{file}:{number}"
        if not isinstance(line.get("text"), str) or not isinstance(line.get("techniques"), list):
            raise UserError("no text or no techniques", where=where, expected='{"id", "text", "techniques", ...}')
        lines.append(line)
        sentences.append(
            Sentence(
                f"{name}-{number}", 0, 0, len(line["text"]), line["text"], techniques=tuple(line["techniques"]),
                annotated=_ANNOTATED, source=name,
            )
        )  # fmt: skip
    roles = ROLES[name]
    if roles is not None:
        _check_pairs(name, file, lines, roles)
    return Suite(name, tuple(sentences), tuple(lines))


def _check_pairs(name: str, file: Path, lines: Sequence[Mapping[str, Any]], roles: tuple[str, str]) -> None:
    for number in range(0, len(lines), 2):
        pair = lines[number : number + 2]
        if tuple(line.get("role") for line in pair) != roles or len({line.get("pair") for line in pair}) != 1:
            raise UserError(
                f"lines {number + 1} and {number + 2} are no pair", where=str(file),
                expected=f"two lines with one `pair` and the roles {roles[0]} and {roles[1]}",
            )  # fmt: skip
