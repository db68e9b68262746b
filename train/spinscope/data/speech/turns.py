"""Quotations that no verb stands beside: whose words they are, told by their place in the article.

The steps follow the sieves of Muzny et al. (2017): the same paragraph, whom the host of a talk calls up, the guest of an
interview, the person of the sentence before, and last whoever spoke before.
"""

from __future__ import annotations

import bisect
import collections
import re
from collections.abc import Sequence
from dataclasses import dataclass

from spinscope.data.speech.names import Name, is_body_noun, is_name_word, is_person_noun
from spinscope.data.speech.people import People
from spinscope.data.speech.phrases import phrase_beginning
from spinscope.data.speech.quotations import Quotation
from spinscope.data.speech.words import Words
from spinscope.data.speech_verbs import word_set

_FEWEST_TURNS = 3
_OPENING_SENTENCES = 4
_WORDS_BEFORE_NAME = 8
_WORD = re.compile(r"\w")
_AFTER_HEADLINE = re.compile(r"\s*[:–—,]\s")
_VOCATIVE = word_set("you you're you've you'd your who what how")
_LEADS = word_set("is now lastly next then first finally here here's")
_TALK_LEADS = word_set("to and with so over have hear hello again")
_THANKED = word_set("thanks thank bye goodbye was were")
_NEW = word_set("a an another our one")
_TALK = re.compile(
    r"\b(?:callers?|phone-in|on (?:the )?line|line (?:one|two|three|four|five|six|\d)|your calls|listeners?|"
    r"in (?:our|the) studio|(?:two|three|four|our) guests|round table|panel discussion)\b",
    re.IGNORECASE,
)


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
    return _most_named(people, ()) if n_asked >= 1 and n_alone >= _FEWEST_TURNS else None


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
    name = guest.full if guest is not None else None
    host: _Host | None = _Host(people)
    if host is not None and people.guest is None:
        fewest = _FEWEST_TURNS if host.is_talk else 2 * _FEWEST_TURNS
        host = host if len(alone) >= fewest else None
    previous: Spoken | None = None
    for one in spoken:
        if not one.sure:
            one.speaker = _speaker(one, previous, name, host, people)
        elif host is not None and one.speaker == name:
            host.called = None
        if one.speaker is not None or one.sure:
            previous = one
    _settle_headline(spoken[0], spoken[1:], text=text, people=people, guest=name)


class _Host:
    """Whom the host of a talk calls up: `Now Ann, you own the shop`; `Line three, Barnaby`."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.called: str | None = None
        self.is_talk = _TALK.search(people.text) is not None

    def heard(self, sentence: int) -> str | None:
        """The person called up in the host's sentence before `sentence`, else the one called up last."""
        if sentence and sentence - 1 not in self.people.spoke:
            start = self.people.bounds[sentence - 1][0]
            self.called = self._name_in(self.people.words_of(sentence - 1), start) or self._caller(sentence) or self.called
        return self.called

    def _name_in(self, words: Words, offset: int) -> str | None:
        """The first person that a sentence calls up; anywhere in it where several talk, else at its beginning."""
        tags, lows = words.tags, words.lows
        for at in range(len(words) if self.is_talk else min(_WORDS_BEFORE_NAME, len(words))):
            since = max(words.last_of(";:.-", at) + 1, at - 3)
            if tags[at] not in "Nn" or (at and tags[at - 1] in "Nn") or _THANKED.intersection(lows[since : at + 1]):
                continue
            leads = not at or tags[at - 1] in ",;:-" or lows[at - 1] in _LEADS
            leads = leads or (self.is_talk and lows[at - 1] in _TALK_LEADS)
            if not leads and lows[at - 1] == "from":  # a letter from Ann, not a teacher from Holme
                leads = at == 1 or not is_person_noun(lows[at - 2])
            if not leads:
                continue
            called = self._called(words, at, words.first_of("DPCSROABVFEGTwQ#,;:.-()_", at), offset)
            if called is not None:
                return called
        return None

    def _called(self, words: Words, at: int, stop: int, offset: int) -> str | None:
        """The person named by words [at, stop), if they call somebody up."""
        following = words.lows[stop + 1] if stop + 1 < len(words) else ""
        mark = words.tags[stop : stop + 1]
        vocative = (mark == "," and following in _VOCATIVE) or mark == "."
        known = self.people.named_at(offset + words.starts[stop - 1])
        if known is not None:
            calls = known.kind == "person" and (vocative or at == 0 or mark not in ("A", "V"))
            return known.full if calls else None
        text = words.span(at, stop)
        if not all(map(is_name_word, text.split())):
            return None
        return text if words.tags[at] == "N" or vocative or self._is_new(words, at, stop) else None

    def _is_new(self, words: Words, at: int, stop: int) -> bool:
        """Whether one word that opens a sentence is the name of a new speaker: `Yolande has the toy shop`."""
        low = words.lows[at]
        if not self.is_talk or stop >= len(words) or is_body_noun(low) or low in self.people.text:
            return False
        following = words.lows[stop]
        return following in ("has", "is") or (words.tags[stop] in "wVF" and following.endswith("s"))

    def _caller(self, sentence: int) -> str | None:
        """A caller without a name: `A woman from the hill estate, who has three children`."""
        words = self.people.words_of(sentence - 1)
        if not self.is_talk or words.text.rstrip().endswith("?"):
            return None
        for at in range(len(words)):
            if words.lows[at] in _NEW:
                phrase = phrase_beginning(words, at, len(words))
                if phrase is not None and is_person_noun(words.lows[phrase.head_end - 1]):
                    return words.span(phrase.start, phrase.end)
        return None


def _speaker(
    one: Spoken, previous: Spoken | None, guest: str | None, host: _Host | None, people: People
) -> str | None:
    if previous is not None:
        gap = people.text[previous.quotation.end : one.quotation.start]
        if one.quotation.continued or not (gap.strip() or "\n" in gap):
            return previous.speaker
    if host is not None:
        return host.heard(one.sentence) or guest or (previous.speaker if previous is not None else None)
    if one.before is not None:
        return one.before
    last = previous.speaker if previous is not None else None
    if last is not None and people.is_person(last):
        return last
    return people.last_speaker(one.sentence) or last or guest


def _most_named(people: People, spoken: Sequence[Spoken]) -> Name | None:
    """The person who is named in headline or opening, shown to be a person, and named most."""
    if not people.bounds:
        return None
    votes: collections.Counter[str] = collections.Counter()
    rank: dict[str, int] = {}
    names: dict[str, Name] = {}
    title, opening = people.ends[0], people.ends[min(_OPENING_SENTENCES, len(people.ends)) - 1]
    for mention in people.mentions:
        name = mention.name
        if name.kind == "person":
            names[name.full] = name
            votes[name.full] += 3 if mention.start < title else 1
            known = name.proven or people.gender(name) is not None
            rank[name.full] = max(rank.get(name.full, 0), (mention.start < opening) * (1 + known))
    for one in spoken:
        if one.by_name and one.speaker is not None and one.speaker in votes:
            votes[one.speaker] += 2
    best = max(votes, key=lambda full: (rank[full], votes[full]), default=None)
    return names[best] if best is not None else None


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
