"""Interviews with two guests: which of them a quotation without a name beside it belongs to.

Nobody speaks of himself by name, a quotation that opens with *he* is not his, and a guest answers what the other said
unless the host has called one of them up.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from spinscope.data.speech.names import Name
from spinscope.data.speech.people import People
from spinscope.data.speech.quotations import Quotation

_OPENS_WITH = re.compile(r"\W{0,3}(?:\w+[,;]? )?(?:(?P<he>he|his|him)|(?P<she>she|hers?))\b", re.IGNORECASE)
_ASKED_OF = re.compile(r"\b(?:(?P<he>he|his|him)|(?P<she>she|her))\b", re.IGNORECASE)
_ROLE_OF_ANOTHER = re.compile(r"\b(?:(?:his|her|its|their|whose)\b[^,;.]*|(?:of|for|at|to|from|by|in|like) )$", re.IGNORECASE)
_TOGETHER = re.compile(
    r"\b(?:they|both|each other|one another|between them|the two|two of them|the pair|together|debate|versus|v|face to face|"
    r"disagree|answer(?:s|ed)? (?:our|the same|your)|in turn|side by side|separate (?:rooms|studios)|head to head|opponents|rivals|"
    r"[Aa] conversation|talk to each|two (?:guests|sisters|brothers|friends|neighbours|women|men|people))\b"
)
_PRESENTER = re.compile(r"\b(?:I[’']m|I am|[Tt]his is|[Ww]elcome)\b")
_BEFORE_CHARACTERS = 40
_OPENING_SENTENCES = 5
_MOST_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Pair:
    """The two guests of an interview."""

    one: Name
    other: Name
    text: str
    people: People

    def speaker(self, quotation: Quotation, likely: str | None, *, asked: str, alternates: bool) -> str | None:
        """Who of the two says a quotation.

        Args:
            quotation: one that no name stands beside.
            likely: who would say it if there were not two guests.
            asked: what the host said right before, empty where a quotation stands there.
            alternates: whether the other guest spoke right before.
        """
        spoken = self.text[quotation.start : min(quotation.end, quotation.start + _MOST_CHARACTERS)]
        names = [name for name in (self.one, self.other) if self._names(spoken, name)]
        if len(names) == 1:
            return self._not(names[0]).full
        guest = next((name for name in (self.one, self.other) if name.full == likely), None)
        if guest is None:
            return likely
        meant = self._meant(_OPENS_WITH.match(spoken)) or self._meant(self._only(spoken))
        if meant is None and asked:
            meant = self._meant(_ASKED_OF.search(asked))
            if meant is not None and not asked.endswith("?"):  # She laughs.
                return meant.full
        if meant is not None:
            return self._not(meant).full
        return self._not(guest).full if alternates else likely

    def _only(self, spoken: str) -> re.Match[str] | None:
        """The first he or she of a quotation in which the other does not occur."""
        found = list(_ASKED_OF.finditer(spoken))
        return found[0] if found and len({match.lastgroup for match in found}) == 1 else None

    def holds(self, speaker: str | None) -> bool:
        """Whether a speaker is one of the two."""
        return speaker in (self.one.full, self.other.full)

    def _not(self, name: Name) -> Name:
        return self.other if name is self.one else self.one

    def _meant(self, match: re.Match[str] | None) -> Name | None:
        """The guest whom he or she means, where one is a man and one a woman."""
        genders = {self.people.gender(self.one): self.one, self.people.gender(self.other): self.other}
        if match is None or not {"m", "f"} <= genders.keys():
            return None
        return genders["m" if match.group("he") else "f"]

    def _names(self, spoken: str, name: Name) -> bool:
        return any(re.search(rf"\b{re.escape(word)}\b", spoken) for word in name.full.split() if len(word) > 2)


def find_pair(people: People, text: str, before: int, called: Collection[str | None]) -> Pair | None:
    """The two guests whom one sentence of the opening names, before the first answer at offset `before`, and whom the host
    calls up; None where there are not two.
    """
    opening = [mention for mention in people.mentions[:20] if mention.start < before and mention.name.kind == "person"]
    end_of_opening = people.bounds[min(_OPENING_SENTENCES, len(people.bounds)) - 1][1] if people.bounds else 0
    talks = _TOGETHER.search(text, 0, min(before, end_of_opening)) is not None
    for start, end in people.bounds[:_OPENING_SENTENCES]:
        inside = [mention for mention in opening if start <= mention.start < end]
        names = list({mention.name.full: mention.name for mention in inside}.values())
        led = any(_ROLE_OF_ANOTHER.search(text[max(start, m.start - _BEFORE_CHARACTERS) : m.start]) for m in inside)
        if len(names) == 2 and not led and (talks or all(name.full in called for name in names)) and not _PRESENTER.search(text, start, end):
            return Pair(names[0], names[1], text, people)
    return None
