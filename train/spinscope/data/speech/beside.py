"""Who is named beside a quotation: by a verb of speaking, by a label, before a colon, or behind its end."""

from __future__ import annotations

import bisect
import re

from spinscope.data.speech.acts import Act, acts_of
from spinscope.data.speech.labels import has_the_floor, label_before, signature_after
from spinscope.data.speech.names import without_titles
from spinscope.data.speech.people import People
from spinscope.data.speech.quotations import Quotation
from spinscope.data.speech.subjects import subject_before_colon
from spinscope.data.speech.topics import Topic
from spinscope.data.speech.words import Words

_BETWEEN = re.compile(r"[\s,–—-]*(?:then |also |later )?")
_CONTEXT_CHARACTERS = 300


def act_beside(words: Words, acts: list[Act], start: int, end: int) -> int | None:
    """Which act brings the quotation at characters [start, end): the one right behind it, else the last before it."""
    behind = next((i for i, act in enumerate(acts) if words.starts[act.verb] >= end and act.quotes), None)
    if behind is not None:
        act = acts[behind]
        first = words.starts[act.verb if act.subject is None else min(act.verb, act.subject.start)]
        if first >= end and _BETWEEN.fullmatch(words.text, end, first):
            return behind
    before = [i for i, act in enumerate(acts) if words.starts[act.verb] < end and (act.quotes or act.reports)]
    outer = [i for i in before if not _is_inside_relative(words, acts[i])]
    before = outer or before
    if before and not re.search(r"[;.]\s", words.text[words.ends[acts[before[-1]].verb] : start]):
        return before[-1]
    return None


def speaker_beside(people: People, quotation: Quotation, *, start: int, last: int) -> Topic | None:
    """The speaker of a quotation that no verb of speaking stands beside in its first sentence.

    Args:
        people: of the article.
        quotation: in it.
        start: of the sentence in which the quotation begins.
        last: index of the sentence in which it ends.
    """
    words = people.words_of(bisect.bisect_right(people.ends, start))
    found = _labelled(people, quotation, start, last) or _before_colon(people, words, quotation.start - start, start)
    return found or _behind(people, quotation, last)


def _labelled(people: People, quotation: Quotation, offset: int, last: int) -> Topic | None:
    """The speaker whose name alone stands beside a quotation: `Ann Lee, baker: "..."`, `"..." — Ann Lee, baker`."""
    masked = people.text
    before = masked[max(offset, quotation.start - _CONTEXT_CHARACTERS) : quotation.start].rpartition("\n")[2]
    name = label_before(before)
    if name is None and not before.strip():
        end = min(people.bounds[min(last + 1, len(people.bounds) - 1)][1], quotation.end + _CONTEXT_CHARACTERS)
        line, newline, _ = masked[quotation.end : end].partition("\n")
        name = signature_after(line + newline if newline or end == len(masked) else line + ".x")
    index = bisect.bisect_right(people.ends, offset)
    if name is None and index and not before.strip():
        start, end = people.bounds[index - 1]
        name = has_the_floor(masked[start : min(end, start + _CONTEXT_CHARACTERS)])
        if name is None and masked[end - 1] == ":":
            return _announced(people, index - 1)
    if name is None:
        return None
    known = people.by_word.get(name.split()[-1])
    return people.topic_of(known) if known is not None else Topic(without_titles(name), "person")


def _before_colon(people: People, words: Words, start: int, offset: int) -> Topic | None:
    """The speaker in `A man in a suit: "..."`, `The poster goes further: "..."`."""
    colon = bisect.bisect_left(words.starts, start) - 1
    if colon < 1 or words.tags[colon] != ":":
        return None
    subject = subject_before_colon(words, colon)
    topic = people.topic(subject, words, offset) if subject is not None else None
    if topic is None or topic.stands_for != "thing":
        return topic
    name = people.person_before(offset + words.starts[colon], offset)
    if name is not None:
        return name  # Among them is Ann Lee, who lost her house: "..."
    is_label = subject is not None and subject.end == colon and subject.start == words.last_of(";:.-Q", colon) + 1
    return topic if is_label else None  # Anna: "..."


def _announced(people: People, index: int) -> Topic | None:
    """Who is to speak after a sentence that ends in a colon: `A spokesman for the line said:`."""
    words, start = people.words_of(index), people.bounds[index][0]
    acts = [act for act in acts_of(words) if act.quotes]
    subject = acts[-1].subject if acts else subject_before_colon(words, max(len(words) - 1, 0))
    return people.topic(subject, words, start) if subject is not None else None


def _behind(people: People, quotation: Quotation, last: int) -> Topic | None:
    """The speaker of a quotation over several sentences, told behind its end in sentence `last`."""
    start, end = people.bounds[last]
    if not start < quotation.end < end or quotation.start >= start:
        return None
    words = people.words_of(last)
    acts = acts_of(words)
    chosen = act_beside(words, acts, 0, quotation.end - start)
    subject = acts[chosen].subject if chosen is not None else None
    return people.topic(subject, words, start) if subject is not None else None


def _is_inside_relative(words: Words, act: Act) -> bool:
    """`a poster, which she reads out,`: what is said is not the quotation behind."""
    first = act.subject.start if act.subject is not None else 0
    return first > 0 and words.lows[first - 1] in ("which", "whom") and words.tags[first - 2 : first - 1] == ","
