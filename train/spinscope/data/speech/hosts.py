"""Whom the host of a talk calls up: `Now Ann, you own the shop`, `Line three, Barnaby`, `Let us hear Tom on that`."""

from __future__ import annotations

import re

from spinscope.data.speech.names import is_body_noun, is_first_name, is_name_word, is_person_noun
from spinscope.data.speech.people import People
from spinscope.data.speech.phrases import given_name, phrase_beginning
from spinscope.data.speech.words import Words
from spinscope.data.speech_verbs import word_set

_WORDS_BEFORE_NAME = 8
_GREETINGS = word_set(
    "welcome hello hi good morning evening afternoon first second third fourth finally lastly next now caller line thanks thank"
)
_OF_PLACES = word_set("in at near of on around across outside between behind")
_VOCATIVE = word_set(
    "you you're you've you'd your who what how are is do did have can will would should were when where why which does"
)
_YOU = word_set("you your yours yourself you're you've you'd you'll")
_RELATED = word_set("his her their its")
_INTRODUCES = word_set("a an the who whose from of in our")
_LEADS = word_set("is now lastly next then first finally here here's")
_TALK_LEADS = word_set("to and with so over have hear hello again")
_THANKED = word_set("thanks thank bye goodbye")
_NEW = word_set("a an another our one")
_TALK = re.compile(
    r"\b(?:callers?|phone-in|on (?:the )?line|line (?:one|two|three|four|five|six|\d)|your calls|listeners?|"
    r"in (?:our|the) studio|(?:two|three|four|our) guests|(?:round|at) (?:our|the|this) table|round table|panel discussion)\b",
    re.IGNORECASE,
)


