"""Verbs of speaking and thinking: their forms, and with what complements each reports another's words.

One letter of `Verb.takes` for each way of reporting:

* `c` a clause with or without `that` (said the road was shut), `t` a clause only with `that` (found that)
* `o` a noun phrase (rejected the offer), `i` an infinitive (promised to pay), `r` a person and then a clause (told us that)
* `a` an object and `as` (described him as), `n` an object and a name for it (called it a farce)
* `p` stands behind or inside what is said (the road is shut, the council says)
* `q` brings direct speech
* `h` only where nobody is named (it was learnt that)
* `v` gives a view rather than words (believes, expects): the holder must be somebody in particular

`preps` are the prepositions with which it reports (complained of, spoke of).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Form = Literal["base", "third", "past", "ing"]


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb by its base form, what it takes, and the prepositions with which it reports."""

    lemma: str
    takes: str
    preps: frozenset[str] = frozenset()


def word_set(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


_TABLE = """
say cpq | claim copqi | insist cpq on | argue cpq for against | warn cprqoi of against about | contend cpq | maintain cpq
allege copq | reckon cpq | assert copq | deny coq | add cpq | note tpq | explain tpq | report copq | reply cpq
admit cpqi to | concede tpq | acknowledge topq | confirm topq | announce copq | declare copq | state tpq | stress tpq
emphasise tpq | emphasize tpq | observe tpq | remark tpq on | recall tpq | complain tpq of about | suggest topq
predict copqv | estimate copqv | calculate tpv | conclude tpqv | find tp | show tp | reveal tpq | disclose tpq | testify cpq
promise copqir | vow cpqi | pledge toqi | swear cpqi | threaten tqoi | joke cpq | boast tpq of | brag tpq | lament toq
object tpq to | protest tpq | respond cpq | retort cpq | counter tpq | caution tprq against | advise cprqi
recommend topqi | propose toqi | urge oqi | demand toqi | ask tpqi for | request toi | order i | tell prqi | assure pr
inform r | remind r | persuade r | write tpq | believe cpv | think q | hope cpvi | fear copv | expect oiv | suspect tv
doubt tov | agree tpq | imply tv | indicate t | signal t | hint t | speculate tp | rule tp | point tpq | go pq | put pq
read q | declaim q | accuse oq | blame oq | criticise oq | criticize oq | condemn oq | denounce oq | praise q | reject oq
dismiss oaq | deplore oq | describe aq | brand nq | call nq for on | label nq | dub nq | name nq | term nq | hail aq | decry oq
attack aq | mock q | slam oq | rate nq | speak q of | talk q of | refer q to | appeal q for | apologise q
apologize q | welcome q | regret tpq | consider ov | accept t | reiterate tpq | repeat tpq | continue q | shout tq | cry tq
yell tq | scream tq | whisper tq | tweet tq | post tq | exclaim tq | mutter tq | laugh q | snap q | roar q | chant q | beg qi
sigh q | murmur tq | bark q | bellow q | thunder q | quip tq | inquire tq | enquire tq | wonder q | begin q | end q | sing q
sneer q | smile q | shrug q | grin q | fume q | invite q | mean q | sob q | return q | answer tpq | forecast tov | know q
comment tpq on | scoff tpq at | clarify tpq | proclaim copq | specify tpq | rejoin q | venture q | volunteer q | enthuse q | recite q
plead q for | implore q | growl q | grunt q | gasp q | groan q | moan tpq | mumble q | hiss q | howl q | rave q | rant q | gush q
jeer q | taunt q | whine tpq | wail q | interrupt q | preach q | warble q | drawl q | chuckle q | croak q
reminisce tpq | recount tpq | reflect tpq | guess cpq | correct q | prompt q | demur q | intone q | deadpan q | chime q
type tpq | text tq | message tq | email tq | submit cpq | blurt tpq | stammer tpq | splutter q | boom q | beam q | gloat q
recollect tpq | ponder q | summarise q | scrawl q | scribble q | daub q | tease q | crow q
counsel toqi | grumble tq | muse tq | concur q | interject q | elaborate q | opine tpq | posit t | learn h | understand h
"""

_IRREGULAR = {
    "say": "said", "tell": "told", "write": "wrote written", "put": "put", "read": "read", "find": "found",
    "think": "thought", "swear": "swore sworn", "sing": "sang", "speak": "spoke spoken", "begin": "began",
    "know": "knew known", "mean": "meant", "go": "went", "show": "showed shown", "forecast": "forecast forecasted",
    "learn": "learned learnt", "understand": "understood",
}  # fmt: skip
_DOUBLED = word_set("submit admit snap beg grin quip shrug sob regret brag slam concur demur")
_NOUNS_MOSTLY = word_set("type text message email boom beam tease crow")
"""Verbs of which only the past form is taken for one."""
_DOUBLED_OR_NOT = word_set("label signal counsel")


def _forms(base: str) -> list[tuple[str, Form]]:
    stem = base[:-1] if base.endswith("e") else base
    is_ied = base.endswith("y") and base[-2] not in "aeiou"
    third = f"{base[:-1]}ies" if is_ied else f"{base}es" if base.endswith(("sh", "ch", "ss", "o")) else f"{base}s"
    pasts = [f"{base[:-1]}ied"] if is_ied else [f"{stem}ed"]
    ings = [f"{base}ing"] if base.endswith("ee") else [f"{stem}ing"]
    doubled = base + base[-1]
    if base in _DOUBLED:
        pasts, ings = [f"{doubled}ed"], [f"{doubled}ing"]
    elif base in _DOUBLED_OR_NOT:
        pasts, ings = [*pasts, f"{doubled}ed"], [*ings, f"{doubled}ing"]
    pasts = _IRREGULAR[base].split() if base in _IRREGULAR else pasts
    return [(base, "base"), (third, "third"), *((form, "past") for form in pasts), *((form, "ing") for form in ings)]


def _read_table() -> dict[str, tuple[Verb, Form]]:
    forms: dict[str, tuple[Verb, Form]] = {}
    for entry in re.split(r"[|\n]", _TABLE.strip()):
        lemma, takes, *preps = entry.split()
        verb = Verb(lemma, takes, frozenset(preps))
        # A form that is base and past at once (put, read) counts as past: either number fits it.
        forms |= {form: (verb, kind) for form, kind in _forms(lemma) if kind == "past" or lemma not in _NOUNS_MOSTLY}
    return forms


FORMS = _read_table()
"""Verb and kind of form, by the form."""

BOTH_NUMBERS = word_set("put read forecast")
"""Base forms that are past forms too."""

NOUNS = word_set(
    "claim claims report reports call calls demand demands promise promises estimate estimates forecast forecasts hope "
    "hopes fear fears request requests order orders rule rules note notes state states show shows blame doubt doubts "
    "answer answers reply replies boast boasts vow vows pledge pledges attack attacks praise protest protests object "
    "objects remark remarks joke jokes post posts cry cries laugh laughs shout shouts sigh mean means end ends return "
    "returns name names term terms label labels brand brands point points counter counters stress repeat repeats smile "
    "smiles bark read reads put tweet tweets welcome find finds signal signals hint hints appeal appeals talk talks "
    "counsel warning warnings saying finding findings ruling rulings meaning reading writing feeling beginning ending "
    "suspect suspects thought thoughts known mock swear snap snaps rate rates comment comments venture ventures volunteer "
    "volunteers growl grunt groan groans moan moans hiss howl howls rant rants jeer jeers taunt taunts wail "
    "chuckle guess guesses prompt correct"
)
"""Forms that are nouns as well."""

_NEVER_DIRECT = word_set("go know name term accept consider return end praise")
DIRECT = "|".join(
    [
        *(form for form, (verb, _) in FORMS.items() if set(verb.takes) & set("qr") and verb.lemma not in _NEVER_DIRECT),
        "holds?|held|go(?:es)? on|went on",
    ]
)
"""Forms that bring direct speech, as an alternation for regular expressions."""
