"""Labelled sentences for the verbs that measure: what is read, which part, and what a checkpoint has seen of it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spinscope import config
from spinscope.data.corpora import load_sentences
from spinscope.data.encoding import article_codes, label_matrix
from spinscope.data.splits import given_splits
from spinscope.errors import UserError, did_you_mean
from spinscope.files import dump_json, sha256_of_text
from spinscope.jobs.answers import Answers
from spinscope.jobs.exposure import own_splits
from spinscope.jobs.progress import progress_bar
from spinscope.jobs.recording import Prepared
from spinscope.model.prediction import Classifier
from spinscope.model.source_heads import as_annotated
from spinscope.records import Sentence
from spinscope.taxonomy import Inventory, inventory

ALL = "all"


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labelled sentences in one checkpoint's inventory, and the part of them that is measured.

    Attributes:
        inventory: of the labels.
        sentences: whole articles of every part.
        splits: article id -> train, dev or test, as far as a division is known.
        split: the measured part: train, dev, test, or all.
        is_own: sentences, labels and division are those that the checkpoint was made with.
    """

    inventory: Inventory
    sentences: list[Sentence]
    splits: Mapping[str, str]
    split: str
    is_own: bool

    def part(self, split: str) -> list[Sentence]:
        """The sentences of one part, by article and position."""
        return [s for s in self.sentences if split == ALL or self.splits.get(s.article) == split]

    def measured(self) -> list[Sentence]:
        """The sentences of the measured part, those without any annotated technique too: they are context."""
        return self.part(self.split)


@dataclass(frozen=True, slots=True)
class Scored:
    """Sentences of which some technique is known, with one checkpoint's answers.

    Attributes:
        sentences: n of them.
        gold, mask: (n, k), as `label_matrix` gives them.
        probabilities: (n, k), 0 to 1.
        decisions: (n, k) bool.
        articles: (n,) article codes.
        n_scored: sentences that went through the model (those without any annotated technique too).
        seconds: the scoring took.
        any_decided: (n,) bool, whether the sentence has any technique, where the checkpoint has a cut-off for that; None:
            where an annotated technique is decided.
    """

    sentences: list[Sentence]
    gold: np.ndarray
    mask: np.ndarray
    probabilities: np.ndarray
    decisions: np.ndarray
    articles: np.ndarray
    n_scored: int
    seconds: float
    any_decided: np.ndarray | None = None

    @property
    def answers(self) -> Answers:
        """As figures take them."""
        return Answers(self.probabilities, self.decisions, self.any_decided)

    @property
    def sentences_per_second(self) -> float:
        """Scoring speed of this run, on this machine."""
        return self.n_scored / self.seconds


def data_hash(sentences: Sequence[Sentence]) -> str:
    """Hex sha256 over texts, labels and what is annotated; the order of the sentences plays no part."""
    lines = [
        dump_json([s.article, s.index, s.text, sorted(s.techniques), sorted(s.annotated)])
        for s in sorted(sentences, key=lambda s: (s.article, s.index))
    ]
    return sha256_of_text("\n".join(lines))


def data_block(
    data: str | config.Data | None, *, data_format: str = "auto", inventory_name: str | None = None
) -> config.Data | None:
    """The data that a command line names: a labelled file or folder with format and inventory, or a config's YAML file.

    Args:
        data: path or hub id, YAML file (its block then names its taxonomy, be it the default), a block (kept as it
            is), or None for the checkpoint's own.
        data_format: of a path.
        inventory_name: of a path.

    Raises:
        UserError: no such format, a faulty config, or options that say nothing without a path.
    """
    given = {"format": data_format if data_format != "auto" else None, "inventory": inventory_name}
    if isinstance(data, str) and not data.endswith((".yaml", ".yml")):
        named = {name: value for name, value in given.items() if value is not None}
        return config.parse_config({"data": {"path": data, **named}}, where="command line").data
    useless = [f"--{name}" for name, value in given.items() if value is not None]
    if useless:
        raise UserError(
            f"{' and '.join(useless)} without a path to labelled data", where="command line",
            expected="--data with a file or folder", remedy="a config names format and inventory itself.",
        )  # fmt: skip
    if not isinstance(data, str):
        return data
    block = config.read_config(data).data
    return block.model_copy(update={"taxonomy": block.taxonomy})  # a config names one, be it by default


