"""A head for each source of several, on one encoder, and their mean for texts of no known source.

Corpora that give a technique the same name annotate it at different rates and draw its borders elsewhere: one head has to
tell them apart by the text, at the cost of what it is there for. Here each source teaches rows of its own, and the
encoder under them all. The checkpoint's head has the techniques first, each the mean of its rows, and the rows
after them: a sentence whose source is one of them is scored as that corpus would have annotated it, every other one by
the mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from spinscope.data.encoding import NOT_ANNOTATED
from spinscope.errors import UserError, did_you_mean
from spinscope.files import read_json, write_json
from spinscope.model.batching import PreparedTexts
from spinscope.records import Sentence
from spinscope.taxonomy import Inventory

if TYPE_CHECKING:
    from spinscope.model.architecture import TechniqueClassifier
    from spinscope.model.scorers import Scorer

MEAN = "mean"
"""What asks for the mean of the heads, where no source is called so."""

FILE = "source-heads.json"
"""In a checkpoint folder: the rows after the techniques, `[[source, technique], ...]`."""


class HasScorer(Protocol):
    """What a classifier is here."""

    @property
    def scorer(self) -> Scorer:
        """What computes its logits."""
        ...

    @property
    def inventory(self) -> Inventory:
        """Its techniques."""
        ...


@dataclass(frozen=True, slots=True)
class SourceHeads:
    """The rows of the head that belong to one source each.

    Attributes:
        rows: m pairs of source and technique column, sources in sorted order.
        n_techniques: k.
    """

    rows: tuple[tuple[str, int], ...]
    n_techniques: int

    @classmethod
    def of(cls, sources: Sequence[str], mask: np.ndarray) -> SourceHeads:
        """From the source of each of n sentences and (n, k) bool, True where annotated."""
        names = np.asarray(sources)
        found = [
            (source, int(column))
            for source in sorted(set(sources))
            for column in np.flatnonzero(mask[names == source].any(axis=0))
        ]
        return cls(tuple(found), mask.shape[1])

    @property
    def sources(self) -> tuple[str, ...]:
        """Their names, sorted."""
        return tuple(sorted({source for source, _ in self.rows}))

    @property
    def columns(self) -> np.ndarray:
        """(k + m,) the technique of each row of the checkpoint's head."""
        return np.array([*range(self.n_techniques), *(column for _, column in self.rows)])

    def labels(self, labels: np.ndarray, sources: Sequence[str]) -> np.ndarray:
        """(n, m) labels for the rows from (n, k), `NOT_ANNOTATED` but in the sentence's own source."""
        names = np.asarray(sources)
        wide = np.full((len(labels), len(self.rows)), NOT_ANNOTATED, dtype=labels.dtype)
        for row, (source, column) in enumerate(self.rows):
            own = names == source
            wide[own, row] = labels[own, column]
        return wide

    def widen(self, model: TechniqueClassifier) -> None:
        """While one learns: the rows alone as the model's head, each with the weights that its technique had."""
        self._put(model, np.eye(self.n_techniques)[[column for _, column in self.rows]])

    def own(self, logits: np.ndarray, sources: Sequence[str]) -> np.ndarray:
        """(n, k) logits of each sentence by its source from the (n, m) of the rows."""
        return self.chosen(np.concatenate([logits @ self._shares.T, logits], axis=1), sources)

    def join(self, model: TechniqueClassifier, inventory: Inventory) -> None:
        """When one has learned: the techniques before the rows; 0 where no source annotates a technique."""
        self._put(model, self._joined)
        names = [*inventory.ids, *(f"{inventory.ids[column]} ({source})" for source, column in self.rows)]
        model.config.id2label = dict(enumerate(names))
        model.config.label2id = {name: row for row, name in enumerate(names)}

    def rescale(self, model: TechniqueClassifier, scales: Mapping[str, tuple[float, float]]) -> None:
        """After `join`: slope * logit + intercept of each source's rows into the head, and of their means."""
        import torch

        head, pairs = model.head, np.array([scales.get(source, (1.0, 0.0)) for source, _ in self.rows])
        mixed = torch.from_numpy(self._joined).to(head.weight.device)
        slopes, shifts = torch.from_numpy(pairs).to(head.weight.device).T
        with torch.no_grad():
            weight, bias = head.weight[self.n_techniques :].double(), head.bias[self.n_techniques :].double()
            head.weight.copy_(mixed @ (weight * slopes[:, None]))
            head.bias.copy_(mixed @ (bias * slopes + shifts))

    def chosen(self, logits: np.ndarray, sources: Sequence[str] | None) -> np.ndarray:
        """(n, k) logits of each sentence: of its source's rows where it has one for the technique, else the mean's.

        Args:
            logits: (n, k + m) of the checkpoint's head.
            sources: of the n sentences; None: of no known source.
        """
        found = logits[:, : self.n_techniques]
        if sources is None:
            return found
        found, names = found.copy(), np.asarray(sources)
        for row, (source, column) in enumerate(self.rows):
            own = names == source
            found[own, column] = logits[own, self.n_techniques + row]
        return found

    def _put(self, model: TechniqueClassifier, shares: np.ndarray) -> None:
        """The head becomes (new rows, rows) shares of its rows."""
        import torch

        before, mixed = model.head, torch.from_numpy(shares)
        model.head = torch.nn.Linear(before.in_features, len(shares), device=before.weight.device)
        with torch.no_grad():
            model.head.weight.copy_(mixed @ before.weight.double().cpu())
            model.head.bias.copy_(mixed @ before.bias.double().cpu())

    @property
    def _joined(self) -> np.ndarray:
        """(k + m, m): the shares of the rows in each row of the checkpoint's head."""
        return np.concatenate([self._shares, np.eye(len(self.rows))])

    @property
    def _shares(self) -> np.ndarray:
        """(k, m): of each technique, one over the number of its rows in these."""
        shares = np.zeros((self.n_techniques, len(self.rows)))
        for row, (_, column) in enumerate(self.rows):
            shares[column, row] = 1.0
        return shares / np.maximum(shares.sum(axis=1, keepdims=True), 1.0)


