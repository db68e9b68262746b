"""Quotations that no verb stands beside: whose words they are, told by their place in the article.

The steps follow the sieves of Muzny et al. (2017): the same paragraph, whom the host of a talk calls up, the guest of an
interview, the person of the sentence before, and last whoever spoke before.
"""

from __future__ import annotations

import bisect
import collections
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from spinscope.data.speech.acts import acts_of
from spinscope.data.speech.dialogues import find_pair
from spinscope.data.speech.hosts import Host
from spinscope.data.speech.names import Name
from spinscope.data.speech.people import People
from spinscope.data.speech.quotations import Quotation

_FEWEST_TURNS = 3
_OPENING_SENTENCES = 4
_MOST_ASKED = 300
_SEVERAL = 2
_MOST_LED = 60
_MOST_TAG = 60
_MOST_SENTENCES_OF_A_TALK = 200
_LED = re.compile(
    r"\b(?:(?:[Hh]is|[Hh]er|[Ii]ts|[Tt]heir|[Yy]our) (?!name\b)[^.;:!?\n]*|[Oo]ur (?:reporter|correspondent|writer|critic|colleague) )$"
)
_WORD = re.compile(r"\w")
_FOLLOWS_UP = re.compile(r"(?:And|But|So|Then|Why|How so)\b[^\n]*\?$")
_AFTER_HEADLINE = re.compile(r"\s*[:–—,]\s")


@dataclass(slots=True)
class Spoken:
    """A quotation, the sentence that it begins in, and its speaker; `sure` where the text beside it says who.

    `before` is the person that the author's sentence right before it is about, `by_name` whether a verb of speaking
    beside the quotation has a name for its subject.
    """

    quotation: Quotation
    sentence: int
    speaker: str | None
    sure: bool
    before: str | None = None
    by_name: bool = False


def find_guest(quotations: Sequence[Quotation], people: People) -> Name | None:
    """The guest of an interview: quotations stand alone in it behind questions. None where the article is none."""
    masked, bounds = people.text, people.bounds
    n_alone = n_asked = 0
    for quotation in quotations:
        index = bisect.bisect_right(people.ends, quotation.start)
        if not 0 < index < len(bounds) or masked[bounds[index][0] : quotation.start].strip():
            continue
        last = min(bisect.bisect_left(people.ends, quotation.end), len(bounds) - 1)
        if not _WORD.search(masked, quotation.end, bounds[last][1]):
            n_alone += 1
            n_asked += masked[max(0, bounds[index][0] - 20) : bounds[index][0]].rstrip().endswith("?")
    people.is_interview = n_asked >= 1 and n_alone >= _FEWEST_TURNS and 2 * n_alone >= len(quotations)
    return _most_named(people, ()) if people.is_interview else None


def give_speakers(spoken: Sequence[Spoken], *, text: str, people: People) -> None:
    """Fills in the speakers of quotations that stand alone.

    Args:
        spoken: the quotations of an article, in order.
        text: the article, its quotations not masked.
        people: of the article.
    """
    alone = [one for one in spoken if not one.sure]
    if not alone:
        return
    guest = _most_named(people, spoken)
    name = guest.full if guest is not None else _opening_person(people)
    host, pair = None, None
    if 2 * len(alone) >= len(spoken) and len(alone) >= _FEWEST_TURNS:
        host = Host(people)
        first = alone[0] if alone[0].sentence else alone[-1]
        called = {host.heard(one.sentence) for one in spoken}
        pair, host = find_pair(people, text, first.quotation.start, called), Host(people)
        several = called - {None, name}
        host.many = pair is None and (host.is_talk or len(several) >= _SEVERAL or _n_introduced(alone, people) >= _SEVERAL)
        if not (pair or host.is_talk or host.many or people.is_interview or len(alone) >= 2 * _FEWEST_TURNS):
            host = None
    previous: Spoken | None = None
    earlier: Spoken | None = None
    for one in spoken:
        if not one.sure:
            answers = host is None and earlier is not None and _is_dialogue(earlier, previous, one, people)
            one.speaker = earlier.speaker if answers and earlier else _speaker(one, previous, name, host, people)
            if host is not None and pair is not None and one.sentence:
                asked = _asked(text, previous, one)
                host.addressed = (host.addressed and not asked.strip()) or host.calls
                likely = one.speaker if host.calls or previous is None else previous.speaker
                one.speaker = pair.speaker(
                    one.quotation,
                    likely if pair.holds(likely) else one.speaker,
                    asked="" if host.calls else asked,
                    alternates=previous is not None and not (host.calls or host.addressed or _FOLLOWS_UP.match(asked)),
                )
        elif host is not None:
            host.heard(one.sentence)
            if one.speaker == name:
                host.called = None
        if one.speaker is not None or one.sure:
            earlier, previous = previous, one
    _settle_headline(spoken[0], spoken[1:], text=text, people=people, guest=name)


def _n_introduced(alone: Sequence[Spoken], people: People) -> int:
    """How many persons are brought in by the sentence right before a quotation that stands alone."""
    host = Host(people)
    host.many = True
    introduced = [host.introduced(one.sentence, one.before, anew=True) for one in alone if one.sentence > 1]
    n_asked = sum(people.text[: people.bounds[one.sentence][0]].rstrip().endswith("?") for one in alone)
    names = set(introduced) - {None}
    return len(names) if len(names) > _SEVERAL or len(introduced) - introduced.count(None) > n_asked else 0


