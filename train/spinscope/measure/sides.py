"""The two sides of a comparison, each one system or several seeds of one: values, resamples and permutations.

The value of a side is the mean over its seeds. Its resamples, where intervals rest on them, draw articles (the same for
all seeds and both sides) and seeds. Seeds are few: drawn with replacement, the mean of s of them varies less than it should by (s - 1) / s, so their
deviations are drawn that much larger, and intervals reach out as much further as Student's quantile lies beyond the
normal one, with the degrees of freedom of Welch and Satterthwaite (Satterthwaite, Biometrics Bulletin 1946). Where one
side has a single seed, what seeds do to it is taken from the other side's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.figures import Figures, Values
from spinscope.measure.resampling import block_sizes, cluster_bootstrap, gathered, left_out_weights

Answers = tuple[Any, Any] | tuple[Any, Any, Any]
"""(n, k) probabilities, 0 to 1, and (n, k) bool decisions of one system; third, as of `Figures.of`, whether (n,) sentences
are said to have any technique, or None."""


class Side:
    """One side: the figures of its s seeds, as they are and on resamples of the articles.

    Args:
        seeds: one for each.
        n_resamples: r.
        seed: of the resampling.
    """

    def __init__(self, seeds: Sequence[Figures], *, n_resamples: int, seed: int) -> None:
        self.seeds, self.n_resamples, self.seed = list(seeds), n_resamples, seed
        self.n_articles = seeds[0].n_articles

    @classmethod
    def of(
        cls, gold: Any, mask: Any, systems: Sequence[Answers], *, articles: Any, n_resamples: int, seed: int
    ) -> Side:
        """From the answers of each seed; see `paired_comparison` for the rest.

        Raises:
            ValueError: no system, or shapes differ.
        """
        if not systems:
            raise ValueError("a side without a system")
        figures = [Figures.of(gold, mask, *answers, articles=articles) for answers in systems]
        return cls(figures, n_resamples=n_resamples, seed=seed)

    @property
    def n_seeds(self) -> int:
        """How many systems, s."""
        return len(self.seeds)

    def values(self, level: int, name: str, column: int | None) -> NDArray[Any]:
        """(s,) of one figure; level 0: averages, 1: of the technique in `column`."""
        return np.array([_picked(point, level, name, column)[0] for point in self._points])

    def draws(self, level: int, name: str, column: int | None) -> NDArray[Any]:
        """(s, r) of one figure on resamples of the articles."""
        return np.stack([_picked(draws, level, name, column) for draws in self._draws])

    def left_out(self, level: int, name: str, column: int | None) -> NDArray[Any]:
        """(s, g) of one figure with one article after another left out (blocks, where there are very many)."""
        return np.stack([_picked(values, level, name, column) for values in self._left_out])

    def is_same(self, other: Side) -> NDArray[Any]:
        """(k,) bool: the seeds of both sides answer alike, one by one, in every annotated cell of the technique."""
        if self.n_seeds != other.n_seeds:
            return np.zeros(self.seeds[0].mask.shape[1], dtype=bool)
        alike = [
            (one.probabilities == its.probabilities).all(axis=0) & (one.decisions == its.decisions).all(axis=0)
            for one, its in zip(self.seeds, other.seeds, strict=True)
        ]
        return np.asarray(np.all(alike, axis=0))

    def is_same_any(self, other: Side) -> bool:
        """The seeds of both sides say alike, one by one, which sentences have any technique."""
        return self.n_seeds == other.n_seeds and all(
            np.array_equal(one.any_decided, its.any_decided) for one, its in zip(self.seeds, other.seeds, strict=True)
        )

    @cached_property
    def _points(self) -> list[tuple[Values, Values]]:
        ones = np.ones((1, self.n_articles))
        return [figures.values(ones, calibration=False) for figures in self.seeds]

    @cached_property
    def _draws(self) -> list[tuple[Values, Values]]:
        return [
            cluster_bootstrap(figures, n_resamples=self.n_resamples, seed=self.seed, calibration=False)
            for figures in self.seeds
        ]

    @cached_property
    def _left_out(self) -> list[tuple[Values, Values]]:
        weights = left_out_weights(self.n_articles, seed=self.seed)
        return [figures.values(weights, calibration=False) for figures in self.seeds]


def permuted(a: Side, b: Side) -> tuple[Values, Values]:
    """B minus A under random swaps of whole articles between the sides: overall and per technique, (r,) and (r, k).

    An article's answers of all seeds are swapped together. Seeds are paired off, as often as it takes for each to stand
    in equally many pairs, and the pairs' differences averaged: without a swap, that is the difference of the means.
    """
    n_pairs = math.lcm(a.n_seeds, b.n_seeds)
    total: tuple[Values, Values] | None = None
    for pair in range(n_pairs):
        found = _permuted_pair(
            a.seeds[pair % a.n_seeds], b.seeds[pair % b.n_seeds], n_resamples=a.n_resamples, seed=a.seed
        )
        total = found if total is None else (_summed(total[0], found[0]), _summed(total[1], found[1]))
    assert total is not None
    overall, each = ({name: value / n_pairs for name, value in values.items()} for values in total)
    return overall, each


def seed_noise(
    a: NDArray[Any], b: NDArray[Any], *, seed: int, is_same: bool, are_pairs: bool = False
) -> tuple[NDArray[Any], NDArray[Any]]:
    """What the choice of seeds adds to each resample of the two means: (r,) and (r,), around 0.

    Args:
        a: (s_a, r) of side A on resamples of the articles.
        b: (s_b, r) of side B.
        seed: of the draws.
        is_same: the sides hold the same systems, so that the same seeds are drawn for both.
        are_pairs: each seed of A belongs to one of B, in their order: they are drawn together.
    """
    donor_a, donor_b = (a if len(a) > 1 else b), (b if len(b) > 1 else a)
    first = _drawn_means(donor_a, len(a), np.random.default_rng([seed, 2]))
    second = first if is_same else _drawn_means(donor_b, len(b), np.random.default_rng([seed, 2 if are_pairs else 3]))
    return first, second


def seed_variances(a: NDArray[Any], b: NDArray[Any], *, are_pairs: bool = False) -> list[tuple[float, float]]:
    """(variance of the mean, degrees of freedom) of each side's seeds, from (s_a,) and (s_b,) values; empty for one each.

    With `are_pairs` of the differences of the pairs alone: what a seed does to both sides alike does nothing between them.
    """
    if len(a) == len(b) == 1:
        return []
    if are_pairs:
        return [(float((b - a).var(ddof=1)) / len(a), len(a) - 1)]
    donors = (a if len(a) > 1 else b, b if len(b) > 1 else a)
    return [(float(donor.var(ddof=1)) / len(side), len(donor) - 1) for side, donor in zip((a, b), donors, strict=True)]


def degrees_of_freedom(parts: Sequence[tuple[float, float]]) -> float:
    """Welch and Satterthwaite's, of a sum of variances that are each known with some; infinite where all are 0."""
    total = sum(variance for variance, _ in parts)
    below = sum(variance**2 / freedom for variance, freedom in parts if freedom > 0)
    return total**2 / below if below > 0 else math.inf


