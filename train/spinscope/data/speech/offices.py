"""What an article says of the persons it names: the offices they hold, and whether they are men or women."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence

from spinscope.data.speech.first_names import MEN_NAMED, WOMEN_NAMED
from spinscope.data.speech.names import Gender, Mention, Name, gender_of_noun, is_person_noun

_HE_OR_SHE = re.compile(r"\b(?:(?P<he>[Hh]e|[Hh]is|[Hh]im|[Hh]imself)|[Ss]he|[Hh]ers?|[Hh]erself)\b")
_NOUN = r"((?:[\w'’-]+ ){0,4}?[\w'’-]+)(?=,| of | at | in | for | who | on | and |\.|;|$)"
_OFFICE_AFTER = re.compile(rf", (?:(?:the|a|an|its|their|his|her|our|former) )?{_NOUN}")
_OFFICE_IS = re.compile(rf" (?:is|was) (?:the|a|an) {_NOUN}")
_OFFICE_BEFORE = re.compile(r"([\w'’-]+)(?: (?:of|for) (?:the )?[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?)?,? $")
_DOES = re.compile(r", who ([a-z]+?)(?:es|s)\b")
_TOLD_BEFORE = re.compile(
    r"\b(?:an?|the) (?:[\w'’-]+ ){0,3}?([\w'’-]+)(?:,| who| with| in| whom| that| calling| named| called| known)\b[^.;:\n]{0,60}"
    r"(?:named|called|known as|call sign|sel(?:f|ves)(?: only)?(?: as)?) $"
)
_GENDER_AFTER = re.compile(r", (?:the|an?|his|her|their|its) (?:[\w'’-]+ ){0,3}?([a-z]+)(?=,| of| in| from| who| with| at| to|\.)")
_OTHER_NAMES = {"prime": "premier", "premier": "minister", "president": "head", "archbishop": "bishop"}
_BEFORE_CHARACTERS = 30
_TOLD_CHARACTERS = 120


def read_offices(text: str, mentions: Sequence[Mention]) -> dict[str, list[tuple[int, Name]]]:
    """Offset and holder of each office, by its noun: `energy minister Ann Lee`, `Ann Lee, the head teacher`."""
    offices: dict[str, list[tuple[int, Name]]] = {}
    for mention in mentions:
        if mention.name.kind != "person":
            continue
        words = text[mention.start : mention.end].split()
        held = [word.lower() for word in words[:-1] if word not in mention.name.full]
        before = _OFFICE_BEFORE.search(text, max(0, mention.start - _BEFORE_CHARACTERS), mention.start)
        if before is not None and is_person_noun(before.group(1).lower()):
            held.append(before.group(1).lower())
        told = _TOLD_BEFORE.search(text, max(0, mention.start - _TOLD_CHARACTERS), mention.start)
        if told is not None and is_person_noun(told.group(1).lower()):
            held.append(told.group(1).lower())
        after = _OFFICE_AFTER.match(text, mention.end) or _OFFICE_IS.match(text, mention.end)
        if after is not None:
            held.append(after.group(1).split()[-1].lower())
        held += [other for office, other in _OTHER_NAMES.items() if office in held]
        does = _DOES.match(text, mention.end)  # Ann Lee, who farms there
        if does is not None and is_person_noun(agent := does.group(1).removesuffix("e") + "er"):
            held.append(f"who {agent}")
        for noun in held:
            offices.setdefault(noun, []).append((mention.start, mention.name))
    return offices


def read_genders(text: str, ends: Sequence[int], mentions: Sequence[Mention]) -> dict[str, Gender]:
    """He or she, by full name, from the first pronoun that follows where only one person is in view.

    Args:
        text: the article, its quotations masked.
        ends: of its sentences.
        mentions: names in the text, in order.
    """
    votes: dict[str, float] = {}
    per_sentence: dict[int, list[Mention]] = {}
    for mention in mentions:
        if mention.name.kind == "person":
            per_sentence.setdefault(bisect.bisect_right(ends, mention.start), []).append(mention)
            votes.setdefault(mention.name.full, _first_name_vote(mention.name.full))
    for mention in mentions:
        told = _GENDER_AFTER.match(text, mention.end) if mention.name.full in votes else None
        if told is not None and (gender := gender_of_noun(told.group(1))) is not None:
            votes[mention.name.full] += 2 if gender == "m" else -2
    for index, here in per_sentence.items():
        if len({mention.name.full for mention in here}) != 1 or index >= len(ends):
            continue
        stop = ends[index]
        if index + 1 not in per_sentence and index + 1 < len(ends):
            stop = ends[index + 1]
        first = _HE_OR_SHE.search(text, here[0].end, stop)
        if first is not None:
            votes[here[0].name.full] += 1 if first.group("he") else -1
    return {name: "m" if vote > 0 else "f" for name, vote in votes.items() if vote}


def _first_name_vote(full: str) -> float:
    """What the first name says, +0.5 for a man's; any pronoun in the text weighs more."""
    first, _, rest = full.partition(" ")
    if not rest:
        return 0.0
    if first in WOMEN_NAMED or first in MEN_NAMED:
        return -0.5 if first in WOMEN_NAMED else 0.5
    return 0.0


def likely_gender(full: str) -> Gender | None:
    """What the ending of a first name makes likely: -a is more often a woman's, -us a man's."""
    first, _, rest = full.partition(" ")
    return None if not rest else "f" if first.endswith("a") else "m" if first.endswith(("o", "us")) else None
