"""From the sources of a configuration to sentences in one inventory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from spinscope import config
from spinscope.data.corpora.files import detect_format
from spinscope.data.corpora.labels import UnknownLabel
from spinscope.errors import UserError
from spinscope.records import Sentence, Span
from spinscope.taxonomy import Crosswalk, Inventory, crosswalk, inventory

MODULES = {
    "native": "native",
    "csv": "tables",
    "tsv": "tables",
    "parquet": "tables",
    "datasets": "hub",
    "ptc": "ptc",
    "nlp4if": "nlp4if",
    "semeval2021": "semeval2021",
    "markup": "markup",
    "label-studio": "label_studio",
}
"""Format -> the module here whose `read` reads it."""

OWN_INVENTORIES = {"ptc": "ptc-14", "nlp4if": "ptc-18", "semeval2021": "semeval-2021", "markup": "core"}
"""Format -> the inventory its corpus was annotated with."""

_FIXED_LABELS = ("markup",)
"""Formats whose labels are part of the format, so that none can be unknown."""


def load_sentences(
    data: config.Data,
    *,
    target: Inventory,
    default: Inventory | None = None,
    unknown: list[UnknownLabel] | None = None,
) -> list[Sentence]:
    """The sentences of all sources, labels in `target`, sorted by article and index.

    Techniques that a source does not annotate are not in `annotated`. With several sources, article ids get the
    source's name before them: "<source>/<article>".

    Args:
        data: names the sources.
        target: the inventory to translate to.
        default: of sources that neither name an inventory nor have one by format; None: `target`.
        unknown: where given, labels outside the sources' inventories are collected here and otherwise passed over; so
            they are where the configuration waives `unknown_labels`.

    Raises:
        UserError: whatever is wrong with a source; an unknown label, unless collected or waived.
    """
    if unknown is None and "unknown_labels" in data.waive:
        unknown = []
    sentences = []
    for name, source in data.all_sources().items():
        own = source_inventory(source, name=name, default=default or target)
        read = read_source(source, name=name, inventory=own, unknown=unknown)
        if name and len(data.sources) > 1:
            read = [replace(sentence, article=f"{name}/{sentence.article}") for sentence in read]
        sentences += translated(read, crosswalk(own, target)) if own.hash != target.hash else read
    return sorted(sentences, key=lambda sentence: (sentence.article, sentence.index))


def read_source(
    source: config.Source, *, name: str, inventory: Inventory, unknown: list[UnknownLabel] | None = None
) -> list[Sentence]:
    """The sentences of one source, labels in the source's own inventory, sorted by article and index.

    Args:
        source: where it lies and how it is written.
        name: its name in the configuration, '' for the only one; becomes `Sentence.source`.
        inventory: what it was annotated with.
        unknown: where given, collects unknown labels; otherwise the first one raises.

    Raises:
        UserError: whatever is wrong with the source.
    """
    source = _with_format(source, name)
    module = import_module(f"spinscope.data.corpora.{MODULES[source.format]}")
    extra = {} if source.format in _FIXED_LABELS else {"unknown": unknown}
    sentences = module.read(source, name=name, inventory=inventory, **extra)
    if not sentences:
        raise UserError("no sentence", where=str(source.path), expected="at least one labelled sentence")
    ordered = [_in_one_order(sentence, source, name, inventory) for sentence in sentences]
    return sorted(ordered, key=lambda sentence: (sentence.article, sentence.index))


def source_inventory(source: config.Source, *, name: str, default: Inventory) -> Inventory:
    """The inventory a source was annotated with: the one it names, else its format's own, else `default`."""
    if source.inventory is not None:
        return inventory(source.inventory)
    own = OWN_INVENTORIES.get(_with_format(source, name).format)
    return inventory(own) if own else default


def translated(sentences: Sequence[Sentence], across: Crosswalk) -> list[Sentence]:
    """The sentences with labels and spans in the crosswalk's target inventory."""
    out = []
    for sentence in sentences:
        positives, annotated = across.translate(sentence.techniques, sentence.annotated)
        spans = [
            Span(span.start, span.end, technique)
            for span in sentence.spans
            for technique in across.carried(span.technique)
            if technique in positives
        ]
        spans = sorted(set(spans), key=lambda one: (one.start, one.end, across.target.index(one.technique)))
        out.append(replace(sentence, spans=tuple(spans), techniques=positives, annotated=annotated))
    return out


def _with_format(source: config.Source, name: str) -> config.Source:
    if source.path is None:
        where = f"data.sources.{name}" if name else "data"
        raise UserError(
            "no path", where=where, expected="the file or folder of the corpus", remedy=f"set {where}.path."
        )
    if source.format != "auto":
        return source
    return source.model_copy(update={"format": detect_format(Path(source.path))})


def _in_one_order(sentence: Sentence, source: config.Source, name: str, inventory: Inventory) -> Sentence:
    """Labels in the inventory's order, spans by place, so that the order in a file changes nothing."""
    spans = sorted(set(sentence.spans), key=lambda one: (one.start, one.end, inventory.index(one.technique)))
    return replace(
        sentence,
        spans=tuple(spans),
        techniques=tuple(sorted(set(sentence.techniques), key=inventory.index)),
        annotated=tuple(sorted(set(sentence.annotated), key=inventory.index)),
        split=source.split or sentence.split,
        source=name,
    )
