"""From a difference with its error to a verdict: better, worse, equivalent, or cannot tell.

A verdict is given against a smallest difference of interest, the margin:

* *better* or *worse*: the difference is surely not 0 (corrected p below 1 - confidence), and over all figures together
  the two systems are surely not alike (`largest_p`);
* *equivalent*: the difference surely lies within the margin on both sides: two one-sided t-tests (Schuirmann, Journal of
  Pharmacokinetics and Biopharmaceutics, 1987); where intervals rest on resamples, p is the share of resampled
  differences beyond the nearer end of the margin. A difference that is surely not 0 and surely smaller than the margin
  is equivalent: it matters to nobody;
* *cannot tell*: neither, and how many more articles would settle it.

Both kinds of p are corrected by Holm (Scandinavian Journal of Statistics, 1979), each within its family: claims of a
difference are wrong in at most 1 - confidence of all families, and so are claims of equivalence. A comparison has many
families; that alike systems are called better on some figure in some family is held to half of 1 - confidence by one
test over all of them, which takes into account how they hang together.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.figures import is_to_minimise

Key = TypeVar("Key", bound=Hashable)
Verdict = Literal["better", "worse", "equivalent", "cannot tell"]

SAME = 1e-12  # two differences nearer than this are the same but for rounding
POWER = 0.8
"""Chance that the articles which `articles_to_settle` asks for do settle it, should the difference stay as it is."""


@dataclass(frozen=True)
class Difference:
    """System B minus system A on one figure; of several seeds, the means over them.

    Attributes:
        value_a, value_b, difference: None where undefined.
        low, high: interval of the paired difference (`paired_intervals`), not adjusted for multiplicity.
        p_value: two-sided paired permutation p; of several seeds, the larger of it and the t-test's over the seeds.
        p_holm: p_value corrected within its family; the verdict follows it.
        verdict: what B is; for losses and errors less is better.
        note: why something is None, or what to keep in mind.
        margin: the smallest difference of interest, in units of the figure.
        p_equivalent: of the two one-sided tests; None where too little is known for a claim of equivalence.
        p_equivalent_holm: likewise, corrected.
        standard_error: of the difference, over articles and seeds together.
        seed_error: what of it is due to the seeds: more articles do not lessen it.
        interval_a, interval_b: of the values, for one side alone.
        deviation_a, deviation_b: standard deviation over the seeds; None for one seed.
        family_size: how many differences were corrected together.
        n_articles_to_settle: how many more articles like these would settle what cannot be told; None where it is
            settled, or where no number would.
    """

    value_a: float | None
    value_b: float | None
    difference: float | None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    p_holm: float | None = None
    verdict: Verdict = "cannot tell"
    note: str = ""
    margin: float | None = None
    p_equivalent: float | None = None
    p_equivalent_holm: float | None = None
    standard_error: float | None = None
    seed_error: float = 0.0
    interval_a: tuple[float, float] | None = None
    interval_b: tuple[float, float] | None = None
    deviation_a: float | None = None
    deviation_b: float | None = None
    family_size: int = 0
    n_articles_to_settle: int | None = None


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down correction within one family (Scandinavian Journal of Statistics, 1979).

    None stays None and is not counted.
    """
    ascending = sorted((p, index) for index, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    running = 0.0
    for rank, (p, index) in enumerate(ascending):
        running = min(1.0, max(running, (len(ascending) - rank) * p))
        corrected[index] = running
    return corrected


def equivalence_p(draws: NDArray[Any], margin: float) -> float:
    """Of the two one-sided tests: the larger share of (r,) resampled differences at or beyond one end of the margin.

    It lies below alpha where the (1 - 2 alpha) percentile interval lies within the margin. Undefined draws count as
    beyond both ends.
    """
    undefined = np.isnan(draws)
    beyond = max(int((undefined | (draws >= margin)).sum()), int((undefined | (draws <= -margin)).sum()))
    return min(1.0, (beyond + 1) / (len(draws) + 1))


@dataclass(frozen=True)
class Court:
    """What holds for all figures of one comparison.

    Attributes:
        confidence: verdicts need a corrected p below 1 - confidence.
        n_articles: what they were measured on.
        n_figures: in all its families.
        may_be: the verdicts on a difference that the test over all figures allows.
    """

    confidence: float
    n_articles: int
    n_figures: int
    may_be: frozenset[str] = frozenset(("better", "worse"))


def largest_p(observed: NDArray[Any], swaps: NDArray[Any]) -> tuple[float, float]:
    """Whether the largest of many differences, each in units of its own deviation, is larger than swaps make it.

    The permutation test of the maximum (Westfall & Young, Resampling-Based Multiple Testing, 1993), once for each
    direction; p = (b + 1) / (r + 1). What is undefined plays no part.

    Args:
        observed: (f,) differences, more being better.
        swaps: (r, f) likewise under random swaps.

    Returns:
        p of the largest gain, and of the largest loss.
    """
    spread = np.sqrt(np.nanmean(np.where(np.isnan(swaps).all(axis=0), 0.0, swaps) ** 2, axis=0))
    usable = (spread > 0) & ~np.isnan(observed)
    if not usable.any():
        return 1.0, 1.0
    here, drawn = observed[usable] / spread[usable], np.nan_to_num(swaps[:, usable] / spread[usable], nan=0.0)
    gains, losses = drawn.max(axis=1) >= here.max() - SAME, -drawn.min(axis=1) >= -here.min() - SAME
    return (int(gains.sum()) + 1) / (len(swaps) + 1), (int(losses.sum()) + 1) / (len(swaps) + 1)


def judged(
    family: Mapping[Key, Difference], figure_of: Mapping[Key, str], court_of: Mapping[Key, Court]
) -> dict[Key, Difference]:
    """A family with its p-values corrected, and the verdicts that follow from them.

    Args:
        family: differences that are corrected together.
        figure_of: key -> name of the figure, by which one knows whether less is better.
        court_of: key -> what holds for the comparison that the difference belongs to.
    """
    rows = list(family.values())
    n_defined = sum(row.p_value is not None for row in rows)
    differ, equal = holm([row.p_value for row in rows]), holm([row.p_equivalent for row in rows])
    out = {}
    for (key, row), p_holm, p_equivalent in zip(family.items(), differ, equal, strict=True):
        court, claim = court_of[key], _claim(row, figure_of[key])
        verdict: Verdict = "cannot tell"
        alpha = 1 - court.confidence
        if p_equivalent is not None and p_equivalent < alpha:
            verdict = "equivalent"
        elif p_holm is not None and p_holm < alpha and claim in court.may_be:
            verdict = claim
        told = replace(row, p_holm=p_holm, p_equivalent_holm=p_equivalent, verdict=verdict, family_size=n_defined)
        n_tests = n_defined if claim in court.may_be else court.n_figures
        more = articles_to_settle(told, alpha=alpha / max(1, n_tests), n_articles=court.n_articles)
        out[key] = replace(told, n_articles_to_settle=more)
    return out


def _claim(row: Difference, figure: str) -> Verdict:
    if not row.difference:
        return "cannot tell"
    return "better" if (row.difference < 0) == is_to_minimise(figure) else "worse"


def articles_to_settle(row: Difference, *, alpha: float, n_articles: int) -> int | None:
    """How many more articles would settle what cannot be told, with a chance of 0.8.

    Taken for granted: the difference stays as it is, new articles are like these, so that the variance over articles
    falls with their number and the one over seeds stays. The smaller number
    of two is given: until the difference is surely not 0, or (inside the margin) until it surely lies within.

    Args:
        row: with its verdict.
        alpha: level of one test, after Bonferroni's correction.
        n_articles: what it was measured on.
    """
    if row.verdict != "cannot tell" or row.difference is None or not row.standard_error:
        return None
    normal, size = NormalDist(), abs(row.difference)
    of_seeds = row.seed_error**2
    of_articles = max(row.standard_error**2 - of_seeds, 0.0) * n_articles
    ways = [(size, normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(POWER))]
    if row.margin is not None and row.p_equivalent is not None and size < row.margin:
        # Half of the risk that is left goes to each end of the margin.
        ways.append((row.margin - size, normal.inv_cdf(1 - alpha) + normal.inv_cdf((1 + POWER) / 2)))
    needed = []
    for reach, quantiles in ways:
        spare = (reach / quantiles) ** 2 - of_seeds
        if spare > 0:
            needed.append(of_articles / spare)
    return max(1, math.ceil(min(needed)) - n_articles) if needed else None
