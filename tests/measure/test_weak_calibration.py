import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logit

from spinscope.measure.article_sums import Resampling
from spinscope.measure.metrics import evaluate_predictions
from spinscope.measure.weak_calibration import LEAST_POSITIVES, weak_calibration


def checked(gold, probabilities, articles, mask=None):
    known = np.ones(gold.shape, dtype=bool) if mask is None else mask
    names = [f"t{j}" for j in range(gold.shape[1])]
    metrics = evaluate_predictions(
        gold, known, probabilities, probabilities > 0.5, articles=articles, techniques=names, n_resamples=100,
        confidence=0.95, seed=1,
    )  # fmt: skip
    return weak_calibration(metrics, gold, known, probabilities, articles=articles, rules=Resampling())


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(5)
    articles = np.repeat(np.arange(80), 60)
    true = rng.normal(-1.5, 1.2, size=(4800, 1)) + 0.4 * rng.normal(size=(80, 1))[articles]
    return (rng.random(true.shape) < expit(true)).astype(int), true, articles


def test_what_is_drawn_from_the_probabilities_may_be_taken_at_its_word(drawn):
    gold, true, articles = drawn
    one = checked(gold, expit(true), articles)["t0"]
    assert one.is_judged and one.faults() == []
    assert one.slope.low < 1 < one.slope.high
    assert one.intercept.low < 0 < one.intercept.high
    assert one.gain.low > 0


@pytest.mark.parametrize(("stretch", "shift", "fault"), [(2, 0, "slope"), (0.5, 0, "slope"), (1, 1.5, "error")])
def test_stretched_or_shifted_probabilities_are_found(drawn, stretch, shift, fault):
    gold, true, articles = drawn
    one = checked(gold, expit(stretch * true + shift), articles)["t0"]
    assert any(fault in told for told in one.faults())
    if shift:
        assert one.intercept.high < -1
    else:
        assert one.slope.low * stretch < 1 < one.slope.high * stretch


def test_slope_and_intercept_are_those_of_a_logistic_regression(drawn):
    gold, true, articles = drawn
    scores = expit(1.7 * true - 0.3)
    one = checked(gold, scores, articles)["t0"]
    y, x = gold[:, 0], logit(scores[:, 0])

    def loss(parameters, *, slope=None):
        z = (parameters[1] if slope is None else slope) * x + parameters[0]
        return np.logaddexp(0, z).sum() - (y * z).sum()

    assert one.slope.value == pytest.approx(minimize(loss, [0, 1.0], tol=1e-12).x[1], abs=1e-4)
    fixed = minimize(lambda p: loss(p, slope=1.0), [0.0], tol=1e-12).x[0]
    assert one.intercept.value == pytest.approx(fixed, abs=1e-4)
    assert one.log_loss.value == pytest.approx(loss([0, 1.0]) / len(y), abs=1e-9)
    share = y.mean()
    constant = -(share * np.log(share) + (1 - share) * np.log(1 - share))
    assert one.gain.value == pytest.approx(constant - one.log_loss.value, abs=1e-12)


def test_the_interval_is_that_of_regressions_without_one_article_each(drawn):
    gold, true, articles = (array[:1200] for array in drawn)
    whole = checked(gold, expit(1.3 * true), articles)["t0"]
    left = np.array(
        [
            checked(gold[articles != a], expit(1.3 * true[articles != a]), articles[articles != a] - (articles[articles != a] > a))["t0"].slope.value
            for a in range(20)
        ]
    )  # fmt: skip
    error = np.sqrt(19 / 20 * ((left - left.mean()) ** 2).sum())
    # t quantiles of 5 to 19 degrees of freedom lie between 2.09 and 2.57.
    assert 2.0 * error < (whole.slope.high - whole.slope.low) / 2 < 2.7 * error


def test_a_constant_gains_nothing_and_masked_or_one_sided_techniques_are_left_undefined(drawn):
    gold, _, articles = drawn
    both = np.hstack([gold, np.zeros_like(gold)])
    mask = np.ones(both.shape, dtype=bool)
    mask[::2, 0] = False
    found = checked(both, np.full(both.shape, gold.mean()), articles, mask)
    assert found["t0"].n_positives == gold[1::2].sum() > LEAST_POSITIVES
    assert found["t0"].gain.value <= 0
    assert "loss not surely below the constant's" in found["t0"].faults()
    assert found["t1"].slope.value is None
    assert not found["t1"].is_judged
    assert found["t1"].to_dict()["faults"] is None


def test_probabilities_without_a_fault_have_no_slope(drawn):
    gold, _, articles = drawn
    one = checked(gold, np.where(gold > 0, 0.9, 0.1), articles)["t0"]
    assert one.slope.value is None or one.slope.value > 3
    assert "slope outside 0.8 to 1.25" in one.faults()
