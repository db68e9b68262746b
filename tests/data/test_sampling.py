"""What an epoch holds: parts of corpora, fewer negatives, the same for the same seed and epoch."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from spinscope.data.encoding import EpochOrderedDataset
from spinscope.data.sampling import EpochSampling

SOURCES = ["large"] * 90 + ["small"] * 10


def drawn(rule, share=1.0, *, negative=None, epoch=0):
    is_negative = np.zeros(100, dtype=bool) if negative is None else negative
    return EpochSampling(SOURCES, is_negative, rule, share).rows(np.random.default_rng([1, epoch]))


@pytest.mark.parametrize(("rule", "n_small"), [("proportional", 10), ("square_root", 25), ("balanced", 50)])
def test_each_corpus_has_its_part_of_an_epoch_as_long_as_before(rule, n_small):
    rows = drawn(rule)
    assert len(rows) == 100
    assert (rows >= 90).sum() == n_small
    times = Counter(rows.tolist())
    small = [times[row] for row in range(90, 100)]
    assert max(small) - min(small) <= 1, "no sentence twice as often as another of its corpus needs to be"
    assert max(times[row] for row in range(90)) == 1


def test_negatives_are_left_out_and_drawn_anew_and_positives_all_stay():
    negative = np.arange(100) % 2 == 0
    first, second = (drawn("proportional", 0.2, negative=negative, epoch=epoch) for epoch in (0, 1))
    for rows in (first, second):
        assert set(np.flatnonzero(~negative)) <= set(rows.tolist())
        assert negative[rows].sum() == 10 and len(set(rows.tolist())) == len(rows) == 60
    assert set(first.tolist()) != set(second.tolist())


def test_a_corpus_without_anything_left_takes_no_part():
    negative = np.array([False] * 90 + [True] * 10)
    rows = EpochSampling(SOURCES, negative, "balanced", 0.01).rows(np.random.default_rng(0))
    assert len(rows) == 90 and rows.max() < 90


@pytest.mark.parametrize("length_grouped", [False, True])
def test_the_order_is_a_function_of_seed_and_epoch_and_untouched_without_sampling(length_grouped):
    encodings = [{"input_ids": [1] * (1 + row % 7)} for row in range(100)]
    options = {"batch_size": 4, "seed": 5, "length_grouped": length_grouped}

    def order(sampling, epochs):
        data = EpochOrderedDataset(encodings, np.zeros((100, 1)), **options, sampling=sampling)
        for epoch in epochs:
            data.set_epoch(epoch)
        return data.order.tolist()

    sampling = EpochSampling(SOURCES, np.arange(100) % 3 > 0, "balanced", 0.5)
    assert order(sampling, [2]) == order(sampling, [0, 1, 2]) != order(sampling, [1])
    assert sorted(order(None, [2])) == list(range(100))
    everything = EpochSampling(SOURCES, np.arange(100) % 3 > 0)
    assert sorted(order(everything, [2])) == list(range(100))
