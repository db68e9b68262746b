"""The selection effect of a checkpoint: its F1 on dev, where its thresholds were chosen, minus that on other sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from spinscope.jobs.deciding import cross_fitted_answers
from spinscope.jobs.dev_answers import DevAnswers, dev_answers
from spinscope.jobs.exposure import Exposure
from spinscope.measure.article_sums import Resampling
from spinscope.measure.calibration import FOLDABLE, Method
from spinscope.measure.selection import Effect, selection_effects
from spinscope.model.prediction import Classifier

AVERAGED = ("micro_f1", "macro_f1")
"""What the tables of a comparison show; techniques are on the page and in the JSON."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The selection effect of one checkpoint.

    Attributes:
        checkpoint: its name.
        effects: `micro_f1`, `macro_f1` and techniques -> F1 on dev, on the sentences measured, and the difference.
        why_not: why there are none; '' where there are.
    """

    checkpoint: str
    effects: Mapping[str, Effect] = field(default_factory=dict)
    why_not: str = ""

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "checkpoint": self.checkpoint, "effects": {name: one.to_dict() for name, one in self.effects.items()},
            "why_not": self.why_not,
        }  # fmt: skip


def selection_of(
    classifier: Classifier,
    measured: tuple[np.ndarray, np.ndarray, np.ndarray],
    *,
    articles: np.ndarray,
    techniques: Sequence[str],
    seen: Exposure,
) -> Selection:
    """The effect on some of a checkpoint's techniques.

    Args:
        classifier: an opened checkpoint; its dev predictions are what is held against the sentences measured.
        measured: (n, k) gold, mask and decisions of those techniques.
        articles: (n,) article codes.
        techniques: k names.
        seen: what the checkpoint has seen of the sentences measured; of its own dev part nothing can be said.
    """
    dev = dev_answers(classifier)
    if dev is None:
        return Selection(classifier.name, why_not="the checkpoint keeps no predictions on dev")
    chosen_here = {*seen.tuned, *seen.dev}
    if chosen_here:
        told = f"{len(chosen_here)} of these {seen.n_articles} articles had a part in choosing its thresholds or weights"
        return Selection(classifier.name, why_not=told)
    return Selection(classifier.name, effects_on(classifier, dev, measured, articles=articles, techniques=techniques))


def effects_on(
    classifier: Classifier,
    dev: DevAnswers,
    measured: tuple[np.ndarray, np.ndarray, np.ndarray],
    *,
    articles: np.ndarray,
    techniques: Sequence[str],
) -> Mapping[str, Effect]:
    """`selection_effects` of the checkpoint's decisions; see `selection_of`, `dev` being its predictions there."""
    rules, method = classifier.config.evaluation, classifier.decision.calibration
    # A checkpoint tuned twice carries two calibrations, of which only the sum is known.
    known: Method = next((one for one in FOLDABLE if one == method), "none")
    logits = dev.logits if known == method else np.log(dev.probabilities) - np.log1p(-dev.probabilities)
    crossed = cross_fitted_answers(classifier.config, dev.gold, dev.mask, logits, dev.articles, method=known)
    columns = np.array([classifier.inventory.index(technique) for technique in techniques])
    rows = dev.mask[:, columns].any(axis=1)
    gold, mask, chosen, without = (
        array[rows][:, columns] for array in (dev.gold, dev.mask, classifier.decide(dev.probabilities), crossed.decisions)
    )
    return selection_effects(
        (gold, mask, chosen, without), measured,
        articles=(_codes(dev.articles[rows]), _codes(articles)), techniques=techniques,
        rules=Resampling(rules.confidence, rules.seed),
    )  # fmt: skip


def _codes(articles: np.ndarray) -> np.ndarray:
    """The same articles, numbered without gaps: each number counts as an article that may be left out."""
    return np.unique(articles, return_inverse=True)[1]
