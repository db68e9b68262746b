"""Articles scored from Python: as a generator, as a function of `datasets.Dataset.map`, with the result of the verb."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import killing
import pytest

from spinscope.data.inputs import Skipped
from spinscope.data.score_reading import read_scores
from spinscope.jobs.scoring import score_articles as job
from spinscope.model.article_scoring import score_articles, score_rows
from spinscope.records import Article

TEXT = 'Bus vote\n\nThe council met on Monday. "They are vile," said Ann Lee.'


def test_articles_come_with_their_sentences() -> None:
    given = [
        Article("a", TEXT, 8),
        Skipped("b.txt", "empty"),
        {"id": "c", "text": TEXT, "date": "2024-03-01"},
        "One bus.",
    ]
    found = list(score_articles(killing.Stub(), given))
    assert [one.article.id for one in found] == ["a", "c", "3"]
    assert [len(one.sentences) for one in found] == [3, 3, 1]
    assert found[1].article == Article("c", TEXT, 8, {"date": "2024-03-01"})
    for one in found:
        for sentence in one.sentences:
            assert one.article.text[sentence.start : sentence.end] == sentence.text
            assert set(sentence.techniques) == {name for name, p in sentence.probabilities.items() if p >= 0.5}
    assert found[0].sentences[2].voices[0].speaker == "Ann Lee"


def test_it_reads_a_shard_ahead_and_no_further() -> None:
    n_read = 0

    def endless() -> Iterator[str]:
        nonlocal n_read
        for n_read in itertools.count(1):
            yield f"They came {n_read} times."

    several = list(itertools.islice(score_articles(killing.Stub(), endless()), 130))
    assert len(several) == 130
    assert n_read == 2 * 128


def test_it_says_what_the_verb_writes(tmp_path: Path) -> None:
    articles = [Article(f"n{n}", f"They came {n} times. Then a vile man left.") for n in range(200)]
    job(articles, killing.Stub(), out=tmp_path / "s.jsonl")
    written = [(line["article"], line["start"], line["probabilities"]) for line in read_scores(tmp_path / "s.jsonl")]
    found = [
        (one.article.id, sentence.start, {name: round(p, 6) for name, p in sentence.probabilities.items()})
        for one in score_articles(killing.Stub(), articles)
        for sentence in one.sentences
    ]
    assert found == written


def test_columns_of_articles_become_columns_of_sentences() -> None:
    rows = {"id": [7, 8], "body": [TEXT, "One bus."], "paper": ["Ledger", "Post"]}
    columns = score_rows(killing.Stub(), rows, text_column="body")
    assert {len(column) for column in columns.values()} == {4}
    assert columns["article"] == ["7", "7", "7", "8"]
    assert columns["paper"] == ["Ledger", "Ledger", "Ledger", "Post"]
    assert columns["part"] == ["title", "body", "body", "body"]
    assert columns["voice"][2] == "quoted"
    assert score_rows(killing.Stub(), {"text": ["One bus."]})["article"] == ["0"]


def test_a_data_set_is_mapped() -> None:
    datasets = pytest.importorskip("datasets")
    rows = datasets.Dataset.from_dict({"id": ["a", "b"], "text": [TEXT, "One bus."], "paper": ["Ledger", "Post"]})
    mapped = rows.map(
        score_rows_of_stub, batched=True, batch_size=1, remove_columns=["id"], load_from_cache_file=False
    )  # fmt: skip
    assert mapped["article"][:] == ["a", "a", "a", "b"]
    assert mapped["paper"][3] == "Post"
    assert mapped["text"][3] == "One bus."


def score_rows_of_stub(rows: dict) -> dict:
    return score_rows(killing.Stub(), rows)
