"""Cut-offs from dev: fixed, for all techniques, or per technique, cross-fitted over articles, for F or for a wish.

`global` takes the cut-off with the best micro-F. `per_technique` takes, for technique j, the one with the best

    F_j(t) = (1 + b²) TP / (predicted + b² positives),

with b = `f_beta`: 1 for F1; below 1 a false alarm costs more than a miss (van Rijsbergen, Information Retrieval, 1979),

each of the three being the technique's own count plus s / P times the count of all techniques together, with P
positives in all and s = `smoothing_positives`: the pooled curve counts as much as s positives. Tuning F1 label by
label overfits rare labels, and smoothed F mends it (Lin & Lin, CIKM 2023). The pool is a sensible place to shrink to
because for calibrated probabilities the best cut-off is half the best F1 (Lipton, Elkan & Naryanaswamy, 2014):
techniques of like difficulty have like cut-offs, however rare they are, and the best micro-F1 has one cut-off for
all. A technique without a positive takes the pooled cut-off; any other cut-off lies within the technique's own
observed probabilities.

`expected` is one cut-off for all like `global`, but with the micro-F that the calibrated probabilities expect of
themselves: each counts as so much of a positive as it says (plug-in rule: Ye, Chai, Lee & Chieu, ICML 2012). The labels
enter by the calibration alone, which takes less of them than the place of a maximum does: a cut-off chosen by counting
moves from one dev part to the next by far more. It is as good as the calibration, so it is not for `calibration: none`.

`at_precision` and `at_recall` keep a wish (`wished_thresholds`); where it cannot be kept, `per_technique` steps in.

Cut-offs are fitted once without each article fold, and the median over folds is the result. In simulations of 14
techniques (0.3 to 10 % positive; 30 and 75 articles of 40 sentences) the median was as good as or better than one fit
on all of dev (micro-F1 +0.002 on average), and s = 20 gave up 0.01 of micro-F1 against one cut-off for all, where s =
0 gave up 0.04 to 0.08, for 0.01 to 0.02 of macro-F1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.cutoff_curves import Wish
from spinscope.measure.wished_thresholds import WishedCutoffs, wished_cutoffs

Rule = Literal["per_technique", "global", "expected", "fixed", "at_precision", "at_recall"]
RULES = get_args(Rule)
ONE_FOR_ALL = ("global", "expected")
"""Rules with one cut-off for all techniques."""
WISHES: dict[str, Wish] = {"at_precision": "precision", "at_recall": "recall"}
"""Rules that keep a wish (`wished_thresholds`), and the figure that each is about."""

N_CANDIDATES = 2000


@dataclass(frozen=True)
class Thresholds:
    """Cut-offs and what they would have decided on sentences they were not fitted on.

    Attributes:
        values: (k,) cut-offs, 0 to 1: decided where probability >= cut-off.
        cross_fitted_decisions: (n, k) bool: each article decided by the cut-offs fitted on the other folds, for a dev
            figure that is not flattered by the fit.
        per_fold: (n_folds, k) the cut-offs of each fold; their spread tells how sure a cut-off is. (0, k) where nothing
            could be cross-fitted (a single article, or the rule `fixed`).
        rule: the rule they came from.
        wished: of the rules that keep a wish, what became of it; the others' cut-offs are those of `per_technique`.
    """

    values: NDArray[Any]
    cross_fitted_decisions: NDArray[Any]
    per_fold: NDArray[Any]
    rule: str
    wished: WishedCutoffs | None = None


def fit_thresholds(
    gold: Any,
    mask: Any,
    probabilities: Any,
    *,
    articles: Any,
    rule: Rule = "per_technique",
    n_folds: int = 5,
    smoothing_positives: float = 20.0,
    f_beta: float = 1.0,
    fixed: float = 0.5,
    wished: float = 0.8,
    seed: int = 13,
) -> Thresholds:
    """Fits cut-offs that make F_beta high on sentences not seen, or keep a wish there; the module's text has the rules.

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        probabilities: (n, k), 0 to 1, calibrated if they will be.
        articles: (n,) article ids, or codes in the order of sorted ids; folds keep articles whole.
        rule: per_technique, global, expected, fixed, at_precision or at_recall.
        n_folds: folds of cross-fitting; fewer where there are fewer articles.
        smoothing_positives: s, 0 for none.
        f_beta: b, above 0; below 1 for fewer false alarms, above 1 for fewer misses.
        fixed: the cut-off of the rule `fixed`, and where no technique has a positive.
        wished: precision or recall that the rules `at_precision` and `at_recall` keep, 0 to 1.
        seed: of the folds.

    Raises:
        ValueError: unknown rule, or shapes differ.
    """
    gold, mask = np.asarray(gold), np.asarray(mask, dtype=bool)
    probabilities = np.asarray(probabilities, dtype=np.float64)
    _check(rule, gold.shape, mask.shape, probabilities.shape)
    k = gold.shape[1]
    if rule == "fixed":
        return Thresholds(np.full(k, fixed), probabilities >= fixed, np.empty((0, k)), rule)
    smoothing = np.inf if rule in ONE_FOR_ALL else smoothing_positives
    counted = counts_as_positive(gold, mask, probabilities, rule)

    def fit(rows: NDArray[Any]) -> NDArray[Any]:
        return _best_cutoffs(counted[rows], mask[rows], probabilities[rows], smoothing, f_beta, fixed)

    folds = balanced_folds(np.asarray(articles), (gold * mask).sum(axis=1), n_folds, seed)
    n_used = int(folds.max(initial=0)) + 1
    if n_used < 2:
        values = fit(np.ones(len(gold), dtype=bool))
        return Thresholds(values, probabilities >= values, np.empty((0, k)), rule)
    per_fold = np.stack([fit(folds != fold) for fold in range(n_used)])
    values = np.median(per_fold, axis=0)
    if rule not in ONE_FOR_ALL:
        values = _within_own_range(values, gold, mask, probabilities)
    found = None
    if rule in WISHES:
        found = wished_cutoffs(gold, mask, probabilities, folds=folds, wish=WISHES[rule], wished=wished)
        values = np.where(found.kept, found.values, values)
        per_fold = np.where(found.kept, found.per_fold, per_fold)
    return Thresholds(values, probabilities >= per_fold[folds], per_fold, rule, found)


def counts_as_positive(
    gold: NDArray[Any], mask: NDArray[Any], probabilities: NDArray[Any], rule: Rule
) -> NDArray[Any]:
    """(n, k) how much of a positive each cell counts as: what is annotated, or by the rule `expected` its probability."""
    expected = rule == "expected" and bool((gold * mask).any())
    return np.where(mask, probabilities if expected else gold, 0)


def _check(rule: str, *shapes: tuple[int, ...]) -> None:
    if len(set(shapes)) > 1:
        raise ValueError(f"gold, mask, probabilities: {', '.join(map(str, shapes))}")
    if rule not in RULES:
        raise ValueError(f"rule {rule!r}: expected {', '.join(RULES[:-1])} or {RULES[-1]}")


def _best_cutoffs(
    gold: NDArray[Any],
    mask: NDArray[Any],
    probabilities: NDArray[Any],
    smoothing: float,
    f_beta: float,
    fallback: float,
) -> NDArray[Any]:
    k = gold.shape[1]
    if not (gold * mask).any():
        return np.full(k, fallback)
    candidates = candidate_cutoffs(probabilities[mask])
    hits, predicted = np.empty((k, len(candidates))), np.empty((k, len(candidates)))
    for j in range(k):
        order = np.argsort(probabilities[mask[:, j], j])
        scores, truth = probabilities[mask[:, j], j][order], np.cumsum(np.r_[0.0, gold[mask[:, j], j][order]])
        below = np.searchsorted(scores, candidates)
        hits[j], predicted[j] = truth[-1] - truth[below], len(scores) - below
    positives = (gold * mask).sum(axis=0).astype(np.float64)
    pooled_hits, pooled_predicted, pooled_positives = hits.sum(axis=0), predicted.sum(axis=0), positives.sum()
    # The factor 1 + b² is the same for every cut-off and left out.
    pooled = candidates[np.argmax(pooled_hits / (pooled_predicted + f_beta**2 * pooled_positives))]
    cutoffs = np.full(k, pooled)
    if np.isinf(smoothing):
        return cutoffs
    share = smoothing / pooled_positives
    for j in np.flatnonzero(positives).tolist():
        cost = predicted[j] + share * pooled_predicted + f_beta**2 * (positives[j] + smoothing)
        score = (hits[j] + share * pooled_hits) / cost
        cutoffs[j] = candidates[np.argmax(score)]
    return _within_own_range(cutoffs, gold, mask, probabilities)


def _within_own_range(
    cutoffs: NDArray[Any], gold: NDArray[Any], mask: NDArray[Any], probabilities: NDArray[Any]
) -> NDArray[Any]:
    """Cut-offs of techniques with a positive, moved to within their own observed probabilities."""
    return np.clip(cutoffs, *own_range(gold, mask, probabilities))


def own_range(gold: NDArray[Any], mask: NDArray[Any], probabilities: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Least and largest annotated probability, (k,) each, of the techniques with a positive; 0 and 1 of the others."""
    low, high = np.zeros(gold.shape[1]), np.ones(gold.shape[1])
    for j in np.flatnonzero((gold * mask).any(axis=0)).tolist():
        own = probabilities[mask[:, j], j]
        low[j], high[j] = own.min(), own.max()
    return low, high


