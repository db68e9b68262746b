"""What a checkpoint has seen of labelled sentences: figures on what it learned from would flatter it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from spinscope.data.duplicates import MIN_WORDS, SHARED_FRACTION, text_hash
from spinscope.files import read_json
from spinscope.model.prediction import Classifier
from spinscope.records import Sentence

TUNING_SENTENCES = "tuning-sentences.txt"
"""In a tuned checkpoint: `text_hash` of each sentence that its thresholds were chosen on."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Articles, by id, that a checkpoint was trained on, tuned on, or had in its dev part; `n_articles` in question."""

    checkpoint: str
    n_articles: int
    trained: list[str]
    tuned: list[str]
    dev: list[str]

    def told(self) -> list[str]:
        """One sentence for each kind of exposure there is."""
        name = self.checkpoint
        kinds = (
            (self.trained, f"are among those {name} was trained on"),
            (self.tuned, f"are among those {name} was tuned on"),
            (self.dev, f"are in the dev part, on which weights, calibration and thresholds of {name} were chosen"),
        )
        return [
            f"{len(found)} of {self.n_articles} articles {what}: {_listed(found)}" for found, what in kinds if found
        ]


def exposure(classifier: Classifier, measured: Sequence[Sentence], everything: Sequence[Sentence]) -> Exposure:
    """What the checkpoint has seen of the measured articles.

    Args:
        classifier: an opened checkpoint.
        measured: whole articles.
        everything: all articles that were read with them, by which the checkpoint's own division is recognised.
    """
    articles = {sentence.article for sentence in measured}
    splits = own_splits(classifier, everything) or {}
    tuned = tuning_hashes(classifier)
    return Exposure(
        classifier.name,
        len(articles),
        trained=seen_articles(measured, classifier.training_hashes()),
        tuned=seen_articles(measured, tuned) if tuned else [],
        # Tuning replaces the thresholds that dev had chosen; of a tuned checkpoint, dev has still chosen the weights.
        dev=sorted(article for article in articles if splits.get(article) == "dev"),
    )


def own_splits(classifier: Classifier, sentences: Sequence[Sentence]) -> dict[str, str] | None:
    """The checkpoint's division, article id -> split, where it is a division of these sentences; else None."""
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


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
