"""Acts of speech in a sentence: who says something, with which verb, and whether the words are told in the writer's own.

Works on sentences in which the characters of quotations are masked, one for one, so that offsets stay.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from spinscope.data.speech.assertions import agrees, helper_of, is_noun, is_reduced, is_somebody, is_unreal
from spinscope.data.speech.complements import clause_word, has_complement, n_own_words, stands_behind
from spinscope.data.speech.phrases import Subject
from spinscope.data.speech.subjects import subject_after, subject_before
from spinscope.data.speech.words import Words
from spinscope.data.speech_verbs import FORMS, Form, Verb, word_set

_BE = word_set("is was were be been being are am get gets isn't wasn't weren't aren't i'm he's she's it's they're")
_NOT_SUBJECTS = word_set("me us him them")
_HEARERS = word_set("i we i'm we're i've we've")
_HEARD = word_set("quoted heard recorded cited")
_MOST_WORDS_TO_AGENT = 12


@dataclass(frozen=True, slots=True)
class Act:
    """One act of speech.

    Attributes:
        verb: index of its verb (or of the noun or preposition that stands for one).
        subject: who speaks, where it can be seen.
        quotes: whether a quotation beside it is its object.
        reports: whether it tells another's words or view in the writer's grammar.
        behind: whether it stands behind what is said.
        hearsay: reported of nobody in particular (it is said, we are told).
    """

    verb: int
    subject: Subject | None
    quotes: bool
    reports: bool
    behind: bool = False
    hearsay: bool = False


def acts_of(words: Words) -> list[Act]:
    """The acts of speech of a sentence, in order of their verbs; what a question asks about is told by nobody."""
    found = []
    asked = words.tags[:1] == "A" and words.text.rstrip().endswith("?")
    for at, tag in enumerate(words.tags):
        if tag == "V" and at:
            verb, form = FORMS[words.lows[at]]
            act = _act(words, at, verb, form)
            if act is not None:
                found.append(replace(act, reports=False) if asked else act)
    return found


def _act(words: Words, at: int, verb: Verb, form: Form) -> Act | None:
    tags, lows = words.tags, words.lows
    if is_noun(words, at, form):
        return None
    helper = helper_of(words, at)
    if form == "past" and helper >= 0 and lows[helper] in _BE:
        return _passive(words, at, verb, helper)
    if lows[at - 1] == "to" and at > 1 and (lows[at - 2] in _BE or lows[at - 2] == "there"):  # is to blame
        return None
    if form == "ing":
        return _participle(words, at, verb)
    quotes = "q" in verb.takes
    if _is_turned(words, at, verb, form):
        has_quote = "Q" in tags[max(0, at - 3) : at]
        enough = n_own_words(tags, 0, at) >= (1 if tags[at - 1] == "," else 3)
        reports = "p" in verb.takes and not has_quote and enough
        return Act(at, subject_after(words, at), quotes, reports, behind=True)
    subject = subject_before(words, at)
    if subject is None:
        joined = tags[at - 1] == "C" or (at > 1 and tags[at - 2 : at] == "CB")
        reports = joined and form in ("past", "third") and has_complement(words, at, verb, None)
        return Act(at, None, quotes, reports) if reports or "Q" in tags[at : at + 3] else None
    if not _is_act(words, at, verb, form, subject, helper):
        return None
    special = is_somebody(words, subject, verb, form)
    # Bedlam, my husband calls it.
    is_name = "n" in verb.takes and tags[at + 1 : at + 2] == "O" and (at + 2 >= len(words) or tags[at + 2] in ",.-")
    behind = ("p" in verb.takes or is_name) and stands_behind(words, at, verb, subject)
    if is_name and behind:
        return Act(at, subject, False, special, behind=True)
    told = behind or has_complement(words, at, verb, subject)
    reports = special and told and not is_unreal(words, at, subject)
    return Act(at, subject, quotes and lows[subject.start] not in ("nothing", "there"), reports, behind=behind)


def _is_act(words: Words, at: int, verb: Verb, form: Form, subject: Subject, helper: int) -> bool:
    """Whether the word is a finite verb of this subject."""
    tags = words.tags
    if "h" in verb.takes or (verb.lemma == "go" and words.lows[at + 1 : at + 2] != ["on"]):
        return False
    governed = subject.start > 0 and tags[subject.start - 1] == "P" and subject.head_end == at
    if governed and subject.kind != "pronoun" and subject.aside is None:
        return False
    return agrees(words, at, form, helper, subject) and not (form == "past" and is_reduced(words, at, verb, subject))


def _is_turned(words: Words, at: int, verb: Verb, form: Form) -> bool:
    """Whether the subject stands behind: `"...", said the mayor`, `..., said the mayor`."""
    tags, n = words.tags, len(words)
    if (form not in ("past", "third") and words.lows[at] != "say") or "q" not in verb.takes or at + 1 >= n:
        return False
    begins = tags[at + 1] in "DNOw#n"
    if tags[at - 1] == "Q":
        return begins and words.lows[at + 1] not in _NOT_SUBJECTS and subject_after(words, at) is not None
    if tags[at - 1] != "," or "p" not in verb.takes:
        return False
    after = subject_after(words, at)
    if after is None or "Q" in tags[max(0, at - 2) : at]:
        return after is not None and begins
    closed = after.end >= n or tags[after.end] in ",.;-:SPR"
    return closed and tags.count(",", 0, at) != 2


def _passive(words: Words, at: int, verb: Verb, helper: int) -> Act | None:
    """`is said to`, `it was learnt that`, `we are told that`, `was told by X that`, `was called "a farce" by X`."""
    tags, lows, n = words.tags, words.lows, len(words)
    subject = subject_before(words, helper)
    following = lows[at + 1] if at + 1 < n else ""
    agent = _agent(words, at)
    first = lows[helper] if lows[helper] in _HEARERS else lows[subject.start] if subject is not None else ""
    if is_unreal(words, at, subject or Subject(helper, helper, helper)):
        return None
    if verb.lemma == "tell":
        clause = bool(clause_word(words, at + 1, n))
        hears = first in _HEARERS and (clause or at + 1 >= n or tags[at + 1] in ",.DO")
        return Act(at, agent, True, hears or (agent is not None and clause), hearsay=agent is None)
    if first == "it" and any(kind in verb.takes for kind in "cth"):
        inside = subject is not None and subject.start > 0 and tags[subject.start - 1] == ","
        return Act(at, agent, False, clause_word(words, at + 1, n) == "that" or inside, hearsay=agent is None)
    if following == "to" and "c" in verb.takes and "r" not in verb.takes and "v" not in verb.takes:
        return Act(at, agent, False, True, hearsay=agent is None)
    if agent is not None and "q" in verb.takes and "Q" in tags[at:]:
        return Act(at, agent, True, False)
    if agent is not None and verb.lemma == "accuse":
        return Act(at, agent, False, "of" in lows[agent.end :])
    return None


def _agent(words: Words, at: int) -> Subject | None:
    """The doer of a passive verb: `was accused by the board`."""
    n = len(words)
    for index in range(at + 1, min(n, at + _MOST_WORDS_TO_AGENT)):
        if words.lows[index] == "by" and not words.lows[min(index + 1, n - 1)].endswith("ing"):
            return subject_after(words, index)
    return None


def _participle(words: Words, at: int, verb: Verb) -> Act | None:
    """`is saying that`, `was quoted as saying`, `..., adding that`: the subject is that of the clause before."""
    tags, lows = words.tags, words.lows
    if not any(kind in verb.takes for kind in "cqt"):
        return None
    helper = helper_of(words, at)
    quotes, complement = "q" in verb.takes, has_complement(words, at, verb, None)
    if helper >= 0 and lows[helper] in _BE:
        subject = subject_before(words, helper + 1 if tags[helper] == "O" else helper)
        if subject is None or (subject.start and tags[subject.start - 1] == "R"):
            return None
        return Act(at, subject, quotes, complement and is_somebody(words, subject, verb, "ing"))
    heard = at - 2 if lows[at - 1] == "as" else at - 1
    if heard > 0 and lows[heard] in _HEARD:
        subject = subject_before(words, heard)
        return Act(at, subject, quotes, complement) if subject is not None else None
    if tags[at - 1] == "P":
        return None
    if tags[at - 1] in ",QC":
        return Act(at, None, quotes, complement and "c" in verb.takes and tags[at - 1] != "C")
    subject = subject_before(words, at)
    return Act(at, subject, quotes, reports=False) if subject is not None else None
