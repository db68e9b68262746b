"""What a Brier loss is made of, and reliability diagrams with intervals over articles.

With sentences in bins b of mean probability p_b and share of positives o_b (Murphy, 1973; Stephenson, Coelho &
Jolliffe, Weather and Forecasting 2008):

    Brier loss = reliability - resolution + uncertainty + within,

    reliability = mean (p_b - o_b)², resolution = mean (o_b - o)², uncertainty = o (1 - o),

and `within` is what the bins do not see (the spread of probabilities inside them). Reliability and resolution are both
too high by the noise of o_b, and uncertainty too low by that of o. They are corrected as Ferro & Fricker (Quarterly
Journal of the Royal Meteorological Society 2012) do, with one difference: the variance of o_b is estimated from its
spread over articles, because the sentences of an article are not independent. With one sentence an article it is theirs.
The sum stays what it was. A corrected reliability below 0 says: no lack of calibration beyond noise.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.article_sums import Resampling, by_article, estimates, quotient
from spinscope.measure.calibration import bin_codes
from spinscope.measure.resampling import Estimate

N_BINS = 10


@dataclass(frozen=True)
class BrierParts:
    """A Brier loss = reliability - resolution + uncertainty + within, the first three corrected for their bias."""

    brier_loss: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float

    def to_dict(self) -> dict[str, float]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Bin:
    """One point of a reliability diagram: `n` cells with `low` to `high` probability, and how many are positive."""

    n: int
    low: float
    high: float
    mean_probability: float
    positive_fraction: Estimate

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def brier_parts(
    gold: Any, mask: Any, probabilities: Any, *, articles: NDArray[Any], n_bins: int = N_BINS
) -> BrierParts | None:
    """The parts of the Brier loss of all annotated cells: those of each technique, weighted by its cells.

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        probabilities: (n, k), 0 to 1.
        articles: (n,) codes.
        n_bins: equal-mass bins per technique; equal probabilities share one.

    Returns:
        None where nothing is annotated.
    """
    gold, mask, probabilities = np.asarray(gold), np.asarray(mask, dtype=bool), np.asarray(probabilities)
    rows, weights = [], []
    for j in np.flatnonzero(mask.any(axis=0)).tolist():
        known = mask[:, j]
        rows.append(_parts(gold[known, j], probabilities[known, j], articles[known], n_bins))
        weights.append(known.sum())
    return BrierParts(*np.average(np.array(rows), axis=0, weights=weights).tolist()) if rows else None


def _parts(gold: NDArray[Any], scores: NDArray[Any], articles: NDArray[Any], n_bins: int) -> tuple[float, ...]:
    n, codes = len(gold), bin_codes(scores, np.ones(len(gold), dtype=bool), n_bins=n_bins)
    size = np.bincount(codes, minlength=n_bins).astype(np.float64)
    used = size > 0
    size = size[used]
    given, share = (np.bincount(codes, of, minlength=n_bins)[used] / size for of in (scores, gold))
    overall = gold.mean()
    noise = np.array([_variance_of_mean(gold[codes == code], articles[codes == code]) for code in np.flatnonzero(used)])
    noise_overall = _variance_of_mean(gold, articles)
    reliability = float((size * ((given - share) ** 2 - noise)).sum() / n)
    resolution = float((size * ((share - overall) ** 2 - noise)).sum() / n + noise_overall)
    uncertainty = float(overall * (1 - overall) + noise_overall)
    loss = float(((scores - gold) ** 2).mean())
    return loss, reliability, resolution, uncertainty, loss - reliability + resolution - uncertainty


def _variance_of_mean(gold: NDArray[Any], articles: NDArray[Any]) -> float:
    """Variance of a share, from the articles' sums of deviations; 0 where one article says nothing of it."""
    codes = np.unique(articles, return_inverse=True)[1]
    m = int(codes.max(initial=-1)) + 1
    if m < 2:
        return 0.0
    sums = np.bincount(codes, gold - gold.mean())
    return float((sums**2).sum() * m / (m - 1) / len(gold) ** 2)


def reliability_bins(
    gold: Any, mask: Any, probabilities: Any, *, articles: NDArray[Any], rules: Resampling, n_bins: int = N_BINS
) -> list[Bin]:
    """A reliability diagram over all annotated cells, from the lowest probabilities up; equal-mass bins.

    Args:
        gold: (n, k) of 0/1; one technique's columns give its own diagram.
        mask: (n, k) bool.
        probabilities: (n, k), 0 to 1.
        articles: (n,) codes.
        rules: of the intervals of the shares.
        n_bins: most bins; equal probabilities share one.
    """
    known = np.asarray(mask, dtype=bool)
    if not known.any():
        return []
    truth, scores = np.asarray(gold)[known].astype(np.float64), np.asarray(probabilities)[known]
    owners = np.broadcast_to(articles[:, None], known.shape)[known]
    codes = bin_codes(scores, np.ones(len(scores), dtype=bool), n_bins=n_bins)
    inside = codes[:, None] == np.unique(codes)[None, :]
    tables = {"positives": by_article(inside * truth[:, None], owners), "n": by_article(inside, owners)}
    shares, sizes = estimates(quotient("positives", "n"), tables, rules), tables["n"].sum(axis=0)
    return [
        Bin(
            int(sizes[b]), float(scores[inside[:, b]].min()), float(scores[inside[:, b]].max()),
            float(scores[inside[:, b]].mean()), share,
        )
        for b, share in enumerate(shares)
    ]  # fmt: skip
