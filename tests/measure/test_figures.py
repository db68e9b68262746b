"""Figures against scikit-learn, and against figures worked out by hand."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from spinscope.measure.figures import OVERALL, PER_TECHNIQUE, Figures, is_to_minimise
from spinscope.measure.metrics import evaluate_predictions, point_metrics


def random_system(seed, n, k, *, mask_rate=0.0, decimals=None):
    rng = np.random.default_rng(seed)
    chance = rng.uniform(0.02, 0.6, k)
    gold = (rng.random((n, k)) < chance).astype(np.int8)
    mask = rng.random((n, k)) >= mask_rate
    probabilities = np.clip(0.3 * gold + 0.7 * rng.random((n, k)), 0, 1)
    if decimals is not None:
        probabilities = probabilities.round(decimals)
    return gold, mask, probabilities, probabilities >= rng.uniform(0.2, 0.8, k)


def point(gold, mask, probabilities, decisions):
    overall, each = Figures.of(gold, mask, probabilities, decisions).values(np.ones((1, 1)))
    return {name: value[0] for name, value in overall.items()}, {name: value[0] for name, value in each.items()}


def same(ours, theirs):
    assert ours == pytest.approx(theirs, abs=1e-12)


@given(st.integers(0, 10**6), st.integers(1, 60), st.integers(1, 6), st.sampled_from([None, 1]))
@settings(max_examples=80, deadline=None)
def test_overall_figures_equal_scikit_learn(seed, n, k, decimals):
    gold, mask, p, decided = random_system(seed, n, k, decimals=decimals)
    overall, each = point(gold, mask, p, decided)
    with_positive = np.flatnonzero(gold.any(axis=0))
    with_both = [j for j in with_positive if not gold[:, j].all()]
    if gold.any():
        if decided.any():
            same(overall["micro_precision"], sk.precision_score(gold.ravel(), decided.ravel()))
        same(overall["micro_recall"], sk.recall_score(gold.ravel(), decided.ravel()))
        same(overall["micro_f1"], sk.f1_score(gold.ravel(), decided.ravel()))
        per_label = [sk.f1_score(gold[:, j], decided[:, j], zero_division=0) for j in with_positive]
        same(overall["macro_f1"], np.mean(per_label))
        same(overall["weighted_f1"], np.average(per_label, weights=gold[:, with_positive].sum(axis=0)))
        same(
            overall["macro_average_precision"],
            np.mean([sk.average_precision_score(gold[:, j], p[:, j]) for j in with_positive]),
        )
        any_f1 = sk.f1_score(gold.any(axis=1), decided.any(axis=1))
        same(overall["any_f1"], any_f1)
        same(overall["any_recall"], sk.recall_score(gold.any(axis=1), decided.any(axis=1)))
    if with_both:
        same(overall["macro_auroc"], np.mean([sk.roc_auc_score(gold[:, j], p[:, j]) for j in with_both]))
    same(overall["brier_loss"], np.mean([sk.brier_score_loss(gold[:, j], p[:, j], pos_label=1) for j in range(k)]))
    same(overall["exact_match_score"], sk.accuracy_score(gold, decided) if k > 1 else (gold == decided).mean())
    assert set(each) == set(PER_TECHNIQUE)


@given(st.integers(0, 10**6), st.integers(2, 60), st.integers(1, 5), st.sampled_from([None, 1]))
@settings(max_examples=80, deadline=None)
def test_figures_per_technique_equal_scikit_learn_on_the_annotated_cells(seed, n, k, decimals):
    gold, mask, p, decided = random_system(seed, n, k, mask_rate=0.3, decimals=decimals)
    _, each = point(gold, mask, p, decided)
    for j in range(k):
        y, q, d = gold[mask[:, j], j], p[mask[:, j], j], decided[mask[:, j], j]
        if not len(y):
            assert all(np.isnan(each[name][j]) for name in PER_TECHNIQUE)
            continue
        assert np.isnan(each["precision"][j]) == (not d.any())
        assert np.isnan(each["recall"][j]) == (not y.any())
        assert np.isnan(each["f1"][j]) == (not y.any() and not d.any())
        assert np.isnan(each["average_precision"][j]) == (not y.any())
        assert np.isnan(each["auroc"][j]) == (y.min() == y.max())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name, theirs in (
                ("precision", sk.precision_score(y, d, zero_division=np.nan)),
                ("recall", sk.recall_score(y, d, zero_division=np.nan)),
                ("f1", sk.f1_score(y, d, zero_division=np.nan)),
            ):
                if not np.isnan(theirs):
                    same(each[name][j], theirs)
        if y.any():
            same(each["average_precision"][j], sk.average_precision_score(y, q))
        if y.min() < y.max():
            same(each["auroc"][j], sk.roc_auc_score(y, q))
        same(each["brier_loss"][j], ((q - y) ** 2).mean())


def test_worked_by_hand():
    # Four sentences, three techniques: the second has no positive, the third is never predicted.
    gold = np.array([[1, 0, 0], [1, 0, 1], [0, 0, 0], [0, 0, 1]])
    p = np.array([[0.9, 0.8, 0.1], [0.4, 0.1, 0.3], [0.6, 0.1, 0.2], [0.1, 0.2, 0.4]])
    decided = p >= 0.5
    result = evaluate_predictions(
        gold, np.ones_like(gold), p, decided, articles=[0, 0, 1, 1], techniques=["a", "b", "c"], n_resamples=200
    )
    value = {name: estimate.value for name, estimate in result.overall.items()}
    assert value["micro_precision"] == pytest.approx(1 / 3)
    assert value["micro_recall"] == pytest.approx(1 / 4)
    assert value["micro_f1"] == pytest.approx(2 / 7)
    assert value["macro_f1"] == pytest.approx((1 / 2 + 0) / 2)
    assert result.overall["macro_f1"].note.endswith("over the 2 of 3 techniques with a positive")
    # AP of a: hit at rank 1, hit at rank 3 -> (1 + 2/3) / 2; of c: hits at ranks 1 and 2 -> 1.
    assert value["macro_average_precision"] == pytest.approx((5 / 6 + 1) / 2)
    assert value["macro_auroc"] == pytest.approx((3 / 4 + 1) / 2)
    assert value["any_precision"] == pytest.approx(1 / 2)  # sentences 1 and 3 predicted; 1 has one
    assert value["any_recall"] == pytest.approx(1 / 3)
    assert value["exact_match_score"] == 0
    b, c = result.per_technique["b"], result.per_technique["c"]
    assert (b["recall"].value, b["recall"].note) == (None, "no positive")
    assert b["f1"].value == 0 and b["precision"].value == 0  # it was predicted, wrongly
    assert (b["average_precision"].value, b["auroc"].value) == (None, None)
    assert (c["precision"].value, c["precision"].note) == (None, "none predicted")
    assert c["recall"].value == 0 and c["f1"].value == 0
    assert [c[name].value for name in ("n_positives", "n_annotated", "n_predicted")] == [2, 4, 0]
    assert result.n_techniques_with_positives == 2


def test_nothing_to_find_and_nothing_predicted_is_undefined_not_zero():
    gold = np.zeros((3, 2), dtype=int)
    p = np.full((3, 2), 0.1)
    result = evaluate_predictions(gold, gold == 0, p, p > 0.5, articles=[0, 1, 2], techniques="ab", n_resamples=100)
    for name in ("micro_precision", "micro_recall", "micro_f1", "macro_f1", "weighted_f1", "any_f1", "macro_auroc"):
        assert result.overall[name].value is None, name
        assert result.overall[name].note
    assert result.overall["exact_match_score"].value == 1
    assert result.per_technique["a"]["f1"].note == "no positive and none predicted"
    assert math.isnan(point_metrics(gold, gold == 0, p, p > 0.5)["micro_f1"])


def test_one_article_has_values_but_no_interval():
    gold, mask, p, decided = random_system(3, 30, 2)
    result = evaluate_predictions(gold, mask, p, decided, articles=np.zeros(30), techniques="ab", n_resamples=100)
    micro = result.overall["micro_f1"]
    assert micro.value is not None and micro.low is None and micro.high is None
    assert micro.note == "no interval: one article only"
    assert "1 article:" in result.notes[0]


def test_masked_cells_are_left_out_of_everything():
    gold, mask, p, decided = random_system(5, 50, 4, mask_rate=0.3)
    rng = np.random.default_rng(0)
    other_gold, other_p = np.where(mask, gold, 1 - gold), np.where(mask, p, rng.random(p.shape))
    other_decided = np.where(mask, decided, ~decided)
    other_p[~mask] = np.nan
    arguments = {"articles": np.arange(50) // 5, "techniques": "abcd", "n_resamples": 100}
    one = evaluate_predictions(gold, mask, p, decided, **arguments).to_dict()
    assert one == evaluate_predictions(other_gold, mask, other_p, other_decided, **arguments).to_dict()


def test_any_technique_is_unknown_without_a_known_one_and_exact_match_with_any_mask():
    gold = np.array([[1, 0], [0, 0], [0, 0], [0, 1]])
    mask = np.array([[True, False], [False, True], [True, True], [True, True]])
    decided = np.array([[True, True], [True, True], [False, False], [True, True]])
    result = evaluate_predictions(
        gold, mask, decided * 0.9, decided, articles=[0, 1, 2, 3], techniques="ab", n_resamples=100
    )
    assert result.n_unknown_any == 1  # the second: nothing known, the first technique not annotated
    assert result.overall["any_f1"].value == 1
    assert "1 sentences left out" in result.overall["any_f1"].note
    assert result.n_unknown_exact == 2
    assert result.overall["exact_match_score"].value == 0.5


def test_any_technique_is_undefined_where_masks_leave_only_sentences_with_one():
    gold = np.array([[1, 0], [0, 0], [0, 0]])
    mask = np.array([[True, False]] * 3)
    decided = np.array([[True, False]] * 3)
    values = point_metrics(gold, mask, decided * 0.9, decided)
    assert values["any_recall"] == 1
    assert math.isnan(values["any_precision"]) and math.isnan(values["any_f1"])


def test_loss_is_the_mean_cross_entropy_of_annotated_cells():
    gold, mask, p, decided = random_system(2, 40, 3, mask_rate=0.2)
    p = np.clip(p, 0.01, 0.99)
    assert point_metrics(gold, mask, p, decided)["loss"] == pytest.approx(sk.log_loss(gold[mask], p[mask]))


def test_order_of_rows_and_techniques_does_not_matter():
    gold, mask, p, decided = random_system(11, 60, 4, mask_rate=0.1)
    articles = np.arange(60) // 6
    rows, columns = np.random.default_rng(1).permutation(60), [2, 0, 3, 1]
    a = evaluate_predictions(gold, mask, p, decided, articles=articles, techniques="abcd", n_resamples=100)
    moved = [array[rows][:, columns] for array in (gold, mask, p, decided)]
    b = evaluate_predictions(*moved, articles=articles[rows], techniques="cadb", n_resamples=100)
    for name in OVERALL:
        assert a.overall[name].low == pytest.approx(b.overall[name].low, abs=1e-12)
    for technique in "abcd":
        for name, estimate in a.per_technique[technique].items():
            other = b.per_technique[technique][name]
            assert (estimate.value, estimate.high) == pytest.approx((other.value, other.high), abs=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gold": np.full((3, 2), 2)}, "gold must be 0 or 1"),
        ({"probabilities": np.full((3, 2), 1.5)}, "probabilities must lie within 0 and 1"),
        ({"decisions": np.ones((3, 1), dtype=bool)}, "have shapes"),
        ({"articles": [0, 1]}, "articles"),
        ({"any_decided": np.ones((3, 2), dtype=bool)}, r"any_decided \(3, 2\) for 3 sentences"),
        ({"any_decided": [True]}, r"any_decided \(1,\) for 3 sentences"),
        ({"techniques": "a"}, "1 techniques for 2 columns"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(change, message):
    good = {
        "gold": np.ones((3, 2)),
        "mask": np.ones((3, 2), dtype=bool),
        "probabilities": np.full((3, 2), 0.5),
        "decisions": np.ones((3, 2), dtype=bool),
        "articles": [0, 1, 2],
        "techniques": "ab",
    }
    with pytest.raises(ValueError, match=message):
        evaluate_predictions(**(good | change), n_resamples=100)


def test_any_technique_may_be_decided_apart():
    # The first sentence has one and is said to have one, though no technique is; the last is not known to have any.
    gold = np.array([[1, 0], [0, 1], [0, 0], [0, 0]])
    mask = np.array([[1, 1], [1, 1], [1, 1], [1, 0]], dtype=bool)
    decided = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=bool)
    arrays, said = (gold, mask, decided * 0.9, decided), np.array([1, 1, 0, 1])
    own, plain = point_metrics(*arrays, said), point_metrics(*arrays)
    assert [own[f"any_{name}"] for name in ("precision", "recall", "f1")] == [1, 1, 1]
    assert [plain[f"any_{name}"] for name in ("precision", "recall", "f1")] == [0.5, 0.5, 0.5]
    assert {name for name in own if own[name] != plain[name]} == {"any_precision", "any_recall", "any_f1"}
    same = point_metrics(*arrays, (decided & mask).any(axis=1))
    assert same == plain == point_metrics(*arrays, None)
    told = evaluate_predictions(*arrays, said, articles=np.arange(4), techniques="ab", n_resamples=100)
    assert told.overall["any_f1"].value == 1 and told.overall["micro_f1"].value == pytest.approx(plain["micro_f1"])


def test_a_mix_of_two_systems_takes_each_ones_word_on_any_technique():
    gold, mask, p, decided = random_system(5, 40, 3)
    said = np.random.default_rng(5).random(40) < 0.5
    articles = np.arange(40) // 4
    a, b = (
        Figures.of(gold, mask, p, decided, articles=articles),
        Figures.of(gold, mask, p, decided, said, articles=articles),
    )
    both = a.stacked(b)
    ones, none = np.ones((1, 10)), np.zeros((1, 10))
    for one, weights in ((a, np.hstack([ones, none])), (b, np.hstack([none, ones]))):
        assert both.values(weights)[0]["any_f1"] == pytest.approx(one.values(ones)[0]["any_f1"])
    assert a.values(ones)[0]["any_f1"] != b.values(ones)[0]["any_f1"]


def test_names_tell_the_direction():
    assert [name for name in OVERALL if is_to_minimise(name)] == ["brier_loss", "calibration_error"]
