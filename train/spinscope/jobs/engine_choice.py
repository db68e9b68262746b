"""`--engine auto`: the fastest engine on the user's own sentences and machine that still answers as float32 does."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from spinscope.data.encoding import contexts_of
from spinscope.errors import UserError
from spinscope.files import read_json
from spinscope.jobs.export_gate import answers_of
from spinscope.jobs.progress import show
from spinscope.measure.gates import APPROXIMATE_BOUNDS, EXACT_BOUNDS, Bounds, agreement, broken_bounds
from spinscope.model.checkpoint import MANIFEST, open_checkpoint
from spinscope.model.engines import ENGINES, EXACT, EXPORTS, fastest_exact, processor_name, require_engine
from spinscope.model.prediction import Classifier
from spinscope.records import Sentence

SECONDS = 10.0
"""What a choice may take, opening the engines left out."""

MOST_SENTENCES = 2048
FIRST_SENTENCES = 64
ROUNDS = 5
"""Of timing at least, engine after engine in each, so that what else the machine does touches all alike."""


Sample = list[tuple[str, str]]
"""Texts, and what stands beside each."""


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """The engine to use, and why.

    Attributes:
        engine: the fastest of those that keep their bounds.
        threads: it was measured with.
        reference: the engine in float32 that the others were compared with.
        n_sentences: on which they were compared.
        measured: engine -> sentences_per_second, n_flipped, flipped_fraction, flipped_positive_fraction,
            largest_difference, and refused: None, or why it is out.
        processor: they ran on.
    """

    engine: str
    threads: int
    reference: str
    n_sentences: int
    measured: Mapping[str, Mapping[str, Any]]
    processor: str

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def choose_engine(
    checkpoint: Path,
    sentences: Sequence[Sentence],
    *,
    candidates: Sequence[str] | None = None,
    seconds: float = SECONDS,
    threads: int | None = None,
    bounds: Bounds = APPROXIMATE_BOUNDS,
    seed: int = 0,
) -> EngineChoice:
    """Measures engines on a sample of the sentences, engine after engine in several rounds, and takes the fastest.

    An engine that cannot be opened, or that breaks the bounds of its gate on the sample, is out; float32 in torch never
    is.

    Args:
        checkpoint: its folder.
        sentences: the user's own, of whole articles, so that context is found.
        candidates: engines; None: all that the checkpoint has exports of, and torch.
        seconds: for all measurements together.
        threads: of the engines; None: as `open_checkpoint` takes it.
        bounds: of engines in bf16 and int8; macro F1 is not known here.
        seed: of the sample.

    Raises:
        UserError: an unknown candidate, or a faulty checkpoint.
    """
    path = Path(checkpoint)
    opened, refused = _opened(path, candidates, threads)
    reference = fastest_exact(read_json(path / MANIFEST))
    if reference not in opened:
        opened[reference] = open_checkpoint(path, engine=reference, threads=threads)
    sample = _sample(sentences, opened[reference], seconds=seconds / 4, seed=seed)
    measured = _compared(opened, reference, sample, bounds)
    fit = {engine: opened[engine] for engine, facts in measured.items() if facts["refused"] is None}
    speeds = _speeds(fit, sample, seconds=seconds / 2) if sample else {reference: 0.0}
    for engine, speed in speeds.items():
        measured[engine]["sentences_per_second"] = round(speed, 1)
    measured |= {engine: {"refused": reason} for engine, reason in refused.items()}
    best = max(speeds, key=lambda engine: speeds[engine])
    return EngineChoice(best, opened[best].threads, reference, len(sample), measured, processor_name())


def _opened(
    path: Path, candidates: Sequence[str] | None, threads: int | None
) -> tuple[dict[str, Classifier], dict[str, str]]:
    """The candidates that can be opened, and why the others cannot."""
    if candidates is None:
        exports = read_json(path / MANIFEST).get(EXPORTS, {})
        candidates = [engine for engine in ENGINES if engine == "torch" or engine in exports]
    for engine in candidates:
        require_engine(engine, where="candidates")
    opened: dict[str, Classifier] = {}
    refused: dict[str, str] = {}
    for engine in candidates:
        try:
            opened[engine] = open_checkpoint(path, engine=engine, threads=threads)
        except UserError as error:
            if engine == "torch":
                raise
            refused[engine] = error.found
    return opened, refused


def _sample(sentences: Sequence[Sentence], classifier: Classifier, *, seconds: float, seed: int) -> Sample:
    """As many different sentences, drawn at random, as the engine scores in that time."""
    contexts = contexts_of(sentences, classifier.config.model.context)
    different = list(
        dict.fromkeys((sentence.text, beside) for sentence, beside in zip(sentences, contexts, strict=True))
    )
    sample = random.Random(seed).sample(different, min(len(different), MOST_SENTENCES))
    first = sample[:FIRST_SENTENCES]
    rate = len(first) / _seconds(classifier, first) if first else 0.0
    return sample[: max(FIRST_SENTENCES, int(rate * seconds))]


def _compared(
    opened: Mapping[str, Classifier], reference: str, sample: Sample, bounds: Bounds
) -> dict[str, dict[str, Any]]:
    """How far each engine's answers are from the reference's, and whether that is too far."""
    texts, contexts = [text for text, _ in sample], [beside for _, beside in sample]
    truth = answers_of(opened[reference], opened[reference].scorer, texts, contexts)
    measured: dict[str, dict[str, Any]] = {}
    for engine, classifier in opened.items():
        answers = truth if engine == reference else answers_of(classifier, classifier.scorer, texts, contexts)
        found = agreement(truth, answers)
        broken = broken_bounds(found, None, EXACT_BOUNDS if engine in EXACT else bounds)
        measured[engine] = {**found.to_dict(), "refused": "; ".join(broken) or None}
    return measured


def _speeds(engines: Mapping[str, Classifier], sample: Sample, *, seconds: float) -> dict[str, float]:
    """Sentences per second of each engine in its best round; tokenising, which is alike for all, is left out."""
    part = sample[:FIRST_SENTENCES]
    slowest = max(_seconds(classifier, part) for classifier in engines.values()) / len(part)
    n_timed = min(len(sample), max(FIRST_SENTENCES, int(seconds / ROUNDS / len(engines) / slowest)))
    timed = sample[:n_timed]
    best = dict.fromkeys(engines, float("inf"))
    for _ in range(ROUNDS):
        for engine, classifier in engines.items():
            best[engine] = min(best[engine], _seconds(classifier, timed))
    return {engine: len(timed) / spent for engine, spent in best.items()}


def _seconds(classifier: Classifier, sample: Sample) -> float:
    prepared = classifier.scorer.prepare([text for text, _ in sample], [beside for _, beside in sample])
    start = time.perf_counter()
    classifier.scorer.run(prepared)
    return max(time.perf_counter() - start, 1e-9)


def tell(choice: EngineChoice) -> None:
    """Says which engine was chosen, and what was measured of each."""
    for engine, facts in choice.measured.items():
        speed = facts.get("sentences_per_second")
        answers = f"{facts['flipped_fraction']:.2%} of decisions differ" if "flipped_fraction" in facts else ""
        told = [
            f"{speed:,.0f} sentences/s" if speed else "",
            answers,
            f"out: {facts['refused']}" if facts["refused"] else "",
        ]
        show(f"  {engine}: {', '.join(part for part in told if part)}")
    show(
        f"{choice.engine}, of {choice.n_sentences:,} sentences measured; `--engine {choice.engine}` pins it",
        bold="engine: ",
    )
