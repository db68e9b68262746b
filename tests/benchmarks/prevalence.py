"""What the figures of `spinscope summarize` rest on, measured: `python tests/benchmarks/prevalence.py [--times N]`.

1. Estimators of a share from the answers of a classifier that errs: which comes nearest, on other shares than dev's and
   on scores that lie a little higher than on dev's.
2. Intervals by article of shares and of corrected shares: how often 95 % intervals hold the truth, beside the plain
   bootstrap over articles.
3. Rankings: how often groups that are equal are ranked.
4. The warning that scores are distributed unlike dev's: how often it comes without and with a reason. With
   `--checkpoint FOLDER`, also on held-out articles of the checkpoint's own data, divided at random again and again.

All from made-up articles: sentences of an article share its tone, its errors, and how often it uses a technique.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "train"))

from spinscope.measure.article_draws import (
    design_effects,
    expanded_interval,
    pseudo_sentences,
    weighted_sums,
)
from spinscope.measure.pairwise import pair_differences
from spinscope.measure.prevalence import corrected_shares, error_rates
from spinscope.measure.score_shift import ScoreShift, rank_design_effect, score_edges, score_shift

DECILES = np.linspace(0, 1, 11)
R = 1000


def varying(rng: np.random.Generator, mean: float, correlation: float, n: int) -> np.ndarray:
    """(n,) shares of articles around a mean."""
    size = (1 - correlation) / correlation
    return rng.beta(mean * size, (1 - mean) * size, n)


def articles(
    rng: np.random.Generator, m: int, share: float, *, apart: float, shift: float = 0.0
) -> tuple[np.ndarray, ...]:
    """Article codes, labels and logits of the sentences of m articles."""
    n = rng.poisson(22, m) + 3
    code = np.repeat(np.arange(m), n)
    label = rng.random(len(code)) < varying(rng, share, 0.08, m)[code]
    tone = rng.normal(size=m)[code]
    return code, label, 0.95 * rng.normal(size=len(code)) + 0.3 * tone + apart * label + shift


def estimators(rng: np.random.Generator, dev_share: float, share: float, apart: float, shift: float) -> np.ndarray:
    """Errors of: share as decided, adjusted count, probability average, expectation maximisation, mixture of histograms."""
    from sklearn.linear_model import LogisticRegression

    _, label, logit = articles(rng, 34, dev_share, apart=apart)
    model = LogisticRegression(C=1e4).fit(logit[:, None], label)
    dev = model.predict_proba(logit[:, None])[:, 1]
    order = np.argsort(-dev)
    hits = np.cumsum(label[order])
    threshold = dev[order][np.argmax(2 * hits / (np.arange(1, len(label) + 1) + label.sum()))]
    _, truth, logit = articles(rng, 60, share, apart=apart, shift=shift)
    new = model.predict_proba(logit[:, None])[:, 1]
    rate = [(dev[label] >= threshold).mean(), (dev[~label] >= threshold).mean()]
    mean = [dev[label].mean(), dev[~label].mean()]
    decided = (new >= threshold).mean()
    found = [
        decided,
        (decided - rate[1]) / (rate[0] - rate[1]),
        (new.mean() - mean[1]) / (mean[0] - mean[1]),
        maximised(new, label.mean()),
        mixture(dev, label, new),
    ]
    return np.clip(found, 0, 1) - truth.mean()


def maximised(scores: np.ndarray, prior: float) -> float:
    """Saerens, Latinne & Decaestecker (2002)."""
    share = prior
    for _ in range(200):
        with_it, without = share / prior * scores, (1 - share) / (1 - prior) * (1 - scores)
        before, share = share, float((with_it / (with_it + without)).mean())
        if abs(share - before) < 1e-6:
            break
    return share


def mixture(dev: np.ndarray, label: np.ndarray, new: np.ndarray) -> float:
    """Nearest mixture of dev's histograms in Hellinger distance (González-Castro et al. 2013)."""
    edges = np.unique(np.r_[0, np.quantile(dev, DECILES[1:-1]), 1])
    positive, negative, seen = (np.histogram(one, edges)[0] / len(one) for one in (dev[label], dev[~label], new))
    weights = np.linspace(0, 1, 201)
    return float(weights[np.argmax([np.sqrt(seen * (w * positive + (1 - w) * negative)).sum() for w in weights])])


