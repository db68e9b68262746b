"""The sentences with the highest scores among many, kept while score lines stream by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spinscope.data.groups import Group

LONGEST_TEXT = 600


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence with a technique, and where it stands.

    Attributes:
        article, index, start, end: the article's id, the sentence's place in it, and its characters there.
        text: the sentence; of a longer one than `LONGEST_TEXT` characters the beginning.
        is_cut: whether `text` is only the beginning.
        voice: whose words most of it are.
        speaker: who is quoted or reported, where named.
        score: the technique's probability, 0 to 1.
        group: the article's.
    """

    article: str
    index: int
    start: int
    end: int
    text: str
    is_cut: bool
    voice: str
    speaker: str | None
    score: float
    group: Group

    @property
    def rank(self) -> tuple[float, str, int]:
        """Ascending from the strongest; no two sentences share one."""
        return -self.score, self.article, self.start


class Strongest:
    """Keeps, for each technique and voice, the strongest sentences among those decided to have it.

    Sentences of one text (wire copy, boilerplate) count once. The order of the lines plays no part.

    Args:
        limit: how many for each technique and voice.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._kept: dict[tuple[str, str], dict[str, Example]] = {}
        self._weakest: dict[tuple[str, str], float] = {}

    def add(self, line: Mapping[str, Any], group: Group) -> None:
        """Looks at one score line."""
        for technique in line["techniques"]:
            place = (technique, line["voice"])
            if self.limit and line["probabilities"][technique] >= self._weakest.get(place, 0.0):
                self._keep(place, line["text"], _example(line, technique, group))

    def of(self, technique: str) -> list[Example]:
        """The kept sentences of a technique in any voice, strongest first."""
        found = [one for (name, _), kept in self._kept.items() if name == technique for one in kept.values()]
        return sorted(found, key=lambda one: one.rank)

    def _keep(self, place: tuple[str, str], text: str, example: Example) -> None:
        kept = self._kept.setdefault(place, {})
        name = " ".join(text[:LONGEST_TEXT].split())
        if name in kept and kept[name].rank < example.rank:
            return
        kept[name] = example
        if len(kept) > self.limit:
            del kept[max(kept, key=lambda text: kept[text].rank)]
        if len(kept) == self.limit:
            self._weakest[place] = min(one.score for one in kept.values())


def _example(line: Mapping[str, Any], technique: str, group: Group) -> Example:
    text = line["text"]
    return Example(
        line["article"], line["index"], line["start"], line["end"], text[:LONGEST_TEXT], len(text) > LONGEST_TEXT,
        line["voice"], _speaker(line["voice"], line["voices"]), float(line["probabilities"][technique]), group,
    )  # fmt: skip


def _speaker(voice: str, voices: Sequence[Mapping[str, Any]]) -> str | None:
    """The named speaker of the longest stretch in the sentence's main voice."""
    named = [one for one in voices if one["voice"] == voice and one["speaker"]]
    return max(named, key=lambda one: one["end"] - one["start"])["speaker"] if named else None
