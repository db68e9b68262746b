"""Whether probabilities may be taken at their word: calibration slope and intercept, and the loss beside a constant's.

The slope is that of Cox (Biometrika 1958): gold regressed on the logit of the probability. It is 1 where probabilities
are as far apart as they should be, below 1 where they are too extreme (the usual fate of a model that was fitted too
closely), above 1 where they are too timid. The intercept, with the slope held at 1, is 0 where they are right on the
whole. Both together are "weak calibration" (Van Calster et al., Journal of Clinical Epidemiology 2016).

A technique that is rare is calibrated easily: the constant of its share is. So the log loss is held against that
constant's, measured on the same sentences, which is more than any constant known beforehand could reach.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.article_sums import Resampling, by_article, left_out_sums, one_estimate, totals
from spinscope.measure.metrics import Metrics
from spinscope.measure.resampling import Estimate

LEAST_POSITIVES = 50
SLOPE_RANGE = (0.8, 1.25)
MOST_CALIBRATION_ERROR = 0.03

_CLOSEST = 1e-7  # to 0 or 1 that a probability is taken to be
_MOST_STEPS = 50
_RIDGE = 1e-9


@dataclass(frozen=True, slots=True)
class WeakCalibration:
    """One technique's probabilities held against what came true; figures are None where undefined.

    Attributes:
        n_positives: annotated sentences that have the technique.
        slope: of the logit; 1 is right.
        intercept: in logits, slope held at 1; 0 is right, above 0 says that probabilities are too low.
        log_loss: nats per sentence.
        gain: log loss of the constant share minus `log_loss`; above 0 says that the probabilities tell something.
        calibration_error: without bias, as in the other tables; given from outside.
    """

    n_positives: int
    slope: Estimate
    intercept: Estimate
    log_loss: Estimate
    gain: Estimate
    calibration_error: Estimate

    def faults(self) -> list[str]:
        """What keeps the probabilities from being taken at their word; empty where nothing does."""
        low, high = SLOPE_RANGE
        found = []
        if self.slope.value is None or not low <= self.slope.value <= high:
            found.append(f"slope outside {low} to {high}")
        if self.gain.low is None or self.gain.low <= 0:
            found.append("loss not surely below the constant's")
        if self.calibration_error.value is not None and self.calibration_error.value > MOST_CALIBRATION_ERROR:
            found.append(f"calibration error above {MOST_CALIBRATION_ERROR}")
        return found

    @property
    def is_judged(self) -> bool:
        """Whether there are positives enough (`LEAST_POSITIVES`) to say anything."""
        return self.n_positives >= LEAST_POSITIVES

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "is_judged": self.is_judged, "faults": self.faults() if self.is_judged else None}


def weak_calibration(
    metrics: Metrics, gold: Any, mask: Any, probabilities: Any, *, articles: NDArray[Any], rules: Resampling
) -> dict[str, WeakCalibration]:
    """Each technique's calibration, with jackknife intervals over articles.

    The regression is not run anew without each article: one Newton step from the whole's solution, with the article's
    own part of gradient and curvature taken off, is as near as the interval needs (Pregibon, Annals of Statistics 1981).

    Args:
        metrics: of the same sentences, for names and calibration errors.
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        probabilities: (n, k), 0 to 1.
        articles: (n,) codes.
        rules: level and seed of the intervals.

    Returns:
        k results by technique, in the order of the columns.
    """
    gold, mask = np.asarray(gold, dtype=np.float64), np.asarray(mask, dtype=bool)
    clipped = np.clip(np.asarray(probabilities, dtype=np.float64), _CLOSEST, 1 - _CLOSEST)
    return {
        name: _one(gold[mask[:, j], j], clipped[mask[:, j], j], articles[mask[:, j]], row["calibration_error"], rules)
        for j, (name, row) in enumerate(metrics.per_technique.items())
    }


def _one(
    gold: NDArray[Any], scores: NDArray[Any], articles: NDArray[Any], error: Estimate, rules: Resampling
) -> WeakCalibration:
    n_positives = int(gold.sum())
    if n_positives in (0, len(gold)):
        none = Estimate(None, note="undefined: all sentences have it, or none")
        return WeakCalibration(n_positives, none, none, none, none, error)
    logits = np.log(scores) - np.log1p(-scores)
    codes = np.unique(articles, return_inverse=True)[1]
    slope, slopes = _fit(np.column_stack([logits, np.ones_like(logits)]), gold, np.zeros_like(logits), codes, rules)
    intercept, intercepts = _fit(np.ones((len(gold), 1)), gold, logits, codes, rules)
    loss, losses, gain, gains = _losses(gold, scores, codes, rules)
    told = [
        one_estimate(value, others, rules, scale="plain")
        for value, others in ((slope, slopes), (intercept, intercepts), (loss, losses), (gain, gains))
    ]
    return WeakCalibration(n_positives, told[0], told[1], told[2], told[3], error)


def _fit(
    design: NDArray[Any], gold: NDArray[Any], offset: NDArray[Any], codes: NDArray[Any], rules: Resampling
) -> tuple[float, NDArray[Any]]:
    """The first coefficient of a logistic regression on the whole, and (g,) without each article.

    NaN where it does not settle: the probabilities part positives from negatives without a fault.
    """
    from scipy.special import expit

    p = design.shape[1]
    coefficients = np.zeros(p)
    coefficients[0] = 1.0 if p > 1 else 0.0
    for _ in range(_MOST_STEPS):
        expected = expit(design @ coefficients + offset)
        gradient = design.T @ (gold - expected)
        curvature = (design * (expected * (1 - expected))[:, None]).T @ design + _RIDGE * np.eye(p)
        step = np.linalg.solve(curvature, gradient)
        # Far from the solution a whole step may overshoot.
        coefficients = coefficients + step * min(1.0, 2.0 / max(1e-12, float(np.abs(step).max())))
        if np.abs(step).max() < 1e-10:
            break
    else:
        return float("nan"), np.array([])
    expected = expit(design @ coefficients + offset)
    tables = {
        "gradient": by_article(design * (gold - expected)[:, None], codes),
        "curvature": by_article(design[:, :, None] * (design * (expected * (1 - expected))[:, None])[:, None, :], codes),
    }
    left = left_out_sums(tables, rules)
    moved = np.linalg.solve(left["curvature"] + _RIDGE * np.eye(p), left["gradient"][:, :, None])[:, :, 0]
    return float(coefficients[0]), coefficients[0] + moved[:, 0]


def _losses(
    gold: NDArray[Any], scores: NDArray[Any], codes: NDArray[Any], rules: Resampling
) -> tuple[float, NDArray[Any], float, NDArray[Any]]:
    """Log loss and gain on the whole, and (g,) of each without one article; the constant is each time the share left."""
    columns = np.column_stack([-np.log(np.where(gold > 0, scores, 1 - scores)), gold, np.ones_like(gold)])
    tables = {"sums": by_article(columns, codes)}
    whole, left = totals(tables)["sums"], left_out_sums(tables, rules)["sums"]

    def both(sums: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        share = np.clip(sums[:, 1] / sums[:, 2], _CLOSEST, 1 - _CLOSEST)
        loss = sums[:, 0] / sums[:, 2]
        constant = -(share * np.log(share) + (1 - share) * np.log1p(-share))
        return loss, constant - loss

    (loss, gain), (losses, gains) = both(whole), both(left)
    return float(loss[0]), losses, float(gain[0]), gains
