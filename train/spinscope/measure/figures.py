"""Every figure under many weightings of the articles at once: the one engine of point values, intervals and tests.

Counts are summed per article once. A weighting (r, m) then turns them into r values of every figure by matrix
products: all ones is the point value, multinomial draws are a cluster bootstrap, zeros and ones over two stacked
systems a permutation.

What is not annotated is left out of every figure. Two figures speak of whole sentences:

* *any technique* is unknown where no annotated technique is positive and some technique is masked: the masked one may
  be there. Such sentences are left out and counted. Decisions on masked techniques are not looked at: a sentence is said to
  have one where an annotated technique is decided, or where a decision of its own (`any_decided`) says so. Where masking
  leaves no sentence known to be free of techniques, precision and F1 cannot be wrong any more and are undefined.
* *exact match* is unknown wherever any technique is masked. A sentence with a mistake among its annotated techniques is
  known not to match, but to count it, while the same sentence without a mistake stays unknown, would let sentences
  into the figure only by being wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.calibration_gaps import CalibrationGaps, root
from spinscope.measure.ranking import Ranking

OVERALL = (
    "micro_precision", "micro_recall", "micro_f1", "macro_f1", "weighted_f1", "macro_average_precision", "macro_auroc",
    "brier_loss", "calibration_error", "any_precision", "any_recall", "any_f1", "exact_match_score",
)  # fmt: skip
PER_TECHNIQUE = ("precision", "recall", "f1", "average_precision", "auroc", "brier_loss", "calibration_error")
Values = dict[str, NDArray[Any]]


def is_to_minimise(name: str) -> bool:
    """Whether less is better, by the naming rule: `*_loss` and `*_error` are to minimise."""
    return name.endswith(("_loss", "_error")) or name == "loss"


@dataclass(frozen=True)
class Figures:
    """One system's predictions, summed up per article.

    Attributes:
        gold: (n, k) of 0/1; masked cells are 0.
        mask: (n, k) bool, True where annotated.
        probabilities: (n, k), 0 to 1; masked cells are 0.
        decisions: (n, k) bool; masked cells are False.
        any_decided: (n,) bool, whether the sentence is said to have any technique.
        articles: (n,) codes 0 .. n_articles - 1.
        n_articles: m, the number of articles.
    """

    gold: NDArray[Any]
    mask: NDArray[Any]
    probabilities: NDArray[Any]
    decisions: NDArray[Any]
    any_decided: NDArray[Any]
    articles: NDArray[Any]
    n_articles: int

    @classmethod
    def of(
        cls, gold: Any, mask: Any, probabilities: Any, decisions: Any, any_decided: Any = None, *, articles: Any = None
    ) -> Figures:
        """Checks shapes and blanks masked cells; without `articles`, all sentences are one article.

        Without `any_decided`, a sentence is said to have any technique where an annotated one is decided.

        Raises:
            ValueError: shapes differ, or an annotated cell's gold is neither 0 nor 1 or its probability is outside 0
                to 1.
        """
        mask = np.asarray(mask, dtype=bool)
        gold, probabilities, decisions = (
            np.asarray(gold),
            np.asarray(probabilities, dtype=np.float64),
            np.asarray(decisions),
        )
        if mask.ndim != 2 or not gold.shape == mask.shape == probabilities.shape == decisions.shape:
            raise ValueError(
                f"gold, mask, probabilities, decisions have shapes {gold.shape}, {mask.shape}, "
                f"{probabilities.shape}, {decisions.shape}"
            )
        codes = (
            np.zeros(len(mask), dtype=np.intp)
            if articles is None
            else np.unique(np.asarray(articles), return_inverse=True)[1]
        )
        if codes.shape != (len(mask),):
            raise ValueError(f"articles {codes.shape} for {len(mask)} sentences")
        decisions = decisions.astype(bool) & mask
        said = decisions.any(axis=1) if any_decided is None else np.asarray(any_decided).astype(bool)
        if said.shape != (len(mask),):
            raise ValueError(f"any_decided {said.shape} for {len(mask)} sentences")
        gold = np.where(mask, gold, 0)
        probabilities = np.where(mask, probabilities, 0.0)
        if not np.isin(gold, (0, 1)).all():
            raise ValueError("gold must be 0 or 1 wherever it is annotated")
        if not ((probabilities >= 0) & (probabilities <= 1)).all():
            raise ValueError("probabilities must lie within 0 and 1 wherever annotated")
        return cls(
            gold.astype(np.int8),
            mask,
            probabilities,
            decisions,
            said,
            codes,
            int(codes.max(initial=-1)) + 1,
        )

    def stacked(self, other: Figures) -> Figures:
        """Both systems' sentences, the other's under article codes m .. 2m - 1, so that a weighting can mix the two."""
        return Figures(
            gold=np.concatenate([self.gold, other.gold]),
            mask=np.concatenate([self.mask, other.mask]),
            probabilities=np.concatenate([self.probabilities, other.probabilities]),
            decisions=np.concatenate([self.decisions, other.decisions]),
            any_decided=np.concatenate([self.any_decided, other.any_decided]),
            articles=np.concatenate([self.articles, other.articles + self.n_articles]),
            n_articles=self.n_articles + other.n_articles,
        )

    @cached_property
    def any_known(self) -> NDArray[Any]:
        """(n,) bool: whether it is known if the sentence has any technique."""
        return np.asarray(self.mask.all(axis=1) | self.gold.any(axis=1))

    @cached_property
    def exact_known(self) -> NDArray[Any]:
        """(n,) bool: whether every technique of the sentence is annotated."""
        return np.asarray(self.mask.all(axis=1))

    def values(self, weights: NDArray[Any], *, calibration: bool = True) -> tuple[Values, Values]:
        """All figures for each weighting.

        Args:
            weights: (r, m) of article weights, 0 or more.
            calibration: whether to compute calibration errors too.

        Returns:
            overall: name -> (r,), and per technique: name -> (r, k). NaN where undefined. Macro figures average the
            techniques with at least one positive of any weight.
        """
        weights = np.asarray(weights, dtype=np.float64)
        sums = {name: weights @ table for name, table in self._per_article.items()}
        tp, fp, fn, cells = (sums[name] for name in ("tp", "fp", "fn", "cells"))
        ranked = [ranking.figures(weights) for ranking in self._rankings]
        each = {
            "precision": ratio(tp, tp + fp),
            "recall": ratio(tp, tp + fn),
            "f1": ratio(2 * tp, 2 * tp + fp + fn),
            "average_precision": np.stack([pair[0] for pair in ranked], axis=1),
            "auroc": np.stack([pair[1] for pair in ranked], axis=1),
            "brier_loss": ratio(sums["squared_error"], cells),
        }
        if calibration:
            squared, squared_each = self.squared_calibration_errors(weights)
            each["calibration_error"] = root(squared_each)
            return self._averages(each, sums, root(squared)), each
        return self._averages(each, sums), each

    def _averages(self, each: Values, sums: Values, calibration_error: NDArray[Any] | None = None) -> Values:
        tp, fp, fn = (sums[name] for name in ("tp", "fp", "fn"))
        positives = tp + fn
        has_positive = positives > 0
        all_tp, all_fp, all_fn = (table.sum(axis=1) for table in (tp, fp, fn))
        any_tp, any_fp, any_fn, any_tn, exact, exact_known = sums["sentences"].T
        # Masks alone can leave only sentences with a technique: then nothing could be a false alarm.
        can_err = (any_fp + any_tn > 0) | bool(self.any_known.all())
        overall = {
            "micro_precision": ratio(all_tp, all_tp + all_fp),
            "micro_recall": ratio(all_tp, all_tp + all_fn),
            "micro_f1": ratio(2 * all_tp, 2 * all_tp + all_fp + all_fn),
            "macro_f1": _mean_where(each["f1"], has_positive),
            "weighted_f1": ratio(np.where(has_positive, each["f1"] * positives, 0).sum(axis=1), positives.sum(axis=1)),
            "macro_average_precision": _mean_where(each["average_precision"], has_positive),
            "macro_auroc": _mean_where(each["auroc"], has_positive),
            "brier_loss": ratio(sums["squared_error"].sum(axis=1), sums["cells"].sum(axis=1)),
            "any_precision": np.where(can_err, ratio(any_tp, any_tp + any_fp), np.nan),
            "any_recall": ratio(any_tp, any_tp + any_fn),
            "any_f1": np.where(can_err, ratio(2 * any_tp, 2 * any_tp + any_fp + any_fn), np.nan),
            "exact_match_score": ratio(exact, exact_known),
        }
        if calibration_error is not None:
            overall["calibration_error"] = calibration_error
        return {name: overall[name] for name in OVERALL if name in overall}

    @cached_property
    def _per_article(self) -> Values:
        truth, decided = self.gold.astype(bool), self.decisions
        any_truth, any_decided, known = truth.any(axis=1), self.any_decided, self.any_known
        matches = (truth == decided).all(axis=1) & self.exact_known
        sentences = (
            known & any_truth & any_decided, known & ~any_truth & any_decided, known & any_truth & ~any_decided,
            known & ~any_truth & ~any_decided, matches, self.exact_known,
        )  # fmt: skip
        tables = {
            "tp": truth & decided,
            "fp": ~truth & decided,
            "fn": truth & ~decided,
            "cells": self.mask,
            "squared_error": (self.probabilities - self.gold) ** 2,
            "sentences": np.stack(sentences, axis=1),
        }
        summed = self._sum_by_article(np.concatenate(list(tables.values()), axis=1))
        ends = np.cumsum([table.shape[1] for table in tables.values()])[:-1]
        return dict(zip(tables, np.split(summed, ends, axis=1), strict=True))

    def squared_calibration_errors(self, weights: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """(r,) mean over techniques and (r, k) of the debiased squared calibration error; may be negative.

        See `calibration_gaps`; `calibration_error` of `values` is the root, 0 where this is negative.
        """
        each = self._calibration_gaps.squared_errors(np.asarray(weights, dtype=np.float64))
        return _mean_where(each, ~np.isnan(each)), each

    @cached_property
    def _calibration_gaps(self) -> CalibrationGaps:
        return CalibrationGaps.of(self.gold, self.mask, self.probabilities, self.articles, self.n_articles)

    @cached_property
    def _rankings(self) -> list[Ranking]:
        columns = ((self.mask[:, j], j) for j in range(self.mask.shape[1]))
        return [
            Ranking.of(self.gold[known, j], self.probabilities[known, j], self.articles[known], self.n_articles)
            for known, j in columns
        ]

    def _sum_by_article(self, table: NDArray[Any]) -> NDArray[Any]:
        from scipy.sparse import csr_array

        ones = np.ones(len(self.articles))
        membership = csr_array(
            (ones, (self.articles, np.arange(len(self.articles)))), shape=(self.n_articles, len(self.articles))
        )
        return np.asarray(membership @ table.astype(np.float64))


def ratio(numerator: NDArray[Any], denominator: NDArray[Any]) -> NDArray[Any]:
    """Element-wise quotient, NaN where the denominator is 0."""
    return np.divide(numerator, denominator, out=np.full(np.shape(numerator), np.nan), where=denominator > 0)


def _mean_where(values: NDArray[Any], chosen: NDArray[Any]) -> NDArray[Any]:
    chosen = chosen & ~np.isnan(values)
    return ratio(np.where(chosen, values, 0).sum(axis=1), chosen.sum(axis=1).astype(np.float64))
