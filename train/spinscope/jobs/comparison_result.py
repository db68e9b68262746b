"""What a comparison found: checkpoints, differences, decisions that changed, curves, and whether a gate was kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from spinscope.jobs.selection import Selection
from spinscope.jobs.tables import TITLES
from spinscope.measure.statistics import Comparison, Difference

ADJUSTMENT = (
    "intervals are unadjusted; p is corrected by Holm within each family of figures, over all pairs of checkpoints; "
    "better and worse are said only where one test over all figures together finds a difference"
)
HEADLINED = ("f1", "average_precision")
"""Of each technique, what the verdict on a pair looks at beside the averages."""

Status = Literal["kept", "broken", "not judged"]
Headline = Literal["better", "worse", "mixed", "equivalent", "cannot tell"]


@dataclass(frozen=True, slots=True)
class Change:
    """A decision that the two checkpoints of a pair take differently; of several seeds, what more than half decide.

    `change` is what the second does: it `gained` a technique that the first does not decide, or `lost` one; `is_right`
    says whether the second agrees with the label. Probabilities are 0 to 1, the means over the seeds.
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
class Curves:
    """What the charts of one system show.

    Attributes:
        precision_recall: technique -> one list of (recall, precision) for each seed.
        operating: technique -> (recall, precision) at the thresholds, for each seed that decides it at all.
        reliability: technique ('' for all together) -> rows of `reliability_table`, seeds pooled.
    """

    precision_recall: Mapping[str, list[list[tuple[float, float]]]]
    operating: Mapping[str, list[tuple[float, float]]]
    reliability: Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one rule of a gate.

    Attributes:
        rule: in words.
        place: file and line.
        checkpoint: that was held to it.
        status: `not judged` where the data leave the figure undefined for every checkpoint.
        reason: what was measured, in words.
    """

    rule: str
    place: str
    checkpoint: str
    status: Status
    reason: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Second checkpoint minus first.

    Attributes:
        first, second: names.
        comparison: figures and verdicts on the second.
        changes: decisions that changed, the largest change of probability first.
        differences: what sets the two apart in config and data, in words.
    """

    first: str
    second: str
    comparison: Comparison
    changes: list[Change]
    differences: Sequence[str] = ()

    @property
    def headline(self) -> Headline:
        """One verdict on the second checkpoint, from the averages and each technique's F1 and average precision.

        `mixed` where some are better and some worse; `equivalent` where all averages are.
        """
        each = [row[name] for row in self.comparison.per_technique.values() for name in HEADLINED if name in row]
        averages = {one.verdict for one in self.comparison.overall.values()}
        found = averages | {one.verdict for one in each}
        if {"better", "worse"} <= found:
            return "mixed"
        for verdict in ("better", "worse"):
            if verdict in found:
                return verdict
        return "equivalent" if averages == {"equivalent"} else "cannot tell"

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
            here = sum(one.p_value is not None for one in family)
            size = max([here, *(one.family_size for one in family)])
            least = size / (n_permutations + 1)
            if here and least >= limit:
                told.append(
                    f"{title}: no difference can be claimed: with {n_permutations:,} permutations and Holm over {size} the "
                    f"least p is {min(least, 1):.3g}, not below {limit:.3g} (--resamples)"
                )
        return told

    def held_back(self) -> str:
        """Why no difference is claimed though some corrected p is small; '' where that is not so."""
        one, alpha = self.comparison, 1 - self.comparison.confidence
        rows = [*one.overall.values(), *(row for rows in one.per_technique.values() for row in rows.values())]
        small = [row for row in rows if row.verdict == "cannot tell" and row.p_holm is not None and row.p_holm < alpha]
        if not small or one.p_better is None or one.p_worse is None:
            return ""
        return (
            f"{len(small)} of {len(rows)} figures {'differ' if len(small) > 1 else 'differs'} within its family, and nothing is "
            f"claimed: among so many figures chance alone gives as much (p over all together: better {one.p_better:.2g}, "
            f"worse {one.p_worse:.2g})"
        )

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "first": self.first, "second": self.second, "verdict": self.headline, "differences": list(self.differences),
            "comparison": self.comparison.to_dict(), "without_verdict": self.without_verdict(),
            "held_back": self.held_back(), "change_counts": self.counts(),
            "changes": [asdict(change) for change in self.changes],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ComparisonResult:
    """All checkpoints on the same sentences, each against the first.

    Attributes:
        checkpoints: label -> identity, kind, seeds, training cost, calibration error, scoring speed and size.
        data: hash, part and counts of what they were compared on.
        techniques: compared, in the first checkpoint's order.
        left_out: technique -> why it is not compared.
        pairs: each further checkpoint against the first.
        findings: what makes the verdicts doubtful (exit code 1).
        curves: label -> what the charts show.
        gate: what became of each rule of a gate (exit code 3 where one is broken); None without one.
        selection: label -> the selection effect of each seed, on the techniques compared.
    """

    checkpoints: Mapping[str, Mapping[str, Any]]
    data: Mapping[str, Any]
    techniques: tuple[str, ...]
    left_out: Mapping[str, str]
    pairs: list[Pair]
    findings: list[str]
    curves: Mapping[str, Curves] = field(default_factory=dict)
    gate: Sequence[Outcome] | None = None
    selection: Mapping[str, Sequence[Selection]] = field(default_factory=dict)

    def broken(self) -> list[Outcome]:
        """The rules that were broken."""
        return [one for one in self.gate or () if one.status == "broken"]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "checkpoints": {name: dict(facts) for name, facts in self.checkpoints.items()}, "data": dict(self.data),
            "techniques": list(self.techniques), "left_out": dict(self.left_out), "adjustment": ADJUSTMENT,
            "findings": list(self.findings), "pairs": [pair.to_dict() for pair in self.pairs],
            "reliability": {name: dict(curves.reliability) for name, curves in self.curves.items()},
            "selection": {name: [one.to_dict() for one in seeds] for name, seeds in self.selection.items()},
            "gate": None if self.gate is None else [asdict(one) for one in self.gate],
        }  # fmt: skip
