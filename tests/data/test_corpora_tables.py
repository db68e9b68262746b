"""CSV, TSV, Parquet and `datasets`: columns, cells, splits, and that order means nothing."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinscope.config import Columns, Source
from spinscope.data.corpora import read_source
from spinscope.errors import UserError
from spinscope.records import Sentence
from spinscope.taxonomy import inventory

CORE = inventory("core")


def read(path: Path, *, columns: dict[str, object] | None = None, **settings: object) -> list[Sentence]:
    source = Source(path=str(path), columns=Columns(**(columns or {})), **settings)
    return read_source(source, name="", inventory=CORE)


def write_csv(path: Path, rows: list[list[str]], delimiter: str = ",") -> Path:
    with open(path, "w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)
    return path


ROWS = [
    ["article", "text", "labels"],
    ["a", 'He said "vile, vile".', "loaded_language|us_vs_them"],
    ["a", 'Two\tcells "here".', ""],
    ["b", "Plain.", '["appeal_to_threat"]'],
    ["b", "Python list.", "['us_vs_them', 'loaded_language']"],
]


@pytest.mark.parametrize(("name", "delimiter"), [("t.csv", ","), ("t.tsv", "\t")])
def test_csv_and_tsv(tmp_path: Path, name: str, delimiter: str) -> None:
    sentences = read(write_csv(tmp_path / name, ROWS, delimiter))
    assert [(s.article, s.index, s.text, s.techniques) for s in sentences] == [
        ("a", 0, 'He said "vile, vile".', ("loaded_language", "us_vs_them")),
        ("a", 1, 'Two\tcells "here".', ()),
        ("b", 0, "Plain.", ("appeal_to_threat",)),
        ("b", 1, "Python list.", ("loaded_language", "us_vs_them")),
    ]
    assert all(s.annotated == CORE.ids for s in sentences)
    joined = 'He said "vile, vile".\nTwo\tcells "here".'
    assert all(joined[s.start : s.end] == s.text for s in sentences[:2])


def test_tsv_with_quotation_marks_that_quote_nothing(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_text('article\ttext\tlabels\na\t"So it goes" he said.\t\na\tAn "open one.\tus_vs_them\n', encoding="utf-8")
    assert [s.text for s in read(path)] == ['"So it goes" he said.', 'An "open one.']


def test_quotation_marks_of_a_tsv_swallow_neither_lines_nor_cells(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    rows = 'a\t"Vile, he said.\tloaded_language\na\tIn between.\tus_vs_them\na\tThe end."\t\n'
    path.write_text(f"article\ttext\tlabels\n{rows}", encoding="utf-8")
    texts = ['"Vile, he said.', "In between.", 'The end."']
    assert [s.text for s in read(path)] == texts
    path.write_text('article\ttext\tlabels\na\t"One\t\nb\tTwo"\t\n"c\tThree"\t\n', encoding="utf-8")
    assert {(s.article, s.text) for s in read(path)} == {("a", '"One'), ("b", 'Two"'), ('"c', 'Three"')}


def test_a_line_end_in_a_cell_of_a_tsv_is_refused_and_in_a_csv_read(tmp_path: Path) -> None:
    rows = [["article", "text", "labels"], ["a", "Two\nlines.", ""]]
    assert [s.text for s in read(write_csv(tmp_path / "t.csv", rows))] == ["Two\nlines."]
    with pytest.raises(UserError, match="in TSV a quoted cell must end on its own line"):
        read(write_csv(tmp_path / "t.tsv", rows, "\t"))


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("\ufefftext,article,labels\nx,a,\n", encoding="utf-8")
    assert read(path)[0].text == "x"


def test_index_and_split_columns(tmp_path: Path) -> None:
    rows = [["body", "doc", "n", "part", "tags"], ["late", "a", "7", "validation", ""], ["early", "a", "2", "dev", "us_vs_them"]]
    columns = {"text": "body", "labels": "tags", "article": "doc", "index": "n", "split": "part"}
    sentences = read(write_csv(tmp_path / "t.csv", rows), columns=columns)
    assert [(s.text, s.index, s.split) for s in sentences] == [("early", 2, "dev"), ("late", 7, "dev")]


def test_each_row_an_article_and_rows_that_name_none(tmp_path: Path) -> None:
    rows = [["text", "labels", "article"], ["one", "", ""], ["two", "us_vs_them", ""], ["one", "us_vs_them", ""]]
    path = write_csv(tmp_path / "t.csv", rows)
    alone = read(path, columns={"article": None})
    assert len({s.article for s in alone}) == 2 and not any(s.metadata for s in alone)
    assert all(s.metadata == {"no_article": True} for s in read(path))


def test_no_labels_column_means_nothing_is_annotated(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "t.csv", [["article", "text"], ["a", "x"]])
    assert read(path, columns={"labels": None})[0].annotated == ()


def test_parquet_lists_and_nulls(tmp_path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    table = pyarrow.table(
        {"article": [1.0, 1.0, None], "text": ["x", "y", "z"], "labels": [["us_vs_them"], [], None]}
    )
    parquet.write_table(table, tmp_path / "t.parquet")
    x, y, z = sorted(read(tmp_path / "t.parquet"), key=lambda s: s.text)
    assert (x.article, x.techniques) == ("1", ("us_vs_them",))
    assert (y.techniques, y.annotated) == ((), CORE.ids)
    assert z.annotated == () and z.metadata == {"no_article": True}


def test_the_messages_for_columns_and_empty_files(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "t.csv", [["body", "label", "article"], ["x", "", "a"]])
    with pytest.raises(UserError) as caught:
        read(path)
    assert str(caught.value) == (
        f"{path}: no column 'text'; the columns are: body, label, article\n"
        "  expected: the column that data.columns.text names\n"
        "  to mend: Name the right column in data.columns.text."
    )
    with pytest.raises(UserError) as caught:
        read(path, columns={"text": "body"})
    assert str(caught.value) == (
        f"{path}: no column 'labels'; the columns are: body, label, article\n"
        "  expected: the column that data.columns.labels names\n"
        "  to mend: did you mean 'label'? Name the right column in data.columns.labels, or set it to null if nothing is "
        "labelled (data.columns.labels=null)."
    )
    path.write_text("")
    with pytest.raises(UserError) as caught:
        read(path)
    assert str(caught.value) == (
        f"{path}: the file is empty\n  expected: a header with column names, then rows\n  to mend: check the path."
    )


def test_text_in_latin_1(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("article,text,labels\na,café,\n".encode("latin-1"))
    with pytest.raises(UserError) as caught:
        read(path)
    assert str(caught.value) == (
        f"{path}: byte 0xe9 at offset 25 is not UTF-8\n  expected: UTF-8 text\n"
        "  to mend: if the file is Latin-1: iconv -f latin1 -t utf8 OLD > NEW"
    )


@pytest.mark.parametrize(
    ("rows", "columns", "found", "line"),
    [
        ([["text", "text", "article", "labels"], ["x", "y", "a", ""]], {}, "column 'text' stands twice", ""),
        ([["text", "article", "labels"], ["x", "a"]], {}, "2 cells", ":2"),
        ([["text", "article", "labels"]], {}, "the table has no rows", ""),
        ([["text", "article", "labels", "s"], ["x", "a", "", "later"]], {"split": "s"}, "split 'later'", ":2"),
        ([["text", "article", "labels", "n"], ["x", "a", "", "1.5"]], {"index": "n"}, "column 'n' holds '1.5'", ":2"),
        ([["text", "article", "labels"], ["x", "a", "[oops]"]], {}, "column 'labels' holds [oops]", ":2"),
        ([["text", "article", "labels"], ["x", "a", '["y", 1]']], {}, "column 'labels' holds ['y', 1]", ":2"),
    ],
)  # fmt: skip
def test_faulty_tables(tmp_path: Path, rows: list[list[str]], columns: dict, found: str, line: str) -> None:
    path = write_csv(tmp_path / "t.csv", rows)
    with pytest.raises(UserError) as caught:
        read(path, columns=columns)
    assert (caught.value.found, caught.value.where) == (found, f"{path}{line}")


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.text("xyz ,\"\n'é|", max_size=8), st.sets(st.sampled_from(CORE.ids))),
        min_size=1,
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_columns_and_labels_changes_nothing(tmp_path: Path, cells: list, chance) -> None:
    columns = ["article", "text", "labels", "n"]
    rows = [
        dict(zip(columns, (article, text, sorted(labels), str(number)), strict=True))
        for number, (article, text, labels) in enumerate(cells)
    ]

    def written(name: str) -> list[Sentence]:
        lines = [[row[c] if c != "labels" else "|".join(row[c]) for c in columns] for row in rows]
        return read(write_csv(tmp_path / name, [columns, *lines]), columns={"index": "n"})

    before = written("one.csv")
    chance.shuffle(rows)
    chance.shuffle(columns)
    for row in rows:
        chance.shuffle(row["labels"])
    assert written("two.csv") == before


@pytest.fixture
def tasks(tmp_path: Path) -> Iterator[Path]:
    datasets = pytest.importorskip("datasets")
    names = datasets.ClassLabel(names=["us_vs_them", "loaded_language"])
    features = datasets.Features(
        {"text": datasets.Value("string"), "article": datasets.Value("string"), "labels": datasets.List(names)}
    )
    rows = {"text": ["x", "y"], "article": ["a", "b"], "labels": [[1, 0], []]}
    train = datasets.Dataset.from_dict(rows, features=features)
    test = datasets.Dataset.from_dict({**rows, "article": ["c", "d"]}, features=features)
    datasets.DatasetDict({"train": train, "validation": test}).save_to_disk(str(tmp_path / "both"))
    train.save_to_disk(str(tmp_path / "one"))
    yield tmp_path


def test_datasets_on_disk(tasks: Path) -> None:
    both = read(tasks / "both")
    assert [(s.article, s.techniques, s.split) for s in both] == [
        ("a", ("loaded_language", "us_vs_them"), "train"), ("b", (), "train"),
        ("c", ("loaded_language", "us_vs_them"), "dev"), ("d", (), "dev"),
    ]  # fmt: skip
    assert {s.split for s in read(tasks / "both", split="test")} == {"test"}
    assert {s.split for s in read(tasks / "one")} == {None}


def test_a_hub_id_needs_a_revision(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        read(Path("someone/data"), format="datasets")
    assert caught.value.found == "no folder 'someone/data', and no revision for a hub id of that name"


def test_a_data_set_that_the_hub_does_not_give() -> None:
    with pytest.raises(UserError) as caught:
        read(Path("someone/data"), format="datasets", revision="0123abcd" * 5)
    assert caught.value.found.startswith("the hub gives no data set 'someone/data' at revision '0123abcd")


def test_a_jsonl_line_that_is_no_object(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(json.dumps([1]) + "\n")
    with pytest.raises(UserError, match="a JSON list"):
        read(path)
