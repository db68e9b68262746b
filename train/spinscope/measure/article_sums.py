"""Figures of sums over articles, with the jackknife interval of `resampling`: one article after another is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.figures import ratio
from spinscope.measure.resampling import Estimate, jackknife_interval, left_out_weights

Figure = Callable[[dict[str, NDArray[Any]]], NDArray[Any]]
"""Sums, name -> (r, k, ...), to (r, k) of a figure, NaN where undefined."""
Scale = Literal["logit", "plain"]


@dataclass(frozen=True)
class Resampling:
    """How intervals are made: level, 0 to 1, and seed."""

    confidence: float = 0.95
    seed: int = 13


def by_article(table: Any, articles: NDArray[Any]) -> NDArray[Any]:
    """(m, ...) sums of an (n, ...) table over articles, codes 0 .. m - 1."""
    table = np.asarray(table, dtype=np.float64)
    sums = np.zeros((int(articles.max(initial=-1)) + 1, *table.shape[1:]))
    np.add.at(sums, articles, table)
    return sums


def left_out_sums(tables: dict[str, NDArray[Any]], rules: Resampling) -> dict[str, NDArray[Any]]:
    """(g, ...) sums of (m, ...) tables with one article after another left out (blocks, where there are very many).

    Args:
        tables: one row per article, the same articles in all.
        rules: their seed divides very many articles into blocks.
    """
    weights = left_out_weights(len(next(iter(tables.values()))), seed=rules.seed)
    return {
        name: (weights @ table.reshape(len(table), -1)).reshape(len(weights), *table.shape[1:])
        for name, table in tables.items()
    }


def totals(tables: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """(1, ...) sums of (m, ...) tables."""
    return {name: table.sum(axis=0, keepdims=True) for name, table in tables.items()}


def estimates(
    figure: Figure,
    tables: dict[str, NDArray[Any]],
    rules: Resampling,
    *,
    undefined: str = "undefined",
    scale: Scale = "logit",
) -> list[Estimate]:
    """A figure of summed tables with its intervals, one estimate for each column of what it returns."""
    point, left_out = figure(totals(tables)), figure(left_out_sums(tables, rules))
    return [
        one_estimate(point[0, j], left_out[:, j], rules, undefined=undefined, scale=scale)
        for j in range(point.shape[1])
    ]


def one_estimate(
    value: float, left_out: NDArray[Any], rules: Resampling, *, undefined: str = "undefined", scale: Scale = "logit"
) -> Estimate:
    """A value with its interval, from its (g,) values with one article after another left out.

    `logit` is for figures within 0 and 1, `plain` for all others.
    """
    if np.isnan(value):
        return Estimate(None, note=undefined)
    if len(left_out) < 2:
        return Estimate(float(value), note="no interval: one article only")
    low, high, note = jackknife_interval(float(value), left_out, confidence=rules.confidence, scale=scale)
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
