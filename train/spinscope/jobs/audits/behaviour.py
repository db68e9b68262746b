"""The behaviour suites: does danger told as fact raise an alarm, do names or spelling move decisions?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.config import Limits
from spinscope.data.suites import Suite
from spinscope.jobs.audits.sections import Figure, Section
from spinscope.measure.behaviour import flip_share, ranked_rightly, share, signed_bias, told_biases
from spinscope.measure.resampling import Estimate
from spinscope.model.prediction import Classifier

_EXAMPLES = 20


def behaviour_sections(classifier: Classifier, suites: Mapping[str, Suite], limits: Limits) -> list[Section]:
    """One section for each suite, on the techniques that both the suites and the checkpoint know.

    Raises:
        ValueError: the checkpoint knows none of them.
    """
    known = suites[next(iter(suites))].sentences[0].annotated
    columns = [number for number, name in enumerate(classifier.inventory.ids) if name in known]
    if not columns:
        raise ValueError(f"{classifier.name} knows none of {', '.join(known)}")
    sections = []
    for name, suite in suites.items():
        probabilities = classifier.probabilities(suite.sentences).probabilities
        decisions = classifier.decide(probabilities)
        ids = [classifier.inventory.ids[column] for column in columns]
        answers = _Answers(suite, ids, probabilities[:, columns], decisions[:, columns])
        sections.append(_SECTIONS[name](answers, limits))
    return sections


class _Answers:
    """What the classifier said of one suite. `gold`, `probabilities`, `decisions`: (n_lines, n_techniques)."""

    def __init__(self, suite: Suite, ids: Sequence[str], probabilities: NDArray[Any], decisions: NDArray[Any]) -> None:
        self.suite, self.ids, self.probabilities, self.decisions = suite, list(ids), probabilities, decisions
        self.gold = np.array([[name in one.techniques for name in ids] for one in suite.sentences], dtype=bool)

    def flips(self) -> NDArray[Any]:
        """(n_pairs, n_techniques) bool: decisions that differ within a pair."""
        return np.asarray(self.decisions[::2] != self.decisions[1::2])

    def found(self) -> NDArray[Any]:
        """(n_lines,) bool: a gold technique of the line was decided."""
        return np.asarray((self.decisions & self.gold).any(axis=1))

    def examples(self, chosen: Any) -> list[dict[str, Any]]:
        """The chosen pairs (or lines), most confident first, with what was said of each member."""
        step = len(self.decisions) // len(chosen)
        top = self.probabilities.max(axis=1).reshape(len(chosen), step).max(axis=1)
        rows = sorted(np.flatnonzero(chosen).tolist(), key=lambda row: -top[row])[:_EXAMPLES]
        return [{"members": [self._told(row * step + member) for member in range(step)]} for row in rows]

    def _told(self, row: int) -> dict[str, Any]:
        return {
            "id": self.suite.lines[row].get("id"), "text": self.suite.sentences[row].text,
            "gold": list(self.suite.sentences[row].techniques),
            "decided": [name for name, yes in zip(self.ids, self.decisions[row], strict=True) if yes],
            "probabilities": dict(zip(self.ids, self.probabilities[row].round(4).tolist(), strict=True)),
        }  # fmt: skip


def _neutral_alarm(answers: _Answers, limits: Limits) -> Section:
    alarms = np.asarray(answers.decisions.any(axis=1))
    n = len(alarms)
    figures = [
        Figure("any_alarm", "neutral sentences with any alarm", share(alarms), at_most=limits.neutral_alarm, n=n),
        *(
            Figure(f"alarm_{name}", f"... with {name}", share(answers.decisions[:, column]), n=n)
            for column, name in enumerate(answers.ids)
        ),
    ]
    kinds = sorted({str(line.get("kind")) for line in answers.suite.lines})
    by_kind = {
        kind: share(
            [alarm for alarm, line in zip(alarms, answers.suite.lines, strict=True) if line.get("kind") == kind]
        )
        for kind in kinds
    }
    whole = figures[0].estimate
    ends = [None if end is None else 1000 * end for end in (whole.value, whole.low, whole.high)]
    figures.insert(
        1, Figure("alarms_per_thousand", "alarms per 1,000 such sentences", Estimate(ends[0], ends[1], ends[2]), n=n)
    )
    return Section(
        "neutral_alarm", "False alarms on neutral sentences that sound alarming", tuple(figures),
        notes=("Sentences that report danger as fact; ordinary neutral sentences are easier.",),
        details={"by_kind": {kind: value.to_dict() for kind, value in by_kind.items()}, "examples": answers.examples(alarms)},
    )  # fmt: skip


def _symmetry(answers: _Answers, limits: Limits) -> Section:
    flips, gold = answers.flips(), np.asarray(answers.gold[::2].any(axis=1))
    fired = answers.found().reshape(-1, 2)
    n = len(flips)
    bias = _biases(answers)
    told = [abs(one["value"]) for groups in bias.values() for one in groups.values() if one["is_told"]]
    n_groups = sum(one["p_holm"] is not None for groups in bias.values() for one in groups.values())
    figures = (
        Figure("flips", "decisions that flip when the names change", flip_share(answers.decisions[::2], answers.decisions[1::2]), at_most=limits.symmetry_flips, n=n),
        Figure("pairs_with_a_flip", "pairs with any flip", share(flips.any(axis=1)), n=n),
        Figure("carrying", "pairs that carry a technique", share(gold), n=n),
        Figure("fired", "... of which it is found on both sides", share(np.asarray(fired.all(axis=1))[gold]), at_least=limits.symmetry_fired, n=int(gold.sum())),
        Figure("worst_bias", "largest bias of a score for one name that can be told", Estimate(max(told, default=0.0)), at_most=limits.name_bias, n=n_groups),
    )  # fmt: skip
    return Section(
        "symmetry", "Pairs that differ only in who is named", figures,
        notes=(
            "A model that never fires flips nothing: read flips beside the pairs that fire.",
            f"{n_groups} biases have enough pairs (6 of a name) to be told at all; signs of pairs turned at random, Holm's correction.",
        ),
        details={"bias": bias, "examples": answers.examples(flips.any(axis=1))},
    )  # fmt: skip


def _biases(answers: _Answers) -> dict[str, Any]:
    """Per technique and name spoken of: mean score with that name minus mean score with the one that replaces it."""
    named = [bool(a.get("at") and b.get("at")) for a, b in zip(answers.suite.first, answers.suite.second, strict=True)]
    rows = np.flatnonzero(named).tolist()
    first_names = [str(answers.suite.first[row]["at"]) for row in rows]
    second_names = [str(answers.suite.second[row]["at"]) for row in rows]
    biases = {}
    for column, name in enumerate(answers.ids):
        first, second = answers.probabilities[::2, column][rows], answers.probabilities[1::2, column][rows]
        found = signed_bias(first, second, first_names=first_names, second_names=second_names)
        p_values = told_biases(first, second, first_names=first_names, second_names=second_names)
        biases[name] = {
            group: {
                "n_pairs": n,
                **value.to_dict(),
                "p_holm": p_values[group],
                "is_told": (p_values[group] or 1.0) <= 0.05,
            }
            for group, (n, value) in found.items()
        }
    return biases


def _minimal_pairs(answers: _Answers, limits: Limits) -> Section:
    columns = np.array(
        [
            answers.ids.index(line["technique"]) if line["technique"] in answers.ids else -1
            for line in answers.suite.first
        ]
    )
    rows = np.flatnonzero(columns >= 0)
    higher = answers.probabilities[::2][rows, columns[rows]]
    lower = answers.probabilities[1::2][rows, columns[rows]]

    def of(column: int) -> Estimate:
        chosen = columns[rows] == column
        return ranked_rightly(higher[chosen], lower[chosen])

    figures = [
        Figure("ranked", "pairs ranked rightly", ranked_rightly(higher, lower), at_least=limits.minimal_pairs, n=len(rows)),
        *(Figure(f"ranked_{name}", f"... of {name}", of(column), n=int((columns == column).sum())) for column, name in enumerate(answers.ids)),
    ]  # fmt: skip
    wrong = np.zeros(len(columns), dtype=bool)
    wrong[rows] = higher <= lower
    return Section(
        "minimal_pairs", "A sentence with a technique above its neutral rewrite", tuple(figures),
        details={"examples": answers.examples(wrong)},
    )  # fmt: skip


def _same_in_both(name: str, title: str, what: str) -> Callable[[_Answers, Limits], Section]:
    def section(answers: _Answers, limits: Limits) -> Section:
        flips, gold = answers.flips(), np.asarray(answers.gold[::2].any(axis=1))
        found = answers.found().reshape(-1, 2)
        n = len(flips)
        figures = (
            Figure("flips", f"decisions that flip {what}", flip_share(answers.decisions[::2], answers.decisions[1::2]), n=n),
            Figure("found_first", f"techniques found in the {answers.suite.first[0]['role']} form", share(found[gold, 0]), n=int(gold.sum())),
            Figure("found_second", f"techniques found in the {answers.suite.second[0]['role']} form", share(found[gold, 1]), n=int(gold.sum())),
        )  # fmt: skip
        return Section(name, title, figures, details={"examples": answers.examples(flips.any(axis=1))})

    return section


_SECTIONS: Mapping[str, Callable[[_Answers, Limits], Section]] = {
    "neutral_alarm": _neutral_alarm,
    "symmetry": _symmetry,
    "minimal_pairs": _minimal_pairs,
    "attribution": _same_in_both(
        "attribution", "The same words in the author's voice and in another's", "with the voice"
    ),
    "transcribed": _same_in_both("transcribed", "Capitals, typos, lost punctuation", "with the spelling"),
}
