"""The verb `voices`: how well quoted and reported speech and its speakers are told, against voices marked by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinscope.data.splits import SPLITS
from spinscope.data.voice import voices_of
from spinscope.data.voice_comparison import COUNTS, count_voices
from spinscope.errors import DONE, UserError, did_you_mean
from spinscope.files import read_jsonl, write_json
from spinscope.jobs.tables import estimate_text, plain_table, result_console
from spinscope.measure.resampling import Estimate
from spinscope.measure.voices import measure_voices
from spinscope.records import Voice

if TYPE_CHECKING:
    from rich.console import Console

ROWS = {
    "direct quotation, characters": "character",
    "direct quotation, whole, exact bounds": "quotation",
    "reported speech, sentences": "reported",
}
SPEAKERS = {
    "speaker named rightly": "speaker_score",
    "... of quoted stretches": "quoted_speaker_score",
    "... of reported stretches": "reported_speaker_score",
    "... in the same words": "verbatim_speaker_score",
}


@dataclass(frozen=True, slots=True)
class _Marked:
    """One sentence with the voices marked in it; `start` in its article, or None."""

    text: str
    voices: tuple[Voice, ...]
    start: int | None


def voice_quality(
    sentences: Path,
    *,
    split: str | None = None,
    json_file: Path | None = None,
    n_resamples: int = 2000,
    confidence: float = 0.95,
    seed: int = 13,
    console: Console | None = None,
) -> int:
    """Prints the figures of `measure.voices`, with intervals over articles.

    Args:
        sentences: JSONL; each line has `text` and `voices` ({start, end, voice, speaker}), and where it is a sentence of
            an article `article`, `start` and `end`. Lines without `article` are articles of their own.
        split: of lines with `split`, only these; None or `all`: every line.
        json_file: also gets the result.
        n_resamples: of the articles, for the intervals.
        confidence: level of the intervals, 0 to 1.
        seed: of the resampling.
        console: where to print; by default standard output.

    Returns:
        the exit code, 0.

    Raises:
        UserError: no such split, a line without text or voices, nothing to measure.
    """
    console = console or result_console()
    result = measured(sentences, split=split, n_resamples=n_resamples, confidence=confidence, seed=seed)
    _print(result, sentences, split, confidence, console)
    if json_file is not None:
        figures = {name: estimate.to_dict() for name, estimate in result.figures.items()}
        settings = {"n_resamples": n_resamples, "confidence": confidence, "seed": seed}
        record = {"sentences": str(sentences), "split": split, **result.counts, "settings": settings, "figures": figures}
        write_json(json_file, record)
        console.print(f"written: {json_file}", markup=False, soft_wrap=True)
    return DONE


@dataclass(frozen=True, slots=True)
class VoiceQuality:
    """The figures, by name, and how much they were measured on."""

    figures: Mapping[str, Estimate]
    counts: Mapping[str, int]


def measured(
    sentences: Path, *, split: str | None = None, n_resamples: int = 2000, confidence: float = 0.95, seed: int = 13
) -> VoiceQuality:
    """The figures on a file of marked sentences; arguments and errors as of `voice_quality`."""
    articles = _read(Path(sentences), split)
    table = []
    n_sentences = 0
    for marked in articles.values():
        text, bounds = _article(marked)
        gold = [sentence.voices for sentence in marked]
        table.append(count_voices(text, bounds, gold, voices_of(text, bounds)))
        n_sentences += len(marked)
    figures = measure_voices(table, COUNTS, n_resamples=n_resamples, confidence=confidence, seed=seed)
    sums = dict(zip(COUNTS, map(sum, zip(*table, strict=True)), strict=True))
    return VoiceQuality(figures, {"n_articles": len(table), "n_sentences": n_sentences, **sums})


def _read(path: Path, split: str | None) -> dict[str, list[_Marked]]:
    """Marked sentences by article, in the order of the file."""
    if split not in (None, "all", *SPLITS):
        raise UserError(
            f"split '{split}'", where="--split", expected="train, dev, test or all",
            remedy=did_you_mean(str(split), (*SPLITS, "all")),
        )  # fmt: skip
    articles: dict[str, list[_Marked]] = {}
    for number, record in read_jsonl(path):
        if split in (None, "all") or record.get("split") == split:
            article = record.get("article")
            key = f"line {number}" if article is None else f"article {article}"
            articles.setdefault(key, []).append(_marked(record, f"{path}:{number}"))
    if not articles:
        wanted = "" if split in (None, "all") else f" of split {split}"
        raise UserError(f"no sentence{wanted}", where=str(path), expected="lines with text and voices")
    return articles


def _marked(record: Mapping[str, Any], where: str) -> _Marked:
    text, voices = record.get("text"), record.get("voices")
    if not isinstance(text, str) or not isinstance(voices, list):
        raise UserError("no text or no voices", where=where, expected='{"text": ..., "voices": [...]}')
    try:
        marked = tuple(Voice(v["start"], v["end"], v["voice"], v.get("speaker")) for v in voices)
    except (KeyError, TypeError, AttributeError):
        raise UserError(
            "a faulty voices entry", where=where, expected="objects with start, end, voice and perhaps speaker"
        ) from None
    for voice in marked:
        inside = isinstance(voice.start, int) and isinstance(voice.end, int) and 0 <= voice.start < voice.end <= len(text)
        if not inside or voice.voice not in ("quoted", "reported"):
            raise UserError(
                f"a voices entry '{voice.voice}' from {voice.start} to {voice.end}", where=where,
                expected=f"quoted or reported, within 0 and {len(text)}",
            )  # fmt: skip
    start = record.get("start")
    return _Marked(text, marked, start if isinstance(start, int) else None)


def _article(marked: list[_Marked]) -> tuple[str, list[tuple[int, int]]]:
    """The article put together from its sentences, and their bounds in it.

    What stood between two sentences is not in the records, only how long it was: one character was a space, more a
    blank line, as in the articles of the native corpus.
    """
    text = ""
    bounds: list[tuple[int, int]] = []
    previous_end: int | None = None
    for sentence in marked:
        known = sentence.start is not None and previous_end is not None
        gap = (sentence.start or 0) - (previous_end or 0) if known else 1
        if bounds:
            text += "" if gap <= 0 else "\n" if gap == 1 else "\n\n"
        bounds.append((len(text), len(text) + len(sentence.text)))
        text += sentence.text
        previous_end = sentence.start + len(sentence.text) if sentence.start is not None else None
    return text, bounds


def _print(result: VoiceQuality, path: Path, split: str | None, confidence: float, console: Console) -> None:
    counts, figures = result.counts, result.figures
    part = "" if split in (None, "all") else f", {split} part"
    title = (
        f"Voices in {path}{part}: {_counted(counts['n_sentences'], 'sentence')} of "
        f"{_counted(counts['n_articles'], 'article')} ({confidence:.0%} intervals over articles)"
    )
    table = plain_table(title, "what", "n", "F1", "precision", "recall")
    counted = {"character": "character", "quotation": "quotation", "reported": "sentence"}
    for label, name in ROWS.items():
        n_marked = counts[f"{counted[name]}_hits"] + counts[f"{counted[name]}_missed"]
        cells = (estimate_text(figures[f"{name}_{kind}"]) for kind in ("f1", "precision", "recall"))
        table.add_row(label, f"{n_marked:,}", *cells)
    console.print(table)
    n_quoted, n_reported = counts["quoted_named"], counts["reported_named"]
    n_of = {"quoted_speaker_score": n_quoted, "reported_speaker_score": n_reported}
    speakers = plain_table("Speakers, of stretches whose speaker is named", "what", "n", "share")
    for label, name in SPEAKERS.items():
        speakers.add_row(label, f"{n_of.get(name, n_quoted + n_reported):,}", estimate_text(figures[name]))
    console.print(speakers)


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
