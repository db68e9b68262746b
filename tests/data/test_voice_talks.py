"""Whom quotations without a verb beside them belong to: interviews, phone-ins, panels, threads, speeches, letters.

`talks.txt` holds short articles in which `@Speaker|` stands before a quotation (or before the line of one), or `@@` in
front of all speakers of the article's quotations; both are taken out before the article is read.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spinscope.data.sentences import split_sentences
from spinscope.data.voice import voices_of
from spinscope.data.voice_comparison import same_speaker

TALKS = re.split(r"^### ", (Path(__file__).parent / "talks.txt").read_text(), flags=re.MULTILINE)[1:]
_LAST_CHARACTER = "\"”’'»“"


def marked(talk: str) -> tuple[str, dict[int, str], list[str]]:
    """The article, the speakers by offset, the speakers in order where there are no offsets."""
    lines: list[str] = []
    by_offset: dict[int, str] = {}
    in_order: list[str] = []
    for line in talk.rstrip("\n").split("\n")[1:]:
        offset = sum(len(before) + 1 for before in lines)
        head, at, rest = line.partition("@@")
        if at and "|" not in rest:
            in_order = rest.split(",")
            continue
        if not at and line.startswith("@"):
            head, rest = "", line[1:]
        if rest:
            speaker, _, rest = rest.partition("|")
            if speaker != "None":
                by_offset[offset + len(head)] = speaker
        lines.append(head + rest)
    return "\n".join(lines), by_offset, in_order


@pytest.mark.parametrize("talk", TALKS, ids=lambda talk: talk.split("\n", 1)[0])
def test_every_quotation_has_its_speaker(talk):
    text, by_offset, in_order = marked(talk)
    bounds = split_sentences(text)
    found = [
        (start + voice.start, text[start + voice.start : start + voice.end], voice.speaker)
        for (start, _), voices in zip(bounds, voices_of(text, bounds), strict=True)
        for voice in voices
        if voice.voice == "quoted"
    ]
    wrong = []
    for offset, speaker in by_offset.items():
        line_end = text.find("\n", offset) % (len(text) + 1)
        heard = next((voice for voice in found if offset <= voice[0] < line_end), None)
        if heard is None or not same_speaker(speaker, heard[2]):
            wrong.append((speaker, heard))
    ends = [speaker for _, words, speaker in found if words[-1] in _LAST_CHARACTER]
    wrong += [pair for pair in zip(in_order, ends, strict=False) if not same_speaker(*pair)]
    assert by_offset or in_order
    assert wrong == []


CALLS = [
    "Good evening, X.",
    "X from Holm, go ahead.",
    "Go ahead, X.",
    "Next we have X, a farmer.",
    "Let's go to X.",
    "X's on line two.",
    "Here is X, who keeps bees.",
    "Our next caller, X, is a farmer.",
    "You're through to us, X.",
    "Back to you, X.",
    "X, briefly.",
    "X next.",
    "Then there's X.",
    "I'll bring in X.",
    "Can I bring in X here?",
    "X wants to reply.",
    "Over to X.",
    "And what does X say?",
    "X, same question.",
    "Your turn, X.",
    "X?",
    "X again.",
    "The same question to X.",
    "We also have X with us.",
    "X, sixty-one, from Holm.",
    "X disagrees.",
    "X has been waiting since nine.",
    "X is a farmer and she is angry.",
    "Let me ask X.",
    "So, X, is it over?",
    "Is that right, X?",
    "What would you do, X?",
    "Welcome, X.",
    "X is calling from the harbour.",
    "X runs the bakery.",
    "X used to work there.",
    "A text from X.",
    "This one is from X in Holm.",
    "X rang from the hospital.",
    "Now to X.",
    "X lives next door to it.",
    "X, you first.",
    "Next caller: X.",
    "Caller two, X.",
    "X keeps goats above the town.",
    "X, sixteen, is still at school.",
    "I can hear X laughing.",
    "And X, you wanted to come in.",
    "X had her hand up.",
    "X was there that night.",
    "We start with X.",
    "We end with X.",
    "Last word to X.",
    "X, thank you for waiting.",
    "Ms X, you ran the clinic.",
    "Dr X is with us too.",
    "And on the other side, X.",
    "X speaks for the growers.",
    "X, of the growers' union.",
    "Let us hear X on that.",
    "Come in, X.",
    "X, can you hear us?",
    "X has driven in from Holm.",
    "I'd like to hear from X.",
    "X, the floor is yours.",
    "Hold the line, please, and now X.",
]


@pytest.mark.parametrize("opening", ["Your calls on the ferry\n\nGood evening, the lines are open.", "The ferry\n\nIt stops in May."])
def test_whoever_is_called_up_has_the_floor(opening):
    names = ["Marek", "Ottoline", "Rufina", "Hallvard", "Zanele", "Corin"]
    wrong = []
    for index, call in enumerate(CALLS):
        first, second, third = (names[(index + step) % len(names)] for step in range(3))
        text = (
            f"{opening}\nFirst up is {first}.\n“I have used it for thirty years, and my mother before me.”\n“It is never late.”\n"
            f"{call.replace('X', second)}\n“That is not how I remember it, there were winters without a boat.”\n“And the fare "
            f"was double.”\nThank you. Next is {third}.\n“I would pay double again.”\nWhy?\n“I get seasick on bridges, sir.”"
        )
        bounds = split_sentences(text)
        heard = [voice.speaker for voices in voices_of(text, bounds) for voice in voices if voice.voice == "quoted"]
        if heard != [first, first, second, second, third, third]:
            wrong.append((call, heard))
    assert wrong == []


INTRODUCED = [
    "The night baker\n\nN has baked in Holm since 1988.",
    "“Nobody asked the bread”\n\nWe met N at the mill.",
    "N on bread, debt and sleep\n\nThe bakery opens at four.",
    "Ten questions for N\n\nThe mayor of Holm, Karel Vos, closed the mill in May.",
    "“Nobody asked the bread”: N at seventy\n\nShe wears two aprons.",
    "The baker of Holm\n\nKarel Vos, the mayor, calls her a nuisance; N calls him Karel.",
    "A visit to N\n\nHer brother Karel lets us in.",
    "The baker of Holm\n\nIn the kitchen stands N. Her dog is called Bruno.",
    "The baker of Holm\n\nThirty people worked here once; today it is N and a boy.",
    "Bread and debt\n\nN is the last baker in Holm. Her father, Karel Vos, was the first.",
    "Bread and debt\n\nThe last baker in Holm is N, and the tax office knows her well.",
    "Interview: N\n\nThe mill closed in May.",
    "Bread and debt\n\nOur reporter Karel Vos spoke to N.",
    "Bread and debt\n\nN spoke to Karel Vos.",
    "Bread and debt\n\nHolm has one baker left. Her name is N.",
    "Bread and debt: a conversation with N\n\nThe mill closed in May, says the mayor, Karel Vos.",
    "Bread and debt\n\nAt sixty N took over the mill from Karel Vos.",
    "Bread and debt\n\nBaker N, 61, owes the bank four million.",
    "Bread and debt\n\nN (61) owes the bank four million.",
    "Bread and debt\n\nThis month we talk to N of the Mill Guild.",
]
ASKED = {
    "Why bread?": "“It was there when I came.”",
    "The mayor says that you owe him rent.": "“He may say so.”",
    "And the mill?": "“It turns when it wants to.”",
    "Karel Vos has called you stubborn.": "“He has known me since school.”",
    "Will you stay?": "“Ask me in spring.”",
}


@pytest.mark.parametrize("guest", ["Rufina Oyelaran", "Hallvard Bru", "Tobias Lenk"])
def test_a_guest_answers_however_introduced_and_whoever_else_is_spoken_of(guest):
    wrong = []
    for introduced in INTRODUCED:
        turns = "\n\n".join(f"{question}\n{answer}" for question, answer in ASKED.items())
        text = re.sub(r"\bN\b", guest, introduced) + "\n\n" + turns
        bounds = split_sentences(text)
        heard = [
            voice.speaker
            for (start, _), voices in zip(bounds, voices_of(text, bounds), strict=True)
            for voice in voices
            if text[start + voice.start : start + voice.end] in ASKED.values()
        ]
        if heard != [guest] * len(ASKED):
            wrong.append((introduced, heard))
    assert wrong == []
