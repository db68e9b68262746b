"""PTC v2 and NLP4IF-2019: offsets, spans over line ends, byte-order marks, labels with commas, faulty files."""

from __future__ import annotations

from pathlib import Path

import pytest

from spinscope.config import Source
from spinscope.data.corpora import read_source
from spinscope.data.corpora.ptc import line_bounds
from spinscope.errors import UserError
from spinscope.records import Sentence, Span
from spinscope.taxonomy import inventory

TEXT = "\ufeffA bridge too far\n\n  They burn everything, the vandals!  \nNothing here.\r\n\nLast line stands alone"


def write_ptc(folder: Path, texts: dict[str, str], labels: list[tuple[str, str, int, int]], part: str = "train") -> Path:
    articles = folder / f"{part}-articles"
    articles.mkdir(parents=True, exist_ok=True)
    for article, text in texts.items():
        (articles / f"article{article}.txt").write_bytes(text.encode("utf-8"))
    lines = "".join(f"{article}\t{label}\t{start}\t{end}\n" for article, label, start, end in labels)
    (folder / f"{part}-task-flc-tc.labels").write_text(lines, encoding="utf-8")
    return folder


def span_of(text: str, fragment: str) -> tuple[int, int]:
    start = text.index(fragment)
    return start, start + len(fragment)


def read(path: Path, **settings: object) -> list[Sentence]:
    source = Source(path=str(path), format="ptc", **settings)
    return read_source(source, name="", inventory=inventory("ptc-14"))


def test_offsets_are_those_of_the_file_byte_order_mark_included(tmp_path: Path) -> None:
    write_ptc(tmp_path, {"1": TEXT}, [("1", "Doubt", *span_of(TEXT, "vandals"))])
    sentences = read(tmp_path)
    assert [TEXT[s.start : s.end] == s.text for s in sentences] == [True] * 4
    assert [s.text for s in sentences] == [
        "\ufeffA bridge too far", "They burn everything, the vandals!", "Nothing here.", "Last line stands alone",
    ]  # fmt: skip
    marked = sentences[1]
    assert [marked.text[s.start : s.end] for s in marked.spans] == ["vandals"]
    assert marked.techniques == ("doubt",) and marked.annotated == inventory("ptc-14").ids


def test_line_one_is_the_title_even_where_it_is_empty(tmp_path: Path) -> None:
    write_ptc(tmp_path, {"1": TEXT, "2": "\nNo title here."}, [("1", "Doubt", 1, 2)])
    parts = {(s.article, s.index): s.part for s in read(tmp_path)}
    assert parts == {("1", 0): "title", ("1", 1): "body", ("1", 2): "body", ("1", 3): "body", ("2", 0): "body"}


def test_a_span_over_line_ends_marks_each_sentence_it_touches_clipped(tmp_path: Path) -> None:
    start, end = TEXT.index("vandals"), TEXT.index("Last") + 4
    write_ptc(tmp_path, {"1": TEXT}, [("1", "Repetition", start, end)])
    found = [[s.text[p.start : p.end] for p in s.spans] for s in read(tmp_path)]
    assert found == [[], ["vandals!"], ["Nothing here."], ["Last"]]


def test_a_span_in_white_space_alone_marks_nothing(tmp_path: Path) -> None:
    start = TEXT.index("!") + 1
    write_ptc(tmp_path, {"1": TEXT}, [("1", "Repetition", start, start + 2)])
    assert not any(s.techniques for s in read(tmp_path))


def test_technique_names_with_commas_survive(tmp_path: Path) -> None:
    place = span_of(TEXT, "vandals")
    labels = [("1", "Name_Calling,Labeling", *place), ("1", "Whataboutism,Straw_Men,Red_Herring", *place)]
    write_ptc(tmp_path, {"1": TEXT}, labels)
    assert read(tmp_path)[1].techniques == ("name_calling_labeling", "whataboutism_straw_men_red_herring")


def test_only_a_line_feed_ends_a_line() -> None:
    assert line_bounds("a\u2028b\x0bc\nd") == [(1, 0, 5), (2, 6, 7)]


def test_the_order_of_label_lines_changes_nothing(tmp_path: Path) -> None:
    labels = [("1", "Doubt", 1, 9), ("1", "Slogans", 1, 9), ("1", "Doubt", 3, 5), ("1", "Repetition", 25, 30)]
    one = read(write_ptc(tmp_path / "one", {"1": TEXT}, labels))
    assert one == read(write_ptc(tmp_path / "two", {"1": TEXT}, labels[::-1]))


def test_parts_without_labels_are_left_out_and_the_articles_folder_itself_may_be_named(tmp_path: Path) -> None:
    write_ptc(tmp_path, {"1": TEXT}, [("1", "Doubt", 1, 9)])
    write_ptc(tmp_path, {"7": "Unlabelled."}, [("7", "Doubt", 0, 9)], part="dev")
    assert {s.article for s in read(tmp_path)} == {"1", "7"}
    (tmp_path / "dev-task-flc-tc.labels").unlink()
    assert {s.article for s in read(tmp_path)} == {"1"}
    assert read(tmp_path / "train-articles") == read(tmp_path)


