"""The shared tasks that have an official score: names, labels as their files spell them, and what a unit is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from spinscope.errors import UserError, did_you_mean
from spinscope.taxonomy import inventory

Kind = Literal["fragments", "listings", "lines", "paragraphs", "memes", "fragment_memes", "hierarchy"]
"""What a submission holds.

fragments: spans of articles; listings: gold spans with one label each; lines: yes or no for each line of an article;
paragraphs: labels for each paragraph of an article; memes: labels for each text; fragment_memes: spans of texts with
labels; hierarchy: labels or inner nodes for each text.
"""

PROPAGANDA = "propaganda"
"""The one label of tasks that ask only whether there is a technique."""

INNER_NODES = MappingProxyType(
    {
        "logos": "Logos", "justification": "Justification", "reasoning": "Reasoning",
        "simplification": "Simplification", "distraction": "Distraction", "ethos": "Ethos", "ad_hominem": "Ad Hominem",
        "pathos": "Pathos",
    }
)  # fmt: skip
"""Nodes of the hierarchy of SemEval-2024 as its files spell them; its root is no label."""

VISUAL = MappingProxyType({"Transfer": ("Ethos", "Pathos"), "Appeal to (Strong) Emotions": ("Pathos",)})
"""Techniques that images alone carry: never gold in subtask 1, and yet its scorer takes them."""


@dataclass(frozen=True)
class Task:
    """A subtask of a shared task.

    Attributes:
        name: on the command line.
        title: for people.
        kind: what a submission holds.
        inventory: name of its inventory.
        measure: what ranks the submissions, in words.
    """

    name: str
    title: str
    kind: Kind
    inventory: str
    measure: str

    @cached_property
    def label_of(self) -> Mapping[str, str]:
        """Technique id -> the task's label, in the inventory's order; the first alias is the organisers' spelling."""
        own = inventory(self.inventory)
        first: dict[str, str] = {}
        for alias, technique in own.aliases.items():
            first.setdefault(technique, alias)
        return MappingProxyType({technique: first[technique] for technique in own.ids})

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What a submission may say, in the order in which figures are listed."""
        if self.name in ("semeval2020-si", "nlp4if2019-slc"):
            return (PROPAGANDA,)
        if self.kind == "hierarchy":
            return (*self.label_of.values(), *VISUAL, *INNER_NODES.values())
        return tuple(self.label_of.values())

    @cached_property
    def parents(self) -> Mapping[str, tuple[str, ...]]:
        """Label -> the labels of the nodes directly above it; for a hierarchy only, and without its root."""
        own = inventory(self.inventory)
        names = {**self.label_of, **INNER_NODES}
        found = {
            label: tuple(names[parent] for parent in own.parents.get(node, ()) if parent in names)
            for node, label in names.items()
        }
        return MappingProxyType({**found, **VISUAL})


TASKS: Mapping[str, Task] = MappingProxyType(
    {
        task.name: task
        for task in (
            Task(
                "semeval2020-si", "SemEval-2020 task 11, span identification", "fragments", "ptc-14",
                "F1 of merged spans with credit for partial overlap",
            ),
            Task(
                "semeval2020-tc", "SemEval-2020 task 11, technique classification", "listings", "ptc-14",
                "micro-F1 over given spans, best assignment of labels where a span is listed several times",
            ),
            Task(
                "nlp4if2019-slc", "NLP4IF-2019, sentence-level classification", "lines", "ptc-18",
                "F1 of the class propaganda",
            ),
            Task(
                "nlp4if2019-flc", "NLP4IF-2019, fragment-level classification", "fragments", "ptc-18",
                "F1 of spans with their techniques, with credit for partial overlap",
            ),
            Task(
                "semeval2021-st1", "SemEval-2021 task 6, subtask 1", "memes", "semeval-2021",
                "micro-F1 of labels per text",
            ),
            Task(
                "semeval2021-st2", "SemEval-2021 task 6, subtask 2", "fragment_memes", "semeval-2021",
                "F1 of spans with their techniques, with credit for partial overlap, nothing merged",
            ),
            Task(
                "semeval2023-st3", "SemEval-2023 task 3, subtask 3", "paragraphs", "semeval-2023",
                "micro-F1 of labels per paragraph",
            ),
            Task(
                "semeval2024-st1", "SemEval-2024 task 4, subtask 1", "hierarchy", "semeval-2024",
                "hierarchical F1 of labels per text",
            ),
        )
    }
)  # fmt: skip


def named_task(name: str) -> Task:
    """The task of that name. Raises UserError with the nearest name where there is none."""
    if name not in TASKS:
        raise UserError(
            f"no shared task '{name}'", where="command line", expected="a task with an official score",
            remedy=did_you_mean(name, TASKS),
        )  # fmt: skip
    return TASKS[name]
