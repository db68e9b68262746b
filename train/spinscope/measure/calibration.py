"""Probabilities that mean what they say: temperature, Platt and isotonic calibration, calibration error, reliability.

Isotonic regression is measured beside the others and never carried by a checkpoint, for three reasons. A linear head
cannot hold its steps, so that `transformers` would give other probabilities than `spinscope`. Its steps cannot be
undone, and what a checkpoint's decisions rest on is measured from its logits on dev. And it ties sentences: of the
quick-start model on dev (1,057 sentences, cross-fitted) 9 to 23 values were left of a technique in each fold, average
precision fell from 0.913 to 0.891, and its log loss was 0.157 beside Platt's 0.153 nats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.thresholds import balanced_folds

Method = Literal["none", "temperature", "platt"]
FOLDABLE: tuple[Method, ...] = ("none", "temperature", "platt")
"""What a linear head can carry, so that every way of loading a checkpoint gives the same probabilities."""

N_BINS = 15
# Standard deviations of what one technique's log slope and intercept may differ by from the pooled fit, and of the
# pooled fit from no change at all. They decide nothing where there are dozens of positives, and much where there are
# three.
TECHNIQUE_DEVIATION = (0.25, 0.5)
POOLED_DEVIATION = (2.0, 5.0)


def fit_calibration(gold: Any, mask: Any, logits: Any, *, method: Method) -> tuple[NDArray[Any], NDArray[Any]]:
    """Fits p = sigmoid(slope * logit + intercept) by masked negative log-likelihood.

    `temperature` is one slope for all techniques and no intercept (Guo et al., ICML 2017). `platt` has a slope and an
    intercept per technique (Platt, 1999): a slope and an intercept are fitted to all techniques together, and each
    technique is then fitted with a Gaussian prior around those (log slope and intercept, `TECHNIQUE_DEVIATION`), so
    that the fewer positives a technique has, the nearer it stays to the pooled fit. One without a positive or without
    a negative takes the pooled fit. Slopes are exponentials, hence positive: ranking is never turned round.

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        logits: (n, k), any real.
        method: none, temperature or platt.

    Returns:
        slopes (k,), greater than 0, and intercepts (k,).

    Raises:
        ValueError: unknown method, or shapes differ.
    """
    gold, mask, logits = np.asarray(gold), np.asarray(mask, dtype=bool), np.asarray(logits, dtype=np.float64)
    if not gold.shape == mask.shape == logits.shape:
        raise ValueError(f"gold, mask, logits: {gold.shape}, {mask.shape}, {logits.shape}")
    k = gold.shape[1]
    slopes, intercepts = np.ones(k), np.zeros(k)
    if method == "none" or not mask.any():
        return slopes, intercepts
    if method not in ("temperature", "platt"):
        raise ValueError(f"method {method!r}: expected none, temperature or platt")
    pooled = fitted_line(gold[mask], logits[mask], np.zeros(2), POOLED_DEVIATION, with_intercept=method == "platt")
    slopes[:], intercepts[:] = np.exp(pooled[0]), pooled[1]
    if method == "platt" and k > 1:
        for j in range(k):
            known = mask[:, j]
            if 0 < gold[known, j].sum() < known.sum():
                log_slope, intercepts[j] = fitted_line(gold[known, j], logits[known, j], pooled, TECHNIQUE_DEVIATION)
                slopes[j] = np.exp(log_slope)
    return slopes, intercepts


def cross_fitted_probabilities(
    gold: Any, mask: Any, logits: Any, *, articles: Any, method: Method, n_folds: int, seed: int,
    refitted: Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]] | None = None,
) -> NDArray[Any]:  # fmt: skip
    """(n, k) probabilities, each article's calibrated by the other folds' fit: for a dev figure that is not flattered.

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        logits: (n, k), any real.
        articles: (n,) article ids, or codes in the order of sorted ids; folds keep articles whole.
        method: see `fit_calibration`.
        n_folds: folds, fewer where there are fewer articles; a single article is calibrated by its own fit.
        seed: of the folds.
        refitted: called with (n,) bool rows and (n, k) calibrated logits, gives those with what else is fitted on the rows.
    """
    from scipy.special import expit

    gold, mask, logits = np.asarray(gold), np.asarray(mask, dtype=bool), np.asarray(logits, dtype=np.float64)
    folds = balanced_folds(np.asarray(articles), (gold * mask).sum(axis=1), n_folds, seed)
    out = np.empty(logits.shape)
    for fold in range(int(folds.max(initial=0)) + 1):
        held = folds == fold
        others = ~held if not held.all() else held
        slopes, intercepts = fit_calibration(gold[others], mask[others], logits[others], method=method)
        calibrated = logits * slopes + intercepts
        out[held] = expit((refitted(others, calibrated) if refitted else calibrated)[held])
    return out


def calibration_losses(
    gold: Any, mask: Any, logits: Any, *, articles: Any, n_folds: int, seed: int
) -> dict[str, float]:
    """Mean negative log-likelihood of each method's probabilities on articles that it was not fitted on.

    `isotonic` is measured beside the others (see `isotonic_probabilities`) and cannot be folded into a head.

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        logits: (n, k), any real.
        articles: (n,) article ids, or codes in the order of sorted ids; folds keep articles whole.
        n_folds: folds, fewer where there are fewer articles.
        seed: of the folds.

    Returns:
        method -> nats per annotated cell; empty where nothing is annotated.
    """
    gold, mask, logits = np.asarray(gold), np.asarray(mask, dtype=bool), np.asarray(logits, dtype=np.float64)
    if not mask.any():
        return {}
    settings = {"articles": articles, "n_folds": n_folds, "seed": seed}
    losses = {
        method: negative_log_likelihood(
            gold, mask, cross_fitted_probabilities(gold, mask, logits, method=method, **settings)
        )
        for method in FOLDABLE
    }
    folds = balanced_folds(np.asarray(articles), (gold * mask).sum(axis=1), n_folds, seed)
    steps = np.empty(logits.shape)
    for fold in range(int(folds.max(initial=0)) + 1):
        held = folds == fold
        others = ~held if not held.all() else held
        steps[held] = isotonic_probabilities(gold[others], mask[others], logits[others], logits[held])
    return losses | {"isotonic": negative_log_likelihood(gold, mask, steps)}


def best_foldable(losses: Mapping[str, float]) -> Method:
    """The method with the least loss among those that a head can carry; the simpler one where they are equal."""
    return min(FOLDABLE, key=lambda method: losses.get(method, np.inf)) if losses else "none"


def isotonic_probabilities(gold: Any, mask: Any, logits: Any, others: Any) -> NDArray[Any]:
    """(n_others, k) probabilities of `others`' logits by isotonic regression on (n, k) labelled ones.

    Each technique has a step function of its own (Zadrozny & Elkan, KDD 2002); a technique with one value only is
    given its logistic probabilities. Steps at 0 and 1 are kept half a positive away from them: a step of n sentences
    without a positive says no less than 1 / (2 n + 2), or one miss would cost infinitely much.
    """
    from scipy.special import expit
    from sklearn.isotonic import IsotonicRegression

    gold, mask, logits = np.asarray(gold), np.asarray(mask, dtype=bool), np.asarray(logits, dtype=np.float64)
    out = expit(np.asarray(others, dtype=np.float64))
    for j in range(gold.shape[1]):
        truth = gold[mask[:, j], j]
        if not 0 < truth.sum() < len(truth):
            continue
        steps = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(logits[mask[:, j], j], truth)
        fitted, given = steps.predict(logits[mask[:, j], j]), steps.predict(np.asarray(others)[:, j])
        edges = [1 / (2 * max(1, int((fitted == end).sum())) + 2) for end in (fitted.min(), fitted.max())]
        out[:, j] = np.clip(given, edges[0], 1 - edges[1])
    return out


def negative_log_likelihood(gold: Any, mask: Any, probabilities: Any) -> float:
    """Mean over annotated cells, in nats."""
    known = np.asarray(mask, dtype=bool)
    truth, given = np.asarray(gold)[known], np.clip(np.asarray(probabilities)[known], 1e-12, 1 - 1e-12)
    return float(-np.where(truth == 1, np.log(given), np.log1p(-given)).mean())


def fitted_line(
    gold: NDArray[Any],
    logits: NDArray[Any],
    centre: NDArray[Any],
    deviation: tuple[float, float],
    *,
    with_intercept: bool = True,
) -> NDArray[Any]:
    """(log slope, intercept) at the minimum of the summed negative log-likelihood plus a Gaussian prior.

    Args:
        gold: (n,) of 0/1.
        logits: (n,), any real.
        centre: (log slope, intercept) of the prior.
        deviation: its standard deviations of both.
        with_intercept: False: the intercept stays the centre's.
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    free = np.array([1.0, 1.0 if with_intercept else 0.0])
    precision = 1 / np.square(deviation)

    def loss(parameters: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        slope = np.exp(parameters[0])
        scaled = slope * logits + parameters[1]
        likelihood = (np.logaddexp(0, scaled) - gold * scaled).sum()
        error = expit(scaled) - gold
        off = parameters - centre
        gradient = np.array([slope * (error @ logits), error.sum()]) + precision * off
        return float(likelihood + 0.5 * (precision * off**2).sum()), gradient * free

    bounds = [(centre[0] - 8, centre[0] + 8), (None, None)]
    return np.asarray(
        minimize(loss, centre, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-12, "gtol": 1e-7}).x
    )


