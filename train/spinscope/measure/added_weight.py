"""The weight of something known beside a model's calibrated logit, fitted on labelled sentences."""

from __future__ import annotations

from typing import Any

import numpy as np

FEWEST_POSITIVES = 20
"""With fewer a weight says more of those few than of the technique: none is fitted."""

DEVIATIONS = (0.5, 0.5, 2.0)
"""Standard deviations of log scale, weight (for a change of one in the values) and shift around no change at all."""


def fit_added_weight(gold: Any, logits: Any, values: Any) -> tuple[float, float, float]:
    """(scale, weight, shift) of p = sigmoid(scale * logit + weight * value + shift), by penalised logistic likelihood.

    All three have a Gaussian prior around no change (`DEVIATIONS`), so that few positives move little. The scale is
    positive, and below 1 where the values tell a part of what the logit told by itself. What a weight of so much means
    depends on the scale of the logit: fitted beside one that is not calibrated, the prior pulls by another amount.

    Args:
        gold: (n,) of 0/1.
        logits: (n,), calibrated.
        values: (n,) finite numbers.
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    gold, logits, values = (np.asarray(array, dtype=np.float64) for array in (gold, logits, values))
    precision = 1 / np.square(DEVIATIONS)

    def loss(parameters: Any) -> tuple[float, Any]:
        scaled = np.exp(parameters[0]) * logits
        summed = scaled + parameters[1] * values + parameters[2]
        error = expit(summed) - gold
        likelihood = (np.logaddexp(0, summed) - gold * summed).sum()
        gradient = np.array([error @ scaled, error @ values, error.sum()]) + precision * parameters
        return float(likelihood + 0.5 * (precision * parameters**2).sum()), gradient

    log_scale, weight, shift = minimize(loss, np.zeros(3), jac=True, method="L-BFGS-B", options={"ftol": 1e-12, "gtol": 1e-7}).x
    return float(np.exp(log_scale)), float(weight), float(shift)