def drawn(rng: np.random.Generator, marked: np.ndarray, sentences: np.ndarray, effect: np.ndarray) -> np.ndarray:
    """(R, 1) resampled shares, as `summarize` draws them."""
    seed = int(rng.integers(2**31))
    keys = np.sort(rng.integers(0, 2**63, len(marked)).astype(np.uint64))
    sums = weighted_sums(keys, np.stack([marked, sentences], axis=1), n_resamples=R, seed=seed)
    with_it, without = pseudo_sentences(n_resamples=R, seed=seed, key=1)
    return (sums[:, :1] + with_it * effect) / (sums[:, 1:] + (with_it + without) * effect)


def coverage(rng: np.random.Generator, share: float, m: int, correlation: float, times: int) -> list[float]:
    """How often intervals hold a share: plain bootstrap over articles, and ours; and how wide they are."""
    held, wide = np.zeros(2), np.zeros(2)
    for _ in range(times):
        sentences = rng.poisson(22, m) + 3
        marked = rng.binomial(sentences, varying(rng, share, correlation, m))
        weights = rng.multinomial(m, np.full(m, 1 / m), size=R)
        plain = np.quantile((weights @ marked) / (weights @ sentences), [0.025, 0.975])
        effect = design_effects([(marked[:, None], sentences[:, None])])
        ours = np.hstack(expanded_interval(drawn(rng, marked, sentences, effect), np.array([m]), confidence=0.95))
        for number, (low, high) in enumerate((plain, ours)):
            held[number] += low <= share <= high
            wide[number] += high - low
    return [*(held / times), *(wide / times)]


def corrected_coverage(
    rng: np.random.Generator, share: float, rates: tuple[float, float], n_dev: int, m: int, times: int
) -> list[float]:
    """How often intervals hold the share of sentences that have the technique: of the share decided, and corrected."""

    def counted(n: int, mean: float) -> np.ndarray:
        sentences = rng.poisson(22, n) + 3
        positive = rng.binomial(sentences, varying(rng, mean, 0.08, n))
        tp = rng.binomial(positive, varying(rng, rates[0], 0.03, n))
        fp = rng.binomial(sentences - positive, varying(rng, rates[1], 0.03, n))
        return np.stack([tp, fp, positive - tp, sentences - positive - fp], axis=1)

    held, given = np.zeros(2), 0
    for time in range(times):
        known = error_rates(counted(n_dev, 0.1)[:, None, :], n_resamples=R, confidence=0.95, seed=time)
        cells = counted(m, share)
        marked, sentences = cells[:, :2].sum(axis=1), cells.sum(axis=1)
        draws = drawn(rng, marked, sentences, design_effects([(marked[:, None], sentences[:, None])]))
        low, high = expanded_interval(draws, np.array([m]), confidence=0.95)
        held[0] += low[0] <= share <= high[0]
        found = corrected_shares(
            np.array([marked.sum() / sentences.sum()]), draws, known, n_articles=m, confidence=0.95
        )
        if found[0].low is not None and found[0].high is not None:
            given += 1
            held[1] += found[0].low <= share <= found[0].high
    return [held[0] / times, held[1] / max(1, given), 1 - given / times]


def ranked_by_chance(rng: np.random.Generator, n_groups: int, m: int, share: float, times: int) -> float:
    """How often any two of several groups with one share are ranked."""
    wrong = 0
    for _ in range(times):
        sizes = [m if number % 2 else 2 * m for number in range(n_groups)]
        groups = []
        for size in sizes:
            sentences = rng.poisson(22, size) + 3
            groups.append((rng.binomial(sentences, varying(rng, share, 0.08, size)), sentences))
        effect = design_effects([(marked[:, None], sentences[:, None]) for marked, sentences in groups])
        draws = np.hstack([drawn(rng, marked, sentences, effect) for marked, sentences in groups])
        shares = np.array([marked.sum() / sentences.sum() for marked, sentences in groups])
        wrong += bool(pair_differences(shares, draws, np.array(sizes), confidence=0.95).above.any())
    return wrong / times


def shift_of(dev: tuple[np.ndarray, np.ndarray], new: tuple[np.ndarray, np.ndarray]) -> ScoreShift:
    """What the warning says: dev's labels and scores, new article codes and scores."""
    label, scores = dev
    positive, negative = (np.quantile(one, DECILES).tolist() for one in (scores[label], scores[~label]))
    edges = score_edges(positive, negative, int(label.sum()))
    places = np.searchsorted(edges, new[1])
    histogram = np.bincount(places, minlength=len(edges) + 1)
    code = np.unique(new[0], return_inverse=True)[1]
    effect = rank_design_effect(np.bincount(code, places), np.bincount(code), histogram)
    return score_shift(
        histogram, edges=edges, deciles_positive=positive, deciles_negative=negative, n_positive=int(label.sum()),
        n_negative=int((~label).sum()), design_effect=effect,
    )  # fmt: skip


