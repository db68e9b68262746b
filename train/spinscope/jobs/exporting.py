"""`spinscope export`: a checkpoint for another engine, which must first agree with float32 on its dev sentences."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinscope import config
from spinscope.errors import DONE, GATE_BROKEN, UserError, did_you_mean
from spinscope.files import atomic_directory, sha256_of_file, sweep_leftovers, write_json
from spinscope.jobs.export_gate import Gate, MeasuredSentences
from spinscope.jobs.labelled import data_block, read_labelled
from spinscope.jobs.progress import show
from spinscope.jobs.tables import plain_table, result_console
from spinscope.measure.gates import APPROXIMATE_BOUNDS, EXACT_BOUNDS, Bounds
from spinscope.model.checkpoint import open_checkpoint, record_exports
from spinscope.model.engines import (
    EXACT,
    EXPORTS,
    FOLDERS,
    TORCH_BF16,
    Bf16Scorer,
    engine_scorer,
    processor_name,
)
from spinscope.model.prediction import Classifier
from spinscope.model.scorers import EncoderScorer, WindowScorer
from spinscope.model.stored_tokenizer import tokenizer_facts

if TYPE_CHECKING:
    from rich.console import Console

TARGETS: Mapping[str, tuple[str, ...]] = {
    "onnx": ("onnx",),
    "onnx-int8": ("onnx-int8",),
    "openvino": ("openvino", "openvino-bf16"),
    "torch-bf16": ("torch-bf16",),
}
"""What can be asked for, and the engines that then run; where the first of them is refused, all are."""

FLOAT_FRACTIONS = (0.0, 1 / 6, 1 / 3, 1 / 2, 2 / 3)
"""Of the linear layers that stay in float32 where int8 is refused without: the next is tried."""

CALIBRATION_SENTENCES = 512

_LIBRARIES = {"onnx": "onnxruntime", "openvino": "openvino", "torch": "torch"}


@dataclass(frozen=True, slots=True)
class _Written:
    """What stands in an export's folder: names and hashes below the checkpoint, and how the files were made."""

    files: Mapping[str, str]
    settings: Mapping[str, Any]


def export(
    checkpoint: str | Path,
    *,
    to: str,
    data: str | config.Data | None = None,
    data_format: str = "auto",
    inventory_name: str | None = None,
    split: str | None = None,
    bounds: Bounds = APPROXIMATE_BOUNDS,
    threads: int | None = None,
    json_file: Path | None = None,
    console: Console | None = None,
) -> int:
    """Writes the export into the checkpoint folder, if it agrees with float32; else leaves nothing there.

    Args:
        checkpoint: its folder.
        to: onnx, onnx-int8, openvino, or torch-bf16 (which needs no files: its figures are recorded).
        data: labelled file or folder, a config's YAML file, or a block to measure on; None: the checkpoint's own.
        data_format: of `data`; `auto` tells it from the files.
        inventory_name: what `data` was annotated with, where its format does not say.
        split: train, dev, test or all; None: dev where the division is known, else all.
        bounds: of engines in bf16 and int8; those in float32 must be exact.
        threads: of the engines.
        json_file: where given, the figures are also written there.
        console: where the table goes; None: standard output.

    Returns:
        the exit code: 0, or 3 where a bound does not hold.

    Raises:
        UserError: faulty checkpoint or data, nothing to export, or a package that is not installed.
    """
    if to not in TARGETS:
        raise UserError(
            f"target '{to}'", where="--to", expected=f"one of: {', '.join(TARGETS)}", remedy=did_you_mean(to, TARGETS)
        )
    block = data_block(data, data_format=data_format, inventory_name=inventory_name)
    classifier = open_checkpoint(checkpoint, device="cpu", threads=threads)
    gates = exported(classifier, to=to, data=block, split=split, bounds=bounds)
    _tell(classifier, to, gates, console or result_console())
    if json_file is not None:
        write_json(json_file, {gate.engine: gate.to_dict() for gate in gates})
        show(f"written: {json_file}")
    return GATE_BROKEN if gates[0].broken else DONE


