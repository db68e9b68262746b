"""What a verb of speaking governs: whether words of the writer's own give what is said.

The ways in which a verb reports are those of `speech_verbs`.
"""

from __future__ import annotations

from spinscope.data.speech.phrases import Subject
from spinscope.data.speech.words import Words
from spinscope.data.speech_verbs import NOUNS, Verb, word_set

_SIGNS = frozenset("Q,.;:-()_")
_CLAUSE_WORDS = word_set("that how why whether what if")
_PARTICLES = word_set("up off down apart")
_REFLEXIVE = word_set("themselves himself itself herself")
_SAYING_NOTHING = word_set(
    "so nothing no yes little much more something anything hello thanks thank goodbye grace sorry farewell mass prayers it "
    "this that's"
)
_MAY_BE_SUBJECTS = word_set("it this no nothing more much little")
_OWN_WISHES = word_set("ask beg order advise urge expect")
_OF_WHAT_WAS_SAID = word_set("deny reject dismiss confirm")
_MOST_WORDS_TO_CLAUSE = 14


def n_own_words(tags: str, start: int, end: int) -> int:
    """How many words of [start, end) are neither quoted nor signs."""
    return sum(1 for tag in tags[start:end] if tag not in _SIGNS)


def has_complement(words: Words, at: int, verb: Verb, subject: Subject | None) -> bool:
    """Whether what follows the verb at `at` tells what is said."""
    tags, lows, takes = words.tags, words.lows, verb.takes
    end = words.first_of(";", at + 1)
    own = n_own_words(tags, at + 1, end)
    index = at + 1
    while index < end and tags[index] == "B":
        index += 1
    if index >= end or tags[index] in ".;" or lows[index] in _PARTICLES:
        return False
    opening = subject.start - 1 if subject is not None else at - 1
    if opening >= 0 and lows[opening] == "as" and "p" in takes:  # as the minister said on the radio
        return True
    if verb.lemma in _SPECIAL:
        return _SPECIAL[verb.lemma](words, index, end)
    while index + 2 < end and tags[index] == "P" and tags[index + 1] == "T":  # asked on Sunday for
        index += 2
    if subject is not None and subject.kind == "pronoun" and tags[index] != "A" and _is_object(words, opening):
        return False  # the stamp they asked for
    if opening >= 0 and "Q" in tags[max(0, opening - 1) : opening + 1]:  # "...", she said when asked
        return "that" in lows[index : index + 3] and own >= 3
    if verb.lemma == "ask" and not _asks(words, index, end, subject):
        return False
    if any(kind in takes for kind in "ctr") and (word := clause_word(words, index, end)):
        any_word = "c" in takes or "r" in takes or verb.lemma == "ask"
        return (own >= 3 or "Q" in tags[index:end]) and (word == "that" or any_word)
    if lows[index] in verb.preps:
        return own >= 2 or "Q" in tags[index : index + 4]
    return _has_object(words, index, end, verb, own, opening)


def stands_behind(words: Words, at: int, verb: Verb, subject: Subject) -> bool:
    """`The road is shut, the council said on Monday.`: what is said stands before the subject, a comma between."""
    tags, lows, n = words.tags, words.lows, len(words)
    before = subject.start - 1
    if before < 1 or tags[before] not in ",-" or tags[before - 1] == "Q":
        return False
    own = n_own_words(tags, words.last_of(";:", before) + 1, before)
    after = at + 1
    while after < n and (tags[after] == "B" or (lows[after] == "on" and after == at + 1)):
        after += 1
    closes = after >= n or tags[after] in ",.;:-)"
    enough = own >= (1 if closes and after < n and tags[after] in ",-" else 3)
    if closes or verb.lemma == "go":
        return closes and enough
    if "n" in verb.takes and tags[after] == "O" and (after + 1 >= n or tags[after + 1] in ",.-"):
        return True
    if "r" in verb.takes:
        stop = words.first_of(",.;:-QRS", after)
        inside = stop < n and tags[stop] == "," and own > 0
        return stop - after <= 9 and (inside or (enough and (stop >= n or tags[stop] in ".;:-")))
    if not enough or (tags[after] not in "PTS" and lows[after] not in ("last", "this", "us", "me")):
        return False
    return not any(tag in "AF" for tag in tags[after : words.first_of(",.;:-QR", after)])


