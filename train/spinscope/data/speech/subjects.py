"""The subject of a verb of speaking: the noun phrase before it, or behind it where the order is turned round.

Works on the classes of `words`, from the verb outward: auxiliaries and adverbs are skipped, then what stands in
apposition or parenthesis, then the prepositional phrases and shortened relative clauses that hang on the head.
"""

from __future__ import annotations

import itertools

from spinscope.data.speech.phrases import (
    DATE_OPENERS,
    Subject,
    chunk_back,
    described_name,
    end_of_name,
    given_name,
    has_verb,
    phrase_beginning,
    phrase_ending,
    whole_name,
)
from spinscope.data.speech.words import NOMINAL, Words
from spinscope.data.speech_verbs import word_set

_PERSONAL = word_set("he she it they i we you")
_TIMES = word_set("earlier later ago one")
_PLACES = word_set("there here")
_PLACE_WORDS = word_set("in at of from near on for")
_AMOUNTS = word_set("share number majority handful group most some many rest half part those")
_FRONTED = word_set("asked pressed questioned told reminded confronted")
_SO_FAR = 4
_RELATIVES = word_set("who which that")


def subject_before(words: Words, verb: int) -> Subject | None:
    """The subject that stands before word `verb`, or None where there is none to be seen."""
    tags, lows = words.tags, words.lows
    at = verb - 1
    while at >= 0 and (tags[at] in "AB" or lows[at] in _PLACES or (at > 1 and tags[at - 2 : at + 1] == ",B,")):
        at -= 2 if lows[at] == "then" and at and lows[at - 1] == "since" else 1
    if at < 0:
        return None
    if tags[at] == ",":
        return _past_comma(words, at)
    if tags[at] in ")-":
        opening = tags.rfind("(" if tags[at] == ")" else "-", 0, at)
        return phrase_ending(words, opening - 1) if opening > 0 else None
    if lows[at] == "to" and at > _SO_FAR and lows[at - 3 : at] == ["so", "far", "as"]:  # went so far as to call
        return subject_before(words, at - _SO_FAR)
    if lows[at] == "to" and at > 1:  # managed to say, rang in to say
        return subject_before(words, at - (2 if tags[at - 1] == "P" and tags[at - 2] in "FEV" else 1))
    if tags[at] == "C" or lows[at] == "then":
        relative = _relative_before(words, at)
        return first_subject(words, clause_start(words, at), at) if relative is None else _antecedent(words, relative)
    return _antecedent(words, at) if tags[at] == "R" else phrase_ending(words, at)


def subject_after(words: Words, verb: int) -> Subject | None:
    """The subject behind word `verb` (said the mayor, Ann Lee)."""
    tags, n = words.tags, len(words)
    at = verb + 1
    while at < n and tags[at] == "B":
        at += 1
    if at >= n or tags[at] not in "DNnwO#":
        return None
    if tags[at] == "O":
        return Subject(at, at + 1, at + 1, "pronoun") if words.lows[at] in _PERSONAL else None
    return phrase_beginning(words, at, n)


def first_subject(words: Words, start: int, end: int) -> Subject | None:
    """The subject of the clause [start, end): its first noun phrase that no preposition governs and that is no date."""
    tags, lows = words.tags, words.lows
    while start < end - 1 and tags[start] == "B":
        start += 1
    at = _past_fronted(words, start, end)
    while at < end:
        if tags[at] == "O":
            if lows[at].split("'")[0] in _PERSONAL and not (at > start and tags[at - 1] == "P"):
                return Subject(at, at + 1, at + 1, "pronoun")
        elif tags[at] in "DNnwT#V":
            found = phrase_beginning(words, at, end)
            governed = at > start and (tags[at - 1] in "PGA" or lows[at - 1] in DATE_OPENERS)
            last = found.head_end - 1 if found is not None else at
            if found is not None and not governed and tags[last] != "T" and lows[last] not in _TIMES:
                return found
            at = last
        at += 1
    return None


def subject_before_colon(words: Words, colon: int) -> Subject | None:
    """Who is quoted behind a colon that no verb of speaking stands before."""
    start = words.last_of(";:.-Q", colon) + 1
    if words.lows[start] == "from":  # From the ministry came one sentence: "..."
        found = phrase_beginning(words, start + 1, colon)
        if found is not None and words.lows[found.end] in ("came", "comes"):
            return found
        if found is not None and words.tags[start + 1] == "N":  # From Ann Lee, Holme: "..."
            return found
    if start < colon and words.tags[start] in "PSG":
        comma = words.tags.find(",", start, colon)
        start = comma + 1 if comma > 0 else start
    if words.lows[start : start + 2] == ["this", "from"]:
        start += 2
    return first_subject(words, start, colon)


