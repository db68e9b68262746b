"""What the measured sentences share with those that were trained on: copies, near-copies, slogans; figures without."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.config import Limits
from spinscope.data.corpora import load_sentences
from spinscope.data.duplicates import MIN_WORDS, normalised, text_hash
from spinscope.data.near_copies import near_copies
from spinscope.errors import UserError
from spinscope.jobs.audits.sections import Figure, Section
from spinscope.jobs.labelled import Labelled, Scored
from spinscope.measure.figures import Figures
from spinscope.measure.subsets import mean_over_articles, overall_differences
from spinscope.model.prediction import Classifier
from spinscope.records import Sentence

NEAR_JACCARD = 0.65
"""Lower than in `spinscope check`: one changed word in a short sentence still counts as a copy here."""

MIN_SLOGAN_WORDS = 3
_EXAMPLES = 200
_WITHOUT = {"micro_f1": "micro F1", "macro_average_precision": "macro average precision"}


def leakage_section(classifier: Classifier, labelled: Labelled, scored: Scored, limits: Limits) -> Section:
    """Sentences of the measured part that the training part holds too, and what the figures owe to them."""
    hashes = classifier.training_hashes()
    training, notes = _training_sentences(classifier, labelled, hashes)
    longer = np.array([len(one.text.split()) >= MIN_WORDS for one in scored.sentences])
    same = np.array([text_hash(one.text) in hashes for one in scored.sentences])
    pairs = _near_pairs(training, scored.sentences) if training else []
    near_texts = {normalised(second.text) for _, second, _ in pairs}
    near = np.array([normalised(one.text) in near_texts for one in scored.sentences])
    slogans = _slogans(training, scored.sentences)
    slogan = np.array([bool(found) for found in slogans]) | (same & ~longer)
    copied = (same | near) & longer
    confidence = classifier.config.evaluation.confidence
    share = mean_over_articles(copied[longer], scored.articles[longer], confidence=confidence)
    figures = [
        Figure("copies", f"sentences of {MIN_WORDS} words or more that also stand, or nearly, in the training part", share, at_most=limits.duplicates, n=int(longer.sum())),
        Figure("slogans", "sentences with a phrase or slogan that the training part labels too", mean_over_articles(slogan, scored.articles, confidence=confidence), n=len(slogan)),
        *_without(scored, copied | slogan, confidence),
    ]  # fmt: skip
    notes.append(
        f"{int((same & longer).sum())} exact copies, {int((near & ~same & longer).sum())} near-copies (Jaccard of character "
        f"5-grams {NEAR_JACCARD} or more), {int(slogan.sum())} with a shared slogan, of {len(same):,} measured sentences."
    )
    details = {
        "copies": _copies(scored.sentences, same & longer, pairs),
        "slogans": _slogan_lines(scored.sentences, slogans)[:_EXAMPLES],
        "between_splits": _between_splits(labelled),
    }
    return Section(
        "leakage", "What the measured part shares with the training part", tuple(figures), tuple(notes), details
    )


def _training_sentences(
    classifier: Classifier, labelled: Labelled, hashes: set[str]
) -> tuple[list[Sentence], list[str]]:
    """The training sentences with their texts where they are at hand, else nothing and a remark."""
    measured = {one.article for one in labelled.measured()}
    if labelled.is_own:
        held: Sequence[Sentence] = labelled.part("train")
    else:
        try:
            held = load_sentences(classifier.config.data, target=classifier.inventory)
        except UserError:
            return [], ["The training texts are not at hand: only exact copies can be told, by their hashes."]
        measured = set()
    found = [one for one in held if one.article not in measured and text_hash(one.text) in hashes]
    return found, [] if found else ["No training text is at hand: only exact copies can be told, by their hashes."]


def _near_pairs(training: Sequence[Sentence], measured: Sequence[Sentence]) -> list[tuple[Sentence, Sentence, float]]:
    """(training sentence, measured sentence, similarity) of longer texts that are nearly but not exactly the same."""
    held, asked = ([s for s in part if len(s.text.split()) >= MIN_WORDS] for part in (training, measured))
    pairs = near_copies([s.text for s in held], [s.text for s in asked], threshold=NEAR_JACCARD)
    found = [(held[first], asked[second], similarity) for first, second, similarity in pairs]
    return [one for one in found if normalised(one[0].text) != normalised(one[1].text)]


def _slogans(training: Sequence[Sentence], measured: Sequence[Sentence]) -> list[list[str]]:
    """For each measured sentence, the labelled phrases of three words or more that the training part labels too."""
    known = {phrase for one in training for phrase in _phrases(one)}
    return [sorted(_phrases(one) & known) for one in measured]


def _phrases(sentence: Sentence) -> set[str]:
    spans = {" ".join(re.findall(r"\w+", sentence.text[span.start : span.end].casefold())) for span in sentence.spans}
    return {phrase for phrase in spans if len(phrase.split()) >= MIN_SLOGAN_WORDS}


def _without(scored: Scored, shared: NDArray[Any], confidence: float) -> list[Figure]:
    """What the averaged figures lose where the shared sentences are left out."""
    if not shared.any() or shared.all():
        return []
    everything, others = (
        Figures.of(scored.gold, mask, scored.probabilities, scored.decisions, articles=scored.articles)
        for mask in (scored.mask, scored.mask & ~shared[:, None])
    )
    found = overall_differences(others, everything, tuple(_WITHOUT), confidence=confidence)
    return [
        Figure(f"{name}_without", f"{words} without them, minus with them", found[name], n=int((~shared).sum()))
        for name, words in _WITHOUT.items()
    ]


def _copies(
    sentences: Sequence[Sentence], same: NDArray[Any], pairs: Sequence[tuple[Sentence, Sentence, float]]
) -> list[dict[str, Any]]:
    lines = [
        {"article": one.article, "index": one.index, "text": one.text, "trained": one.text, "similarity": 1.0}
        for one, is_same in zip(sentences, same, strict=True)
        if is_same
    ]
    lines += [
        {"article": second.article, "index": second.index, "text": second.text, "trained": first.text, "similarity": round(similarity, 3)}
        for first, second, similarity in pairs
    ]  # fmt: skip
    return lines


def _slogan_lines(sentences: Sequence[Sentence], slogans: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    return [
        {"article": one.article, "index": one.index, "text": one.text, "phrases": list(found)}
        for one, found in zip(sentences, slogans, strict=True)
        if found
    ]


def _between_splits(labelled: Labelled) -> dict[str, int]:
    """Texts of six words or more that stand in each pair of splits."""
    held: dict[str, set[str]] = {}
    for one in labelled.sentences:
        if one.article in labelled.splits and len(one.text.split()) >= MIN_WORDS:
            held.setdefault(normalised(one.text), set()).add(labelled.splits[one.article])
    splits = ("train", "dev", "test")
    return {
        f"{a}-{b}": sum({a, b} <= several for several in held.values())
        for number, a in enumerate(splits)
        for b in splits[number + 1 :]
    }
