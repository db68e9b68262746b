"""JSON files of the tasks on memes: a list of {"id", "labels"}, with the line of each entry kept for messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spinscope.data.submissions.faults import Faults
from spinscope.data.submissions.tables import known_label, offsets, text_of
from spinscope.data.submissions.tasks import Task
from spinscope.data.submissions.units import Fragment, Unit
from spinscope.files import dump_json

_SPACE = " \t\n"


def read_labels(file: Path, task: Task, faults: Faults) -> dict[Unit, tuple[str, ...]]:
    """(id,) -> labels of a file of `semeval2021-st1` or `semeval2024-st1`, each label once."""
    found: dict[Unit, tuple[str, ...]] = {}
    for place, identity, labels in _entries(file, faults):
        named = [label for number, label in enumerate(labels) if _is_label(label, task, place, number, faults)]
        if len(named) == len(labels):
            found[(identity,)] = tuple(dict.fromkeys(named))
    return found


def read_fragments(file: Path, task: Task, faults: Faults) -> dict[str, list[Fragment]]:
    """Text id -> spans of a file of `semeval2021-st2`."""
    found: dict[str, list[Fragment]] = {}
    for place, identity, labels in _entries(file, faults):
        fragments = [_fragment(label, task, place, number, faults) for number, label in enumerate(labels)]
        found[identity] = [fragment for fragment in fragments if fragment]
    return found


@dataclass(frozen=True, slots=True)
class _Place:
    """An entry's part of the file's text, in which lines can be looked up."""

    text: str
    start: int
    end: int
    value: Any

    def line(self) -> int:
        """The line (from 1) on which the entry begins."""
        return self.text.count("\n", 0, self.start) + 1

    def line_of_label(self, number: int) -> int:
        """The line on which the label of that number (from 0) begins."""
        at = self.text.find('"labels"', self.start, self.end)
        at = self.text.find("[", at, self.end) if at >= 0 else -1
        if at < 0:
            return self.line()
        for index, label in enumerate(_objects(self.text, Faults(Path()), start=at)):
            if index == number:
                return label.line()
        return self.line()


def _entries(file: Path, faults: Faults) -> Iterator[tuple[_Place, str, list[Any]]]:
    """Each entry that has an id and a list of labels; of entries with one id the last."""
    found: dict[str, tuple[_Place, str, list[Any]]] = {}
    for place in _objects(text_of(file, faults), faults):
        entry = place.value
        missing = [key for key in ("id", "labels") if not isinstance(entry, dict) or key not in entry]
        if missing:
            faults.add(place.line(), f"an entry without {' and '.join(missing)}")
            continue
        identity, labels = entry["id"], entry["labels"]
        if not isinstance(identity, str):
            faults.add(
                place.line(), f"id {dump_json(identity)} is no text in quotation marks, as the task's are", fatal=False
            )
        if not isinstance(labels, list):
            faults.add(place.line(), f"labels of '{identity}' are no list")
            continue
        if str(identity) in found:
            faults.add(place.line(), f"id '{identity}' stands twice, and the last counts", fatal=False)
        found[str(identity)] = place, str(identity), labels
    yield from found.values()


def _objects(text: str, faults: Faults, *, start: int = 0) -> Iterator[_Place]:
    """The values of a JSON list one by one; where it is none, a fault with its line, and an end."""
    decoder = json.JSONDecoder()
    at = _skip(text, start)
    if text[at : at + 1] != "[":
        faults.add(
            text.count("\n", 0, at) + 1, "no JSON list: the file must begin with [ and hold {...}, {...} up to ]"
        )
        return
    at = _skip(text, at + 1)
    if text[at : at + 1] == "]":
        return
    while True:
        try:
            value, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            faults.add(error.lineno, f"not JSON: {error.msg} (column {error.colno})")
            return
        yield _Place(text, at, end, value)
        at = _skip(text, end)
        separator = text[at : at + 1]
        if separator == "]":
            rest = _skip(text, at + 1)
            if rest < len(text):
                faults.add(text.count("\n", 0, rest) + 1, "something stands after the list's ]")
            return
        if separator != ",":
            faults.add(text.count("\n", 0, at) + 1, "not JSON: neither , nor ] after an entry")
            return
        at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _is_label(label: Any, task: Task, place: _Place, number: int, faults: Faults) -> bool:
    if not isinstance(label, str):
        faults.add(place.line_of_label(number), "a label is no name in quotation marks")
        return False
    return label in task.labels or known_label(label, task.labels, place.line_of_label(number), faults)


def _fragment(label: Any, task: Task, place: _Place, number: int, faults: Faults) -> Fragment | None:
    if not isinstance(label, dict) or not {"technique", "start", "end"} <= set(label):
        faults.add(place.line_of_label(number), "a label without technique, start and end")
        return None
    technique = str(label["technique"])
    line = place.line_of_label(number)
    span = offsets(label["start"], label["end"], line, faults)
    if not known_label(technique, task.labels, line, faults) or not span:
        return None
    text = place.value.get("text")
    if isinstance(text, str) and span[1] > len(text):
        faults.add(line, f"span {span[0]} to {span[1]} ends beyond the text's {len(text)} characters", fatal=False)
    return (*span, technique)
