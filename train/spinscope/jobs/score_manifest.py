"""The run record and the manifest of scores: what is scored, with which checkpoint and how, and how it errs on dev."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinscope import __version__
from spinscope.data.encoding import article_codes, label_matrix
from spinscope.data.inputs import STANDARD_INPUT, encodable
from spinscope.data.score_reading import KIND
from spinscope.data.summaries import Tally
from spinscope.files import dump_json, read_jsonl
from spinscope.records import Sentence

if TYPE_CHECKING:
    from spinscope.model.prediction import Classifier

FORMAT = 1
_DIGITS = 6
_SKIPS_KEPT = 100
_INPUTS_KEPT = 100


def run_record(
    facts: Mapping[str, Any], *, options: Mapping[str, Any], batching: Mapping[str, Any], inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """What decides the bytes of a run, but for the engine: two runs with one record may go on with each other's shards.

    Args:
        facts: the checkpoint's manifest.
        options: as the command gives them.
        batching: how shards are cut.
        inputs: see `described`.
    """
    return {
        "kind": KIND,
        "format": FORMAT,
        "checkpoint": facts["name"],
        "checkpoint_sha256": facts["identity"],
        "taxonomy": dict(facts["taxonomy"]),
        "options": dict(options),
        "batching": dict(batching),
        "inputs": dict(inputs),
        "spinscope": __version__,
        "libraries": _versions(),
    }


def engine_record(classifier: Classifier, *, choice: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the run record says of the engine, once it is known: it is kept when the run goes on.

    Returns:
        `engine_on_dev` says how far its answers were from float32's when it was exported, and how far a score moved
        with the sentences beside it (`neighbours`); null for torch in float32, which is what others are compared with.
    """
    name = getattr(classifier, "engine", "torch")
    entry = getattr(classifier, "manifest", {}).get("exports", {}).get(name)
    return {
        "engine": name,
        "engine_on_dev": {what: entry[what] for what in ("agreement", "neighbours", "data")} if entry else None,
        "threads": getattr(classifier, "threads", None),
        "tokens_per_batch": getattr(getattr(classifier, "scorer", None), "tokens_per_batch", None),
        "engine_choice": choice,
    }


def engine_told(record: Mapping[str, Any]) -> str:
    """The engine of a run record or manifest in words, with what the export's gate measured where it has one."""
    measured = record.get("engine_on_dev")
    if measured is None:
        return str(record["engine"])
    return (
        f"{record['engine']}; on dev {measured['agreement']['flipped_fraction']:.2%} of its decisions differ from "
        f"float32's, and a score moves by {measured['neighbours']['largest_difference']:.1g} at most with the sentences "
        "beside it"
    )


def described(inputs: Sequence[str], files: Sequence[str]) -> dict[str, Any]:
    """The inputs by name and size; of standard input, the name alone.

    Args:
        inputs: as the command gives them.
        files: what they stand for.
    """
    listing = hashlib.sha256()
    n_bytes = 0
    for file in files:
        size = Path(file).stat().st_size if file != STANDARD_INPUT and Path(file).exists() else 0
        n_bytes += size
        listing.update(dump_json([file, size]).encode("utf-8", "surrogatepass") + b"\n")
    given = [encodable(name) for name in inputs]
    shown = given if len(given) <= _INPUTS_KEPT else [*given[:_INPUTS_KEPT], f"and {len(given) - _INPUTS_KEPT} more"]
    return {"arguments": shown, "n_files": len(files), "n_bytes": n_bytes, "listing_sha256": listing.hexdigest()}


