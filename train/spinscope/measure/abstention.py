"""Abstention: what is decided when the doubtful is left undecided, and what is wrong of it.

A decision is the surer the farther the probability lies from the technique's cut-off, in log odds. Leaving out the
nearest gives the risk-coverage curve (El-Yaniv & Wiener, JMLR 2010); the area under it is AURC (Geifman, Uziel &
El-Yaniv, ICLR 2019). A band around the cut-off, chosen on dev as the narrowest outside which no more than the wished
share of decisions is wrong, says what to leave to a person.

Error counts wrong decisions among all decisions, present or absent: where a technique is rare it is small without any
band, and precision and recall of what is decided are the figures to look at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.article_sums import Resampling, by_article, confusion, estimates, pooled, quotient
from spinscope.measure.resampling import Estimate

EDGE = 1e-9
"""Probabilities and cut-offs are kept so far from 0 and 1, so that their log odds are finite."""


@dataclass(frozen=True)
class RiskCoverage:
    """Error of the surest decisions: `coverage` (c,), 0 to 1 ascending, `error` (c,), and the area under it."""

    coverage: NDArray[Any]
    error: NDArray[Any]
    aurc_loss: float

    def thinned(self, *, most: int = 120) -> list[tuple[float, float]]:
        """(coverage, error) of so many points at most, for a chart."""
        last = len(self.coverage) - 1
        chosen = np.unique(np.linspace(0, last, most).astype(int)).tolist() if last >= 0 else []
        return [(float(self.coverage[at]), float(self.error[at])) for at in chosen]


@dataclass(frozen=True)
class Band:
    """One technique's band and what it does on sentences it was not chosen on.

    Attributes:
        low, high: probabilities between which nothing is decided; equal where all is decided; None where dev has no
            band that keeps the wish.
        dev_error, dev_coverage: on the sentences it was chosen on.
        error_without: error on the measured sentences if all are decided.
        error, coverage, precision, recall: of what is decided there; coverage is the decided share.
    """

    low: float | None
    high: float | None
    dev_error: float | None
    dev_coverage: float | None
    error_without: Estimate
    error: Estimate
    coverage: Estimate
    precision: Estimate
    recall: Estimate

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            name: value.to_dict() if isinstance(value, Estimate) else value
            for name, value in ((name, getattr(self, name)) for name in self.__dataclass_fields__)
        }


def margins(probabilities: Any, thresholds: Any) -> NDArray[Any]:
    """How far, in log odds, (n, k) probabilities lie from (k,) cut-offs; 0 or more."""
    return np.asarray(np.abs(_log_odds(np.asarray(probabilities)) - _log_odds(np.asarray(thresholds))))


def risk_coverage(wrong: NDArray[Any], margin: NDArray[Any]) -> RiskCoverage:
    """The curve of (n,) bool wrong decisions with (n,) margins; equal margins are taken in together."""
    if len(wrong) == 0:
        return RiskCoverage(np.empty(0), np.empty(0), float("nan"))
    order = np.argsort(-margin, kind="stable")
    ranked = margin[order]
    ends = np.flatnonzero(np.r_[ranked[1:] != ranked[:-1], True])
    error = np.cumsum(wrong[order])[ends] / (ends + 1)
    weights = np.diff(np.r_[-1, ends])
    return RiskCoverage((ends + 1) / len(wrong), error, float((error * weights).sum() / len(wrong)))


def narrowest_margin(wrong: NDArray[Any], margin: NDArray[Any], *, wished_error: float) -> float | None:
    """The least margin from which on no more than `wished_error` of the decisions is wrong; 0: all may be decided."""
    if len(wrong) == 0:
        return None
    curve = risk_coverage(wrong, margin)
    if curve.error[-1] <= wished_error:
        return 0.0
    kept = np.flatnonzero(curve.error <= wished_error)
    if len(kept) == 0:
        return None
    return float(np.unique(margin)[::-1][kept[-1]])


def narrowest_widths(
    dev: tuple[Any, Any, Any], *, thresholds: Any, wished_error: float
) -> list[float | None]:
    """Half the width, in log odds, of each technique's narrowest band that keeps the wish; see `narrowest_margin`.

    Args:
        dev: (n, k) gold, mask, probabilities.
        thresholds: (k,) cut-offs.
        wished_error: share of wrong decisions among the decided, 0 to 1.
    """
    known, wrong, margin = _doubts(dev, np.asarray(thresholds, dtype=np.float64))
    return [
        narrowest_margin(wrong[known[:, j], j], margin[known[:, j], j], wished_error=wished_error)
        for j in range(wrong.shape[1])
    ]


def _doubts(
    dev: tuple[Any, Any, Any], thresholds: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """(n, k) which cells are annotated, which are decided wrongly, and how far each lies from its cut-off."""
    gold, mask, probabilities = (np.asarray(array) for array in dev)
    wrong = (probabilities >= thresholds) != gold.astype(bool)
    return mask.astype(bool), wrong, margins(probabilities, thresholds)


def bands(
    dev: tuple[Any, Any, Any],
    measured: tuple[Any, Any, Any],
    *,
    thresholds: Any,
    articles: NDArray[Any],
    wished_error: float,
    rules: Resampling,
) -> tuple[list[Band], dict[str, Estimate]]:
    """Each technique's band, chosen on dev and measured elsewhere, and all techniques together.

    Together: the figures of `Band` over all cells, and `undecided_sentences`, the share with anything left undecided.

    A technique without a band that keeps the wish on dev is left undecided nowhere here, and says so.

    Args:
        dev: (n, k) gold, mask, probabilities that bands are chosen on.
        measured: the same of the sentences measured.
        thresholds: (k,) cut-offs.
        articles: (n_measured,) codes.
        wished_error: share of wrong decisions among the decided, 0 to 1.
        rules: of the intervals.
    """
    known, wrong, margin = _doubts(dev, np.asarray(thresholds, dtype=np.float64))
    widths = narrowest_widths(dev, thresholds=thresholds, wished_error=wished_error)
    width = np.array([0.0 if one is None else one for one in widths])
    truth, seen, scores = (np.asarray(array) for array in measured)
    sure = margins(scores, thresholds) >= width
    is_known = seen.astype(bool)
    tables = confusion(truth, is_known & sure, scores >= thresholds, articles)
    everything = confusion(truth, is_known, scores >= thresholds, articles)
    tables |= {"all_cells": everything["cells"], "all_wrong": everything["wrong"]}
    figures = _figures(tables, rules)
    rows = []
    for j, one in enumerate(widths):
        kept = known[:, j] & (margin[:, j] >= width[j])
        error_on_dev = float(wrong[kept, j].mean()) if one is not None and kept.any() else None
        coverage_on_dev = float(kept.sum() / known[:, j].sum()) if one is not None else None
        here = (figures[name][j] for name in ("error_without", "error", "coverage", "precision", "recall"))
        rows.append(Band(*band_ends(thresholds[j], one), error_on_dev, coverage_on_dev, *here))
    together = {name: several[0] for name, several in _figures(pooled(tables), rules).items()}
    undecided = (is_known & ~sure).any(axis=1, keepdims=True)
    counts = {"undecided": by_article(undecided, articles), "n": by_article(np.ones_like(undecided), articles)}
    together["undecided_sentences"] = estimates(quotient("undecided", "n"), counts, rules)[0]
    return rows, together


def _figures(tables: dict[str, NDArray[Any]], rules: Resampling) -> dict[str, list[Estimate]]:
    return {
        "error_without": estimates(quotient("all_wrong", "all_cells"), tables, rules, undefined="nothing annotated"),
        "error": estimates(quotient("wrong", "cells"), tables, rules, undefined="nothing decided"),
        "coverage": estimates(quotient("cells", "all_cells"), tables, rules, undefined="nothing annotated"),
        "precision": estimates(quotient("tp", "predicted"), tables, rules, undefined="none predicted"),
        "recall": estimates(quotient("tp", "positives"), tables, rules, undefined="no positive decided"),
    }


def pooled_curve(gold: Any, mask: Any, probabilities: Any, *, thresholds: Any) -> RiskCoverage:
    """The risk-coverage curve of all annotated cells together."""
    known = np.asarray(mask, dtype=bool)
    wrong = (np.asarray(probabilities) >= np.asarray(thresholds)) != np.asarray(gold).astype(bool)
    return risk_coverage(wrong[known], margins(probabilities, thresholds)[known])


def band_ends(threshold: float, width: float | None) -> tuple[float | None, float | None]:
    """Probabilities at so many log odds below and above a threshold; None where there is no width."""
    if width is None:
        return None, None
    if width == 0:
        return float(threshold), float(threshold)
    centre = _log_odds(np.array(threshold))
    low, high = 1 / (1 + np.exp(-(centre + np.array([-width, width]))))
    return float(low), float(high)


def _log_odds(probabilities: NDArray[Any]) -> NDArray[Any]:
    kept = np.clip(probabilities, EDGE, 1 - EDGE)
    return np.asarray(np.log(kept) - np.log1p(-kept))
