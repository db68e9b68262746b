"""The native format: sentence records as JSONL, one object per line. Read here and written here.

`text` must be given. `techniques`, `spans` or both say what is positive, `annotated` what is known at all (left out:
the whole inventory; all three left out: nothing). `article`, `index`, `start` and `end` are filled in where they are
missing; `voices`, `part`, `split` and `metadata` may stand beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from spinscope.data.corpora.files import refuse_empty, source_files
from spinscope.data.corpora.labels import LabelReader, UnknownLabel
from spinscope.data.corpora.placing import NO_ARTICLE, UNPLACED, placed
from spinscope.data.splits import SPLITS
from spinscope.errors import UserError, did_you_mean
from spinscope.files import dump_json, read_jsonl, write_text
from spinscope.records import Part, Sentence, Span, Voice, VoiceName

if TYPE_CHECKING:
    from spinscope import config
    from spinscope.taxonomy import Inventory

KEYS = (
    "article", "index", "start", "end", "text", "voices", "spans", "techniques", "annotated",
    "part", "split", "metadata",
)  # fmt: skip


def read(
    source: config.Source, *, name: str, inventory: Inventory, unknown: list[UnknownLabel] | None = None
) -> list[Sentence]:
    """The records of a .jsonl file, or of all such files of a folder, pooled.

    Raises:
        UserError: no such file, an empty file, a line that is no sentence record, an unknown label.
    """
    labels = LabelReader(inventory, unknown)
    path = Path(source.path or "")
    sentences = []
    for file in source_files(path, (".jsonl",)):
        refuse_empty(file, expected="one sentence record per line")
        sentences += [
            parse_record(record, labels=labels, where=f"{file}:{number}") for number, record in read_jsonl(file)
        ]
    return placed(sentences, where=str(path))


def write(path: Path, sentences: Iterable[Sentence]) -> None:
    """Writes sentence records atomically, one per line."""
    write_text(path, render(sentences))


def render(sentences: Iterable[Sentence]) -> str:
    """The text of the file: one sentence record per line."""
    return "".join(dump_json(record_of(sentence)) + "\n" for sentence in sentences)


def record_of(sentence: Sentence) -> dict[str, Any]:
    """The sentence as a record; optional parts that hold nothing are left out."""
    record: dict[str, Any] = {
        "article": sentence.article,
        "index": sentence.index,
        "start": sentence.start,
        "end": sentence.end,
        "text": sentence.text,
        "voices": [_without_none(asdict(voice)) for voice in sentence.voices],
        "spans": [asdict(span) for span in sentence.spans],
        "techniques": list(sentence.techniques),
        "annotated": list(sentence.annotated),
    }
    optional = {
        "part": sentence.part if sentence.part != "body" else None,
        "split": sentence.split,
        "metadata": dict(sentence.metadata) or None,
    }
    return record | _without_none(optional)


def parse_record(record: Mapping[str, Any], *, labels: LabelReader, where: str) -> Sentence:
    """The sentence of a record, its labels resolved.

    Raises:
        UserError: an unknown key, a wrong type, offsets that do not fit the text, a technique that is positive but not
            annotated, an unknown label.
    """
    for key in record:
        if key not in KEYS:
            raise UserError(f"unknown key '{key}'", where=where, remedy=did_you_mean(key, KEYS))
    text = _value(record, "text", str, where)
    if text is None:
        raise UserError("no 'text'", where=where, expected="a sentence record with at least text and techniques")
    article = record.get("article")
    article = str(article).strip() if article is not None else ""
    metadata = dict(_value(record, "metadata", dict, where) or {})
    spans = _spans(record, text, labels, where)
    techniques, annotated = _labels(record, spans, labels, where)
    start, end = _offsets(record, text, where)
    return Sentence(
        article=article,
        index=_number(record, "index", where),
        start=start,
        end=end,
        text=text,
        spans=tuple(span for span in spans if span.technique),
        techniques=techniques,
        annotated=annotated,
        voices=_voices(record, text, where),
        part=_one_of(record, "part", get_args(Part), where) or "body",
        split=_one_of(record, "split", SPLITS, where),
        metadata=metadata if article else {**metadata, NO_ARTICLE: True},
    )


def _labels(
    record: Mapping[str, Any], spans: list[Span], labels: LabelReader, where: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(positive, annotated) techniques."""
    names, known_names = _names(record, "techniques", where), _names(record, "annotated", where)
    if names is None and known_names is None and "spans" not in record:
        return (), ()
    techniques, all_known = labels.techniques(names or (), where=where)
    of_spans = labels.ordered(span.technique for span in spans if span.technique)
    for technique in of_spans:
        if names is not None and technique not in techniques:
            raise UserError(f"a span of '{technique}', which is not among 'techniques'", where=where)
    techniques = labels.ordered((*techniques, *of_spans))
    all_known = all_known and all(span.technique for span in spans)
    if known_names is None:
        return techniques, labels.annotated(techniques, all_known=all_known)
    annotated, _ = labels.techniques(known_names, where=where)
    for technique in techniques:
        if technique not in annotated:
            raise UserError(f"'{technique}' is positive but not among 'annotated'", where=where)
    return techniques, annotated if all_known else techniques


