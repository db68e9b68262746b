"""Words of speaking and claiming: who speaks, and which clause of a sentence is another's claim.

Works on sentences in which the characters of quotations are masked by `MASK`, one for one, so that offsets stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from spinscope.data.names import NAME, NOT_NAMES, full_names, head_name, is_organisation
from spinscope.data.speech_verbs import BASES, CLAIM, CLAIM_ABOUT, CLAIM_THAT, DIRECT, INTRANSITIVE, word_set

MASK = "\x1a"
_VERB = re.compile(rf"\b(?:{DIRECT})\b(?![-’'])")
_REPORT = re.compile(
    rf"\b(?:(?P<claim>{CLAIM})\b(?![-’'])(?!\s+(?:no|yes)(?:\s+to\b|[.,;]|$))"
    rf"|(?P<that>{CLAIM_THAT})\b,?(?:\s+(?!with\b|of\b|for\b|up\b|from\b)[\w'’.{MASK}-]+){{0,5}}?\s+(?:that|how|why)\b"
    rf"|(?P<told>told|tells?|assured?s?)\s+(?:(?:me|us|him|her|them|you)\b|(?:[\w'’-]+\s+){{1,4}}?(?=(?:he|she|they|it|we|there)\s))"
    rf"|(?P<about>{CLAIM_ABOUT})\b(?![-’'])(?=\s+[\w{MASK}])"
    rf"|(?P<called>(?:call(?:s|ed)|rat(?:es|ed)|brand(?:s|ed)|attack(?:s|ed))"
    rf"(?=\s+(?:for|on)\s|(?:\s+[\w'’-]+){{1,6}}(?:,\s|\s+as)?\s+{MASK})))"
)
_ACCORDING = re.compile(
    r"\b[Aa]ccording to\b|\b[Ii]n (?:the (?:words|view|opinion|account|eyes) of\b"
    r"|(?:his|her|their|its|[\w’']+(?:'s|’s|s'|s’)) (?:own )?(?:words|view|opinion|account|telling)\b)"
    r"|\bby (?:(?:his|her|their|its) own|[\w’']+(?:'s|’s|s'|s’)(?: own)?) (?:count|account|reckoning|estimate)\b"
)
_TAIL = re.compile(
    rf",\s+(?:(?P<inverted>(?:{INTRANSITIVE}))\s+(?P<after>[^,;]{{2,80}}?)(?=,|\.|$| and )"
    rf"|(?P<before>[^,;:]{{1,90}}?)\s+(?:{INTRANSITIVE}|(?:went|goes) on|assures? us|tells? us|told us)\b"
    rf"(?:\s+(?:on|in|by|at|to|after|yesterday|today|last|this)\b[^,;]{{0,80}})?\s*(?:[.!?,;]|$))"
)
_DETERMINERS = word_set("the a an its his their our my your of for by with every no any")
_BEFORE_NOUNS = _DETERMINERS | word_set(
    "her this that these those such some each from on in at as into about over under public official first last new "
    "fresh same main latest other own many few several more most both two three four five six without between and"
)
_PLURAL_SUBJECTS = word_set("they people who which that some many both police others others' officials")
_PASSIVE = word_set("is was were been be being are am get gets got 'm 's ’s 're’re having")
_BETWEEN = word_set("now also then not never still being")
PRONOUNS = word_set("he she it they who i we you")
_NO_SUBJECT = word_set("to not let please don't don’t never cannot can't can’t by of for than as")
_FIRST_PERSON = re.compile(r"\b(?:I|[Ww]e|[Yy]ou|I['’]\w+|[Ww]e['’]\w+)(?:\s+\w+){0,2}$")
_CLAUSE_START = re.compile(
    rf"[;:]\s+|\s[–—-]\s|,\s+(?:and|but|so|yet|while|whereas|although|though)\s+(?:yes,?\s+)?|[{MASK}]\s*,?\s+(?=[A-Z\w])"
)
_CLAUSE_BEFORE = re.compile(
    rf"[;:{MASK}]|\s[–—-]\s|,\s+(?:and|but|so|while|where|because)\s+|\s(?:that|because|where|while|and that)\s"
)
_AUXILIARY = re.compile(
    r"(?:\s+(?:has|have|had|would|will|did|does|do|could|can|may|might|also|then|later|often|once|again|even|"
    r"still|never|not|just|simply|since|always|[a-z]+ly))+$"
)
_APPOSITION = re.compile(r"(?:who|which|whose|a|an|the|his|her|its|their|aged|\d+|of|from|in|at|on|for|with|asked)\b")
_ADVERBIAL = re.compile(r"(?:In|On|At|After|Before|For|From|Under|With|Last|Next|By|Meanwhile|Asked|Yesterday|Today)\b")


_NO_HEADS = word_set("has have had is are was were be been will would can could may might must shall should")


@dataclass(frozen=True, slots=True)
class Attribution:
    """A speech verb beside a quotation, and its subject: a name, a noun phrase, a pronoun, or None."""

    speaker: str | None


@dataclass(frozen=True, slots=True)
class Reported:
    """Characters [start, end) of a sentence that report what `speaker` says."""

    start: int
    end: int
    speaker: str | None


def attribution(before: str, after: str, *, closed_by_comma: bool = False) -> Attribution | None:
    """The attribution of a quotation, from the text of its sentence before and after it; None where no verb says so."""
    verbs = [match for match in _VERB.finditer(before) if not _is_noun(before, match)]
    if (
        verbs
        and not closed_by_comma
        and len(before) - verbs[-1].end() < 60
        and not re.search(r"[.;,]\s", before[verbs[-1].end() :])
    ):
        return Attribution(subject_before(before[: verbs[-1].start()]))
    match = _VERB.search(after, 0, 120)
    if match and not _ends_clause(after[: match.start()]) and not _is_noun(after, match):
        lead = after[: match.start()].strip(" ,–—-")
        if not lead or re.fullmatch(r"(?:[a-z]+ly|then|also|later)", lead):
            return Attribution(subject_after(after[match.end() :]))
        if not re.match(r"(?:and|but|which|that|as|when|while|if|to|for|of|in|or|who)\b", lead):
            return Attribution(subject_before(lead))
    for match in reversed(verbs):
        if not re.search(r"[.;]\s", before[match.end() :]):
            return Attribution(subject_before(before[: match.start()]))
    named = _ACCORDING.search(before) or _ACCORDING.search(after)
    if named:
        return Attribution(subject_after(named.string[named.end() :]))
    return None


def subject_before(text: str) -> str | None:
    """The subject of a verb that follows `text`: the name in apposition or at its head, else the noun phrase."""
    aside = text.rstrip().endswith(",")
    text = text[-300:].rstrip(" ,")
    coordinated = re.search(r"\b(?:and|but|or|then|also|before|after|without)(?:\s+[a-z]+ly)?$", text)
    if coordinated:
        clause = re.split(rf"[;:{MASK}]", text[: coordinated.start()])[-1]
        return subject_before(clause[: _first_verb(clause)]) if _first_verb(clause) else None
    clause = _CLAUSE_BEFORE.split(text)[-1].strip(' ,“”"')
    clause = _AUXILIARY.sub("", clause)
    relative = re.search(r",?\s+(?:who|which|that|whose\s+\w+)$", clause)
    if relative:
        clause = clause[: relative.start()].split(",")[-1]
        names = [name for name in full_names(clause) if not is_organisation(name)]
        if names:
            return names[0]
    pieces = _pieces(clause)
    if not pieces:
        return None
    last_name = NAME.fullmatch(pieces[-1])
    if last_name and last_name.group() not in NOT_NAMES:
        return last_name.group()
    if aside and len(pieces) > 1 and _APPOSITION.match(pieces[-1]):
        pieces = [piece for piece in pieces if not _ADVERBIAL.match(piece)] or pieces
        named = next((piece for piece in pieces if NAME.fullmatch(piece) and piece not in NOT_NAMES), None)
        return named or head_name(pieces[0]) or _phrase(pieces[0])
    return head_name(pieces[-1]) or _phrase(pieces[-1])


def _pieces(clause: str) -> list[str]:
    """The clause between its commas; one inside a number is none."""
    return [piece.strip() for piece in re.split(r",(?!\d{3}\b)", clause) if piece.strip()]


def _first_verb(clause: str) -> int:
    """Offset of the first word that looks like a finite verb, at which the subject of a clause ends; 0 where none."""
    match = re.search(rf"(?<=\w)[,\s]+(?:{DIRECT}|is|was|are|were|has|had|have|will|would|[a-z]{{3,}}ed)\b", clause)
    return match.start() if match else 0


def subject_after(text: str) -> str | None:
    """The subject of a verb that `text` follows (`said the mayor, Ann Lee`)."""
    text = re.split(
        rf"[.;:!?{MASK}](?:\s|$)|\s[–—-]\s|\s(?:who|which|whose|when|as|in|on|at|after|before|to|from|by|told|with)\s",
        text[:160],
    )[0]
    pieces = _pieces(text)
    if not pieces:
        return None
    head = head_name(pieces[0])
    if head is None and len(pieces) > 1 and NAME.fullmatch(pieces[1]):
        return pieces[1]
    return head or _phrase(pieces[0])


def reported_clauses(sentence: str) -> list[Reported]:
    """The clauses of a masked sentence that report another's words in the writer's grammar, in order."""
    found: list[Reported] = []
    for match in _REPORT.finditer(sentence):
        start, kind = match.start(), match.lastgroup
        if found and start < found[-1].end:
            continue
        subject = _subject_region(sentence, match)
        if subject is None or not _has_complement(sentence, match, str(kind)):
            continue
        clause = _clause(sentence, start, subject_before(subject))
        found.append(replace(clause, start=max(clause.start, found[-1].end)) if found else clause)
    if not found:
        named = _ACCORDING.search(sentence)
        tail = _TAIL.search(sentence)
        if named:
            found.append(_clause(sentence, named.start(), subject_after(sentence[named.end() :])))
        elif tail and _is_tail(sentence, tail):
            name = (
                subject_after(tail.group("after")) if tail.group("inverted") else subject_before(tail.group("before"))
            )
            found.append(_clause(sentence, tail.start(), name))
    return found


def _is_tail(sentence: str, tail: re.Match[str]) -> bool:
    """`The line will reopen in May, the company said.`: words of the claim stand before, none is in quotation marks."""
    subject = tail.group("before") or tail.group("after") or ""
    if subject.split()[-1] in _NO_SUBJECT:
        return False
    lead = sentence[: tail.start()]
    own = [word for word in lead.split() if MASK not in word]
    if len(own) < (1 if tail.group().endswith(",") else 3) or MASK in subject or MASK in lead[-2:]:
        return False
    if _FIRST_PERSON.search(subject) or re.match(
        r"(?:and|but|or|which|who|as|that|to|not|so|if|when|then|what)\b", subject
    ):
        return False
    return len(subject.split()) <= 9


def _subject_region(sentence: str, match: re.Match[str]) -> str | None:
    """The text before a reporting verb where it can have a third person for a subject, else None."""
    before = sentence[: match.start()].rstrip()
    if not before or _is_noun(sentence, match) or _FIRST_PERSON.search(before):
        return None
    last = before.split()[-1].lower().strip(MASK)
    if last in _NO_SUBJECT or last in _PASSIVE or re.search(r"(?:'m|’m|'re|’re)$", last):
        return None
    verb = match.group(str(match.lastgroup)).split()[0].lower()
    if (
        verb in BASES
        and last not in _PLURAL_SUBJECTS
        and not re.search(r"[^s'’]s$|[^'’]es$|(?:would|will|did|do|may|might|could)$", last)
        and not (verb in ("say", "claim") and re.search(r"(?:^|\s)\w+[^s\W]s\s+(?:[^\s,]+\s+){1,5}$", before + " "))
    ):
        return None
    return before


def _has_complement(sentence: str, match: re.Match[str], kind: str) -> bool:
    """Whether the verb governs words of the writer's own (not a quotation alone)."""
    verb = match.group(kind)
    rest = sentence[match.start() + len(verb) :]
    own = [word for word in rest.split() if MASK not in word]
    quoted_before = MASK in sentence[max(0, match.start() - 60) : match.start()] and MASK not in rest
    if verb.startswith("accus"):
        return " of " in rest
    if verb.startswith("describ"):
        return " as " in rest
    if (
        kind == "claim"
        and verb.startswith(("argu", "warn", "contend", "den"))
        and re.match(r"\s+(?:with|about|over|for|on|in)\b", rest)
    ):
        return False
    if re.match(rf"[^{MASK},:;.]*\s(?:that|as|of|\w+)\s[{MASK}]", rest):
        return True
    if quoted_before and not re.match(r"\s+(?:[\w'’]+\s+){0,3}that\b", rest):
        return False
    return len(own) >= (5 if MASK in rest else 3)


