"""Names in English text, by capital letters, and whether they are those of persons, bodies or places."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from spinscope.data.speech.first_names import MEN_NAMED, WOMEN_NAMED
from spinscope.data.speech.name_words import (
    BODIES,
    BODY_ADJECTIVES,
    BODY_NOUNS,
    FEMALE_TITLES,
    FIRST_NAMES,
    MALE_TITLES,
    MEN,
    NOT_NAMES,
    PERSONS,
    PLACES,
    TITLES,
    WOMEN,
)
from spinscope.data.speech_verbs import word_set

Kind = Literal["person", "body", "place"]
Gender = Literal["m", "f"]

# re has no class of capital letters: Latin, Greek and Cyrillic ones, spelt out.
_CAPITAL = (
    "[" + "".join(chr(code) for code in (*range(0x41, 0x530), *range(0x1E00, 0x2000)) if chr(code).isupper()) + "]"
)
_WORD = rf"{_CAPITAL}[\w’'-]*"
_PARTICLES = "de la|de|da|do|dos|del|der|den|van der|van|von|bin|ibn|al|el|la|le|di|ter|of the|of"
_NAME = re.compile(
    rf"{_WORD}(?:(?:(?<=\b[DM]r)\.|(?<=\bMrs)\.|(?<=\bSt)\.)?[ \u00a0](?:(?:{_PARTICLES}) )?(?:al-|el-)?{_WORD})*"
)
_GENITIVE = re.compile(r"['’]s?$")
_SAINTS = frozenset(("Saint", "St", "Sankt", "San", "Santa"))
_INTRODUCED = re.compile(r"\b(?:call (?:him|her|them)|name is|(?:him|her|my)self (?:only )?(?:as )?|a (?:man|woman) (?:named|called)) $")
_INSIDE = re.compile(r"\b(?:in|at|near|outside|across)\s$")
_PLACE_BEFORE = re.compile(r"\b(?:in|at|near|across|outside|around)(?: the)?\s$")
_PERSON_AFTER = re.compile(r", (?:who|whose|\d\d,|aged|the|an?|his|her|its|himself|herself)\b|, \d\d\b| \(\d\d\)")
_AGE = r"(?:\d\d?|(?:six|seven|eight|nine|t(?:en|welve)|eleven|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-\w+)?)"
_SURELY_AFTER = re.compile(rf", (?:who|whose|aged|{_AGE}(?=[,.]))| \(\d\d\)| (?:him|her)self\b")
_PERSON_ENDING = re.compile(r"(?:ist|ician|arian|man|woman|person|eer|ologist|grapher|maker|keeper|holder|layer|wright|monger|dresser|fitter|cutter|worker|goer|teacher|driver|leader|owner|writer|officer|player|seller|master|mistress|mason|smith)$")
_BEFORE_CHARACTERS = 24
_WORDS_OF_A_NAME = 2
_BODIES_BEFORE_NAMES = word_set(
    "group union party broadcaster company firm newspaper paper magazine daily weekly charity club band association "
    "organisation organization agency channel station network website site campaign coalition alliance movement bank "
    "chain league team maker manufacturer publisher supermarket retailer airline operator favourites holders champions"
)
_GIVEN = MEN_NAMED | WOMEN_NAMED | FIRST_NAMES


@dataclass(slots=True)
class Name:
    """Somebody or something named: the fullest form, what it is, the gender where a title says so.

    `proven` where a title, an office, an age or `who` shows a person.
    """

    full: str
    kind: Kind
    gender: Gender | None = None
    proven: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """Characters [start, end) of an article that name `name`."""

    start: int
    end: int
    name: Name


@dataclass(frozen=True, slots=True)
class _Run:
    """Capitalised words that stand together, at characters [start, end)."""

    start: int
    end: int
    words: list[str]


def is_person_noun(noun: str) -> bool:
    """Whether a noun in lower case stands for one person: minister, baker, widow."""
    return noun in PERSONS or _PERSON_ENDING.search(noun) is not None or noun.rpartition("-")[2] in PERSONS


def is_body_noun(noun: str) -> bool:
    """Whether a noun in lower case stands for a body that speaks: ministry, union, club."""
    return noun.capitalize() in BODIES or noun in BODY_NOUNS


def gender_of_noun(noun: str) -> Gender | None:
    """What a noun says of the person's gender."""
    return "m" if noun in MEN else "f" if noun in WOMEN else None