def write_heads(folder: Path, heads: SourceHeads | None, inventory: Inventory) -> None:
    """Writes `FILE` into a checkpoint folder; nothing where there are none."""
    if heads:
        write_json(folder / FILE, [[source, inventory.ids[column]] for source, column in heads.rows])


def read_heads(folder: Path, inventory: Inventory) -> SourceHeads | None:
    """What `write_heads` wrote; None where it wrote nothing.

    Raises:
        UserError: a technique that is not in the inventory.
    """
    if not (folder / FILE).is_file():
        return None
    pairs = read_json(folder / FILE)
    for _, technique in pairs:
        if technique not in inventory.ids:
            raise UserError(
                f"a head for '{technique}'", where=str(folder / FILE), expected=f"techniques of {inventory.name}",
                remedy="heads and taxonomy come from different checkpoints: restore the folder.",
            )  # fmt: skip
    return SourceHeads(tuple((source, inventory.index(technique)) for source, technique in pairs), len(inventory.ids))


def heads_of(scorer: Scorer) -> SourceHeads | None:
    """The heads by source that a scorer has, or None."""
    found: SourceHeads | None = getattr(scorer, "heads", None)
    return found


def as_if_from(source: str | None, sentences: Sequence[Sentence], classifier: HasScorer) -> list[Sentence]:
    """The sentences as if they stood in that source, so that its head scores them; None: as they are.

    `mean`, where no source is called so, takes their source from them: the mean of the heads scores them.

    Raises:
        UserError: the classifier has no head for it.
    """
    require_source(source, classifier)
    if source is None:
        return list(sentences)
    heads = heads_of(classifier.scorer)
    name = source if heads and source in heads.sources else ""
    return [replace(sentence, source=name) for sentence in sentences]


def as_annotated(sentences: Sequence[Sentence], classifier: HasScorer) -> list[Sentence]:
    """Labelled sentences, those of unknown sources as if from the one with the same techniques.

    Labels are what the annotators of a corpus meant by them: where the techniques annotated in sentences of a source
    without a head are just those of one head, that head scores them.

    Args:
        sentences: whole corpora, labels in the classifier's inventory.
        classifier: with heads by source, or without: then nothing changes.
    """
    heads = heads_of(classifier.scorer)
    if heads is None:
        return list(sentences)
    annotated: dict[str, set[str]] = {}
    for sentence in sentences:
        if sentence.source not in heads.sources:
            annotated.setdefault(sentence.source, set()).update(sentence.annotated)
    names = classifier.inventory.ids
    taught = {source: {names[column] for of, column in heads.rows if of == source} for source in heads.sources}
    same = {name: [source for source in taught if taught[source] == found] for name, found in annotated.items()}
    only = {name: sources[0] for name, sources in same.items() if len(sources) == 1}
    return [replace(one, source=only[one.source]) if one.source in only else one for one in sentences]


def heads_used(sentences: Sequence[Sentence], classifier: HasScorer) -> list[str] | None:
    """Sorted names of the sources whose heads score these sentences; None where the classifier has no such heads."""
    heads = heads_of(classifier.scorer)
    return None if heads is None else sorted({one.source for one in sentences if one.source in heads.sources})


def require_source(source: str | None, classifier: HasScorer) -> None:
    """Raises UserError where a classifier has no head for that source; None asks for none."""
    if source is None:
        return
    heads = heads_of(classifier.scorer)
    known = (*heads.sources, MEAN) if heads else ()
    if source not in known:
        raise UserError(
            f"'{source}' is no source with a head of its own", where="--as-source",
            expected=f"one of: {', '.join(known)}" if known else "a checkpoint trained with training.source_heads",
            remedy=did_you_mean(source, known) if known else "leave --as-source out.",
        )  # fmt: skip


def with_sources(prepared: PreparedTexts, scorer: Scorer, sentences: Sequence[Sentence]) -> PreparedTexts:
    """Prepared texts that know the sources of their sentences, where the scorer has heads for them."""
    if heads_of(scorer) is None:
        return prepared
    return replace(prepared, sources=tuple(sentence.source for sentence in sentences))
