"""Tab-separated files of the shared tasks: spans, given spans with labels, lines, paragraphs.

As in the organisers' readers, white space at the end of a line plays no part, and fields are taken as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from spinscope.data.submissions.faults import Faults
from spinscope.data.submissions.tasks import PROPAGANDA, Task
from spinscope.data.submissions.units import Fragment, Unit
from spinscope.errors import did_you_mean
from spinscope.files import read_text

BYTE_ORDER_MARK = "\ufeff"
_NUMBER = re.compile(r"\s*[-+]?[0-9]+\s*")
OVERLAPS = "the span overlaps another of its technique, which the organisers' program refuses without its option -m"
_NEGATIVE = "non-propaganda"

COLUMNS = {
    "semeval2020-si": "article, start, end",
    "semeval2020-tc": "article, technique, start, end",
    "nlp4if2019-flc": "article, technique, start, end",
    "nlp4if2019-slc": "article, line, propaganda or non-propaganda",
    "semeval2023-st3": "article, paragraph, techniques joined by commas (or nothing)",
}
"""Task -> its columns, in words."""


def read_fragments(file: Path, task: Task, faults: Faults) -> dict[str, list[Fragment]]:
    """Article -> spans of a file of `semeval2020-si`, `semeval2020-tc` or `nlp4if2019-flc`; faults are collected."""
    found: dict[str, list[Fragment]] = {}
    n_columns = 3 if task.labels == (PROPAGANDA,) else 4
    for line, fields in _rows(file, task, faults, n_columns=(n_columns,)):
        article, *label, start, end = fields
        if label and not known_label(label[0], task.labels, line, faults):
            continue
        if span := offsets(start, end, line, faults):
            found.setdefault(article, []).append((*span, label[0] if label else PROPAGANDA))
    return found


def note_overlaps(file: Path, task: Task, faults: Faults) -> None:
    """Adds a fault for each span that overlaps an earlier one of its technique."""
    seen: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for line, fields in _rows(file, task, Faults(file), n_columns=(3, 4)):
        *owner, start, end = fields
        span = offsets(start, end, line, Faults(file))
        others = seen.setdefault(tuple(owner), [])
        if span and any(span[0] < last and first < span[1] for first, last in others):
            faults.add(line, OVERLAPS, fatal=False)
        if span:
            others.append(span)


def read_lines(file: Path, task: Task, faults: Faults) -> dict[Unit, tuple[str, ...]]:
    """(article, line) -> labels of a file of `nlp4if2019-slc`; case plays no part in them."""
    found: dict[Unit, tuple[str, ...]] = {}
    for line, (article, number, label) in _rows(file, task, faults, n_columns=(3,)):
        if (article, number) in found:
            faults.add(line, f"line {number} of article {article} stands twice")
        elif label.lower() not in (PROPAGANDA, _NEGATIVE):
            template = ": the template's ? was not replaced" if label == "?" else ""
            faults.add(line, f"label '{label}'{template}")
        else:
            found[article, number] = (PROPAGANDA,) if label.lower() == PROPAGANDA else ()
    return found


def read_paragraphs(file: Path, task: Task, labels: Collection[str], faults: Faults) -> dict[Unit, tuple[str, ...]]:
    """(article, paragraph) -> labels of a file of `semeval2023-st3`; of a paragraph given twice the last row counts."""
    found: dict[Unit, tuple[str, ...]] = {}
    for line, (article, paragraph, *rest) in _rows(file, task, faults, n_columns=(2, 3)):
        named = rest[0].split(",") if rest else []
        if not all([known_label(label, labels, line, faults) for label in named]):
            continue
        if (article, paragraph) in found:
            faults.add(
                line, f"paragraph {paragraph} of article {article} stands twice, and the last counts", fatal=False
            )
        found[article, paragraph] = tuple(named)
    return found


def known_label(label: str, labels: Collection[str], line: int, faults: Faults) -> bool:
    """Whether the task has the label; else a fault is collected."""
    if label in labels:
        return True
    faults.add(line, f"unknown label '{label}': {did_you_mean(label, labels).rstrip('.')}")
    return False


def offsets(start: object, end: object, line: int, faults: Faults) -> tuple[int, int] | None:
    """The two offsets as numbers, or None with a fault where they are no span."""
    if not all(isinstance(one, int | str) and _NUMBER.fullmatch(str(one)) for one in (start, end)):
        faults.add(line, f"offsets '{start}' and '{end}' are no whole numbers")
        return None
    first, last = int(str(start)), int(str(end))
    if first < 0 or last < 0:
        faults.add(line, f"a negative offset: {first} to {last}")
    elif first >= last:
        faults.add(line, f"an empty span: {first} to {last} (the end is exclusive)")
    else:
        return first, last
    return None


def text_of(file: Path, faults: Faults) -> str:
    """The file's text without a byte-order mark, which is noted as a fault, and with every line end as one line feed."""
    text = read_text(file)
    if text.startswith(BYTE_ORDER_MARK):
        faults.add(1, "a byte-order mark, which the organisers' reader takes for part of the file", fatal=False)
        text = text.removeprefix(BYTE_ORDER_MARK)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _rows(file: Path, task: Task, faults: Faults, *, n_columns: tuple[int, ...]) -> Iterator[tuple[int, list[str]]]:
    text = text_of(file, faults)
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        fields = line.rstrip().split("\t")
        if fields == [""]:
            if number < len(lines):  # what follows the last line end is no line
                faults.add(number, "a blank line", fatal=False)
        elif len(fields) not in n_columns:
            faults.add(number, f"{len(fields)} tab-separated columns instead of {n_columns[-1]} ({COLUMNS[task.name]})")
        else:
            yield number, fields
