"""Whether classes can be told from features: cross-validated ridge regression, against chance by permutation.

Predictions of ridge regression are linear in the labels. So one factorisation for each fold answers for the true labels
and for all permutations, each as if refitted: chance is not assumed, it is measured with the same folds and features.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

N_FOLDS = 5
_RIDGE = 1.0


@dataclass(frozen=True, slots=True)
class Told:
    """How far classes can be told.

    Attributes:
        auroc: one class against the others, averaged over classes; 0.5 tells nothing.
        chance: mean of the permutations.
        chance_high: their 95 % quantile.
        p_value: share of permutations that tell as much, the true labels counted.
        n_classes: that were asked for.
        n_sentences: of them.
    """

    auroc: float
    chance: float
    chance_high: float
    p_value: float
    n_classes: int
    n_sentences: int


def told_apart(features: Any, classes: Any, groups: Any, *, n_permutations: int = 99, seed: int = 13) -> Told:
    """How far the class of a sentence can be told from its features, in groups that were not learned from.

    Args:
        features: (n, d) dense or sparse, rows of about unit length.
        classes: (n,) labels, one for each group.
        groups: (n,) what stays in one fold and is permuted as one: articles; or sentences, where the article is asked for.
        n_permutations: of the groups' classes.
        seed: of folds and permutations.

    Raises:
        ValueError: fewer than two classes or two groups.
    """
    names, codes = np.unique(np.asarray(classes), return_inverse=True)
    _, groups = np.unique(np.asarray(groups), return_inverse=True)
    n_groups = int(groups.max(initial=-1)) + 1
    if len(names) < 2 or n_groups < 2:
        raise ValueError(f"{len(names)} classes in {n_groups} groups: nothing to tell apart")
    rng = np.random.default_rng([seed, 3])
    of_group = np.zeros(n_groups, dtype=np.intp)
    of_group[groups] = codes
    permuted = [of_group, *(rng.permutation(of_group) for _ in range(n_permutations))]
    targets = np.concatenate([np.eye(len(names))[one][groups] for one in permuted], axis=1)
    folds = _folds(of_group, rng)[groups]
    predicted = _held_out(_kernel(features), targets, folds)
    values = np.nanmean(_auroc(predicted, targets, folds).reshape(len(permuted), len(names)), axis=1)
    drawn = values[1:]
    return Told(
        float(values[0]), float(drawn.mean()), float(np.quantile(drawn, 0.95)),
        float((1 + (drawn >= values[0] - 1e-12).sum()) / len(values)), len(names), len(codes),
    )  # fmt: skip


def _kernel(features: Any) -> NDArray[Any]:
    product = features @ features.T
    return np.asarray(product.toarray() if hasattr(product, "toarray") else product, dtype=np.float64)


def _folds(of_group: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    """(n_groups,) fold numbers; the groups of a class are dealt out evenly."""
    folds = np.zeros(len(of_group), dtype=np.intp)
    order = rng.permutation(len(of_group))
    folds[order[np.argsort(of_group[order], kind="stable")]] = np.arange(len(of_group)) % N_FOLDS
    return folds


def _held_out(kernel: NDArray[Any], targets: NDArray[Any], folds: NDArray[Any]) -> NDArray[Any]:
    from scipy.linalg import cho_factor, cho_solve

    out = np.zeros(targets.shape)
    for fold in np.unique(folds):
        held, train = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        factor = cho_factor(kernel[np.ix_(train, train)] + _RIDGE * np.eye(len(train)) + 1.0, lower=True)
        mean = targets[train].mean(axis=0)
        # The constant in the kernel is an intercept. Solved for the few sentences held out, not for the many targets.
        smoother = cho_solve(factor, kernel[np.ix_(train, held)] + 1.0).T
        out[held] = smoother @ (targets[train] - mean) + mean
    return out


def _auroc(scores: NDArray[Any], truth: NDArray[Any], folds: NDArray[Any]) -> NDArray[Any]:
    """(c,) Mann-Whitney form for each column, ties counted half, over pairs within a fold; NaN where there is none.

    Across folds a class would be told wrongly: where much of it is held out, little of it was learned from.
    """
    from scipy.stats import rankdata

    beaten = pairs = np.zeros(truth.shape[1])
    for fold in np.unique(folds):
        held = folds == fold
        ranks, positives = rankdata(scores[held], axis=0), truth[held].sum(axis=0)
        beaten = beaten + (ranks * truth[held]).sum(axis=0) - positives * (positives + 1) / 2
        pairs = pairs + positives * (held.sum() - positives)
    return np.divide(beaten, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)
