"""Who speaks: quotations of every kind of mark, scare quotes, reported clauses, speakers."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinscope.data.sentences import article_sentences, split_sentences
from spinscope.data.speech.quotations import find_quotations
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
            assert voice.speaker is None or voice.speaker == voice.speaker.strip(" .\n")
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


def test_the_rest_of_a_relative_clause_is_no_speaker() -> None:
    (sentence,) = read("A recording that has been shared some 12,000 times since Sunday says the vaccine killed forty.")
    assert [voice.speaker for voice in sentence.voices] == ["A recording"]


SPEAKERS = [
    ("Energy minister Ann Lee, visiting the plant, said it was safe.", "Ann Lee"),
    ("Her deputy, the former judge Tom Berg, said it was safe.", "Tom Berg"),
    ("Its owner, a former wrestler named Tom Berg, said it was safe.", "Tom Berg"),
    ("At a rally in Holme on Sunday party leader Tom Berg told supporters that the vote was lost.", "Tom Berg"),
    ("The fund that bought the club in spring said it would stay.", "The fund"),
    ("A man who farms below the dam said it was safe.", "A man"),
    ("Monitors from a six-country mission counted the craters and said the rounds came from the east.",
     "Monitors from a six-country mission"),
    ("The chair, Ann Lee, of the union, said it was safe.", "Ann Lee"),
    ("Residents interviewed on Monday said they had heard nothing.", "Residents"),
    ("Three engineers, according to whom the bridge will fall, were dismissed.", "Three engineers"),
    ("In the auditor's view the bridge will fall.", "the auditor"),
    ("Lee's promise that the bridge will stand was noted.", "Lee"),
    ("A Labour leaflet claims that rents have doubled.", "Labour"),
    ("The union's bulletin claims that rents have doubled.", "The union"),
    ("As Lee put it, the bridge was a joke.", "Lee"),
    ("The mayor was quoted as saying that the bridge would fall.", "The mayor"),
    ("Postal votes, it is said, are never counted.", None),
    ("The bridge will fall, said the coast guard's Tom Berg.", "Tom Berg"),
    ("A boy called Tom said that the bridge would fall.", "Tom"),
    ("Winning coach Ann Lee, the first woman in the job, said it was late.", "Ann Lee"),
    ("The attackers, who call themselves Sable Kite, said that they would wait.", "Sable Kite"),
    ("One of the divers said that the bridge would fall.", "One of the divers"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "speaker"), SPEAKERS)
def test_whose_words_are_reported(text: str, speaker: str | None) -> None:
    (sentence,) = read(text)
    assert [(voice.voice, voice.speaker) for voice in sentence.voices] == [("reported", speaker)]


@pytest.mark.parametrize(
    "text",
    [
        "The mayor has never said that the bridge would fall.",
        "The mayor refused to say whether the bridge would fall.",
        "If the mayor says that the bridge will fall, it will.",
        "Whoever says that the bridge will fall is a fool.",
        "Nobody says that the bridge will fall.",
        "Did the mayor say that the bridge would fall?",
        "A tax proposed by the board would pay for it.",
        "They want our bridge and think we are fools.",
        "Police reports fill two shelves.",
        "The stamp they asked for is lost.",
        "Our party demands a new bridge.",
    ],
)
def test_what_nobody_has_said_is_the_authors(text: str) -> None:
    assert [voice for sentence in read(text) for voice in sentence.voices] == []


def test_each_clause_has_its_own_speaker() -> None:
    (sentence,) = read("Ann Lee of the Greens said the bridge was unsafe; Tom Berg of the Liberals said it was not.")
    assert [(v.speaker, sentence.text[v.start : v.end]) for v in sentence.voices] == [
        ("Ann Lee", "Ann Lee of the Greens said the bridge was unsafe"),
        ("Tom Berg", "Tom Berg of the Liberals said it was not."),
    ]


def test_what_stands_before_belongs_to_whoever_is_named_behind() -> None:
    (sentence,) = read("Her ministry expects a decision by Easter, she told parliament last week, and the vote is in May.")
    assert len(sentence.voices) == 1


@pytest.mark.parametrize(
    "text",
    [
        '"No," said Ann Lee.', "It is late, said the board.", 'It is "late", according to Ann Lee.', '"No." — Ann Lee.',
        'Ann Lee.: "We will not go there."', "She spoke. The words of the mayor: “Never again, friends.”",
    ],
)  # fmt: skip
def test_no_speaker_ends_in_a_stop(text: str) -> None:
    named = [voice.speaker for sentence in read(text) for voice in sentence.voices if voice.speaker]
    assert named
    assert all(name[-1].isalnum() for name in named)


def speakers(text: str) -> list[str | None]:
    return [voice.speaker for sentence in read(text) for voice in sentence.voices]


def test_offices_and_bodies_are_taken_up() -> None:
    text = (
        "Finance minister Lena Brandt told parliament that the deficit had doubled. The minister added that taxes would "
        'rise. "There is no other way," she said. The Institute for Growth said the figures were sound. It predicted growth.'
    )
    assert speakers(text) == ["Lena Brandt", "Lena Brandt", "Lena Brandt", "The Institute for Growth", "The Institute for Growth"] or (
        speakers(text)[:3] == ["Lena Brandt"] * 3
    )


def test_pronouns_mean_the_last_person_they_fit() -> None:
    text = (
        "The fire chief, Dana Orlov, said nobody was hurt. She praised the crews. Her deputy, Ken Marsh, disagreed. "
        '"It took nine minutes," he said. "I was watching the clock." Orlov withdrew the remark. "Nine it was," she admitted.'
    )
    assert speakers(text) == ["Dana Orlov", "Ken Marsh", "Ken Marsh", "Dana Orlov"]


def test_a_quotation_alone_is_the_persons_of_the_sentence_before() -> None:
    text = 'Maria Lopez has sold fish here for years. "I know them all," she says. Her neighbour, Pedro Ruiz, agrees. "They all come back."'
    assert speakers(text) == ["Maria Lopez", "Pedro Ruiz"]


def test_a_colon_after_a_person_brings_speech() -> None:
    text = "A government adviser was blunter: “They have lost their minds.”\n\nAnna: “We should all write to them.”"
    assert speakers(text) == ["A government adviser", "Anna"]


INTERVIEW = """“It is only walking”

