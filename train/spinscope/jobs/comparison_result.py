"""What a comparison found: checkpoints, differences, decisions that changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from spinscope.measure.statistics import Comparison

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

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "first": self.first, "second": self.second, "comparison": self.comparison.to_dict(),
            "change_counts": self.counts(), "changes": [asdict(change) for change in self.changes],
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