def bin_codes(probabilities: NDArray[Any], mask: NDArray[Any], *, n_bins: int = N_BINS) -> NDArray[Any]:
    """(n,) bin, 0 .. n_bins - 1, of each probability, with equally many annotated sentences in each.

    Equal probabilities share a bin.

    Args:
        probabilities: (n,), 0 to 1.
        mask: (n,) bool; masked sentences do not count, their code is of no meaning.
        n_bins: most bins.
    """
    known = np.sort(probabilities[mask])
    if len(known) == 0:
        return np.zeros(len(probabilities), dtype=np.intp)
    below = np.searchsorted(known, probabilities, side="left")
    return np.minimum(below * n_bins // len(known), n_bins - 1)


def calibration_error(gold: Any, mask: Any, probabilities: Any, *, n_bins: int = N_BINS) -> float | None:
    """Mean over techniques of the expected calibration error with equal-mass bins.

    Per technique: the mean over its annotated sentences' bins of |mean probability - share of positives|, weighted by
    size (class-wise calibration error: Nixon et al., 2019; Kull et al., NeurIPS 2019). Pooling the techniques instead
    would let one's excess hide another's lack. The estimate is biased upwards, the more the fewer sentences there
    are.

    Args:
        gold: (n, k) or (n,) of 0/1.
        mask: the same shape, bool, True where annotated.
        probabilities: the same shape, 0 to 1.
        n_bins: most bins; equal probabilities share one.

    Returns:
        0 (perfect) to 1, or None where nothing is annotated.
    """
    gold, mask, probabilities = (_columns(array) for array in (gold, mask, probabilities))
    mask = mask.astype(bool)
    errors = []
    for j in range(gold.shape[1]):
        known = mask[:, j]
        if known.any():
            gaps = np.bincount(
                bin_codes(probabilities[known, j], known[known], n_bins=n_bins),
                probabilities[known, j] - gold[known, j],
            )
            errors.append(np.abs(gaps).sum() / known.sum())
    return float(np.mean(errors)) if errors else None


def reliability_table(gold: Any, mask: Any, probabilities: Any, *, n_bins: int = N_BINS) -> list[dict[str, Any]]:
    """Rows of a reliability diagram over all annotated cells, from the lowest probabilities up.

    Each row: `n` cells, their `low` and `high` probability, `mean_probability`, `positive_fraction`, and `n_positives`.
    Bins hold equally many cells; equal probabilities share one. Give one technique's columns to get its own table.
    """
    gold, mask, probabilities = (_columns(array) for array in (gold, mask, probabilities))
    known = mask.astype(bool)
    truth, values = gold[known], probabilities[known]
    codes = bin_codes(values, np.ones(len(values), dtype=bool), n_bins=n_bins)
    rows = []
    for code in np.unique(codes):
        inside = codes == code
        rows.append(
            {
                "n": int(inside.sum()),
                "low": float(values[inside].min()),
                "high": float(values[inside].max()),
                "mean_probability": float(values[inside].mean()),
                "positive_fraction": float(truth[inside].mean()),
                "n_positives": int(truth[inside].sum()),
            }
        )
    return rows


def _columns(array: Any) -> NDArray[Any]:
    array = np.asarray(array)
    return array[:, None] if array.ndim == 1 else array
