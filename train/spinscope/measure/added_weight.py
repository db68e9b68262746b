"""The weight of something known beside a model's calibrated logit, fitted on labelled sentences."""

from __future__ import annotations

from typing import Any

import numpy as np

FEWEST_POSITIVES = 20
"""With fewer a weight says more of those few than of the technique: none is fitted."""

DEVIATIONS = (0.5, 0.5, 2.0)
"""Standard deviations of log scale, weight (for a change of one in the values) and shift around no change at all."""


def fit_added_weight(gold: Any, logits: Any, values: Any, *, elsewhere: tuple[Any, Any] | None = None) -> tuple[float, float, float]:
    """(scale, weight, shift) of p = sigmoid(scale * logit + weight * value + shift), by penalised logistic likelihood.

    All three have a Gaussian prior around no change (`DEVIATIONS`), so that few positives move little. The scale is
    positive, and below 1 where the values tell a part of what the logit told by itself. What a weight of so much means
    depends on the scale of the logit: fitted beside one that is not calibrated, the prior pulls by another amount.

    Sentences `elsewhere`, of which no logit is fit to be used (the model has learned from them), have the same weight
    and a shift of their own: p = sigmoid(weight * value + shift elsewhere). Some hundred positives there steady a weight
    for which the few here are hardly enough. What logit and value tell alike is counted twice in it; the scale answers
    for that.

    Args:
        gold: (n,) of 0/1.
        logits: (n,), calibrated.
        values: (n,) finite numbers.
        elsewhere: gold and values, both (m,).
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    gold, logits, values = (np.asarray(array, dtype=np.float64) for array in (gold, logits, values))
    gold_there, values_there = (np.asarray(array, dtype=np.float64) for array in elsewhere or ((), ()))
    precision = 1 / np.square((*DEVIATIONS, 10.0))

    def loss(parameters: Any) -> tuple[float, Any]:
        log_scale, weight, shift, shift_there = parameters
        scaled = np.exp(log_scale) * logits
        summed, summed_there = scaled + weight * values + shift, weight * values_there + shift_there
        error, error_there = expit(summed) - gold, expit(summed_there) - gold_there
        likelihood = (np.logaddexp(0, summed) - gold * summed).sum()
        likelihood += (np.logaddexp(0, summed_there) - gold_there * summed_there).sum()
        gradient = np.array([error @ scaled, error @ values + error_there @ values_there, error.sum(), error_there.sum()])
        return float(likelihood + 0.5 * (precision * parameters**2).sum()), gradient + precision * parameters

    found = minimize(loss, np.zeros(4), jac=True, method="L-BFGS-B", options={"ftol": 1e-12, "gtol": 1e-7}).x
    return float(np.exp(found[0])), float(found[1]), float(found[2])
