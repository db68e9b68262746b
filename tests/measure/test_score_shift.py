"""Scores unlike dev's are found, scores like dev's are let pass, whatever their mixture."""

from __future__ import annotations

import numpy as np
import pytest

from spinscope.measure.score_shift import ScoreShift, rank_design_effect, score_edges, score_shift

DECILES = np.linspace(0, 1, 11)


def scores(
    rng: np.random.Generator, has_it: np.ndarray, n_articles: int, *, shift: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Scores and article codes; an article's scores lie higher or lower together."""
    articles = np.sort(rng.integers(0, n_articles, len(has_it)))
    logit = rng.normal(np.where(has_it, 1.0, -2.5), 1.2) + rng.normal(0, 0.4, n_articles)[articles] + shift
    return np.round(1 / (1 + np.exp(-logit)), 6), articles


def looked_at(
    seed: int,
    *,
    share: float = 0.1,
    n_articles: int = 40,
    n: int = 900,
    shift: float = 0.0,
    only_negatives: float = 0.0,
) -> ScoreShift:
    rng = np.random.default_rng(seed)
    dev_has = rng.random(700) < 0.12
    dev, _ = scores(rng, dev_has, 34)
    positive, negative = np.quantile(dev[dev_has], DECILES).tolist(), np.quantile(dev[~dev_has], DECILES).tolist()
    has_it = rng.random(n) < share
    seen, articles = scores(rng, has_it, n_articles, shift=shift)
    if only_negatives:
        odd = ~has_it & (rng.random(n) < only_negatives)
        seen[odd] = rng.uniform(0.2, 0.5, int(odd.sum()))
    edges = score_edges(positive, negative, int(dev_has.sum()))
    places = np.searchsorted(edges, seen)
    histogram = np.bincount(places, minlength=len(edges) + 1)
    sizes = np.bincount(articles, minlength=n_articles)
    effect = rank_design_effect(np.bincount(articles, places, minlength=n_articles), sizes, histogram)
    return score_shift(
        histogram, edges=edges, deciles_positive=positive, deciles_negative=negative, n_positive=int(dev_has.sum()),
        n_negative=int((~dev_has).sum()), design_effect=effect,
    )  # fmt: skip


@pytest.mark.parametrize("share", [0.02, 0.1, 0.4])
def test_other_shares_of_the_same_scores_do_not_warn(share: float) -> None:
    found = [looked_at(seed, share=share) for seed in range(60)]
    assert sum(one.warns for one in found) <= 1
    assert np.median([one.distance for one in found]) < 0.06


def test_few_articles_seldom_warn_by_chance() -> None:
    assert sum(looked_at(seed, n_articles=10, n=200).warns for seed in range(60)) <= 2


@pytest.mark.parametrize("shift", [0.8, -0.8])
def test_scores_that_lie_elsewhere_warn_and_say_where(shift: float) -> None:
    found = [looked_at(seed, shift=shift) for seed in range(20)]
    assert sum(one.warns for one in found) >= 17
    # Mostly: a mixture with too many positives can lie above what is seen in the middle.
    assert sum(one.direction == ("higher" if shift > 0 else "lower") for one in found) >= 15


def test_sentences_of_a_new_kind_warn() -> None:
    found = looked_at(1, only_negatives=0.3)
    assert found.warns and found.distance is not None and found.distance > 0.08


def test_distance_worked_by_hand() -> None:
    positive, negative = np.linspace(0.5, 1.0, 11).tolist(), np.linspace(0.0, 0.5, 11).tolist()
    edges = score_edges(positive, negative, 50)
    assert len(edges) == 18
    # Dev without the technique alone: a tenth of the scores between every two of the lower edges, and above the last.
    like = np.zeros(19, dtype=int)
    like[:10] = 100
    known = {
        "edges": edges,
        "deciles_positive": positive,
        "deciles_negative": negative,
        "n_positive": 50,
        "n_negative": 500,
    }
    found = score_shift(like, **known, design_effect=1.0)
    assert found.distance == pytest.approx(0, abs=0.002) and not found.warns
    # All below the first edge: 0.9 more than any mixture has there.
    low = np.zeros(19, dtype=int)
    low[0] = 1000
    found = score_shift(low, **known, design_effect=1.0)
    assert (found.distance, found.score, found.direction, found.warns) == (pytest.approx(0.9), edges[0], "lower", True)


def test_what_dev_does_not_know_is_not_looked_at() -> None:
    assert score_edges(DECILES.tolist(), DECILES.tolist(), 9) == []
    assert score_edges([], DECILES.tolist(), 0) == []
    nothing = score_shift(
        np.array([5]), edges=[], deciles_positive=[], deciles_negative=[], n_positive=0, n_negative=3, design_effect=1.0
    )
    assert (nothing.distance, nothing.warns) == (None, False)


def test_scores_that_fall_together() -> None:
    # A classifier without opinion gives one score to most: several deciles are one number.
    positive, negative = [0.3] * 5 + [0.9] * 6, [0.3] * 10 + [0.9]
    edges = score_edges(positive, negative, 30)
    assert edges == [0.3, 0.9]
    found = score_shift(
        np.array([950, 50, 0]), edges=edges, deciles_positive=positive, deciles_negative=negative, n_positive=30,
        n_negative=300, design_effect=1.0,
    )  # fmt: skip
    assert found.distance is not None and found.distance < 0.06 and not found.warns


def test_design_effect_of_scores_worked_by_hand() -> None:
    # Two articles of two sentences; places 0, 0 and 2, 2: mean 1, sums off by 2 each: (4 + 4) * 2/1 = 16 over 4: 4, at most 2.
    assert rank_design_effect(np.array([0, 4]), np.array([2, 2]), np.array([2, 0, 2])) == 2
    assert rank_design_effect(np.array([2, 2]), np.array([2, 2]), np.array([2, 0, 2])) == 1
    assert rank_design_effect(np.array([2]), np.array([2]), np.array([1, 0, 1])) == 1
