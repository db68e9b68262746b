"""Who is meant: surnames, offices and pronouns resolved to somebody the article has named or let speak."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence

from spinscope.data.speech.cast import Cast
from spinscope.data.speech.firms import TAKES_UP
from spinscope.data.speech.names import (
    Gender,
    Name,
    gender_of_noun,
    is_body_noun,
    is_person_noun,
    without_titles,
)
from spinscope.data.speech.phrases import Subject, head_start
from spinscope.data.speech.subjects import clauses, first_subject
from spinscope.data.speech.topics import DESCRIPTIONS, DOCUMENTS, Topic, stands_for
from spinscope.data.speech.words import MASK, Words
from spinscope.data.speech_verbs import word_set

_GENITIVE = re.compile(r"['’]s?$")
_CAPITAL_INSIDE = re.compile(r"(?<=[a-z,] )[A-Z][\w-]+")
_LOWER_WORD = re.compile(r"\b[a-z][\w-]+")
_AGES = word_set("old young elderly tall small little big thin fat bearded grey-haired other")
_AGED = re.compile(r"\d+-year-old$")
_DEMONYM = re.compile(r"(?:[bdglnrstv]ian|[nrp]ean|[gnrt]ese|[lnrt]ish|german|greek|czech|swiss|frenchman|dutchman|spaniard)$")
_PUT_BEHIND = word_set("was is were are sits stands sat stood came comes")
_ANOTHER = word_set("another")
_GROUPS = word_set("both most several some many others they them themselves")
_POSSESSIVES = {"his": "he", "her": "she", "its": "it", "their": "they"}
_OBJECTS = {**_POSSESSIVES, "him": "he", "them": "they", "himself": "he", "herself": "she"}
_SENTENCES_BACK = 8
_CHARACTERS_BACK = 3000
_NAMES_BACK = 30
_SENTENCES_KEPT = 64


class People(Cast):
    """The persons and bodies of one article, and whom its subjects and pronouns mean.

    Attributes:
        spoke: by sentence, who speaks in it as far as it has been read.
        guest: of an interview: whom he and she mean where nothing else is said.
        is_interview: whether quotations stand alone behind questions.
    """

    def __init__(self, text: str, bounds: Sequence[tuple[int, int]], quoted: Sequence[str] = ()) -> None:
        super().__init__(text, bounds, quoted)
        self.spoke: dict[int, Topic] = {}
        self.guest: Name | None = None
        self.is_interview = False
        self._subjects: dict[int, list[Topic]] = {}
        self._asked: set[tuple[int, int]] = set()
        self._documents: dict[str, Topic] = {}
        self._depth = 0

    def topic(self, subject: Subject, words: Words, offset: int) -> Topic | None:
        """Whom a subject means, in a sentence that begins at `offset`."""
        place, low = offset + words.starts[subject.start], words.lows[subject.start]
        if subject.kind == "pronoun":
            return self.pronoun(low, place)
        if subject.kind == "owner":
            return self._owner(words, subject, offset)
        is_group = subject.head_end - subject.start == 1 or words.lows[subject.end - 1] == "them"
        if low in _ANOTHER and subject.aside is None and words.tags[subject.head_end - 1] not in "wNn":
            return self._another(words.span(subject.start, subject.head_end), offset) or Topic(low, "person")
        if low in _GROUPS and is_group:
            return self.pronoun("they", place) or Topic(words.span(subject.start, subject.end), "they")
        start, stop = subject.aside or (subject.start, subject.head_end)
        mention = self._mention(words, start, stop, offset)
        if mention is None and subject.end > stop and words.tags[stop - 1] in "Nn" and is_person_noun(words.lows[stop - 1]):
            held = self._mention(words, start, subject.end, offset)  # Minister of Education Ann Lee
            mention = held if held is not None and held.name.kind == "person" else None
        if mention is not None:
            return self.topic_of(mention.name)
        if subject.aside is not None:
            noun = words.lows[start - 1]
            is_body = noun in TAKES_UP or (is_body_noun(noun) and not is_person_noun(noun))
            return Topic(without_titles(words.span(start, stop)), "it" if is_body else "person")
        return self._phrase(words, subject, offset)

    def _another(self, words: str, offset: int) -> Topic | None:
        """`another` after `a caller from Holme`: another caller."""
        index = bisect.bisect_right(self.ends, offset)
        for before in range(index, max(-1, index - 4), -1):
            topic = self.spoke.get(before)
            if topic is not None and topic.is_person and not self.is_person(topic.name):
                nouns = [word for word in topic.name.split() if is_person_noun(word.lower())]
                return Topic(f"{words} {nouns[0]}" if nouns else topic.name, "person")
        return None

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
            return here[0] if here else self.topic_of(self.guest)
        for index in range(sentence, max(-1, sentence - _SENTENCES_BACK), -1):
            for topic in self.topics_of(index, before=place):
                if topic.fits(wanted) and (index or self.is_person(topic.name)):
                    return topic
            if wanted in ("m", "f") and index and (named := self._named_in(index, place, wanted)) is not None:
                return named
            if wanted == "it" and index >= sentence - 1 and (owner := self._owner_before(index, place)) is not None:
                return owner
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
        try:
            return self._read_subjects(index, before)[::-1]
        finally:
            self._asked.discard((index, before))

    def last_speaker(self, sentence: int) -> str | None:
        """The person whose words were told last before a sentence."""
        for index in range(sentence - 1, max(-1, sentence - _SENTENCES_KEPT), -1):
            topic = self.spoke.get(index)
            if topic is not None and topic.is_person:
                return topic.name
        return None

    def _phrase(self, words: Words, subject: Subject, offset: int) -> Topic | None:
        """A noun phrase: the holder of an office or the owner of a document where the article names one."""
        tags, first, head = words.tags, words.lows[subject.start], words.lows[subject.head_end - 1]
        text = words.span(subject.start, subject.end).replace(MASK, "").strip(" ,.")
        if not text or tags[subject.head_end - 1] in "DPCS":
            return None
        place, length = offset + words.starts[subject.start], subject.end - subject.start
        if subject.head_end - subject.start == 1 and tags[subject.start] == "n" and self._is_name(words.span(subject.start, subject.head_end)):
            return Topic(text, "person")
        last = words.lows[subject.head_end - 2] if subject.head_end - subject.start > 1 else ""
        if tags[subject.head_end - 1] == "N" and (is_person_noun(last) or last in _AGES):
            return Topic(text, "person")  # my aunt Rosa, old Benedek
        if first == "one" and words.lows[subject.start + 1 : subject.start + 2] == ["of"]:
            return Topic(text, "person")
        if first == "the" and length == 2 and tags[subject.start + 1] == "N" and _DEMONYM.search(head):
            known = self._last_person(place)
            if known is not None:
                return known
        if tags[subject.head_end - 1] == "N" and tags[subject.start] in "Nn":
            is_body = subject.head_end - subject.start > 1 and not is_person_noun(head)
            return Topic(without_titles(text), "it" if is_body else "person")
        owner = self._document_owner(words, subject, offset) if head in DOCUMENTS else None
        if owner is not None:
            self._documents[head] = owner
            return owner
        whole = subject.end == subject.head_end or text.lower() == "the head of state"
        if first in ("the", "its", "their") and whole and length <= (3 if subject.end == subject.head_end else 4):
            holder = self._holder(head, place) or (self._holder(f"who {head}", place) if length == 2 else None)
            if holder is not None:
                return self.topic_of(holder)
        if head in TAKES_UP and first == "the" and length == 2 and (firm := self._firm(head, place)) is not None:
            return self.topic_of(firm) if firm.kind == "body" else Topic(firm.full, "it")
        if first == "the" and length > 2 and tags[subject.head_end : subject.head_end + 1] == "P" and subject.head_end == subject.start + 2:
            holder = self._holder(head, place)  # the man in the vest
            if holder is not None and head in DESCRIPTIONS:
                return self.topic_of(holder)
        if first == "the" and (subject.end == subject.head_end or words.lows[subject.head_end] == "of"):
            known = self._documents.get(head) if length == 2 else None
            known = known or (self._described(head, place) if (length == 2 and tags[subject.end : subject.end + 2] != ",R") or self._is_taken_up(words, subject) else None)
            if known is not None:
                return known
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
                owner = self.topic(Subject(index + 1, end, end), words, offset) if words.tags[end - 1] != "D" else None
                if owner is not None and (owner.stands_for != "thing" or index == subject.head_end):
                    return owner
        first, before = words.lows[subject.start], subject.head_end - 2
        if before >= subject.start and (words.tags[before] == "N" or words.lows[before] == "police"):
            start = before  # a Labour leaflet, police figures
            while start > subject.start and words.tags[start - 1] == "N":
                start -= 1
            return self.topic(Subject(start, before + 1, before + 1), words, offset)
        return self.pronoun(first, offset + words.starts[subject.start]) if first in _POSSESSIVES else None

    def _owner_before(self, index: int, place: int) -> Topic | None:
        """Whose the last document is that sentence `index` speaks of before offset `place`."""
        words, start = self.words_of(index), self.bounds[index][0]
        for at in range(len(words) - 1, -1, -1):
            if words.lows[at] in DOCUMENTS and words.tags[at] in "wV" and start + words.starts[at] < place:
                begin = head_start(words, at)
                if begin is None or (words.tags[at] == "V" and words.tags[at - 1 : at] not in ("D", "w")):
                    continue
                owner = self._document_owner(words, Subject(begin, at + 1, at + 1), start)
                topics = self.topics_of(index, before=place) if owner is None else [owner]
                return next((topic for topic in topics if topic.stands_for not in ("thing", "it")), owner)
        return None

    def _owner(self, words: Words, subject: Subject, offset: int) -> Topic | None:
        """The owner in `the minister's answer`, `Lee's promise`."""
        last = subject.end - 1
        place = offset + words.starts[last]
        name = self.named_at(place) if words.tags[last] in "Nn" else None
        head = _GENITIVE.sub("", words.lows[last])
        name = name or (self._holder(head, place) if words.lows[subject.start] == "the" else None)
        if name is not None:
            return self.topic_of(name)
        return Topic(_GENITIVE.sub("", words.span(subject.start, subject.end)), stands_for(head))

    def _is_taken_up(self, words: Words, subject: Subject) -> bool:
        """Whether `the old man` is somebody known; `the sound man` need not be."""
        if words.lows[subject.head_end - 1] not in ("man", "woman", "boy", "girl"):
            return True
        return subject.head_end - subject.start == 3 and words.lows[subject.start + 1] in _AGES

    def _described(self, head: str, place: int) -> Topic | None:
        """The person whom `the champion` or `the widow` takes up: the last one named, if no `a champion` came before."""
        if _AGED.match(head):
            return self._last_person(place) or self._last_person(place, surely=False)
        head = head.partition("-of-")[0]
        if head not in DESCRIPTIONS:
            return None
        first = re.compile(rf"\b(?:an?|one|another|two|three|some) (?:[\w'’-]+ ){{0,4}}{re.escape(head)}s?\b", re.IGNORECASE)
        if first.search(self.text, max(0, place - _CHARACTERS_BACK), place):
            return None
        return self._last_person(place, gender_of_noun(head))

    def _last_person(self, place: int, gender: Gender | None = None, *, surely: bool = True) -> Topic | None:
        """The person, known to be one, whom the sentences before offset `place` are about."""
        sentence = bisect.bisect_right(self.ends, place)
        for index in range(sentence - 1, max(-1, sentence - _SENTENCES_BACK), -1):
            for topic in self.topics_of(index, before=place):
                if ((topic.is_person and not surely) or self.is_surely_person(topic)) and (gender is None or topic.fits(gender)):
                    return topic
        return None

    def _shown_in(self, words: Words, start: int, before: int) -> list[Topic]:
        """Who is put behind the verb: `Among the winners was Ann Lee`, `The man in the photograph is Ann Lee`."""
        if _PUT_BEHIND.isdisjoint(words.lows):
            return []
        for at in range(1, len(words) - 1):
            if words.lows[at] in _PUT_BEHIND and words.tags[at + 1] == "N" and start + words.starts[at + 1] < before:
                name = self.named_at(start + words.starts[at + 1])
                if name is not None and self.is_shown(name):
                    return [self.topic_of(name)]
        return []

    def _read_subjects(self, index: int, before: int) -> list[Topic]:
        words, start = self.words_of(index), self.bounds[index][0]
        topics = self._shown_in(words, start, before)
        for left, right in clauses(words):
            subject = first_subject(words, left, right)
            if subject is not None and start + words.starts[subject.start] < before:
                topic = self.topic(subject, words, start)
                topics += [topic] if topic is not None else []
                comma = words.tags.find(",", left, subject.start) if words.tags[left] == "S" else -1
                fronted = first_subject(words, left + 1, comma) if comma > 0 else None  # When the officer came, my mother
                topic = self.topic(fronted, words, start) if fronted is not None and fronted.kind != "pronoun" else None
                topics += [topic] if topic is not None and topic.is_person else []
                for at in range(subject.start, subject.head_end - 1):
                    if words.lows[at].endswith(("'s", "s'")) and words.tags[at] in "Nnw":
                        owner = self._owner(words, Subject(subject.start, at + 1, at + 1, "owner"), start)
                        topics += [owner] if owner is not None and owner.is_person else []
        return topics
