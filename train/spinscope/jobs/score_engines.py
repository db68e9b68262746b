"""Which engine scores, with how many threads, and where: as asked for, as measured, or as the interrupted run had it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinscope.data.inputs import STANDARD_INPUT, Skipped
from spinscope.data.sentences import article_sentences
from spinscope.data.shards import Shard
from spinscope.errors import UserError
from spinscope.files import read_json
from spinscope.model.engines import require_engine

if TYPE_CHECKING:
    from spinscope.model.prediction import Classifier
    from spinscope.records import Sentence

RAY, AUTO, EXACT = "ray", "auto", "fp32"
_SENTENCES_TO_MEASURE = 4096


def divided(engine: str | None, *, workers: int | None = None) -> tuple[bool, str | None]:
    """Whether a run goes to Ray, and the engine there: of `ray`, `ray:onnx`, `onnx`, or None.

    Raises:
        UserError: no such engine, or workers without Ray.
    """
    name, _, inner = (engine or "").partition(":")
    if engine is not None and name != RAY:
        require_engine(engine, more=(EXACT, AUTO, RAY))
    elif inner:
        require_engine(inner, where=f"--engine {RAY}:", more=(EXACT, AUTO))
    if workers is not None and name != RAY:
        raise UserError(
            f"--workers {workers} without Ray", where="--workers", remedy="add --engine ray, or say --threads instead."
        )
    return (True, inner or None) if name == RAY else (False, engine)


def check_ray(files: Sequence[str]) -> None:
    """Refuses what cannot be done on Ray. Raises UserError where it is not installed."""
    if STANDARD_INPUT in files:
        raise UserError(
            "standard input", where="--engine ray", expected="files, which a process of Ray can read",
            remedy="write it to a file first.",
        )  # fmt: skip
    try:
        import ray.data  # noqa: F401
    except ImportError as error:
        raise UserError(
            f"Ray is not installed ({error})", where="--engine ray", remedy='pip install "spinscope[ray]"'
        ) from None


def checkpoint_facts(checkpoint: Path) -> Mapping[str, Any]:
    """The checkpoint's manifest, before it is opened. Raises UserError where there is none."""
    from spinscope.model.checkpoint import MANIFEST, verify

    file = checkpoint / MANIFEST
    facts = read_json(file) if file.is_file() else None
    return facts if isinstance(facts, dict) and "identity" in facts else verify(checkpoint)


def open_in_engine(
    checkpoint: Path | str, shards: Iterator[Shard], *, engine: str | None, threads: int | None,
    begun: Mapping[str, Any],
) -> tuple[Iterator[Shard], Classifier, Mapping[str, Any] | None]:  # fmt: skip
    """Opens the checkpoint in the engine that the run began with, or that is asked for, or that is measured.

    Args:
        checkpoint: the folder.
        shards: of the input; for a measurement, the first one is looked at.
        engine: as asked for; `auto` measures; None: the default.
        threads: as asked for; None: the default.
        begun: the record of an interrupted run, or `{}`.

    Returns:
        all shards, the classifier, and what was measured.
    """
    if "engine" in begun:
        classifier = opened(checkpoint, engine=begun["engine"], threads=begun["threads"])
        return shards, classifier, begun["engine_choice"]
    if engine != AUTO:
        return shards, opened(checkpoint, engine=engine, threads=threads), None
    from spinscope.jobs.engine_choice import choose_engine, tell

    first = next(shards, None)
    choice = choose_engine(Path(checkpoint), _sample(first), threads=threads)
    tell(choice)
    classifier = opened(checkpoint, engine=choice.engine, threads=choice.threads)
    return itertools.chain([first] if first else [], shards), classifier, choice.to_dict()


def opened(checkpoint: Path | str, *, engine: str | None, threads: int | None) -> Classifier:
    """The checkpoint in an engine; None: the fastest exact one."""
    from spinscope.model.checkpoint import open_checkpoint

    return open_checkpoint(checkpoint, engine=engine or EXACT, threads=threads)


def _sample(shard: Shard | None) -> list[Sentence]:
    """Sentences of the user's own to measure on: of the articles of a shard, whole ones, as many as are looked at."""
    articles = (item for item in (shard.items if shard else ()) if not isinstance(item, Skipped))
    sentences = (sentence for article in articles for sentence in article_sentences(article))
    return list(itertools.islice(sentences, _SENTENCES_TO_MEASURE))
