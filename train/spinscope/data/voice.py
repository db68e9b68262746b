"""Who is speaking: the author, a quoted speaker, or someone whose words are reported."""

from __future__ import annotations

import bisect
import collections
import itertools
import re
from collections.abc import Sequence

from spinscope.data import names, speech
from spinscope.data.quotations import Quotation, find_quotations
from spinscope.data.speech import MASK
from spinscope.records import Voice, VoiceName

_MOST_CHARACTERS = 1500
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_CONTEXT_CHARACTERS = 300
_NEVER_FIRST = " ,;:\t\r\n\u00a0"
_NO_VOICE = re.compile(
    r"(?:\bso-called|\b(?:word|words|term|terms|noun|verb|adjective|label|nickname|title)|\bknown as|\bnicknamed|"
    r"\bentitled|\btitled|\bnamed|\b(?:song|film|novel|ship|book|programme|series|poem|play|show|album)(?: \w+)?)\s*$",
    re.IGNORECASE,
)


def voices_of(article_text: str, bounds: Sequence[tuple[int, int]]) -> list[tuple[Voice, ...]]:
    """Per sentence, the stretches that are not the author's own, in characters of the sentence, not overlapping.

    Direct quotation is `quoted`, marks included; a clause that gives another's words in the writer's grammar is
    `reported`. Words in scare quotes, titles and words spoken about are the author's. `speaker` is the name the
    article gives, where one stands near a verb of speaking; later mentions by surname or pronoun are resolved.
    """
    reader = _Reader(article_text, bounds)
    return [reader.voices(index) for index in range(len(bounds))]


def main_voice(n_characters: int, voices: Sequence[Voice]) -> VoiceName:
    """The voice that holds most of a sentence's characters; the author's where two hold as many."""
    held = {"author": n_characters - sum(voice.end - voice.start for voice in voices), "quoted": 0, "reported": 0}
    for voice in voices:
        held[voice.voice] += voice.end - voice.start
    names: tuple[VoiceName, ...] = ("author", "quoted", "reported")
    return max(names, key=lambda name: held[name])


class _Reader:
    """Reads an article sentence by sentence and remembers who was named and who spoke last."""

    def __init__(self, text: str, bounds: Sequence[tuple[int, int]]) -> None:
        self.text, self.bounds = text, bounds
        self.ends = [end for _, end in bounds]
        self.quotations = find_quotations(text)
        self.masked = _masked(text, self.quotations)
        self.next = 0
        self.open: list[tuple[Quotation, str | None]] = []
        self.names: dict[str, str] = {}
        self.last_speaker: str | None = None
        self.main_person = self._most_named()
        self.last_quoted: str | None = None
        self.last_person: str | None = None

    def voices(self, index: int) -> tuple[Voice, ...]:
        start, end = self.bounds[index]
        self.open = [item for item in self.open if item[0].end > start]
        while self.next < len(self.quotations) and self.quotations[self.next].start < end:
            quotation = self.quotations[self.next]
            self.next += 1
            if quotation.end > start:
                spoken, speaker = self._speech(quotation, index)
                if spoken:
                    self.open.append((quotation, speaker))
        quoted = [
            Voice(max(item.start, start) - start, min(item.end, end) - start, "quoted", speaker)
            for item, speaker in self.open
            if item.start < end
        ]
        masked = self.masked[start : min(end, start + _MOST_CHARACTERS)]
        reported = []
        for clause in speech.reported_clauses(masked):
            speaker = self._resolved(clause.speaker)
            self.last_speaker = speaker or self.last_speaker
            reported += _outside(clause.start, clause.end, quoted, self.text[start:end], speaker)
        self._remember_names(masked)
        return tuple(sorted(quoted + reported, key=lambda voice: voice.start))

    def _speech(self, quotation: Quotation, index: int) -> tuple[bool, str | None]:
        """Whether a quotation is someone's words (not scare quotes or a title), and whose."""
        last = min(bisect.bisect_left(self.ends, quotation.end), len(self.bounds) - 1)
        begin = max(self.bounds[index][0], quotation.start - _CONTEXT_CHARACTERS)
        before = self.masked[begin : quotation.start]
        after = self.masked[quotation.end : min(self.bounds[last][1], quotation.end + _CONTEXT_CHARACTERS)]
        inner = self.text[quotation.start + 1 : quotation.end - 1].strip()
        n_words = len(inner[:_MOST_CHARACTERS].split())
        if _NO_VOICE.search(before) and n_words <= 8:
            return False, None
        found = speech.attribution(before, after, closed_by_comma=inner.endswith(","))
        alone = not before.strip(f" {MASK}“”\"'") and not re.search(r"\w", after)
        ended = inner[-1:] in tuple(".,!?…—–")
        if found is None and not alone and (n_words <= 3 or (n_words <= 7 and not ended)):
            return False, None
        if found is None or found.speaker is None:
            return True, self.last_quoted or self.last_person or self.main_person
        self.last_quoted = self.last_speaker = self._resolved(found.speaker)
        if self.last_quoted and self.last_quoted in self.names.values():
            self.last_person = self.last_quoted
        return True, self.last_quoted

    def _resolved(self, speaker: str | None) -> str | None:
        """The name behind a pronoun or surname."""
        if speaker is None:
            return None
        if speaker.lower() in ("he", "she", "who"):
            return self.last_person or self.main_person or self.last_speaker
        if speaker.lower() == "you":
            return self.last_quoted
        if speaker.lower() in speech.PRONOUNS:
            return self.last_speaker or self.last_person
        return self.names.get(speaker.split()[-1], speaker)

    def _most_named(self) -> str | None:
        """The person whom the article names most often, as an interview does its guest."""
        counts: dict[str, int] = {}
        for start, end in self.bounds:
            for name in names.full_names(self.masked[start : min(end, start + _MOST_CHARACTERS)]):
                if not names.is_organisation(name):
                    counts[name] = counts.get(name, 0) + 1
        surnames = {name.split()[-1] for name in counts}
        words = collections.Counter(word for word in _WORD.findall(self.masked) if word in surnames)
        return max(counts, key=lambda name: words[name.split()[-1]], default=None)

    def _remember_names(self, sentence: str) -> None:
        for name in names.full_names(sentence):
            self.names[name.split()[-1]] = name
        for name in names.subject_names(sentence):
            self.last_person = name


def _masked(text: str, quotations: Sequence[Quotation]) -> str:
    pieces, position = [], 0
    for quotation in quotations:
        pieces += [text[position : quotation.start], MASK * (quotation.end - quotation.start)]
        position = quotation.end
    return "".join([*pieces, text[position:]])


def _outside(start: int, end: int, quoted: Sequence[Voice], sentence: str, speaker: str | None) -> list[Voice]:
    """What is left of a reported clause without the quotations in it; punctuation alone is left out."""
    voices = []
    edges = [start, *(edge for voice in quoted for edge in (voice.start, voice.end) if start < edge < end), end]
    for left, right in itertools.pairwise(edges):
        if any(voice.start <= left < voice.end for voice in quoted):
            continue
        piece = sentence[left:right]
        if any(character.isalnum() for character in piece):
            left += len(piece) - len(piece.lstrip(_NEVER_FIRST))
            voices.append(Voice(left, left + len(piece.lstrip(_NEVER_FIRST).rstrip()), "reported", speaker))
    return voices
