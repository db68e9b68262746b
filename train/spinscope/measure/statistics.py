"""A verdict on two systems that respects articles: paired bootstrap, paired permutation, Holm's correction.

Sentences of one article are not independent, so articles are what is resampled and swapped. With one sentence per
article this is the ordinary paired bootstrap and the ordinary paired permutation test.

The interval is a paired cluster bootstrap: both systems on the same drawn articles. The p-value is a paired
permutation over articles: in each permutation, every article's outputs (probabilities and decisions, all techniques
together) are swapped between the systems with chance 1/2; p = (b + 1) / (r + 1), where b counts the permutations with
a difference at least as large in size (Phipson & Smyth, 2010). A permutation that leaves a figure undefined counts as
at least as large. All figures, average precision and AUROC too, are recomputed exactly on each permutation.

Holm's correction is made within families: the averages are one; for each figure, the techniques are one. The verdict
follows the corrected p-value; intervals are not adjusted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.figures import Figures, Values, is_to_minimise
from spinscope.measure.resampling import block_sizes, cluster_bootstrap, gathered, interval

Verdict = Literal["better", "worse", "cannot tell"]

# What two systems are compared on. Precision and recall of the averages are left out: they are parts of the F1 beside
# them, and each further figure costs power in Holm's correction. Calibration error is left out because its estimate
# is biased by amounts that differ between systems; the Brier loss speaks for calibration.
COMPARED_OVERALL = (
    "micro_f1",
    "macro_f1",
    "weighted_f1",
    "macro_average_precision",
    "macro_auroc",
    "brier_loss",
    "any_f1",
    "exact_match_score",
)
COMPARED_PER_TECHNIQUE = ("precision", "recall", "f1", "average_precision", "auroc", "brier_loss")
SAME = 1e-12  # two differences nearer than this are the same but for rounding


@dataclass(frozen=True)
class Difference:
    """System B minus system A on one figure.

    Attributes:
        value_a, value_b, difference: None where undefined.
        low, high: paired percentile bootstrap interval of the difference, not adjusted for multiplicity.
        p_value: two-sided paired permutation p.
        p_holm: p_value corrected within its family; the verdict follows it.
        verdict: what B is; for losses and errors less is better.
        note: why something is None.
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


@dataclass(frozen=True)
class Comparison:
    """Two systems on the same sentences.

    Attributes:
        overall: figure -> Difference; one Holm family.
        per_technique: technique -> figure -> Difference; one Holm family over the techniques for each figure.
        n_sentences, n_articles: what they were compared on.
        n_resamples: bootstrap resamples, and as many permutations.
        confidence: of the intervals, 0 to 1; verdicts need p_holm < 1 - confidence.
        seed: of the resampling.
    """

    overall: dict[str, Difference]
    per_technique: dict[str, dict[str, Difference]]
    n_sentences: int
    n_articles: int
    n_resamples: int
    confidence: float
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


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


def paired_comparison(
    gold: Any,
    mask: Any,
    probabilities_a: Any,
    decisions_a: Any,
    probabilities_b: Any,
    decisions_b: Any,
    *,
    articles: Any,
    techniques: Sequence[str],
    n_resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 13,
) -> Comparison:
    """Whether system B is better or worse than system A on the same sentences.

    See the module's text for the method.

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        probabilities_a: (n, k), 0 to 1, of system A.
        decisions_a: (n, k) bool, of system A.
        probabilities_b: (n, k), 0 to 1, of system B.
        decisions_b: (n, k) bool, of system B.
        articles: (n,) article ids, or codes in the order of sorted ids.
        techniques: k names, in column order.
        n_resamples: r, of bootstrap and of permutation.
        confidence: of intervals and verdicts, 0 to 1.
        seed: of the resampling.

    Raises:
        ValueError: shapes differ.
    """
    a = Figures.of(gold, mask, probabilities_a, decisions_a, articles=articles)
    b = Figures.of(gold, mask, probabilities_b, decisions_b, articles=articles)
    if len(techniques) != a.mask.shape[1]:
        raise ValueError(f"{len(techniques)} techniques for {a.mask.shape[1]} columns")
    values = _Paired(a, b, n_resamples=n_resamples, seed=seed)
    averages = {name: values.difference(0, name, None, confidence) for name in COMPARED_OVERALL}
    overall = _corrected(averages, {name: name for name in averages}, confidence)
    each: dict[str, dict[str, Difference]] = {technique: {} for technique in techniques}
    for name in COMPARED_PER_TECHNIQUE:
        family = {technique: values.difference(1, name, j, confidence) for j, technique in enumerate(techniques)}
        for technique, difference in _corrected(family, dict.fromkeys(family, name), confidence).items():
            each[technique][name] = difference
    return Comparison(overall, each, len(a.mask), a.n_articles, n_resamples, confidence, seed)


