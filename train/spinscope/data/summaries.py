"""What an article's scores come to: share and density of each technique, by voice, and the strongest sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spinscope.data.voice import main_voice
from spinscope.records import ScoredSentence

VOICES = ("author", "quoted", "reported")
ANY = "any"
_WORD = re.compile(r"\w+(?:['’-]\w+)*")


@dataclass
class Tally:
    """Sentences and words by voice, and how many sentences of each voice carry each technique.

    A sentence counts for the voice that holds most of its characters.
    """

    techniques: tuple[str, ...]
    n_sentences: dict[str, int] = field(default_factory=lambda: dict.fromkeys(VOICES, 0))
    n_words: dict[str, int] = field(default_factory=lambda: dict.fromkeys(VOICES, 0))
    n_marked: dict[str, dict[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for technique in (*self.techniques, ANY):
            self.n_marked.setdefault(technique, dict.fromkeys(VOICES, 0))

    def add(self, sentence: ScoredSentence) -> None:
        """Counts one sentence."""
        voice = main_voice(len(sentence.text), sentence.voices)
        self.n_sentences[voice] += 1
        self.n_words[voice] += count_words(sentence.text)
        for technique in sentence.techniques:
            self.n_marked[technique][voice] += 1
        self.n_marked[ANY][voice] += bool(sentence.techniques)

    def merge(self, other: Tally) -> None:
        """Adds another tally's counts."""
        for voice in VOICES:
            self.n_sentences[voice] += other.n_sentences[voice]
            self.n_words[voice] += other.n_words[voice]
            for technique, counts in other.n_marked.items():
                self.n_marked[technique][voice] += counts[voice]

    def to_dict(self) -> dict[str, Any]:
        """Counts and rates; a rate over nothing is null."""
        return {
            "n_sentences": sum(self.n_sentences.values()),
            "n_words": sum(self.n_words.values()),
            "by_voice": {
                voice: {"n_sentences": self.n_sentences[voice], "n_words": self.n_words[voice]} for voice in VOICES
            },
            "techniques": {technique: self._rates(counts) for technique, counts in self.n_marked.items()},
        }

    def _rates(self, counts: Mapping[str, int]) -> dict[str, Any]:
        total = _rate(sum(counts.values()), sum(self.n_sentences.values()), sum(self.n_words.values()))
        by_voice = {voice: _rate(counts[voice], self.n_sentences[voice], self.n_words[voice]) for voice in VOICES}
        return {**total, "by_voice": by_voice}


def count_words(text: str) -> int:
    """Words as rates count them: runs of letters and digits, with apostrophes and hyphens inside."""
    return len(_WORD.findall(text))


def tally(sentences: Sequence[ScoredSentence], *, techniques: Sequence[str]) -> Tally:
    """The counts of one article."""
    counts = Tally(tuple(techniques))
    for sentence in sentences:
        counts.add(sentence)
    return counts


def strongest(sentences: Sequence[ScoredSentence], *, limit: int = 5) -> list[dict[str, Any]]:
    """The decided techniques with the highest probabilities, one entry for each sentence, strongest first."""
    found = [
        (max(sentence.probabilities[name] for name in sentence.techniques), sentence)
        for sentence in sentences
        if sentence.techniques
    ]
    found.sort(key=lambda item: (-item[0], item[1].index))
    return [
        {
            "index": sentence.index,
            "start": sentence.start,
            "end": sentence.end,
            "text": sentence.text,
            "voice": main_voice(len(sentence.text), sentence.voices),
            "techniques": {name: round(float(sentence.probabilities[name]), 6) for name in sentence.techniques},
        }
        for _, sentence in found[:limit]
    ]


def _rate(n_marked: int, n_sentences: int, n_words: int) -> dict[str, Any]:
    return {
        "n_sentences": n_marked,
        "share": round(n_marked / n_sentences, 6) if n_sentences else None,
        "per_1000_words": round(1000 * n_marked / n_words, 4) if n_words else None,
    }
