"""Who is named in an article: persons, bodies and places, their offices and genders."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence

from spinscope.data.speech.firms import firm_before, read_firms
from spinscope.data.speech.names import Gender, Mention, Name, find_mentions, is_first_name
from spinscope.data.speech.offices import likely_gender, read_genders, read_offices
from spinscope.data.speech.topics import Topic
from spinscope.data.speech.words import MOST_CHARACTERS, Words, read_words

_GENITIVE = re.compile(r"['’]s?$")
_CAPITAL_INSIDE = re.compile(r"(?<=[a-z,] )[A-Z][\w-]+")
_LOWER_WORD = re.compile(r"\b[a-z][\w-]+")
_NAMES_BACK = 30
MODERATORS = ("moderator", "presenter", "interviewer", "quizmaster", "anchor")
_SENTENCES_KEPT = 64


class Cast:
    """The names of one article.

    Attributes:
        text: the article, its quotations masked.
        bounds: of its sentences.
        ends: of its sentences.
        mentions: of names, in order.
        by_word: who is meant by a first name or surname alone.
    """

    def __init__(self, text: str, bounds: Sequence[tuple[int, int]], quoted: Sequence[str] = ()) -> None:
        self.text, self.bounds = text, bounds
        self.ends = [end for _, end in bounds]
        self.mentions, self.by_word = find_mentions(text, quoted)
        self._starts = [mention.start for mention in self.mentions]
        self._offices: dict[str, list[tuple[int, Name]]] | None = None
        self._firms: list[tuple[int, Name]] | None = None
        self._genders: dict[str, Gender] | None = None
        self._inside: frozenset[str] | None = None
        self._lower: frozenset[str] | None = None
        self._words: dict[int, Words] = {}
        self._initials: dict[str, Name] | None = None

    def words_of(self, index: int) -> Words:
        """The words of a sentence, up to `MOST_CHARACTERS` characters of it."""
        words = self._words.get(index)
        if words is None:
            start, end = self.bounds[index]
            words = self._words[index] = read_words(self.text[start : min(end, start + MOST_CHARACTERS)])
            if len(self._words) > _SENTENCES_KEPT:
                del self._words[next(iter(self._words))]
        return words

    def named_at(self, place: int) -> Name | None:
        """The name that covers offset `place`."""
        index = bisect.bisect_right(self._starts, place) - 1
        return self.mentions[index].name if index >= 0 and self.mentions[index].end > place else None

    def person_before(self, place: int, start: int) -> Topic | None:
        """The person named last between offsets `start` and `place`."""
        index = bisect.bisect_left(self._starts, place) - 1
        while index >= 0 and self.mentions[index].start >= start:
            if self.mentions[index].name.kind == "person":
                return self.topic_of(self.mentions[index].name)
            index -= 1
        return None

    def labelled(self, label: str) -> Name | None:
        """The name that the label of a turn stands for: a surname, a first name, initials."""
        last = label.split()[-1]
        known = self.by_word.get(last) or (self.by_word.get(last.title()) if last.isupper() else None)
        if known is not None or not (2 <= len(label) <= 3 and label.isupper()):
            return known
        if self._initials is None:
            names = self.by_word.values()
            self._initials = {"".join(word[0] for word in name.full.split()): name for name in names}
        return self._initials.get(label)

    def is_person(self, name: str) -> bool:
        """Whether a speaker is a person named in the article."""
        known = self.by_word.get(name.split()[-1]) if name else None
        return known is not None and known.kind == "person"

    def is_shown(self, name: Name) -> bool:
        """Whether the text shows a name to be a person's: by title, office, first name or pronoun."""
        return name.kind == "person" and (name.proven or is_first_name(name.full.split()[0]) or self.gender(name, surely=True) is not None)

    def is_surely_person(self, topic: Topic) -> bool:
        """Whether a topic is a person whom the text shows to be one."""
        known = self.by_word.get(topic.name.split()[-1]) if topic.is_person and topic.name else None
        return known is not None and self.is_shown(known)

    def gender(self, name: Name, *, surely: bool = False) -> Gender | None:
        """Whether the text shows a name to be a man's or a woman's."""
        if name.kind != "person" or name.gender is not None:
            return name.gender if name.kind == "person" else None
        if self._genders is None:
            self._genders = read_genders(self.text, self.ends, self.mentions)
        return self._genders.get(name.full) or (None if surely else likely_gender(name.full))

    def topic_of(self, name: Name) -> Topic:
        """A name as what a sentence is about."""
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

    def _is_name(self, word: str) -> bool:
        """Whether a word is capitalised elsewhere within a sentence and nowhere in lower case."""
        if self._inside is None:
            self._inside = frozenset(_CAPITAL_INSIDE.findall(self.text))
        return (word in self._inside or is_first_name(word)) and not self.has_lower(word)

    def has_lower(self, word: str) -> bool:
        """Whether a word stands in lower case somewhere in the article."""
        if self._lower is None:
            self._lower = frozenset(_LOWER_WORD.findall(self.text))
        return word.lower() in self._lower

    def _holder(self, office: str, place: int) -> Name | None:
        """The person last named as `office` before `place`, or first after it."""
        if self._offices is None:
            self._offices = read_offices(self.text, self.mentions)
        held = self._offices.get(office, [])
        if not held:
            return None
        return held[max(0, bisect.bisect_left(held, place, key=lambda item: item[0]) - 1)][1]

    def moderators(self) -> set[str]:
        """Who asks and does not answer."""
        if self._offices is None:
            self._offices = read_offices(self.text, self.mentions)
        return {name.full for office in MODERATORS for _, name in self._offices.get(office, ())}

    def _firm(self, noun: str, place: int) -> Name | None:
        """The firm or the like that `the company` takes up; none where an article speaks of `a company`."""
        if self._firms is None:
            self._firms = read_firms(self.text, self.mentions)
        known = firm_before(self._firms, place)
        if known is None or re.search(rf"\b(?:[Aa]n?|[Aa]nother|[Oo]ne) (?:[\w-]+ )?{noun}\b(?! [A-Z])", self.text[:place]):
            return None
        return known

    def _named_in(self, index: int, place: int, wanted: str) -> Topic | None:
        """The one person surely named in sentence `index` before offset `place`, if the pronoun fits."""
        first = bisect.bisect_left(self._starts, self.bounds[index][0])
        last = bisect.bisect_left(self._starts, min(self.bounds[index][1], place))
        names = {m.name.full: m.name for m in self.mentions[first : min(last, first + _NAMES_BACK)] if self.is_shown(m.name)}
        fitting = [name for name in names.values() if self.gender(name) in (None, wanted)]
        return self.topic_of(fitting[0]) if len(fitting) == 1 else None

    def _nearest(self, place: int, wanted: str) -> Topic | None:
        """The name before `place` that fits a pronoun: the best known of the last persons, or the last body."""
        last = bisect.bisect_left(self._starts, place)
        best: tuple[int, Name] | None = None
        for mention in reversed(self.mentions[max(0, last - _NAMES_BACK) : last]):
            name = mention.name
            if wanted == "it" and name.kind == "body":
                return self.topic_of(name)
            gender = self.gender(name)
            if wanted in ("m", "f") and name.kind == "person" and gender in (None, wanted):
                score = (gender is not None) + name.proven
                if best is None or score > best[0]:
                    best = (score, name)
        return self.topic_of(best[1]) if best is not None else None
