"""Tokens that foretell labels."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from spinscope.measure.telltales import telltales


def table(*, n_articles=60, n_each=10, seed=0):
    """Articles whose rate of labels differs, and four tokens: a label's twin, a hint, noise, an article's own word."""
    chance = np.random.default_rng(seed)
    articles = np.repeat(np.arange(n_articles), n_each)
    labels = chance.random(len(articles)) < np.repeat(chance.beta(1, 4, n_articles), n_each)
    hint = np.where(labels, chance.random(len(articles)) < 0.6, chance.random(len(articles)) < 0.1)
    noise = chance.random(len(articles)) < 0.3
    own = articles == np.argmax(np.bincount(articles, labels))
    return csr_array(np.stack([labels, hint, noise, own], axis=1).astype(float)), labels, articles


def test_only_the_twin_gives_the_label_away():
    presence, labels, articles = table()
    found = telltales(presence, labels[:, None], np.ones((len(labels), 1), bool), articles)
    assert found.gives_away().ravel().tolist() == [True, False, False, False]
    assert found.coverage[0, 0] == 1
    assert found.n_positive[0, 0] == found.n[0, 0] == labels.sum()
    assert found.p_value[1, 0] < 0.05, "a hint is no chance, but no certainty"
    assert found.p_value[2, 0] > 0.05


def test_a_word_of_one_article_is_chance_where_articles_differ():
    """Every sentence of some articles has the label: words of one such article foretell it perfectly."""
    chance = np.random.default_rng(1)
    articles = np.repeat(np.arange(40), 30)
    labels = np.repeat(chance.random(40) < 0.3, 30)
    own = np.stack([articles == article for article in range(40)], axis=1)
    found = telltales(csr_array(own.astype(float)), labels[:, None], np.ones((len(labels), 1), bool), articles)
    certain = labels[np.arange(40) * 30]
    assert found.low[certain, 0].min() > 0.88
    assert not found.gives_away().any()


def test_masked_sentences_count_neither_way():
    presence, labels, articles = table()
    known = np.arange(len(labels)) % 2 == 0
    found = telltales(presence, labels[:, None], known[:, None], articles)
    assert found.n[0, 0] == (labels & known).sum()
    assert found.n[2, 0] == presence.toarray()[known, 2].sum()
