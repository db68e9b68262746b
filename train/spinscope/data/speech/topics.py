"""What a sentence is about, and what a pronoun for it would be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from spinscope.data.speech.names import gender_of_noun, is_body_noun, is_person_noun
from spinscope.data.speech_verbs import word_set

StandsFor = Literal["m", "f", "person", "it", "they", "thing"]

DOCUMENTS = word_set(
    "leaflet leaflets bulletin letter letters poster posters brochure report statement release review survey study annex "
    "table page video post posts message messages article articles editorial website site manifesto flyer flyers pamphlet "
    "circular note memo email newsletter column advertisement advert banner sermon speech recording voice caption captions "
    "headline sign book books blog thread tweet file files log records figures list timetable text mailing spot spots count "
    "estimate accounts advice motion petition notice document documents e-mail telegram reply answer response criticism comment "
    "comments commentary broadcast jingle clip clips placard placards graffiti inscription plaque psalm proverb saying passage "
    "chorus verse song hymn poem sticker stickers bill brief bulletin verdict warning claim promise argument conclusion view motto slogan plea accusation"
)
"""Nouns for what is written or said: its owner speaks in it."""

DESCRIPTIONS = word_set(
    "man woman boy girl lad lass dad mum father mother grandfather grandmother granny widow widower pensioner veteran "
    "champion striker goalkeeper keeper defender midfielder winger player singer actor actress author novelist writer "
    "poet painter artist lady gentleman runner cyclist boxer wrestler fisherman survivor businessman businesswoman "
    "millionaire billionaire tycoon entrepreneur inventor beekeeper musician farmer driver baker butcher plumber carpenter "
    "student pupil sailor gardener shopkeeper mechanic electrician activist columnist blogger researcher lecturer fisher "
    "miner docker welder cleaner hairdresser barber cook chef waiter waitress trucker biker skier swimmer climber collector "
    "expert scholar academic politician hero heroine legend youngster teenager schoolboy schoolgirl grandma granddad"
)
"""Nouns with which a text takes up a person it has named."""

_CROWDS = word_set(
    "police officials authorities women men residents parents families unions troops forces people"
)


@dataclass(frozen=True, slots=True)
class Topic:
    """Somebody or something that a sentence is about or lets speak.

    `stands_for` is what a pronoun for it would be: `m`, `f` or `person` for one person, `it` and `they` for bodies,
    papers and groups, `thing` for what cannot speak.
    """

    name: str
    stands_for: StandsFor

    def fits(self, pronoun: str) -> bool:
        """Whether a pronoun can mean it: `m` for he, `f` for she, `it` or `they`."""
        if pronoun in ("m", "f"):
            return self.stands_for in (pronoun, "person")
        return self.stands_for == pronoun or (pronoun == "they" and self.stands_for == "it")

    @property
    def is_person(self) -> bool:
        """Whether it is one person."""
        return self.stands_for in ("m", "f", "person")


def stands_for(head: str) -> StandsFor:
    """What a pronoun for a noun would be."""
    gender = gender_of_noun(head)
    if gender is not None:
        return gender
    if is_person_noun(head):
        return "person"
    if head.endswith("s") and not head.endswith("ss"):
        singular = f"{head[:-3]}y" if head.endswith("ies") else head[:-1]
        return "they" if is_person_noun(singular) or head in _CROWDS else "thing"
    return "it" if is_body_noun(head) or head in DOCUMENTS else "thing"
