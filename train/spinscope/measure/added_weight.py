"""The weight of something known beside a model's logit, fitted on labelled sentences with the logit as an offset."""

from __future__ import annotations

from typing import Any

import numpy as np

FEWEST_POSITIVES = 20
"""With fewer a weight says more of those few than of the technique: none is fitted."""

WEIGHT_DEVIATION = 0.5
SHIFT_DEVIATION = 2.0


def fit_added_weight(gold: Any, logits: Any, values: Any) -> tuple[float, float]:
    """(weight, shift) of p = sigmoid(logit + weight * value + shift), by penalised logistic likelihood.

    Both have a Gaussian prior around 0 (ridge; deviations `WEIGHT_DEVIATION` for a change of one in `values`, and
    `SHIFT_DEVIATION`), so that few positives move little.

    Args:
        gold: (n,) of 0/1.
        logits: (n,), the offset: its own weight stays 1.
        values: (n,) finite numbers.
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    gold, logits, values = (np.asarray(array, dtype=np.float64) for array in (gold, logits, values))
    columns = np.stack([values, np.ones_like(values)])
    precision = 1 / np.square([WEIGHT_DEVIATION, SHIFT_DEVIATION])

    def loss(parameters: Any) -> tuple[float, Any]:
        scaled = logits + parameters @ columns
        likelihood = (np.logaddexp(0, scaled) - gold * scaled).sum()
        gradient = columns @ (expit(scaled) - gold) + precision * parameters
        return float(likelihood + 0.5 * (precision * parameters**2).sum()), gradient

    found = minimize(loss, np.zeros(2), jac=True, method="L-BFGS-B", options={"ftol": 1e-12, "gtol": 1e-7}).x
    return float(found[0]), float(found[1])
