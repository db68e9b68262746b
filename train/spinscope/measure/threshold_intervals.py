"""How far cut-offs move when the articles of dev are drawn anew: the bootstrap of the whole fit, folds and all.

A cut-off is where a curve of F against the cut-off is highest. That curve is flat at its top, so other articles would
have put the cut-off elsewhere: the interval says how far elsewhere. It is a percentile interval over redrawn articles
and no promise of coverage (the place of a maximum has no normal limit), widened to hold the cut-off itself. In
simulations of 75 articles 95 % intervals hold the population's best cut-off in 94 to 96 %, and in 76 % for a rare
technique, whose cut-off smoothing draws to the pool's on purpose (`tests/benchmarks/selection.py`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.thresholds import (
    ONE_FOR_ALL,
    WISHES,
    Rule,
    balanced_folds,
    candidate_cutoffs,
    counts_as_positive,
    fit_thresholds,
    own_range,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_array

N_CANDIDATES = 500
N_THRESHOLD_RESAMPLES = 400
CELLS_AT_ONCE = 200_000


@dataclass(frozen=True)
class ThresholdFit:
    """The settings of a fit, as `fit_thresholds` takes them."""

    rule: Rule = "per_technique"
    n_folds: int = 5
    smoothing_positives: float = 20.0
    f_beta: float = 1.0
    fixed: float = 0.5
    wished: float = 0.8
    seed: int = 13


@dataclass(frozen=True)
class Counts:
    """Sentences of each article by the highest candidate that they reach.

    Attributes:
        candidates: (c,) cut-offs, ascending.
        predicted, hits: for each technique (c, m) sparse: annotated sentences of each article, and positives of these.
        positives: (m, k) of each article.
        low, high: (k,) least and largest probability of the techniques with a positive; 0 and 1 of the others.
    """

    candidates: NDArray[Any]
    predicted: list[csr_array]
    hits: list[csr_array]
    positives: NDArray[Any]
    low: NDArray[Any]
    high: NDArray[Any]

    @classmethod
    def of(cls, gold: NDArray[Any], mask: NDArray[Any], probabilities: NDArray[Any], articles: NDArray[Any]) -> Counts:
        """Counts (n, k) predictions of sentences with article codes 0 .. m - 1."""
        from scipy.sparse import csr_array

        candidates = candidate_cutoffs(probabilities[mask], n_candidates=N_CANDIDATES)
        m, n_candidates = int(articles.max(initial=-1)) + 1, len(candidates)
        predicted, hits = [], []
        for j in range(gold.shape[1]):
            known = np.flatnonzero(mask[:, j])
            place = np.searchsorted(candidates, probabilities[known, j], side="right") - 1
            where = (np.maximum(place, 0), articles[known])
            # What lies below the lowest candidate (a thinned grid may start above it) is never predicted.
            reaches = (place >= 0).astype(np.float64)
            predicted.append(csr_array((reaches, where), shape=(n_candidates, m)))
            hits.append(csr_array((reaches * gold[known, j], where), shape=(n_candidates, m)))
        positives = np.zeros((m, gold.shape[1]))
        np.add.at(positives, articles, gold * mask)
        low, high = own_range(gold, mask, probabilities)
        return cls(candidates, predicted, hits, positives, low, high)

    def cutoffs(
        self, weights: NDArray[Any], fit: ThresholdFit, asked: NDArray[Any] | None = None
    ) -> NDArray[Any]:
        """(r, k) best cut-offs for (r, m) weights of the articles; `asked` (k,) for the rules that keep a wish."""
        k = len(self.predicted)
        step = max(1, CELLS_AT_ONCE // (k * len(self.candidates)))
        blocks = [self._block(weights[begin : begin + step], fit, asked) for begin in range(0, len(weights), step)]
        return np.concatenate(blocks)

    def _block(self, weights: NDArray[Any], fit: ThresholdFit, asked: NDArray[Any] | None) -> NDArray[Any]:
        columns = np.ascontiguousarray(weights.T, dtype=np.float64)
        predicted = np.stack([_at_least(table @ columns) for table in self.predicted])  # (k, c, r)
        hits = np.stack([_at_least(table @ columns) for table in self.hits])
        positives = (weights @ self.positives).T  # (k, r)
        beta = fit.f_beta**2
        all_hits, all_predicted, all_positives = hits.sum(axis=0), predicted.sum(axis=0), positives.sum(axis=0)
        pooled = self.candidates[np.argmax(all_hits / np.maximum(all_predicted + beta * all_positives, 1e-9), axis=0)]
        cutoffs = np.where(all_positives > 0, pooled, fit.fixed)
        out = np.repeat(cutoffs[:, None], len(self.predicted), axis=1)
        if fit.rule in ONE_FOR_ALL:
            return out
        share = fit.smoothing_positives / np.maximum(all_positives, 1e-9)
        for j in range(len(self.predicted)):
            cost = predicted[j] + share * all_predicted + beta * (positives[j] + fit.smoothing_positives)
            best = self.candidates[np.argmax((hits[j] + share * all_hits) / np.maximum(cost, 1e-9), axis=0)]
            out[:, j] = np.where(positives[j] > 0, np.clip(best, self.low[j], self.high[j]), out[:, j])
        if asked is None:
            return out
        for j in np.flatnonzero(np.isfinite(asked)).tolist():
            beside = predicted[j] if fit.rule == "at_precision" else positives[j][None]
            keeps = (hits[j] >= asked[j] * beside - 1e-9) & (hits[j] > 0)  # (c, r)
            if fit.rule == "at_precision":
                found = self.candidates[np.argmax(keeps, axis=0)]
            else:
                found = self.candidates[len(keeps) - 1 - np.argmax(keeps[::-1], axis=0)]
            out[:, j] = np.where(keeps.any(axis=0), found, out[:, j])
        return out


def threshold_draws(
    gold: Any,
    mask: Any,
    probabilities: Any,
    *,
    articles: Any,
    fit: ThresholdFit,
    n_resamples: int = N_THRESHOLD_RESAMPLES,
) -> NDArray[Any]:
    """Cut-offs fitted to redrawn articles, each as `fit_thresholds` fits them: the median over the article folds.

    Articles keep their fold, so that no article stands on both sides of a fold. Candidates are thinned to some
    `N_CANDIDATES`. Of the rules that keep a wish, what the folds are asked for stays as it is, and a resample in which
    nothing keeps it takes the cut-off of `per_technique`.

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        probabilities: (n, k), 0 to 1.
        articles: (n,) article ids, or codes in the order of sorted ids.
        fit: the settings of the fit.
        n_resamples: r, of the articles.

    Returns:
        (r, k) cut-offs; of the rule `fixed`, and without a positive, the fixed cut-off.
    """
    gold, mask = np.asarray(gold), np.asarray(mask, dtype=bool)
    probabilities = np.asarray(probabilities, dtype=np.float64)
    k = gold.shape[1]
    if fit.rule == "fixed" or not (gold * mask).any():
        return np.full((n_resamples, k), fit.fixed)
    codes = np.unique(np.asarray(articles), return_inverse=True)[1]
    counted = counts_as_positive(gold, mask, probabilities, fit.rule)
    counts = Counts.of(counted, mask, np.where(mask, probabilities, 0.0), codes)
    m = len(counts.positives)
    fold_of = np.zeros(m, dtype=np.intp)
    fold_of[codes] = balanced_folds(np.asarray(articles), (gold * mask).sum(axis=1), fit.n_folds, fit.seed)
    n_used = int(fold_of.max()) + 1
    kept = fold_of[None, :] != np.arange(n_used)[:, None] if n_used > 1 else np.ones((1, m), dtype=bool)
    draws = np.random.default_rng([fit.seed, 1]).multinomial(m, np.full(m, 1 / m), size=n_resamples)
    weights = (draws[:, None, :] * kept[None]).reshape(-1, m)
    asked = None
    if fit.rule in WISHES:
        wished = fit_thresholds(gold, mask, probabilities, articles=articles, **asdict(fit)).wished
        asked = wished.asked if wished else None
    return np.asarray(np.median(counts.cutoffs(weights, fit, asked).reshape(n_resamples, len(kept), k), axis=1))


def threshold_intervals(
    values: NDArray[Any], draws: NDArray[Any], *, confidence: float
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Lower and upper ends, (k,) each, of (r, k) redrawn cut-offs: percentiles, widened to hold the (k,) values."""
    low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return np.minimum(low, values), np.maximum(high, values)


def _at_least(counts: NDArray[Any]) -> NDArray[Any]:
    """(c, r) counts by candidate to counts at that candidate or above."""
    return np.asarray(np.cumsum(counts[::-1], axis=0)[::-1])