def clause_word(words: Words, index: int, end: int) -> str:
    """The `that` or question word that opens a clause at `index`, or behind a person, a place, a date or an aside there.

    Empty where there is none.
    """
    lows, tags = words.lows, words.tags
    for at in range(index, min(end, index + _MOST_WORDS_TO_CLAUSE)):
        low, tag = lows[at], tags[at]
        if low in _CLAUSE_WORDS:
            return low if low != "that" or _opens_clause(tags, at + 1, end) else ""
        if tag == ",":
            return _behind_aside(words, at, end)
        is_verb = tag == "V" and (lows[at - 1] == "to" or (at > index and low not in NOUNS))
        if tag in "AF;:QR" or low == "so" or is_verb:
            return ""
    return ""


def _opens_clause(tags: str, at: int, end: int) -> bool:
    """Whether `that` before word `at` brings a clause, and does not stand for a noun or before one."""
    if at >= end or tags[at] in ".,;:-":
        return False
    return tags[at] not in "PSTw" or any(tag in "AFVEQ" for tag in tags[at:end])


def _behind_aside(words: Words, comma: int, end: int) -> str:
    """`told members, when they asked, that ...`."""
    closing = words.tags.find(",", comma + 1, min(end, comma + 9))
    if not 0 < closing < end - 1 or words.tags[comma + 1] == "C":
        return ""
    following = words.lows[closing + 1]
    return following if following in ("that", "whether", "how", "why") else ""


def _has_object(words: Words, index: int, end: int, verb: Verb, own: int, opening: int) -> bool:
    """Whether a noun phrase, an infinitive or a clause without `that` follows at `index`, as the verb takes it."""
    takes, first, low = verb.takes, words.tags[index], words.lows[index]
    following = words.tags[index + 1 : index + 2] or "."
    if first == "," or low in _REFLEXIVE:
        return False
    if first == ":":
        return "c" in takes and following != "Q" and own >= 3
    if first == "Q":  # blamed "the mob"; what he called "the mob"
        alone = "o" in takes and "c" not in takes and "t" not in takes
        return alone or ("n" in takes and opening >= 0 and words.lows[opening] == "what")
    if verb.lemma in _OF_WHAT_WAS_SAID and low in ("that", "this", "it") and following in ",.":
        return True
    if first == "A" and low != "having":  # a wound that police said was old
        return "c" in takes and opening >= 0 and words.tags[opening] in "RNnw," and own >= 2
    if low in _SAYING_NOTHING and (index + 2 >= end or following in "P,.S"):
        return False
    if "a" in takes and " as " in words.text[words.starts[index] :]:
        return own >= 2
    if "n" in takes:
        return _names(words, index, end)
    return own >= 2 and _has_plain_object(words, index, end, verb)


def _has_plain_object(words: Words, index: int, end: int, verb: Verb) -> bool:
    takes, first, low = verb.takes, words.tags[index], words.lows[index]
    if "i" in takes and _infinitive(words, index, end):
        return low != "to" or verb.lemma not in _OWN_WISHES
    if verb.lemma == "ask" and "for" in words.lows[index : index + 6]:
        return True
    if "r" in takes and first in "ODNwn#" and _recipient_clause(words, index, end):
        return True
    if "o" in takes and (first in "D#NwnGETA" or low == "between" or (first == "O" and "v" not in takes)):
        return True
    return "c" in takes and _bare_clause(words, index, end)


def _points_out(words: Words, index: int, end: int) -> bool:
    return words.lows[index] == "out" and bool(clause_word(words, index, end))


