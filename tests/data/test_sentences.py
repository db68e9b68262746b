"""The splitter: exact offsets for any text, linear time, and the hard cases one by one."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinscope.data.sentences import article_sentences, split_sentences
from spinscope.records import Article

PIECES = st.sampled_from(
    [
        "He said. ", "No? ", "Dr. Who ", "“It is. ", "over.” ", '"', "'", "«Oui.» ", "„Ja.“ ", "\n", "\r\n", "\r", "\n\n", "\t",
        "...", "… ", "\u200b", "\ufeff", "\u2028", "\x85", "\u00a0", "👩‍👩‍👧 ", "e\u0301. ", "שלום. ", "\u202bمرحبا؟ ", "你好。", "- item ",
        "1. ", "(a) ", "[12] ", ". . . ", "a.m. ", "x", "\x00", "\x1c", "<script>alert(1)</script> ",
    ]
)  # fmt: skip
ANY_TEXT = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=40).map("".join))

# "|" marks where a sentence ends inside the line.
HARD_CASES = """
Yahoo! announced a deal on Monday.| It fell through.
"Is it?" she asked.| He nodded.
"Never!" shouted the crowd outside.| Police watched.
"Why now?" Smith asked.| He left.
"Go!" Captain Orlov said.| They went.
"Go!" the captain said.| They went.
"We are done," he said.| "Go home."
"Stop!" he cried.| "Or else!"
"What?" said the minister.| "Who told you?"
(He left at ten.)| She stayed.
He said he was done (finally!) with it.| Good.
He likes apples, etc. and pears.| Fine.
Acme Inc. said it would appeal.| The court agreed.
The firm (Acme Ltd.) closed.| Its staff left.
He joined Acme Ltd. in May.| He left Foo Corp. in June.| Then Bar Co. hired him.
The U.S. President left.| He came back.
He lives in the U.S.| The rent is high.
Washington, D.C. is hot.| He left D.C.| It was June.
See No. 10 on the list.| It is odd.
Would you say it again?| No.| I was tired.
See p. 12 and pp. 14-16.| Then stop.
Take fruit, e.g. apples, i.e. the red ones.| Eat.
J. Smith and J. R. R. Tolkien met.| They spoke.
He wrote to Maj. Gen. A. B. Okafor.| No reply came.
Mr. Smith, Mrs. Jones, Dr. Who and Prof. Xu left.| Ok.
They met in St. Louis near Mt. Hood.| It was cold.
St. Mary's is a church on High St.| It is old.
He came at 5 p.m. on Monday.| She left.
He arrived at 10 a.m. Eastern time.| She did not.
He arrived at 10 a.m. Monday.| She did not.
He came at 5 p.m.| She left at 6 a.m.| Nobody minded.
On Tues. the group met.| On Wed. it split.
I saw it in May.| Repairs began in June.
She has a Ph.D. in physics.| He has an M.A. from Yale.
There is no Plan B.| He said so.
It was during World War I.| The town burned.
The company (est. 1990) grew.| It died in approx. 2010.
Version 3.0 is out.| It costs $2.50.| Buy it.
Go to example.com.| Then log in.
Bring a photo ID.| Mail ballots are due.
Wait... what happened?| Nothing.
He said...| No.| He said nothing.
This is bad….| It gets worse…| Then it ends.
This is… bad.| Good.
"This is…" he began.| She cut in.
Hmm . . . he thought.| Then he left.
"It is over.| We lost."| He wept.
“It is over.| We lost.”| He wept.
«It is over.| We lost.»| He wept.
« C'est fini. »| Il est parti.
„It is over.| We lost.“| He wept.
‘It is over.| We lost.’| He wept.
He called it "a mess."| The crowd cheered.
He shouted "Stop!" and ran.| She ran too.
Read "Who Goes There?" by Campbell.| It is good.
What?!| No way.| Really?!?!| Yes.
The end.| 42 people came.
The end.[12]| Next one.
The council met.The mayor left.
wait.| wait for what?| nobody knows.
The dogs' owners left.| They're gone.
他走了。|她留下。
"""


def ends_inside(marked: str) -> tuple[str, list[int]]:
    pieces = marked.split("|")
    return "".join(pieces), [len("".join(pieces[:n])) for n in range(1, len(pieces))]


@pytest.mark.parametrize("marked", [line for line in HARD_CASES.strip().splitlines() if "met.The" not in line])
def test_hard_cases(marked: str) -> None:
    text, expected = ends_inside(marked)
    assert [end for _, end in split_sentences(text)][:-1] == expected


def test_a_missing_space_after_a_full_stop_still_ends_a_sentence() -> None:
    text = "The council met.The mayor left."
    assert [text[a:b] for a, b in split_sentences(text)] == ["The council met.", "The mayor left."]


def assert_exact(text: str, bounds: list[tuple[int, int]]) -> None:
    position = 0
    for start, end in bounds:
        assert position <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        assert not text[position:start].strip()
        position = end
    assert not text[position:].strip()


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT, st.integers(0, 30))
def test_every_visible_character_is_in_exactly_one_sentence(text: str, title_end: int) -> None:
    assert_exact(text, split_sentences(text, title_end=min(title_end, len(text))))


@settings(max_examples=100, deadline=None)
@given(ANY_TEXT)
def test_sentences_of_an_article_are_its_characters(text: str) -> None:
    article = Article("a", text)
    for index, sentence in enumerate(article_sentences(article)):
        assert sentence.index == index
        assert article.text[sentence.start : sentence.end] == sentence.text
        assert all(0 <= voice.start < voice.end <= len(sentence.text) for voice in sentence.voices)


def test_a_headline_is_one_sentence_and_lines_of_a_list_stay_apart() -> None:
    text = "POISON ON TAP! Council hides it\r\n\r\nIt said:\r\n- first demand\r\n- second demand\r\n1. third. Done."
    sentences = article_sentences(Article("a", text, title_end=31))
    assert [s.text for s in sentences] == [
        "POISON ON TAP! Council hides it", "It said:", "- first demand", "- second demand", "1. third.", "Done.",
    ]  # fmt: skip
    assert [s.part for s in sentences] == ["title", *["body"] * 5]


def test_hard_wrapped_lines_are_joined_and_others_are_not() -> None:
    wrapped = (
        "The council of the harbour town met on Monday evening and\n"
        "voted to close the northern quay for the whole of the next\n"
        "winter. Traders said that the vote had come as a surprise\n"
        "to them. They will appeal.\n"
    )
    assert [wrapped[a:b].replace("\n", " ")[-9:] for a, b in split_sentences(wrapped)] == ["t winter.", " to them.", "l appeal."]
    lines = "Quay to close for winter\nThe council voted on Monday.\nTraders will appeal"
    assert len(split_sentences(lines)) == 3
    broken = "The council of the harbour town met on Monday evening and\nvoted to close the quay."
    assert len(split_sentences(broken)) == 1


@pytest.mark.parametrize("text", ["", " \n\t ", "\u2028\u2028"])
def test_nothing_gives_nothing(text: str) -> None:
    assert split_sentences(text) == []


@pytest.mark.parametrize("piece", ["A plain sentence of news. ", "no end at all ", '."', ". . ", "“He said ", "a\n"])
def test_monotonous_text_of_any_length_is_split_without_loss(piece: str) -> None:
    """Time is not asserted: quadratic work would show as minutes here."""
    text = piece * (400_000 // len(piece))
    bounds = split_sentences(text)
    assert sum(not letter.isspace() for start, end in bounds for letter in text[start:end]) == len("".join(text.split()))
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(bounds))


@pytest.mark.slow
def test_ten_megabytes_on_one_line() -> None:
    text = "The ministry said on Tuesday that 4,000 people had left. " * 180_000
    bounds = split_sentences(text)
    assert len(bounds) == 180_000