def test_mistakes_are_named(tmp_path: Path) -> None:
    folder = write_ptc(tmp_path, {"1": TEXT}, [("1", "Doubt", 1, 900)])
    labels, articles = folder / "train-task-flc-tc.labels", folder / "train-articles"
    cases = {
        None: f"{articles}/article1.txt: span 1 to 900 ends beyond the article's {len(TEXT)} characters\n"
        "  expected: offsets in characters of this very file\n"
        "  to mend: check that labels and articles are of the same version.",
        "1\tDoubt\t1\n": f"{labels}:1: 3 tab-separated fields\n  expected: 4 fields: article, technique, start, end",
        "1\tDoubt\t9\t1\n": f"{labels}:1: offsets '9' and '1'\n  expected: whole numbers, start below end",
        "3\tDoubt\t1\t9\n": f"{articles}: labels name 1 articles without a file, first '3'\n  expected: a file article3.txt",
        "": f"{labels}: the file is empty\n  expected: one label per line: article, technique, start, end\n"
        "  to mend: check the path.",
        "1\tDoubts\t1\t9\n": f"{labels}:1: label 'Doubts' is not in the inventory 'ptc-14'\n"
        "  expected: a technique of the inventory, or one of its aliases\n"
        "  to mend: did you mean 'doubt'? If the source was annotated with another inventory, name it in data.inventory.",
    }  # fmt: skip
    for content, message in cases.items():
        if content is not None:
            labels.write_text(content)
        with pytest.raises(UserError) as caught:
            read(folder)
        assert str(caught.value) == message


def test_nlp4if_spans_and_line_labels(tmp_path: Path) -> None:
    text = "Title line\n\nYou are with us or against us.\nPlain words.\nNobody labelled this.\n"
    for folder in ("train-articles", "train-labels-FLC", "train-labels-SLC"):
        (tmp_path / folder).mkdir()
    for article in ("1", "2", "3"):
        (tmp_path / "train-articles" / f"article{article}.txt").write_text(text)
    start, end = span_of(text, "with us or against us")
    (tmp_path / "train-labels-FLC" / "article1.task-FLC.labels").write_text(f"1\tBlack-and-White_Fallacy\t{start}\t{end}\n")
    lines = "2\t1\tnon-propaganda\n2\t2\tnon-propaganda\n2\t3\tpropaganda\n2\t4\tnon-propaganda\n"
    (tmp_path / "train-labels-SLC" / "article2.task-SLC.labels").write_text(lines)
    every = inventory("ptc-18").ids
    sentences = read_source(Source(path=str(tmp_path)), name="", inventory=inventory("ptc-18"))
    found = {(s.article, s.index): (s.techniques, s.annotated) for s in sentences}
    assert {article for article, _ in found} == {"1", "2"}  # article 3 has no labels
    assert found["1", 1] == (("black_and_white_fallacy",), every)
    assert sentences[1].spans == (Span(8, 29, "black_and_white_fallacy"),)
    assert found["1", 2] == ((), every)
    assert [found["2", index] for index in range(4)] == [((), every), ((), ()), ((), every), ((), ())]
    assert [s.metadata for s in sentences if s.article == "2"] == [
        {"propaganda": False}, {"propaganda": True}, {"propaganda": False}, {},
    ]  # fmt: skip


def test_nlp4if_labels_beside_the_article(tmp_path: Path) -> None:
    (tmp_path / "article5.txt").write_text("Title\n\nFoul traitors.\n")
    (tmp_path / "article5.labels.tsv").write_text("5\tLoaded_Language\t7\t11\n5\tName_Calling,Labeling\t7\t20\n")
    sentences = read_source(Source(path=str(tmp_path)), name="", inventory=inventory("ptc-18"))
    assert sentences[1].techniques == ("loaded_language", "name_calling_labeling")


def test_nlp4if_without_labels_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "article5.txt").write_text("Title\n")
    with pytest.raises(UserError, match="no labels for any article"):
        read_source(Source(path=str(tmp_path), format="nlp4if"), name="", inventory=inventory("ptc-18"))


@pytest.mark.parametrize("ending", [".task-FLC.labels", ".task-SLC.labels"])
def test_nlp4if_labels_without_their_article_are_refused(tmp_path: Path, ending: str) -> None:
    (tmp_path / "article5.txt").write_text("Title\n")
    (tmp_path / "article5.labels.tsv").write_text("5\tDoubt\t0\t5\n")
    line = "6\tDoubt\t0\t5\n" if "FLC" in ending else "6\t1\tpropaganda\n"
    (tmp_path / f"article6{ending}").write_text(line)
    with pytest.raises(UserError, match="labels name 1 articles without a file, first '6'"):
        read_source(Source(path=str(tmp_path), format="nlp4if"), name="", inventory=inventory("ptc-18"))
