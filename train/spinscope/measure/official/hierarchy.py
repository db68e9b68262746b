"""Labels in a hierarchy: semeval2024-st1, where an ancestor of the right technique earns a part of the credit.

Gold and predicted labels of each text are replaced by themselves and all nodes above them but the root; hierarchical
precision and recall are micro-averaged over these sets (Kiritchenko, Matwin & Famili, "Functional Annotation of Genes
Using Hierarchical Text Categorization", 2005; subtask_1_2a.py of https://propaganda.math.unipd.it/semeval2024task4/ with
sklearn-hierarchical-classification). The hierarchy is no tree: a technique may have several parents, and each counts
once. A label given twice, or beside its own ancestor, adds nothing. The organisers' program divides by zero where nothing
is predicted, where there is no gold, or where no node is shared; F1 is 0 here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import numpy as np

from spinscope.measure.official.score import OfficialScore, Settings, estimates
from spinscope.measure.official.sentences import hit_figures


def hierarchical_score(
    gold: Sequence[Iterable[str]],
    predicted: Sequence[Iterable[str]],
    *,
    parents: Mapping[str, Sequence[str]],
    settings: Settings | None = None,
) -> OfficialScore:
    """Hierarchical F1, precision and recall over texts.

    Args:
        gold: n sets of nodes.
        predicted: n sets of nodes; inner ones are allowed.
        parents: each node -> the nodes directly above it, the root left out.
        settings: of the intervals.

    Raises:
        KeyError: a node that is not in the hierarchy.
    """
    above = ancestors(parents)
    sums = np.zeros((len(gold), 3))
    n_gold = dict.fromkeys(parents, 0)
    n_predicted = dict.fromkeys(parents, 0)
    hits = dict.fromkeys(parents, 0)
    for row, (true, guessed) in enumerate(zip(gold, predicted, strict=True)):
        truth, guess = (frozenset().union(*(above[node] for node in nodes)) for nodes in (true, guessed))
        sums[row] = len(truth & guess), len(guess), len(truth)
        for counted, nodes in ((n_gold, truth), (n_predicted, guess), (hits, truth & guess)):
            for node in nodes:
                counted[node] += 1
    per_node = {
        node: {
            **{name: float(value) for name, value in hit_figures(np.array([hits[node], n_predicted[node], n_gold[node]])).items()},
            "n_gold": n_gold[node], "n_predicted": n_predicted[node],
        }
        for node in parents
    }  # fmt: skip
    total = sums.sum(axis=0)
    counts = {
        "n_articles": len(sums), "n_shared_nodes": int(total[0]), "n_predicted_nodes": int(total[1]),
        "n_gold_nodes": int(total[2]),
    }  # fmt: skip
    undefined = "F1 is taken as 0: no node is shared, and the organisers' program divides by zero"
    notes = () if total[0] else (undefined,)
    return OfficialScore("f1", estimates(sums, hit_figures, settings or Settings()), per_node, counts, notes)


def ancestors(parents: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    """Each node -> itself and all nodes above it.

    Raises:
        KeyError: a parent that is no node itself.
    """

    @cache
    def above(node: str) -> frozenset[str]:
        return frozenset({node}).union(*(above(parent) for parent in parents[node]))

    return {node: above(node) for node in parents}
