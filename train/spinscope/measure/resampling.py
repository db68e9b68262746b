"""Error bars that respect articles: cluster bootstrap and cluster jackknife.

Sentences of one article are not independent, so articles are what is resampled. With one sentence per article these are
the ordinary bootstrap and the ordinary jackknife. There are three intervals:

* `percentile`: quantiles of the figure on articles drawn with replacement;
* `bca`: the same, corrected for bias and for a spread that depends on the figure's value (Efron, JASA 1987); the
  acceleration comes from the jackknife;
* `jackknife`: the figure plus and minus t standard errors on the logit scale, where the standard error is the spread of
  the figure when one article after another is left out (MacKinnon, Nielsen & Webb, Journal of Applied Econometrics
  2023, call it CV3), and t's degrees of freedom are fewer where a few articles decide the figure (Satterthwaite,
  Biometrics Bulletin 1946).

The last is the default, as it alone holds its level everywhere that was tried: `tests/benchmarks/coverage.py`. Positives
crowd in few articles; of 75 articles a dozen may decide an F1, and quantiles of resamples know nothing of how unsure
their own spread is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.figures import Figures, Values

MOST_UNDEFINED_FRACTION = 0.5
WEIGHTS_AT_ONCE = 4_000_000
MOST_LEFT_OUT = 500
"""Of more articles than this, blocks of them are left out, not one by one."""

NO_SPREAD = "no interval: it is the same whichever article is left out"

Method = Literal["jackknife", "bca", "percentile"]


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval.

    Attributes:
        value: the figure, None where undefined.
        low, high: ends of the interval, None where there is none.
        note: why something is None, or what to keep in mind.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def cluster_bootstrap(
    figures: Figures, *, n_resamples: int, seed: int, calibration: bool = True
) -> tuple[Values, Values]:
    """Every figure on resamples of the articles.

    Each resample draws as many articles as there are, with replacement, as multinomial weights (Field & Welsh, 2007).
    The same seed and articles give the same draws, so that the results of two systems may be subtracted.

    Args:
        figures: the system's predictions.
        n_resamples: r.
        seed: of the draws.
        calibration: whether to compute calibration errors too.

    Returns:
        overall: name -> (r,), and per technique: name -> (r, k); NaN where a resample leaves a figure undefined.
    """
    m = figures.n_articles
    rng = np.random.default_rng([seed, 0])
    draws = (rng.multinomial(m, np.full(m, 1 / m), size=size) for size in block_sizes(n_resamples, m))
    return gathered(figures.values(draw, calibration=calibration) for draw in draws)


def interval(samples: NDArray[Any], *, confidence: float) -> tuple[float | None, float | None, str]:
    """Percentile interval of (r,) resampled values, and a note.

    Undefined (NaN) values are left out; where most are undefined there is no interval.
    """
    undefined = float(np.isnan(samples).mean())
    if undefined > MOST_UNDEFINED_FRACTION:
        return None, None, "no interval: undefined in most resamples"
    low, high = np.nanquantile(samples, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high), f"undefined in {undefined:.0%} of resamples" if undefined > 0.01 else ""


def left_out_weights(n_articles: int, *, seed: int) -> NDArray[Any]:
    """(g, n_articles) of 0 and 1: each row leaves out one article, or of many articles one block drawn at random."""
    if n_articles <= MOST_LEFT_OUT:
        return 1 - np.eye(n_articles)
    blocks = np.random.default_rng([seed, 2]).permutation(n_articles) % MOST_LEFT_OUT
    return (blocks != np.arange(MOST_LEFT_OUT)[:, None]).astype(np.float64)


def bca_interval(
    samples: NDArray[Any], *, value: float, left_out: NDArray[Any], confidence: float
) -> tuple[float | None, float | None, str]:
    """Bias-corrected and accelerated interval of (r,) resampled values, and a note.

    Args:
        samples: of the cluster bootstrap; undefined (NaN) ones are left out, as in `interval`.
        value: on all articles.
        left_out: (g,) values with each article left out; NaN where that leaves nothing to measure.
        confidence: 0 to 1.
    """
    low, high, note = interval(samples, confidence=confidence)
    if low is None:
        return low, high, note
    known = samples[~np.isnan(samples)]
    normal = NormalDist()
    below = float((known < value).mean() + (known <= value).mean()) / 2
    if not 0 < below < 1:
        return None, None, "no interval: every resample lies on one side of the figure"
    influence = np.nanmean(left_out) - left_out
    scale = float(np.nansum(influence**2)) ** 1.5
    acceleration = float(np.nansum(influence**3)) / (6 * scale) if scale else 0.0
    shift = normal.inv_cdf(below)

    def level(tail: float) -> float:
        moved = shift + normal.inv_cdf(tail)
        return normal.cdf(shift + moved / (1 - acceleration * moved))

    ends = np.quantile(known, [level((1 - confidence) / 2), level((1 + confidence) / 2)])
    return float(ends[0]), float(ends[1]), note


def jackknife_interval(
    value: float, left_out: NDArray[Any], *, confidence: float, scale: Literal["logit", "plain"] = "logit"
) -> tuple[float | None, float | None, str]:
    """The interval of a figure from its values without one article after another, and a note.

    Args:
        value: on all articles; within 0 and 1 on the scale `logit`.
        left_out: (g,) values with each article (or block of articles) left out; NaN where that leaves nothing.
        confidence: 0 to 1.
        scale: `logit` for figures within 0 and 1, which keeps the interval within them; `plain` for differences.
    """
    error, df, note = jackknife_error(left_out)
    if note or (scale == "logit" and not 0 < value < 1):
        return None, None, note or NO_SPREAD
    return (*reached(value, error, df=df, confidence=confidence, scale=scale), "")


def jackknife_error(left_out: NDArray[Any]) -> tuple[float, float, str]:
    """Standard error and its degrees of freedom of (g,) values without one article each, or why there is none."""
    if np.isnan(left_out).any():
        return np.nan, np.nan, "no interval: all that it is measured on stands in one article"
    influence = left_out - left_out.mean()
    squares, g = float((influence**2).sum()), len(left_out)
    if g < 2 or squares < 1e-24:
        return 0.0, np.nan, NO_SPREAD
    return float(np.sqrt((g - 1) / g * squares)), degrees_of_freedom(influence), ""


def reached(
    value: float, error: float, *, df: float, confidence: float, scale: Literal["logit", "plain"] = "logit"
) -> tuple[float, float]:
    """Low and high: t standard errors to either side, on the scale given."""
    from scipy.special import expit, logit, stdtrit

    reach = float(stdtrit(df, (1 + confidence) / 2)) * error
    if scale == "plain":
        return value - reach, value + reach
    reach /= value * (1 - value)
    return float(expit(logit(value) - reach)), float(expit(logit(value) + reach))


def degrees_of_freedom(influence: NDArray[Any]) -> float:
    """Of a variance estimated from (g,) centred values: fewer than g - 1 where a few large ones make it up.

    Satterthwaite's: twice the squared variance over the variance of its estimate, which follows from the fourth
    moment. Normal values have about g, one value beside many zeros has two.
    """
    g, squares = len(influence), float((influence**2).sum())
    excess = float((influence**4).sum()) - squares**2 / g
    return min(g - 1.0, 2 * squares**2 / excess) if excess > 0 else g - 1.0


def gathered(blocks: Iterator[tuple[Values, Values]]) -> tuple[Values, Values]:
    """Overall and per-technique values of several blocks of resamples, joined."""
    overall, each = zip(*blocks, strict=True)
    return _joined(overall), _joined(each)


def block_sizes(n_resamples: int, n_articles: int) -> list[int]:
    """How many resamples to work on at once, so that their weights stay within some 30 MB."""
    size = max(1, min(n_resamples, WEIGHTS_AT_ONCE // max(1, n_articles)))
    return [min(size, n_resamples - begin) for begin in range(0, n_resamples, size)]


def _joined(parts: tuple[Values, ...]) -> Values:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
