"""The words of the house: plain frozen records that every room shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

VoiceName = Literal["author", "quoted", "reported"]
Part = Literal["title", "body"]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of a sentence's text that carry a technique."""

    start: int
    end: int
    technique: str


@dataclass(frozen=True, slots=True)
class Voice:
    """Characters [start, end) of a sentence's text that are not the author's own."""

    start: int
    end: int
    voice: VoiceName
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """A document. Offsets everywhere else are code points of `text`.

    `title_end` characters from the start are the headline (0: none). `metadata` holds further columns
    of the input (date, source, ...), carried through to the output.
    """

    id: str
    text: str
    title_end: int = 0
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an article, with what is known of its techniques.

    `article.text[start:end] == text` where the article is at hand. `techniques` are the positive ones,
    `annotated` those that are known at all: a technique in neither is not annotated (masked), one in
    `annotated` alone is a true negative. `split` is a split given by the source, or None.
    """

    article: str
    index: int
    start: int
    end: int
    text: str
    spans: tuple[Span, ...] = ()
    techniques: tuple[str, ...] = ()
    annotated: tuple[str, ...] = ()
    voices: tuple[Voice, ...] = ()
    part: Part = "body"
    split: str | None = None
    source: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """How probabilities become decisions, and what was fitted on dev to get there.

    `thresholds` are (n_techniques,) probabilities, 0 to 1: decided where probability >= threshold.
    `slopes` and `intercepts` record the calibration p = sigmoid(slope * logit + intercept), with what recurring wording
    changes in them; a checkpoint carries them folded into its linear head, and they are never applied a second time.
    `recurrence_weights` are what each unit of recurring wording (`data.repetition.recurrence`) adds to the calibrated
    logit, per technique (empty: nothing): p = sigmoid(slope * logit + intercept + weight * recurrence).
    `band_lows` and `band_highs` bound, for each technique, the probabilities between which a decision is left to a person
    (equal: none is); empty where the checkpoint carries no such band.
    `threshold_lows` and `threshold_highs` say how far each threshold moves when other dev articles are drawn (empty:
    not measured).
    `any_threshold` is the cut-off, 0 to 1, of the probability that a sentence has any technique, 1 - prod (1 - p); None:
    it has one where some technique is decided.
    """

    techniques: tuple[str, ...]
    thresholds: tuple[float, ...]
    rule: str = "fixed"
    calibration: str = "none"
    slopes: tuple[float, ...] = ()
    intercepts: tuple[float, ...] = ()
    threshold_lows: tuple[float, ...] = ()
    threshold_highs: tuple[float, ...] = ()
    band_lows: tuple[float, ...] = ()
    band_highs: tuple[float, ...] = ()
    fitted_on: Mapping[str, Any] = field(default_factory=dict)
    recurrence_weights: tuple[float, ...] = ()
    any_threshold: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """For JSON; without `recurrence_weights`, `band_lows`, `band_highs` and `any_threshold` where there are none."""
        optional = ("recurrence_weights", "band_lows", "band_highs", "any_threshold")
        return {name: value for name, value in asdict(self).items() if name not in optional or value not in ((), None)}


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A sentence of a scored article. `probabilities` maps technique id to 0..1; `n_windows` > 1 where it was too
    long for the model and scored in windows. `abstained`: techniques whose probability lies within the band of doubt;
    None where none is drawn. `any_probability`, 0 to 1, and `any_decided`: that it has any technique, and whether that is
    said of it; None where the checkpoint has no cut-off for that.
    """

    article: str
    index: int
    start: int
    end: int
    text: str
    voices: tuple[Voice, ...]
    probabilities: Mapping[str, float]
    techniques: tuple[str, ...]
    n_windows: int = 1
    abstained: tuple[str, ...] | None = None
    any_probability: float | None = None
    any_decided: bool | None = None
