"""Made-up corpora whose true figures are known: what intervals and tests by article are measured with.

An article has a tone of its own for each technique, which makes its sentences alike, and the classifier an error of its
own on it, so that errors crowd too. Article lengths vary, as they do in news.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from spinscope.measure.figures import Figures

N_POPULATION = 30_000
"""Articles that stand for the population: its figures are the truth."""


@dataclass(frozen=True)
class Population:
    """What corpora are drawn from.

    Attributes:
        title: for tables.
        n_sentences: mean of an article.
        n_techniques: k, all alike.
        base: log odds of a technique in a middling sentence.
        signal: how much of what decides the label the classifier sees.
        tone: deviation of the articles' log odds; makes the intraclass correlation.
        error: deviation of the classifier's error on an article.
    """

    title: str
    n_sentences: int = 25
    n_techniques: int = 1
    base: float = -4.4
    signal: float = 1.5
    tone: float = 1.8
    error: float = 0.5

    def draw(self, rng: np.random.Generator, n_articles: int, *, least_positives: int = 1) -> Figures:
        """A corpus with at least so many positives of each technique; others are thrown away."""
        while True:
            lengths = np.maximum(1, rng.negative_binomial(4, 4 / (4 + self.n_sentences), n_articles))
            articles = np.repeat(np.arange(n_articles), lengths)
            seen = self.signal * rng.normal(size=(len(articles), self.n_techniques))
            tone = rng.normal(0, self.tone, (n_articles, self.n_techniques))[articles]
            error = rng.normal(0, self.error, (n_articles, self.n_techniques))[articles]
            gold = (rng.random(seen.shape) < expit(self.base + seen + tone)).astype(np.int8)
            if gold.sum(axis=0).min() >= least_positives:
                scores = expit(self.base + seen + 0.5 * tone + error)
                return Figures.of(gold, np.ones(gold.shape, dtype=bool), scores, scores >= 0.3, articles=articles)

    def truth(self, *, seed: int = 0) -> tuple[dict[str, float], float]:
        """Overall figures of the population, and the intraclass correlation of its labels."""
        figures = self.draw(np.random.default_rng(seed), N_POPULATION)
        values = figures.values(np.ones((1, figures.n_articles)))[0]
        return {name: float(value[0]) for name, value in values.items()}, intraclass_correlation(figures)


@dataclass(frozen=True)
class PairCounts:
    """Two systems on the same articles.

    Attributes:
        positives: (m,) of each article.
        hits: (2, m) true positives of each system.
        marks: (2, m) 2 TP + FP + FN, so that F1 is 2 x hits / marks.
    """

    positives: np.ndarray
    hits: np.ndarray
    marks: np.ndarray

    def f1(self) -> np.ndarray:
        """(2,) of each system."""
        return np.asarray(2 * self.hits.sum(axis=1) / self.marks.sum(axis=1))

    def errors(self) -> np.ndarray:
        """(2, m) what each article moves each F1 by, were it twice there: the linear term."""
        return np.asarray((2 * self.hits - self.f1()[:, None] * self.marks) / self.marks.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class PairPopulation:
    """Two systems that see what decides the label (of one technique) through more or less noise of their own.

    Attributes:
        n_sentences: mean of an article.
        base: log odds of the technique in a middling sentence.
        tone: deviation of the articles' log odds.
        shared: deviation of the noise that both see.
        error: deviation of each system's own error on an article.
    """

    n_sentences: int = 25
    base: float = -6.0
    tone: float = 1.0
    shared: float = 0.3
    error: float = 0.4

    def draw(self, rng: np.random.Generator, n_articles: int, noise: tuple[float, float]) -> PairCounts:
        """Articles on which both systems decide; `noise` is the deviation of each system's own, per sentence."""
        lengths = np.maximum(1, rng.negative_binomial(4, 4 / (4 + self.n_sentences), n_articles))
        articles = np.repeat(np.arange(n_articles), lengths)
        content, both = rng.normal(size=(2, len(articles)))
        tone = rng.normal(0, self.tone, n_articles)[articles]
        gold = rng.random(len(articles)) < expit(self.base + 3.5 * content + tone)
        found = []
        for own in noise:
            seen = content + self.shared * both + own * rng.normal(size=len(articles))
            seen += rng.normal(0, self.error, n_articles)[articles]
            found.append(self.base + 3.5 * seen + 0.5 * tone >= -0.5)

        def by_article(rows: np.ndarray) -> np.ndarray:
            return np.bincount(articles, rows, minlength=n_articles)

        hits = np.stack([by_article(gold & one) for one in found])
        positives = by_article(gold)
        return PairCounts(positives, hits, np.stack([positives + by_article(one) for one in found]))


def intraclass_correlation(figures: Figures) -> float:
    """Of the labels of sentences within articles, by analysis of variance (Donner, 1986), averaged over techniques."""
    sizes = np.bincount(figures.articles).astype(float)
    n, m = sizes.sum(), len(sizes)
    size = (n - (sizes**2).sum() / n) / (m - 1)
    found = []
    for column in figures.gold.T.astype(float):
        share = np.bincount(figures.articles, column) / sizes
        between = (sizes * (share - column.mean()) ** 2).sum() / (m - 1)
        within = (column * (1 - share[figures.articles])).sum() / (n - m)
        found.append((between - within) / (between + (size - 1) * within))
    return float(np.mean(found))
