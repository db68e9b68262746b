"""A shared task's figures with intervals over articles: every official figure is a function of sums over articles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.resampling import Estimate, block_sizes, interval

Totals = Mapping[str, NDArray[Any]]
FiguresOf = Callable[[NDArray[Any]], Totals]
"""From (..., c) sums over articles to name -> (...,) figures."""

FEW_ARTICLES = 20


@dataclass(frozen=True)
class Settings:
    """Of the intervals: cluster bootstrap over articles; `n_resamples` 0 for none."""

    n_resamples: int = 2000
    confidence: float = 0.95
    seed: int = 13


@dataclass(frozen=True)
class OfficialScore:
    """What a shared task's scorer says of one submission.

    Attributes:
        main: name of the figure that ranks the task's submissions.
        figures: name -> Estimate, `main` first; the values are the organisers', the intervals are not part of the task.
        per_technique: label -> name -> figure or count, as far as the scorer gives them.
        counts: name -> whole number.
        notes: what to keep in mind.
    """

    main: str
    figures: Mapping[str, Estimate]
    per_technique: Mapping[str, Mapping[str, float]]
    counts: Mapping[str, int]
    notes: tuple[str, ...] = ()

    @property
    def value(self) -> float:
        """The figure that ranks."""
        value = self.figures[self.main].value
        assert value is not None  # every task says what an empty submission gets
        return value

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "main": self.main,
            "figures": {name: estimate.to_dict() for name, estimate in self.figures.items()},
            "per_technique": {label: dict(row) for label, row in self.per_technique.items()},
            "counts": dict(self.counts),
            "notes": list(self.notes),
        }


def estimates(
    sums: NDArray[Any], figures_of: FiguresOf, settings: Settings, *, without_interval: Mapping[str, str] | None = None
) -> dict[str, Estimate]:
    """Each figure of the whole, with its percentile interval over resampled articles.

    Args:
        sums: (n_articles, c) of what the figures are made from.
        figures_of: gives figures from sums.
        settings: of the intervals.
        without_interval: name of a figure -> why it gets none.
    """
    values = {name: float(value) for name, value in figures_of(sums.sum(axis=0)).items()}
    n_articles = len(sums)
    if settings.n_resamples < 1 or n_articles < 2:
        return {name: Estimate(value, note="no interval: fewer than two articles" if n_articles < 2 else "") for name, value in values.items()}  # fmt: skip
    rng = np.random.default_rng([settings.seed, 0])
    blocks = [
        figures_of(rng.multinomial(n_articles, np.full(n_articles, 1 / n_articles), size=size) @ sums)
        for size in block_sizes(settings.n_resamples, n_articles)
    ]
    few = f"{n_articles} articles: too few for its interval to be relied on" if n_articles < FEW_ARTICLES else ""
    found = {}
    for name, value in values.items():
        if name in (without_interval or {}):
            found[name] = Estimate(value, note=(without_interval or {})[name])
            continue
        low, high, note = interval(np.concatenate([block[name] for block in blocks]), confidence=settings.confidence)
        found[name] = Estimate(value, low, high, "; ".join(part for part in (note, few) if part))
    return found


def ratio(numerator: Any, denominator: Any, *, otherwise: float = 0.0) -> NDArray[Any]:
    """Elementwise quotient; `otherwise` where the denominator is 0."""
    numerator, denominator = np.broadcast_arrays(
        np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float)
    )
    return np.divide(numerator, denominator, out=np.full(numerator.shape, otherwise), where=denominator != 0)


def harmonic_mean(precision: NDArray[Any], recall: NDArray[Any]) -> NDArray[Any]:
    """Elementwise F1 of precision and recall; 0 where both are 0."""
    return ratio(2 * precision * recall, precision + recall)
