"""The words of a sentence and what each can be: article, preposition, pronoun, auxiliary, name, verb of speaking.

No parser: closed classes are listed, open ones are told by form. A word's class is one letter of `Words.tags`:

* `D` determiner, `#` number, `P` preposition, `C` and/or/but, `S` subordinator, `R` relative or question word,
  `O` personal or indefinite pronoun, `A` auxiliary, `B` adverb
* `V` a form of a verb of speaking (which may be a noun all the same), `F` another finite verb, `E` a participle or past
  form, `G` a form in -ing, `T` a noun of time
* `N` a capitalised word, `n` one that opens the sentence, `w` any other word
* `Q` a quotation (masked), and the marks `,` `;` `:` `.` `-` `(` `)`; `_` any other sign
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from spinscope.data.speech.name_words import BODIES, BODY_NOUNS, KIN, PERSONS
from spinscope.data.speech_verbs import FORMS, word_set

MASK = "\x1a"
"""Stands for each character of a quotation, so that offsets stay."""

MOST_CHARACTERS = 1500
"""Of a sentence, read for verbs of speaking; what comes after is the author's unless quoted."""

NOMINAL = frozenset("NnwTGVE#")
"""What a noun phrase is made of, its determiner aside."""

_TOKEN = re.compile(
    rf"{MASK}+|\d+-year-olds?|[£$€¥]?\d+(?:[.,:]\d+)*|[^\W\d_](?:\.[^\W\d_])+\.?|[^\W_]+(?:[-'’/&][^\W_]+)*['’]?|[^\w\s]"
)
_CLASSES = {
    "D": "the a an this these those his her its their our my your some any no every each both another such either "
    "neither several many few most more all certain various other",
    "#": "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half dozens scores",
    "P": "of for from in on at to with by near under over against about into onto between among across through during "
    "without within beyond behind beside besides inside outside around along past towards toward upon via per despite "
    "amid opposite round above below up down off out like",
    "C": "and or but nor yet",
    "S": "because while whereas although though if unless when whenever where wherever since until till after before as "
    "than whether lest so",
    "R": "who which that what whom whose why how",
    "O": "he she it they i we you him them us me someone somebody anyone anybody everyone everybody nobody none whoever "
    "nothing something anything everything there i'm i've i'd i'll we're we've we'd we'll you're you've you'd you'll "
    "he's he'd he'll she's she'd she'll it's it'd it'll they're they've they'd they'll that's there's",
    "A": "is are was were be been being am has have had having will would shall should can could may might must do does "
    "did isn't aren't wasn't weren't hasn't haven't hadn't won't wouldn't can't cannot couldn't doesn't don't didn't "
    "shouldn't mustn't",
    "B": "also then now later often never not still again just even only too ever already once twice soon always "
    "sometimes yesterday today tonight tomorrow merely instead however therefore meanwhile indeed else here perhaps "
    "maybe rather quite very almost nearly afterwards together himself herself itself themselves myself ourselves thus "
    "elsewhere nevertheless",
    "F": "went came took gave got saw let ran sat stood won fell meant rose became broke chose drew drove ate flew forgot "
    "grew hid rode rang shook stole threw wore goes comes takes gives makes gets sees leaves keeps stands runs sits "
    "seems needs looks lies lives uses wants tries becomes remains includes allows requires provides follows happens brings "
    "holds meets leads appears lets sets sells buys pays sends feels hears loses wins grows stays walks spends serves eats "
    "sleeps teaches learns remembers forgets loves hates likes tends belongs exists fails helps wears carries turns laughs "
    "agrees disagrees nods smiles shrugs hesitates pauses listens waits sighs wanted tried",
    "E": "made left sent held kept met paid lost spent brought built bought caught fought heard hit hurt laid led lent shot "
    "shut struck taught seen given taken drawn sold done gone broken driven hidden worn chosen thrown stolen cut set",
    "T": "day days week weeks month months year years hour hours minute minutes morning afternoon evening night nights "
    "monday tuesday wednesday thursday friday saturday sunday january february march april june july august "
    "september october november december weekend noon midnight spring summer autumn winter century time season moment "
    "ago mondays tuesdays wednesdays thursdays fridays saturdays sundays",
}  # fmt: skip
_ONE = PERSONS | BODY_NOUNS | {word.lower() for word in BODIES if not word.endswith("s")}
_TAGS = {word: tag for tag, words in _CLASSES.items() for word in words.split()}
_MARKS = {",": ",", ";": ";", ":": ":", ".": ".", "!": ".", "?": ".", "…": ".", "–": "-", "—": "-", "-": "-",
          "(": "(", ")": ")", "[": "(", "]": ")"}  # fmt: skip
_ABBREVIATIONS = word_set("mr mrs ms dr prof rev hon st sr jr gen col capt sgt lt gov sen rep no")
_NAMES_IN_LY = word_set(
    "kelly emily sally polly lily molly holly billy family italy july assembly police reilly connolly donnelly rally ally "
    "bully supply reply anomaly belly jelly butterfly monopoly folly lolly tally"
)


