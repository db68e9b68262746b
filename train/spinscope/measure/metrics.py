"""All figures of one system on one data set, with intervals over articles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spinscope.measure.figures import OVERALL, PER_TECHNIQUE, Figures, Values
from spinscope.measure.intervals import Intervals
from spinscope.measure.resampling import Estimate, Method

COUNTS = ("n_positives", "n_annotated", "n_predicted")
FEW_ARTICLES = 30
"""Of fewer articles an interval is not to be trusted."""

FEW_POSITIVES, FEW_ARTICLES_WITH_POSITIVES = 50, 15
"""Nor that of a technique with fewer positives, or with positives in fewer articles: `tests/benchmarks/coverage.py`."""

WHY_UNDEFINED = {
    "any_precision": "none predicted, or no sentence is known to have no technique",
    "any_f1": "nothing to find and none predicted, or no sentence is known to have no technique",
    "average_precision": "no positive",
    "precision": "none predicted",
    "recall": "no positive",
    "f1": "no positive and none predicted",
    "auroc": "no positive or no negative",
    "loss": "nothing annotated",
    "error": "nothing annotated",
    "exact_match_score": "no sentence has every technique annotated",
}


@dataclass(frozen=True)
class Metrics:
    """Figures of one system.

    Attributes:
        overall: name -> Estimate, names and order of `figures.OVERALL`.
        per_technique: technique -> name -> Estimate, names of `figures.PER_TECHNIQUE` and the counts n_positives,
            n_annotated and n_predicted, which have no interval.
        n_sentences, n_articles: what they were measured on.
        n_unknown_any: sentences left out of the any-technique figures, because none of their annotated techniques is
            positive and some technique is not annotated.
        n_unknown_exact: sentences left out of exact match, because some technique is not annotated.
        n_techniques_with_positives: how many techniques the macro figures average.
        n_resamples, confidence, seed, interval: of the intervals; the jackknife draws no resamples.
        notes: what to keep in mind about all of them.
    """

    overall: dict[str, Estimate]
    per_technique: dict[str, dict[str, Estimate]]
    n_sentences: int
    n_articles: int
    n_unknown_any: int
    n_unknown_exact: int
    n_techniques_with_positives: int
    n_resamples: int
    confidence: float
    seed: int
    notes: tuple[str, ...] = ()
    interval: Method = "jackknife"

    def to_dict(self) -> dict[str, Any]:
        """For JSON: figures as {value, low, high, note}, counts as whole numbers."""
        simple = {
            name: getattr(self, name)
            for name in self.__dataclass_fields__
            if name not in ("overall", "per_technique", "notes")
        }
        overall = {name: estimate.to_dict() for name, estimate in self.overall.items()}
        each = {
            technique: {name: _plain(name, e) for name, e in row.items()}
            for technique, row in self.per_technique.items()
        }
        return {"overall": overall, "per_technique": each, **simple, "notes": list(self.notes)}


def point_metrics(
    gold: Any, mask: Any, probabilities: Any, decisions: Any, any_decided: Any = None
) -> dict[str, float]:
    """The overall figures without intervals, and `loss`: fast, for checks during training.

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        probabilities: (n, k), 0 to 1.
        decisions: (n, k) bool.
        any_decided: (n,) bool, whether the sentence is said to have any technique; None: where one is decided.

    Returns:
        name -> value as in `figures.OVERALL`, and the mean binary cross-entropy of annotated cells as `loss`. NaN
        where undefined (trackers and the Trainer compare floats, so None will not do here).
    """
    figures = Figures.of(gold, mask, probabilities, decisions, any_decided)
    overall, _ = figures.values(np.ones((1, figures.n_articles)))
    values = {name: float(value[0]) for name, value in overall.items()}
    truth, given = figures.gold[figures.mask], np.clip(figures.probabilities[figures.mask], 1e-12, 1 - 1e-12)
    values["loss"] = (
        float(-np.where(truth == 1, np.log(given), np.log1p(-given)).mean()) if truth.size else float("nan")
    )
    return values


def evaluate_predictions(
    gold: Any,
    mask: Any,
    probabilities: Any,
    decisions: Any,
    any_decided: Any = None,
    *,
    articles: Any,
    techniques: Sequence[str],
    n_resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 13,
    interval: Method = "jackknife",
) -> Metrics:
    """All figures, each with an interval from resampling the articles.

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        probabilities: (n, k), 0 to 1.
        decisions: (n, k) bool.
        any_decided: (n,) bool, whether the sentence is said to have any technique; None: where one is decided.
        articles: (n,) article ids, or codes in the order of sorted ids.
        techniques: k names, in column order.
        n_resamples: bootstrap resamples, for the intervals `bca` and `percentile`.
        confidence: of the intervals, 0 to 1.
        seed: of the resampling.
        interval: its method, see `resampling`.

    Raises:
        ValueError: shapes differ, or values outside their range.
    """
    figures = Figures.of(gold, mask, probabilities, decisions, any_decided, articles=articles)
    if len(techniques) != figures.mask.shape[1]:
        raise ValueError(f"{len(techniques)} techniques for {figures.mask.shape[1]} columns")
    point, point_each = figures.values(np.ones((1, figures.n_articles)))
    intervals = Intervals(figures, method=interval, n_resamples=n_resamples, confidence=confidence, seed=seed)
    n_measured = int(figures.gold.any(axis=0).sum())
    values = {name: float(point[name][0]) for name in OVERALL}
    return Metrics(
        _estimates(values, intervals, _overall_notes(figures, n_measured)),
        _per_technique(figures, techniques, point_each, intervals),
        n_sentences=len(figures.mask),
        n_articles=figures.n_articles,
        n_unknown_any=int((~figures.any_known).sum()),
        n_unknown_exact=int((~figures.exact_known).sum()),
        n_techniques_with_positives=n_measured,
        n_resamples=n_resamples,
        confidence=confidence,
        seed=seed,
        notes=(*_few_articles(figures.n_articles), *_few_positives(figures, techniques)),
        interval=interval,
    )


def _per_technique(
    figures: Figures, techniques: Sequence[str], point: Values, intervals: Intervals
) -> dict[str, dict[str, Estimate]]:
    counted = {"n_positives": figures.gold, "n_annotated": figures.mask, "n_predicted": figures.decisions}
    out = {}
    for j, technique in enumerate(techniques):
        values = {name: float(point[name][0, j]) for name in PER_TECHNIQUE}
        counts = {name: Estimate(int(counted[name][:, j].sum())) for name in COUNTS}
        out[technique] = _estimates(values, intervals, {}, column=j) | counts
    return out


def _estimates(
    values: Mapping[str, float], intervals: Intervals, notes: Mapping[str, str], *, column: int | None = None
) -> dict[str, Estimate]:
    out = {}
    for name, value in values.items():
        note = notes.get(name, "")
        if np.isnan(value):
            why = next(reason for ending, reason in WHY_UNDEFINED.items() if name.endswith(ending))
            out[name] = Estimate(None, note=_joined(why, note))
        else:
            low, high, caveat = intervals.of(value, name, column)
            out[name] = Estimate(value, low, high, _joined(caveat, note))
    return out


def _overall_notes(figures: Figures, n_measured: int) -> dict[str, str]:
    k = figures.mask.shape[1]
    notes: dict[str, str] = {}
    if 0 < n_measured < k:
        macro = f"over the {n_measured} of {k} techniques with a positive"
        notes |= dict.fromkeys(("macro_f1", "macro_average_precision", "macro_auroc"), macro)
    unknown_any, unknown_exact = int((~figures.any_known).sum()), int((~figures.exact_known).sum())
    if unknown_any:
        left_out = f"{unknown_any} sentences left out: no technique known, some not annotated"
        notes |= dict.fromkeys(("any_precision", "any_recall", "any_f1"), left_out)
    if unknown_exact:
        notes["exact_match_score"] = f"{unknown_exact} sentences left out: some technique not annotated"
    return notes


def _few_articles(n_articles: int) -> tuple[str, ...]:
    if n_articles < FEW_ARTICLES:
        return (
            f"{n_articles} article{'s' * (n_articles != 1)}: too few for intervals to be trusted "
            f"(want {FEW_ARTICLES} or more)",
        )
    return ()


def _few_positives(figures: Figures, techniques: Sequence[str]) -> tuple[str, ...]:
    """Which techniques stand too rarely, or in too few articles, for their intervals to be trusted."""
    rare = []
    for j, technique in enumerate(techniques):
        positives = figures.gold[:, j] > 0
        n_positives, n_articles = int(positives.sum()), len(np.unique(figures.articles[positives]))
        if n_positives > 0 and (n_positives < FEW_POSITIVES or n_articles < FEW_ARTICLES_WITH_POSITIVES):
            rare.append(f"{technique} ({n_positives} in {n_articles} article{'s' * (n_articles != 1)})")
    if not rare or figures.n_articles < 2:
        return ()
    return (
        f"too few positives for intervals to be trusted (want {FEW_POSITIVES} or more, in {FEW_ARTICLES_WITH_POSITIVES} "
        f"or more articles): {', '.join(rare)}",
    )


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def _plain(name: str, estimate: Estimate) -> Any:
    return estimate.value if name in COUNTS else estimate.to_dict()
