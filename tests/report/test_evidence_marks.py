"""Words that carry a score, in the article report: the text stays as it was, and hostile words stay text."""

from __future__ import annotations

import re

import made_pages
import pytest

from spinscope.data.words import word_places
from spinscope.inventories import Inventory
from spinscope.report.articles import render_articles
from spinscope.taxonomy import inventory


def evidence_of(sentence, weights):
    words = [
        {"start": start, "end": end, "word": sentence.text[start:end], "weight": weights(number)}
        for number, (start, end) in enumerate(word_places(sentence.text))
    ]
    return [
        {
            "technique": name, "probability": 0.9, "threshold": 0.5, "decided": True, "method": "linear", "words": words,
            "elsewhere": 0.0, "baseline": 0.0, "completeness_error": 0.0, "n_windows": 1,
        }
        for name in sentence.techniques
    ]  # fmt: skip


def page(shown, evidence):
    target: Inventory = inventory("core")
    return render_articles(
        shown, inventory=target, thresholds=(0.5,) * 3, checkpoint="c", identity="ab" * 32, total=shown[0].tally,
        n_articles=len(shown), skipped=[], evidence=evidence,
    )  # fmt: skip


@pytest.fixture(scope="module")
def shown():
    return made_pages.made_articles()


def plain(html):
    """The text of the articles as a reader sees it, without what is told to screen readers."""
    body = html[html.index('id="articles"') : html.index("<script>")]
    body = re.sub(r'<span class="hidden told">.*?</span>', "", body, flags=re.S)
    return re.sub(r"<[^>]+>", "", body)


def test_the_text_stays_as_it_was_and_words_are_marked(shown):
    evidence = {
        (one.article.id, sentence.index): evidence_of(sentence, lambda number: [2.0, 0.1, -1.0, 1.0][number % 4])
        for one in shown
        for sentence in one.sentences
        if sentence.techniques
    }
    with_words, without = page(shown, evidence), page(shown, {})
    assert plain(with_words) == plain(without)
    assert with_words.count('<b class="e4">') > 5 and '<b class="e' not in without
    assert "carried by" in with_words and "Bold words carry the score" in with_words
    assert "Bold words carry the score" not in without and "data-carried" not in without
    assert with_words.count("<script") == 1 and "style=" not in with_words.split("</style>")[1].split("<script>")[0]
    assert "<script>document.title" not in with_words


def test_the_words_marked_are_those_of_the_strongest_technique(shown):
    one = shown[2]
    sentence = next(sentence for sentence in one.sentences if sentence.techniques)
    first = sentence.text.split()[0]
    html = page(shown, {(one.article.id, sentence.index): evidence_of(sentence, lambda number: 3.0 if number == 0 else 0.0)})
    assert re.findall(r'<b class="e\d">([^<]*)</b>', html) == [first]
