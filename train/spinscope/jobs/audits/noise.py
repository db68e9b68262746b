"""What is lost where the measured sentences are typed carelessly: case, typos, punctuation."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from spinscope.config import Limits
from spinscope.jobs.audits.sections import Figure, Section
from spinscope.jobs.labelled import Scored
from spinscope.measure.figures import Figures
from spinscope.measure.subsets import mean_over_articles, overall_differences
from spinscope.model.prediction import Classifier

TYPO_SHARE = 0.15
"""Of the words of four letters or more: each gets one slip."""

_LOST = {"micro_f1": "micro F1", "macro_average_precision": "macro average precision"}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def noise_section(classifier: Classifier, scored: Scored, limits: Limits) -> Section:
    """Each kind of carelessness against the sentences as they are, on the same articles."""
    rules = classifier.config.evaluation
    clean = Figures.of(scored.gold, scored.mask, scored.probabilities, scored.decisions, articles=scored.articles)
    figures, examples = [], {}
    for name, (words, change) in KINDS.items():
        chance = random.Random(f"{rules.seed} {name}")
        texts = [change(one.text, chance) for one in scored.sentences]
        noisy = [
            replace(one, text=text, end=one.start + len(text))
            for one, text in zip(scored.sentences, texts, strict=True)
        ]
        probabilities = classifier.probabilities(noisy).probabilities
        decisions = classifier.decide(probabilities)
        changed = Figures.of(scored.gold, scored.mask, probabilities, decisions, articles=scored.articles)
        lost = overall_differences(clean, changed, tuple(_LOST), confidence=rules.confidence)
        for key, title in _LOST.items():
            limit = limits.noise_loss if key == "micro_f1" else None
            figures.append(Figure(f"{name}_{key}_lost", f"{title} lost to {words}", lost[key], at_most=limit, n=len(texts)))  # fmt: skip
        flips = np.array(decisions != scored.decisions, ndmin=2)
        flipped_rows: list[bool] = flips.max(axis=1).tolist()
        flipped = mean_over_articles(flips.mean(axis=1), scored.articles, confidence=rules.confidence)
        figures.append(Figure(f"{name}_flips", f"decisions that flip with {words}", flipped, n=len(texts)))
        examples[name] = [
            {"text": one.text, "changed": text}
            for one, text, flip in zip(scored.sentences, texts, flipped_rows, strict=True)
            if flip
        ][:5]
    note = f"Made from the measured sentences with seed {rules.seed}; a slip in {TYPO_SHARE:.0%} of the longer words."
    return Section("noise", "What careless typing costs", tuple(figures), (note,), {"examples": examples})


def other_case(text: str, chance: random.Random) -> str:
    """All capitals, or none."""
    return text.upper() if chance.random() < 0.5 else text.lower()


def with_typos(text: str, chance: random.Random) -> str:
    """Some longer words with two letters swapped, one dropped, doubled, or replaced."""

    def slip(match: re.Match[str]) -> str:
        word = match.group()
        if chance.random() >= TYPO_SHARE:
            return word
        at = chance.randrange(1, len(word) - 1)
        kind = chance.randrange(4)
        if kind == 0:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if kind == 1:
            return word[:at] + word[at + 1 :]
        return word[:at] + (word[at] * 2 if kind == 2 else chance.choice(_LETTERS)) + word[at + 1 :]

    return re.sub(r"[^\W\d_]{4,}", slip, text)


def without_punctuation(text: str, chance: random.Random) -> str:
    """Letters, digits and single spaces; a text of nothing else stays as it is."""
    return " ".join(re.sub(r"[^\w\s]|_", " ", text.replace("'", "").replace("’", "")).split()) or text


KINDS: Mapping[str, tuple[str, Callable[[str, random.Random], str]]] = {
    "case": ("other case", other_case),
    "typos": ("typos", with_typos),
    "punctuation": ("missing punctuation", without_punctuation),
}
"""Name -> (in words, what changes a text)."""
