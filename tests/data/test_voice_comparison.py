"""What counts as the same quotation and the same speaker."""

from __future__ import annotations

import pytest

from spinscope.data.voice_comparison import COUNTS, count_voices, same_speaker, same_words
from spinscope.records import Voice


def counted(text, bounds, gold, found) -> dict[str, int]:
    return dict(zip(COUNTS, count_voices(text, bounds, gold, found), strict=True))


SAME = [
    ("Tom Berg", "Berg"),
    ("Berg", "Tom Berg"),
    ("Tom Berg", "Mayor Tom Berg"),
    ("the ministry", "The ministry"),
    ("a leaflet", "The leaflet"),
    ("her mother", "the mother"),
    ("PC Dhillon", "PC Dhillon of the river police"),
    ("the council's survey", "the council's own survey"),
    ("the union", "the union's bulletin"),
    ("Growers' League", "the Growers’ League"),
    ("ICRC", "International Committee of the Red Cross"),
    ("UN office", "a United Nations office in the capital"),
    ("a technician", "One of their technicians"),
    ("Toyhaven", "A Toyhaven spokesman"),
    ("the county", "a spokeswoman for the county"),
]


@pytest.mark.parametrize(("gold", "ours"), SAME)
def test_shorter_and_longer_forms_of_one_name(gold, ours):
    assert same_speaker(gold, ours)


OTHERS = [
    ("Tom Berg", None),
    ("Tom Berg", ""),
    ("Tom Berg", "Ann Berg"),
    ("Tom Berg", "the mayor"),
    ("Tom Berg", "Tom Lee"),
    ("the ministry", "the minister"),
    ("the finance ministry", "the foreign ministry"),
    ("a neighbour", "a mother"),
    ("the union", "the union's lawyer"),
    ("the mayor of Holme", "Holme"),
    ("the mayor", "the mayor's deputy"),
    ("the mayor", "the mayor's spokesman"),
    ("Tom Berg", "Tom Berg's spokesman"),
    ("the union", "its spokesman"),
]


@pytest.mark.parametrize(("gold", "ours"), OTHERS)
def test_different_speakers(gold, ours):
    assert not same_speaker(gold, ours)


def test_an_office_is_its_holder_where_the_article_says_so():
    for text in ("The mayor, Ann Lee, left.", "Then mayor Ann Lee left.", "Ann Lee, the mayor, left.", "Ann Lee is the mayor."):
        assert same_speaker("the mayor", "Ann Lee", text)
        assert same_speaker("Ann Lee", "The mayor", text)
    assert not same_speaker("the mayor", "Ann Lee", "Ann Lee met the mayor.")
    assert not same_speaker("the mayor", "Tom Berg", "The mayor, Ann Lee, met Tom Berg.")
    assert not same_speaker("the ministry", "Ann Lee", "The ministry, Ann Lee said, is late.")


def test_who_speaks_for_a_body_without_a_name_is_the_body():
    for name in ("officials of the Cedar Union", "the Cedar Union's board", "a spokesman for the Cedar Union", "Cedar Union officials"):
        assert same_speaker("Cedar Union", name), name
    assert not same_speaker("Cedar Union", "lawyers of the Cedar Union")
    assert not same_speaker("Cedar Union", "Ann Lee of the Cedar Union")


def test_what_hangs_on_a_person_may_be_left_out():
    assert same_speaker("an elderly woman wrapped in a curtain", "An elderly woman")
    assert same_speaker("a member known only as Plot 19", "a member")
    assert not same_speaker("a woman wrapped in a curtain", "a man")


def test_same_words_is_stricter():
    assert same_words("The mayor", "the mayor")
    assert not same_words("Tom Berg", "Berg")
    assert not same_words("Tom Berg", None)


TEXT = '"No," said Lee. "Never. Not once." The end.'
BOUNDS = [(0, 15), (16, 23), (24, 34), (35, 43)]
GOLD = [[Voice(0, 5, "quoted", "Ann Lee")], [Voice(0, 7, "quoted", "Ann Lee")], [Voice(0, 10, "quoted", "Ann Lee")], []]


def test_what_is_found_as_marked_has_no_errors():
    counts = counted(TEXT, BOUNDS, GOLD, GOLD)
    assert counts["character_hits"] == 22
    assert counts["quotation_hits"] == 2  # a quotation of two sentences is one
    assert counts["quoted_named"] == counts["quoted_right"] == counts["quoted_verbatim"] == 3
    assert not any(count for name, count in counts.items() if name.endswith(("extra", "missed")))


def test_errors_are_counted_where_they_belong():
    found = [[Voice(0, 4, "quoted", "Lee")], [], [Voice(0, 10, "quoted", "Tom Berg")], [Voice(0, 8, "reported", "Lee")]]
    counts = counted(TEXT, BOUNDS, GOLD, found)
    assert (counts["character_hits"], counts["character_extra"], counts["character_missed"]) == (14, 0, 8)
    assert (counts["quotation_hits"], counts["quotation_extra"], counts["quotation_missed"]) == (0, 2, 2)
    assert (counts["sentence_hits"], counts["sentence_extra"], counts["sentence_missed"]) == (0, 1, 0)
    assert (counts["quoted_named"], counts["quoted_right"], counts["quoted_verbatim"]) == (3, 1, 0)


def test_a_speaker_is_judged_by_the_stretch_that_covers_most():
    text = "The mayor said it was late, and the clerk said nothing."
    gold = [[Voice(0, 26, "reported", "The mayor")]]
    found = [[Voice(0, 10, "reported", "the clerk"), Voice(10, 26, "reported", "the mayor")]]
    assert counted(text, [(0, len(text))], gold, found)["reported_right"] == 1
    assert counted(text, [(0, len(text))], gold, [[]])["reported_named"] == 1


def test_a_stretch_without_a_letter_has_no_speaker_to_name():
    text = '"." he said.'
    gold = [[Voice(0, 3, "quoted", "he")]]
    assert counted(text, [(0, len(text))], gold, gold)["quoted_named"] == 0