def read_labelled(
    classifier: Classifier, *, data: config.Data | None, split: str | None, own_default: str = "test"
) -> Labelled:
    """Reads labelled sentences and settles which part of them is measured.

    The division is the checkpoint's own where its split.json covers every article and the sentences it calls training
    are those that were trained on; else it is what the sources give. A corpus with just the techniques of one of the
    checkpoint's heads by source is taken as that source, so that its head scores it.

    Args:
        classifier: an opened checkpoint; labels are translated to its inventory.
        data: what to read; None: what the checkpoint was trained from. Where a block names a taxonomy, that is what
            sources without inventory were annotated with; where it names none, the checkpoint's.
        split: train, dev, test or all; None: `own_default` where the checkpoint's own division holds, else `all`.
        own_default: a split.

    Raises:
        UserError: faulty data, or no sentence with a label in that part.
    """
    if split not in (None, "train", "dev", "test", ALL):
        raise UserError(
            f"split '{split}'", where="command line", expected="train, dev, test or all",
            remedy=did_you_mean(str(split), ("train", "dev", "test", ALL)),
        )  # fmt: skip
    default = inventory(data.taxonomy) if data is not None and "taxonomy" in data.model_fields_set else None
    sentences = load_sentences(data or classifier.config.data, target=classifier.inventory, default=default)
    sentences = as_annotated(sentences, classifier)
    own = own_splits(classifier, sentences)
    splits = own if own is not None else given_splits(sentences)
    chosen = split or (own_default if own is not None else ALL)
    is_own = own is not None and _is_own(classifier, sentences, own)
    found = Labelled(classifier.inventory, sentences, splits, chosen, is_own)
    if not any(sentence.annotated for sentence in found.measured()):
        raise _nothing_to_measure(found, classifier)
    return found


def score_labelled(classifier: Classifier, sentences: Sequence[Sentence], inventory: Inventory) -> Scored:
    """Scores whole articles with a progress bar, and keeps the sentences of which some technique is known.

    Args:
        classifier: its answers are for its own inventory.
        sentences: whole articles, so that context is found.
        inventory: of the labels; it must be the classifier's where the arrays are to be compared.
    """
    classifier.probabilities(sentences[:8])  # the first call pays for lazy initialisation
    with progress_bar() as bar:
        task = bar.add_task(f"scoring ({classifier.name})", total=len(sentences), note="")
        start = time.perf_counter()
        probabilities = classifier.probabilities(sentences, progress=lambda n: bar.advance(task, n)).probabilities
        seconds = time.perf_counter() - start
    known = [row for row, sentence in enumerate(sentences) if sentence.annotated]
    kept = [sentences[row] for row in known]
    gold, mask = label_matrix(kept, inventory)
    # Of labels in another order there is no mask for the checkpoint's probabilities: those who compare settle it.
    own_mask = mask if inventory.ids == classifier.inventory.ids else None
    if own_mask is None:
        answers = Answers(probabilities[known], classifier.decide(probabilities[known]))
    else:
        answers = Answers.by(classifier.decision, probabilities[known], own_mask)
    return Scored(
        kept, gold, mask, answers.probabilities, answers.decisions, article_codes(kept), n_scored=len(sentences),
        seconds=seconds, any_decided=answers.any_decided,
    )  # fmt: skip


def prediction_lines(sentences: Sequence[Sentence], probabilities: np.ndarray, ids: Sequence[str]) -> str:
    """Scores and labels without text, as JSON lines: the form of predictions-dev.jsonl."""
    records: list[dict[str, Any]] = [
        {
            "article": sentence.article, "index": sentence.index, "techniques": list(sentence.techniques),
            "annotated": list(sentence.annotated), "probabilities": dict(zip(ids, row.tolist(), strict=True)),
        }
        for sentence, row in zip(sentences, probabilities, strict=True)
    ]  # fmt: skip
    return "".join(dump_json(record) + "\n" for record in records)


def _is_own(classifier: Classifier, sentences: list[Sentence], splits: Mapping[str, str]) -> bool:
    if {sentence.article for sentence in sentences} != set(splits):
        return False
    prepared = Prepared(classifier.inventory, sentences, splits)
    return bool(prepared.data_hash() == classifier.manifest.get("data", {}).get("sha256"))


def _nothing_to_measure(found: Labelled, classifier: Classifier) -> UserError:
    measured = found.measured()
    if measured:
        return UserError(
            f"{len(measured):,} sentences, and none says anything about a technique of {classifier.name}",
            where="data", expected=f"labels in, or with a crosswalk to, {classifier.inventory.name}",
            remedy="name the inventory that the data was annotated with.",
        )  # fmt: skip
    there = [split for split in ("train", "dev", "test") if split in set(found.splits.values())]
    return UserError(
        f"no sentence in split {found.split}", where="data",
        expected=f"one of: {', '.join([*there, ALL])}", remedy="choose another with --split.",
    )  # fmt: skip
