"""Who is speaking: the author, a quoted speaker, or someone whose words are reported."""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Sequence

from spinscope.data.speech.acts import Act, acts_of
from spinscope.data.speech.beside import act_beside, speaker_beside
from spinscope.data.speech.interviews import find_answers
from spinscope.data.speech.noun_acts import TRIGGERS, noun_acts
from spinscope.data.speech.people import People
from spinscope.data.speech.quotations import Quotation, find_quotations
from spinscope.data.speech.subjects import first_subject
from spinscope.data.speech.topics import Topic
from spinscope.data.speech.turns import Spoken, find_guest, give_speakers
from spinscope.data.speech.words import MASK, MOST_CHARACTERS, Words
from spinscope.data.speech_verbs import FORMS, word_set
from spinscope.records import Voice, VoiceName

Clause = tuple[int, int, str | None]
"""Characters [start, end) of a sentence that are reported, and whose words they are."""

_LOWER_WORD = re.compile(r"[a-z]+")
_TRIGGERS = frozenset(FORMS) | TRIGGERS
_NEVER_FIRST = " ,;:\t\r\n\u00a0"
_NO_VOICE = re.compile(
    r"(?:\bso-called|\b(?:words?|terms?|noun|verb|adjective|label|nickname|title|phrases?|list)|\bknown as|\bnicknamed|"
    r"\bentitled|\btitled|\bnamed|\b(?:song|film|novel|ship|book|programme|series|poem|play|show|album)(?: \w+)?)\s*$",
    re.IGNORECASE,
)
_PARAGRAPH_END = re.compile(r"\n\s*\n|\r\n\s*\r\n|[\u2028\u2029]")
_ENDED = tuple(".,!?…—–")
_PARTING = word_set("and but so yet while whereas although though")
_FEWEST_WORDS_BEFORE_CLAUSE = 4
_MOST_WORDS_OF_A_TERM = 8
_CONTEXT_CHARACTERS = 300


def voices_of(article_text: str, bounds: Sequence[tuple[int, int]]) -> list[tuple[Voice, ...]]:
    """Per sentence, the stretches that are not the author's own, in characters of the sentence, not overlapping.

    Direct quotation is `quoted`, marks included, and so are the answers of an interview in which nothing else marks
    them; a clause that gives another's words in the writer's grammar is `reported`. Words in scare quotes, titles and
    words spoken about are the author's. `speaker` is the name the article gives, where one stands near a verb of
    speaking; later mentions by surname, office or pronoun are resolved.
    """
    return _Reader(article_text, bounds).voices()


def main_voice(n_characters: int, voices: Sequence[Voice]) -> VoiceName:
    """The voice that holds most of a sentence's characters; the author's where two hold as many."""
    held = {"author": n_characters - sum(voice.end - voice.start for voice in voices), "quoted": 0, "reported": 0}
    for voice in voices:
        held[voice.voice] += voice.end - voice.start
    names: tuple[VoiceName, ...] = ("author", "quoted", "reported")
    return max(names, key=lambda name: held[name])


