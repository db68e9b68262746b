"""Linear classifiers: a head on cached embeddings (`frozen`) and the TF-IDF baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spinscope.config import Training
from spinscope.model.batching import PreparedTexts, Progress

STRENGTHS = (0.01, 0.1, 1.0, 10.0)
"""Inverse regularisation strengths C among which cross-validation chooses."""


@dataclass(frozen=True, slots=True)
class TermTexts(PreparedTexts):
    """Prepared texts as (n_unique, n_terms) sparse term weights; None where the scorer knows no term."""

    features: Any


class TfidfScorer:
    """Word n-grams weighted by TF-IDF, one linear function per technique; without terms, its bias alone."""

    def __init__(
        self, terms: Sequence[str], idf: np.ndarray, weight: np.ndarray, bias: np.ndarray, *, max_ngram: int
    ) -> None:
        self.terms, self.idf, self.weight, self.bias, self.max_ngram = list(terms), idf, weight, bias, max_ngram
        self._vectorizer = None
        if self.terms:
            self._vectorizer = _vectorizer(max_ngram, vocabulary={term: index for index, term in enumerate(self.terms)})
            self._vectorizer.idf_ = idf.astype(np.float64)

    def prepare(self, texts: Sequence[str], contexts: Sequence[str]) -> TermTexts:
        """Term weights of each different text. Contexts are not used."""
        numbers: dict[str, int] = {}
        rows = np.array([numbers.setdefault(text, len(numbers)) for text in texts], dtype=np.int64)
        features = self._vectorizer.transform(numbers) if self._vectorizer is not None and numbers else None
        return TermTexts(rows, np.ones(len(numbers), dtype=np.int64), features)

    def run(self, prepared: PreparedTexts, progress: Progress | None = None) -> tuple[np.ndarray, np.ndarray]:
        """((n, n_techniques) float32, (n,) ones: no text is too long)."""
        assert isinstance(prepared, TermTexts)
        values = np.tile(self.bias, (prepared.n_unique, 1))
        if prepared.features is not None:
            values = prepared.features @ self.weight.T.astype(np.float64) + self.bias
        if progress and prepared.n_texts:
            progress(prepared.n_texts)
        return np.asarray(values, dtype=np.float32)[prepared.rows], prepared.n_windows[prepared.rows]

    def logits(
        self, texts: Sequence[str], contexts: Sequence[str], *, progress: Progress | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Both steps together."""
        return self.run(self.prepare(texts, contexts), progress)


def fit_tfidf(
    texts: Sequence[str], gold: np.ndarray, mask: np.ndarray, articles: np.ndarray, training: Training
) -> TfidfScorer:
    """Fits vocabulary, idf and one logistic regression per technique. Shapes as in `fit_linear`.

    Where no n-gram stands in `min_document_count` texts, rarer ones are taken; where there is none at all (texts
    without a word), the scorer has no terms and answers with each technique's prior.
    """
    for min_count in (min(training.min_document_count, max(len(texts) // 2, 1)), 1):
        vectorizer = _vectorizer(training.max_ngram, min_df=min_count)
        try:
            features = vectorizer.fit_transform(texts)
        except ValueError:  # sklearn's word for "no term is left"; nothing else can be wrong with a list of texts
            continue
        weight, bias = fit_linear(features, gold, mask, articles, training)
        terms = vectorizer.get_feature_names_out().tolist()
        return TfidfScorer(terms, vectorizer.idf_.astype(np.float32), weight, bias, max_ngram=training.max_ngram)
    nothing = np.zeros((gold.shape[1], 0), dtype=np.float32)
    return TfidfScorer([], nothing[0], nothing, _priors(gold, mask), max_ngram=training.max_ngram)


def _priors(gold: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """(n_techniques,) float32 smoothed log odds; 0 where nothing is annotated."""
    positives, known = (gold * mask).sum(axis=0), mask.sum(axis=0)
    return np.log((positives + 0.5) / (known - positives + 0.5)).astype(np.float32)


def fit_linear(
    features: np.ndarray, gold: np.ndarray, mask: np.ndarray, articles: np.ndarray, training: Training
) -> tuple[np.ndarray, np.ndarray]:
    """One masked logistic regression per technique, with one strength for all.

    Args:
        features: (n_sentences, n_features), dense or sparse.
        gold: (n_sentences, n_techniques) of 0 or 1.
        mask: (n_sentences, n_techniques) bool, True where annotated.
        articles: (n_sentences,) article codes, the groups of the cross-validation that chooses the strength.
        training: `l2` fixes the strength; `class_weights` weighs positives.

    Returns:
        (n_techniques, n_features) float32 weights and (n_techniques,) float32 biases.
    """
    from spinscope.model.losses import positive_weights  # brings torch, which scoring may do without

    weights = positive_weights(gold, mask, training.class_weights)
    strength = training.l2 or _choose_strength(features, gold, mask, articles, weights, training.seed)
    return _fit(features, gold, mask, weights, strength)


def _fit(
    features: np.ndarray, gold: np.ndarray, mask: np.ndarray, weights: np.ndarray, strength: float
) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.linear_model import LogisticRegression

    n_techniques = gold.shape[1]
    weight = np.zeros((n_techniques, features.shape[1]), dtype=np.float32)
    bias = _priors(gold, mask)
    for technique in range(n_techniques):
        known = np.flatnonzero(mask[:, technique])
        labels = gold[known, technique]
        positives = int(labels.sum())
        if positives == 0 or positives == len(labels):
            continue  # nothing to separate: the prior
        model = LogisticRegression(C=strength, max_iter=1000, class_weight={0: 1.0, 1: float(weights[technique])})
        model.fit(features[known], labels)
        weight[technique], bias[technique] = model.coef_[0], model.intercept_[0]
    return weight, bias


def _choose_strength(
    features: np.ndarray, gold: np.ndarray, mask: np.ndarray, articles: np.ndarray, weights: np.ndarray, seed: int
) -> float:
    """The strength with the lowest masked log loss over three folds of articles."""
    codes = np.unique(articles)
    if len(codes) < 3:
        return 1.0
    fold_of = dict(zip(np.random.default_rng(seed).permutation(codes).tolist(), np.arange(len(codes)) % 3, strict=True))
    folds = np.array([fold_of[code] for code in articles.tolist()])
    losses = []
    for strength in STRENGTHS:
        total = 0.0
        for fold in range(3):
            train, held = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
            weight, bias = _fit(features[train], gold[train], mask[train], weights, strength)
            logits = np.asarray(features[held] @ weight.T) + bias
            cells = np.logaddexp(0, logits) - gold[held] * logits
            total += float((cells * mask[held]).sum())
        losses.append(total)
    return STRENGTHS[int(np.argmin(losses))]


def _vectorizer(max_ngram: int, **options: object):  # type: ignore[no-untyped-def]  # sklearn class, imported late
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(ngram_range=(1, max_ngram), sublinear_tf=True, strip_accents=None, lowercase=True, **options)
