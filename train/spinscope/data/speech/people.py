"""Who is meant: surnames, offices and pronouns resolved to somebody the article has named or let speak."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence

from spinscope.data.speech.names import Gender, Mention, Name, find_mentions, is_person_noun, without_titles
from spinscope.data.speech.offices import read_genders, read_offices
from spinscope.data.speech.phrases import Subject
from spinscope.data.speech.subjects import clauses, first_subject
from spinscope.data.speech.topics import DOCUMENTS, Topic, stands_for
from spinscope.data.speech.words import MASK, MOST_CHARACTERS, Words, read_words
from spinscope.data.speech_verbs import word_set

_GENITIVE = re.compile(r"['’]s?$")
_GROUPS = word_set("both most several some many others another they them themselves")
_POSSESSIVES = {"his": "he", "her": "she", "its": "it", "their": "they"}
_OBJECTS = {**_POSSESSIVES, "him": "he", "them": "they", "himself": "he", "herself": "she"}
_SENTENCES_BACK = 8
_NAMES_BACK = 30
_SENTENCES_KEPT = 64


class People:
    """The persons and bodies of one article.

    Attributes:
        text: the article, its quotations masked.
        bounds: of its sentences.
        mentions: of names, in order.
        spoke: by sentence, who speaks in it as far as it has been read.
        guest: of an interview: whom he and she mean where nothing else is said.
    """

    def __init__(self, text: str, bounds: Sequence[tuple[int, int]]) -> None:
        self.text, self.bounds = text, bounds
        self.ends = [end for _, end in bounds]
        self.mentions, self.by_word = find_mentions(text)
        self.spoke: dict[int, Topic] = {}
        self.guest: Name | None = None
        self._starts = [mention.start for mention in self.mentions]
        self._offices: dict[str, list[tuple[int, Name]]] | None = None
        self._genders: dict[str, Gender] | None = None
        self._subjects: dict[int, list[Topic]] = {}
        self._asked: set[tuple[int, int]] = set()
        self._words: dict[int, Words] = {}
        self._depth = 0

    def words_of(self, index: int) -> Words:
        """The words of a sentence, up to `MOST_CHARACTERS` characters of it."""
        words = self._words.get(index)
        if words is None:
            start, end = self.bounds[index]
            words = self._words[index] = read_words(self.text[start : min(end, start + MOST_CHARACTERS)])
            if len(self._words) > _SENTENCES_KEPT:
                del self._words[next(iter(self._words))]
        return words

    def topic(self, subject: Subject, words: Words, offset: int) -> Topic | None:
        """Whom a subject means, in a sentence that begins at `offset`."""
        place, low = offset + words.starts[subject.start], words.lows[subject.start]
        if subject.kind == "pronoun":
            return self.pronoun(low, place)
        if subject.kind == "owner":
            return self._owner(words, subject, offset)
        is_group = subject.head_end - subject.start == 1 or words.lows[subject.end - 1] == "them"
        if low in _GROUPS and is_group:
            return self.pronoun("they", place) or Topic(words.span(subject.start, subject.end), "they")
        start, stop = subject.aside or (subject.start, subject.head_end)
        mention = self._mention(words, start, stop, offset)
        if mention is not None:
            return self._of_name(mention.name)
        if subject.aside is not None:
            return Topic(without_titles(words.span(start, stop)), "person")
        return self._phrase(words, subject, offset)

    def pronoun(self, pronoun: str, place: int) -> Topic | None:
        """Whom a pronoun at offset `place` means: the nearest subject that fits it, else the nearest name that does."""
        low = pronoun.split("'")[0]
        low = _OBJECTS.get(low, low)
        wanted = {"he": "m", "she": "f", "it": "it", "they": "they"}.get(low)
        if wanted is None:
            return None
        # He, who is meant by the he before, who is meant by ...: not without end.
        if self._depth >= _SENTENCES_BACK:
            return None
        self._depth += 1
        try:
            return self._meant(wanted, place)
        finally:
            self._depth -= 1

    def _meant(self, wanted: str, place: int) -> Topic | None:
        sentence = bisect.bisect_right(self.ends, place)
        if self.guest is not None and wanted in ("m", "f") and self.gender(self.guest) in (None, wanted):
            here = [topic for topic in self.topics_of(sentence, before=place) if topic.fits(wanted)]
            return here[0] if here else self._of_name(self.guest)
        for index in range(sentence, max(-1, sentence - _SENTENCES_BACK), -1):
            for topic in self.topics_of(index, before=place):
                if topic.fits(wanted) and (index or self.is_person(topic.name)):
                    return topic
        return self._nearest(place, wanted)

    def topics_of(self, index: int, *, before: int) -> list[Topic]:
        """Whom a sentence is about, if they stand before offset `before`: who speaks in it, then its subjects.

        Of the sentence that `before` lies in, the last subject comes first.
        """
        if index >= len(self.bounds):
            return []
        if self.bounds[index][1] <= before:
            if index not in self._subjects:
                self._subjects[index] = []  # a pronoun that asks for its own sentence finds nothing there
                self._subjects[index] = self._read_subjects(index, self.bounds[index][1])
            return [*([self.spoke[index]] if index in self.spoke else []), *self._subjects[index]]
        if (index, before) in self._asked:
            return []
        self._asked.add((index, before))
        return self._read_subjects(index, before)[::-1]

    def last_speaker(self, sentence: int) -> str | None:
        """The person whose words were told last before a sentence."""
        for index in range(sentence - 1, max(-1, sentence - _SENTENCES_KEPT), -1):
            topic = self.spoke.get(index)
            if topic is not None and topic.is_person:
                return topic.name
        return None

    def named_at(self, place: int) -> Name | None:
        """The name that covers offset `place`."""
        index = bisect.bisect_right(self._starts, place) - 1
        return self.mentions[index].name if index >= 0 and self.mentions[index].end > place else None

    def person_before(self, place: int, start: int) -> Topic | None:
        """The person named last between offsets `start` and `place`."""
        index = bisect.bisect_left(self._starts, place) - 1
        while index >= 0 and self.mentions[index].start >= start:
            if self.mentions[index].name.kind == "person":
                return self._of_name(self.mentions[index].name)
            index -= 1
        return None

    def is_person(self, name: str) -> bool:
        """Whether a speaker is a person named in the article."""
        known = self.by_word.get(name.split()[-1]) if name else None
        return known is not None and known.kind == "person"

    def gender(self, name: Name) -> Gender | None:
        """Whether the text shows a name to be a man's or a woman's."""
        if name.kind != "person" or name.gender is not None:
            return name.gender if name.kind == "person" else None
        if self._genders is None:
            self._genders = read_genders(self.text, self.ends, self.mentions)
        return self._genders.get(name.full)

    def _of_name(self, name: Name) -> Topic:
        return Topic(name.full, "it" if name.kind != "person" else self.gender(name) or "person")

    def _mention(self, words: Words, start: int, stop: int, offset: int) -> Mention | None:
        """The name that ends words [start, stop): `Energy minister Ann Lee`."""
        if start >= stop or words.tags[stop - 1] not in "Nn" or _GENITIVE.search(words.lows[stop - 1]):
            return None
        index = bisect.bisect_right(self._starts, offset + words.starts[stop - 1]) - 1
        if index < 0:
            return None
        mention = self.mentions[index]
        inside = mention.start >= offset + words.starts[start] and mention.end >= offset + words.ends[stop - 1]
        return mention if inside else None

    def _phrase(self, words: Words, subject: Subject, offset: int) -> Topic | None:
        """A noun phrase: the holder of an office or the owner of a document where the article names one."""
        tags, first, head = words.tags, words.lows[subject.start], words.lows[subject.head_end - 1]
        text = words.span(subject.start, subject.end).replace(MASK, "").strip(" ,.")
        if not text or tags[subject.head_end - 1] in "DPCS":
            return None
        if tags[subject.head_end - 1] == "N" and tags[subject.start] in "Nn":
            is_body = subject.head_end - subject.start > 1 and not is_person_noun(head)
            return Topic(without_titles(text), "it" if is_body else "person")
        owner = self._document_owner(words, subject, offset) if head in DOCUMENTS else None
        if owner is not None:
            return owner
        length = subject.end - subject.start
        if first in ("the", "its", "their") and subject.end == subject.head_end and length <= 3:
            holder = self._holder(head, offset + words.starts[subject.start])
            if holder is not None:
                return self._of_name(holder)
        if tags[subject.start] == "#" and first != "one":
            return Topic(text, "they" if stands_for(head) == "they" else "thing")
        return Topic(text, stands_for(head))

    def _document_owner(self, words: Words, subject: Subject, offset: int) -> Topic | None:
        """Whose document it is: `the union's leaflet`, `a leaflet of the union`, `its leaflet`."""
        for index in range(subject.head_end - 2, subject.start - 1, -1):
            if words.lows[index].endswith(("'s", "s'")):
                return self._owner(words, Subject(subject.start, index + 1, index + 1, "owner"), offset)
        stop = words.first_of(",;:.QAEV", subject.head_end, min(len(words) - 1, subject.head_end + 8))
        for index in range(subject.head_end, stop):
            if words.lows[index] in ("of", "by", "from") and words.tags[index + 1] in "DNn":
                end = index + 1
                while end < len(words) and words.tags[end] in "DNnw":
                    end += 1
                if words.tags[end - 1] != "D":
                    return self.topic(Subject(index + 1, end, end), words, offset)
        first, before = words.lows[subject.start], subject.head_end - 2
        if before >= subject.start and (words.tags[before] == "N" or words.lows[before] == "police"):
            start = before  # a Labour leaflet, police figures
            while start > subject.start and words.tags[start - 1] == "N":
                start -= 1
            return self.topic(Subject(start, before + 1, before + 1), words, offset)
        return self.pronoun(first, offset + words.starts[subject.start]) if first in _POSSESSIVES else None

    def _owner(self, words: Words, subject: Subject, offset: int) -> Topic | None:
        """The owner in `the minister's answer`, `Lee's promise`."""
        last = subject.end - 1
        place = offset + words.starts[last]
        name = self.named_at(place) if words.tags[last] in "Nn" else None
        head = _GENITIVE.sub("", words.lows[last])
        name = name or (self._holder(head, place) if words.lows[subject.start] == "the" else None)
        if name is not None:
            return self._of_name(name)
        return Topic(_GENITIVE.sub("", words.span(subject.start, subject.end)), stands_for(head))

    def _holder(self, office: str, place: int) -> Name | None:
        """The person last named as `office` before `place`, or first after it."""
        if self._offices is None:
            self._offices = read_offices(self.text, self.mentions)
        held = self._offices.get(office, [])
        if not held:
            return None
        return held[max(0, bisect.bisect_left(held, place, key=lambda item: item[0]) - 1)][1]

    def _read_subjects(self, index: int, before: int) -> list[Topic]:
        words, start = self.words_of(index), self.bounds[index][0]
        topics = []
        for left, right in clauses(words):
            subject = first_subject(words, left, right)
            if subject is not None and start + words.starts[subject.start] < before:
                topic = self.topic(subject, words, start)
                topics += [topic] if topic is not None else []
        return topics

    def _nearest(self, place: int, wanted: str) -> Topic | None:
        """The name before `place` that fits a pronoun: the best known of the last persons, or the last body."""
        last = bisect.bisect_left(self._starts, place)
        best: tuple[int, Name] | None = None
        for mention in reversed(self.mentions[max(0, last - _NAMES_BACK) : last]):
            name = mention.name
            if wanted == "it" and name.kind == "body":
                return self._of_name(name)
            gender = self.gender(name)
            if wanted in ("m", "f") and name.kind == "person" and gender in (None, wanted):
                score = (gender is not None) + name.proven
                if best is None or score > best[0]:
                    best = (score, name)
        return self._of_name(best[1]) if best is not None else None