class _Reader:
    """Reads an article sentence by sentence; what a quotation alone does not tell is settled at the end."""

    def __init__(self, text: str, bounds: Sequence[tuple[int, int]]) -> None:
        self.text, self.bounds = text, bounds
        answers = find_answers(text)
        self.answers = {answer.quotation: answer.speaker for answer in answers}
        self.quotations = _with_answers(find_quotations(text), [answer.quotation for answer in answers])
        self.masked = _masked(text, self.quotations)
        self.people = People(self.masked, bounds, [text[q.start : q.end] for q in self.quotations])
        self.people.guest = find_guest(self.quotations, self.people) if len(self.quotations) > 2 else None
        self.spoken: list[Spoken] = []

    def voices(self) -> list[tuple[Voice, ...]]:
        lowered = self.masked.lower()
        if len(lowered) != len(self.masked):  # some letters are longer in lower case
            lowered = self.masked
        reported: list[list[Clause]] = []
        position = 0
        for index, (start, end) in enumerate(self.bounds):
            first = position
            while position < len(self.quotations) and self.quotations[position].start < end:
                position += 1
            found = _LOWER_WORD.findall(lowered, start, min(end, start + MOST_CHARACTERS))
            is_plain = first == position and _TRIGGERS.isdisjoint(found)
            reported.append([] if is_plain else self._read(index, self.quotations[first:position]))
        give_speakers(self.spoken, text=self.text, people=self.people)
        return self._assembled(reported)

    def _read(self, index: int, quotations: list[Quotation]) -> list[Clause]:
        """The reported clauses of a sentence; its quotations are added to those spoken."""
        words, start = self.people.words_of(index), self.bounds[index][0]
        acts = sorted([*acts_of(words), *noun_acts(words)], key=lambda act: act.verb)
        topics: list[Topic | None] = []
        last: Topic | None = None
        for act in acts:
            topic = self.people.topic(act.subject, words, start) if act.subject is not None else None
            if act.subject is None and not act.hearsay:
                topic = last or self._first_topic(words, act.verb, start)  # ..., and added that
            if topic is not None and act.reports:
                self.people.spoke.setdefault(index, topic)
            topics.append(topic)
            last = topic or last
        for quotation in quotations:
            if quotation.end > start:
                self._hear(quotation, index, words, acts, topics)
        return _clauses(words, acts, topics)

    def _first_topic(self, words: Words, end: int, offset: int) -> Topic | None:
        subject = first_subject(words, 0, end)
        return self.people.topic(subject, words, offset) if subject is not None else None

    def _hear(
        self, quotation: Quotation, index: int, words: Words, acts: list[Act], topics: list[Topic | None]
    ) -> None:
        """Takes a quotation for speech, unless it is scare quotes or a title, with the speaker where one is told."""
        if quotation in self.answers:
            label = self.answers[quotation]
            known = self.people.labelled(label) if label else None
            self.spoken.append(Spoken(quotation, index, known.full if known else label, sure=label is not None))
            return
        offset = self.bounds[index][0]
        last = min(bisect.bisect_left(self.people.ends, quotation.end), len(self.bounds) - 1)
        before = self.masked[max(offset, quotation.start - _CONTEXT_CHARACTERS) : quotation.start]
        after = self.masked[quotation.end : min(self.bounds[last][1], quotation.end + _CONTEXT_CHARACTERS)]
        inner = self.text[quotation.start + 1 : quotation.end - 1].strip()
        n_words = len(inner[:MOST_CHARACTERS].split())
        if n_words <= _MOST_WORDS_OF_A_TERM and _NO_VOICE.search(before):
            return
        start, end = quotation.start - offset, quotation.end - offset
        chosen = act_beside(words, acts, start, end)
        topic, sure = None, chosen is not None
        if chosen is not None:
            topic = topics[chosen]
            subject = acts[chosen].subject
            sure = subject is None or words.lows[subject.start] != "you"
        else:
            topic = speaker_beside(self.people, quotation, start=offset, last=last)
            sure = topic is not None
        is_headline = index == 0 and not before and after.lstrip().startswith((":", "–", "—"))
        alone = is_headline or not (before.strip(f" {MASK}“”\"'") or any(map(str.isalnum, after)))
        is_scare = n_words <= 3 or (n_words <= 7 and not inner.endswith(_ENDED))
        if chosen is None and not sure and not alone and is_scare:
            return
        if topic is not None:
            self.people.spoke[index] = topic
        person = None if sure or not index else self._person_before(quotation, index)
        if not sure and index and before.strip():
            own = self.people.topics_of(index, before=quotation.start)
            person = next((topic.name for topic in own[::-1] if self.people.is_surely_person(topic)), person)
        by_name = chosen is not None and (subject := acts[chosen].subject) is not None and subject.kind == "phrase"
        name = topic.name if topic is not None else None
        self.spoken.append(Spoken(quotation, index, name, sure, person, by_name))

    def _person_before(self, quotation: Quotation, index: int) -> str | None:
        """The person that the author's sentence before, in the same paragraph, is about; questions are about nobody."""
        end = self.bounds[index - 1][1]
        if _PARAGRAPH_END.search(self.text, end, self.bounds[index][0]) or self.text[end - 1] == "?":
            return None
        topics = self.people.topics_of(index - 1, before=quotation.start)
        return next((topic.name for topic in topics if topic.is_person), None)

    def _assembled(self, reported: list[list[Clause]]) -> list[tuple[Voice, ...]]:
        voices = []
        still_open: list[Spoken] = []
        position = 0
        for (start, end), clauses in zip(self.bounds, reported, strict=True):
            still_open = [one for one in still_open if one.quotation.end > start]
            while position < len(self.spoken) and self.spoken[position].quotation.start < end:
                still_open.append(self.spoken[position])
                position += 1
            quoted = [
                Voice(max(left, start) - start, min(right, end) - start, "quoted", _name_of(one.speaker))
                for one in still_open
                if (left := one.quotation.start) < end and (right := one.quotation.end) > start
            ]
            pieces = [piece for clause in clauses for piece in _outside(clause, quoted, self.text[start:end])]
            voices.append(tuple(sorted(quoted + pieces, key=lambda voice: voice.start)))
        return voices


