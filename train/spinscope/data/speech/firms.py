"""Named bodies that a common noun takes up: `the company` after `a refinery of Nadim Petrol`, `the bloc` after its name."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence

from spinscope.data.speech.name_words import PLACES
from spinscope.data.speech.names import Mention, Name, is_first_name
from spinscope.data.speech_verbs import word_set

TAKES_UP = word_set(
    "company firm bloc broadcaster operator manufacturer maker airline retailer chain charity developer publisher start-up "
    "startup supplier utility agency station channel club brewery shipyard shipper insurer lender carmaker chipmaker "
    "drugmaker builder landlord employer business corporation conglomerate"
)
"""Nouns for a body that a text uses in place of the name."""

_KINDS = word_set(
    "company firm bloc broadcaster operator manufacturer maker airline retailer chain charity developer publisher start-up "
    "startup supplier utility bank agency station channel club brewery shipyard insurer lender carmaker chipmaker drugmaker "
    "group giant landlord employer business corporation conglomerate"
)
_OF_FIRMS = word_set(
    "Petrol Health Wind Maritime Silicon Systems Foods Motors Media Digital Power Rail Air Steel Mining Oil Gas Logistics "
    "Capital Partners Living Homes Works Shipping Lines Ferries Pharma Labs Technologies Tech Software Electric Solar Retail "
    "Stores Brewery Dairy Farms Petroleum Chemicals Textiles Insurance Telecom Mobile Networks Games Studios Records "
    "Properties Estates Developments Construction Engineering Aerospace Robotics Biotech Medical Care Cargo Freight "
    "Transport Networks Bank Company Corp Group Holding Holdings Industries Energy Airlines Airways Ltd Inc Bros Data Mills "
    "Minerals Metals Paper Plastics Security Solutions Brands Fisheries Seafood Meat Milk Water Waste Recycling Buses Coaches"
)
_BEFORE = re.compile(r"\b(?P<kind>[\w-]+)(?: of [^,.;:]{1,30})?,?\s$")
_AT = re.compile(r"\b(?:at|[Ss]hares in|executive of|director of|owner of|owned by|run by|built by|made by|work(?:s|ed)? for) $")
_AFTER = re.compile(
    r", which\b|['’]s (?:\w+ )?(?:chief executive|boss|director|board|share|owner|spokes|factory|plant|workers|engineers|lawyers|app\b)"
)
_KIND_AFTER = re.compile(r", (?:the|an?) (?:[\w'’-]+ ){0,3}?([\w-]+)(?=,| that| which| behind| of)")
_BEFORE_CHARACTERS = 48


def read_firms(text: str, mentions: Sequence[Mention]) -> list[tuple[int, Name]]:
    """Offset and name of each mention that the text shows to be a firm's or the like.

    Shown by the noun beside it (`the broadcaster Kanal Sechs`), by a word of the name (`Gannet Wind`), or by what only
    firms have (`shares in`, `at`, `, which`, a chief executive). Persons with a common first name are none.
    """
    shown: dict[str, bool] = {}
    for mention in mentions:
        name = mention.name
        if name.proven or is_first_name(name.full.split()[0]) or " " not in name.full:
            continue
        if not shown.get(name.full):
            shown[name.full] = _is_firm(text, mention)
    return [(mention.start, mention.name) for mention in mentions if shown.get(mention.name.full)]


def firm_before(firms: Sequence[tuple[int, Name]], place: int) -> Name | None:
    """The firm named last before offset `place`."""
    index = bisect.bisect_left(firms, place, key=lambda firm: firm[0]) - 1
    return firms[index][1] if index >= 0 else None


def _is_firm(text: str, mention: Mention) -> bool:
    if mention.name.full.rsplit(" ", 1)[-1] in _OF_FIRMS or _AFTER.match(text, mention.end):
        return True
    start = max(0, mention.start - _BEFORE_CHARACTERS)
    before = _BEFORE.search(text, start, mention.start)
    kind = _KIND_AFTER.match(text, mention.end)
    if (before is not None and before.group("kind") in _KINDS) or (kind is not None and kind.group(1) in _KINDS):
        return True
    return mention.name.kind != "body" and PLACES.isdisjoint(mention.name.full.split()) and _AT.search(text, start, mention.start) is not None