def _is_dialogue(earlier: Spoken, previous: Spoken | None, one: Spoken, people: People) -> bool:
    """Whether two persons talk by turns, a paragraph for each turn, and the first of them has the next one."""
    if previous is None or not earlier.speaker or earlier.speaker == previous.speaker or one.quotation.continued:
        return False
    gap, between = (
        people.text[first.quotation.end : second.quotation.start] for first, second in ((previous, one), (earlier, previous))
    )
    end = people.text.find("\n", one.quotation.end)
    alone = not _WORD.search(people.text, one.quotation.end, end if end >= 0 else len(people.text))
    return alone and _is_turn(gap) and _is_turn(between)


def _is_turn(gap: str) -> bool:
    """Whether a paragraph ends between two quotations, with no more than a word on who spoke."""
    tag, newline, rest = gap.partition("\n\n")
    tag = tag.strip(" .")
    return bool(newline) and not _WORD.search(rest) and len(tag) <= _MOST_TAG and not any(mark in tag for mark in ".!?:")


def _asked(text: str, previous: Spoken | None, one: Spoken) -> str:
    """What the author says between two quotations, up to a few hundred characters."""
    start = previous.quotation.end if previous is not None else 0
    return text[max(start, one.quotation.start - _MOST_ASKED) : one.quotation.start].strip()


def _speaker(
    one: Spoken, previous: Spoken | None, guest: str | None, host: Host | None, people: People
) -> str | None:
    if previous is not None:
        gap = people.text[previous.quotation.end : one.quotation.start]
        if one.quotation.continued or not (gap.strip() or "\n" in gap):
            return previous.speaker
    if host is not None:
        heard = host.heard(one.sentence)
        if host.many and not host.calls and one.sentence:
            host.called = heard = host.introduced(one.sentence, one.before) or heard
        return heard or guest or (previous.speaker if previous is not None else None)
    if one.before is not None:
        return one.before
    last = previous.speaker if previous is not None else None
    if last is not None and people.is_person(last):
        return last
    return people.last_speaker(one.sentence) or last or guest


def _most_named(people: People, spoken: Sequence[Spoken]) -> Name | None:
    """The person whom headline or opening is about, who is named most and whose words nobody else reports."""
    if not people.bounds:
        return None
    title, opening = people.ends[0], people.ends[min(_OPENING_SENTENCES, len(people.ends)) - 1]
    votes: collections.Counter[str] = collections.Counter()
    opens: dict[str, float] = {}
    names: dict[str, Name] = {}
    for mention in people.mentions:
        name = mention.name
        if name.kind != "person":
            continue
        names[name.full] = name
        led = _LED.search(people.text, max(0, mention.start - _MOST_LED), mention.start) is not None
        votes[name.full] += -2 if led else 3 if mention.start < title else 1
        if mention.start < opening and not led:
            opens.setdefault(name.full, (1.0 if opens else 1.5) + people.is_shown(name))
    for one in spoken:
        if one.by_name and one.speaker in names:
            votes[str(one.speaker)] += 2
    for full in _reported(people, names):
        votes[full] -= 2
        opens[full] = opens.get(full, 0) - 1
    best = max(votes, key=lambda full: (opens.get(full, 0), votes[full]), default=None)
    return names[best] if best is not None else None


def _opening_person(people: People) -> str | None:
    """The person that the first sentences are about, named or not."""
    for index in range(min(_OPENING_SENTENCES, len(people.bounds))):
        for topic in people.topics_of(index, before=people.ends[index]):
            if topic.is_person:
                return topic.name
    return None


def _reported(people: People, names: Mapping[str, Name]) -> Iterator[str]:
    """Whose words the author reports, one for each report; nobody where hardly anyone is named."""
    for index in sorted({bisect.bisect_right(people.ends, m.start) for m in people.mentions if m.name.full in names}):
        if index >= min(len(people.bounds), _MOST_SENTENCES_OF_A_TALK):
            return
        words, start = people.words_of(index), people.bounds[index][0]
        for act in acts_of(words):
            subject = act.subject
            if act.reports and subject is not None and subject.kind != "pronoun":
                first, last = subject.aside or (subject.start, subject.head_end)
                known = people.named_at(start + words.starts[last - 1])
                if known is not None and known.full in names and first < last:
                    yield known.full


def _settle_headline(
    first: Spoken, others: Sequence[Spoken], *, text: str, people: People, guest: str | None
) -> None:
    """A quotation in the headline is theirs whose name follows it, who says the same words below, or who speaks most."""
    if first.sure or first.sentence != 0:
        return
    title_end = people.ends[0]
    named = [m for m in people.mentions if first.quotation.end <= m.start < title_end and m.name.kind == "person"]
    inner = text[first.quotation.start + 1 : first.quotation.end - 1].strip(" .,!?")
    same = [one for one in others if inner in text[one.quotation.start : one.quotation.end]]
    if named and _AFTER_HEADLINE.match(text, first.quotation.end):
        first.speaker = named[0].name.full
    else:
        first.speaker = same[0].speaker if same else guest
