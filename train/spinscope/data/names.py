"""Names of persons and bodies in English text, by capital letters."""

from __future__ import annotations

import re

from spinscope.data.speech_verbs import word_set

_ORGANISATION = (
    "Chamber|Ministry|Bank|University|Council|Federation|Union|Court|Board|House|Party|Institute|Academy|Bureau|"
    "Department|Office|Guild|League|Church|Association|Agency|Commission|Committee|Service|Society|Front|Movement|"
    "Alliance|Group|Club|Hospital|Police|Authority|Company|Inspectorate|Foundation|Centre|Center|Staff|Mission|Trust"
)
# re has no class of capital letters: Latin, Greek and Cyrillic ones, spelt out.
_CAPITAL = (
    "[" + "".join(chr(code) for code in (*range(0x41, 0x530), *range(0x1E00, 0x2000)) if chr(code).isupper()) + "]"
)
_WORD = rf"{_CAPITAL}[\w’'-]*\.?"
NAME = re.compile(
    rf"{_WORD}(?:(?:\s+|(?:(?<={_ORGANISATION.replace('|', ')|(?<=')}))\s+(?:of the|of|for|and the|and)\s+)"
    rf"(?:(?:de|da|do|dos|del|der|den|van|von|bin|ibn|al|el|la|le|di|ter|van der|de la)\s+)?(?:al-|el-)?{_WORD})*"
)
_IS_ORGANISATION = re.compile(rf"\b(?:{_ORGANISATION})s?\b")
NOT_NAMES = word_set(
    "The A An In On At But And Its His Her Their Our My It He She They This That These Those When While After "
    "Before As If For From With Under Over Since Yet So Asked Both Some Many Most One Two Three Four Five Six No "
    "Not Then Now There Another Other Others Also According Even Only To By Of Or What Who Which Monday Tuesday "
    "Wednesday Thursday Friday Saturday Sunday January February March April May June July August September "
    "October November December"
)


_BREAKS_A_ROLE = word_set("of in at for to by from with on called named near against to and")


def is_organisation(name: str) -> bool:
    """Whether a name is rather that of a body than of a person."""
    return _IS_ORGANISATION.search(name) is not None


def subject_names(sentence: str) -> list[str]:
    """Full names of persons that open a sentence or stand between commas: those a later pronoun is likely to mean."""
    names = []
    for name in full_names(sentence):
        at = sentence.find(name)
        before, after = sentence[:at].rstrip(), sentence[at + len(name) : at + len(name) + 1]
        words = before.split()
        opens = len(words) <= 4 and not any(word.lower() in _BREAKS_A_ROLE or word.endswith(",") for word in words)
        if not is_organisation(name) and (opens or (before.endswith(",") and after in (",", ""))):
            names.append(name)
    return names


def full_names(sentence: str) -> list[str]:
    """Names of two words or more that a sentence holds, in order."""
    names = []
    for match in NAME.finditer(sentence):
        words = match.group().split()
        while words and words[0] in NOT_NAMES:
            words.pop(0)
        if len(words) > 1:
            names.append(re.sub(r"['’]s?$", "", " ".join(words)))
    return names


def head_name(phrase: str) -> str | None:
    """The first name of a phrase that is its head: not after a preposition, not a genitive."""
    for match in NAME.finditer(phrase):
        words = match.group().split()
        n_words = len(words)
        while words and words[0] in NOT_NAMES:
            words.pop(0)
        if not words or re.search(r"['’]s?$", words[-1]):
            continue
        if len(words) == n_words and re.search(
            r"\b(?:of|for|at|in|from|to|on|with|by|near|the)\s+$", phrase[: match.start()]
        ):
            continue
        following = phrase[match.end() : match.end() + 20]
        if re.match(r"\s+[a-z]+(?:\s|$)", following) and not re.match(
            r"\s+(?:of|for|at|in|from|who|and|on|whose)\b", following
        ):
            continue
        return " ".join(words)
    return None