@dataclass(slots=True)
class Words:
    """A sentence taken apart: `lows[i]` is word i in lower case, `starts[i]` to `ends[i]` its characters in `text`."""

    text: str
    lows: list[str]
    starts: list[int]
    ends: list[int]
    tags: str

    def __len__(self) -> int:
        return len(self.lows)

    def span(self, start: int, end: int) -> str:
        """The text of words start to end - 1."""
        return self.text[self.starts[start] : self.ends[end - 1]]

    def first_of(self, marks: str, start: int, end: int | None = None) -> int:
        """Index of the first word from `start` on that is one of the classes in `marks`; `end` (the sentence's) if none."""
        end = len(self.tags) if end is None else end
        return next((index for index in range(start, end) if self.tags[index] in marks), end)

    def last_of(self, marks: str, end: int) -> int:
        """Index of the last word before `end` that is one of the classes in `marks`, or -1."""
        return max(self.tags.rfind(mark, 0, end) for mark in marks)


def read_words(text: str) -> Words:
    """The words of a sentence in which the characters of quotations are masked."""
    lows: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    tags: list[str] = []
    opens, position = True, 0
    for word in _TOKEN.findall(text):
        start = text.index(word, position)
        position = start + len(word)
        if word == "." and lows and (lows[-1] in _ABBREVIATIONS or (tags[-1] == "N" and len(lows[-1]) == 1)):
            ends[-1] = position  # the full stop of an abbreviation or initial belongs to it
            continue
        low, tag, opening, goes_on = (word, "Q", "Q", None) if word[0] == MASK else _look(word)
        lows.append(low)
        starts.append(start)
        ends.append(position)
        tags.append(opening if opens else tag)
        if goes_on is not None:
            opens = not goes_on
    _settle(lows, tags)
    return Words(text, lows, starts, ends, "".join(tags))


@lru_cache(maxsize=50_000)
def _look(word: str) -> tuple[str, str, str, bool | None]:
    """A word in lower case, its class, its class where it opens a clause, and whether the clause goes on behind it.

    None: what comes behind it opens a clause where it did.
    """
    if word[0].isalpha():
        low = word.lower().replace("’", "'")
        if not word[0].isupper():
            return low, _lower_tag(low), _lower_tag(low), True
        return low, _capital_tag(low, opens=False), _capital_tag(low, opens=True), True
    if word[-1].isdigit():
        return word, "#", "#", True
    if word[0].isdigit():
        return word, "w", "w", True  # 19-year-old
    tag = _MARKS.get(word, "_")
    return word, tag, tag, False if tag in ":.-(" else None


def _capital_tag(low: str, *, opens: bool) -> str:
    """The class of a capitalised word, `opens` where a sentence or clause begins with it."""
    if low == "may":
        return "n" if opens else "T"
    known = _TAGS.get(low, "")
    if not opens:
        return known if known and known in "DPCSROTA" else "N"
    if known and not (known in "FE" and low in FORMS):
        return known
    if low in FORMS:
        return "V"
    return "B" if low.endswith("ly") and low not in _NAMES_IN_LY else "n"


def _lower_tag(low: str) -> str:
    """The class of a word in lower case."""
    known = _TAGS.get(low)
    if low in FORMS and known in (None, "F", "E"):
        return "V"
    if known is not None:
        return known
    if low.endswith("ly") and low not in _NAMES_IN_LY:
        return "B"
    if low.endswith("ed"):
        return "E"
    return "G" if low.endswith("ing") and len(low) > 5 else "w"


def _settle(lows: list[str], tags: list[str]) -> None:
    """Classes that the neighbours decide."""
    for index in range(len(tags) - 2):
        tag, following = tags[index], tags[index + 1]
        if tag == "R" and following == "w" and (tags[index + 2] in "DNPO#B" or lows[index + 1].endswith("s")):
            tags[index + 1] = "F"  # that controls the hill
        elif tag == "G" and index and tags[index - 1] == "D" and following not in "wNn":
            tags[index] = "w"  # a recording shared
        elif tag in "nN" and following == "w" and _is_third(lows[index + 1]) and tags[index + 2] in "DO":
            tags[index + 1] = "F"  # Benedek shakes his head
        elif tag == "w" and index and lows[index][-1] == "s" and following in "DP#" and _is_verb(lows, tags, index):
            tags[index] = "F"  # the council plans two more lifeguards
        elif tag == "w" and following == "O" and index and lows[index].endswith("s") and tags[index - 1] in "wN":
            tags[index] = "F"  # my cousin rents them


def _is_verb(lows: list[str], tags: list[str], index: int) -> bool:
    """Whether a word in -s behind a noun for one person or body is its verb: a kinswoman's before a preposition too."""
    before = lows[index - 1]
    if tags[index - 1] != "w" or not _is_third(lows[index]) or not (before in _ONE or before.endswith("-in-law")):
        return False
    return tags[index + 1] != "P" or (before in KIN and index > 1 and tags[index - 2] == "D")


def _is_third(low: str) -> bool:
    return low.endswith("s") and not low.endswith(("ss", "'s", "us"))
