"""The smallest difference between two systems that a held-out part can resolve, before anything is trained.

F1 is a function of one share: J = TP / (TP + FP + FN) is the share of hits among the sentences that count, and
F1 = 2 J / (1 + J). With as many false alarms as misses the delta method gives the variance of F1 over n positives,

    var = F1 (1 - F1) (2 - F1) / (2 n) x design effect,    design effect = 1 + (b - 1) x intraclass correlation,

with b positives in an article as a positive sees it, sum(b_i^2) / sum(b_i) (Kish, Survey Sampling, 1965; Donner & Klar,
Design and Analysis of Cluster Randomization Trials, 2000). Two systems with correlated errors differ with a variance of
2 (1 - correlation) var. The difference that a two-sided test finds with the wished power is the sum of two quantiles of
Student's t times the standard error (Cohen, 1988), with the articles that hold positives less one as degrees of freedom.

Nothing is known of the systems yet, so three things are assumed, and said: the F1 at which differences are hardest to
tell (at 0.8 they need be 0.7 as large), an intraclass correlation of errors, and a correlation between systems. Measured
variances of differences were 0.74 (PTC out of fold, TF-IDF against MiniLM, median of 12 techniques), 1.02 (SemEval-2021,
median of 6) and 0.55 (own test part, two MiniLM runs, median of 3) of what these assume. `tests/benchmarks/coverage.py
--only power` measures the power at the difference stated.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

HARDEST_F1 = 1 - 3**-0.5
"""Where F1 (1 - F1) (2 - F1) is largest: 0.42."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What a smallest difference rests on.

    Attributes:
        f1: of both systems, about.
        intraclass_correlation: of the errors on positives of one article.
        correlation: between the two systems' F1 over corpora.
        confidence: of the test, two-sided.
        power: chance to find a difference of that size.
    """

    f1: float = HARDEST_F1
    intraclass_correlation: float = 0.1
    correlation: float = 0.5
    confidence: float = 0.95
    power: float = 0.8


DEFAULT = Assumptions()


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a part can resolve.

    Attributes:
        n_articles: of the part.
        n_positives: sentences with the technique.
        n_articles_with_positives: articles they stand in.
        design_effect: how many positives say as much as one that stands alone.
        smallest_difference: of F1, 0 to 1; None where none can be told.
    """

    n_articles: int
    n_positives: int
    n_articles_with_positives: int
    design_effect: float
    smallest_difference: float | None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @property
    def told(self) -> str:
        """In words: `75 articles, 46 positives: nothing under 9 points`."""
        size = f"{self.n_articles:,} articles, {self.n_positives:,} positives"
        if self.smallest_difference is None:
            return f"{size}: no difference"
        return f"{size}: nothing under {np.ceil(100 * self.smallest_difference):.0f} points"


def resolution(positives: NDArray[Any], assumed: Assumptions = DEFAULT) -> Resolution:
    """The smallest difference in F1.

    Args:
        positives: (m,) positives of each article of the part.
        assumed: what is not known before training.
    """
    from scipy.special import stdtrit

    counts = np.asarray(positives, dtype=np.float64)
    n, with_positives = counts.sum(), int((counts > 0).sum())
    effect = 1.0 if not n else max(1.0, 1 + ((counts**2).sum() / n - 1) * assumed.intraclass_correlation)
    smallest = None
    if with_positives > 1:
        variance = assumed.f1 * (1 - assumed.f1) * (2 - assumed.f1) / (2 * n) * effect
        error = np.sqrt(2 * (1 - assumed.correlation) * variance)
        df = with_positives - 1
        found = float((stdtrit(df, (1 + assumed.confidence) / 2) + stdtrit(df, assumed.power)) * error)
        smallest = found if found < 1 else None
    return Resolution(len(counts), int(n), with_positives, effect, smallest)
