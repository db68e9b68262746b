"""How well voices are told: F1 of direct quotation and reported speech, and how often the speaker is named rightly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinscope.measure.figures import ratio
from spinscope.measure.resampling import Estimate, block_sizes, interval

FIGURES = (
    "character_f1", "character_precision", "character_recall", "quotation_f1", "quotation_precision", "quotation_recall",
    "reported_f1", "reported_precision", "reported_recall", "speaker_score", "quoted_speaker_score",
    "reported_speaker_score", "verbatim_speaker_score",
)  # fmt: skip
"""`speaker_score`: share of the stretches with a named speaker for which the speaker is named rightly."""

_PARTS = {"character": "character", "quotation": "quotation", "reported": "sentence"}


def measure_voices(
    counts: ArrayLike, names: Sequence[str], *, n_resamples: int, confidence: float, seed: int
) -> dict[str, Estimate]:
    """Every figure with its percentile interval of a bootstrap over articles.

    Args:
        counts: (m, c) of counts, 0 or more, one row per article.
        names: (c,) of what is counted: `character_hits`, `..._extra`, `..._missed`, the same of `quotation` and
            `sentence`, and `quoted_named`, `..._right`, `..._verbatim`, the same of `reported`.
        n_resamples: of the articles.
        confidence: level of the intervals, 0 to 1.
        seed: of the draws.

    Returns:
        an estimate for each of `FIGURES`; without value where there is nothing to be found and nothing was.

    Raises:
        ValueError: counts and names do not fit.
    """
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != len(names):
        raise ValueError(f"counts {table.shape} for {len(names)} names")
    m = len(table)
    rng = np.random.default_rng([seed, 0])
    draws = [rng.multinomial(m, np.full(m, 1 / m), size=size) for size in block_sizes(n_resamples, m)] if m else []
    point = _figures(table.sum(axis=0, keepdims=True), names)
    resampled = _figures(np.concatenate([draw @ table for draw in draws]), names) if draws else {}
    estimates = {}
    for name in FIGURES:
        value = float(point[name][0])
        if np.isnan(value):
            estimates[name] = Estimate(None, note="undefined: nothing marked and nothing found")
        else:
            estimates[name] = Estimate(value, *interval(resampled[name], confidence=confidence))
    return estimates


def _figures(sums: NDArray[Any], names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The figures of (r, c) summed counts, each (r,)."""
    of = dict(zip(names, sums.T, strict=True))
    figures = {}
    for part, counted in _PARTS.items():
        hits, extra, missed = (of[f"{counted}_{kind}"] for kind in ("hits", "extra", "missed"))
        figures[f"{part}_f1"] = ratio(2 * hits, 2 * hits + extra + missed)
        figures[f"{part}_precision"] = ratio(hits, hits + extra)
        figures[f"{part}_recall"] = ratio(hits, hits + missed)
    n_named = of["quoted_named"] + of["reported_named"]
    figures["speaker_score"] = ratio(of["quoted_right"] + of["reported_right"], n_named)
    figures["quoted_speaker_score"] = ratio(of["quoted_right"], of["quoted_named"])
    figures["reported_speaker_score"] = ratio(of["reported_right"], of["reported_named"])
    figures["verbatim_speaker_score"] = ratio(of["quoted_verbatim"] + of["reported_verbatim"], n_named)
    return figures
