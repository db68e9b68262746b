"""Cheap answers for sentences that a classifier has not seen: TF-IDF, refitted without each fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.config import Training
from spinscope.data.encoding import article_codes, label_matrix
from spinscope.records import Sentence
from spinscope.taxonomy import Inventory

N_FOLDS = 5


@dataclass(frozen=True, slots=True)
class HeldOut:
    """All labelled sentences, each judged by TF-IDF that has not seen its article.

    Attributes:
        sentences: n of them, those of which some technique is known.
        gold, mask: (n, k), as `label_matrix` gives them.
        probabilities: (n, k); None where there is only one article.
    """

    sentences: Sequence[Sentence]
    gold: NDArray[Any]
    mask: NDArray[Any]
    probabilities: NDArray[Any] | None


def held_out_by_article(sentences: Sequence[Sentence], inventory: Inventory, *, seed: int) -> HeldOut:
    """Judges the labelled ones of these sentences, once for all sections that ask."""
    known = [sentence for sentence in sentences if sentence.annotated]
    articles = [one.article for one in known]
    probabilities = (
        held_out_probabilities(known, inventory, groups=articles, seed=seed) if len(set(articles)) > 1 else None
    )
    return HeldOut(known, *label_matrix(known, inventory), probabilities)


def held_out_probabilities(
    sentences: Sequence[Sentence], inventory: Inventory, *, groups: Sequence[str], seed: int, n_folds: int = N_FOLDS
) -> NDArray[Any]:
    """(n, k) probabilities of TF-IDF classifiers, each fitted without the groups that it is asked about.

    Args:
        sentences: n of them.
        inventory: of the labels; what is not annotated is masked.
        groups: (n,) what stays together in one fold: articles, sources.
        seed: of the division.
        n_folds: at most; fewer where there are fewer groups.

    Raises:
        ValueError: fewer than two groups.
    """
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.model_selection import GroupKFold

    from spinscope.model.linear import fit_linear
    from spinscope.model.prediction import sigmoid

    # A fixed strength: to choose one would take most of the time, and labels that may be wrong want a strong one.
    training = Training(l2=1.0)
    gold, mask = label_matrix(sentences, inventory)
    articles, counts = article_codes(sentences), _counts([sentence.text for sentence in sentences], training)
    out = np.zeros(gold.shape)
    folds = GroupKFold(min(n_folds, len(set(groups))), shuffle=True, random_state=seed)
    for train, held in folds.split(articles, groups=groups):
        terms = _frequent(counts[train], training)
        weighting = TfidfTransformer(sublinear_tf=True)
        features = weighting.fit_transform(counts[train][:, terms])
        weight, bias = fit_linear(features, gold[train], mask[train], articles[train], training)
        out[held] = sigmoid(weighting.transform(counts[held][:, terms]) @ weight.T + bias)
    return out


def _counts(texts: Sequence[str], training: Training) -> Any:
    """(n, n_terms) sparse: the texts are taken apart once, for all folds; one term that is nowhere if there is no word."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import CountVectorizer

    try:
        return CountVectorizer(ngram_range=(1, training.max_ngram)).fit_transform(texts).astype(np.float64)
    except ValueError:  # sklearn's word for "no term"; nothing else can be wrong with a list of texts
        return csr_matrix((len(texts), 1))


def _frequent(counts: Any, training: Training) -> NDArray[Any]:
    """The columns of the terms in enough of these texts, as `fit_tfidf` chooses them."""
    held_by = np.bincount(counts.indices, minlength=counts.shape[1])
    for least in (min(training.min_document_count, max(counts.shape[0] // 2, 1)), 1):
        if (held_by >= least).any():
            return np.flatnonzero(held_by >= least)
    return np.arange(1)
