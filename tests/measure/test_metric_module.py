"""The local `evaluate` metric: loaded by path, offline, batch by batch, and combined."""

from __future__ import annotations

import numpy as np
import pytest

from spinscope.measure.metrics import point_metrics

evaluate = pytest.importorskip("evaluate")


@pytest.fixture(scope="module")
def path():
    from spinscope.measure import metric

    return metric.__file__


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    gold = (rng.random((30, 3)) < 0.3).astype(int)
    return rng.random((30, 3)), gold, rng.random((30, 3)) < 0.8


def expected(p, gold, mask, cut=0.5):
    return {name: pytest.approx(value, nan_ok=True) for name, value in point_metrics(gold, mask, p, p >= cut).items()}


def test_loads_by_path_and_computes(path, data, tmp_path):
    p, gold, mask = data
    metric = evaluate.load(path, cache_dir=str(tmp_path))
    assert metric.compute(probabilities=p, references=gold) == expected(p, gold, mask | True)
    assert metric.compute(probabilities=p.tolist(), references=gold.tolist(), mask=mask.tolist()) == expected(
        p, gold, mask
    )
    assert metric.compute(probabilities=p, references=gold, thresholds=[0.2] * 3) == expected(p, gold, mask | True, 0.2)


def test_batch_by_batch_with_a_mask_column(path, data, tmp_path):
    p, gold, mask = data
    metric = evaluate.load(path, "masked", cache_dir=str(tmp_path))
    for rows in (slice(0, 10), slice(10, 30)):
        metric.add_batch(probabilities=p[rows], references=gold[rows], mask=mask[rows].astype(int))
    assert metric.compute() == expected(p, gold, mask)


def test_combines(path, data, tmp_path):
    p, gold, mask = data
    combined = evaluate.combine(
        {name: evaluate.load(path, cache_dir=str(tmp_path), experiment_id=name) for name in ("one", "two")},
        force_prefix=True,
    )
    result = combined.compute(probabilities=p, references=gold)
    single = point_metrics(gold, mask | True, p, p >= 0.5)
    assert result["one_micro_f1"] == result["two_micro_f1"] == pytest.approx(single["micro_f1"])


def test_undefined_is_none_and_unknown_configuration_is_refused(path, tmp_path):
    metric = evaluate.load(path, cache_dir=str(tmp_path))
    result = metric.compute(probabilities=[[0.1, 0.1]], references=[[0, 0]])
    assert result["micro_f1"] is None and result["exact_match_score"] == 1
    with pytest.raises(ValueError, match="expected default or masked"):
        evaluate.load(path, "weighted", cache_dir=str(tmp_path))
