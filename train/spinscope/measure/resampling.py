"""Error bars that respect articles: the cluster bootstrap.

Sentences of one article are not independent, so articles are what is resampled. With one sentence per article this is
the ordinary bootstrap.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.figures import Figures, Values

MOST_UNDEFINED_FRACTION = 0.5
WEIGHTS_AT_ONCE = 4_000_000


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
