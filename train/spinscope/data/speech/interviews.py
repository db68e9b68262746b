"""Answers of an interview that stand without quotation marks: they are another's words all the same.

Two forms are known. Turns with labels (`Q: ... A: ...`, `Editor: ... Ann Lee: ...`) of which one label asks; and
questions that are paragraphs of their own, put to `you`, with answers in the first person between them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spinscope.data.speech.name_words import TITLES
from spinscope.data.speech.names import is_first_name
from spinscope.data.speech.quotations import Quotation
from spinscope.data.speech_verbs import word_set

_PARAGRAPH = re.compile(r"[^\n\r\x0b\x0c\x85\u2028\u2029]+")
_LABEL = re.compile(r"\s*(?:\*\*|__)?(Q|A|[A-Z][\w.'’-]*(?: [\w.'’-]+){0,4})(?:\*\*|__)?:(?:\*\*|__)?\s+(?=\S)")
_MARKUP = " *_#>\t\"'“”"
_OPENING_MARKS = "\"“„«‘'"
_FIRST_PERSON = re.compile(r"\b(?:I|I['’](?:m|ve|d|ll)|[Mm]y|[Mm]e)\b")
_SECOND_PERSON = re.compile(r"\b[Yy]ou(?:r|rs|['’](?:re|ve|d|ll))?\b")
_FEWEST_TURNS = 4
_FEWEST_QUESTIONS = 3
_MOST_QUESTION_CHARACTERS = 300
_ANSWERER = "A"
_NOBODY = word_set("claim verdict fact facts myth rating ruling finding note update where when why how price")
_HOSTS = word_set("host interviewer moderator presenter anchor question q")


@dataclass(frozen=True, slots=True)
class Answer:
    """A stretch of an answer, one for each paragraph, and the label that names its speaker."""

    quotation: Quotation
    speaker: str | None


@dataclass(frozen=True, slots=True)
class _Paragraph:
    start: int
    end: int
    text: str
    label: str | None = None

    @property
    def asks(self) -> bool:
        return self.text.rstrip(_MARKUP).endswith("?")


def find_answers(text: str) -> list[Answer]:
    """The answers of an interview in which quotation marks do not show them, in order; empty for any other text."""
    if "?" not in text or "\n" not in text:
        return []
    paragraphs = [_paragraph(match) for match in _PARAGRAPH.finditer(text) if not match.group().isspace()]
    labels = [paragraph.label for paragraph in paragraphs if paragraph.label is not None]
    if len(labels) >= _FEWEST_TURNS:
        found = _labelled(paragraphs, labels)
        if found:
            return found
    return _unlabelled(paragraphs)


def _paragraph(match: re.Match[str]) -> _Paragraph:
    label = _LABEL.match(match.group())
    if label is None or label.group(1).lower() in _NOBODY:
        return _Paragraph(match.start(), match.end(), match.group())
    start = match.start() + label.end()
    return _Paragraph(start, match.end(), match.group()[label.end() :], label.group(1))


def _labelled(paragraphs: Sequence[_Paragraph], labels: Sequence[str]) -> list[Answer]:
    """The turns of all who do not ask; none where no label asks, or hardly anything is labelled."""
    turns: dict[str, list[_Paragraph]] = {label: [] for label in labels}
    for paragraph in paragraphs:
        if paragraph.label is not None:
            turns[paragraph.label].append(paragraph)
    regular = {label for label, own in turns.items() if len(own) >= 2}
    askers = {label for label in turns if label.lower() in _HOSTS}
    askers = askers or {label for label in regular if sum(p.asks for p in turns[label]) * 2 >= len(turns[label])}
    if _is_record(turns):
        askers = {label for label in turns if label.lower() in _HOSTS}
    elif not askers or not regular - askers:
        return []
    if 2 * len(labels) < len(paragraphs):
        return []
    answers = []
    answerers = turns.keys() - askers  # the full name may stand but once, before the surname alone
    current: str | None = None
    for paragraph in paragraphs:
        current = paragraph.label or current
        if current in answerers:
            answers.append(_answer(paragraph, None if current == _ANSWERER else current))
    return answers


def _is_record(turns: Mapping[str, Sequence[_Paragraph]]) -> bool:
    """Whether labels with a title or first name have all turns but a host's, as in the record of a debate, and no marks."""
    persons = [label for label in turns if label.split()[0].rstrip(".") in TITLES or is_first_name(label.split()[0])]
    others = [label for label in turns if label not in persons and label.lower() not in _HOSTS]
    marked = any(p.text.lstrip()[:1] in _OPENING_MARKS for label in persons for p in turns[label])
    return len(persons) > 1 and not others and not marked and any(len(turns[label]) > 1 for label in persons)


def _unlabelled(paragraphs: Sequence[_Paragraph]) -> list[Answer]:
    """What stands between questions that are put to `you`, where most of it is told by `I`."""
    asked = [
        index
        for index, paragraph in enumerate(paragraphs)
        if index and paragraph.asks and paragraph.end - paragraph.start <= _MOST_QUESTION_CHARACTERS
    ]
    if len(asked) < _FEWEST_QUESTIONS or any(p.text.lstrip()[:1] in _OPENING_MARKS for p in paragraphs[asked[0] :]):
        return []
    groups = [
        paragraphs[question + 1 : following]
        for question, following in zip(asked, [*asked[1:], min(asked[-1] + 2, len(paragraphs))], strict=True)
    ]
    told = [group for group in groups if group and any(_FIRST_PERSON.search(p.text) for p in group)]
    to_you = sum(_SECOND_PERSON.search(paragraphs[index].text) is not None for index in asked)
    to_me = any(_FIRST_PERSON.search(paragraphs[index].text) for index in asked)
    if not to_you or (to_me and 2 * to_you < len(asked)) or 3 * len(told) < 2 * len(asked):
        return []
    return [_answer(paragraph, None) for group in groups for paragraph in group]


def _answer(paragraph: _Paragraph, speaker: str | None) -> Answer:
    held = paragraph.text.strip()
    start = paragraph.start + paragraph.text.index(held) if held else paragraph.start
    return Answer(Quotation(start, start + len(held)), speaker)
