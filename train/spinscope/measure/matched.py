"""AUROC where positives are ranked against negatives of their own group only."""

from __future__ import annotations

from typing import Any

import numpy as np

from spinscope.measure.figures import ratio
from spinscope.measure.ranking import Ranking
from spinscope.measure.resampling import Estimate, jackknife_interval, left_out_weights


def matched_auroc_loss(
    gold: Any, mask: Any, probabilities: Any, *, articles: Any, groups: Any, confidence: float = 0.95
) -> tuple[Estimate, Estimate]:
    """Macro AUROC within groups, and what it is below the AUROC over all sentences.

    What tells groups apart raises the second and not the first: a positive is no longer ranked above a negative because
    the two come from different groups.

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        probabilities: (n, k), 0 to 1.
        articles: (n,) ids or codes.
        groups: (n,) sources.
        confidence: of the jackknife intervals over articles.

    Returns:
        the macro AUROC within groups, and AUROC over all minus that; over techniques for which both are defined.
    """
    gold, mask, probabilities = np.asarray(gold), np.asarray(mask, dtype=bool), np.asarray(probabilities)
    _, codes = np.unique(np.asarray(articles), return_inverse=True)
    _, sources = np.unique(np.asarray(groups), return_inverse=True)
    m = int(codes.max(initial=-1)) + 1
    if m < 2:
        return Estimate(None, note="one article only"), Estimate(None, note="one article only")
    weights = np.concatenate([np.ones((1, m)), left_out_weights(m, seed=13)])
    within, over = [], []
    for column in range(gold.shape[1]):
        known = mask[:, column]
        labels, scores, places = gold[known, column], probabilities[known, column], codes[known]
        pairs = beaten = np.zeros(len(weights))
        for source in np.unique(sources[known]):
            rows = sources[known] == source
            if len(np.unique(labels[rows])) < 2:
                continue
            drawn = weights[:, places[rows]]
            n_pairs = (drawn * labels[rows]).sum(axis=1) * (drawn * (1 - labels[rows])).sum(axis=1)
            auroc = Ranking.of(labels[rows], scores[rows], places[rows], m).figures(weights)[1]
            pairs, beaten = pairs + n_pairs, beaten + np.where(n_pairs > 0, np.nan_to_num(auroc) * n_pairs, 0.0)
        if pairs[0] > 0:
            within.append(ratio(beaten, pairs))
            over.append(Ranking.of(labels, scores, places, m).figures(weights)[1])
    if not within:
        return (Estimate(None, note="no source has sentences with and without a technique"),) * 2
    inside, everywhere = np.mean(within, axis=0), np.mean(over, axis=0)
    return _estimate(inside, confidence, "logit"), _estimate(everywhere - inside, confidence, "plain")


def _estimate(values: Any, confidence: float, scale: Any) -> Estimate:
    value = float(values[0])
    return Estimate(value, *jackknife_interval(value, values[1:], confidence=confidence, scale=scale))
