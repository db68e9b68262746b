"""How far another engine's answers are from float32's, and whether that is near enough to use it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from spinscope.measure.figures import Figures
from spinscope.measure.resampling import cluster_bootstrap, interval


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an engine must stay within; None: no bound.

    Attributes:
        probability_difference: the largest difference of a probability.
        flipped_fraction: of all decisions, those that differ.
        flipped_positive_fraction: of the decisions that float32 makes positive, those that differ.
        macro_f1_loss: the interval of the macro-F1 difference must end above minus this.
    """

    probability_difference: float | None = None
    flipped_fraction: float | None = None
    flipped_positive_fraction: float | None = None
    macro_f1_loss: float | None = None


EXACT_BOUNDS = Bounds(probability_difference=1e-5, flipped_fraction=0.0, flipped_positive_fraction=0.0)
APPROXIMATE_BOUNDS = Bounds(flipped_fraction=0.003, flipped_positive_fraction=0.08, macro_f1_loss=0.01)


@dataclass(frozen=True, slots=True)
class Answers:
    """One engine's answers: (n, k) probabilities, 0 to 1, and (n, k) bool decisions."""

    probabilities: np.ndarray
    decisions: np.ndarray


@dataclass(frozen=True, slots=True)
class Agreement:
    """An engine's answers beside float32's on the same n sentences and k techniques.

    Attributes:
        n_decisions: n times k.
        n_positive: those that float32 makes positive.
        n_flipped: decisions that differ.
        n_flipped_positive: of the positive ones.
        largest_difference, mean_difference: of a probability.
    """

    n_decisions: int
    n_positive: int
    n_flipped: int
    n_flipped_positive: int
    largest_difference: float
    mean_difference: float

    @property
    def flipped_fraction(self) -> float:
        """Of all decisions."""
        return self.n_flipped / max(1, self.n_decisions)

    @property
    def flipped_positive_fraction(self) -> float:
        """Of those that float32 makes positive."""
        return self.n_flipped_positive / max(1, self.n_positive)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            **asdict(self), "flipped_fraction": self.flipped_fraction,
            "flipped_positive_fraction": self.flipped_positive_fraction,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class QualityDifference:
    """Macro F1 of an engine minus that of float32, with the paired 95 % interval over articles; None: undefined."""

    macro_f1: float | None
    reference_macro_f1: float | None
    difference: float | None
    low: float | None
    high: float | None


def agreement(reference: Answers, other: Answers) -> Agreement:
    """Counts where two engines' answers differ."""
    flipped = reference.decisions != other.decisions
    distances = np.abs(reference.probabilities - other.probabilities)
    return Agreement(
        n_decisions=int(flipped.size), n_positive=int(reference.decisions.sum()), n_flipped=int(flipped.sum()),
        n_flipped_positive=int((flipped & reference.decisions).sum()),
        largest_difference=float(distances.max(initial=0.0)),
        mean_difference=float(distances.mean()) if distances.size else 0.0,
    )  # fmt: skip


def quality_difference(
    gold: np.ndarray, mask: np.ndarray, articles: np.ndarray, reference: Answers, other: Answers, *,
    n_resamples: int = 2000, seed: int = 0,
) -> QualityDifference:  # fmt: skip
    """Macro F1 of both against the labels, on the same resamples of the articles.

    The interval is the percentile bootstrap's. Engines differ in a handful of decisions, and there the jackknife that
    is used elsewhere (`paired_intervals`) is 1.7 times as wide and held the truth in 100 % of 400 made-up corpora
    instead of 93 %: it would refuse engines for want of articles.

    Args:
        gold: (n, k) of 0 or 1.
        mask: (n, k) bool, True where annotated.
        articles: (n,) article codes.
        reference: answers in float32.
        other: the engine's, for the same n sentences.
        n_resamples: of the interval.
        seed: of the resamples.
    """
    values, samples = [], []
    for answers in (reference, other):
        figures = Figures.of(gold, mask, answers.probabilities, answers.decisions, articles=articles)
        everything = np.ones((1, figures.n_articles))
        values.append(figures.values(everything, calibration=False)[0]["macro_f1"][0])
        drawn, _ = cluster_bootstrap(figures, n_resamples=n_resamples, seed=seed, calibration=False)
        samples.append(drawn["macro_f1"])
    low, high, _ = interval(samples[1] - samples[0], confidence=0.95)
    known = [None if np.isnan(value) else float(value) for value in (values[1], values[0], values[1] - values[0])]
    return QualityDifference(known[0], known[1], known[2], low, high)


def broken_bounds(found: Agreement, quality: QualityDifference | None, bounds: Bounds) -> list[str]:
    """What is out of bounds, each as a clause with its figure; an undefined macro F1 breaks no bound."""
    broken = []
    largest = bounds.probability_difference
    if largest is not None and not found.largest_difference <= largest:
        broken.append(f"a probability differs by {found.largest_difference:.2g}, at most {largest:.2g} is allowed")
    pairs = (
        (bounds.flipped_fraction, found.flipped_fraction, found.n_flipped, found.n_decisions, "all decisions"),
        (
            bounds.flipped_positive_fraction, found.flipped_positive_fraction, found.n_flipped_positive,
            found.n_positive, "those positive in float32",
        ),
    )  # fmt: skip
    for bound, fraction, count, total, name in pairs:
        if bound is not None and fraction > bound:
            broken.append(f"{count:,} of {total:,} of {name} flip ({fraction:.2%}), at most {bound:.2%} is allowed")
    loss = bounds.macro_f1_loss
    if loss is not None and quality is not None and quality.low is not None and quality.low <= -loss:
        broken.append(
            f"the interval of the macro-F1 difference ends at {quality.low:+.4f}, above {-loss:+.4f} is asked"
        )
    return broken
