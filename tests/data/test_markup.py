from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from spinscope.config import Source
from spinscope.data.corpora.markup import markup_articles, read
from spinscope.data.tags import ATTRIBUTES, parse_line
from spinscope.errors import UserError
from spinscope.records import Span, Voice

CORE_IDS = ("loaded_language", "us_vs_them", "appeal_to_threat")
CORE = SimpleNamespace(
    name="core", ids=CORE_IDS, resolve=lambda label: label if label in CORE_IDS else None, index=CORE_IDS.index
)
HEADER = """id: z001
domain: sport
register: wire report
source: The Quay Gazette
date: 2024-02-29
side: none
event: pier-run
"""
BODY = """
<E>Pell</E> wins the <L>glorious</L> pier run

Runners left at nine.
<R speaker="the clerk">The clerk called it <Q speaker="Ada Rook">"<L at="Mirfield">a <E>Mirfield</E> swindle</L>"</Q> twice.</R>

  <U by="Pell Harriers" at="Mirfield">They look down on us, and <T>next they take the pier</T>.</U>
"""


def write(folder: Path, body: str = BODY, *, header: str = HEADER, name: str = "z001") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.txt"
    file.write_text(header + "---" + body, encoding="utf-8")
    return file


def sentences_of(path: Path, **source: object) -> list:
    return read(Source(path=str(path), format="markup", **source), name="ours", inventory=CORE)


def test_text_offsets_and_parts(tmp_path: Path) -> None:
    file = write(tmp_path)
    (article,) = markup_articles(file)
    assert article.text == (
        "Pell wins the glorious pier run\n\n"
        'Runners left at nine. The clerk called it "a Mirfield swindle" twice.\n\n'
        "They look down on us, and next they take the pier."
    )
    assert article.text[: article.title_end] == "Pell wins the glorious pier run"
    sentences = sentences_of(file)
    assert [s.index for s in sentences] == [0, 1, 2, 3]
    assert [s.part for s in sentences] == ["title", "body", "body", "body"]
    assert all(article.text[s.start : s.end] == s.text for s in sentences)
    assert {s.source for s in sentences} == {"ours"}


def test_spans_techniques_voices_entities_roles(tmp_path: Path) -> None:
    headline, plain, quoted, hot = sentences_of(write(tmp_path))
    assert headline.spans == (Span(14, 22, "loaded_language"),)
    assert headline.metadata["entities"] == [[0, 4]]
    assert plain.techniques == () and plain.annotated == CORE_IDS and plain.voices == ()
    assert quoted.text[slice(*quoted.metadata["entities"][0])] == "Mirfield"
    assert [quoted.text[v.start : v.end] for v in quoted.voices] == [
        "The clerk called it", '"a Mirfield swindle"', "twice."
    ]
    assert quoted.voices[1] == Voice(20, 40, "quoted", "Ada Rook")
    assert quoted.voices[2].voice == "reported" and quoted.voices[2].speaker == "the clerk"
    assert quoted.metadata["roles"] == [{"technique": "loaded_language", "by": None, "at": "Mirfield"}]
    assert hot.techniques == ("us_vs_them", "appeal_to_threat")
    assert [hot.text[s.start : s.end] for s in hot.spans] == [hot.text, "next they take the pier"]
    assert hot.metadata["roles"] == [{"technique": "us_vs_them", "by": "Pell Harriers", "at": "Mirfield"}]
    assert {key: hot.metadata[key] for key in ("domain", "register", "outlet", "date", "side", "event")} == {
        "domain": "sport", "register": "wire report", "outlet": "The Quay Gazette", "date": "2024-02-29",
        "side": "none", "event": "pier-run",
    }


def test_header_order_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    plain = sentences_of(write(tmp_path / "a"))
    shuffled = "\n".join(sorted(HEADER.strip().split("\n"))) + "\n"
    other = write(tmp_path / "b", header=shuffled)
    other.write_bytes("\ufeff".encode() + other.read_bytes().replace(b"\n", b"\r\n"))
    assert sentences_of(other) == plain


def test_white_space_inside_a_tag_is_left_out_of_the_span() -> None:
    text, elements = parse_line("<U> They<L> sneer</L> at us. </U>", where="x:1")
    assert text == "They sneer at us."
    assert [(e.tag, text[e.start : e.end]) for e in elements] == [("U", text), ("L", "sneer")]


