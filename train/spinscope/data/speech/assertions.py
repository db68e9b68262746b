"""Whether a word is the verb of its subject, and whether the subject is said to have spoken in fact.

What nobody in particular says, what is denied, commanded, supposed or only set in time is not a report.
"""

from __future__ import annotations

from spinscope.data.speech.complements import clause_word
from spinscope.data.speech.phrases import Subject
from spinscope.data.speech.subjects import clause_start
from spinscope.data.speech.words import Words
from spinscope.data.speech_verbs import BOTH_NUMBERS, NOUNS, Form, Verb, word_set

_CONTRACTED = word_set("i'm he's she's it's they're")
_HELPERS = _CONTRACTED | word_set("to get gets")
_MODAL = word_set("would will did do does could may might must shall should can to didn't don't doesn't")
_NEGATION = word_set("not never didn't doesn't don't hasn't haven't hadn't cannot can't won't wouldn't couldn't")
_UNREAL = _NEGATION | word_set("to let would could might may should can must shall will please")
_REAL_TO = word_set("used managed went goes continued continues rang phoned telephoned called wrote came emailed")
_WHEN = word_set("when if after before since until till unless than whether once lest whenever")
_NOBODY = word_set(
    "nobody none nothing anyone anybody whoever someone somebody everyone everybody anything something there that's "
    "there's myself yourself"
)
_FIRST_OR_SECOND = word_set(
    "i we you me us i'm i've i'd i'll we're we've we'd we'll you're you've you'd you'll"
)
_RECORDS = word_set(
    "records figures documents data study studies poll polls survey surveys report reports analysis review letters emails "
    "minutes files estimates tests polling research"
)
_OUR_SIDE = word_set(
    "party caucus council movement group league union committee policy front federation alliance list team"
)
_THIS_PAPER = word_set("newspaper paper page station agency column magazine site")
_CANNOT_SPEAK = word_set(
    "page law section clause article paragraph sign fact table map experience word phrase nothing question rain line"
)
_PRONOUNS_TOO = word_set("all both each some many several another others few most neither either more such other")
_DEMONSTRATIVES = word_set("those these that this which what")
_PLURAL = word_set(
    "they people police who which that some many others both several most few these those all men women children media "
    "data residents"
)
_ALWAYS_PLURAL = word_set("police people men women children")
_FORECASTS = word_set("expect predict estimate forecast")


def is_noun(words: Words, at: int, form: Form) -> bool:
    """Whether the form is a noun or adjective here: a determiner, preposition or genitive stands before it, or so."""
    tags, lows = words.tags, words.lows
    before, last = tags[at - 1], lows[at - 1]
    may_be = lows[at] in NOUNS
    if (before == "D" and last in _PRONOUNS_TOO) or (before == "#" and form != "base"):
        return may_be
    if before == "V" and form == "third" and may_be:
        return True
    if before in "D#P":
        return last != "to" or form != "base"
    if before == "B" and form == "past" and at > 1 and tags[at - 2] in "DP" and last not in ("here", "there"):
        return True
    if last.endswith(("'s", "s'")) and last not in _CONTRACTED:
        return True
    if not may_be or form == "ing":
        return False
    if before in "VF" and form != "past" and last not in NOUNS:
        return True
    if before == "w" and form == "base" and at > 1 and tags[at - 2] in "DP" and not last.endswith("s"):
        return True
    return form in ("third", "base") and before in "wNn" and tags[at + 1 : at + 2] in ("A", "V", "F")


def helper_of(words: Words, at: int) -> int:
    """The auxiliary that governs the verb at `at`, or -1."""
    index = at - 1
    while index >= 0 and words.tags[index] == "B":
        index -= 1
    governs = index >= 0 and (words.tags[index] == "A" or words.lows[index] in _HELPERS)
    return index if governs else -1


def agrees(words: Words, at: int, form: Form, helper: int, subject: Subject) -> bool:
    """Whether verb and subject agree in number: a base form needs a modal, an auxiliary or a plural before it."""
    lows = words.lows
    if form == "third" and helper < 0 and subject.head_end == at and lows[at - 1] in _ALWAYS_PLURAL:
        return False  # police reports
    if form != "base" or lows[at] in BOTH_NUMBERS:
        return True
    if helper >= 0:
        return lows[helper] in _MODAL
    first, head = lows[subject.start], lows[subject.head_end - 1].strip("'")
    if subject.kind == "pronoun":
        return head in ("they", "we", "you", "i")
    if words.tags[at - 1] == "C":
        return False
    is_plural = head.endswith("s") and not head.endswith(("ss", "us"))
    return is_plural or head in _PLURAL or first in _PLURAL or "C" in words.tags[subject.start : subject.end] or first in (
        "two", "three", "four",
    )  # fmt: skip