def warned(times: int, one: Callable[[], ScoreShift]) -> str:
    """How often a warning comes, and how far scores typically lie."""
    found = [one() for _ in range(times)]
    return f"{np.mean([each.warns for each in found]):6.3f}  distance {np.median([each.distance or 0.0 for each in found]):.3f}"


def held_out(checkpoint: Path, rng: np.random.Generator, times: int) -> None:
    """The warning on dev and test articles of a checkpoint's own data, divided at random into dev and new ones."""
    from spinscope.jobs.labelled import read_labelled, score_labelled
    from spinscope.model.checkpoint import open_checkpoint

    classifier = open_checkpoint(checkpoint)
    labelled = read_labelled(classifier, data=None, split="all")
    sentences = [s for s in labelled.sentences if labelled.splits.get(s.article) in ("dev", "test")]
    scored = score_labelled(classifier, sentences, classifier.inventory)
    names = np.unique(scored.articles)
    for column, technique in enumerate(classifier.inventory.ids):
        for m in (10, 20, len(names) - 34):

            def once(column: int = column, m: int = m) -> ScoreShift:
                order = rng.permutation(names)
                dev, new = np.isin(scored.articles, order[:34]), np.isin(scored.articles, order[34 : 34 + m])
                scores = scored.probabilities[:, column]
                return shift_of((scored.gold[dev, column] == 1, scores[dev]), (scored.articles[new], scores[new]))

            print(f"  {technique:20} {m:4} held-out articles {warned(times, once)}")


def main() -> None:
    """Prints all four tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--checkpoint", type=Path)
    arguments = parser.parse_args()
    rng, times = np.random.default_rng(13), arguments.times
    print("1. root mean squared error, points: decided, adjusted count, probability average, EM, histograms")
    for apart in (1.5, 2.5, 3.5):
        for dev_share, share in ((0.1, 0.1), (0.1, 0.02), (0.1, 0.3), (0.25, 0.05)):
            for shift in (0.0, 0.3):
                errors = np.array([estimators(rng, dev_share, share, apart, shift) for _ in range(times)])
                told = " ".join(f"{100 * value:6.2f}" for value in np.sqrt((errors**2).mean(axis=0)))
                print(f"  apart {apart}  dev {dev_share:.2f}  share {share:.2f}  scores {shift:+.1f}  {told}")
    print("2. 95 % intervals that hold the share: plain bootstrap, ours; widths in points")
    for m in (10, 20, 60):
        for share in (0.005, 0.02, 0.1):
            plain, ours, width, our_width = coverage(rng, share, m, 0.1, times)
            print(
                f"  {m:3} articles  share {share:.3f}  {plain:.3f} {ours:.3f}  {100 * width:5.2f} {100 * our_width:5.2f}"
            )
    print("   the same of the true share: of the share decided, of the corrected share; without correction")
    for share in (0.02, 0.1, 0.3):
        for rates in ((0.8, 0.05), (0.5, 0.03)):
            for n_dev, m in ((34, 15), (34, 60), (100, 300)):
                told = " ".join(f"{value:.3f}" for value in corrected_coverage(rng, share, rates, n_dev, m, times))
                print(f"  share {share:.2f}  rates {rates}  {n_dev} dev articles, {m} articles  {told}")
    print("3. equal groups of which any two are ranked (0.05 is allowed)")
    for n_groups, m, share in ((2, 10, 0.05), (6, 12, 0.05), (6, 40, 0.005), (15, 20, 0.03)):
        print(
            f"  {n_groups:2} groups of {m} and {2 * m} articles  share {share}  {ranked_by_chance(rng, n_groups, m, share, times):.3f}"
        )
    print("4. warnings that scores are distributed unlike dev's")
    for share, shift, m in (
        (0.1, 0.0, 10),
        (0.1, 0.0, 60),
        (0.02, 0.0, 60),
        (0.3, 0.0, 60),
        (0.1, 0.5, 60),
        (0.1, 0.8, 60),
        (0.1, -0.8, 60),
    ):

        def once(share: float = share, shift: float = shift, m: int = m) -> ScoreShift:
            _, label, dev = articles(rng, 34, 0.1, apart=2.5)
            code, _, new = articles(rng, m, share, apart=2.5, shift=shift)
            return shift_of((label, 1 / (1 + np.exp(2 - dev))), (code, 1 / (1 + np.exp(2 - new))))

        print(f"  share {share:.2f}  scores {shift:+.1f}  {m:2} articles {warned(times, once)}")
    if arguments.checkpoint is not None:
        held_out(arguments.checkpoint, rng, times)


if __name__ == "__main__":
    main()
