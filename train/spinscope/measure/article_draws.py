"""Resampling of articles by weights that follow from the article alone, so that order and grouping play no part.

Every resample gives every article a weight, drawn from the exponential distribution by a hash of the article's key, the
resample's number and the seed: the Bayesian bootstrap (Rubin, Annals of Statistics 1981) over clusters (Field & Welsh,
JRSS B 2007). An article has the same weights in whatever group it stands, and no resample is without articles.

A share's resamples are added half a marked and half an unmarked sentence of random weight, times the design effect
(how many sentences of an article say as much as one sentence of its own). With one sentence in each article the
interval then is Jeffreys' (Brown, Cai & DasGupta, Statistical Science 2001), which holds its level for rare techniques
too, where resampling alone gives intervals that are too short, or none at all where nothing is marked. For few articles
the tails are taken as much further out as Student's distribution lies beyond the normal one (Hesterberg, The American
Statistician 2015). `tests/benchmarks/prevalence.py` measures what each of this is worth.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.resampling import Estimate

ARTICLES_AT_ONCE = 256
FEW_ARTICLES = 10
"""Below this many articles an interval is not to be relied on."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def weighted_sums(keys: NDArray[Any], counts: NDArray[Any], *, n_resamples: int, seed: int) -> NDArray[Any]:
    """Sums over articles in every resample.

    Args:
        keys: (m,) uint64, one for each article.
        counts: (m, c) of what is summed.
        n_resamples: r.
        seed: of the weights.

    Returns:
        (r, c).
    """
    sums = np.zeros((n_resamples, counts.shape[1]))
    for begin in range(0, len(keys), ARTICLES_AT_ONCE):
        block = slice(begin, begin + ARTICLES_AT_ONCE)
        sums += article_weights(keys[block], n_resamples=n_resamples, seed=seed) @ counts[block].astype(np.float64)
    return sums


def article_weights(keys: NDArray[Any], *, n_resamples: int, seed: int) -> NDArray[Any]:
    """(r, m) weights with mean 1, exponentially distributed, by SplitMix64 of key, resample and seed."""
    with np.errstate(over="ignore"):
        start = _mixed(keys.astype(np.uint64) ^ _mixed(np.array([seed], dtype=np.uint64) + _GOLDEN))
        steps = np.arange(1, n_resamples + 1, dtype=np.uint64) * _GOLDEN
        bits = _mixed(start[None, :] + steps[:, None])
    uniform = ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    return -np.log(uniform)


def design_effects(groups: Iterable[tuple[NDArray[Any], NDArray[Any]]]) -> NDArray[Any]:
    """How many sentences within an article say as much about a share as one sentence of its own would.

    The variance of shares between articles over what it would be were sentences independent, pooled over groups, from 1
    to the number of sentences of an article.

    Args:
        groups: one or more, each (m, c) marked sentences and (m, c) sentences by article.

    Returns:
        (c,); 1 where nothing or everything is marked, or no group has two articles.
    """
    parts = np.array([_variances(marked, sentences) for marked, sentences in groups])
    between, alone, n_sentences, n_articles = parts.sum(axis=0)
    effects = np.divide(between, alone, out=np.ones(parts.shape[2]), where=alone > 0)
    return np.clip(effects, 1, np.maximum(1, n_sentences / np.maximum(n_articles, 1)))


def _variances(marked: NDArray[Any], sentences: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """(c,) each: sum of squares between articles, the same were sentences independent, sentences, articles."""
    total, there = sentences.sum(axis=0), (sentences > 0).sum(axis=0)
    share = np.divide(marked.sum(axis=0), total, out=np.zeros(marked.shape[1]), where=total > 0)
    squares = ((marked - share * sentences) ** 2).sum(axis=0) * there / np.maximum(there - 1, 1)
    return squares * (there > 1), share * (1 - share) * total * (there > 1), total, there


def pseudo_sentences(*, n_resamples: int, seed: int, key: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """(r, 1) weights of half a marked and of half an unmarked sentence, other ones for each `key`."""
    rng = np.random.default_rng([seed, key])
    marked, unmarked = rng.gamma(0.5, size=(2, n_resamples, 1))
    return marked, unmarked


def expanded_interval(
    draws: NDArray[Any], n_articles: NDArray[Any], *, confidence: float
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Ends of the percentile interval of (r, c) draws, tails expanded for (c,) few articles; NaN below two."""
    low, high = np.full((2, draws.shape[1]), np.nan)
    normal = NormalDist()
    for m in np.unique(n_articles[n_articles > 1]):
        columns = n_articles == m
        errors = small_sample_factor(int(m), confidence=confidence) * normal.inv_cdf((1 + confidence) / 2)
        tail = normal.cdf(-errors)
        low[columns], high[columns] = np.quantile(draws[:, columns], [tail, 1 - tail], axis=0)
    return low, high


@functools.cache
def small_sample_factor(n_articles: int, *, confidence: float) -> float:
    """By how much more standard errors an interval must reach out where the spread is known from few articles only."""
    from scipy.special import stdtrit

    level = (1 + confidence) / 2
    return float(np.sqrt(n_articles / (n_articles - 1)) * stdtrit(n_articles - 1, level) / NormalDist().inv_cdf(level))


def few_articles(n_articles: int) -> str:
    """What to keep in mind about an interval of so many articles; nothing where they are enough."""
    if n_articles < 2:
        return "no interval: one article only" if n_articles else "no article"
    return f"{n_articles} articles: too few for its interval to be relied on" if n_articles < FEW_ARTICLES else ""


def estimate(value: float, low: float, high: float, *, note: str = "") -> Estimate:
    """A figure and its interval; what is NaN is left out, and where the figure is, its interval too."""
    if np.isnan(value):
        return Estimate(None, note=note)
    ends = [None if np.isnan(end) else float(end) for end in (low, high)]
    return Estimate(float(value), ends[0], ends[1], note)


def _mixed(bits: NDArray[Any]) -> NDArray[Any]:
    """The finaliser of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014)."""
    bits = (bits ^ (bits >> np.uint64(30))) * _MIX[0]
    bits = (bits ^ (bits >> np.uint64(27))) * _MIX[1]
    return bits ^ (bits >> np.uint64(31))
