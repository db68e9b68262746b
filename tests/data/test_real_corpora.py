"""Counts on the corpora that some developers hold; skipped where they are not at hand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from spinscope.config import Data, Source
from spinscope.data.corpora import load_sentences, read_source
from spinscope.data.duplicates import leaks, same_texts
from spinscope.data.splits import article_folds, split_by_article
from spinscope.records import Sentence
from spinscope.taxonomy import inventory

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "data"
PTC, MEMES = CORPORA / "ptc", CORPORA / "semeval2021_task6"

needs_ptc = pytest.mark.skipif(not PTC.is_dir(), reason="the Propaganda Techniques Corpus is not at ../shared/data/ptc")
needs_memes = pytest.mark.skipif(not MEMES.is_dir(), reason="SemEval-2021 task 6 is not at ../shared/data")


@pytest.fixture(scope="module")
def ptc() -> list[Sentence]:
    return read_source(Source(path=str(PTC)), name="", inventory=inventory("ptc-14"))


@needs_ptc
def test_ptc_counts(ptc: list[Sentence]) -> None:
    texts = {file.stem.removeprefix("article"): file.read_bytes().decode() for file in PTC.glob("train-articles/*.txt")}
    labels = [line.split("\t") for line in (PTC / "train-task-flc-tc.labels").read_text(encoding="utf-8").splitlines()]
    assert len({s.article for s in ptc}) == len(texts) == 371
    assert len(ptc) == 16_673
    assert all(texts[s.article][s.start : s.end] == s.text == s.text.strip() for s in ptc)
    assert sum(text.startswith("\ufeff") for text in texts.values()) == 2
    assert len(labels) == 6_128
    crossing = [row for row in labels if "\n" in texts[row[0]][int(row[2]) : int(row[3])]]
    assert len(crossing) == 244
    assert sum(len({s.article for s in group}) > 1 for group in same_texts(ptc)) == 440


@needs_ptc
def test_each_ptc_span_is_found_again_in_its_sentences(ptc: list[Sentence]) -> None:
    own = inventory("ptc-14")
    found: dict[tuple[str, str], set[int]] = {}
    for s in ptc:
        for span in s.spans:
            found.setdefault((s.article, span.technique), set()).update(range(s.start + span.start, s.start + span.end))
    texts = {s.article: (PTC / "train-articles" / f"article{s.article}.txt").read_bytes().decode() for s in ptc}
    for line in (PTC / "train-task-flc-tc.labels").read_text(encoding="utf-8").splitlines():
        article, label, start, end = line.split("\t")
        inked = {at for at in range(int(start), int(end)) if not texts[article][at].isspace()}
        assert inked <= found[article, str(own.resolve(label))]


@needs_ptc
def test_ptc_splits_do_not_leak(ptc: list[Sentence]) -> None:
    target = inventory("ptc-14")
    splits = split_by_article(ptc, target=target, dev_fraction=0.15, test_fraction=0.15, seed=13)
    assert leaks(ptc, splits) == []
    positives = {split: Counter(t for s in ptc if splits[s.article] == split for t in s.techniques) for split in ("dev", "test")}
    total = Counter(t for s in ptc for t in s.techniques)
    for split in positives:
        assert all(0.09 <= positives[split][t] / total[t] <= 0.31 for t in target.ids)
    folds = article_folds(ptc, n_folds=5, seed=13, target=target)
    assert {fold: str(fold) for fold in folds.values()} and leaks(ptc, {a: str(fold) for a, fold in folds.items()}) == []


@needs_memes
@pytest.mark.parametrize("subtask", [1, 2])
def test_semeval_2021(subtask: int) -> None:
    sentences = load_sentences(
        Data(path=str(MEMES), subtask=subtask), target=inventory("semeval-2021")  # type: ignore[arg-type]
    )
    assert len(sentences) == len({s.article for s in sentences}) == 688 + 63
    assert {s.split for s in sentences} == {None}
    n_positives = sum(len(s.techniques) for s in sentences)
    assert n_positives == 1_184 + 123