def _drawn_means(donor: NDArray[Any], n_seeds: int, rng: np.random.Generator) -> NDArray[Any]:
    s, r = donor.shape
    if s == 1:
        return np.zeros(r)
    drawn = np.take_along_axis(donor, rng.integers(s, size=(n_seeds, r)), axis=0)
    return np.asarray((drawn.mean(axis=0) - donor.mean(axis=0)) * math.sqrt(s / (s - 1)))


def _permuted_pair(a: Figures, b: Figures, *, n_resamples: int, seed: int) -> tuple[Values, Values]:
    """B minus A under swaps, as weightings of the two systems' stacked sentences."""
    stacked = a.stacked(b)
    rng = np.random.default_rng([seed, 1])

    def differences() -> Iterator[tuple[Values, Values]]:
        for size in block_sizes(n_resamples, 2 * a.n_articles):
            swapped = (rng.random((size, a.n_articles)) < 0.5).astype(np.float64)
            as_a = stacked.values(np.hstack([1 - swapped, swapped]), calibration=False)
            as_b = stacked.values(np.hstack([swapped, 1 - swapped]), calibration=False)
            yield _minus(as_b[0], as_a[0]), _minus(as_b[1], as_a[1])

    return gathered(differences())


def _picked(values: tuple[Values, Values], level: int, name: str, column: int | None) -> NDArray[Any]:
    return values[level][name] if column is None else values[level][name][:, column]


def _minus(values: Values, others: Values) -> Values:
    return {name: values[name] - others[name] for name in values}


def _summed(values: Values, others: Values) -> Values:
    return {name: values[name] + others[name] for name in values}
