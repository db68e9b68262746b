"""Acts of speech without a verb of speaking: according to, in her view, the union's claim that, by its own count."""

from __future__ import annotations

from spinscope.data.speech.acts import Act
from spinscope.data.speech.phrases import Subject, phrase_ending
from spinscope.data.speech.subjects import subject_after
from spinscope.data.speech.words import Words
from spinscope.data.speech_verbs import word_set

_VIEWS = word_set("view views opinion words account telling judgement judgment")
_COUNTS = word_set("count account reckoning estimate estimates accounts figures admission survey")
SAYINGS = word_set(
    "claim claims promise warning warnings view argument message answer reply demand accusation allegation statement belief "
    "advice defence defense verdict line contention complaint fear hope prediction assurance conclusion position response "
    "point words motto slogan plea"
)
"""Nouns that stand for what somebody says."""
_POSSESSIVES = word_set("his her their its")
_ANYBODY = word_set("anyone's anybody's everyone's everybody's")
_MOST_WORDS_BACK = 6

TRIGGERS = word_set("according") | _VIEWS | _COUNTS | SAYINGS
"""A sentence with none of these has no such act."""


def noun_acts(words: Words) -> list[Act]:
    """The acts of a sentence that a noun or preposition brings."""
    lows, n = words.lows, len(words)
    found: list[Act | None] = []
    for at, low in enumerate(lows):
        if low not in TRIGGERS:
            continue
        back = lows[max(0, at - _MOST_WORDS_BACK) : at]
        if low == "according":
            found.append(_according(words, at) if lows[at + 1 : at + 2] == ["to"] and at + 2 < n else None)
        elif low in _VIEWS and "in" in back:
            found.append(_in_view(words, at))
        elif low in _COUNTS and "by" in back:
            found.append(_by_count(words, at))
        elif low in SAYINGS and 0 < at < n - 1:
            found.append(_saying(words, at))
    return [act for act in found if act is not None]


def _according(words: Words, at: int) -> Act:
    subject = subject_after(words, at + 1)
    if words.lows[at + 2] in ("him", "her", "them") and (at + 3 == len(words) or words.tags[at + 3] in ",.;-"):
        subject = Subject(at + 2, at + 3, at + 3, "pronoun")
    elif words.lows[at + 2] in ("whom", "which") and at > 1:
        subject = phrase_ending(words, at - 2)
    return Act(at, subject, quotes=True, reports=True, behind=at > 0 and words.tags[at - 1] == ",")


def _owner(words: Words, start: int, end: int) -> Subject | None:
    """The possessor in words [start, end): `the union's own`, `her`."""
    for index in range(end - 1, start - 1, -1):
        low = words.lows[index]
        if low in _POSSESSIVES:
            return Subject(index, index + 1, index + 1, "pronoun")
        if low.endswith(("'s", "s'")):
            begin = index
            while begin > start and words.tags[begin] != "D" and words.tags[begin - 1] in "NnwD":
                begin -= 1
            return Subject(begin, index + 1, index + 1, "owner") if low not in _ANYBODY else None
        if words.tags[index] not in "wNnBD":
            return None
    return None


def _last(words: Words, low: str, at: int) -> int:
    return max(index for index in range(max(0, at - _MOST_WORDS_BACK), at) if words.lows[index] == low)


def _in_view(words: Words, at: int) -> Act | None:
    """`in the union's view`, `in the words of the mayor`."""
    if words.lows[at + 1 : at + 2] == ["of"]:
        subject = subject_after(words, at + 1)
    else:
        subject = _owner(words, _last(words, "in", at) + 1, at)
    return Act(at, subject, quotes=True, reports=True) if subject is not None else None


def _by_count(words: Words, at: int) -> Act | None:
    """`by the auditor's estimate`, `by its own count`."""
    subject = _owner(words, _last(words, "by", at) + 1, at)
    return Act(at, subject, quotes=False, reports=True, behind=True) if subject is not None else None


def _saying(words: Words, at: int) -> Act | None:
    """`Lee's promise that ...`, `His words were that ...`, `Her answer was "..."`."""
    n = len(words)
    owner = _owner(words, max(0, at - _MOST_WORDS_BACK), at)
    if owner is None or (words.tags[at] == "V" and owner.end < at and words.lows[at - 1].endswith("s")):
        return None  # its defenders answer
    index = at + 1
    if words.lows[index] == "that":
        return Act(at, owner, quotes=True, reports=True)
    if words.tags[index] == ",":
        index = words.tags.find(",", index + 1) + 1 or n
    if index + 1 >= n or words.lows[index] not in ("was", "is", "were"):
        return None
    if words.lows[index + 1] == "that":
        return Act(at, owner, quotes=True, reports=True)
    return Act(at, owner, quotes=True, reports=False) if words.tags[index + 1] in "Q:" else None
