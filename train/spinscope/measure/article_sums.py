"""Quotients of sums over articles, with intervals: articles are redrawn, and numerator and denominator with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.figures import ratio
from spinscope.measure.resampling import Estimate, block_sizes, interval

Figure = Callable[[dict[str, NDArray[Any]]], NDArray[Any]]
"""Sums, name -> (r, ...), to (r, ...) of a figure, NaN where undefined."""


@dataclass(frozen=True)
class Resampling:
    """How intervals are made: number of resamples, level (0 to 1), seed."""

    n_resamples: int = 1000
    confidence: float = 0.95
    seed: int = 13


def by_article(table: Any, articles: NDArray[Any]) -> NDArray[Any]:
    """(m, ...) sums of an (n, ...) table over articles, codes 0 .. m - 1."""
    table = np.asarray(table, dtype=np.float64)
    sums = np.zeros((int(articles.max(initial=-1)) + 1, *table.shape[1:]))
    np.add.at(sums, articles, table)
    return sums


def drawn_sums(tables: dict[str, NDArray[Any]], rules: Resampling, *, stream: int = 0) -> dict[str, NDArray[Any]]:
    """(r, ...) sums of (m, ...) tables over redrawn articles; all tables see the same draws.

    Args:
        tables: one row per article, the same articles in all.
        rules: number of resamples and seed; stream 0 draws as `cluster_bootstrap` does.
        stream: another one gives independent draws.
    """
    m = len(next(iter(tables.values())))
    rng = np.random.default_rng([rules.seed, stream])
    parts: dict[str, list[NDArray[Any]]] = {name: [] for name in tables}
    for size in block_sizes(rules.n_resamples, m):
        weights = rng.multinomial(m, np.full(m, 1 / m), size=size).astype(np.float64)
        for name, table in tables.items():
            parts[name].append((weights @ table.reshape(m, -1)).reshape(size, *table.shape[1:]))
    return {name: np.concatenate(several) for name, several in parts.items()}


def estimates(
    figure: Figure, tables: dict[str, NDArray[Any]], rules: Resampling, *, undefined: str = "undefined"
) -> list[Estimate]:
    """A figure of summed tables with percentile intervals, one estimate for each column of what it returns."""
    point = np.atleast_1d(figure({name: table.sum(axis=0, keepdims=True) for name, table in tables.items()})[0])
    if len(next(iter(tables.values()))) < 2:
        return [one_estimate(value, None, rules, undefined=undefined) for value in point]
    draws = figure(drawn_sums(tables, rules))
    columns = draws.reshape(len(draws), -1).T
    return [one_estimate(value, samples, rules, undefined=undefined) for value, samples in zip(point, columns, strict=True)]


def one_estimate(
    value: float, samples: NDArray[Any] | None, rules: Resampling, *, undefined: str = "undefined"
) -> Estimate:
    """A value with the percentile interval of (r,) resampled ones; None: there is one article only."""
    if np.isnan(value):
        return Estimate(None, note=undefined)
    if samples is None:
        return Estimate(float(value), note="no interval: one article only")
    low, high, note = interval(samples, confidence=rules.confidence)
    return Estimate(float(value), low, high, note)


def quotient(top: str, bottom: str) -> Figure:
    """The figure sums[top] / sums[bottom]."""
    return lambda sums: ratio(sums[top], sums[bottom])


def confusion(gold: Any, mask: Any, decisions: Any, articles: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Per article, (m, k) each: `tp`, `fp`, `fn`, `cells`, `predicted`, `positives` and `wrong` of annotated cells."""
    known = np.asarray(mask, dtype=bool)
    truth, decided = np.asarray(gold).astype(bool) & known, np.asarray(decisions).astype(bool) & known
    tables = {"tp": truth & decided, "fp": decided & ~truth, "fn": truth & ~decided, "cells": known}
    sums = {name: by_article(table, articles) for name, table in tables.items()}
    return sums | {
        "predicted": sums["tp"] + sums["fp"], "positives": sums["tp"] + sums["fn"], "wrong": sums["fp"] + sums["fn"],
    }  # fmt: skip


def pooled(tables: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """(m, k) tables summed over techniques, to (m, 1): what micro figures are made of."""
    return {name: table.sum(axis=1, keepdims=True) for name, table in tables.items()}


def f1_of(sums: dict[str, NDArray[Any]]) -> NDArray[Any]:
    """F1 of sums `tp`, `fp`, `fn`; NaN where there is nothing to find and nothing was decided."""
    return ratio(2 * sums["tp"], 2 * sums["tp"] + sums["fp"] + sums["fn"])
