"""Candidates for sentence ends, and the rules that overrule the library on them.

`sentences` is the only caller: it walks the text and asks here about one candidate at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from spinscope.data.speech_verbs import DIRECT, word_set

_MARKS = ".!?…‼⁇⁈⁉。！？｡۔؟।॥"
_SPACELESS = "。！？｡"
_CLOSERS = "\"'”’»›“‘」』)]}\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_OPENERS = "\"'“‘„‚«‹»›「『([{¿¡—–-"
# Bounded repeats and the look-behind keep the search linear on runs of dots, spaces and quotation marks. The mark comes
# first, and what is behind it after it: only so does `re` leap from mark to mark.
_CANDIDATE = re.compile(
    rf"(?P<mark>[{_MARKS}](?<![{_MARKS}][{_MARKS}])(?:(?<=\.)(?:[ \u00a0]\.){{2,40}}|[{_MARKS}]*))"
    rf"(?P<close>[{re.escape(_CLOSERS)}]{{0,8}}(?:\[\d{{1,3}}\]){{0,8}}"
    r"(?:[ \u00a0\u202f]{1,2}[»›](?=[\s.,;:!?)]|$))?)"
    rf"(?:(?=\s|$)|(?<=[{_SPACELESS}])|(?<=[{_SPACELESS}][」』”’)])|(?<=[a-z]{{3}}[.?!])(?=[A-Z][a-z]+\s))"
)
_AFTER = re.compile(rf"\s*(?P<opener>[{re.escape(_OPENERS)}]*\s?)(?P<word>[^\W_]+(?:['’.][^\W_]+)*\.?)?")
_LAST_WORD = re.compile(r"[^\s\"“”‘«»„()\[\]{}—–/]+$")
_ENUMERATOR = re.compile(r"\W*(?:\d{1,3}|[^\W\d_]|[ivxIVX]{1,5})\W*$")


_TITLES = word_set(
    "mr mrs ms mx messrs dr prof gen col lt maj capt cmdr cpl sgt pvt adm brig sen rep gov pres amb rev fr msgr hon "
    "supt insp det st mt ft mme mlle"
)
_BEFORE_NUMBER = word_set(
    "no nos nr p pp fig figs art arts sec secs ch vol vols para eq approx ca c circa est ext tel jan feb mar apr jun "
    "jul aug sept sep oct nov dec rs $ us$ op v vs max min b d fl cap"
)
_DAYS = word_set("mon tue tues wed weds thu thur thurs fri sat sun")
_NEVER_LAST = word_set("e.g i.e cf viz vs approx ca incl excl esp a.k.a resp")
_MAYBE_LAST = word_set("etc inc ltd co corp plc bros llc jr sr u.s u.k u.n e.u d.c ph.d m.a b.a m.d b.sc m.sc")
_CLOCK = word_set("a.m p.m am pm")
_CLOCK_GOES_ON = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day$|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)s?$|(?:January|February|March|"
    r"April|May|June|July|August|September|October|November|December)$|(?:Eastern|Central|Pacific|Mountain|Greenwich|Moscow|Beijing|"
    r"London|Paris|GMT|UTC|CET|CEST|EST|EDT|PST|PDT|BST|IST|ET|PT)$"
)
_ATTRIBUTION = re.compile(
    r"(?:(?:the|a|an|one|another|his|her|my|our|their)\s+)?(?:[^\W\d_][\w'’.-]*\s+){1,4}?(?:" + DIRECT + r")\b"
)
_PRONOUNS = word_set("He She They We You It I")
_STARTERS = _PRONOUNS | word_set("The A An This That There But And His Her Their In On At")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where a sentence may end, as offsets in the segment.

    The sentence would end at `end`, after `mark` (from `mark_start` to `mark_end`) and what closes with it; what
    follows starts at `next_start`, its first word at `word_start`.
    """

    mark_start: int
    mark_end: int
    end: int
    next_start: int
    word_start: int
    word: str
    opener: str


Library = Callable[[Candidate], bool]
"""Whether the library sees the end of a sentence at a candidate; asked about one after another, in order."""


def candidates(segment: str) -> Iterator[Candidate]:
    """The candidates of a segment in order; its very end is none."""
    for match in _CANDIDATE.finditer(segment):
        end = match.end()
        after = _AFTER.match(segment, end)
        if after is None:
            continue
        rest = segment[end : after.end() + 1]
        next_start = end + len(rest) - len(rest.lstrip())
        if next_start >= len(segment):
            continue
        opener, word = after.group("opener", "word")
        word_start = after.start("word") if word else next_start
        yield Candidate(match.start(), match.end("mark"), end, next_start, word_start, word or "", opener.strip())


