"""`agreement`: files matched sentence by sentence, figures, soft labels, and what is refused."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from spinscope.cli import app
from spinscope.data.annotations import character_ratings, read_passes, sentence_ratings
from spinscope.errors import UserError
from spinscope.files import write_jsonl
from spinscope.jobs.agreement import agreement
from spinscope.taxonomy import inventory

CORE = inventory("core")
LOADED, US, THREAT = CORE.ids
ANNOTATIONS = Path(__file__).parents[2] / "data" / "core" / "annotations"


def record(article: str, index: int, *spans: tuple[int, int, str], **more: Any) -> dict[str, Any]:
    text = f"0123456789 {article} {index}"
    items = [{"start": start, "end": end, "technique": technique} for start, end, technique in spans]
    techniques = [one for one in CORE.ids if any(one == technique for _, _, technique in spans)]
    return {"article": article, "index": index, "text": text, "spans": items, "techniques": techniques, **more}


FIRST = [record("a", 0, (0, 4, LOADED)), record("a", 1, (2, 8, US)), record("b", 0), record("b", 1, (0, 1, LOADED))]
SECOND = [record("b", 1), record("a", 0, (2, 6, LOADED)), record("a", 1, (2, 8, US)), record("b", 0, annotated=[US])]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "first.jsonl", tmp_path / "second.jsonl"]
    for path, records in zip(paths, (FIRST, SECOND), strict=True):
        write_jsonl(path, records)
    return paths


def silent() -> Console:
    return Console(file=io.StringIO(), width=160)


def test_ratings_are_matched_by_article_and_index(files: list[Path]) -> None:
    passes = read_passes(files, inventory=CORE)
    assert passes.names == ("first", "second")
    assert sentence_ratings(passes, LOADED).tolist() == [[1, 1], [0, 0], [0, -1], [1, 0]]
    assert sentence_ratings(passes, US).tolist() == [[0, 0], [1, 1], [0, 0], [0, 0]]
    assert sentence_ratings(passes, None).tolist() == [[1, 1], [1, 1], [0, -1], [1, 0]]
    characters, owners = character_ratings(passes, LOADED)
    assert characters[owners == 0][:7].tolist() == [[1, 0], [1, 0], [1, 1], [1, 1], [0, 1], [0, 1], [0, 0]]
    assert (characters[owners == 2] == [0, -1]).all()


def test_a_technique_without_a_span_says_nothing_about_characters(tmp_path: Path, files: list[Path]) -> None:
    third = [record("a", 0), *SECOND[2:], SECOND[0]]
    third[0] = {**record("a", 0), "techniques": [LOADED]}
    write_jsonl(tmp_path / "third.jsonl", third)
    passes = read_passes([*files, tmp_path / "third.jsonl"], inventory=CORE)
    assert sentence_ratings(passes, LOADED)[0].tolist() == [1, 1, 1]
    characters, owners = character_ratings(passes, LOADED)
    assert (characters[owners == 0][:, 2] == -1).all()


def test_the_result(files: list[Path], tmp_path: Path) -> None:
    console = silent()
    assert agreement(files, json_file=tmp_path / "r.json", soft_labels_file=tmp_path / "s.jsonl", console=console) == 0
    result = json.loads((tmp_path / "r.json").read_text())
    loaded = result["techniques"][LOADED]
    assert loaded["n_positives"] == {"first": 2, "second": 1}
    assert loaded["sentences"]["n_units"] == 3 and loaded["sentences"]["n_agreed"] == 2
    assert loaded["sentences"]["alpha"]["value"] == pytest.approx(1 - 5 * 1 / (3 * 3))
    assert loaded["sentences"]["f1"]["value"] == pytest.approx(2 / 3)
    assert loaded["characters"]["f1"]["value"] == pytest.approx(2 * 2 / (4 + 4 + 1))
    assert result["techniques"][US]["sentences"]["alpha"]["value"] == 1
    assert result["techniques"][THREAT]["sentences"]["alpha"]["value"] is None
    assert result["techniques"]["any technique"]["characters"] is None
    assert (result["n_sentences"], result["n_articles"]) == (4, 2)
    soft = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text().splitlines()]
    assert [one["soft"][LOADED] for one in soft] == [1.0, 0.0, 0.0, 0.5]
    assert [one["n_annotators"][LOADED] for one in soft] == [2, 2, 1, 2]
    assert "us_vs_them" in console.file.getvalue()  # type: ignore[attr-defined]


def test_order_of_annotators_changes_nothing(files: list[Path], tmp_path: Path) -> None:
    results = []
    for order in (files, files[::-1]):
        agreement(order, json_file=tmp_path / "r.json", n_resamples=200, console=silent())
        result = json.loads((tmp_path / "r.json").read_text())["techniques"]
        results.append({name: (row["sentences"], row["characters"]) for name, row in result.items()})
    assert results[0] == results[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda records: records[1:], "no sentence 1 of article 'b', which"),
        (lambda records: [*records, record("c", 3), record("d", 4)], "no sentence 3 of article 'c' and 1 more sentences"),
        (lambda records: [{**records[0], "text": "0123456789 other"}, *records[1:]], "reads '0123456789 other'"),
        (lambda records: [{**records[0], "techniques": ["doubt"]}, *records[1:]], "label 'doubt'"),
    ],
)
def test_files_that_do_not_match_are_refused(files: list[Path], change: Any, message: str) -> None:
    write_jsonl(files[1], change(SECOND))
    with pytest.raises(UserError) as caught:
        agreement(files, console=silent())
    assert message in str(caught.value)


def test_one_file_or_one_twice_is_refused(files: list[Path], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="two or more"):
        agreement(files[:1], console=silent())
    with pytest.raises(UserError, match="twice"):
        agreement([files[0], files[0]], console=silent())
    with pytest.raises(UserError, match="jsonl"):
        agreement(files, soft_labels_file=tmp_path / "s.csv", console=silent())


def test_the_verb(files: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    result = CliRunner().invoke(app, ["agreement", *map(str, files), "--json", str(out)])
    assert result.exit_code == 0 and out.is_file(), result.output


def test_the_two_passes_over_the_corpus_agree(tmp_path: Path) -> None:
    files = [ANNOTATIONS / "pass1.jsonl", ANNOTATIONS / "pass2.jsonl"]
    agreement(files, json_file=tmp_path / "r.json", n_resamples=200, console=silent())
    result = json.loads((tmp_path / "r.json").read_text())
    assert result["n_sentences"] >= 3000
    for technique in CORE.ids:
        assert result["techniques"][technique]["sentences"]["alpha"]["value"] >= 0.67