def test_splits_beside_the_folder_and_by_source(tmp_path: Path) -> None:
    file = write(tmp_path / "articles")
    assert {s.split for s in sentences_of(file.parent)} == {None}
    (tmp_path / "splits.json").write_text(json.dumps({"z001": "dev"}))
    assert {s.split for s in sentences_of(file.parent)} == {"dev"} == {s.split for s in sentences_of(file)}
    assert {s.split for s in sentences_of(file, split="test")} == {"test"}
    (tmp_path / "splits.json").write_text(json.dumps({"z001": "validation"}))
    with pytest.raises(UserError, match="split 'validation' of article 'z001'"):
        sentences_of(file)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("<L>open", "x:7: <L> is not closed\n  to mend: put </L> on the same line."),
        ("shut</L>", "x:7: </L> closes nothing\n  to mend: put <L> before it, or remove it."),
        ("<L>a <U>b</L> c</U>", "x:7: </L> crosses <U>\n  to mend: put </U> before </L>."),
        ("<X>a</X>", f"x:7: unknown tag <X>\n  expected: one of <{'>, <'.join(ATTRIBUTES)}>"),
        ("<L>a <L>b</L></L>", "x:7: <L> inside <L>\n  to mend: close the outer <L> first."),
        ("a <E></E> b", "x:7: <E> holds no text\n  to mend: remove the tag, or put it around the words."),
        ('<L speaker="A">b</L>', "x:7: unknown attribute 'speaker' of <L>\n  expected: attributes: at, by"),
        ("<Q speaker=A>b</Q>", 'x:7: <Q speaker=A>\n  expected: attributes as name="value"'),
        ("a</L", "x:7: a tag without its '>' at '</L'\n  to mend: end the tag."),
    ],
)
def test_faulty_tags_are_named(line: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_line(line, where="x:7")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("domain: sport", "domain: sports", ":2: unknown domain 'sports'\n  to mend: did you mean 'sport'?"),
        ("wire report", "wire", ":3: unknown register 'wire'\n  to mend: choose one of: wire report, analysis"),
        ("side: none", "sides: none", ":6: unknown header key 'sides'\n  to mend: did you mean 'side'?"),
        ("side: none", "id: z001", ":6: header key 'id' stands twice\n  to mend: remove one of them."),
        ("side: none\n", "", ": no header key 'side'\n  to mend: add the line 'side: ...'."),
        ("2024-02-29", "2023-02-29", ":5: date '2023-02-29'\n  expected: YYYY-MM-DD"),
        ("z001", "z002", ":1: id 'z002'\n  expected: the file's name, 'z001'"),
        ("side: none", "side none", ":6: header line 'side none'\n  expected: key: value"),
    ],
)
def test_faulty_headers_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    file = write(tmp_path, header=HEADER.replace(old, new))
    with pytest.raises(UserError) as caught:
        markup_articles(file)
    assert str(caught.value).startswith(f"{file}{message}")


def test_files_that_are_no_articles(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no \.txt file"):
        markup_articles(tmp_path)
    file = write(tmp_path, "\n\n")
    with pytest.raises(UserError, match="no sentence after '---'"):
        markup_articles(file)
    file.write_text(HEADER, encoding="utf-8")
    with pytest.raises(UserError, match="no line '---'"):
        markup_articles(file)


def test_a_faulty_line_is_named_with_its_number(tmp_path: Path) -> None:
    file = write(tmp_path, BODY.replace("Runners left", "Runners <L>left"))
    with pytest.raises(UserError) as caught:
        sentences_of(file)
    assert caught.value.where == f"{file}:11"


def test_inventory_must_hold_the_three(tmp_path: Path) -> None:
    other = SimpleNamespace(name="ptc-14", resolve=lambda label: None, index=lambda label: 0)
    with pytest.raises(UserError, match="inventory 'ptc-14' has no technique 'loaded_language'"):
        read(Source(path=str(write(tmp_path))), name="", inventory=other)


def test_the_projects_own_articles_are_well_formed() -> None:
    folder = Path(__file__).parents[2] / "data" / "core" / "articles"
    if not any(folder.glob("*.txt")):
        pytest.skip("no articles in data/core yet")
    texts = {article.id: article.text for article in markup_articles(folder)}
    for s in sentences_of(folder):
        assert texts[s.article][s.start : s.end] == s.text
        assert s.text == s.text.strip() and "  " not in s.text