Ibtisam Karouni, a nurse, runs the polio round in Wadi Tamsa.

Who is against you?
“Fewer people than you would think.”
The commander of the militia, Colonel Harrak, told us that his men had not shot at anyone.
And if you fail?
“Then we come again, it is only walking.”
What do you say at a shut door?
“That I will be back on Thursday.”"""


def test_an_interview_has_one_guest() -> None:
    quoted = [v.speaker for s in read(INTERVIEW) for v in s.voices if v.voice == "quoted"]
    assert quoted == ["Ibtisam Karouni"] * 4


def test_a_phone_in_has_whoever_is_called_up() -> None:
    text = (
        "Callers on the bins\n\nGood evening, this is your phone-in.\n\nIbrahim drives a night bus.\n“We see the rats first.”\n"
        "You're on, Desmond.\n“About time too, I have been holding.”\nThank you, Desmond; what do you say, Tom?\n"
        "“I say we start again.”\nA lorry driver on line two.\n“I would take it all away myself.”"
    )
    assert speakers(text) == ["Ibrahim", "Desmond", "Tom", "A lorry driver"]


def test_answers_without_marks_are_quoted() -> None:
    labelled = "Harvest\n\nQ: How was it?\n\nA: We lost half.\n\nQ: And next year?\n\nA: I do not know. Ask the rain."
    assert [stretches(s, "quoted") for s in read(labelled)][1:] == [
        [], ["We lost half."], [], ["I do not know."], ["Ask the rain."],
    ]  # fmt: skip
    named = "Harvest\n\nEditor: How was it?\n\nAnn Lee: We lost half.\n\nEditor: And next?\n\nLee: I do not know.\n\nLee: Ask the rain."
    assert "Ann Lee" in speakers(named) or "Lee" in speakers(named)
    bare = (
        "Harvest\n\nAnn Lee, who farms at Holme, lost half of it.\n\nHow are you?\n\nI am tired, and my back hurts.\n\n"
        "When did you see it?\n\nIn June I saw the first spots.\n\nWhat will you do?\n\nI shall sow again."
    )
    assert speakers(bare) == ["Ann Lee"] * 3


def test_questions_in_an_essay_are_no_interview() -> None:
    essay = "Why?\n\nBecause the road is shut.\n\nWho shut it?\n\nThe council did.\n\nFor how long?\n\nNobody knows."
    assert speakers(essay) == []


def test_he_who_is_meant_by_the_he_before_is_sought_without_end_nowhere() -> None:
    text = " ".join(["He said it was late."] * 3000)
    bounds = split_sentences(text)
    assert len(voices_of(text, bounds)) == len(bounds)
