"""Labels per text, and propaganda per sentence: every rule on cases worked by hand, and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from spinscope.measure.official.labels import label_score
from spinscope.measure.official.score import Settings
from spinscope.measure.official.sentences import sentence_score

NO_INTERVAL = Settings(n_resamples=0)
LABELS = ("Doubt", "Smears", "Slogans")


def score_of(gold, predicted, labels=LABELS):
    return label_score(gold, predicted, articles=np.arange(len(gold)), labels=labels, settings=NO_INTERVAL)


def both(score):
    return score.figures["micro_f1"].value, score.figures["macro_f1"].value


def test_micro_and_macro_over_classes():
    gold = [[1, 1, 0], [1, 0, 0], [0, 0, 1]]
    predicted = [[1, 0, 1], [1, 1, 0], [0, 0, 0]]
    # Doubt 2 hits; Smears 1 false alarm, 1 miss; Slogans 1 false alarm, 1 miss.
    score = score_of(gold, predicted)
    assert both(score) == pytest.approx((2 * 2 / (2 * 2 + 4), (1 + 0 + 0) / 3), abs=1e-12)
    assert score.main == "micro_f1"
    assert score.notes == ()
    assert score.per_technique["Smears"] == {"f1": 0.0, "n_gold": 1, "n_predicted": 1}


def test_a_class_that_is_in_neither_counts_as_one_in_macro_f1_and_is_told_of():
    gold = [[1, 0, 0], [1, 1, 0]]
    predicted = [[1, 0, 0], [0, 0, 0]]
    score = score_of(gold, predicted)
    # Doubt 2/3, Smears 0, Slogans 1 because nobody uses it.
    assert both(score) == pytest.approx((2 / (2 + 2), (2 / 3 + 0 + 1) / 3), abs=1e-12)
    (note,) = score.notes
    assert note.startswith(
        "macro-F1 counts 1 of 3 classes as 1.0 because they are neither in gold nor predicted (Slogans)"
    )
    assert note.endswith(f"over the others it is {(2 / 3) / 2:.5f}")


def test_a_class_predicted_in_vain_or_missed_throughout_counts_as_zero():
    score = score_of([[1, 0, 0]], [[0, 1, 0]])
    assert both(score) == pytest.approx((0, 1 / 3), abs=1e-12)


def test_nothing_predicted_is_zero_and_nothing_on_either_side_is_one():
    assert both(score_of([[1, 1, 1]], [[0, 0, 0]])) == (0.0, 0.0)
    assert both(score_of([[0, 0, 0]], [[0, 0, 0]])) == (1.0, 1.0)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(8))
def test_the_figures_are_those_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    gold, predicted = (rng.random((2, 40, 7)) < rng.random(7) * 0.3).astype(int)
    expected = [f1_score(gold, predicted, average=average, zero_division=1) for average in ("micro", "macro")]
    assert both(score_of(gold, predicted, labels=tuple("abcdefg"))) == pytest.approx(expected, abs=1e-12)


def test_paragraphs_of_an_article_are_resampled_together_and_macro_f1_has_no_interval():
    gold = np.eye(3, dtype=int)[np.arange(60) % 3]
    predicted = np.roll(gold, 1, axis=0) | gold
    alone = label_score(gold, predicted, articles=np.arange(60), labels=LABELS)
    grouped = label_score(gold, predicted, articles=np.arange(60) // 3, labels=LABELS)
    assert both(alone) == both(grouped)
    assert grouped.counts["n_articles"] == 20
    assert grouped.figures["macro_f1"].low is None
    assert "would count it as 1.0" in grouped.figures["macro_f1"].note


def test_sentences():
    gold = [1, 1, 1, 0, 0, 0]
    score = sentence_score(gold, [1, 0, 0, 1, 0, 0], articles=[0, 0, 1, 1, 2, 2], settings=NO_INTERVAL)
    values = [score.figures[name].value for name in ("precision", "recall", "f1")]
    assert values == pytest.approx([1 / 2, 1 / 3, 2 / 5], abs=1e-12)
    assert score.main == "f1"


@pytest.mark.parametrize(("gold", "predicted"), [([1, 0], [0, 0]), ([0, 0], [1, 0]), ([0, 0], [0, 0])])
def test_sentences_where_f1_is_undefined_get_zero(gold, predicted):
    assert sentence_score(gold, predicted, articles=[0, 1], settings=NO_INTERVAL).value == 0.0
