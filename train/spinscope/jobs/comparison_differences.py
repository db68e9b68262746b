"""What sets two checkpoints apart before any sentence is scored, in words: config, data, techniques, thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from spinscope.config import RunConfig
from spinscope.jobs.config_differences import is_read
from spinscope.model.prediction import Classifier

_UNTOLD = (
    "tracking.",
    "evaluation.limits.",
    "evaluation.n_resamples",
    "evaluation.confidence",
    "evaluation.seed",
    "training.n_seeds",
)
"""What decides no answer of a checkpoint."""

_LEAST_THRESHOLD = 0.005


def system_differences(first: Sequence[Classifier], second: Sequence[Classifier]) -> list[str]:
    """One sentence for each thing in which two systems differ, the weightiest first; the seeds of each are alike.

    Args:
        first: seeds of the system that is compared with.
        second: seeds of the other.
    """
    one, other = first[0], second[0]
    if [seed.identity for seed in first] == [seed.identity for seed in second]:
        return ["the same weights, taxonomy and thresholds: one checkpoint twice"]
    told = [*_data(one, other), *_techniques(one, other)]
    told += [
        sentence
        for sentence in config_sentences(one, other)
        if len(first) == len(second) == 1 or not sentence.startswith("training.seed:")
    ]
    told += [*_seeds(first, second), *_decision(one, other), *_libraries(one, other)]
    alike = "the same config, data, techniques and libraries; the weights differ"
    return told if any(not sentence.startswith("the same") for sentence in told) else [*told, alike]


def config_differences(one: Classifier, other: Classifier) -> list[str]:
    """Dotted names of the settings in which two runs differ, the seed apart; what neither looks at is left out."""
    return [key for key, *_ in _changed(one, other) if key != "training.seed"]


def config_sentences(one: Classifier, other: Classifier) -> list[str]:
    """`training.epochs: 2 instead of 3 (Passes over the training part)` for every setting that both look at."""
    return [
        f"{key}: {_shown(now)} instead of {_shown(before)}{_meaning(key)}" for key, before, now in _changed(one, other)
    ]


def _changed(one: Classifier, other: Classifier) -> Iterator[tuple[str, Any, Any]]:
    before, now = (dict(_flat(each.config.model_dump(mode="json"))) for each in (one, other))
    kinds = {each.config.model.kind for each in (one, other)}
    for key in dict.fromkeys([*before, *now]):
        if (
            before.get(key) != now.get(key)
            and not key.startswith(_UNTOLD)
            and all(is_read(key, kind) for kind in kinds)
        ):
            yield key, before.get(key), now.get(key)


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _meaning(key: str) -> str:
    block: Any = RunConfig
    for part in key.split("."):
        field = block.model_fields.get(part) if isinstance(block, type) and issubclass(block, BaseModel) else None
        if field is None:
            return ""
        block, description = field.annotation, field.description
    return f" ({description.rstrip('.')})" if description else ""


def _shown(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "nothing"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)


def _data(one: Classifier, other: Classifier) -> Iterator[str]:
    before, now = (each.manifest.get("data", {}) for each in (one, other))
    if not before or not now:
        return
    counts = [_counts(each) for each in (before, now)]
    hashes = [str(each.get("sha256", ""))[:12] for each in (before, now)]
    if hashes[0] == hashes[1]:
        yield f"the same data ({counts[1]}; sha256 {hashes[1]})"
    else:
        yield f"other data: {counts[1]} (sha256 {hashes[1]}) instead of {counts[0]} (sha256 {hashes[0]})"
    seen = [each.training_hashes() for each in (one, other)]
    if all(seen) and seen[0] != seen[1]:
        yield (
            f"of {len(seen[1]):,} different sentences trained on, {len(seen[1] - seen[0]):,} are new and "
            f"{len(seen[0] - seen[1]):,} are gone"
        )


def _counts(data: Mapping[str, Any]) -> str:
    parts = [f"{n:,} {part}" for part, n in data.get("n_sentences", {}).items()]
    return f"{data.get('n_articles', 0):,} articles, sentences: {', '.join(parts)}"


def _techniques(one: Classifier, other: Classifier) -> Iterator[str]:
    before, now = one.inventory, other.inventory
    if before.name != now.name:
        yield f"taxonomy {now.name} instead of {before.name}"
    for told, names in (
        ("new", [name for name in now.ids if name not in before.ids]),
        ("gone", [name for name in before.ids if name not in now.ids]),
    ):
        if names:
            yield f"techniques that are {told}: {', '.join(names)}"


def _seeds(first: Sequence[Classifier], second: Sequence[Classifier]) -> Iterator[str]:
    if len(first) == len(second) == 1:
        return
    before, now = (", ".join(str(seed.manifest.get("seed", "?")) for seed in seeds) for seeds in (first, second))
    if before != now:
        yield f"seeds {now} instead of {before}"


def _decision(one: Classifier, other: Classifier) -> Iterator[str]:
    for name in ("rule", "calibration"):
        before, now = (getattr(each.decision, name) for each in (one, other))
        if before != now:
            yield f"{'threshold rule' if name == 'rule' else name} {now} instead of {before}"
    moved = []
    for technique in one.inventory.ids:
        if technique in other.inventory.ids:
            before, now = (each.decision.thresholds[each.inventory.index(technique)] for each in (one, other))
            if abs(before - now) >= _LEAST_THRESHOLD:
                moved.append(f"{technique} {now:.2f} instead of {before:.2f}")
    if moved:
        yield f"thresholds: {', '.join(moved)}"


def _libraries(one: Classifier, other: Classifier) -> Iterator[str]:
    before, now = (each.manifest.get("libraries", {}) for each in (one, other))
    for name in dict.fromkeys([*before, *now]):
        if before.get(name) != now.get(name):
            yield f"{name} {now.get(name, 'none')} instead of {before.get(name, 'none')}"
