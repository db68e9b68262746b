"""Reading gold and submission files of a shared task, with every fault named by file and line."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from spinscope.data.corpora.files import article_files
from spinscope.data.submissions import memes, tables
from spinscope.data.submissions.faults import Fault, Faults, notes_of, refuse
from spinscope.data.submissions.tasks import Task
from spinscope.data.submissions.units import FRAGMENTS, Content, Fragment, Unit
from spinscope.errors import UserError
from spinscope.files import read_text

_LABELS_OF_ARTICLE = re.compile(r"article(.+?)\.")
_TAGS = {"semeval2020-si": "-SI", "semeval2020-tc": "-TC|-FLC", "nlp4if2019-flc": "-FLC", "nlp4if2019-slc": "-SLC"}
"""What the names of a task's label files hold, where a folder has those of several."""


def read_content(
    task: Task, path: Path, *, labels: Sequence[str] | None = None, articles: Path | None = None
) -> Content:
    """Gold or predictions of a task.

    Args:
        task: whose format the file has.
        path: a file; for tasks with one label file per article also a folder of them, whose names then say which
            articles there are.
        labels: of a task whose list of labels depends on the language; None: all of the task.
        articles: folder with `article<ID>.txt` of the measured part, so that one without a span is known too.

    Raises:
        UserError: the first fault that leaves the file's meaning open, with its line and those of further faults.
    """
    content, faults = _read(task, Path(path), labels)
    refuse([fault for fault in faults if fault.fatal], expected=_expected(task))
    fragments = dict(content.fragments)
    if articles is not None:
        for article in _articles_of(task, articles):
            fragments.setdefault(article, ())
    return Content(task, fragments, content.labels, content.files, notes_of(faults))


def check_file(task: Task, path: Path, *, labels: Sequence[str] | None = None) -> Content:
    """What a submission file holds, if the organisers' site would take it.

    Raises:
        UserError: the first fault with its line, and those of further faults.
    """
    content, faults = _read(task, Path(path), labels)
    if task.kind == "fragments":
        for file in content.files:
            own = Faults(file)
            tables.note_overlaps(file, task, own)
            faults += own.found
    refuse(faults, expected=_expected(task))
    return content


def read_labels_list(file: Path, task: Task) -> tuple[str, ...]:
    """The labels of a language from the task's list, one a line.

    Raises:
        UserError: a task whose list does not depend on the language, or a label that the task does not know.
    """
    if task.kind != "paragraphs":
        raise UserError(
            f"a list of labels for {task.name}", where=str(file), expected="none: its labels are the same everywhere"
        )
    named = [line.strip() for line in read_text(file).removeprefix(tables.BYTE_ORDER_MARK).splitlines() if line.strip()]
    faults = Faults(file)
    for number, label in enumerate(named, start=1):
        tables.known_label(label, task.labels, number, faults)
    refuse(faults.found, expected=f"labels of {task.name}, one a line")
    return tuple(dict.fromkeys(named))


def _read(task: Task, path: Path, labels: Collection[str] | None) -> tuple[Content, list[Fault]]:
    fragments: dict[str, list[Fragment]] = {}
    found: dict[Unit, tuple[str, ...]] = {}
    faults: list[Fault] = []
    files = _files(task, path)
    for file in files:
        own = Faults(file)
        if task.kind in FRAGMENTS:
            if path.is_dir() and (named := _LABELS_OF_ARTICLE.match(file.name)):
                fragments.setdefault(named[1], [])  # an empty file says that its article has no span
            read = (
                memes.read_fragments(file, task, own)
                if task.kind == "fragment_memes"
                else tables.read_fragments(file, task, own)
            )
            for article, spans in read.items():
                fragments.setdefault(article, []).extend(spans)
        elif task.kind == "lines":
            found |= tables.read_lines(file, task, own)
        elif task.kind == "paragraphs":
            found |= tables.read_paragraphs(file, task, labels or task.labels, own)
        else:
            found |= memes.read_labels(file, task, own)
        faults += own.found
    return Content(task, {article: tuple(spans) for article, spans in fragments.items()}, found, tuple(files)), faults


def _files(task: Task, path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    if task.name not in _TAGS:
        raise UserError("a folder", where=str(path), expected=f"one file in the format of {task.name}")
    files = sorted(path.glob("*.labels"))
    own = [file for file in files if re.search(_TAGS[task.name], file.name, re.IGNORECASE)]
    if not files:
        raise UserError("no .labels file in the folder", where=str(path), expected="files like article<ID>.labels")
    return own or files


def _articles_of(task: Task, folder: Path) -> list[str]:
    if task.kind != "fragments":
        raise UserError(
            f"articles for {task.name}", where=str(folder), expected="none: its files name every text",
            remedy="leave out --articles.",
        )  # fmt: skip
    found = list(article_files(folder))
    if not found:
        raise UserError(
            "no article<ID>.txt in the folder", where=str(folder), expected="the articles of the measured part"
        )
    return found


def _expected(task: Task) -> str:
    if task.name in tables.COLUMNS:
        return f"tab-separated lines: {tables.COLUMNS[task.name]}"
    label = '{"technique": ..., "start": ..., "end": ...}' if task.kind == "fragment_memes" else '"..."'
    return f'a JSON list of {{"id": "...", "labels": [{label}]}}'