def is_first_name(word: str) -> bool:
    """Whether a word is a first name that is commonly one."""
    return word in _GIVEN


def is_name_word(word: str) -> bool:
    """Whether a capitalised word can be a name: it is no article, pronoun, weekday or the like."""
    return word not in NOT_NAMES


def without_titles(name: str) -> str:
    """`Deputy Mayor Ann Lee` without what is no name; unchanged where nothing would be left."""
    return " ".join(_bare(name.split())[0]) or name


def find_mentions(text: str, quoted: Sequence[str] = ()) -> tuple[list[Mention], dict[str, Name]]:
    """The names in a text, in order, and who is meant by a single word of them.

    Full names come first: a surname or first name alone is taken as a mention of the full name that holds it, be it one
    that only a quotation gives in full.

    Args:
        text: the article, its quotations masked.
        quoted: its quotations.
    """
    runs = _runs(text)
    by_word: dict[str, Name] = {}
    by_full: dict[str, Name] = {}
    for run, following in itertools.pairwise([*runs, _Run(len(text), len(text), [])]):
        joined = len(run.words) == 1 and text[run.end : following.start] == " and " and len(following.words) == _WORDS_OF_A_NAME
        if joined and run.words[0] not in BODIES and not _GIVEN.isdisjoint((run.words[0], following.words[0])):
            run.words.append(following.words[1])  # Ann and Tom Lee
        if len(run.words) > 1 or _SURELY_AFTER.match(text, run.end) or _introduced(text, run):
            _learn(text, run, by_word, by_full)
    alone = {run.words[-1] for run in runs if len(run.words) == 1} - by_word.keys()
    for quotation in quoted:
        for run in _runs(quotation) if alone else ():
            if len(run.words) == 2 and run.words[1] in alone and (run.start > 1 or run.words[0] in _GIVEN):
                _learn(quotation, run, by_word, by_full)
    for run in runs:  # a name that anything is in or near is a place
        name = by_full.get(" ".join(run.words))
        is_open = name is not None and name.kind == "person" and not name.proven
        if name is not None and is_open and _INSIDE.search(text, max(0, run.start - 9), run.start):
            name.kind = "place"
    mentions = []
    for run in runs:
        bare, gender = _bare(run.words)
        last = _GENITIVE.sub("", bare[-1]) if bare else ""
        name = by_full.get(" ".join([*bare[:-1], last])) or by_word.get(last)
        if name is not None:
            name.gender = name.gender or gender
            mentions.append(Mention(run.start, run.end, name))
    return mentions, by_word


def _introduced(text: str, run: _Run) -> bool:
    """Whether a single name is told as such: `we shall call him Anton`."""
    if _INTRODUCED.search(text, max(0, run.start - _BEFORE_CHARACTERS), run.start) is not None:
        return True
    before = text[max(0, run.start - _BEFORE_CHARACTERS) : run.start]
    return before.endswith(", ") and text[run.end : run.end + 1] == "," and _office(before) is not None  # his wife, Ann,


def _runs(text: str) -> list[_Run]:
    """The runs of capitalised words that may be names."""
    runs: list[_Run] = []
    for match in _NAME.finditer(text):
        words, start = match.group().split(), match.start()
        while words and words[0] in NOT_NAMES:
            start += len(words.pop(0)) + 1
        if words:
            runs += _parted(text, _Run(start, match.end(), words))
    return runs


def _parted(text: str, run: _Run) -> list[_Run]:
    """`Ann Lee of the Front` is two names, `Board of Trade` one."""
    if "of" not in run.words:
        return [run]
    cut = run.words.index("of")
    if any(word in BODIES for word in run.words[:cut]):
        return [run]
    middle = text.find(" of ", run.start, run.end)
    rest = [word for word in run.words[cut + 1 :] if word != "the"]
    first = [_Run(run.start, middle, run.words[:cut])] if cut else []
    if cut and len(rest) > _WORDS_OF_A_NAME and run.words[cut - 1] in TITLES and rest[-1] not in BODIES:
        rest = rest[-_WORDS_OF_A_NAME:]  # Minister of Education Ann Lee
    return [*first, *(_parted(text, _Run(text.find(rest[0], middle, run.end), run.end, rest)) if rest else [])]


