"""The raw passes over data/core and their adjudication: they explain every label of the corpus."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from spinscope.config import Source
from spinscope.data.annotations import Passes, read_passes, soft_labels
from spinscope.data.corpora.loading import read_source
from spinscope.jobs.agreement import agreement
from spinscope.records import Sentence
from spinscope.taxonomy import inventory

CORE = inventory("core")
DATA = Path(__file__).parents[2] / "data" / "core"
FOLDER = DATA / "annotations"
FILES = [FOLDER / "pass1.jsonl", FOLDER / "pass2.jsonl"]
ADJUDICATION = FOLDER / "adjudication.jsonl"


@pytest.fixture(scope="module")
def passes() -> Passes:
    return read_passes(FILES, inventory=CORE)


@pytest.fixture(scope="module")
def corpus() -> list[Sentence]:
    return read_source(Source(path=str(DATA / "sentences.jsonl")), name="", inventory=CORE)


@pytest.fixture(scope="module")
def decided() -> dict[tuple[str, int, str], dict]:
    records = [json.loads(line) for line in ADJUDICATION.read_text(encoding="utf-8").splitlines()]
    found = {(one["article"], one["index"], one["technique"]): one for one in records}
    assert len(found) == len(records) and all(one["reason"] for one in records)
    return found


def test_the_passes_hold_the_sentences_of_the_corpus(passes: Passes, corpus: list[Sentence]) -> None:
    for sentences in passes.sentences:
        assert [(s.article, s.index, s.text) for s in sentences] == [(s.article, s.index, s.text) for s in corpus]
        assert all(s.annotated == CORE.ids for s in sentences)
        assert all({span.technique for span in s.spans} == set(s.techniques) for s in sentences)


def test_every_disagreement_is_decided_and_every_label_explained(passes: Passes, corpus: list[Sentence], decided) -> None:
    for (one, two), gold in zip(passes.side_by_side(), corpus, strict=True):
        for technique in CORE.ids:
            first, second, now = (technique in s.techniques for s in (one, two, gold))
            case = decided.get((one.article, one.index, technique))
            if case is None:
                assert first == second == now, (one.article, one.index, technique)
            else:
                assert (case["pass1"], case["pass2"], case["decision"]) == (first, second, now), case


def test_the_page_tells_the_figures(passes: Passes, decided, tmp_path: Path) -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    agreement(FILES, json_file=tmp_path / "r.json")
    result = json.loads((tmp_path / "r.json").read_text())["techniques"]
    for technique in CORE.ids:
        (row,) = (line for line in page.splitlines() if line.startswith(f"| `{technique}` |"))
        figures = [result[technique][kind][name] for kind in ("sentences", "characters") for name in ("alpha", "f1")]
        cells = [f"{one['value']:.3f} [{one['low']:.3f}, {one['high']:.3f}]" for one in figures]
        counts = [str(n) for n in result[technique]["n_positives"].values()]
        assert row == f"| `{technique}` | {' | '.join([*counts, *cells])} |"
    kinds = Counter(
        (one["technique"], one["decision"] == one["pass1"], one["decision"])
        for one in decided.values()
        if one["pass1"] != one["pass2"]
    )
    for title, keys in {
        "disagreements": [(True, True), (True, False), (False, True), (False, False)],
        "decided as the first pass had it": [(True, True), (True, False)],
        "decided as the second pass had it": [(False, True), (False, False)],
        "of these, label added": [(False, True)],
        "of these, label removed": [(False, False)],
    }.items():
        counts = [sum(kinds[technique, *key] for key in keys) for technique in CORE.ids]
        assert f"| {title} | {' | '.join(map(str, [*counts, sum(counts)]))} |" in page


def test_soft_labels_are_halves_where_the_passes_differ(passes: Passes, decided) -> None:
    halves = {
        (one["article"], one["index"], technique)
        for one in soft_labels(passes)
        for technique, value in one["soft"].items()
        if value == 0.5
    }
    assert halves == {key for key, one in decided.items() if one["pass1"] != one["pass2"]}
