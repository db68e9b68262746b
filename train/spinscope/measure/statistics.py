"""A verdict on two systems that respects articles: paired intervals, paired permutation, Holm's correction, a margin.

Sentences of one article are not independent, so articles are what is left out and swapped. With one sentence per
article this is the ordinary paired jackknife and the ordinary paired permutation test.

The interval is that of `resampling`: by default the cluster jackknife of the difference, one article after another left
out of both systems at once. The p-value is a paired
permutation over articles: in each permutation, every article's outputs (probabilities and decisions, all techniques
together) are swapped between the systems with chance 1/2; p = (b + 1) / (r + 1), where b counts the permutations with
a difference at least as large in size (Phipson & Smyth, 2010). A permutation that leaves a figure undefined counts as
at least as large. All figures, average precision and AUROC too, are recomputed exactly on each permutation.

Of several seeds the means are compared. Intervals then count articles and seeds (`paired_intervals`); the permutation says
whether these very seeds differ, and beside it a t-test whose variance holds that of articles and that of seeds says
whether others would: the larger p counts.

Holm's correction is made within families: the averages are one; for each figure, the techniques are one. Where several
systems are compared with one, each family spans all of them (`judged_together`): the best of many is not better by
luck. One test over all figures together comes before (`verdicts`). Intervals are not adjusted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from spinscope.measure.paired_figures import PairedFigures
from spinscope.measure.resampling import Method
from spinscope.measure.sides import Answers, Side
from spinscope.measure.verdicts import Court, Difference, Verdict, holm, judged

__all__ = [
    "Comparison",
    "Difference",
    "Side",
    "Verdict",
    "compare_sides",
    "holm",
    "judged_together",
    "paired_comparison",
]

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
MARGIN = 0.02
"""The smallest difference of interest: 2 points of a figure from 0 to 1."""


@dataclass(frozen=True)
class Comparison:
    """Two sides on the same sentences.

    Attributes:
        overall: figure -> Difference; one Holm family.
        per_technique: technique -> figure -> Difference; one Holm family over the techniques for each figure.
        n_sentences, n_articles: what they were compared on.
        n_resamples: permutations, and as many resamples where intervals rest on them.
        confidence: of the intervals, 0 to 1; verdicts need a corrected p < 1 - confidence.
        seed: of the resampling.
        margin: the smallest difference of interest of figures that lie in 0 to 1 and are to be maximised.
        n_seeds_a, n_seeds_b: systems on each side.
        p_better, p_worse: whether B is surely better, or worse, on any figure at all; where it is not, that is claimed
            of none.
        interval: how intervals were made, see `resampling`.
    """

    overall: dict[str, Difference]
    per_technique: dict[str, dict[str, Difference]]
    n_sentences: int
    n_articles: int
    n_resamples: int
    confidence: float
    seed: int
    margin: float = MARGIN
    n_seeds_a: int = 1
    n_seeds_b: int = 1
    p_better: float | None = None
    p_worse: float | None = None
    interval: Method = "jackknife"

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


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
    margin: float = MARGIN,
    interval: Method = "jackknife",
) -> Comparison:
    """Whether system B is better or worse than system A on the same sentences, or as good.

    See the module's text for the method; of several seeds see `compare_sides`.

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        probabilities_a: (n, k), 0 to 1, of system A.
        decisions_a: (n, k) bool, of system A.
        probabilities_b: (n, k), 0 to 1, of system B.
        decisions_b: (n, k) bool, of system B.
        articles: (n,) article ids, or codes in the order of sorted ids.
        techniques: k names, in column order.
        n_resamples: r, of the permutation, and of the bootstrap where intervals rest on it.
        confidence: of intervals and verdicts, 0 to 1.
        seed: of the resampling.
        margin: the smallest difference of interest, 0 to 1.
        interval: how intervals are made, see `resampling`.

    Raises:
        ValueError: shapes differ.
    """
    answers: tuple[Answers, Answers] = ((probabilities_a, decisions_a), (probabilities_b, decisions_b))
    a, b = (
        Side.of(gold, mask, [one], articles=articles, n_resamples=n_resamples, seed=seed) for one in answers
    )  # fmt: skip
    return compare_sides(a, b, techniques=techniques, confidence=confidence, margin=margin, interval=interval)


def compare_sides(
    a: Side, b: Side, *, techniques: Sequence[str], confidence: float = 0.95, margin: float = MARGIN,
    interval: Method = "jackknife", seeds_are_pairs: bool = False,
) -> Comparison:  # fmt: skip
    """The mean of B's seeds minus the mean of A's, figure by figure, with verdicts on B.

    Args:
        a: of the same sentences, resamples and seed as `b`.
        b: what the verdicts are on.
        techniques: k names, in column order.
        confidence: of intervals and verdicts, 0 to 1.
        margin: the smallest difference of interest, 0 to 1. Of the Brier loss it is that part of the loss of always
            answering with the technique's share: a difference of `margin` in the Brier skill score.
        interval: how intervals are made, see `resampling`.
        seeds_are_pairs: both sides are made of the same fits, seed by seed in the same order, and differ in what is made
            of them: what a seed does to both alike counts for nothing.

    Raises:
        ValueError: as many techniques as columns are wanted, or pairs of unequally many seeds.
    """
    if seeds_are_pairs and a.n_seeds != b.n_seeds:
        raise ValueError(f"pairs of {a.n_seeds} and {b.n_seeds} seeds")
    figures = a.seeds[0]
    if len(techniques) != figures.mask.shape[1]:
        raise ValueError(f"{len(techniques)} techniques for {figures.mask.shape[1]} columns")
    pair = PairedFigures(a, b, confidence=confidence, margin=margin, method=interval, seeds_are_pairs=seeds_are_pairs)
    overall = {name: pair.difference(0, name, None) for name in COMPARED_OVERALL}
    each = {
        technique: {name: pair.difference(1, name, column) for name in COMPARED_PER_TECHNIQUE}
        for column, technique in enumerate(techniques)
    }
    found = Comparison(
        overall,
        each,
        len(figures.mask),
        a.n_articles,
        a.n_resamples,
        confidence,
        a.seed,
        margin,
        a.n_seeds,
        b.n_seeds,
        *pair.any_difference(overall, list(each.values())),
        interval=interval,
    )
    return judged_together([found])[0]


def judged_together(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """The same comparisons with each family spanning all of them: corrected p-values and verdicts are made anew.

    Args:
        comparisons: of several systems with one, on the same sentences, figures and techniques.
    """
    overall = [dict(one.overall) for one in comparisons]
    each = [{technique: dict(row) for technique, row in one.per_technique.items()} for one in comparisons]
    courts = [_court(one, n_comparisons=len(comparisons)) for one in comparisons]
    for figure in dict.fromkeys((None, *(name for one in each for row in one.values() for name in row))):
        family = {
            (number, technique, name): row
            for number in range(len(comparisons))
            for technique, rows in ([("", overall[number])] if figure is None else each[number].items())
            for name, row in rows.items()
            if figure in (None, name)
        }
        verdicts = judged(family, {key: key[2] for key in family}, {key: courts[key[0]] for key in family})
        for (number, technique, name), row in verdicts.items():
            (each[number][technique] if technique else overall[number])[name] = row
    return [
        replace(one, overall=averages, per_technique=rows)
        for one, averages, rows in zip(comparisons, overall, each, strict=True)
    ]


def _court(one: Comparison, *, n_comparisons: int) -> Court:
    rows = [*one.overall.values(), *(row for rows in one.per_technique.values() for row in rows.values())]
    level = (1 - one.confidence) / 2 / n_comparisons
    claims = {"better": one.p_better, "worse": one.p_worse}
    may_be = frozenset(claim for claim, p in claims.items() if p is None or p < level)
    return Court(one.confidence, one.n_articles, sum(row.p_value is not None for row in rows), may_be)
