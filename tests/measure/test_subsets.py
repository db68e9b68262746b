"""Parts of the data, and two treatments of it."""

from __future__ import annotations

import numpy as np
import pytest

from spinscope.measure.figures import Figures
from spinscope.measure.subsets import mean_over_articles, overall_differences


def made(n_articles=30, n_each=8, seed=0):
    chance = np.random.default_rng(seed)
    articles = np.repeat(np.arange(n_articles), n_each)
    gold = (chance.random((len(articles), 2)) < 0.3).astype(int)
    probabilities = np.clip(np.where(gold, 0.6, 0.4) + chance.normal(0, 0.2, gold.shape), 0, 1)
    return gold, np.ones(gold.shape, bool), probabilities, articles


def test_a_treatment_against_itself_differs_by_nothing():
    gold, mask, probabilities, articles = made()
    one = Figures.of(gold, mask, probabilities, probabilities > 0.5, articles=articles)
    found = overall_differences(one, one, ("micro_f1",))["micro_f1"]
    assert found.value == 0
    assert found.low is None and "whichever article" in found.note


def test_a_difference_is_that_of_the_figures_and_lies_in_its_interval():
    gold, mask, probabilities, articles = made()
    full = Figures.of(gold, mask, probabilities, probabilities > 0.5, articles=articles)
    part = Figures.of(gold, mask & (articles % 2 == 0)[:, None], probabilities, probabilities > 0.5, articles=articles)
    ones = np.ones((1, 30))
    found = overall_differences(part, full, ("micro_f1", "macro_auroc"))
    for name, one in found.items():
        assert one.value == pytest.approx(float(part.values(ones)[0][name][0] - full.values(ones)[0][name][0]))
        assert one.low < one.value < one.high


def test_what_is_undefined_has_no_difference():
    gold, mask, probabilities, articles = made()
    full = Figures.of(gold, mask, probabilities, probabilities > 0.5, articles=articles)
    nothing = Figures.of(gold, mask & False, probabilities, probabilities > 0.5, articles=articles)
    assert overall_differences(nothing, full, ("macro_auroc",))["macro_auroc"].value is None


def test_means_resample_articles():
    same_within = np.repeat([0.0, 1.0, 0.0, 1.0], 10)
    few = mean_over_articles(same_within, np.repeat([0, 1, 2, 3], 10))
    many = mean_over_articles(same_within, np.arange(40))
    assert few.value == many.value == 0.5
    assert few.high - few.low > 2 * (many.high - many.low)
    assert mean_over_articles([], []).value is None
    assert mean_over_articles([1.0], [0]).low is None
