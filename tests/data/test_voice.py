"""Who speaks: quotations of every kind of mark, scare quotes, reported clauses, speakers."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinscope.data.quotations import find_quotations
from spinscope.data.sentences import article_sentences, split_sentences
from spinscope.data.voice import voices_of
from spinscope.records import Article, Sentence


def read(text: str) -> list[Sentence]:
    return article_sentences(Article("a", text))


def stretches(sentence: Sentence, voice: str) -> list[str]:
    return [sentence.text[v.start : v.end] for v in sentence.voices if v.voice == voice]


QUOTED = [
    ('"We will not move," said Ann Lee, who farms below the dam.', '"We will not move,"', "Ann Lee"),
    ("“We will not move,” Ann Lee told reporters.", "“We will not move,”", "Ann Lee"),
    ("«We will not move,» replied the chairwoman, Ann Lee.", "«We will not move,»", "Ann Lee"),
    ("„We will not move,“ Ann Lee says.", "„We will not move,“", "Ann Lee"),
    ("‘We won’t move from the farmers’ land,’ said Ann Lee.", "‘We won’t move from the farmers’ land,’", "Ann Lee"),
    ("'We won't move from here,' said Ann Lee.", "'We won't move from here,'", "Ann Lee"),
    ('Its chairwoman, Ann Lee, said: "They will come for the trees."', '"They will come for the trees."', "Ann Lee"),
    ('Ann Lee called the ruling "a disgrace" and left.', '"a disgrace"', "Ann Lee"),
    ('Ann Lee of the Growers\' League, who shouted "butchers" twice, was led out.', '"butchers"', "Ann Lee"),
    ('The ministry described the strikers as "drunken wreckers".', '"drunken wreckers"', "The ministry"),
    ('"Why now?" the minister asked.', '"Why now?"', "the minister"),
]


@pytest.mark.parametrize(("text", "quotation", "speaker"), QUOTED)
def test_direct_speech(text: str, quotation: str, speaker: str) -> None:
    (sentence,) = read(text)
    quoted = [voice for voice in sentence.voices if voice.voice == "quoted"]
    assert stretches(sentence, "quoted") == [quotation]
    assert quoted[0].speaker == speaker


@pytest.mark.parametrize(
    "text",
    [
        'The so-called "experts" were paid twice.',
        "Trucks were tuned for 'performance' at the depot.",
        'The word "traitor" stands nine times in the leaflet.',
        'They read the novel "The Last Harbour of the North Sea" together.',
        "It's the workers' fault, and the '90s are over.",
        'An unbalanced " mark stands here.',
    ],
)
def test_scare_quotes_titles_and_apostrophes_are_the_authors(text: str) -> None:
    assert [voice for sentence in read(text) for voice in sentence.voices] == []


def test_a_quotation_over_sentences_and_paragraphs() -> None:
    text = (
        "Ann Lee spoke first.\n\n“They took the water. They took the road.\n\n“And now they want the hill,” she said."
        "\n\nThe hall was silent."
    )
    sentences = read(text)
    assert [stretches(s, "quoted") for s in sentences] == [
        [], ["“They took the water."], ["They took the road."], ["“And now they want the hill,”"], [],
    ]  # fmt: skip
    assert {v.speaker for s in sentences for v in s.voices} == {"Ann Lee"}


def test_nested_quotations_are_part_of_the_outer_one() -> None:
    (sentence,) = read("“He called me ‘a hyena’ and “a thief” on air,” said Ann Lee.")
    assert stretches(sentence, "quoted") == ["“He called me ‘a hyena’ and “a thief” on air,”"]


def test_surnames_and_pronouns_are_resolved() -> None:
    sentences = read('Ann Lee spoke to the council. "No," Lee said. "It is over," she added.')
    assert [v.speaker for s in sentences for v in s.voices if v.voice == "quoted"] == ["Ann Lee", "Ann Lee"]


REPORTED = [
    ("The ministry said the release would last nine days.", "The ministry"),
    ("The ministry accused the union of holding the harbour to ransom.", "The ministry"),
    ("According to the union, the board has never paid a fair wage.", "the union"),
    ("The line will reopen in May, the company said on Thursday.", "the company"),
    ("Skeptics note that earlier rounds had failed.", "Skeptics"),
    ("Ann Lee denied shelling the market and asked for an inquiry.", "Ann Lee"),
    ("Prosecutors claim that he had chosen his patients.", "Prosecutors"),
]


@pytest.mark.parametrize(("text", "speaker"), REPORTED)
def test_reported_speech(text: str, speaker: str) -> None:
    (sentence,) = read(text)
    assert [(voice.voice, voice.speaker) for voice in sentence.voices] == [("reported", speaker)]
    assert stretches(sentence, "reported") == [text]


def test_a_reported_clause_starts_after_the_authors_own() -> None:
    (sentence,) = read("The road has been closed since March, and the council says that four lamps are out.")
    assert stretches(sentence, "reported") == ["the council says that four lamps are out."]


def test_a_quotation_inside_a_reported_clause_is_cut_out() -> None:
    (sentence,) = read('The union accused the owner of "economic strangulation" for a third year.')
    assert [(v.voice, sentence.text[v.start : v.end]) for v in sentence.voices] == [
        ("reported", "The union accused the owner of"), ("quoted", '"economic strangulation"'),
        ("reported", "for a third year."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "I say that nobody asked us.",
        "We will ask for a vote on Tuesday.",
        "The claim has no figure behind it.",
        "Their reports fill two shelves.",
        "Nine of the dead were nurses coming off the night shift.",
        "Ask your neighbour, and tell your friends.",
    ],
)
def test_the_authors_own_sentences_have_no_other_voice(text: str) -> None:
    assert [voice for sentence in read(text) for voice in sentence.voices] == []


PIECES = st.sampled_from(
    ['"', "“", "”", "«", "»", "„", "‘", "’", "'", "He said ", "that it is. ", "Ann Lee, ", "\n\n", "\n", " ", "told us", "x", ", ", "; "]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=40).map("".join)))
def test_voices_lie_inside_their_sentence_and_apart(text: str) -> None:
    bounds = split_sentences(text)
    for (start, end), voices in zip(bounds, voices_of(text, bounds), strict=True):
        position = 0
        for voice in voices:
            assert position <= voice.start < voice.end <= end - start
            position = voice.end
    quotations = find_quotations(text)
    assert all(a.end <= b.start for a, b in itertools.pairwise(quotations))


@pytest.mark.parametrize("piece", ["“He said ", '"', "« ", '"x\n\n', "Ann Lee said, ", "‘a "])
def test_monotonous_text_of_any_length_has_its_voices(piece: str) -> None:
    """Time is not asserted: quadratic work would show as minutes here."""
    text = piece * (40_000 // len(piece))
    bounds = split_sentences(text)
    voices = voices_of(text, bounds)
    assert len(voices) == len(bounds)
    assert all(voice.end <= end - start for several, (start, end) in zip(voices, bounds, strict=True) for voice in several)


def test_the_rest_of_a_relative_clause_is_no_speaker():
    text = "A recording that has been shared some 12,000 times since Sunday says the vaccine killed forty children."
    (voices,) = voices_of(text, [(0, len(text))])
    assert [voice.speaker for voice in voices] == [None]