class _Paired:
    """Point values, bootstrap draws and permutations of two systems."""

    def __init__(self, a: Figures, b: Figures, *, n_resamples: int, seed: int) -> None:
        self.enough = a.n_articles > 1
        ones = np.ones((1, a.n_articles))
        self.points = [system.values(ones, calibration=False) for system in (a, b)]
        self.draws = [
            cluster_bootstrap(system, n_resamples=n_resamples, seed=seed, calibration=False) for system in (a, b)
        ]
        self.swaps = _permuted(a, b, n_resamples=n_resamples, seed=seed)

    def difference(self, level: int, name: str, column: int | None, confidence: float) -> Difference:
        """One figure's difference, not yet corrected and without a verdict; level 0: averages, 1: techniques."""

        def pick(values: tuple[Values, Values]) -> NDArray[Any]:
            return values[level][name] if column is None else values[level][name][:, column]

        a, b = (None if np.isnan(value) else float(value) for value in (pick(point)[0] for point in self.points))
        if a is None or b is None:
            for_whom = "both" if a is None and b is None else "A" if a is None else "B"
            return Difference(a, b, None, note=f"undefined for {for_whom}")
        swaps = pick(self.swaps)
        extreme = np.isnan(swaps) | (np.abs(swaps) >= abs(b - a) - SAME)
        p_value = (int(extreme.sum()) + 1) / (len(swaps) + 1)
        if not self.enough:
            return Difference(a, b, b - a, p_value=p_value, note="no interval: one article only")
        low, high, note = interval(pick(self.draws[1]) - pick(self.draws[0]), confidence=confidence)
        return Difference(a, b, b - a, low, high, p_value, note=note)


def _permuted(a: Figures, b: Figures, *, n_resamples: int, seed: int) -> tuple[Values, Values]:
    """B minus A under random swaps of whole articles, as weightings of the two systems' stacked sentences."""
    stacked = a.stacked(b)
    rng = np.random.default_rng([seed, 1])

    def differences() -> Iterator[tuple[Values, Values]]:
        for size in block_sizes(n_resamples, 2 * a.n_articles):
            swapped = (rng.random((size, a.n_articles)) < 0.5).astype(np.float64)
            as_a = stacked.values(np.hstack([1 - swapped, swapped]), calibration=False)
            as_b = stacked.values(np.hstack([swapped, 1 - swapped]), calibration=False)
            yield _minus(as_b[0], as_a[0]), _minus(as_b[1], as_a[1])

    return gathered(differences())


def _minus(values: Values, others: Values) -> Values:
    return {name: values[name] - others[name] for name in values}


def _corrected(
    family: Mapping[str, Difference], figure_of: Mapping[str, str], confidence: float
) -> dict[str, Difference]:
    """The family with Holm-corrected p-values and the verdicts that follow from them."""
    out = {}
    for (key, row), p_holm in zip(family.items(), holm([row.p_value for row in family.values()]), strict=True):
        verdict: Verdict = "cannot tell"
        if p_holm is not None and p_holm < 1 - confidence and row.difference is not None:
            verdict = "better" if (row.difference < 0) == is_to_minimise(figure_of[key]) else "worse"
        out[key] = replace(row, p_holm=p_holm, verdict=verdict)
    return out
