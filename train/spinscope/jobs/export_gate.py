"""The measurements that an export must pass: its answers beside float32's on labelled sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from spinscope.data.encoding import article_codes, contexts_of, label_matrix
from spinscope.data.repetition import recurrence
from spinscope.jobs.labelled import Labelled, data_hash
from spinscope.measure.gates import (
    Agreement,
    Answers,
    Bounds,
    QualityDifference,
    agreement,
    broken_bounds,
    quality_difference,
)
from spinscope.model.prediction import Classifier, sigmoid
from spinscope.model.scorers import Scorer

ARRANGEMENTS = 3
"""Divisions of the sentences into halves that are scored apart, to see how far a score moves with its neighbours."""

ALONE = 64
"""Sentences that are also scored all by themselves."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What one engine answers on labelled sentences, beside float32.

    Attributes:
        engine: its name.
        found: how far its answers are from float32's.
        quality: its macro F1 beside float32's.
        neighbours: its answers with the sentences in other batches, beside its own.
        bounds: what was asked.
        broken: bounds that do not hold, with the figures.
    """

    engine: str
    found: Agreement
    quality: QualityDifference
    neighbours: Agreement
    bounds: Bounds
    broken: list[str]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "gate": {"bounds": asdict(self.bounds), "broken": list(self.broken)},
            "agreement": self.found.to_dict(),
            "macro_f1": asdict(self.quality),
            "neighbours": self.neighbours.to_dict(),
        }

    def rows(self) -> Mapping[str, str]:
        """For the terminal: figure -> text, with its bound."""
        quality, bounds = self.quality, self.bounds

        def beside(text: str, bound: str) -> str:
            return f"{text} (bound {bound})" if bound else text

        def share(fraction: float, count: int, bound: float | None) -> str:
            return beside(f"{count:,}, {fraction:.2%}", "" if bound is None else f"{bound:.2%}")

        largest, loss = bounds.probability_difference, bounds.macro_f1_loss
        interval = (
            "" if quality.low is None or quality.high is None else f" ({quality.low:+.4f} to {quality.high:+.4f})"
        )
        difference = "-" if quality.difference is None else f"{quality.difference:+.4f}{interval}"
        return {
            "largest difference of a probability": beside(
                f"{self.found.largest_difference:.2g}", "" if largest is None else f"{largest:.2g}"
            ),
            "decisions flipped": share(self.found.flipped_fraction, self.found.n_flipped, bounds.flipped_fraction),
            "of those positive in float32": share(
                self.found.flipped_positive_fraction, self.found.n_flipped_positive, bounds.flipped_positive_fraction
            ),
            "macro F1 difference": beside(difference, "" if loss is None else f"above {-loss:+.4f}"),
            "moved by neighbours, at most": f"{self.neighbours.largest_difference:.2g}",
        }


@dataclass(frozen=True, slots=True)
class MeasuredSentences:
    """Labelled sentences with float32's answers.

    Attributes:
        classifier: in float32.
        texts, contexts: (n,) as scored.
        reference: float32's answers.
        known: (n,) bool, where some technique is annotated.
        gold, mask: of the known sentences, as `label_matrix` gives them.
        articles: their article codes.
        told: which data it is, for the manifest.
        recurrence: (n,) of recurring wording, where the checkpoint asks for it.
    """

    classifier: Classifier
    texts: list[str]
    contexts: list[str]
    reference: Answers
    known: np.ndarray
    gold: np.ndarray
    mask: np.ndarray
    articles: np.ndarray
    told: Mapping[str, Any]
    recurrence: np.ndarray | None = None

    @classmethod
    def of(cls, classifier: Classifier, labelled: Labelled) -> MeasuredSentences:
        """Scores the measured part in float32."""
        sentences = labelled.measured()
        known = np.array([bool(sentence.annotated) for sentence in sentences])
        kept = [sentence for sentence in sentences if sentence.annotated]
        texts = [sentence.text for sentence in sentences]
        contexts = contexts_of(sentences, classifier.config.model.context)
        values = recurrence(sentences) if classifier.recurrence_weights is not None else None
        told = {
            "sha256": data_hash(kept), "split": labelled.split, "is_own": labelled.is_own, "n_sentences": len(sentences),
            "n_articles": len({sentence.article for sentence in sentences}),
        }  # fmt: skip
        return cls(
            classifier, texts, contexts, answers_of(classifier, classifier.scorer, texts, contexts, values), known,
            *label_matrix(kept, labelled.inventory), article_codes(kept), told, values,
        )  # fmt: skip

    def gate(self, engine: str, scorer: Scorer, *, bounds: Bounds) -> Gate:
        """What `scorer` answers to the same sentences, and whether that is within bounds."""
        answers = answers_of(self.classifier, scorer, self.texts, self.contexts, self.recurrence)
        found = agreement(self.reference, answers)
        chosen = [
            Answers(each.probabilities[self.known], each.decisions[self.known]) for each in (self.reference, answers)
        ]
        quality = quality_difference(self.gold, self.mask, self.articles, *chosen)
        neighbours = self._moved(scorer, answers)
        return Gate(engine, found, quality, neighbours, bounds, broken_bounds(found, quality, bounds))

    def _moved(self, scorer: Scorer, answers: Answers) -> Agreement:
        """The scorer's answers beside its own when the sentences stand in other batches."""
        rng = np.random.default_rng(0)
        n = len(self.texts)
        parts = [rows for _ in range(ARRANGEMENTS) for rows in np.array_split(rng.permutation(n), min(2, n))]
        parts += [np.array([row]) for row in rng.permutation(n)[:ALONE]]
        again = [
            answers_of(
                self.classifier, scorer, [self.texts[row] for row in rows], [self.contexts[row] for row in rows],
                None if self.recurrence is None else self.recurrence[rows],
            )
            for rows in parts
        ]
        order = np.concatenate(parts)
        return agreement(
            Answers(answers.probabilities[order], answers.decisions[order]),
            Answers(np.concatenate([a.probabilities for a in again]), np.concatenate([a.decisions for a in again])),
        )


def answers_of(
    classifier: Classifier, scorer: Scorer, texts: list[str], contexts: list[str], recurrence: np.ndarray | None = None
) -> Answers:
    """A scorer's probabilities, with the decisions that the classifier takes from them.

    `recurrence` (n,) is what `data.repetition` says of the texts; None: they stand alone.
    """
    probabilities = sigmoid(classifier.with_recurrence(scorer.logits(texts, contexts)[0], recurrence))
    return Answers(probabilities, classifier.decide(probabilities))
