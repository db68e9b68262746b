"""What recurring wording adds to one technique: the values of labelled sentences, and the weight fitted on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spinscope.config import RunConfig
from spinscope.data.repetition import recurrence
from spinscope.errors import UserError, did_you_mean
from spinscope.measure.added_weight import FEWEST_POSITIVES, fit_added_weight
from spinscope.records import Decision, Sentence
from spinscope.taxonomy import Inventory


@dataclass(frozen=True, slots=True)
class Recurring:
    """Recurring wording in n labelled sentences.

    Attributes:
        technique: that it adds to.
        column: of the technique in the label order.
        values: (n,), as `data.repetition.recurrence` gives them.
    """

    technique: str
    column: int
    values: np.ndarray

    def fitted(self, gold: np.ndarray, mask: np.ndarray, logits: np.ndarray) -> AddedWeight:
        """The weight by all sentences; shapes (n, k)."""
        return self._fitted(gold, mask, logits, np.ones(len(self.values), dtype=bool))

    def refitted(
        self, gold: np.ndarray, mask: np.ndarray, logits: np.ndarray
    ) -> Callable[[np.ndarray], np.ndarray]:  # fmt: skip
        """A function of (n,) bool rows: the logits of all sentences with what is fitted on those rows alone."""
        return lambda rows: self._fitted(gold, mask, logits, rows).added_to(logits)

    def _fitted(self, gold: np.ndarray, mask: np.ndarray, logits: np.ndarray, rows: np.ndarray) -> AddedWeight:
        known = rows & mask[:, self.column]
        truth = gold[known, self.column]
        n_positives = int(truth.sum())
        weight, shift = 0.0, 0.0
        if n_positives >= FEWEST_POSITIVES:
            weight, shift = fit_added_weight(truth, logits[known, self.column], self.values[known])
        return AddedWeight(self, weight, shift, n_positives)


@dataclass(frozen=True, slots=True)
class AddedWeight:
    """p = sigmoid(logit + weight * value + shift) of one technique; both 0 where there were too few positives."""

    recurring: Recurring
    weight: float
    shift: float
    n_positives: int

    @property
    def is_fitted(self) -> bool:
        """Whether there were positives enough."""
        return self.n_positives >= FEWEST_POSITIVES

    def added_to(self, logits: np.ndarray) -> np.ndarray:
        """(n, k) logits with it."""
        out = np.array(logits, dtype=np.float64)
        out[:, self.recurring.column] += self.weight * self.recurring.values + self.shift
        return out

    def columns(self, slopes: np.ndarray) -> tuple[tuple[float, ...], np.ndarray]:
        """(n_techniques,) weights and shifts once logits are multiplied by `slopes`; no weights where none is fitted."""
        weights, shifts = np.zeros(len(slopes)), np.zeros(len(slopes))
        column = self.recurring.column
        weights[column], shifts[column] = self.weight * slopes[column], self.shift * slopes[column]
        return tuple(map(float, weights)) if self.is_fitted else (), shifts

    def to_dict(self) -> dict[str, Any]:
        """For `Decision.fitted_on`."""
        return {"technique": self.recurring.technique, "n_positives": self.n_positives, "fitted": self.is_fitted}


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
    return f"recurring wording adds {weight:+.2f} log-odds a unit to {name} (fitted on {n_positives} positives of dev)"


def recurring_of(config: RunConfig, inventory: Inventory, sentences: Sequence[Sentence]) -> Recurring | None:
    """Of whole articles; None where the config asks for nothing. Raises UserError as `repeated_technique` does."""
    technique = repeated_technique(config, inventory)
    if technique is None:
        return None
    return Recurring(technique, inventory.index(technique), recurrence(sentences))


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
