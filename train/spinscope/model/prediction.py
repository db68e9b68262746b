"""Sentences to logits to probabilities to decisions: the one home of all three, whatever the backend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinscope.config import RunConfig
from spinscope.data.encoding import contexts_of
from spinscope.data.repetition import recurrence
from spinscope.errors import UserError
from spinscope.model.batching import PreparedTexts, Progress
from spinscope.model.scorers import Scorer
from spinscope.model.source_heads import as_if_from, with_sources
from spinscope.records import Decision, Sentence
from spinscope.taxonomy import Inventory

if TYPE_CHECKING:
    from spinscope.model.article_scoring import ScoredArticle

Bands = tuple[tuple[float, ...], tuple[float, ...]]
"""Lower and upper ends of the probabilities, one of each technique, between which nothing is decided."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """Scores of n sentences.

    `probabilities`: (n_sentences, n_techniques) float64, 0 to 1, in the inventory's order.
    `n_windows`: (n_sentences,) windows each sentence was scored in; more than 1 where it was too long for one.
    """

    probabilities: np.ndarray
    n_windows: np.ndarray


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Probabilities of logits, in float64, without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * logits.astype(np.float64)))


def undecided(decision: Decision, probabilities: np.ndarray, bands: Bands | None = None) -> np.ndarray | None:
    """See `Classifier.undecided`."""
    lows, highs = bands or (decision.band_lows, decision.band_highs)
    return np.asarray((probabilities > np.array(lows)) & (probabilities < np.array(highs))) if lows else None


def any_probability(probabilities: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """(n_sentences,) probability that a sentence has any technique, as if they were independent: 1 - prod (1 - p).

    Args:
        probabilities: (n_sentences, n_techniques), 0 to 1.
        mask: (n_sentences, n_techniques) bool, True for the techniques that are asked for; None: all.
    """
    asked = probabilities if mask is None else np.where(mask, probabilities, 0.0)
    return np.asarray(1.0 - np.prod(1.0 - asked, axis=1))


def decide_any(decision: Decision, probabilities: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """See `Classifier.decide_any`."""
    if decision.any_threshold is not None:
        return np.asarray(any_probability(probabilities, mask) >= decision.any_threshold)
    decided = probabilities >= np.array(decision.thresholds)
    return np.asarray((decided if mask is None else decided & mask).any(axis=1))


def any_technique(decision: Decision, probabilities: np.ndarray) -> list[tuple[float, bool]] | None:
    """Of each of n sentences the probability of any technique, and whether it reaches the cut-off; None without one."""
    if decision.any_threshold is None:
        return None
    values = any_probability(probabilities)
    return list(zip(values.tolist(), (values >= decision.any_threshold).tolist(), strict=True))


class Classifier:
    """A trained classifier with its inventory and its decision: what every verb after training works with.

    Attributes:
        name: of the checkpoint folder.
        identity: hex sha256 over weights, config, tokenizer, taxonomy and decision; '' before it is saved.
        path: the checkpoint folder, or None before it is saved.
        manifest: what the folder's manifest.json says.
        engine: that computes the logits.
        threads: of the engine.
    """

    def __init__(
        self,
        scorer: Scorer,
        *,
        inventory: Inventory,
        decision: Decision,
        config: RunConfig,
        name: str = "unsaved",
        identity: str = "",
        path: Path | None = None,
        manifest: Mapping[str, Any] | None = None,
        engine: str = "torch",
        threads: int = 1,
    ) -> None:
        if decision.techniques != inventory.ids:
            raise UserError(
                f"thresholds for {len(decision.techniques)} techniques ({', '.join(decision.techniques[:3])}, ...)",
                where=name,
                expected=f"the {len(inventory.ids)} of {inventory.name}, in its order",
                remedy="decision and taxonomy come from different checkpoints: restore the folder.",
            )
        self.scorer, self.inventory, self.decision, self.config = scorer, inventory, decision, config
        self.name, self.identity, self.path, self.manifest = name, identity, path, dict(manifest or {})
        self.engine, self.threads = engine, threads

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes of the languages it was trained on."""
        return tuple(self.config.data.languages)

    @cached_property
    def thresholds(self) -> np.ndarray:
        """(n_techniques,) cut-offs, 0 to 1."""
        return np.array(self.decision.thresholds, dtype=np.float64)

    @cached_property
    def recurrence_weights(self) -> np.ndarray | None:
        """(n_techniques,) what recurring wording adds to logits; None where it adds nothing."""
        weights = np.array(self.decision.recurrence_weights, dtype=np.float64)
        return weights if weights.any() else None

    def training_hashes(self) -> set[str]:
        """`text_hash` of each sentence it was trained on (empty where the checkpoint keeps none)."""
        file = self.path / "training-sentences.txt" if self.path else None
        return set(file.read_text(encoding="utf-8").split()) if file and file.is_file() else set()

    def probabilities(self, sentences: Sequence[Sentence], *, progress: Progress | None = None) -> Prediction:
        """Scores sentences; context (previous sentence, title) and recurring wording come from the other sentences given
        of the same article.
        """
        return self.run(self.prepare(sentences), progress=progress)

    def prepare(self, sentences: Sequence[Sentence]) -> PreparedTexts:
        """The part of `probabilities` that needs no model, so that it may run beside another `run`."""
        contexts = contexts_of(sentences, self.config.model.context)
        prepared = self.scorer.prepare([sentence.text for sentence in sentences], contexts)
        prepared = with_sources(prepared, self.scorer, sentences)
        if self.recurrence_weights is None:
            return prepared
        return replace(prepared, recurrence=recurrence(sentences))

    def run(self, prepared: PreparedTexts, *, progress: Progress | None = None) -> Prediction:
        """Scores what `prepare` made; rows in its order."""
        logits, n_windows = self.scorer.run(prepared, progress)
        return Prediction(sigmoid(self.with_recurrence(logits, prepared.recurrence)), n_windows)

    def with_recurrence(self, logits: np.ndarray, values: np.ndarray | None) -> np.ndarray:
        """(n, n_techniques) logits with what recurring wording adds to each; `values` (n,), None: of lone sentences."""
        if values is None or self.recurrence_weights is None:
            return logits
        return logits.astype(np.float64) + values[:, None] * self.recurrence_weights

    def decide(self, probabilities: np.ndarray) -> np.ndarray:
        """(n_sentences, n_techniques) bool: True where the probability reaches the technique's threshold."""
        return probabilities >= self.thresholds

    def decide_any(self, probabilities: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        """(n_sentences,) bool: whether the sentence has any technique.

        Where the decision has an `any_threshold`, by the probability of any (`any_probability`); else where some technique
        is decided.

        Args:
            probabilities: (n_sentences, n_techniques), 0 to 1.
            mask: (n_sentences, n_techniques) bool; techniques where it is False are not looked at. None: all are.
        """
        return decide_any(self.decision, probabilities, mask)

    def undecided(self, probabilities: np.ndarray, bands: Bands | None = None) -> np.ndarray | None:
        """(n_sentences, n_techniques) bool: True where the probability lies within the technique's band of doubt.

        Args:
            probabilities: (n_sentences, n_techniques), 0 to 1.
            bands: lower and upper ends; None: the checkpoint's, and without them the result is None.
        """
        return undecided(self.decision, probabilities, bands)

    def predict(self, texts: str | Sequence[str], *, as_source: str | None = None) -> list[dict[str, Any]]:
        """Scores texts one by one, without context; nothing recurs in a text alone.

        Args:
            texts: one, or several.
            as_source: the source whose head scores them, for a checkpoint that has one for each; None: the mean of all.

        Returns:
            per text {"text", "techniques": decided ids, "probabilities": {id: 0 to 1}}; where the checkpoint carries a
            band of doubt, "abstained": the ids within it; where it has a cut-off for any technique, "any_technique":
            {"probability": 0 to 1 that the text has any, "decided": whether that is said of it}.
        """
        texts = [texts] if isinstance(texts, str) else list(texts)
        lone = [Sentence(str(index), 0, 0, len(text), text) for index, text in enumerate(texts)]
        sentences = as_if_from(as_source, lone, self)
        probabilities = self.probabilities(sentences).probabilities
        decisions = self.decide(probabilities)
        ids = self.inventory.ids
        doubtful = self.undecided(probabilities)
        told: list[dict[str, Any]] = [
            {
                "text": text,
                "techniques": [technique for technique, decided in zip(ids, row_decisions, strict=True) if decided],
                "probabilities": dict(zip(ids, row.tolist(), strict=True)),
            }
            for text, row, row_decisions in zip(texts, probabilities, decisions, strict=True)
        ]
        for one, inside in zip(told, doubtful if doubtful is not None else (), strict=False):
            one["abstained"] = [technique for technique, yes in zip(ids, inside, strict=True) if yes]
        for one, (value, said) in zip(told, any_technique(self.decision, probabilities) or (), strict=False):
            one["any_technique"] = {"probability": value, "decided": said}
        return told

    def score_articles(self, articles: Iterable[Any], *, as_source: str | None = None) -> Iterator[ScoredArticle]:
        """Yields each article with its scored sentences; see `spinscope.model.article_scoring.score_articles`."""
        from spinscope.model.article_scoring import score_articles

        return score_articles(self, articles, as_source=as_source)

    def score_rows(
        self, rows: Mapping[str, Sequence[Any]], *, text_column: str = "text", id_column: str = "id"
    ) -> dict[str, list[Any]]:
        """Columns of articles to columns of scored sentences, for `datasets.Dataset.map(batched=True)`."""
        from spinscope.model.article_scoring import score_rows

        return score_rows(self, rows, text_column=text_column, id_column=id_column)
