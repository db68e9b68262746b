"""What a gold or submission file holds, read: fragments of articles, or labels of units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from spinscope.data.submissions.tasks import Task

Fragment = tuple[int, int, str]
"""Characters [start, end) and a label of the task."""

Unit = tuple[str, ...]
"""(article, line), (article, paragraph) or (text id,): the first part is what an interval resamples."""

FRAGMENTS = ("fragments", "listings", "fragment_memes")
"""Kinds of tasks whose files hold fragments."""


@dataclass(frozen=True, slots=True)
class Content:
    """Gold or predictions of a task.

    Attributes:
        task: whose.
        fragments: article -> fragments in the order of the file; an article without any has an empty tuple.
        labels: unit -> labels; of `lines` either none or "propaganda".
        files: what was read.
        notes: what to keep in mind.
    """

    task: Task
    fragments: Mapping[str, tuple[Fragment, ...]] = field(default_factory=dict)
    labels: Mapping[Unit, tuple[str, ...]] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def n_units(self) -> int:
        """Articles or units."""
        return len(self.fragments) if self.task.kind in FRAGMENTS else len(self.labels)

    @property
    def n_marks(self) -> int:
        """Fragments or labels."""
        return sum(map(len, self.fragments.values())) + sum(map(len, self.labels.values()))
