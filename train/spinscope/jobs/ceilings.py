"""Agreement of annotators beside a checkpoint's scores: from the passes beside a corpus, else from what is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

import numpy as np

from spinscope import config
from spinscope.data.annotations import Passes, read_passes, sentence_ratings
from spinscope.data.duplicates import text_hash
from spinscope.files import parse_yaml
from spinscope.jobs.labelled import Scored
from spinscope.measure.article_sums import Resampling
from spinscope.measure.ceiling import Ceiling, ceilings
from spinscope.taxonomy import Inventory, inventory

ANNOTATIONS = "annotations"
"""Folder beside a corpus with one file `pass*.jsonl` for each annotator."""


@dataclass(frozen=True, slots=True)
class AgreementBeside:
    """What is known of agreement on the measured labels.

    Attributes:
        annotators: names of the passes; empty where none lie beside the corpus.
        n_sentences: of the measured ones, those that stand in the passes.
        per_technique: technique -> scores and agreement on those sentences.
        overall: all techniques together.
        published: facts about the corpus: measure, low, high, what, source.
        note: where the passes lie, and what they are not.
    """

    annotators: tuple[str, ...]
    n_sentences: int
    per_technique: Mapping[str, Ceiling]
    overall: Ceiling | None
    published: tuple[Mapping[str, Any], ...]
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "annotators": list(self.annotators), "n_sentences": self.n_sentences,
            "per_technique": {name: one.to_dict() for name, one in self.per_technique.items()},
            "overall": self.overall.to_dict() if self.overall else None,
            "published": [dict(one) for one in self.published], "note": self.note,
        }  # fmt: skip


def agreement_beside(scored: Scored, data: config.Data, target: Inventory, rules: Resampling) -> AgreementBeside | None:
    """Agreement on the scored sentences; None where nothing is known of it.

    Passes are looked for in the folder `annotations` beside, or in, each source's path, as `data/core` has them: two or
    more files `pass*.jsonl`, each a sentence record of every sentence. Published figures go by the source's inventory.

    Args:
        scored: measured sentences, with answers.
        data: where they come from.
        target: the label order.
        rules: of the intervals.

    Raises:
        UserError: passes that cannot be read, or hold different sentences.
    """
    published = tuple(fact for name in _inventories(data, target) for fact in published_agreement().get(name, ()))
    nothing = AgreementBeside((), 0, {}, None, published) if published else None
    sources = [(source, passes_beside(source.path)) for source in data.all_sources().values() if source.path]
    source, found = next(((source, several) for source, several in sources if several), (None, ()))
    if source is None:
        return nothing
    name = source.inventory or (data.taxonomy if isinstance(data.taxonomy, str) else None)
    passes = read_passes(found, inventory=inventory(name) if name else target)
    rows, ratings = _side_by_side(passes, scored, target)
    if not rows:
        return nothing
    one_by_one = ceilings(
        scored.gold[rows], scored.mask[rows], scored.decisions[rows], ratings,
        articles=np.unique(scored.articles[rows], return_inverse=True)[1], rules=rules,
    )  # fmt: skip
    judged = [(one >= 0).any() for one in ratings]
    each = {name: one for name, one, has in zip(target.ids, one_by_one, judged, strict=False) if has}
    note = f"annotation passes in {found[0].parent}; the README there says who annotated"
    return AgreementBeside(passes.names, len(rows), each, one_by_one[-1], published, note)


def passes_beside(path: str) -> tuple[Path, ...]:
    """The files `pass*.jsonl` in the folder `annotations` in or beside `path`; () unless there are two or more."""
    place = Path(path)
    for folder in (place / ANNOTATIONS, place.parent / ANNOTATIONS):
        files = tuple(sorted(folder.glob("pass*.jsonl"))) if folder.is_dir() else ()
        if len(files) > 1:
            return files
    return ()


@cache
def published_agreement() -> Mapping[str, tuple[Mapping[str, Any], ...]]:
    """Inventory -> published figures of agreement, each with `measure`, `low`, `high`, `what` and `source`."""
    file = package_files("spinscope") / "taxonomies" / "agreement.yaml"
    read = parse_yaml(file.read_text(encoding="utf-8"), where="agreement.yaml")
    return {name: tuple(facts) for name, facts in read.items()}


def _inventories(data: config.Data, target: Inventory) -> list[str]:
    """The inventories that the sources were annotated with, each once."""
    by_format = {"ptc": "ptc-14", "nlp4if": "ptc-18"}
    names = [source.inventory or by_format.get(source.format) or target.name for source in data.all_sources().values()]
    return [inventory(name).name for name in dict.fromkeys(names) if name in published_agreement()]


def _side_by_side(passes: Passes, scored: Scored, target: Inventory) -> tuple[list[int], list[np.ndarray]]:
    """Rows of the scored sentences that stand in the passes with the same text, and their ratings by technique."""
    place = {(one.article, one.index): number for number, one in enumerate(passes.texts)}
    pairs = [
        (row, number) for row, one in enumerate(scored.sentences)
        if (number := place.get((one.article, one.index))) is not None
        and text_hash(passes.texts[number].text) == text_hash(one.text)
    ]  # fmt: skip
    kept = [number for _, number in pairs]
    ratings = [np.asarray(sentence_ratings(passes, technique))[kept] for technique in target.ids]
    return [row for row, _ in pairs], ratings
