"""What a comparison found: checkpoints, differences, decisions that changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from spinscope.jobs.tables import TITLES
from spinscope.measure.statistics import Comparison, Difference

ADJUSTMENT = (
    "intervals are unadjusted; p is corrected by Holm within each pair of checkpoints and each family of figures"
)


@dataclass(frozen=True, slots=True)
class Change:
    """A decision that the two checkpoints of a pair take differently.

    `change` is what the second does: it `gained` a technique that the first does not decide, or `lost` one; `is_right`
    says whether the second agrees with the label. Probabilities are 0 to 1.
    """

    article: str
    index: int
    text: str
    technique: str
    change: Literal["gained", "lost"]
    is_right: bool
    probability_a: float
    probability_b: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Second checkpoint minus first."""

    first: str
    second: str
    comparison: Comparison
    changes: list[Change]

    def counts(self) -> dict[str, dict[str, int]]:
        """Technique -> "gained right", "gained wrong", "lost right", "lost wrong" -> decisions."""
        kinds = [f"{change} {right}" for change in ("gained", "lost") for right in ("right", "wrong")]
        found = Counter((c.technique, f"{c.change} {'right' if c.is_right else 'wrong'}") for c in self.changes)
        return {
            technique: {kind: found[technique, kind] for kind in kinds} for technique in self.comparison.per_technique
        }

    def without_verdict(self) -> list[str]:
        """Families of figures too large for the number of permutations: their least p after Holm is not low enough."""
        figures = dict.fromkeys(name for row in self.comparison.per_technique.values() for name in row)
        families: dict[str, list[Difference]] = {"averaged figures": list(self.comparison.overall.values())}
        for figure in figures:
            title = f"{TITLES.get(figure, figure)} per technique"
            families[title] = [row[figure] for row in self.comparison.per_technique.values()]
        n_permutations, limit = self.comparison.n_resamples, 1 - self.comparison.confidence
        told = []
        for title, family in families.items():
            size = sum(one.p_value is not None for one in family)
            least = size / (n_permutations + 1)
            if least >= limit:
                told.append(
                    f"{title}: no verdict is possible: with {n_permutations:,} permutations and Holm over {size} the least "
                    f"p is {min(least, 1):.3g}, not below {limit:.3g} (evaluation.n_resamples of the first checkpoint)"
                )
        return told

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "first": self.first, "second": self.second, "comparison": self.comparison.to_dict(),
            "without_verdict": self.without_verdict(), "change_counts": self.counts(), "changes": [asdict(change) for change in self.changes],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ComparisonResult:
    """All checkpoints on the same sentences, each against the first.

    Attributes:
        checkpoints: label -> identity, kind, training cost, scoring speed and size.
        data: hash, part and counts of what they were compared on.
        techniques: compared, in the first checkpoint's order.
        left_out: technique -> why it is not compared.
        pairs: each further checkpoint against the first.
        findings: what makes the verdicts doubtful (exit code 1).
    """

    checkpoints: Mapping[str, Mapping[str, Any]]
    data: Mapping[str, Any]
    techniques: tuple[str, ...]
    left_out: Mapping[str, str]
    pairs: list[Pair]
    findings: list[str]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "checkpoints": {name: dict(facts) for name, facts in self.checkpoints.items()}, "data": dict(self.data),
            "techniques": list(self.techniques), "left_out": dict(self.left_out), "adjustment": ADJUSTMENT,
            "findings": list(self.findings), "pairs": [pair.to_dict() for pair in self.pairs],
        }  # fmt: skip