def _puts(words: Words, index: int, end: int) -> bool:
    """`put the loss at nine million`, `put it to us that ...`, `put it this way: ...`."""
    if words.lows[index] == "it":
        return bool(clause_word(words, index + 1, end)) or ":" in words.tags[index:end]
    stop = min(end - 1, index + 12)
    return any(words.lows[at] == "at" and words.tags[at + 1] in "#DB" for at in range(index + 1, stop))


def _finds(words: Words, index: int, end: int) -> bool:
    """`found that ...`, not `found out that`."""
    opens = words.lows[index] != "out" and clause_word(words, index, end) == "that"
    return opens and n_own_words(words.tags, index, end) >= 3


def _never(words: Words, index: int, end: int) -> bool:
    return False


_SPECIAL = {"point": _points_out, "put": _puts, "find": _finds, "go": _never}


def _asks(words: Words, index: int, end: int, subject: Subject | None) -> bool:
    """Whether what is asked for, or of whom, is told; a mere question is not."""
    lows = words.lows
    if subject is None or (lows[index] in ("me", "us") and any(low in ("whether", "if") for low in lows[index:end])):
        return True
    if subject.kind == "pronoun":
        return False
    return "for" in lows[index : index + 6] or "that" in lows[index : index + 4] or _infinitive(words, index, end)


def _is_object(words: Words, last: int) -> bool:
    """Whether the phrase that ends with word `last`, before a pronoun, is what a clause without `which` hangs on."""
    if last < 0 or words.tags[last] not in "NnwV":
        return False
    start = last
    while start > 0 and words.tags[start - 1] in "NnwVED#GT":
        start -= 1
    return not (start > 0 and words.tags[start - 1] == "P" and (start == 1 or words.tags[start - 2] in ",;:-QC"))


def _names(words: Words, index: int, end: int) -> bool:
    """`called the plan a farce`, `called him "a thief"`."""
    if words.tags[index] == "P":
        return False
    for at in range(index + 1, min(end, index + 9)):
        if words.tags[at] == "Q" or (words.lows[at] in ("a", "an", "the") and words.tags[at - 1] not in "PC"):
            return True
        if words.tags[at] in ",.;:AF":
            return False
    return False


def _infinitive(words: Words, index: int, end: int) -> bool:
    """`to pay`, `him to pay`, `the people of the valley to leave`."""
    for at in range(index, min(end - 1, index + 10)):
        if words.lows[at] == "to" and words.tags[at + 1] not in "DN#O":
            return True
        if words.tags[at] in "AF,;:Q.RS":
            return False
    return False


def _recipient_clause(words: Words, index: int, end: int) -> bool:
    """`told him the road was shut`: a person, and then a clause."""
    at = index + 1 if words.tags[index] == "O" else index
    while words.tags[index] != "O" and at < end and words.tags[at] in "DNnw#" and at - index < 5:
        at += 1
    if at >= end or at == index:
        return False
    rest = words.tags[at:end]
    if words.lows[at] in ("so", "off", "apart", "about") or (rest[0] == "B" and rest[1:2] in (",", ".", "")):
        return False
    return rest[0] in "ODN#n" or (rest[0] not in "P,.:;-Q" and any(tag in "AFEV" for tag in rest))


def _bare_clause(words: Words, index: int, end: int) -> bool:
    """A clause without `that`: it begins like a subject and holds a verb."""
    first, low = words.tags[index], words.lows[index]
    rest = words.tags[index + 1 : end]
    if first == "P":
        return low != "for" and any(tag in "AF" for tag in rest)
    if low in ("it", "this", "that"):
        verb = rest[:1] in ("A", "F", "V", "E", "B") or (rest[:1] == "w" and words.lows[index + 1].endswith("s"))
        return verb and words.lows[index + 1] != "back"
    if low in _SAYING_NOTHING and low not in _MAY_BE_SUBJECTS:
        return False
    if first in "DNnw":
        holds_verb = any(tag in "AFVE" for tag in rest)
        return holds_verb or any(word.endswith("s") for word in words.lows[index + 1 : end])
    return first in "O#SRGTVEB"
