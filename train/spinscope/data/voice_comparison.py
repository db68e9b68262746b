"""Voices found against voices marked by hand: counts per article, from which the figures of `measure.voices` come.

What is counted:

* *characters* in direct quotation.
* *quotations* with exact bounds, from opening to closing mark: stretches of several sentences that follow each other in
  one paragraph, no mark at the seam, are one quotation.
* *sentences* that hold any reported stretch.
* *speakers*: of each stretch marked by hand whose speaker is named, and that holds a letter or digit, whether the stretch
  that covers most of it names the same one (`same_speaker`). A stretch that was not found counts as wrongly named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from spinscope.data.speech.names import is_first_name, is_person_noun
from spinscope.data.speech.topics import DOCUMENTS
from spinscope.data.speech_verbs import word_set
from spinscope.records import Voice, VoiceName

COUNTS = (
    "character_hits", "character_extra", "character_missed", "quotation_hits", "quotation_extra", "quotation_missed",
    "sentence_hits", "sentence_extra", "sentence_missed", "quoted_named", "quoted_right", "quoted_verbatim",
    "reported_named", "reported_right", "reported_verbatim",
)  # fmt: skip
"""What `count_voices` counts; `verbatim`: the same words, be it with another article or title."""

_NAME_WORD = re.compile(r"[\w'-]+")
_DOCUMENT_OF = re.compile(rf"(?<=\w)(?:['’]s|(?<=s)['’])(?: own)?(?: [\w-]+)? (?:{'|'.join(sorted(DOCUMENTS))})$", re.IGNORECASE)
_ABBREVIATION = re.compile(r"\b[A-Z]{2,6}\b")
_ONE_OF = re.compile(r"^[Oo]ne of (?:the|his|her|its|their|our|my|these|those) ([\w-]+?)s\b")
_SPOKESMAN = re.compile(
    r"(?:(?:an?|the|its|their) )?(?:spokes(?:man|woman|person) (?:of|for) (?P<of>.+)|"
    r"(?P<body>.+?)(?:['’]s?)? (?:spokes(?:man|woman|person)|press (?:office|secretary)|officials|board|leadership)|"
    r"(?:the )?(?:officials|monitors|observers|board|leadership|press office) (?:of|for|from|at) (?P<whose>.+))",
    re.IGNORECASE,
)
_GENITIVE = re.compile(r"'s?$")
_DETERMINERS = word_set("the a an his her their its our my this that one some")
_PREPOSITIONS = word_set(
    "of for from in on at to with by near under over against about between among who which whose that close"
)
_TITLES = word_set(
    "mr mrs ms miss dr prof professor sir lady lord dame councillor minister president mayor senator deputy colonel captain "
    "general judge father bishop superintendent prosecutor inspector sister brother rev reverend commander secretary coach "
    "skipper governor"
)
_MARKS = frozenset("\"'“”„‟«»‘’‚")


def count_voices(
    text: str, bounds: Sequence[tuple[int, int]], gold: Sequence[Sequence[Voice]], found: Sequence[Sequence[Voice]]
) -> list[int]:
    """The counts of one article, in the order of `COUNTS`.

    Args:
        text: the article.
        bounds: start and end of each sentence in it.
        gold: per sentence, the voices marked by hand.
        found: per sentence, the voices to be measured.
    """
    counts = [*_characters(bounds, gold, found)]
    ours, theirs = _quotations(text, bounds, found), _quotations(text, bounds, gold)
    counts += [len(ours & theirs), len(ours - theirs), len(theirs - ours)]
    told = [_any_reported(voices) for voices in found], [_any_reported(voices) for voices in gold]
    pairs = list(zip(*told, strict=True))
    counts += [pairs.count((True, True)), pairs.count((True, False)), pairs.count((False, True))]
    for kind in ("quoted", "reported"):
        counts += _speakers(text, bounds, gold, found, kind)
    return counts


def same_speaker(gold: str, ours: str | None, text: str = "") -> bool:
    """Whether two names are those of one speaker, in the article `text`.

    Case, articles, possessives, titles and the 's of genitives do not count. A document named with its owner counts as
    the owner, as the guidelines have it, whoever speaks for a body without a name (its spokesman, press office, board,
    officials, observers) as the body, and an abbreviation as the words whose initials it is. `One of the divers` is `a diver`. The words must be the same, or one must be a
    shorter form of the other: all its words stand in the longer in the same order, and its head (the last word before a
    preposition, or before a participle behind a noun for a person) is the head of the longer, or both are names in capitals with the same first word.

    An office counts as the name of its holder where the article puts the one beside the other: `the mayor, Ann Lee`,
    `mayor Ann Lee`, `Ann Lee, the mayor`, `Ann Lee is the mayor`. Whatever else needs to be understood does not count as the
    same: a description (`the widow`) for the name, a party for its leader, a firm for its lawyers.
    """
    if not ours:
        return False
    if text and (_holds(ours, gold, text) or _holds(gold, ours, text)):
        return True
    gold, ours = _abbreviated(gold, ours), _abbreviated(ours, gold)
    gold, ours = _ONE_OF.sub(r"a \1", gold), _ONE_OF.sub(r"a \1", ours)
    if _is_short_form(gold, ours) or _is_short_form(_DOCUMENT_OF.sub("", gold), _DOCUMENT_OF.sub("", ours)):
        return True
    return _is_short_form(_body(gold), _body(ours))


def same_words(gold: str, ours: str | None) -> bool:
    """Whether two names have the same words, articles and titles aside."""
    return bool(ours) and _content(gold) == _content(str(ours))


def _holds(name: str, office: str, text: str) -> bool:
    """Whether the article names somebody and his or her office side by side."""
    held, known = _content(office), name.split()
    if not (held and known and is_person_noun(held[-1]) and office.split()[-1][0].islower() and known[-1][0].isupper()):
        return False
    noun = " ".join(map(re.escape, held))
    who = rf"(?:[A-Z][\w.]* )*?(?:{re.escape(name)}|{re.escape(known[-1])})\b"
    return re.search(rf"\b{noun},? {who}|{who}(?:,| is| was) (?:(?:the|an?|its|his|her|their) )?{noun}\b", text) is not None


def _abbreviated(name: str, another: str) -> str:
    """The name, its words shortened to an abbreviation that the other has: UN office for United Nations office."""
    for short in _ABBREVIATION.findall(another):
        letters = [rf"{letter}[\w-]+(?: (?:of|for|and|the|on|in))*" for letter in short]
        name = re.sub(rf"\b{' '.join(letters)}(?= |$)", short, name)
    return name


def _body(name: str) -> str:
    """The body whose spokesman, board or officials it is, where the name is that of one without a name; else the name."""
    found = _SPOKESMAN.fullmatch(name)
    body = (found.group("of") or found.group("whose") or found.group("body")).split() if found is not None else []
    is_persons = not body or is_person_noun(body[-1].lower()) or is_first_name(body[0])
    return name if is_persons else " ".join(body)


def _is_short_form(name: str, another: str) -> bool:
    """Whether two names are the same but for words that one of them leaves out."""
    one, other = _content(name), _content(another)
    if _without_particles(one) == _without_particles(other):
        return True
    short, long = sorted((one, other), key=len)
    remaining = iter(long)
    if not short or not all(word in remaining for word in short):
        return False
    if _head(short) == _head(long):
        return True
    longer = name if long is one else another
    capitals = all(word[0].isupper() for word in longer.split() if word.lower() not in _DETERMINERS | _PREPOSITIONS)
    return capitals and short[0] == long[0]


def _content(name: str) -> list[str]:
    words = [_GENITIVE.sub("", word) for word in _NAME_WORD.findall(name.casefold().replace("’", "'"))]
    while len(words) > 1 and (words[0] in _DETERMINERS or (words[0] in _TITLES and words[1] not in _PREPOSITIONS)):
        words = words[1:]
    return words


def _without_particles(words: Sequence[str]) -> set[str]:
    return {word for word in words if word not in _DETERMINERS | _PREPOSITIONS} or set(words)


def _head(words: Sequence[str]) -> str:
    cut = next((index for index in range(1, len(words)) if _hangs_on(words, index)), len(words))
    return words[cut - 1] if words else ""


def _hangs_on(words: Sequence[str], index: int) -> bool:
    """Whether what begins with a word hangs on the noun before: `a woman in white`, `a woman wrapped in a curtain`."""
    participle = words[index].endswith(("ed", "ing")) or words[index] == "known"
    return words[index] in _PREPOSITIONS or (participle and is_person_noun(words[index - 1]))


def _any_reported(voices: Sequence[Voice]) -> bool:
    return any(voice.voice == "reported" for voice in voices)


def _characters(
    bounds: Sequence[tuple[int, int]], gold: Sequence[Sequence[Voice]], found: Sequence[Sequence[Voice]]
) -> tuple[int, int, int]:
    hits = n_found = n_gold = 0
    for (start, end), theirs, ours in zip(bounds, gold, found, strict=True):
        marked, heard = _flags(theirs, end - start), _flags(ours, end - start)
        hits += sum(a & b for a, b in zip(marked, heard, strict=True))
        n_found, n_gold = n_found + sum(heard), n_gold + sum(marked)
    return hits, n_found - hits, n_gold - hits


def _flags(voices: Sequence[Voice], length: int) -> bytearray:
    flags = bytearray(length)
    for voice in voices:
        if voice.voice == "quoted":
            flags[voice.start : voice.end] = b"\x01" * (voice.end - voice.start)
    return flags


def _quotations(
    text: str, bounds: Sequence[tuple[int, int]], voices: Sequence[Sequence[Voice]]
) -> set[tuple[int, int]]:
    whole: list[tuple[int, int]] = []
    for (offset, _), several in zip(bounds, voices, strict=True):
        for voice in several:
            if voice.voice != "quoted":
                continue
            start, end = offset + voice.start, offset + voice.end
            gap = text[whole[-1][1] : start] if whole else "\n"
            seam = not gap.strip() and "\n" not in gap and not _MARKS & {text[start], text[whole[-1][1] - 1]}
            whole = [*whole[:-1], (whole[-1][0], end)] if seam else [*whole, (start, end)]
    return set(whole)


def _speakers(
    text: str,
    bounds: Sequence[tuple[int, int]],
    gold: Sequence[Sequence[Voice]],
    found: Sequence[Sequence[Voice]],
    kind: VoiceName,
) -> tuple[int, int, int]:
    """How many stretches have a named speaker, for how many we name the same, and in the same words."""
    n_named = n_right = n_verbatim = 0
    for (offset, _), theirs, ours in zip(bounds, gold, found, strict=True):
        for voice in theirs:
            held = text[offset + voice.start : offset + voice.end]
            if voice.voice != kind or not voice.speaker or not any(map(str.isalnum, held)):
                continue
            n_named += 1
            best = max(ours, key=lambda other: _overlap(other, voice), default=None)
            if best is not None and _overlap(best, voice) > 0:
                n_right += same_speaker(voice.speaker, best.speaker, text)
                n_verbatim += same_words(voice.speaker, best.speaker)
    return n_named, n_right, n_verbatim


def _overlap(one: Voice, other: Voice) -> int:
    return min(one.end, other.end) - max(one.start, other.start)
