"""Noun phrases, without a parser: where one that ends or begins with a word has its head, and what hangs on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from spinscope.data.speech.names import is_person_noun
from spinscope.data.speech.words import NOMINAL, Words
from spinscope.data.speech_verbs import NOUNS, word_set

Kind = Literal["pronoun", "phrase", "relative", "owner"]

DATE_OPENERS = word_set("since until till after before")
_BEFORE_DATES = word_set("on last since until by next")
_ONE_OF_SEVERAL = word_set("youngest oldest eldest smallest tallest other first second third fourth last latter former")
_OF_THEM = frozenset(("of them", "of us", "of those", "in question"))
_OF_THE_HEAD = word_set("of for from at")
_NAMING = word_set("named called himself herself themselves itself")
_REFLEXIVE = word_set("himself herself themselves itself")
_HONORIFICS = word_set("excellency majesty holiness highness honour honor grace eminence lordship ladyship")
_MOST_WORDS_BACK = 40
_MOST_WORDS_TO_NAME = 6
_MOST_WORDS_IN_A_CHUNK = 12


@dataclass(frozen=True, slots=True)
class Subject:
    """Words [start, end) of a noun phrase whose head chunk ends at `head_end`; `aside` is a name in apposition to it.

    `kind` is `relative` where who, which or that takes the phrase up, `owner` where only its genitive is named.
    """

    start: int
    end: int
    head_end: int
    kind: Kind = "phrase"
    aside: tuple[int, int] | None = None


def phrase_ending(words: Words, at: int) -> Subject | None:
    """The noun phrase that ends with word `at`, with what hangs on its head; None where word `at` ends none."""
    found = _phrase_ending(words, at)
    if found is None or found.aside is not None or found.head_end > at or words.tags[at] != "N":
        return found
    return replace(found, aside=given_name(words, found.head_end, at + 1))


def _phrase_ending(words: Words, at: int) -> Subject | None:
    tags = words.tags
    if at < 0:
        return None
    if tags[at] == "O":
        governed = at > 0 and tags[at - 1] == "P"
        return (_head_before(words, at, at + 1) if governed else None) or Subject(at, at + 1, at + 1, "pronoun")
    if tags[at] in "RCSQ;:.(":
        return None
    start = head_start(words, at) if tags[at] != "P" else None
    if start is None:
        return _head_before(words, at, at + 1)
    plain = Subject(start, at + 1, at + 1)
    if start == 0:
        return plain
    before, low = tags[start - 1], words.lows[start - 1]
    if tags[at] == "T" and (before in NOMINAL or before in "P,O" or low in DATE_OPENERS or low == "than"):
        return _head_before(words, start, at + 1) or plain
    if before == "P":
        opens = start == 1 or tags[start - 2] in ",;:-QC"
        return _head_before(words, start, at + 1) or (_fronted(words, start, at + 1) if opens else None)
    if before in "EFG":
        return _head_before(words, start, at + 1) or plain
    if start > 1 and tags[start - 2 : start] in ("RA", "RV"):
        return _head_before(words, start - 1, at + 1) or plain
    return plain


def head_start(words: Words, at: int) -> int | None:
    """Where the chunk that ends with word `at` begins, determiner included; None where word `at` is no noun."""
    tags = words.tags
    start = at + 1
    while start > 0 and tags[start - 1] in "NnwTV#" and start > at - _MOST_WORDS_IN_A_CHUNK:
        if tags[start - 1] == "V" and not (words.lows[start - 1] in NOUNS and start > 1 and tags[start - 2] in "DNnwV"):
            break
        if start <= at and (_begins_name(words, start) or tags[start - 1 : start + 1] == "TN"):
            break
        if start <= at and start > 1 and tags[start - 1] == "T" and words.lows[start - 2] in _BEFORE_DATES:
            break  # on Sunday party leader Ann Lee
        start -= 1
        if tags[start] == "#" and start < at and start > 0 and tags[start - 1] in "NnTw":
            break
    if tags[at] in "EG" and start == at + 1 and at and tags[at - 1] == "D":  # the accused
        start = at
    while start > 0 and tags[start - 1] in "EG" and (start == 1 or tags[start - 2] in "D#Q:;,"):
        start -= 1  # the striking dockers
    while start > 0 and tags[start - 1] in "D#":
        start -= 1
    return start if start <= at else None


def chunk_back(words: Words, at: int) -> int | None:
    """Where the plain noun phrase that ends with word `at` begins, participles included."""
    tags = words.tags
    start = at + 1
    while start > 0 and tags[start - 1] in NOMINAL:
        start -= 1
    while start > 0 and tags[start - 1] == "D":
        start -= 1
    return start if start <= at else None


def phrase_beginning(words: Words, at: int, end: int) -> Subject | None:
    """The noun phrase that begins with word `at`, with `of the ...` and a name in apposition; None where none does."""
    tags = words.tags
    if at + 3 < end and words.lows[at + 1] in _HONORIFICS and tags[at + 2] in "DN":
        at += 2
    stop = at
    while stop < end and tags[stop] in "D#":
        stop += 1
    while stop + 1 < end and stop > at and tags[stop] in "EGVB" and tags[stop + 1] in "wNEG":
        stop += 1  # a televised address
    stop = _chunk_end(words, stop, end)
    if stop == at:
        return None
    finish = _with_of(words, stop, end)
    named = stop + 1 < end and words.lows[stop] in _NAMING and tags[stop + 1] == "N"
    aside = (stop + 1, end_of_name(tags, stop + 1)) if named else name_aside(words, finish) or _known_as(words, finish, end)
    return Subject(at, finish, stop, aside=aside)


def _known_as(words: Words, at: int, end: int) -> tuple[int, int] | None:
    """The name that others give: `a man the others call Big Alan`, `a member known only as Plot 19`."""
    tags, lows = words.tags, words.lows
    for index in range(at, min(end, at + _MOST_WORDS_TO_NAME, len(words) - 1)):
        if tags[index] in ",;:.QC-":
            return None
        if tags[index + 1] == "N" and (lows[index] in ("call", "calls") or (lows[index] == "as" and "known" in lows[at:index])):
            stop = end_of_name(tags, index + 1)
            return index + 1, stop + (tags[stop : stop + 1] == "#")
    return None


def name_aside(words: Words, comma: int) -> tuple[int, int] | None:
    """A name that follows in apposition: `the mayor, Ann Lee`."""
    tags, n = words.tags, len(words)
    if comma >= n or tags[comma] != ",":
        return None
    start = comma + 1
    while start < n and tags[start] in "DwEVG" and start - comma < 6:  # the former judge Ann Lee
        start += 1
    stop = end_of_name(tags, start)
    alone = tags[stop : stop + 2] == ",#" or (tags[stop : stop + 1] == "," and comma and (is_person_noun(words.lows[comma - 1]) or words.lows[comma - 1] in _ONE_OF_SEVERAL))
    least = 1 if alone else 2
    return (start, stop) if stop - start >= least and (stop == n or tags[stop] in ",.:;Q-") else None


def given_name(words: Words, start: int, end: int) -> tuple[int, int] | None:
    """The name in `a former wrestler named Ann Lee`, `who calls himself Colonel Lee`."""
    at = end
    while at > start and words.tags[at - 1] == "N":
        at -= 1
    if start < at < end and words.lows[at - 1] in _NAMING:
        return at, end
    for index in range(start, end - 1):
        if words.lows[index] in _REFLEXIVE and words.tags[index + 1] == "N":
            return index + 1, end_of_name(words.tags, index + 1)
    return None


def described_name(words: Words, start: int, end: int) -> tuple[int, int] | None:
    """The name of two words or more that ends `the former judge Ann Lee`."""
    at = end
    while at > start and words.tags[at - 1] == "N":
        at -= 1
    is_person = start < at < end - 1 and words.tags[start] in "Dnw" and is_person_noun(words.lows[at - 1])
    return (at, end) if is_person else None


def whole_name(words: Words, start: int, end: int) -> tuple[int, int] | None:
    """The name with which words [start, end) begin, if it has two words or is all there is."""
    start += start + 1 < end and words.lows[start] == "the"
    stop = start
    while stop < end and words.tags[stop] in "Nn":
        stop += 1
    return (start, stop) if stop - start >= 2 or (stop == end and stop > start) else None


def end_of_name(tags: str, start: int) -> int:
    """Behind the last of the capitalised words that begin with word `start`."""
    while start < len(tags) and tags[start] == "N":
        start += 1
    return start


def has_verb(tags: str, start: int, end: int) -> bool:
    """Whether words [start, end) hold anything that can be a verb."""
    return any(tag in "AFEV" for tag in tags[start:end])


def _head_before(words: Words, start: int, end: int) -> Subject | None:
    """The phrase on whose head words [start, end) hang, across prepositions, participles and relative clauses."""
    tags, lows = words.tags, words.lows
    at = start - 1
    finite = False
    while at >= max(0, start - _MOST_WORDS_BACK):
        tag = tags[at]
        finite = finite or tag in "AFO"
        if tag in ";:Q-.()" or (tag in "CS," and lows[at] not in DATE_OPENERS and lows[at] != "than"):
            return None
        if tag == "R" and at:
            return _head_of_relative(words, at)
        if tag in "PEFAGBVROTS":
            at -= 1
            continue
        head = head_start(words, at)
        if head is None:
            return None
        is_measure = tags[at] == "T" or (tags[at] == "#" and lows[at + 1] != "of")
        if (head > 0 and tags[head - 1] in "PR") or is_measure:
            at = head - 1
            continue
        if finite:
            return None
        found = Subject(head, end if tags[at + 1] == "P" else at + 1, at + 1)
        # Behind a verb: the object in a relative clause, perhaps.
        return (_head_before(words, head - 1, end) if head > 1 and tags[head - 1] in "EFAV" else None) or found
    return None


def _head_of_relative(words: Words, relative: int) -> Subject | None:
    """The phrase before the who, which or that at `relative`, inside whose clause we are."""
    tags = words.tags
    if tags[relative - 1] not in NOMINAL:
        return None
    head = head_start(words, relative - 1)
    if head is None:
        return None
    outer = _head_before(words, head, relative) if head and tags[head - 1] == "P" else None
    return outer or Subject(head, relative, relative)


def _fronted(words: Words, start: int, end: int) -> Subject:
    """A phrase behind a preposition that opens the clause, `At the gate rallies speakers told`: its last noun."""
    begin = end - 1
    while begin > start and words.tags[begin - 1] == "N" and words.tags[end - 1] == "N":
        begin -= 1
    return Subject(begin if end - start > 2 else start, end, end)


def _chunk_end(words: Words, at: int, end: int) -> int:
    """Behind the last noun of the chunk that begins with word `at`."""
    tags, lows = words.tags, words.lows
    first = at
    while at < end and tags[at] in "NnwT#V":
        if tags[at] == "V" and not (lows[at] in NOUNS and (at + 1 == end or tags[at + 1] in "VAPF,")):
            break
        if at > first:
            pair = tags[at - 1 : at + 1]
            behind_name = pair == "Nw" and not lows[at - 1].endswith("'s")
            if behind_name and first > 0 and tags[first - 1] == "D" and is_person_noun(lows[at]):
                behind_name = False  # a German tourist
            if (tags[at] == "#" and not lows[at].startswith("one")) or behind_name or pair in ("TN", "TD") or _begins_name(words, at):
                break
        at += 1
    return at


def _begins_name(words: Words, at: int) -> bool:
    """Whether a name at word `at` begins a phrase of its own behind a plural: `after the killings Ann Lee ...`."""
    low = words.lows[at - 1]
    is_plural = low.endswith("s") and not low.endswith(("ss", "'s"))
    return is_plural and words.tags[at] == "N" and words.tags[at - 1] == "w"


def _with_of(words: Words, head_end: int, end: int) -> int:
    """Behind `of the ...`, `for ...`, `from ...` and `at ...` that belong to the head."""
    tags = words.tags
    finish = head_end
    if " ".join(words.lows[finish : finish + 2]) in _OF_THEM:
        return finish + 2
    while finish + 1 < end and words.lows[finish] in _OF_THE_HEAD:
        stop = finish + 1
        while stop < end and tags[stop] in "D#":
            stop += 1
        stop = _chunk_end(words, stop, end)
        if stop == finish + 1:
            break
        finish = stop
    return finish