def ends_sentence(segment: str, begin: int, candidate: Candidate, *, library: Library) -> bool:
    """Whether a sentence ends at the candidate.

    Args:
        segment: the text between two hard ends.
        begin: where the sentence at hand began.
        candidate: the place asked about.
        library: says whether the library sees an end there; it is asked only where the rules do not decide.
    """
    mark = segment[candidate.mark_start : candidate.mark_end]
    following = segment[candidate.next_start]
    close = segment[candidate.mark_end : candidate.end]
    closed = any(character in "\"'”’»›“‘」』" for character in close)
    if mark[-1] in _SPACELESS or mark[-1] in "۔؟।॥":
        return True
    if following in ",;:" or (following in "–—-" and mark != "." and candidate.word[:1].islower()):
        return False
    if candidate.mark_start - begin <= 6 and _ENUMERATOR.match(segment, begin, candidate.mark_start):
        return False
    lower = candidate.word[:1].islower()
    if closed or ")" in close:
        if lower and not candidate.opener:
            return False
        if mark[-1] in "!?…" and closed and _is_attribution(segment, candidate):
            return False
    if mark == ".":
        return _full_stop_ends(segment, candidate, closed=closed, library=library)
    if mark[-1] in "!?":
        return not lower or library(candidate)
    return not lower and candidate.word not in ("I", "I'm", "I’m", "I'd", "I’d", "I'll", "I’ll", "I've", "I’ve")


def _is_attribution(segment: str, candidate: Candidate) -> bool:
    """`"Go!" Captain Orlov said.`: who speaks, after a quotation that ended in a mark of its own."""
    if candidate.opener or candidate.word in _PRONOUNS:
        return False
    return _ATTRIBUTION.match(segment, candidate.word_start, candidate.word_start + 80) is not None


def _full_stop_ends(segment: str, candidate: Candidate, *, closed: bool, library: Library) -> bool:
    match = _LAST_WORD.search(segment, max(0, candidate.mark_start - 40), candidate.mark_start)
    last = match.group() if match else ""
    bare, word = last.lower(), candidate.word
    capital, digit = word[:1].isupper(), word[:1].isdigit()
    if closed:
        return True
    if bare in ("st", "mt") and word in _STARTERS:
        return True
    if bare in _NEVER_LAST or (bare in _TITLES and (capital or not word)):
        return False
    if bare in _BEFORE_NUMBER and digit:
        return False
    if bare in _CLOCK:
        return (capital or digit or bool(candidate.opener)) and not _CLOCK_GOES_ON.match(word.rstrip("."))
    if bare in _DAYS and last[:1].isupper():
        return capital
    if word[:1].islower():
        return bare not in _MAYBE_LAST and not _is_abbreviation(last) and library(candidate)
    if len(last) >= 3 and last.isalpha() and last.islower() and bare not in _BEFORE_NUMBER:
        return True
    if last in ("May", "No", "no"):
        return not digit
    return (capital and len(last) >= 2 and last.isalpha() and last.isupper()) or library(candidate)


def _is_abbreviation(word: str) -> bool:
    """Letters with full stops between them (`U.S`), or a single letter."""
    return len(word) == 1 or bool(re.fullmatch(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}", word))


class _PlainAscii(dict[int, str]):
    """One ASCII character for each character beyond ASCII, filled on demand."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if code < 128:
            plain = " " if character.isspace() or not character.isprintable() or character in '"()[]{}' else character
        elif character == "’":
            plain = "'"
        elif character in "…‼⁇⁈⁉":
            plain = "."
        elif character.isalpha():
            plain = "X" if character.isupper() else "x"
        else:
            plain = "1" if character.isdigit() else " "
        self[code] = plain
        return plain


_PLAIN = _PlainAscii()
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_QUOTE_LIKE = re.compile(r"(?<!\w)'|'(?!\w)")


def plain_ascii(segment: str) -> str:
    """The segment in ASCII of the same length, without quotation marks and brackets: what the library gets to see."""
    # In two steps, for `translate` is several times faster on ASCII.
    if not segment.isascii():
        segment = _BEYOND_ASCII.sub(lambda match: match.group().translate(_PLAIN), segment)
    plain = segment.translate(_PLAIN)
    return _QUOTE_LIKE.sub(" ", plain) if "'" in plain else plain
