"""The weight of something known beside a model's calibrated logit, fitted on labelled sentences."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

FEWEST_POSITIVES = 20
"""With fewer a weight says more of those few than of the technique: none is fitted."""

DEVIATIONS = (0.5, 0.5, 2.0)
"""Standard deviations of log scale, weight (for a change of one in the values) and shift around no change at all."""


REFUTED = 5.4
"""Nats: losing more than that refutes a weight. Half of the 99.9 % point of chi-squared with one degree of freedom, not of
the 95 % point, for sentences of one article say less than as many of different ones."""


class AddedFit(NamedTuple):
    """p = sigmoid(scale * logit + weight * value + shift); `heard`: sentences elsewhere had a part in it."""

    scale: float
    weight: float
    shift: float
    heard: bool


def fit_added_weight(gold: Any, logits: Any, values: Any, *, elsewhere: tuple[Any, Any] | None = None) -> AddedFit:
    """Scale, weight and shift of p = sigmoid(scale * logit + weight * value + shift), by penalised logistic likelihood.

    All three have a Gaussian prior around no change (`DEVIATIONS`), so that few positives move little. The scale is
    positive, and below 1 where the values tell a part of what the logit told by itself. What a weight of so much means
    depends on the scale of the logit: fitted beside one that is not calibrated, the prior pulls by another amount.

    Sentences `elsewhere`, of which no logit is fit to be used (the model has learned from them), have the same weight
    and a shift of their own: p = sigmoid(weight * value + shift elsewhere). Some hundred positives there steady a weight
    for which the few here are hardly enough. What logit and value tell alike counts twice in it; where that is much, the
    fit to both loses more than `REFUTED` here against the fit without them, and that one is taken.

    Args:
        gold: (n,) of 0/1.
        logits: (n,), calibrated.
        values: (n,) finite numbers.
        elsewhere: gold and values, both (m,).
    """
    gold, logits, values = (np.asarray(array, dtype=np.float64) for array in (gold, logits, values))
    nothing = np.zeros(0)
    alone, loss_alone = _fitted(gold, logits, values, nothing, nothing)
    gold_there, values_there = (np.asarray(array, dtype=np.float64) for array in elsewhere or (nothing, nothing))
    if not gold_there.any():
        return AddedFit(*alone, heard=False)
    both, loss_of_both = _fitted(gold, logits, values, gold_there, values_there)
    heard = loss_of_both - loss_alone <= REFUTED
    return AddedFit(*(both if heard else alone), heard=heard)


def _fitted(
    gold: np.ndarray, logits: np.ndarray, values: np.ndarray, gold_there: np.ndarray, values_there: np.ndarray
) -> tuple[tuple[float, float, float], float]:
    """(scale, weight, shift), and their negative log-likelihood here, in nats and without the penalty."""
    from scipy.optimize import minimize
    from scipy.special import expit

    precision = 1 / np.square((*DEVIATIONS, 10.0))

    def loss(parameters: Any) -> tuple[float, Any]:
        scaled = np.exp(parameters[0]) * logits
        summed, summed_there = scaled + parameters[1] * values + parameters[2], parameters[1] * values_there + parameters[3]
        error, error_there = expit(summed) - gold, expit(summed_there) - gold_there
        penalty = 0.5 * (precision * parameters**2).sum()
        gradient = np.array([error @ scaled, error @ values + error_there @ values_there, error.sum(), error_there.sum()])
        return float(_lost(gold, summed) + _lost(gold_there, summed_there) + penalty), gradient + precision * parameters

    log_scale, weight, shift, _ = minimize(
        loss, np.zeros(4), jac=True, method="L-BFGS-B", options={"ftol": 1e-12, "gtol": 1e-7}
    ).x
    scale = np.exp(log_scale)
    return (float(scale), float(weight), float(shift)), _lost(gold, scale * logits + weight * values + shift)


def _lost(gold: np.ndarray, logits: np.ndarray) -> float:
    return float((np.logaddexp(0, logits) - gold * logits).sum())