def _spans(record: Mapping[str, Any], text: str, labels: LabelReader, where: str) -> list[Span]:
    """The spans; of an unknown label, one with an empty technique."""
    spans = []
    for item in _objects(record, "spans", ("start", "end", "technique"), where):
        start, end = _stretch(item, text, "span", where)
        label = _value(item, "technique", str, where)
        if label is None:
            raise UserError("a span without 'technique'", where=where)
        spans.append(Span(start, end, labels.resolve(label, where=where) or ""))
    return spans


def _voices(record: Mapping[str, Any], text: str, where: str) -> tuple[Voice, ...]:
    voices = []
    for item in _objects(record, "voices", ("start", "end", "voice", "speaker"), where):
        start, end = _stretch(item, text, "voice", where)
        voice: VoiceName | None = _one_of(item, "voice", get_args(VoiceName), where)
        if voice is None:
            raise UserError("a voices entry without 'voice'", where=where, expected=", ".join(get_args(VoiceName)))
        voices.append(Voice(start, end, voice, _value(item, "speaker", str, where)))
    return tuple(voices)


def _objects(record: Mapping[str, Any], key: str, keys: tuple[str, ...], where: str) -> list[dict[str, Any]]:
    items = _value(record, key, list, where) or []
    for item in items:
        if not isinstance(item, dict):
            raise UserError(f"'{key}' holds {item!r}", where=where, expected=f"objects with {', '.join(keys)}")
        for name in item:
            if name not in keys:
                raise UserError(f"unknown key '{name}' in '{key}'", where=where, remedy=did_you_mean(name, keys))
    return items


def _stretch(item: Mapping[str, Any], text: str, noun: str, where: str) -> tuple[int, int]:
    start, end = _number(item, "start", where), _number(item, "end", where)
    if not 0 <= start < end <= len(text):
        expected = f"offsets from 0 to {len(text)} in 'text', start below end"
        raise UserError(f"{noun} {start} to {end}", where=where, expected=expected)
    return start, end


def _offsets(record: Mapping[str, Any], text: str, where: str) -> tuple[int, int]:
    start, end = _number(record, "start", where), _number(record, "end", where)
    if (start == UNPLACED) != (end == UNPLACED):
        raise UserError("'start' without 'end', or the reverse", where=where, expected="both, or neither")
    if start != UNPLACED and end - start != len(text):
        raise UserError(f"start {start} and end {end} do not fit the text's {len(text)} characters", where=where)
    return start, end


def _names(record: Mapping[str, Any], key: str, where: str) -> list[str] | None:
    names = _value(record, key, list, where)
    for name in names or ():
        if not isinstance(name, str):
            raise UserError(f"'{key}' holds {name!r}", where=where, expected="a list of technique names")
    return names


def _number(record: Mapping[str, Any], key: str, where: str) -> int:
    value = record.get(key)
    if value is None:
        return UNPLACED
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise UserError(f"'{key}' is {value!r}", where=where, expected="a whole number from 0")
    return value


def _one_of(record: Mapping[str, Any], key: str, names: tuple[str, ...], where: str) -> Any:
    value = record.get(key)
    if value is not None and value not in names:
        raise UserError(f"'{key}' is {value!r}", where=where, expected=", ".join(names))
    return value


def _value(record: Mapping[str, Any], key: str, kind: type, where: str) -> Any:
    value = record.get(key)
    if value is not None and not isinstance(value, kind):
        names = {"str": "a string", "list": "a list", "dict": "an object"}
        raise UserError(f"'{key}' is {value!r}", where=where, expected=names[kind.__name__])
    return value


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