def _learn(text: str, run: _Run, by_word: dict[str, Name], by_full: dict[str, Name]) -> None:
    """Takes a run of capitalised words for a name, unless it is known."""
    bare, gender = _bare(run.words)
    if not bare:
        return
    bare = [*bare[:-1], _GENITIVE.sub("", bare[-1])]
    full, before = " ".join(bare), text[max(0, run.start - _BEFORE_CHARACTERS) : run.start]
    if full in by_full:
        return
    titled = len(bare) < len(run.words)
    if len(bare) == 1:  # Mr Ames, before or without his first name; Halyna, who is 66
        if titled or not before.lower().endswith("the "):
            by_word.setdefault(full, Name(full, "person", gender, proven=True))
        return
    office = _office(before) if bare[0] in _GIVEN or not _body_before(before) else None
    kind = _kind(text, run, bare, surely_person=titled or office is not None, before=before)
    proven = kind == "person" and (titled or office is not None or _SURELY_AFTER.match(text, run.end) is not None)
    name = Name(full, kind, gender or (gender_of_noun(office) if office is not None else None), proven)
    if kind == "person":
        known = by_word.get(bare[-1])
        if known is not None and known.full == bare[-1]:  # the surname came first
            known.full, known.gender = full, known.gender or gender
            name = known
        by_word.setdefault(bare[-1], name)
        by_word.setdefault(bare[0], name)
    by_full[full] = name


def _office(before: str) -> str | None:
    """The noun for a person right before a name: `energy minister Ann Lee`, `the mayor, Ann Lee`."""
    last = before.rstrip(" ,").rsplit(" ", 1)[-1]
    return last if last.islower() and is_person_noun(last) else None


def _body_before(before: str) -> bool:
    """Whether the noun right before a name is one for a body: `the group Awake`, `the broadcaster Channel Six`."""
    last = before.rstrip(" ").rsplit(" ", 1)[-1]
    return last in _BODIES_BEFORE_NAMES


def _kind(text: str, run: _Run, bare: list[str], *, surely_person: bool, before: str) -> Kind:
    if bare[0] in _SAINTS:
        return "place"
    if any(word in BODIES for word in bare) or "of" in bare:
        return "body"
    if surely_person:
        return "person"
    if bare[-1].endswith("s") and is_person_noun(bare[-1][:-1].lower()) and not _GIVEN.issuperset(bare[:1]):
        return "body"  # Anzob Miners
    if _body_before(before) or (not _GIVEN.issuperset(bare[:1]) and not BODY_ADJECTIVES.isdisjoint(bare)):
        return "body"
    if bare[-1] in PLACES:
        return "place"
    if _PERSON_AFTER.match(text, run.end):
        return "person"
    if before.endswith(" the "):
        return "body"
    return "place" if _PLACE_BEFORE.search(before) else "person"


def _bare(words: list[str]) -> tuple[list[str], Gender | None]:
    """A run of capitalised words without the titles before the name, and the gender that they tell."""
    last = max((index for index, word in enumerate(words[:-1]) if word.rstrip(".") in TITLES), default=-1)
    if last < 0 and len(words) >= 3 and words[0] not in FIRST_NAMES and is_person_noun(words[0].lower()):
        last = 0  # Criminologist Ann Lee
    titles, bare = [word.rstrip(".") for word in words[: last + 1]], words[last + 1 :]
    if bare[-1] in BODIES:  # Health Board
        return words, None
    if all(word.rstrip(".") in TITLES for word in words):
        return [], None
    gender: Gender | None = None
    if titles:
        gender = "m" if not MALE_TITLES.isdisjoint(titles) else "f" if not FEMALE_TITLES.isdisjoint(titles) else None
    return bare, gender
