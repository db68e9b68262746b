"""The court on made-up corpora, a small part of tests/benchmarks/court.py: it seldom errs, and it sees what is there."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from scipy.stats import binom

BENCHMARK = Path(__file__).parents[1] / "benchmarks/court.py"


@pytest.fixture(scope="module")
def court():
    """The benchmark as a module."""
    spec = importlib.util.spec_from_file_location("court_benchmark", BENCHMARK)
    module = sys.modules["court_benchmark"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rates(court, case, times, **size):
    return court.rates(
        court.told(seed, case, **({"n_articles": 75, "n_sentences": 5, "n_resamples": 199} | size))
        for seed in range(times)
    )


def test_the_made_up_articles_hang_together(court):
    import numpy as np

    articles, gold, _ = court.corpus(np.random.default_rng(0), court.CASES[0], n_articles=5000, n_sentences=8)
    correlations = [court.intraclass_correlation(column, articles) for column in gold.T]
    assert min(correlations) > 0.1
    assert gold.mean(axis=0) == pytest.approx(list(court.SHARES.values()), rel=0.1)


@pytest.mark.slow
def test_alike_systems_are_seldom_called_better_or_worse(court):
    times = 120
    found = rates(court, court.CASES[0], times)
    most = binom.ppf(0.999, times, 0.035) / times
    for verdict in ("better", "worse"):
        assert found["any figure at all"][verdict] <= most
        assert found["any average"][verdict] <= binom.ppf(0.999, times, 0.025) / times


@pytest.mark.slow
def test_twins_are_called_equivalent_and_twins_the_margin_apart_are_not(court):
    equal = next(case for case in court.CASES if "near twins" in case.title and case.own[0] == case.own[1])
    apart = next(case for case in court.CASES if "the margin apart" in case.title)
    size = {"n_articles": 150, "n_sentences": 8}
    assert rates(court, equal, 30, **size)["macro average precision"]["equivalent"] >= 0.4
    assert rates(court, apart, 30, **size)["macro F1"]["equivalent"] <= binom.ppf(0.999, 30, 0.05) / 30


@pytest.mark.slow
def test_a_plain_difference_is_found(court):
    large = next(case for case in court.CASES if case.title == "a large difference")
    found = rates(court, large, 30, n_articles=120, n_sentences=10)
    assert found["macro average precision"]["better"] >= 0.8
    assert found["any figure at all"]["worse"] == 0