def _clauses(words: Words, acts: list[Act], topics: list[Topic | None]) -> list[Clause]:
    """The reported clauses of a sentence, apart from each other."""
    clauses: list[Clause] = []
    for act, topic in zip(acts, topics, strict=True):
        if not act.reports:
            continue
        left, right = _extent(words, act)
        if clauses and act.behind and left <= clauses[-1][0]:  # what stands before belongs to whoever is named behind
            clauses.pop()
        if clauses and left > clauses[-1][0]:
            clauses[-1] = (clauses[-1][0], min(clauses[-1][1], left), clauses[-1][2])
        elif clauses:
            left = max(left, clauses[-1][1])
        if left < right:
            clauses.append((left, right, _name_of(topic.name if topic is not None else None)))
    return clauses


def _extent(words: Words, act: Act) -> tuple[int, int]:
    """Characters [start, end) of the clause that an act of speech reports, what brings it included."""
    tags = words.tags
    head = min(act.verb, act.subject.start if act.subject is not None else act.verb)
    left = 0
    for index in range(head - 1, _FEWEST_WORDS_BEFORE_CLAUSE - 1, -1):
        parts = tags[index] == "," and tags[index + 1] in "CS" and words.lows[index + 1] in _PARTING
        if tags[index] in ";:" or (not act.behind and (parts or tags[index] == "-")):
            left = words.starts[index + (2 if parts else 1)]
            break
    stop = words.first_of(";", act.verb)
    return left, words.starts[stop] if stop < len(words) else len(words.text)


def _with_answers(quotations: list[Quotation], answers: list[Quotation]) -> list[Quotation]:
    """Answers without marks among the quotations; what is quoted in one belongs to it."""
    if not answers:
        return quotations
    starts = [answer.start for answer in answers]
    kept = []
    for quotation in quotations:
        index = bisect.bisect_right(starts, quotation.start) - 1
        following = starts[index + 1] if index + 1 < len(starts) else quotation.end
        if (index < 0 or answers[index].end <= quotation.start) and quotation.end <= following:
            kept.append(quotation)
    return sorted([*kept, *answers], key=lambda quotation: quotation.start)


def _masked(text: str, quotations: Sequence[Quotation]) -> str:
    pieces, position = [], 0
    for quotation in quotations:
        pieces += [text[position : quotation.start], MASK * (quotation.end - quotation.start)]
        position = quotation.end
    return "".join([*pieces, text[position:]])


def _outside(clause: Clause, quoted: Sequence[Voice], sentence: str) -> list[Voice]:
    """What is left of a reported clause without the quotations in it; punctuation alone is left out."""
    start, end, speaker = clause
    voices = []
    edges = [start, *(edge for voice in quoted for edge in (voice.start, voice.end) if start < edge < end), end]
    for left, right in itertools.pairwise(edges):
        if any(voice.start <= left < voice.end for voice in quoted):
            continue
        piece = sentence[left:right]
        if any(map(str.isalnum, piece)):
            left += len(piece) - len(piece.lstrip(_NEVER_FIRST))
            voices.append(Voice(left, left + len(piece.lstrip(_NEVER_FIRST).rstrip()), "reported", speaker))
    return voices


def _name_of(speaker: str | None) -> str | None:
    """A speaker on one line, without the stop of the sentence that names him."""
    return " ".join((speaker or "").replace(MASK, " ").split()).rstrip(" .,;:") or None
