"""Tables of a corpus: counts by hand, order without meaning, places in a page."""

from __future__ import annotations

import random

import pytest

from spinscope.data.composition import composition_tables, side_roles, voice_of_span, voices_in, with_tables
from spinscope.errors import UserError
from spinscope.records import Sentence, Span, Voice

ANNOTATED = ("loaded_language", "us_vs_them")


def made(article: str, index: int, text: str, *techniques: str, split: str = "train", **metadata: object) -> Sentence:
    return Sentence(
        article, index, 0, len(text), text, spans=tuple(Span(0, 3, name) for name in techniques), techniques=techniques,
        annotated=ANNOTATED, split=split, part="title" if index == 0 else "body",
        metadata={"domain": "sport", "register": "analysis", "event": None, **metadata},
    )  # fmt: skip


SENTENCES = [
    made("a1", 0, "One two", event="cup"),
    made("a1", 1, "One two three four", "loaded_language", event="cup", entities=[[0, 3]]),
    made("a2", 0, "One two three", "loaded_language", "us_vs_them", split="dev", event="cup", domain="labour"),
    made("a3", 0, "One " * 61, split="test"),
]


def rows_of(table: str) -> dict[str, list[str]]:
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return {cells[0]: cells[1:] for cells in lines}


def test_counts_by_hand() -> None:
    tables = {name: rows_of(table) for name, table in composition_tables(SENTENCES).items()}
    assert tables["sizes"]["articles"] == ["1", "1", "1", "3"]
    assert tables["sizes"]["articles with a counter-article on the same event"] == ["1", "1", "0", "2"]
    assert tables["sizes"]["of these headlines"] == ["1", "1", "1", "3"]
    assert tables["sizes"]["words"] == ["6", "3", "61", "70"]
    assert tables["sizes"]["marked names"] == ["1", "0", "0", "1"]
    assert tables["techniques"]["`loaded_language`"] == ["1 (50 %)", "1 (100 %)", "0 (0 %)", "2 (50 %)", "2"]
    assert tables["techniques"]["two or more"] == ["0 (0 %)", "1 (100 %)", "0 (0 %)", "1 (25 %)", ""]
    assert tables["techniques"]["none"] == ["1 (50 %)", "0 (0 %)", "1 (100 %)", "2 (50 %)", ""]
    assert tables["domains"]["sport"] == ["2", "1/0/1", "3", "1", "0", "33 %"]
    assert tables["domains"]["labour"] == ["1", "0/1/0", "1", "1", "1", "100 %"]
    assert tables["voices"]["author"] == ["4", "100 %", "2", "1"]
    assert tables["lengths"]["all"] == ["3.5", "2", "61", "2", "1", "61"]


def test_order_of_sentences_means_nothing() -> None:
    shuffled = list(SENTENCES)
    random.Random(4).shuffle(shuffled)
    assert composition_tables(shuffled) == composition_tables(SENTENCES)


def test_no_sentences_give_empty_tables() -> None:
    assert rows_of(composition_tables([])["sizes"])["articles"] == ["0", "0", "0", "0"]


def test_roles_of_sides() -> None:
    roles = [
        {"technique": "us_vs_them", "by": "India", "at": "Pakistan"},
        {"technique": "us_vs_them", "by": "India", "at": None},
        {"technique": "loaded_language", "by": None, "at": "India"},
    ]
    counted = side_roles([made("a1", 0, "One two", roles=roles)])
    assert (counted["India"]["us_vs_them"].by, counted["India"]["us_vs_them"].alone) == (1, 1)
    assert (counted["India"]["loaded_language"].at, counted["Pakistan"]["us_vs_them"].at) == (1, 1)
    row = rows_of(composition_tables([made("a1", 0, "One two", roles=roles)])["sides"])["India"]
    assert row == ["0 / 1 / 0", "1 / 0 / 1", "1 / 1 / 1", "1.00", "3"]


def test_a_span_belongs_to_the_voice_that_holds_most_of_it() -> None:
    voices = (Voice(0, 4, "reported"), Voice(4, 20, "quoted"))
    one = Sentence("a", 0, 0, 30, "x" * 30, voices=voices)
    assert voice_of_span(one, Span(0, 12, "t")) == "quoted"
    assert voice_of_span(one, Span(0, 5, "t")) == "reported"
    assert voice_of_span(one, Span(18, 30, "t")) == "author"
    assert voices_in(one) == ("quoted", "reported")
    assert voices_in(made("a", 0, "One")) == ("author",)


PAGE = "# Page\n<!-- table: one -->\nold\n<!-- end of table -->\ntext\n<!-- table: two -->\n<!-- end of table -->\n"


def test_tables_take_their_places_again_and_again() -> None:
    page = with_tables(PAGE, {"one": "| 1 |\n", "two": "| 2 |\n"})
    assert page == PAGE.replace("old\n", "| 1 |\n").replace("two -->\n", "two -->\n| 2 |\n")
    assert with_tables(page, {"one": "| 1 |\n", "two": "| 2 |\n"}) == page


@pytest.mark.parametrize("tables", [{"one": ""}, {"one": "", "two": "", "three": ""}])
def test_tables_and_places_must_fit(tables: dict[str, str]) -> None:
    with pytest.raises(UserError) as caught:
        with_tables(PAGE, tables)
    assert str(caught.value) == (
        f"datasheet: places for the tables one, two\n  expected: one each for {', '.join(sorted(tables))}\n"
        "  to mend: add or remove '<!-- table: NAME -->'."
    )
