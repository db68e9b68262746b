"""The example articles of the quick start: of every kind, read whole, and not taken from the corpus."""

from __future__ import annotations

from pathlib import Path

import pytest
from wording import runs

from spinscope.data.articles import read_articles
from spinscope.data.corpora.markup import markup_articles
from spinscope.data.language import detect_language
from spinscope.data.sentences import article_sentences
from spinscope.files import read_jsonl
from spinscope.records import Article

DATA = Path(__file__).parents[2] / "data"
FILES = ("briefs.jsonl", "editorial.md", "flood-warning.txt", "spokesman.txt", "tabloid.html")


@pytest.fixture(scope="module")
def articles() -> dict[str, Article]:
    found = list(read_articles([str(DATA / "examples")]))
    assert all(isinstance(item, Article) for item in found), found
    return {Path(item.id).name: item for item in found if isinstance(item, Article)}


def test_the_folder_holds_these_and_nothing_that_scoring_would_read_besides(articles: dict[str, Article]) -> None:
    assert sorted(file.name for file in (DATA / "examples").iterdir()) == sorted(FILES)
    assert sorted(articles) == sorted(["brief-1", "brief-2", "brief-3", *FILES[1:]])


def test_each_is_an_article_in_english_with_a_headline(articles: dict[str, Article]) -> None:
    for name, article in articles.items():
        assert detect_language(article.text)[0] == "en", name
        assert 0 < article.title_end < 100, name
        assert 8 <= len(article_sentences(article)) <= 20, name


def test_the_page_is_read_without_menu_sidebar_and_footer(articles: dict[str, Article]) -> None:
    text = articles["tabloid.html"].text
    assert text.startswith("Fury as bungling bosses") and text.endswith("advised.")
    for around in ("Horoscope", "Subscribe", "You may also like", "All rights reserved", "Cookie", "window.page"):
        assert around not in text


def test_the_table_carries_its_columns(articles: dict[str, Article]) -> None:
    assert set(articles["brief-1"].metadata) == {"date", "source"}


def test_the_spokesman_is_quoted_and_reported(articles: dict[str, Article]) -> None:
    voices = {voice.voice for one in article_sentences(articles["spokesman.txt"]) for voice in one.voices}
    assert voices == {"quoted", "reported"}


def test_nothing_stands_in_the_corpus_or_the_suites(articles: dict[str, Article]) -> None:
    known = {run for article in markup_articles(DATA / "core" / "articles") for run in runs(article.text)}
    for suite in (DATA / "suites").glob("*.jsonl"):
        known |= {run for _, line in read_jsonl(suite) for run in runs(line["text"])}
    shared = {name: runs(article.text) & known for name, article in articles.items()}
    assert not any(shared.values()), shared