class Host:
    """The host of one article.

    Attributes:
        called: whom the host called up last.
        calls: whether the sentence looked at last calls somebody up.
        addressed: whether somebody has been called up since another one spoke.
        many: whether several people are called up one after the other.
        is_talk: whether the article says that it is a phone-in or a panel.
    """

    def __init__(self, people: People) -> None:
        self.people = people
        self.called: str | None = None
        self.calls = self.addressed = self.many = False
        self.is_talk = _TALK.search(people.text) is not None

    def heard(self, sentence: int) -> str | None:
        """The person called up in the host's sentence before `sentence`, else the one called up last."""
        if sentence and sentence - 1 not in self.people.spoke:
            start = self.people.bounds[sentence - 1][0]
            called = self._name_in(self.people.words_of(sentence - 1), start) or self._caller(sentence)
            called = called if called not in self.people.moderators() else None
            self.calls, self.called = called is not None, called or self.called
        return self.called

    def introduced(self, sentence: int, about: str | None = None, *, anew: bool = False) -> str | None:
        """The person brought in by the sentence before `sentence`, else `about`, whom that sentence is about.

        None by a question, by what is said to `you`, or where that sentence tells somebody's words; never the moderator; with `anew` nobody who is only told to be
        his or hers.
        """
        words = self.people.words_of(sentence - 1)
        told = words.text.rstrip().endswith("?") or not _YOU.isdisjoint(words.lows) or "Q" in words.tags
        if told or sentence - 1 in self.people.spoke:
            return None
        found = self._name_in(words, self.people.bounds[sentence - 1][0]) or self._caller(sentence) or about
        kin = anew and words.lows[:1] and words.lows[0] in _RELATED and not self.people.is_person(found or "")
        return found if found not in self.people.moderators() and not kin else None

    def _name_in(self, words: Words, offset: int) -> str | None:
        """The first person that a sentence calls up; anywhere in it where several talk, else at its beginning."""
        tags, lows = words.tags, words.lows
        found = None
        asks = words.text.rstrip().endswith("?")
        for at in range(len(words) if self.is_talk else min(_WORDS_BEFORE_NAME, len(words))):
            since = max(words.last_of(";:.-", at) + 1, at - 3)
            if tags[at] not in "Nn" or (at and tags[at - 1] in "Nn") or _is_thanked(lows[since : at + 1]):
                continue
            leads = not at or tags[at - 1] in ",;:-" or lows[at - 1] in _LEADS
            leads = leads or (self.is_talk and lows[at - 1] in _TALK_LEADS)
            stop = words.first_of("DPCSROABVFEGTwQ#,;:.-()_", at)
            leads = leads or tags[stop : stop + 1] == ":"
            if not leads and found is None and lows[at - 1] == "from" and tags[0] not in "nN" and not asks:  # a letter from Ann, not a teacher from Holme
                leads = at == 1 or not is_person_noun(lows[at - 2])
            if not leads:
                continue
            called = self._called(words, at, stop, offset)
            found = called or found
        return found if found is not None or not self.many else self._mentioned(words, offset)

    def _mentioned(self, words: Words, offset: int) -> str | None:
        """The person whom a sentence between two turns names, where several people are called up one after the other."""
        tags, lows = words.tags, words.lows
        found = None
        for at in range(len(words)):
            if tags[at] not in "Nn" or (at and tags[at - 1] in "Nn"):
                continue
            start, stop = at, words.first_of("DPCSROABVFEGTwQ#,;:.-()_", at)
            while start < stop and lows[start] in _GREETINGS:
                start += 1
            before = lows[start - 1] if start else ""
            thanked = _is_thanked(lows[max(words.last_of(";:.-", start) + 1, start - 3) : start])
            placed = before in _OF_PLACES and lows[start - 2 : start - 1] != ["bring"]
            placed = placed or (before == "from" and (found is not None or tags[max(start - 2, 0)] == "w"))
            if start == stop or thanked or placed:
                continue
            known, text = self.people.named_at(offset + words.starts[stop - 1]), words.span(start, stop)
            about = not _YOU.isdisjoint(lows[stop:])
            if tags[stop : stop + 1] in ("A", "V", "F", "E") and about:
                continue
            named = known.kind == "person" if known is not None else self._is_new_name(text)
            if named and (found is None or tags[at] == "N"):
                found = known.full if known is not None else text.removesuffix("'s").removesuffix("’s")
        return found

    def _is_new_name(self, text: str) -> bool:
        words = text.split()
        if not all(map(is_name_word, words)) or is_body_noun(words[-1].lower()):
            return False
        return is_first_name(words[0]) or not self.people.has_lower(words[0])

    def _called(self, words: Words, at: int, stop: int, offset: int) -> str | None:
        """The person named by words [at, stop), if they call somebody up."""
        following = words.lows[stop + 1] if stop + 1 < len(words) else ""
        mark = words.tags[stop : stop + 1]
        vocative = (mark == "," and following in _VOCATIVE) or mark in (".", ":")
        introduces = following in _INTRODUCES or words.tags[stop + 1 : stop + 2] == "#"
        vocative = vocative or (self.is_talk and mark == "," and introduces)
        vocative = vocative or (self.is_talk and at == 0 and words.lows[stop : stop + 1] == ["from"])
        known = self.people.named_at(offset + words.starts[stop - 1])
        if known is not None:
            acts = words.tags[stop : stop + 1] in ("A", "V", "F", "E")
            about = acts and not _YOU.isdisjoint(words.lows[stop:])  # Ann Lee has called you stubborn
            calls = vocative or not acts or (self.is_talk and at == 0 and not about)
            return known.full if known.kind == "person" and calls else None
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
        if not (self.is_talk or self.many) or words.text.rstrip().endswith("?"):
            return None
        for at in range(len(words)):
            if words.lows[at] in _NEW:
                phrase = phrase_beginning(words, at, len(words))
                if phrase is not None and is_person_noun(words.lows[phrase.head_end - 1]):
                    named = given_name(words, phrase.end, words.first_of("DPCSROABVFEGTwQ#,;:.-()_", phrase.end + 1))
                    return words.span(*(named or (phrase.start, phrase.end)))
        return None


def _is_thanked(before: list[str]) -> bool:
    """Whether the words before a name take leave of it: `Thank you`, `That was`."""
    return not _THANKED.isdisjoint(before) or ("that" in before and before[-1] in ("was", "were"))
