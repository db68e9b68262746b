"""Verbs of speaking and claiming, as alternations for regular expressions."""

from __future__ import annotations

_IRREGULAR = {
    "say": "said", "tell": "told", "write": "wrote|written", "put": "put", "read": "read", "find": "found",
    "label": "labell?ed", "think": "thought", "swear": "swore|sworn", "hold": "held", "cry": "cried",
    "reply": "replied", "deny": "denied", "testify": "testified", "imply": "implied", "quip": "quipped",
    "beg": "begged", "admit": "admitted", "sob": "sobbed", "brag": "bragged", "sing": "sang",
    "speak": "spoke|spoken", "begin": "began", "grin": "grinned", "feel": "felt",
}  # fmt: skip


def word_set(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


def _forms(verbs: str) -> str:
    """An alternation of the forms of base verbs: base, third person, past, -ing."""
    forms = []
    for verb in verbs.split():
        stem = verb[:-1] if verb.endswith("e") else verb
        third = f"{verb[:-1]}ies" if verb.endswith("y") and verb[-2] not in "aeiou" else f"{verb}s"
        third = f"{verb}es" if verb.endswith(("sh", "ch", "ss")) else third
        forms.append(f"{verb}|{third}|{_IRREGULAR.get(verb, stem + 'ed')}|{stem}(?:[bdgnpt])?ing")
    return "|".join(forms)


# With a bare clause; with `that`; with an object.
_CLAIM_BASES = "say claim insist reckon deny accuse allege argue warn contend"
_CLAIM_THAT_BASES = (
    "tell assert maintain complain reply retort respond counter concede admit acknowledge explain declare add "
    "boast brag lament stress reiterate testify vow estimate inform assure remind remark announce note find "
    "report rule confirm believe think state suggest expect hope fear agree predict recall reveal conclude "
    "promise write observe point swear imply indicate answer ask demand urge threaten pledge propose recommend "
    "joke wonder speculate hold calculate disclose emphasise emphasize regret caution deplore"
)
_CLAIM_ABOUT_BASES = (
    "reject condemn criticise criticize denounce blame dismiss describe urge complain deplore expect propose"
)
CLAIM = _forms(_CLAIM_BASES)
CLAIM_THAT = _forms(_CLAIM_THAT_BASES)
CLAIM_ABOUT = _forms(_CLAIM_ABOUT_BASES)
BASES = word_set(f"{_CLAIM_BASES} {_CLAIM_THAT_BASES} {_CLAIM_ABOUT_BASES} attack call")
DIRECT = "|".join(
    [
        CLAIM,
        CLAIM_THAT,
        CLAIM_ABOUT,
        _forms(
            "shout cry yell scream whisper tweet post exclaim mutter laugh snap roar chant continue beg sigh "
            "murmur bark bellow thunder quip inquire label protest object read put refer sob advise order repeat "
            "sing mock sneer smile shrug grin begin speak rate apologise invite call brand dub attack mean fume"
        ),
        "go(?:es)? on|went on",
    ]
)
INTRANSITIVE = _forms(
    "say warn add explain admit insist argue claim note recall report estimate reckon complain concede confirm "
    "suggest observe announce predict joke write acknowledge maintain believe continue conclude state"
)
