"""What 95 % intervals hold, measured: `python tests/benchmarks/coverage.py [--times N] [--only bars|rare|power]`.

1. With a bar of 90 to 98 %: corpora of 75 articles with 50 positives or more of each technique and an intraclass
   correlation of the labels of 0.1 or more; the first kind 2,000 times, the others an eighth as often.
2. Without a bar: 20 articles, and rare techniques. Here reports warn.
3. The smallest difference that `spinscope check` states: how often a paired permutation over articles finds it.

The truth is the figure of 30,000 articles of the same population. `naive` is the percentile bootstrap of sentences.
Bootstraps draw 200 resamples (with a thousand they held the truth of 300 corpora up to two points more often); the
jackknife draws none.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2] / "train"))

from made_corpora import N_POPULATION, PairCounts, PairPopulation, Population

from spinscope.measure.figures import Figures
from spinscope.measure.intervals import Intervals
from spinscope.measure.resampling import interval
from spinscope.measure.resolution import DEFAULT, Assumptions, resolution

FIGURES = {
    "micro_f1": "micro F1", "macro_auroc": "AUROC", "macro_average_precision": "average precision",
    "brier_loss": "Brier loss", "calibration_error": "calibration error",
}  # fmt: skip
METHODS = ("jackknife", "bca", "percentile", "naive")
R = 200
BARS = (
    Population("one technique"),
    Population("few positives", n_sentences=20, base=-5.5, tone=2.4),
    Population("three techniques", n_techniques=3, base=-4.0, signal=1.2, tone=1.7, error=0.7),
    Population("strong classifier", base=-6.5, signal=3.0, tone=2.4, error=0.3),
    Population("common technique", base=-1.0, signal=1.0, tone=1.2, error=0.7),
    Population("short articles", n_sentences=8, base=-2.6, tone=1.4),
    Population("articles apart", base=-4.2, signal=1.0, tone=2.4, error=1.0),
)
RARE = (
    (20, 1, Population("20 articles", base=-3.4)),
    (10, 1, Population("10 articles", base=-3.0)),
    (75, 1, Population("rare: some 30 positives", base=-5.9, tone=1.8)),
    (75, 1, Population("rare: some 10 positives", base=-7.0, tone=1.8)),
)
PAIRS = (
    (75, PairPopulation(base=-8.0)),
    (75, PairPopulation()),
    (75, PairPopulation(tone=2.0, error=0.6)),
    (30, PairPopulation(base=-5.0)),
)


def ends_of(figures: Figures, seed: int) -> dict[tuple[str, str], tuple[float | None, float | None, str]]:
    """By figure and method; `naive` takes every sentence for an article of its own."""
    rules = {"n_resamples": R, "confidence": 0.95, "seed": seed}
    point = figures.values(np.ones((1, figures.n_articles)))[0]
    values = {name: float(point[name][0]) for name in FIGURES if np.isfinite(point[name][0])}
    by_article = Intervals(figures, method="bca", **rules)
    found = {
        (name, one): by_article.of(value, name, method=one) for name, value in values.items() for one in METHODS[:3]
    }
    naive = sentence_bootstrap(figures, seed)
    return found | {(name, "naive"): interval(naive[name], confidence=0.95) for name in values if name in naive}


def sentence_bootstrap(figures: Figures, seed: int) -> dict[str, np.ndarray]:
    """Overall figures on resampled sentences, as if each were an article of its own."""
    n = len(figures.gold)
    alone = Figures.of(figures.gold, figures.mask, figures.probabilities, figures.decisions, articles=np.arange(n))
    drawn = np.random.default_rng([seed, 3]).integers(n, size=(R, n)) + n * np.arange(R)[:, None]
    return alone.values(np.bincount(drawn.ravel(), minlength=R * n).reshape(R, n), calibration=False)[0]


def coverage(population: Population, n_articles: int, n_times: int, *, least_positives: int) -> None:
    """Prints one row for each figure: how often each method holds the truth, and its mean width."""
    began = time.perf_counter()
    truth, correlation = population.truth()
    held = {(name, method): [] for name in FIGURES for method in METHODS}
    widths = {key: [] for key in held}
    positives = []
    for seed in range(n_times):
        figures = population.draw(np.random.default_rng([seed, 1]), n_articles, least_positives=least_positives)
        positives.append(figures.gold.sum(axis=0).mean())
        for key, (low, high, _) in ends_of(figures, seed).items():
            if low is not None and high is not None:
                held[key].append(low <= truth[key[0]] <= high)
                widths[key].append(high - low)
    print(
        f"\n{population.title}: {n_articles} articles, median {np.median(positives):.0f} positives of a technique, "
        f"intraclass correlation {correlation:.2f}, {n_times} corpora, {time.perf_counter() - began:.0f} s"
    )
    for name, title in FIGURES.items():
        cells = [_cell(method, held[name, method], widths[name, method], n_times) for method in METHODS]
        print(f"  {title:18s} {truth[name]:.3f}   " + "   ".join(cells), flush=True)


def _cell(method: str, held: list[bool], widths: list[float], n_times: int) -> str:
    """How often the truth was held and the mean width; how often there was no interval, where that was so."""
    if not held:
        return f"{method} -"
    without = f", none in {1 - len(held) / n_times:.0%}" if len(held) < n_times else ""
    return f"{method} {np.mean(held):6.1%} ({np.mean(widths):.3f}{without})"


def power(population: PairPopulation, n_articles: int, n_times: int) -> None:
    """Prints how often a permutation finds a difference as large as `check` would call the smallest.

    The formula is given what the population's F1, correlation and intraclass correlation are, so that it alone is
    tested; what it says by its own assumptions stands beside.
    """
    typical = population.draw(np.random.default_rng(0), 200 * n_articles, (0.2, 0.2))
    n_positives = typical.positives.sum() / 200
    low, high = 0.2, 4.0
    for _ in range(12):  # the noise of the worse system at which the true difference is the one stated
        noise = (low + high) / 2
        truth = population.draw(np.random.default_rng(1), N_POPULATION, (0.2, noise))
        stated, assumed = _stated(truth, n_articles)
        difference = float(truth.f1()[0] - truth.f1()[1])
        low, high = (noise, high) if difference < stated else (low, noise)
    found = []
    for seed in range(n_times):
        rng = np.random.default_rng([seed, 4])
        found.append(_is_told(population.draw(rng, n_articles, (0.2, noise)), rng))
    typical_part = typical.positives[:n_articles]
    print(
        f"\npower: {n_articles} articles, some {n_positives:.0f} positives, F1 {truth.f1()[0]:.2f} against "
        f"{truth.f1()[1]:.2f}, correlation {assumed.correlation:.2f}, within an article "
        f"{assumed.intraclass_correlation:.2f}: of {n_times} tries {np.mean(found):.1%} find the {100 * stated:.1f} points "
        f"stated (by the assumptions of check: {100 * (resolution(typical_part, DEFAULT).smallest_difference or 1):.1f})",
        flush=True,
    )


def _stated(truth: PairCounts, n_articles: int) -> tuple[float, Assumptions]:
    """The smallest difference by the formula, given what is true of the population."""
    errors, f1 = truth.errors(), truth.f1()
    mean, n = float(f1.mean()), truth.positives.sum()
    variance = float(np.sqrt(np.prod((errors**2).sum(axis=1))))
    effect = variance / (mean * (1 - mean) * (2 - mean) / (2 * n))
    size = float((truth.positives**2).sum() / n)
    correlation = float((errors[0] * errors[1]).sum() / variance)
    assumed = Assumptions(f1=mean, correlation=correlation, intraclass_correlation=(effect - 1) / (size - 1))
    # A corpus of middling make: positives in as many articles and as crowded as they are on average.
    parts = truth.positives[: 200 * n_articles].reshape(200, n_articles)
    return float(np.mean([resolution(part, assumed).smallest_difference or 1.0 for part in parts])), assumed


def _is_told(pair: PairCounts, rng: np.random.Generator) -> bool:
    """Whether p of the paired permutation over articles is below 0.05."""
    swaps = (rng.random((499, len(pair.positives))) < 0.5).astype(float)
    hits = np.stack([swaps @ (one - other) + other.sum() for one, other in (pair.hits, pair.hits[::-1])])
    marks = np.stack([swaps @ (one - other) + other.sum() for one, other in (pair.marks, pair.marks[::-1])])
    permuted = 2 * hits[0] / marks[0] - 2 * hits[1] / marks[1]
    f1 = pair.f1()
    return bool((1 + (np.abs(permuted) >= abs(f1[0] - f1[1]) - 1e-12).sum()) / 500 < 0.05)


def main() -> None:
    """Prints all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=2000)
    parser.add_argument("--only", choices=("bars", "rare", "power"))
    options = parser.parse_args()
    if options.only in (None, "bars"):
        for position, population in enumerate(BARS):
            times = options.times if position == 0 else options.times // 8
            coverage(population, 75, times, least_positives=50)
    if options.only in (None, "rare"):
        for n_articles, least, population in RARE:
            coverage(population, n_articles, options.times // 8, least_positives=least)
    if options.only in (None, "power"):
        for n_articles, pair in PAIRS:
            power(pair, n_articles, options.times // 2)


if __name__ == "__main__":
    main()