def clause_start(words: Words, at: int) -> int:
    """Where the clause around word `at` begins: behind the last strong mark, or a comma and a conjunction."""
    tags = words.tags
    for index in range(at - 1, -1, -1):
        tag = tags[index]
        if tag in ";:Q-.()":
            return index + 1
        follows_comma = tag in "CS" and index > 0 and tags[index - 1] == ","
        opens = follows_comma or (tag == "S" and index + 1 < at and tags[index + 1] in "DONn#w")
        if opens and has_verb(tags, index + 1, at):
            return index + 1
    return 0


def clauses(words: Words) -> list[tuple[int, int]]:
    """The sentence cut where a new clause can begin: at a semicolon, a colon, a dash, a conjunction."""
    tags = words.tags
    starts = [0]
    for index, tag in enumerate(tags[:-1]):
        if tag in ";:-Q" or (tag in "C," and tags[index + 1] in "OD" and has_verb(tags, 0, index)):
            starts.append(index + 1)
    return list(itertools.pairwise([*starts, len(tags)]))


def _past_fronted(words: Words, start: int, end: int) -> int:
    """Behind the comma that closes what stands before the subject: `In May, when it rained, ...`."""
    tags = words.tags
    fronts = start < end and (tags[start] in "PSG" or words.lows[start].endswith("ing") or words.lows[start] in _FRONTED)
    if not fronts:
        return start
    comma = tags.find(",", start, end)
    if tags[start] == "n" and comma > 0 and described_name(words, start, comma):  # Winning coach Ann Lee, who
        return start
    is_phrase = (tags[start] != "S" and words.lows[start] not in _FRONTED) or words.lows[start] in DATE_OPENERS
    if 0 < comma < end - 1 and not (is_phrase and has_verb(tags, start, comma)):
        return comma + 1
    return start


def _past_comma(words: Words, comma: int) -> Subject | None:
    """The subject before `..., who farms there,`: what the asides hang on, with a name that one of them gives."""
    tags = words.tags
    begin = words.last_of(";:Q-", comma) + 1
    begin = max([begin, *(index + 1 for index in range(begin, comma) if words.lows[index] == "what")])
    edges = [begin - 1, *(index for index in range(begin + 1, comma) if tags[index] == ","), comma]
    pieces = [(left + 1, right) for left, right in itertools.pairwise(edges) if right > left + 1]
    aside = None
    for number in range(len(pieces) - 1, -1, -1):
        start, end = pieces[number]
        name = whole_name(words, start, end) or given_name(words, start, end) or described_name(words, start, end)
        if number and tags[start] in "CS" and tags[start + 1] in "DNnwO#" and words.lows[start] not in DATE_OPENERS:
            start += 1
        if number and tags[start] in "RGSPBCEFAV(":
            aside = given_name(words, start, end) or aside
            continue
        if number and not _is_core(tags, pieces, number):
            aside = name or aside
            continue
        is_clause = has_verb(tags, start, end) or tags[start] in "PSBG"
        found = first_subject(words, start, end) if is_clause else phrase_ending(words, end - 1)
        if found is None or aside is None or tags[found.head_end - 1] == "N":
            return found
        return Subject(found.start, found.end, found.head_end, found.kind, aside)
    return None


def _is_core(tags: str, pieces: list[tuple[int, int]], number: int) -> bool:
    """Whether a piece is the subject itself and no aside: a clause or a fronted phrase stands before it."""
    start, end = pieces[number - 1]
    if tags[pieces[number][0]] in "CS" or (number == 1 and tags[start] in "PSGET"):
        return True
    return tags[start] not in "RGES" and has_verb(tags, start, end)


def _relative_before(words: Words, at: int) -> int | None:
    """The who, which or that of the relative clause that goes on at the conjunction `at`."""
    tags = words.tags
    for index in range(at - 1, 0, -1):
        if tags[index] in ",;:-Q.":
            return None
        if tags[index] == "R":
            holds = tags[index + 1] in "AFVEB" and tags[index - 1] in NOMINAL
            return index if holds and words.lows[index] in _RELATIVES else None
    return None


def _antecedent(words: Words, relative: int) -> Subject | None:
    """The phrase that who, which or that takes up; `what`, `whose` and questions have none."""
    tags, lows = words.tags, words.lows
    if lows[relative] not in _RELATIVES or relative == 0:
        return None
    at = relative - 1
    if tags[at] == "O" and lows[at] in _PERSONAL:  # it was she who
        return Subject(at, at + 1, at + 1, "pronoun")
    if tags[at] == ",":
        at -= 1
    start = chunk_back(words, at)
    if start is None or (start == at == relative - 1 and tags[at] == "w" and not lows[at].endswith("s")):
        return None
    end = at + 1
    while start > 1 and lows[start - 1] in _PLACE_WORDS and (lows[relative] == "who" or tags[at] == "N"):
        if end_of_name(tags, start) - start > 1:
            break
        outer = chunk_back(words, start - 2)  # a man in Halvan, who said
        if outer is None or lows[start - 2] in _AMOUNTS or tags[start - 2] == "#":
            break
        start, at = outer, start - 2
    return Subject(start, end, at + 1, "relative")
