"""Several corpora's logits on one scale, where each has a head of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from spinscope.measure.calibration import POOLED_DEVIATION, fitted_line

SOURCE_DEVIATION = (0.1, 0.5)
"""Standard deviations of what one corpus's log slope and intercept may differ by from those fitted to all: the slope by little,
for that of 75 dev texts says less of held-out texts than the one of all corpora."""


def source_scales(
    gold: Any, mask: Any, logits: Any, sources: Any, *, with_intercept: bool = True
) -> dict[str, tuple[float, float]]:
    """What puts the logits of several corpora on one scale: slope * logit + intercept for each.

    A head may be far surer of itself than another. A slope and an intercept are fitted to each corpus, with a Gaussian
    prior (`SOURCE_DEVIATION`) around those fitted to all, and taken relative to these: corpora that are alike keep
    their logits.

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        logits: (n, k), any real.
        sources: (n,) the corpus of each sentence.
        with_intercept: False: slopes alone.

    Returns:
        source -> (slope, above 0; intercept).
    """
    gold, mask, logits = np.asarray(gold), np.asarray(mask, dtype=bool), np.asarray(logits, dtype=np.float64)
    shared = fitted_line(gold[mask], logits[mask], np.zeros(2), POOLED_DEVIATION, with_intercept=with_intercept)
    scales, names = {}, np.asarray(sources)
    for name in sorted(set(sources)):
        known = mask & (names == name)[:, None]
        own = fitted_line(gold[known], logits[known], shared, SOURCE_DEVIATION, with_intercept=with_intercept)
        scales[str(name)] = (float(np.exp(own[0] - shared[0])), float((own[1] - shared[1]) / np.exp(shared[0])))
    return scales