def _clause(sentence: str, verb: int, speaker: str | None) -> Reported:
    start, end = 0, len(sentence)
    for match in _CLAUSE_START.finditer(sentence):
        if (
            match.end() <= verb
            and len(sentence[: match.start()].split()) >= 4
            and _has_subject(sentence[match.end() : verb])
        ):
            start = match.end()
        elif match.start() > verb and sentence[match.start()] == ";":
            end = match.start()
            break
    return Reported(start, end, speaker)


def _has_subject(text: str) -> bool:
    return any(word[0].isalpha() for word in text.split())


def _ends_clause(text: str) -> bool:
    return bool(re.search(rf"[.;:!?{MASK}]\s", text))


def _is_noun(text: str, match: re.Match[str]) -> bool:
    """Whether the verb form found is a noun or adjective here: a determiner stands before it."""
    verb = match.group().split()[0].lower()
    before = text[max(0, match.start() - 30) : match.start()].split()
    if not before or text[match.start() - 1] == "-":
        return bool(before)
    if before[-1].lower() in _PASSIVE or (
        len(before) > 1 and before[-2].lower() in _PASSIVE and before[-1] in _BETWEEN
    ):
        return not verb.endswith("ing")
    past = verb.endswith("ed") or verb in ("said", "told", "wrote", "put", "read", "found", "began", "held")
    return before[-1].lower() in (_DETERMINERS if past else _BEFORE_NOUNS)


def _phrase(text: str) -> str | None:
    last = text.split()[-1:]
    if last and last[0].lower() in PRONOUNS:
        return last[0].lower()
    text = re.split(
        r"(?<=\w)\s(?:that|who|which|whose|in|at|on|after|before|since|during|viewed|shared|asked)\s", text.strip()
    )[0]
    kept = [word for word in text.strip(f" ,.“”\"'’{MASK}").split() if MASK not in word]
    if kept and kept[0].lower() in _NO_HEADS:
        return None  # the rest of a relative clause, its noun cut off
    return " ".join(kept[-6:]) or None
