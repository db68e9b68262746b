"""How common a technique is, from the decisions of a classifier that errs: the adjusted count.

Of the sentences with a technique a share is decided to have it (the true positive rate), and of those without it a
share too (the false positive rate). Where both are on new sentences what they were on dev,

    share decided = true positive rate x share + false positive rate x (1 - share),

which is solved for the share (Rogan & Gladen, American Journal of Epidemiology 1978; Forman, Data Mining and Knowledge
Discovery 2008, calls it the adjusted count). The interval draws anew both the articles that were counted and the dev
articles that the rates come from.

Averages of probabilities (Bella et al., ICDM 2010) and expectation maximisation (Saerens et al., Neural Computation
2002) were weighed against it, with the survey of González et al. (ACM Computing Surveys 2017) in hand. Where dev and the
new sentences differ in nothing but the share, expectation maximisation errs less; where the scores also lie a little
higher than on dev, which is what happens with other articles, the adjusted count errs least in most cases. It corrects
the very share that is shown beside it, and it needs counts alone. `tests/benchmarks/prevalence.py` prints the figures.

Thresholds are chosen on the same dev part, so that its rates flatter the classifier a little: by less than the interval
is wide, and the less the more dev articles there are. The rates are those of all voices together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.article_draws import (
    design_effects,
    estimate,
    expanded_interval,
    few_articles,
    pseudo_sentences,
    weighted_sums,
)
from spinscope.measure.resampling import Estimate

LEAST_SEPARATION = 0.1
"""Below this difference of true and false positive rate a correction would magnify every error tenfold."""

_DEV = 0x64657600  # keys of dev articles and of their pseudo-sentences: other ones than of any scored article


@dataclass(frozen=True)
class ErrorRates:
    """How a classifier decides on dev, per technique.

    Attributes:
        true_positive: (k,) share decided among the sentences with the technique, NaN where there is none.
        false_positive: (k,) share decided among those without it.
        intervals: (4, k) low and high of the true positive rate, low and high of the false positive rate.
        draws: (2, r, k) both rates on resamples of the dev articles.
        n_positive, n_negative: (k,) dev sentences with and without it.
        n_articles: dev articles.
        why_not: (k,) why a share cannot be corrected; empty where it can.
    """

    true_positive: NDArray[Any]
    false_positive: NDArray[Any]
    intervals: NDArray[Any]
    draws: NDArray[Any]
    n_positive: NDArray[Any]
    n_negative: NDArray[Any]
    n_articles: int
    why_not: tuple[str, ...]


def error_rates(dev_articles: Any, *, n_resamples: int, confidence: float, seed: int) -> ErrorRates:
    """The rates, their resamples, and where they allow no correction.

    Args:
        dev_articles: (m, k, 4) true positives, false positives, false negatives, true negatives by dev article.
        n_resamples: r.
        confidence: of the intervals, 0 to 1.
        seed: of the resamples.
    """
    counts = np.asarray(dev_articles, dtype=np.int64)
    m, k = counts.shape[:2]
    hits, sizes = counts[:, :, :2], counts[:, :, :2] + counts[:, :, 2:]  # tp, fp; positives, negatives
    flat = np.concatenate([hits.reshape(m, 2 * k), sizes.reshape(m, 2 * k)], axis=1)
    keys = np.arange(m, dtype=np.uint64) + np.uint64(_DEV << 32)
    sums = weighted_sums(keys, flat, n_resamples=n_resamples, seed=seed)
    effects = design_effects([(flat[:, : 2 * k], flat[:, 2 * k :])])
    pseudo = [pseudo_sentences(n_resamples=n_resamples, seed=seed, key=_DEV + number) for number in range(2)]
    marked, unmarked = (
        np.tile(np.hstack(several), k) for several in zip(*pseudo, strict=True)
    )  # rates in turn, as in flat
    draws = (sums[:, : 2 * k] + marked * effects) / (sums[:, 2 * k :] + (marked + unmarked) * effects)
    total = flat.sum(axis=0)
    sizes_total = total[2 * k :]
    rates = np.divide(total[: 2 * k], sizes_total, out=np.full(2 * k, np.nan), where=sizes_total > 0)
    n_with = (flat[:, 2 * k :] > 0).sum(axis=0)
    low, high = expanded_interval(draws, n_with, confidence=confidence)
    separation = draws[:, 0::2] - draws[:, 1::2]
    least, _ = expanded_interval(separation, n_with[0::2], confidence=confidence)
    n_positive, n_negative = sizes_total[0::2], sizes_total[1::2]
    return ErrorRates(
        rates[0::2], rates[1::2], np.stack([low[0::2], high[0::2], low[1::2], high[1::2]]),
        np.stack([draws[:, 0::2], draws[:, 1::2]]), n_positive, n_negative, m,
        tuple(_why_not(*several) for several in zip(rates[0::2], rates[1::2], least, n_with[0::2], strict=True)),
    )  # fmt: skip


def _why_not(true_positive: float, false_positive: float, least: float, n_articles: int) -> str:
    if np.isnan(true_positive) or np.isnan(false_positive):
        return f"no dev sentence {'with' if np.isnan(true_positive) else 'without'} it"
    separation = true_positive - false_positive
    rates = f"true positive rate {true_positive:.2f}, false positive rate {false_positive:.2f} on dev"
    if n_articles < 2:
        return "it stands in one dev article only"
    if separation < LEAST_SEPARATION:
        return f"the classifier hardly tells it apart ({rates})"
    return f"too few dev sentences to know how the classifier tells it apart ({rates})" if least <= 0 else ""


def corrected_shares(
    shares: NDArray[Any], draws: NDArray[Any], rates: ErrorRates, *, n_articles: int, confidence: float
) -> list[Estimate]:
    """The shares of k techniques, corrected for the classifier's errors.

    Args:
        shares: (k,) of sentences decided to have each technique, NaN where there are no sentences.
        draws: (r, k) the same on resamples of the articles; those of `rates` were drawn with the same r.
        rates: how the classifier errs.
        n_articles: articles with such sentences.
        confidence: of the intervals, 0 to 1.

    Returns:
        k estimates; a note says what was cut off at 0 or 1, or why there is none.
    """
    separation = rates.draws[0] - rates.draws[1]
    solved = (draws - rates.draws[1]) / np.maximum(separation, 1e-9)
    n_known = min(n_articles, rates.n_articles)
    ends = expanded_interval(solved, np.full(draws.shape[1], n_known), confidence=confidence)
    found = []
    for column, share in enumerate(shares):
        why_not = "no sentence" if np.isnan(share) else rates.why_not[column]
        tpr, fpr = rates.true_positive[column], rates.false_positive[column]
        if why_not:
            found.append(Estimate(None, note=why_not))
            continue
        found.append(_cut((share - fpr) / (tpr - fpr), ends[0][column], ends[1][column], n_articles, (tpr, fpr)))
    return found


def _cut(value: float, low: float, high: float, n_articles: int, rates: tuple[float, float]) -> Estimate:
    """The solution within 0 and 1, or none where even its interval lies outside."""
    if high < 0:
        return Estimate(
            None, note=f"fewer sentences are marked than false alarms alone would mark at dev's rate of {rates[1]:.3f}: "
            "the classifier errs otherwise here",
        )  # fmt: skip
    if low > 1:
        return Estimate(
            None, note=f"more sentences are marked than would be if all had it, at dev's rate of {rates[0]:.3f}: "
            "the classifier errs otherwise here",
        )  # fmt: skip
    notes = [few_articles(n_articles)]
    if not 0 <= value <= 1:
        notes.append(f"cut off at {0 if value < 0 else 1}")
    value, low, high = (float(np.clip(number, 0, 1)) for number in (value, low, high))
    return estimate(value, low, high, note="; ".join(note for note in notes if note))
