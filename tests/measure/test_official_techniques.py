"""Technique classification of given spans: every rule on cases worked by hand."""

from __future__ import annotations

import itertools
import random

import pytest

from spinscope.measure.official.score import Settings
from spinscope.measure.official.techniques import technique_score

A, B, C, D = "Doubt", "Flag-Waving", "Slogans", "Repetition"


def score_of(gold, predicted):
    return technique_score(gold, predicted, labels=(A, B, C, D), settings=Settings(n_resamples=0))


def share(gold, predicted):
    return score_of({"1": gold}, {"1": predicted}).value


def listings(*labels, span=(0, 9)):
    return [(*span, label) for label in labels]


def test_micro_f1_is_the_share_of_right_labels_over_all_articles():
    gold = {"1": [(0, 5, A), (9, 12, B)], "2": [(0, 5, C), (3, 8, A), (20, 30, A)]}
    predicted = {"1": [(0, 5, A), (9, 12, A)], "2": [(0, 5, C), (3, 8, B), (20, 30, D)]}
    score = score_of(gold, predicted)
    assert score.value == pytest.approx(2 / 5, abs=1e-12)
    # A: right once, gold 3 times, predicted twice.
    assert score.per_technique[A] == {"f1": pytest.approx(2 / 5, abs=1e-12), "n_gold": 3, "n_predicted": 2}
    assert score.per_technique[C]["f1"] == 1.0
    assert score.per_technique[B]["f1"] == score.per_technique[D]["f1"] == 0.0


def test_a_technique_that_is_neither_gold_nor_predicted_has_f1_zero():
    assert score_of({"1": listings(A)}, {"1": listings(A)}).per_technique[B] == {
        "f1": 0.0,
        "n_gold": 0,
        "n_predicted": 0,
    }


@pytest.mark.parametrize(
    ("gold", "predicted", "n_right"),
    [
        ((A, B), (B, A), 2),
        ((A, B), (A, A), 1),
        ((A, B, C), (C, D, A), 2),
        ((A, A, B), (B, A, A), 3),
        ((A, A, B), (A, B, B), 2),
        ((A, A), (A, B), 1),
        ((A, B), (C, D), 0),
    ],
)
def test_among_the_listings_of_a_span_the_best_assignment_counts(gold, predicted, n_right):
    best = max(sum(a == b for a, b in zip(gold, order, strict=True)) for order in itertools.permutations(predicted))
    assert best == n_right
    for order in set(itertools.permutations(predicted)):
        assert share(listings(*gold), listings(*order)) == pytest.approx(n_right / len(gold), abs=1e-12)


def test_labels_are_not_exchanged_between_spans_that_differ_in_one_character():
    gold = [(0, 5, A), (0, 6, B), (1, 6, C)]
    assert share(gold, [(0, 5, B), (0, 6, A), (1, 6, C)]) == pytest.approx(1 / 3, abs=1e-12)


def test_the_order_of_lines_plays_no_part():
    chance = random.Random(7)
    gold = [(start, start + 4, chance.choice((A, B, C))) for start in (0, 0, 3, 5, 5, 5, 9)]
    predicted = [(*one[:2], chance.choice((A, B, C))) for one in gold]
    found = {round(share(gold, chance.sample(predicted, len(predicted))), 12) for _ in range(20)}
    assert len(found) == 1


def test_the_earlier_program_is_told_of_where_it_would_say_something_else():
    # A wrong label before a span with two listings in the other order: it goes on with the last of the two alone.
    gold = [(0, 3, A), *listings(B, C, span=(5, 9))]
    predicted = [(0, 3, D), *listings(C, B, span=(5, 9))]
    score = score_of({"1": gold}, {"1": predicted})
    assert score.value == pytest.approx(2 / 3, abs=1e-12)
    assert score.notes == ("the program handed out with the corpus, whose alignment was mended later, gives 0.000000",)
    right_before = score_of({"1": gold}, {"1": [(0, 3, A), *predicted[1:]]})
    assert right_before.value == 1.0
    assert right_before.notes == ()


def test_listings_are_looked_for_among_neighbours_and_what_that_costs_is_told():
    # Sorted by their beginnings, the two listings of (0, 9) are no neighbours.
    gold = [(0, 9, A), (0, 5, C), (0, 9, B)]
    predicted = [(0, 9, B), (0, 5, C), (0, 9, A)]
    score = score_of({"1": gold}, {"1": predicted})
    assert score.value == pytest.approx(1 / 3, abs=1e-12)
    assert (
        score.notes[-1]
        == "the best assignment among listings of a span that are no neighbours either would give 1.000000"
    )
    # Spans in another order than gold's are refused by the programs; here each span's listings then belong together.
    assert share(gold, [predicted[1], predicted[0], predicted[2]]) == 1.0


@pytest.mark.parametrize(
    "predicted",
    [
        {},
        {"2": listings(A)},
        {"1": []},
        {"1": listings(A, A)},
        {"1": listings(A, span=(0, 8))},
        {"1": listings(A), "2": []},
    ],
    ids=["none", "another article", "no span", "too often", "another span", "one more article"],
)
def test_other_spans_than_gold_are_refused(predicted):
    with pytest.raises(ValueError, match=r"not those of gold|other articles"):
        score_of({"1": listings(A)}, predicted)