def is_reduced(words: Words, at: int, verb: Verb, subject: Subject) -> bool:
    """Whether a past form is a participle: `a tax proposed by the board`, `a man accused of theft`."""
    tags, n = words.tags, len(words)
    if subject.start and words.lows[subject.start - 1] == "what":  # in what the mayor called a farce
        return False
    if tags[at - 1] == "," and _is_between_commas(words, at):
        return True
    if subject.kind == "pronoun" or at + 1 >= n or subject.head_end != at:
        return False
    following, before = words.lows[at + 1], tags[subject.start - 1] if subject.start else ","
    if following == "by":
        return True
    opens_clause = bool(clause_word(words, at + 1, n))
    if "o" in verb.takes and tags[at + 1] in "PT" and following not in verb.preps:
        return not opens_clause and _later_verb(words, at + 1)
    if tags[at + 1] in "PT." and before not in ",CS;:-QR" and not opens_clause:
        begin = clause_start(words, subject.start)
        if any(tag in "AF" for tag in tags[begin : subject.start]):
            return True
    named = tags[at + 1] in "NQ" or following in ("a", "an", "the")
    if "n" in verb.takes and named and before != "R" and following not in verb.preps:
        return tags[at + 1] == "Q" or _later_verb(words, at + 1)
    return False


def is_somebody(words: Words, subject: Subject, verb: Verb, form: Form) -> bool:
    """Whether the subject is a third person, and somebody in particular."""
    lows, tags = words.lows, words.tags
    first, head = lows[subject.start], lows[subject.head_end - 1]
    if first in _NOBODY or head in _NOBODY or head in _CANNOT_SPEAK or first in ("no", "neither", "people"):
        return False
    if any(low in _FIRST_OR_SECOND for low in lows[subject.start : subject.end]):
        return False
    if tags[subject.head_end - 1] == "T" and subject.aside is None and tags[subject.start] != "N":
        return False
    if _is_ourselves(first, head, form) or head == "those" or (head == "people" and tags[subject.start] != "D"):
        return False
    if subject.end - subject.start == 1 and (first in _DEMONSTRATIVES or first == "one"):
        return False
    if first == "they" and "n" in verb.takes:  # they call it progress
        return False
    if subject.kind == "relative" and not _is_particular(words, subject, verb, form):
        return False
    if verb.lemma == "show":
        return head in _RECORDS
    if "v" not in verb.takes:
        return True
    if tags[subject.start] in "nw" and subject.end == subject.head_end and verb.lemma not in _FORECASTS:
        return tags[subject.head_end - 1] == "N"  # drivers believe that they own the road
    return first in ("he", "she", "it") or (subject.kind != "pronoun" and first not in ("those", "such", "these"))


def is_unreal(words: Words, at: int, subject: Subject) -> bool:
    """Negated, commanded, wished for, or set in time or under a condition: nothing that was said."""
    tags, lows = words.tags, words.lows
    index = at - 1
    while index >= 0 and ((index >= subject.head_end - 1 and tags[index] in "AB") or lows[index] == "to"):
        if lows[index] == "to" and any(before in _REAL_TO for before in lows[max(0, index - 3) : index]):
            return False
        if lows[index] in _UNREAL:
            return True
        index -= 1
    return subject.start > 0 and (lows[subject.start - 1] in _WHEN or lows[subject.start - 1] == "nor")


def _is_ourselves(first: str, head: str, form: Form) -> bool:
    """The writer's own side or paper: `our party asks`, `this newspaper has asked`."""
    if first == "your":
        return head in _OUR_SIDE or form == "ing"
    return (first == "this" and head in _THIS_PAPER) or (first == "our" and head in _OUR_SIDE)


def _is_particular(words: Words, subject: Subject, verb: Verb, form: Form) -> bool:
    """Whether `X who says` is about one X and what was said once, not about whoever says such things."""
    tags, first = words.tags, words.lows[subject.start]
    if first in ("every", "any", "each", "this", "that", "these", "those") or "v" in verb.takes:
        return False
    if form == "past":
        return True
    named = tags[subject.head_end - 1] == "N"
    return (named or tags[subject.end] == ",") and first not in ("a", "an") and tags[subject.start] not in "wn"


def _is_between_commas(words: Words, at: int) -> bool:
    """`Its answer, announced last Monday, is ...`."""
    tags = words.tags
    comma = tags.find(",", at)
    return comma > 0 and not any(tag in "AFVO" for tag in tags[at + 1 : comma]) and tags[comma + 1 : comma + 2] in ("A", "F")


def _later_verb(words: Words, at: int) -> bool:
    """Whether a finite verb follows before the clause ends."""
    stop = words.first_of("Q;:.", at)
    return any(tag in "AF" for tag in words.tags[at:stop])
