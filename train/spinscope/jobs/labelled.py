"""Labelled sentences for the verbs that measure: what is read, which part, and what a checkpoint has seen of it."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from spinscope import config
from spinscope.data.corpora import load_sentences
from spinscope.data.duplicates import MIN_WORDS, SHARED_FRACTION, text_hash
from spinscope.data.encoding import article_codes, label_matrix
from spinscope.data.splits import given_splits
from spinscope.errors import UserError, did_you_mean
from spinscope.files import dump_json, read_json, sha256_of_text
from spinscope.jobs.progress import progress_bar
from spinscope.jobs.training import Prepared
from spinscope.model.prediction import Classifier
from spinscope.records import Sentence
from spinscope.taxonomy import Inventory

TUNING_SENTENCES = "tuning-sentences.txt"
"""In a tuned checkpoint: `text_hash` of each sentence that its thresholds were chosen on."""

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
    """

    sentences: list[Sentence]
    gold: np.ndarray
    mask: np.ndarray
    probabilities: np.ndarray
    decisions: np.ndarray
    articles: np.ndarray
    n_scored: int
    seconds: float

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


def read_labelled(classifier: Classifier, *, data: config.Data | None, split: str | None) -> Labelled:
    """Reads labelled sentences and settles which part of them is measured.

    The division is the checkpoint's own where its split.json covers every article and the sentences it calls training
    are those that were trained on; else it is what the sources give.

    Args:
        classifier: an opened checkpoint; labels are translated to its inventory.
        data: what to read; None: what the checkpoint was trained from.
        split: train, dev, test or all; None: `test` where the checkpoint's own division holds, else `all`.

    Raises:
        UserError: faulty data, or no sentence with a label in that part.
    """
    if split not in (None, "train", "dev", "test", ALL):
        raise UserError(
            f"split '{split}'", where="command line", expected="train, dev, test or all",
            remedy=did_you_mean(str(split), ("train", "dev", "test", ALL)),
        )  # fmt: skip
    sentences = load_sentences(data or classifier.config.data, target=classifier.inventory)
    own = _own_splits(classifier, sentences)
    splits = own if own is not None else given_splits(sentences)
    chosen = split or ("test" if own is not None else ALL)
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
    decisions = classifier.decide(probabilities[known])
    return Scored(
        kept, gold, mask, probabilities[known], decisions, article_codes(kept), n_scored=len(sentences), seconds=seconds
    )


def seen_articles(sentences: Sequence[Sentence], hashes: Collection[str]) -> list[str]:
    """The articles that stand in `hashes`: a fifth or more of their sentences of six words or longer does.

    Of an article without such a sentence, any one is enough.

    Args:
        sentences: whole articles.
        hashes: `text_hash` values.
    """
    counted: dict[str, list[bool]] = {}
    short: dict[str, list[bool]] = {}
    for sentence in sentences:
        is_long = len(sentence.text.split()) >= MIN_WORDS
        (counted if is_long else short).setdefault(sentence.article, []).append(text_hash(sentence.text) in hashes)
    by_long = {article for article, found in counted.items() if sum(found) >= len(found) * SHARED_FRACTION}
    by_short = {article for article, found in short.items() if article not in counted and any(found)}
    return sorted(by_long | by_short)


def tuning_hashes(classifier: Classifier) -> set[str]:
    """`text_hash` of each sentence that the checkpoint was tuned on (empty where it was not)."""
    file = classifier.path / TUNING_SENTENCES if classifier.path else None
    return set(file.read_text(encoding="utf-8").split()) if file and file.is_file() else set()


def hash_lines(sentences: Sequence[Sentence]) -> str:
    """The text hashes of sentences, sorted, one a line: the form of training-sentences.txt."""
    return "".join(f"{value}\n" for value in sorted({text_hash(sentence.text) for sentence in sentences}))


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


def _own_splits(classifier: Classifier, sentences: Sequence[Sentence]) -> dict[str, str] | None:
    """The checkpoint's division, where it is a division of these sentences."""
    file = classifier.path / "split.json" if classifier.path else None
    if file is None or not file.is_file():
        return None
    splits: dict[str, str] = read_json(Path(file))
    articles = {sentence.article for sentence in sentences}
    if not articles <= splits.keys():
        return None
    # Article ids like "1" coincide by chance: what the division calls training must have been trained on.
    training = [sentence for sentence in sentences if splits[sentence.article] == "train"]
    seen = seen_articles(training, classifier.training_hashes())
    return splits if set(seen) == {sentence.article for sentence in training} else None


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
