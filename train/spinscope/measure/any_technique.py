"""Whether a sentence has any technique: the cut-off that probabilities themselves expect to be best.

A sentence may well have some technique, and none of them be likely enough to be named: many small probabilities add up.
So the decision on *any* has a probability of its own, P = 1 - prod_j (1 - p_j) (`model.prediction.any_probability`), and a
cut-off of its own. As by the rule `expected` of `thresholds`, each sentence counts as so much of a positive as it says,
and the best F1 is the one expected of that (plug-in rule: Ye, Chai, Lee & Chieu, ICML 2012); labels enter by the
calibration alone. That techniques go together makes P too large and the cut-off with it, so that the decision minds
little: it rests on the order of the sentences and on the share of them that it takes.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def expected_any_cutoff(probabilities: Any) -> float | None:
    """The cut-off where 2 * (P of the m sentences above it) / (m + P of all) is largest.

    Args:
        probabilities: (n,) P of each sentence, 0 to 1, of sentences of which some technique is annotated.

    Returns:
        half-way between the least likely sentence above it and the likeliest below (where none is below: its P itself);
        sentences that are equally likely stay together, and of cut-offs that are equally good the highest is taken. None
        where nothing is expected: no sentence, or every P is 0.

    Raises:
        ValueError: not one column, or a value outside 0 to 1.
    """
    values = np.asarray(probabilities, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"probabilities {values.shape}: expected (n,)")
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError("probabilities must lie within 0 and 1")
    distinct, counts = np.unique(values, return_counts=True)
    distinct, counts = distinct[::-1], counts[::-1]
    expected = np.cumsum(distinct * counts)
    if not len(distinct) or expected[-1] == 0:
        return None
    best = int(np.argmax(2 * expected / (np.cumsum(counts) + expected[-1])))
    below = distinct[best + 1] if best + 1 < len(distinct) else distinct[best]
    half = (distinct[best] + below) / 2
    return float(half if half > below else distinct[best])