def exported(
    classifier: Classifier,
    *,
    to: str,
    data: config.Data | None = None,
    split: str | None = None,
    bounds: Bounds = APPROXIMATE_BOUNDS,
) -> list[Gate]:
    """The gates of the engines of `to`; those that passed are listed in the checkpoint's manifest.

    Args:
        classifier: opened from its folder with the engine `torch`, on the processor.
        to: a target.
        data: to measure on; None: the checkpoint's own.
        split: see `export`.
        bounds: of engines in bf16 and int8.
    """
    path = classifier.path
    if path is None or not isinstance(classifier.scorer, EncoderScorer):
        raise UserError(
            "a TF-IDF checkpoint, which has no encoder to export", where=classifier.name,
            remedy="score with it as it is.",
        )  # fmt: skip
    labelled = read_labelled(
        classifier, data=data, split="dev" if data is None and split is None else split, own_default="dev"
    )
    measured = MeasuredSentences.of(classifier, labelled)
    wanted = {engine: EXACT_BOUNDS if engine in EXACT else bounds for engine in TARGETS[to]}
    if to == TORCH_BF16:
        half = Bf16Scorer(copy.deepcopy(classifier.scorer))
        gates, written = [measured.gate(to, half, bounds=wanted[to])], _Written({}, {})
    else:
        gates, written = _written(classifier, to, measured, wanted)
    if not gates[0].broken:
        facts = {
            "identity": classifier.identity, "files": dict(written.files), "settings": dict(written.settings),
            "data": measured.told, "processor": processor_name(),
            "tokenizer": tokenizer_facts(classifier.scorer.tokenizer, path),
        }  # fmt: skip
        passed = [gate for gate in gates if not gate.broken]
        record_exports(path, {gate.engine: {**facts, **_version(gate.engine), **gate.to_dict()} for gate in passed})
    return gates


class _RefusedError(Exception):
    """Leaves an export's folder so that nothing of it stays."""


def _written(
    classifier: Classifier, to: str, measured: MeasuredSentences, wanted: Mapping[str, Bounds]
) -> tuple[list[Gate], _Written]:
    """Writes the files under a temporary name, measures them there, and keeps them where the gate holds."""
    assert classifier.path is not None
    folder = classifier.path / EXPORTS / FOLDERS[to]
    sweep_leftovers(folder)
    gates: list[Gate] = []
    written = _Written({}, {})
    write = _writer(classifier, to, measured)
    try:
        with atomic_directory(folder) as place:
            for fraction in FLOAT_FRACTIONS if to == "onnx-int8" else (0.0,):
                write(place, fraction)
                gates = [
                    measured.gate(engine, _candidate(classifier, engine, place), bounds=asked)
                    for engine, asked in wanted.items()
                ]
                if not gates[0].broken:
                    break
            if gates[0].broken:
                raise _RefusedError
            names = sorted(file.name for file in place.iterdir())
            hashes = {f"{EXPORTS}/{folder.name}/{name}": sha256_of_file(place / name) for name in names}
            written = _Written(hashes, {"float_fraction": fraction} if to == "onnx-int8" else {})
    except _RefusedError:
        if not any(folder.parent.iterdir()):
            folder.parent.rmdir()
    return gates, written


def _writer(classifier: Classifier, to: str, measured: MeasuredSentences) -> Callable[[Path, float], None]:
    """What writes the files into a folder, given the share of linear layers that stay in float32."""
    from spinscope.model.exporting import float_graph, write_int8, write_onnx, write_openvino

    scorer = classifier.scorer
    assert isinstance(scorer, EncoderScorer)
    if to != "onnx-int8":
        write = write_onnx if to == "onnx" else write_openvino
        return lambda place, fraction: write(scorer, place)
    graph = float_graph(scorer)
    usual = scorer.prepare(measured.texts[:CALIBRATION_SENTENCES], measured.contexts[:CALIBRATION_SENTENCES])
    batches = list(usual.batches())
    return lambda place, fraction: write_int8(graph, place, batches=batches, float_fraction=fraction)


def _candidate(classifier: Classifier, engine: str, place: Path) -> WindowScorer:
    scorer = classifier.scorer
    assert isinstance(scorer, EncoderScorer)
    return engine_scorer(
        engine, place, tokenizer=scorer.tokenizer, max_tokens=scorer.max_tokens, n_techniques=scorer.n_techniques,
        threads=classifier.threads, heads=scorer.heads,
    )  # fmt: skip


def _version(engine: str) -> dict[str, Any]:
    library = _LIBRARIES[engine.split("-")[0]]
    return {"library": f"{library} {metadata.version(library)}"}


def _tell(classifier: Classifier, to: str, gates: list[Gate], console: Console) -> None:
    table = plain_table(
        f"{classifier.name} beside float32, {gates[0].found.n_decisions:,} decisions",
        "figure",
        *(gate.engine for gate in gates),
    )
    rows = [gate.rows() for gate in gates]
    for name in rows[0]:
        table.add_row(name, *(row[name] for row in rows))
    console.print(table)
    for gate in gates:
        for found in gate.broken:
            show(f" {found}", bold=f"{gate.engine} refused:")
    passed = [gate.engine for gate in gates if not gate.broken]
    if passed:
        show(f"{classifier.path}: {', '.join(passed)}, recorded in manifest.json", bold="exported: ")
    else:
        show(f"nothing was written to {classifier.path}")