def candidate_cutoffs(scores: NDArray[Any], *, n_candidates: int = N_CANDIDATES) -> NDArray[Any]:
    """Cut-offs half-way between neighbouring scores, and the lowest score; thinned where there are very many."""
    distinct = np.unique(scores)
    if len(distinct) > n_candidates:
        # Evenly by rank would leave few candidates at the top, where cut-offs lie: half of them go to the top tenth.
        ranks = np.r_[np.linspace(0, 0.9, n_candidates // 2, endpoint=False), np.linspace(0.9, 1, n_candidates // 2)]
        distinct = np.unique(distinct[(ranks * (len(distinct) - 1)).astype(int)])
    return np.r_[distinct[:1], (distinct[1:] + distinct[:-1]) / 2]


def balanced_folds(articles: NDArray[Any], weight: NDArray[Any], n_folds: int, seed: int) -> NDArray[Any]:
    """(n,) fold of each sentence: articles whole, positives spread evenly, by seed."""
    names, codes = np.unique(articles, return_inverse=True)
    n_folds = max(1, min(n_folds, len(names)))
    positives = np.bincount(codes, weight, minlength=len(names))
    shuffled = np.random.default_rng(seed).permutation(len(names))
    order = shuffled[np.argsort(-positives[shuffled], kind="stable")]
    fold_of = np.zeros(len(names), dtype=np.intp)
    load = np.zeros((n_folds, 2))
    for article in order:
        fold = min(range(n_folds), key=lambda index: (load[index, 0], load[index, 1]))
        fold_of[article] = fold
        load[fold] += positives[article], 1
    return fold_of[codes]
