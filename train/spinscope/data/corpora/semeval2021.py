"""SemEval-2021 task 6: the text of memes with 20 techniques, as JSON lists of `{"id", "text", "labels"}`.

In subtask 1 a label is a technique's name; in subtask 2 it is `{"start", "end", "technique", "text_fragment"}`, in code
points of the text, end exclusive. A text is one article of one sentence.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinscope.data.corpora.files import refuse_empty
from spinscope.data.corpora.labels import LabelReader, UnknownLabel
from spinscope.errors import UserError
from spinscope.files import dump_json, read_json, sha256_of_text
from spinscope.records import Sentence, Span

if TYPE_CHECKING:
    from spinscope import config
    from spinscope.taxonomy import Inventory


def read(
    source: config.Source, *, name: str, inventory: Inventory, unknown: list[UnknownLabel] | None = None
) -> list[Sentence]:
    """The texts of a file, or of all files of `source.subtask` in a folder, pooled.

    Which file a text stands in gives no split (name the files as sources with a split each for that). A text without
    `labels` has nothing annotated. Of entries with one id and one text, copies and unlabelled ones are dropped; entries
    that share an id otherwise differ, so their ids get a suffix made from what they hold.

    Raises:
        UserError: no such file, a file that is not of this format, span offsets that do not fit, an unknown label.
    """
    labels = LabelReader(inventory, unknown)
    sentences = [
        sentence for file in subtask_files(Path(source.path or ""), source.subtask) for sentence in _texts(file, labels)
    ]
    return _distinct(sentences)


def subtask_files(path: Path, subtask: int) -> list[Path]:
    """The file itself, or the folder's .txt and .json files whose names hold `task1` or `task2`.

    Raises:
        UserError: there is none.
    """
    if path.is_file():
        return [path]
    pattern = re.compile(rf"task[_-]?{subtask}(?![-\d]).*\.(txt|json)$", re.IGNORECASE)
    files = [file for file in sorted(path.glob("*")) if pattern.search(file.name)]
    if not files:
        raise UserError(
            f"no file of subtask {subtask}" if path.is_dir() else "no such file or folder",
            where=str(path),
            expected=f"a file like training_set_task{subtask}.txt",
        )
    return files


def _texts(file: Path, labels: LabelReader) -> list[Sentence]:
    refuse_empty(file, expected="a JSON list of texts")
    entries = read_json(file)
    if not isinstance(entries, list):
        raise UserError(f"a JSON {type(entries).__name__}", where=str(file), expected="a list of texts")
    return [_sentence(entry, labels, where=f"{file}: entry {number}") for number, entry in enumerate(entries, start=1)]


def _sentence(entry: Any, labels: LabelReader, *, where: str) -> Sentence:
    if not isinstance(entry, dict) or not isinstance(entry.get("text"), str) or "id" not in entry:
        expected = '{"id": ..., "text": ..., "labels": [...]}'
        raise UserError("an entry without id or text", where=where, expected=expected)
    where = f"{where} (id '{entry['id']}')"
    text = entry["text"]
    start = len(text) - len(text.lstrip())
    end = max(start, len(text.rstrip()))
    plain = Sentence(article=str(entry["id"]), index=0, start=start, end=end, text=text[start:end])
    if "labels" not in entry:
        return plain
    spans, names = [], []
    for label in entry["labels"]:
        if isinstance(label, str):
            names.append(label)
            continue
        span = _span(label, text, labels, where=where)
        names.append(label["technique"])
        if span and max(span.start, start) < min(span.end, end):
            spans.append(replace(span, start=max(span.start, start) - start, end=min(span.end, end) - start))
    techniques, all_known = labels.techniques(names, where=where)
    annotated = labels.annotated(techniques, all_known=all_known)
    return replace(plain, spans=tuple(spans), techniques=techniques, annotated=annotated)


def _span(label: Any, text: str, labels: LabelReader, *, where: str) -> Span | None:
    if not isinstance(label, dict) or not {"start", "end", "technique"} <= set(label):
        raise UserError(
            f"label {label!r}", where=where, expected="a technique's name, or start, end, technique and text_fragment"
        )
    start, end = label["start"], label["end"]
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)):
        expected = f"offsets from 0 to {len(text)}, start below end"
        raise UserError(f"span {start} to {end}", where=where, expected=expected)
    fragment = label.get("text_fragment", text[start:end])
    if fragment != text[start:end]:
        raise UserError(
            f"text_fragment of span {start} to {end} differs from the text there",
            where=where,
            expected="the characters of the text from start to end",
            remedy="check that the file was not re-encoded.",
        )
    technique = labels.inventory.resolve(label["technique"])
    return Span(start, end, technique) if technique else None


def _distinct(sentences: Sequence[Sentence]) -> list[Sentence]:
    by_id: dict[str, list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        by_id[sentence.article].append(sentence)
    out: list[Sentence] = []
    for entries in by_id.values():
        labelled = {entry.text for entry in entries if entry.annotated}
        kept = {_content(entry): entry for entry in entries if entry.annotated or entry.text not in labelled}
        if len(kept) == 1:
            out += kept.values()
        else:
            out += [
                replace(one, article=f"{one.article}~{sha256_of_text(content)[:8]}") for content, one in kept.items()
            ]
    return out


def _content(sentence: Sentence) -> str:
    spans = sorted((span.start, span.end, span.technique) for span in sentence.spans)
    return dump_json([sentence.text, sentence.techniques, spans, sentence.annotated])
