"""Parts of the data against the rest: where a classifier does worse, and whether that can be told.

Every figure is a ratio of counts, so that all parts are measured at once. Intervals and p-values come from the cluster
jackknife of `resampling`: a part may be a few sentences of each article, and the rest the others of the same articles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.figures import ratio
from spinscope.measure.resampling import Estimate, degrees_of_freedom, jackknife_interval, left_out_weights
from spinscope.measure.statistics import holm

FIGURES = ("f1", "recall", "false_alarms")
"""Micro F1 and recall over techniques, and the share of sentences' absent techniques that are decided."""

MIN_ARTICLES = 5
MIN_POSITIVES = 10
_SEED = 13


@dataclass(frozen=True, slots=True)
class SliceFigure:
    """One figure of one part.

    Attributes:
        value, rest: of the part and of the other sentences; None where undefined.
        difference: part minus rest.
        p_value, p_holm: that there is no difference; corrected over the parts. None where the part is too small to ask.
        is_worse: told, and to the part's disadvantage.
    """

    value: float | None
    rest: float | None
    difference: Estimate
    p_value: float | None
    p_holm: float | None
    is_worse: bool

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Slice:
    """A part: how large it is, and its figures by the names of `FIGURES`."""

    n_sentences: int
    n_articles: int
    n_positives: int
    figures: dict[str, SliceFigure]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def slices_of(
    gold: Any, mask: Any, decisions: Any, articles: Any, members: Sequence[Any], *, known: Sequence[Any],
    confidence: float = 0.95,
) -> list[Slice]:  # fmt: skip
    """Each part against the rest; p-values corrected by Holm over the parts, for each figure.

    Args:
        gold: (n, k) of 0/1.
        mask: (n, k) bool, True where annotated.
        decisions: (n, k) bool.
        articles: (n,) ids or codes.
        members: for each part (n,) bool.
        known: for each part (n,) bool, of which sentences it is known whether they belong; the others are no rest.
        confidence: of the intervals; parts are told apart at 1 - confidence.
    """
    mask, truth = np.asarray(mask, dtype=bool), np.asarray(gold, dtype=bool)
    decided = np.asarray(decisions, dtype=bool)
    cells = np.stack([c.sum(axis=1) for c in (truth & decided & mask, ~truth & decided & mask, truth & ~decided & mask, ~truth & ~decided & mask)])  # fmt: skip
    _, codes = np.unique(np.asarray(articles), return_inverse=True)
    drafts = [
        _draft(cells, codes, np.asarray(inside, dtype=bool), np.asarray(asked, dtype=bool), confidence)
        for inside, asked in zip(members, known, strict=True)
    ]
    corrected = {name: holm([figures[name][3] for _, figures in drafts]) for name in FIGURES}
    found = []
    for number, (sizes, figures) in enumerate(drafts):
        rows = {}
        for name in FIGURES:
            value, rest, difference, p_value = figures[name]
            p_holm = corrected[name][number]
            lower = (difference.value or 0) < 0
            is_worse = p_holm is not None and p_holm < 1 - confidence and lower == (name != "false_alarms")
            rows[name] = SliceFigure(value, rest, difference, p_value, p_holm, is_worse)
        found.append(Slice(*sizes, rows))
    return found


def _draft(
    cells: NDArray[Any], codes: NDArray[Any], inside: NDArray[Any], asked: NDArray[Any], confidence: float
) -> tuple[tuple[int, int, int], dict[str, tuple[float | None, float | None, Estimate, float | None]]]:
    inside, outside = inside & asked, ~inside & asked
    m = int(codes.max(initial=-1)) + 1
    tables = [np.stack([np.bincount(codes, count * chosen, m) for count in cells]) for chosen in (inside, outside)]
    weights = left_out_weights(m, seed=_SEED) if m > 1 else np.ones((1, m))
    points = [_figures(table.sum(axis=1)) for table in tables]
    without = [_figures(table @ weights.T) for table in tables]
    sizes = (int(inside.sum()), len(np.unique(codes[inside])), int(tables[0][[0, 2]].sum()))
    rows: dict[str, tuple[float | None, float | None, Estimate, float | None]] = {}
    for name in FIGURES:
        value, rest = float(points[0][name]), float(points[1][name])
        if np.isnan(value) or np.isnan(rest):
            rows[name] = (
                _known(value),
                _known(rest),
                Estimate(None, note="undefined in the part or in the rest"),
                None,
            )
            continue
        left_out = without[0][name] - without[1][name]
        ends = jackknife_interval(value - rest, left_out, confidence=confidence, scale="plain")
        large = sizes[1] >= MIN_ARTICLES and (name == "false_alarms" or sizes[2] >= MIN_POSITIVES)
        p_value = _p_value(value - rest, left_out) if large and ends[0] is not None else None
        rows[name] = (value, rest, Estimate(value - rest, *ends), p_value)
    return sizes, rows


def _figures(counts: NDArray[Any]) -> dict[str, NDArray[Any]]:
    tp, fp, fn, tn = counts.astype(np.float64)
    return {
        "f1": ratio(2 * tp, 2 * tp + fp + fn),
        "recall": ratio(tp, tp + fn),
        "false_alarms": ratio(fp, fp + tn),
    }


def _p_value(value: float, left_out: NDArray[Any]) -> float:
    """Two-sided, from t with the degrees of freedom that the articles allow."""
    from scipy.special import stdtr

    influence = left_out - left_out.mean()
    error = np.sqrt((len(left_out) - 1) / len(left_out) * (influence**2).sum())
    return float(2 * stdtr(degrees_of_freedom(influence), -abs(value) / error))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
