"""Whether classes can be told from features."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from spinscope.measure.predictability import told_apart


def made(*, shift, n_articles=40, n_each=8, n_classes=4, seed=0):
    """(features, classes, articles): articles have a direction of their own, classes one of `shift`."""
    chance = np.random.default_rng(seed)
    articles = np.repeat(np.arange(n_articles), n_each)
    classes = articles % n_classes
    features = chance.normal(0, 0.3, (len(articles), 12)) + chance.normal(0, 0.2, (n_articles, 12))[articles]
    return features + shift * chance.normal(0, 1, (n_classes, 12))[classes], classes, articles


def test_classes_that_differ_are_told():
    found = told_apart(*made(shift=0.5))
    assert found.auroc > 0.9
    assert found.p_value == 0.01
    assert (found.n_classes, found.n_sentences) == (4, 320)


def test_articles_that_differ_tell_no_class_and_chance_is_a_half():
    found = [told_apart(*made(shift=0, seed=seed), n_permutations=49) for seed in range(6)]
    assert np.mean([one.chance for one in found]) == pytest.approx(0.5, abs=0.02)
    assert np.mean([one.p_value for one in found]) > 0.1
    assert all(one.auroc < 0.7 for one in found)


def test_sparse_features_and_rare_classes():
    features, classes, articles = made(shift=0.5)
    classes = np.where(classes == 0, "rare", "other")
    assert told_apart(csr_array(features), classes, articles).auroc > 0.9


def test_one_class_is_nothing_to_tell():
    features, _, articles = made(shift=0)
    with pytest.raises(ValueError, match="nothing to tell apart"):
        told_apart(features, np.zeros(len(features)), articles)