def manifest_of(
    classifier: Classifier, run: Mapping[str, Any], records: Sequence[Mapping[str, Any]], *, total: Tally,
    files: Sequence[Mapping[str, Any]], others: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    """The manifest of finished scores; a function of the input and the run, so without times.

    Args:
        classifier: what scored.
        run: the run record.
        records: of all shards, in order.
        total: counts of all articles.
        files: name, sha256 and sentences of each file of scores.
        others: sha256 of the other files, by name.
    """
    kept = ("input_sha256", "n_inputs", "n_articles", "n_sentences", "n_computed")
    skipped = [item for record in records for item in record["skipped"]]
    counted = ("n_sentences", "n_computed", "n_tokens", "n_padded_tokens")
    n_sentences, n_computed, n_tokens, n_padded = (sum(record[name] for record in records) for name in counted)
    return {
        **run,
        "techniques": list(classifier.inventory.ids),
        "thresholds": [float(value) for value in classifier.decision.thresholds],
        "languages": list(classifier.languages),
        "counts": {"n_articles": sum(record["n_articles"] for record in records), **total.to_dict()},
        "n_computed": n_computed,
        "repeated_fraction": spared_fraction(n_sentences, n_computed),
        "n_tokens": n_tokens,
        "padded_fraction": spared_fraction(n_padded, n_tokens),
        "n_skipped": len(skipped),
        "skipped": skipped[:_SKIPS_KEPT],
        "files": list(files),
        "other_files": dict(others),
        "shards": [{name: record[name] for name in kept} for record in records],
        **dev_rates(classifier),
    }


def spared_fraction(n_all: int, n_needed: int) -> float:
    """The share, 0 to 1, of sentences that were not computed because an equal one of their shard was, or of tokens that
    are padding.
    """
    return round(1 - n_needed / n_all, 6) if n_all else 0.0


def _versions() -> dict[str, str]:
    from spinscope.model.checkpoint import library_versions

    found = library_versions()
    for name in ("py3langid", "onnxruntime", "openvino"):
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def dev_rates(classifier: Classifier) -> dict[str, Any]:
    """How the checkpoint decides on its dev part, so that shares can be corrected for its errors without it.

    Returns:
        `dev`: per technique `threshold`, `n_positive`, `n_negative` (annotated sentences with and without it),
        `true_positive`, `false_positive` (of these, decided), and `score_deciles_positive`, `score_deciles_negative`:
        eleven quantiles, 0 to 100 %, of their probabilities (empty where there is none).
        `dev_articles`: for each dev article, per technique `[tp, fp, fn, tn]`, in the order of `techniques`.
        Both are null where the checkpoint keeps no predictions on dev.
    """
    path = getattr(classifier, "path", None)
    file = path / "predictions-dev.jsonl" if path else None
    if file is None or not file.is_file():
        return {"dev": None, "dev_articles": None}
    ids = classifier.inventory.ids
    sentences, probabilities = _dev_predictions(file, ids)
    gold, mask = label_matrix(sentences, classifier.inventory)
    # The thresholds of the decision as it stands: tuning rewrites both files.
    decided = probabilities >= np.asarray(classifier.decision.thresholds)
    positive, negative = (gold == 1) & mask, (gold == 0) & mask
    rates = {
        technique: {
            "threshold": float(classifier.decision.thresholds[column]),
            "n_positive": int(positive[:, column].sum()),
            "n_negative": int(negative[:, column].sum()),
            "true_positive": int((decided & positive)[:, column].sum()),
            "false_positive": int((decided & negative)[:, column].sum()),
            "score_deciles_positive": _deciles(probabilities[positive[:, column], column]),
            "score_deciles_negative": _deciles(probabilities[negative[:, column], column]),
        }
        for column, technique in enumerate(ids)
    }
    cells = (decided & positive, decided & negative, ~decided & positive, ~decided & negative)
    codes = article_codes(sentences)
    counts = np.zeros((int(codes.max(initial=-1)) + 1, len(ids), len(cells)), dtype=np.int64)
    for number, cell in enumerate(cells):
        np.add.at(counts[:, :, number], codes, cell)
    return {"dev": rates, "dev_articles": counts.tolist()}


def _dev_predictions(file: Path, ids: Sequence[str]) -> tuple[list[Sentence], np.ndarray]:
    sentences, rows = [], []
    for _, record in read_jsonl(file):
        sentences.append(
            Sentence(
                record["article"],
                record["index"],
                0,
                0,
                "",
                techniques=tuple(record["techniques"]),
                annotated=tuple(record["annotated"]),
            )
        )
        rows.append([record["probabilities"][technique] for technique in ids])
    return sentences, np.array(rows, dtype=np.float64).reshape(len(rows), len(ids))


def _deciles(values: np.ndarray) -> list[float]:
    if len(values) == 0:
        return []
    return [round(float(value), _DIGITS) for value in np.quantile(values, np.linspace(0, 1, 11))]
