"""The page of `spinscope explain`, and the marks of words that carry a score, for all pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spinscope.report.pages import render
from spinscope.report.palette import codes, hues
from spinscope.taxonomy import Inventory

N_LEVELS = 4
"""Shades of a word, by its weight against the strongest of the sentence: a page's policy allows no colour of its own."""

N_TOLD = 6
"""Words told in figures."""


def render_evidence(
    sentences: Sequence[tuple[str, Sequence[Mapping[str, Any]]]],
    *,
    inventory: Inventory,
    checkpoint: str,
    identity: str,
) -> str:
    """One self-contained page.

    Args:
        sentences: texts with their evidence, as `Evidence.to_dict` gives it.
        inventory: the techniques, in order.
        checkpoint: name of the checkpoint.
        identity: hex sha256 of the checkpoint.
    """
    letters = codes([technique.title for technique in inventory.techniques])
    techniques = [
        {"title": technique.title, "definition": technique.definition, "code": code}
        for technique, code in zip(inventory.techniques, letters, strict=True)
    ]
    shown = [[_shown(text, one, inventory) for one in evidence] for text, evidence in sentences]
    return render(
        "evidence.html", sentences=shown, techniques=techniques, hues=hues(len(techniques)), checkpoint=checkpoint,
        identity=identity, n_levels=N_LEVELS,
    )  # fmt: skip


def word_pieces(text: str, words: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The text cut at its words, each piece with a level: 1 to `N_LEVELS` where it adds, below 0 where it takes away.

    Args:
        text: the sentence.
        words: `start`, `end` and `weight` of each, in order.
    """
    most = max((abs(word["weight"]) for word in words), default=0.0)
    pieces: list[dict[str, Any]] = []
    position = 0
    for word in words:
        if word["start"] > position:
            pieces.append({"text": text[position : word["start"]], "level": 0, "weight": None})
        level = level_of(word["weight"], most)
        pieces.append({"text": text[word["start"] : word["end"]], "level": level, "weight": word["weight"]})
        position = word["end"]
    if position < len(text):
        pieces.append({"text": text[position:], "level": 0, "weight": None})
    return pieces


def level_of(weight: float, most: float) -> int:
    """-`N_LEVELS` to `N_LEVELS`: the weight against the largest one, 0 below an eighth of it."""
    if most <= 0 or abs(weight) < most / (2 * N_LEVELS):
        return 0
    level = min(N_LEVELS, 1 + int(abs(weight) / most * N_LEVELS - 1e-9))
    return level if weight > 0 else -level


def strongest_words(text: str, words: Sequence[Mapping[str, Any]], *, n: int = N_TOLD) -> list[tuple[str, float]]:
    """The words that add most, each with its weight."""
    ranked = sorted((word for word in words if word["weight"] > 0), key=lambda word: -word["weight"])[:n]
    return [(text[word["start"] : word["end"]], word["weight"]) for word in ranked]


def _shown(text: str, evidence: Mapping[str, Any], inventory: Inventory) -> dict[str, Any]:
    return {
        **evidence,
        "technique": inventory.index(evidence["technique"]),
        "pieces": word_pieces(text, evidence["words"]),
        "told": strongest_words(text, evidence["words"]),
    }
