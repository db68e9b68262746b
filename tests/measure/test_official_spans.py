"""Span tasks: every rule on cases worked by hand."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from spinscope.measure.official.score import Settings
from spinscope.measure.official.spans import merged, span_score

A, B = "Doubt", "Slogans"
NO_INTERVAL = Settings(n_resamples=0)


def figures(gold, predicted, *, merge=True):
    score = span_score(gold, predicted, labels=(A, B), merge=merge, settings=NO_INTERVAL)
    return tuple(score.figures[name].value for name in ("precision", "recall", "f1"))


def of_one_article(gold, predicted, *, merge=True):
    return figures({"1": gold}, {"1": predicted}, merge=merge)


def near(*fractions):
    return pytest.approx(tuple(map(float, fractions)), abs=1e-12)


def test_a_partial_overlap_earns_its_share_of_each_span():
    # 4 shared characters of 8 predicted and 16 gold ones.
    assert of_one_article([(0, 16, A)], [(12, 20, A)]) == near(Fraction(1, 2), Fraction(1, 4), Fraction(1, 3))


def test_a_span_inside_gold_is_wholly_precise():
    # The example that the organisers hand out with their scorer: 4 spans exact, one with 10 of 13 characters; F1 0.976378.
    gold = [(0, 13, A), *((start, start + 9, A) for start in (20, 40, 60, 80))]
    assert of_one_article(gold, [(3, 13, A), *gold[1:]]) == near(1, Fraction(62, 65), Fraction(124, 127))
    assert round(124 / 127, 6) == 0.976378


def test_without_shared_characters_all_is_zero():
    assert of_one_article([(0, 5, A)], [(5, 9, A)]) == near(0, 0, 0)


def test_another_technique_earns_nothing():
    assert of_one_article([(0, 5, A)], [(0, 5, B)]) == near(0, 0, 0)


def test_several_techniques_on_one_span_are_several_spans():
    assert of_one_article([(0, 5, A), (0, 5, B)], [(0, 5, A)]) == near(1, Fraction(1, 2), Fraction(2, 3))
    assert of_one_article([(0, 5, A), (0, 5, B)], [(0, 5, B), (0, 5, A)]) == near(1, 1, 1)


@pytest.mark.parametrize(
    ("spans", "joined"),
    [
        ([(0, 10), (5, 20)], [(0, 20)]),
        ([(0, 5), (8, 12), (4, 9)], [(0, 12)]),
        ([(0, 20), (3, 5)], [(0, 20)]),
        ([(0, 5), (0, 5)], [(0, 5)]),
        ([(5, 9), (0, 5)], [(0, 5), (5, 9)]),
    ],
    ids=["overlap", "chain", "inside", "twice", "touching spans stay two"],
)
def test_merging(spans, joined):
    assert merged([(*span, A) for span in spans]) == [(*span, A) for span in joined]


def test_merging_keeps_techniques_apart():
    assert sorted(merged([(0, 10, A), (5, 20, B), (8, 12, A)])) == [(0, 12, A), (5, 20, B)]


def test_overlapping_gold_and_predictions_count_once_where_they_are_merged():
    gold, predicted = [(0, 10, A), (5, 20, A)], [(0, 15, A), (10, 20, A), (10, 20, A)]
    assert of_one_article(gold, predicted) == near(1, 1, 1)
    score = span_score({"1": gold}, {"1": predicted}, labels=(A, B), merge=True, settings=NO_INTERVAL)
    assert (score.counts["n_gold"], score.counts["n_predicted"]) == (1, 1)
    assert score.notes[0].startswith("2 predicted spans overlap another of their technique and were merged")


def test_touching_gold_spans_share_the_credit_of_one_prediction():
    # 4 of 10 and 6 of 10 predicted characters; both gold spans whole.
    assert of_one_article([(0, 4, A), (4, 10, A)], [(0, 10, A)]) == near(1, 1, 1)


def test_semeval_2021_merges_nothing():
    # Predicted 20 characters hold gold 10 and gold 15: precision 10/20 + 15/20 of one span, recall 1 + 1 of two.
    assert of_one_article([(0, 10, A), (5, 20, A)], [(0, 20, A)], merge=False) == near(
        Fraction(5, 4), 1, Fraction(10, 9)
    )
    # Said twice, it is found twice: precision 2 of 2, recall 2 of 1.
    assert of_one_article([(0, 10, A)], [(0, 10, A), (0, 10, A)], merge=False) == near(1, 2, Fraction(4, 3))
    assert of_one_article([(0, 10, A)], [(0, 10, A), (0, 10, A)], merge=True) == near(1, 1, 1)


def test_the_sums_run_over_articles():
    gold = {"1": [(0, 10, A)], "2": [(0, 10, A)], "3": []}
    predicted = {"1": [(0, 10, A)], "2": [(5, 10, A), (20, 30, B)], "3": [(0, 5, A)]}
    # precision (1 + 1 + 0 + 0) / 4, recall (1 + 1/2) / 2
    assert figures(gold, predicted) == near(Fraction(1, 2), Fraction(3, 4), Fraction(3, 5))


def test_an_article_without_prediction_counts_in_recall():
    gold = {"1": [(0, 10, A)], "2": [(0, 10, A), (20, 30, A), (40, 50, B)]}
    assert figures(gold, {"1": [(0, 10, A)]}) == near(1, Fraction(1, 4), Fraction(2, 5))


def test_nothing_predicted_is_zero_and_nothing_to_find_is_one():
    assert of_one_article([(0, 10, A)], []) == near(0, 0, 0)
    assert figures({"1": [(0, 10, A)]}, {}) == near(0, 0, 0)
    assert of_one_article([], [(0, 10, A)]) == near(0, 0, 0)
    assert of_one_article([], []) == near(0, 0, 1)


def test_the_figures_of_a_technique_take_the_precision_credit_for_both_as_the_programs_do():
    gold = {"1": [(0, 10, A), (0, 10, B), (30, 40, B)]}
    predicted = {"1": [(5, 25, A), (0, 10, B)]}
    score = span_score(gold, predicted, labels=(A, B, "Repetition"), merge=True, settings=NO_INTERVAL)
    # A: 5 of 20 predicted characters, and the same quarter (instead of one half) for recall.
    assert score.per_technique[A]["recall"] == pytest.approx(1 / 4, abs=1e-12)
    assert score.per_technique[A]["f1"] == pytest.approx(1 / 4, abs=1e-12)
    assert score.per_technique[B] == {
        "f1": pytest.approx(2 / 3),
        "precision": 1.0,
        "recall": 0.5,
        "n_gold": 2,
        "n_predicted": 1,
    }
    assert score.per_technique["Repetition"]["f1"] == 1.0  # neither in gold nor predicted
    assert score.figures["recall"].value == pytest.approx((1 / 2 + 1) / 3, abs=1e-12)


def test_gold_against_itself_is_one():
    chance = random.Random(3)
    gold = {}
    for article in "123":
        starts = [chance.randrange(300) for _ in range(12)]
        gold[article] = [(start, start + chance.randint(1, 40), chance.choice((A, B))) for start in starts]
    assert figures(gold, gold) == near(1, 1, 1)


def test_the_order_of_spans_and_articles_plays_no_part():
    chance = random.Random(5)
    gold, predicted = (
        {
            article: [
                (start, start + chance.randint(1, 30), chance.choice((A, B))) for start in chance.sample(range(99), 8)
            ]
            for article in "12345"
        }
        for _ in range(2)
    )
    turned = {article: list(reversed(predicted[article])) for article in reversed(predicted)}
    for merge in (True, False):
        assert figures(gold, turned, merge=merge) == pytest.approx(figures(gold, predicted, merge=merge), abs=1e-12)


def test_predictions_for_an_article_outside_gold_are_refused():
    with pytest.raises(ValueError, match="without gold: \\['9'\\]"):
        figures({"1": []}, {"9": [(0, 1, A)]})


def test_intervals_resample_articles():
    gold = {str(n): [(0, 10, A)] for n in range(30)}
    predicted = {article: [(0, 10, A)] for article in list(gold)[:15]}
    score = span_score(gold, predicted, labels=(A,), merge=True, settings=Settings(n_resamples=400))
    again = span_score(gold, predicted, labels=(A,), merge=True, settings=Settings(n_resamples=400))
    recall = score.figures["recall"]
    assert score == again
    # 15 of 30 articles: a binomial's spread, 1.96 * sqrt(1 / 120) = 0.18.
    assert recall.low == pytest.approx(0.32, abs=0.04)
    assert recall.high == pytest.approx(0.68, abs=0.04)
    assert (score.figures["precision"].low, score.figures["precision"].high) == (1.0, 1.0)
    few = span_score(dict(list(gold.items())[:5]), {}, labels=(A,), merge=True)
    assert few.figures["f1"].note == "5 articles: too few for its interval to be relied on"
    assert of_one_article([(0, 10, A)], [(0, 10, A)]) == near(1, 1, 1)
