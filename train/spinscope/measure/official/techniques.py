"""Technique classification of given spans: semeval2020-tc.

Each gold span gets one label, and micro-F1, which here is the share of right labels, ranks. A span that carries several
techniques is listed once for each; among its listings the assignment of predicted to gold labels that gives most matches
counts, so their order plays no part (task-TC_scorer.py, https://propaganda.qcri.org/semeval2020-task11/).

Two versions of that program are about. The one handed out with the corpus forgets the listings that follow a span with a
wrong label, so that the order of their lines matters; the later one, in the repository of the scorers
(https://gitlab.com/joedsm/propaganda-techniques-scorer, `align_annotations`), mends that and is the rule held here. Both
sort listings by their beginnings alone and take equal spans for one only where they then are neighbours; so does this
module where the two files list their spans in one order, and those programs refuse any other. Where another reading of
the rule gives another figure, a note says which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.measure.official.score import OfficialScore, Settings, Totals, estimates, ratio
from spinscope.measure.official.spans import Articles, Fragment


def technique_score(
    gold: Articles, predicted: Articles, *, labels: Sequence[str], settings: Settings | None = None
) -> OfficialScore:
    """Micro-F1 over all listings, and F1 of each technique (0 for one that is neither gold nor predicted).

    Args:
        gold: article id -> listings (start, end, technique).
        predicted: the same articles and spans, as often as in gold, in any order.
        labels: techniques, in the order they are to be listed.
        settings: of the intervals.

    Raises:
        ValueError: other articles or spans.
    """
    if set(gold) != set(predicted):
        raise ValueError("predictions are for other articles than gold")
    sums = np.zeros((len(gold), 2))
    n_right: Counter[str] = Counter()
    n_gold: Counter[str] = Counter()
    n_predicted: Counter[str] = Counter()
    n_best = 0
    for row, article in enumerate(gold):
        truth, guess = gold[article], predicted[article]
        if sorted(one[:2] for one in truth) != sorted(one[:2] for one in guess):
            raise ValueError(f"the spans of article {article} are not those of gold")
        right = _right(truth, guess)
        n_right += right
        n_gold += Counter(label for _, _, label in truth)
        n_predicted += Counter(label for _, _, label in guess)
        n_best += (Counter(truth) & Counter(guess)).total()
        sums[row] = right.total(), len(truth)
    per_technique = {
        label: {
            "f1": float(ratio(2 * n_right[label], n_gold[label] + n_predicted[label])),
            "n_gold": n_gold[label], "n_predicted": n_predicted[label],
        }
        for label in labels
    }  # fmt: skip
    n_listings, n_found = int(sums[:, 1].sum()), int(sums[:, 0].sum())
    counts = {"n_articles": len(gold), "n_listings": n_listings, "n_right": n_found}
    others = {
        "the program handed out with the corpus, whose alignment was mended later, gives": _right_earlier(
            gold, predicted
        ),
        "the best assignment among listings of a span that are no neighbours either would give": n_best,
    }
    notes = tuple(f"{what} {n / n_listings:.6f}" for what, n in others.items() if n not in (None, n_found))
    figures = estimates(sums, _figures_of, settings or Settings())
    return OfficialScore("micro_f1", figures, per_technique, counts, notes)


def _figures_of(totals: NDArray[Any]) -> Totals:
    return {"micro_f1": ratio(totals[..., 0], totals[..., 1])}


def _right(gold: Sequence[Fragment], predicted: Sequence[Fragment]) -> Counter[str]:
    """How often each label is right under the best assignment among the listings of a span."""
    truth, guess = _by_beginning(gold), _by_beginning(predicted)
    if [one[:2] for one in truth] != [one[:2] for one in guess]:  # refused by the programs: then wherever they stand
        truth, guess = sorted(truth), sorted(guess)
    right: Counter[str] = Counter()
    for _, places in groupby(range(len(truth)), key=lambda place: truth[place][:2]):
        run = list(places)
        right += Counter(truth[place][2] for place in run) & Counter(guess[place][2] for place in run)
    return right


def _by_beginning(listings: Sequence[Fragment]) -> list[Fragment]:
    return sorted(listings, key=lambda listing: listing[0])


def _right_earlier(gold: Articles, predicted: Articles) -> int | None:
    """How many labels the program counts as right that was handed out with the corpus.

    It walks along the listings in the order of their beginnings. Where some label of the span's listings still to come
    agrees, those two are swapped to the front; where none does, it steps to the next listing and from there to the last
    one of that listing's span, be it another span than the one without agreement.

    Returns:
        None where it refuses the files: beginnings sorted, the spans of the two stand in another order.
    """
    n_right = 0
    for article in gold:
        truth, guess = (_by_beginning(one[article]) for one in (gold, predicted))
        spans = [listing[:2] for listing in truth]
        if spans != [listing[:2] for listing in guess]:
            return None
        at = 0
        while at < len(spans):
            same = range(at, next((i for i in range(at, len(spans)) if spans[i] != spans[at]), len(spans)))
            pair = next(((i, j) for j in same for i in same if guess[i][2] == truth[j][2]), None)
            at += 1
            if pair:
                for listings, found in ((guess, pair[0]), (truth, pair[1])):
                    listings[at - 1], listings[found] = listings[found], listings[at - 1]
            else:
                while at + 1 < len(spans) and spans[at] == spans[at + 1]:
                    at += 1
        n_right += sum(one[2] == other[2] for one, other in zip(truth, guess, strict=True))
    return n_right
