"""What recurring wording adds to one technique: the values of labelled sentences, and the weight fitted on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spinscope.config import RunConfig
from spinscope.data.encoding import label_matrix
from spinscope.data.repetition import recurrence
from spinscope.errors import UserError, did_you_mean
from spinscope.measure.added_weight import FEWEST_POSITIVES, AddedFit, fit_added_weight
from spinscope.records import Decision, Sentence
from spinscope.taxonomy import Inventory


@dataclass(frozen=True, slots=True)
class Recurring:
    """Recurring wording in n labelled sentences.

    Attributes:
        technique: that it adds to.
        column: of the technique in the label order.
        values: (n,), as `data.repetition.recurrence` gives them.
        trained_on: gold and values, both (m,), of the sentences that the model learned from and that annotate the technique;
            they help to fit the weight. None where they are not at hand.
    """

    technique: str
    column: int
    values: np.ndarray
    trained_on: tuple[np.ndarray, np.ndarray] | None = None

    def fitted(self, gold: np.ndarray, mask: np.ndarray, logits: np.ndarray) -> AddedWeight:
        """The weight by all sentences, beside calibrated logits; shapes (n, k)."""
        return self._fitted(gold, mask, logits, np.ones(len(self.values), dtype=bool))

    def refitted(self, gold: np.ndarray, mask: np.ndarray) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
        """A function of (n,) bool rows and (n, k) calibrated logits: those with what is fitted on the rows alone."""
        return lambda rows, logits: self._fitted(gold, mask, logits, rows).added_to(logits)

    def _fitted(self, gold: np.ndarray, mask: np.ndarray, logits: np.ndarray, rows: np.ndarray) -> AddedWeight:
        known = rows & mask[:, self.column]
        truth = gold[known, self.column]
        n_positives = int(truth.sum())
        if n_positives < FEWEST_POSITIVES:
            return AddedWeight(self, AddedFit(1.0, 0.0, 0.0, heard=False), n_positives)
        found = fit_added_weight(truth, logits[known, self.column], self.values[known], elsewhere=self.trained_on)
        return AddedWeight(self, found, n_positives)


@dataclass(frozen=True, slots=True)
class AddedWeight:
    """What is added to one technique, fitted with `n_positives` of dev; the logit alone where they were too few."""

    recurring: Recurring
    fit: AddedFit
    n_positives: int

    @property
    def is_fitted(self) -> bool:
        """Whether there were positives enough."""
        return self.n_positives >= FEWEST_POSITIVES

    def added_to(self, logits: np.ndarray) -> np.ndarray:
        """(n, k) calibrated logits with it."""
        out, column = np.array(logits, dtype=np.float64), self.recurring.column
        out[:, column] = self.fit.scale * out[:, column] + self.fit.weight * self.recurring.values + self.fit.shift
        return out

    def on_top_of(self, slopes: np.ndarray, intercepts: np.ndarray) -> tuple[np.ndarray, np.ndarray, tuple[float, ...]]:
        """(n_techniques,) slopes and intercepts of a calibration and of this in one, and weights; none where none is fitted."""
        slopes, intercepts, weights = slopes.copy(), intercepts.copy(), np.zeros(len(slopes))
        column = self.recurring.column
        slopes[column] *= self.fit.scale
        intercepts[column] = self.fit.scale * intercepts[column] + self.fit.shift
        weights[column] = self.fit.weight
        return slopes, intercepts, tuple(map(float, weights)) if self.is_fitted else ()

    def to_dict(self) -> dict[str, Any]:
        """For `Decision.fitted_on`."""
        told = {"technique": self.recurring.technique, "n_positives": self.n_positives, "fitted": self.is_fitted}
        learned = self.recurring.trained_on
        return {**told, "n_positives_trained_on": int(learned[0].sum())} if learned and self.fit.heard else told


def told_of(decision: Decision) -> str:
    """What was fitted for recurring wording, or why nothing was; '' where nobody asked."""
    found = decision.fitted_on.get("recurrence")
    if not found:
        return ""
    name, n_positives = found["technique"], found["n_positives"]
    if not found["fitted"]:
        return (
            f"recurring wording: no weight for {name}, because dev has {n_positives} positives of it and a weight needs "
            f"{FEWEST_POSITIVES}"
        )
    weight = decision.recurrence_weights[decision.techniques.index(name)]
    others = found.get("n_positives_trained_on")
    of_others = "" if others is None else f" and {others:,} of the training part"
    return f"recurring wording adds {weight:+.2f} log-odds a unit to {name} (fitted on {n_positives} positives of dev{of_others})"


def recurring_of(
    config: RunConfig, inventory: Inventory, sentences: Sequence[Sentence], *, trained_on: Sequence[Sentence] | None = None
) -> Recurring | None:
    """Of whole articles, `sentences` that the weight is fitted on and `trained_on` that help; None where the config asks
    for nothing. Raises UserError as `repeated_technique` does.
    """
    technique = repeated_technique(config, inventory)
    if technique is None:
        return None
    column, learned = inventory.index(technique), None
    if trained_on is not None:
        gold, mask = label_matrix(trained_on, inventory)
        known = mask[:, column]
        learned = gold[known, column], recurrence(trained_on)[known]
    return Recurring(technique, column, recurrence(sentences), learned)


def repeated_technique(config: RunConfig, inventory: Inventory) -> str | None:
    """The id of the technique that `model.repetition` names, or None.

    Raises:
        UserError: a technique that the inventory does not have.
    """
    named = config.model.repetition
    if named is None:
        return None
    found = inventory.resolve(named)
    if found is None:
        raise UserError(
            f"no technique '{named}' in {inventory.name}", where="model.repetition",
            expected="the technique that recurring wording adds to, or null", remedy=did_you_mean(named, inventory.ids),
        )  # fmt: skip
    return found
