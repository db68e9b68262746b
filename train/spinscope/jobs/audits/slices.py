"""Where the checkpoint does worse: by voice, length, position, domain and source, flagged only where it can be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spinscope.config import Limits
from spinscope.data.voice import main_voice, voices_of
from spinscope.jobs.audits.attributes import sources_of, topics_of
from spinscope.jobs.audits.sections import Figure, Section
from spinscope.jobs.labelled import Scored
from spinscope.measure.resampling import Estimate
from spinscope.measure.slices import MIN_ARTICLES, Slice, slices_of
from spinscope.model.prediction import Classifier
from spinscope.records import Sentence

MOST_VALUES = 12
"""Values of one attribute that become slices of their own, the most frequent first."""

LENGTHS = ((8, "up to 8 words"), (16, "9 to 16 words"), (28, "17 to 28 words"), (10**9, "over 28 words"))
_WORDS = {"f1": "micro F1", "recall": "recall", "false_alarms": "false alarms"}


@dataclass(frozen=True, slots=True)
class _Attribute:
    """One way to divide the sentences; None where a sentence does not say."""

    name: str
    values: Sequence[str | None]


def slice_section(classifier: Classifier, scored: Scored, limits: Limits) -> Section:
    """Every slice against the rest of the sentences of which the attribute is known."""
    title = "Where it does worse"
    chosen, notes = list(_slices(scored.sentences)), []
    if not chosen:
        return Section("slices", title, notes=("not measured: no slice has enough articles",))
    confidence = classifier.config.evaluation.confidence
    found = slices_of(
        scored.gold, scored.mask, scored.decisions, scored.articles,
        [[value == one for value in attribute.values] for attribute, one in chosen],
        known=[[value is not None for value in attribute.values] for attribute, _ in chosen], confidence=confidence,
    )  # fmt: skip
    worst = max(
        (-(one.figures["f1"].difference.value or 0) for one in found if one.figures["f1"].is_worse), default=0.0
    )
    figures = [Figure("worst_gap", "largest gap in micro F1 that can be told", Estimate(worst), at_most=limits.slice_gap, n=len(scored.sentences))]  # fmt: skip
    figures += [
        Figure(f"{attribute.name}={value}:{name}", f"{_WORDS[name]} where {attribute.name} is {value}, minus the rest", row.difference, n=one.n_sentences)
        for (attribute, value), one in zip(chosen, found, strict=True)
        for name, row in one.figures.items()
        if row.is_worse
    ]  # fmt: skip
    told = {attribute.name for attribute, _ in chosen}
    notes.append(
        f"{len(found)} slices by {', '.join(sorted(told))}; named above: worse at {1 - confidence:.0%} after Holm's correction "
        "over all slices. F1 falls with prevalence too: read it beside recall and false alarms."
    )
    rows = [_row(attribute.name, value, one) for (attribute, value), one in zip(chosen, found, strict=True)]
    return Section("slices", title, tuple(figures), tuple(notes), {"slices": rows})


def _row(attribute: str, value: str, one: Slice) -> dict[str, object]:
    return {"attribute": attribute, "value": value, **one.to_dict()}


def _slices(sentences: Sequence[Sentence]) -> Iterator[tuple[_Attribute, str]]:
    attributes = (
        _Attribute("voice", _voices(sentences)),
        _Attribute("length", [_length(sentence) for sentence in sentences]),
        _Attribute("position", _positions(sentences)),
        _Attribute("domain", topics_of(sentences)),
        _Attribute("source", sources_of(sentences)),
    )
    for attribute in attributes:
        pairs = {
            (value, one.article) for value, one in zip(attribute.values, sentences, strict=True) if value is not None
        }
        counts = Counter(value for value, _ in pairs)
        frequent = [value for value, n_articles in counts.most_common(MOST_VALUES) if n_articles >= MIN_ARTICLES]
        # Where all sentences share one value there is no rest.
        yield from ((attribute, value) for value in sorted(frequent) if len(counts) > 1)


def _length(sentence: Sentence) -> str:
    n_words = len(sentence.text.split())
    return next(name for most, name in LENGTHS if n_words <= most)


def _positions(sentences: Sequence[Sentence]) -> list[str | None]:
    last: dict[str, int] = {}
    for one in sentences:
        last[one.article] = max(last.get(one.article, 0), one.index)
    thirds = ("opening third", "middle third", "closing third")
    return [
        "title" if one.part == "title" else thirds[min(2, 3 * one.index // (last[one.article] + 1))] if last[one.article] else None
        for one in sentences
    ]  # fmt: skip


def _voices(sentences: Sequence[Sentence]) -> list[str | None]:
    """Whose words most of a sentence is: as it is marked, else as the articles' text says."""
    if any(one.voices for one in sentences):
        return [main_voice(len(one.text), one.voices) for one in sentences]
    found: list[str | None] = [None] * len(sentences)
    for rows in _articles(sentences):
        placed = [sentences[row] for row in rows]
        text = ""
        for one in placed:
            text = text.ljust(one.start) + one.text if one.start >= len(text) else text
        if all(text[one.start : one.end] == one.text for one in placed):
            heard = voices_of(text, [(one.start, one.end) for one in placed])
            for row, one, voices in zip(rows, placed, heard, strict=True):
                found[row] = main_voice(len(one.text), voices)
    return found


def _articles(sentences: Sequence[Sentence]) -> Iterator[list[int]]:
    rows: dict[str, list[int]] = {}
    for row, one in enumerate(sentences):
        rows.setdefault(one.article, []).append(row)
    for several in rows.values():
        yield sorted(several, key=lambda row: sentences[row].start)
