"""Checkpoint folders: written whole or not at all, verified when opened, told apart by what decides their answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from spinscope.config import Model, read_config
from spinscope.errors import UserError
from spinscope.files import (
    atomic_directory,
    dump_json,
    dump_yaml,
    read_json,
    read_yaml,
    sha256_of_file,
    sha256_of_text,
    write_json,
    write_text,
)  # fmt: skip
from spinscope.model.engines import EXPORTS, FP32, fastest_exact, require_engine
from spinscope.model.linear import TfidfScorer
from spinscope.model.prediction import Classifier
from spinscope.model.scorer_files import read_scorer, write_scorer
from spinscope.model.scorers import EncoderScorer, Scorer
from spinscope.model.source_heads import heads_of, write_heads
from spinscope.records import Decision
from spinscope.taxonomy import Inventory

MANIFEST = "manifest.json"
FORMAT = 1
REPORTS = ("README.md", "metrics.json", "predictions-dev.jsonl", "log.jsonl")
"""Files that tell of the run and decide no answer: listed apart, and rewritten without a new identity."""


def save_checkpoint(
    path: Path,
    classifier: Classifier,
    *,
    texts: Mapping[str, str],
    manifest: Mapping[str, Any],
    card: Callable[[Classifier], str] | None = None,
) -> Classifier:
    """Writes a checkpoint folder under a temporary name, renames it to `path`, and opens it.

    Args:
        path: the folder; one that stands there is replaced.
        classifier: calibration folded in already (see `folded`).
        texts: further files by name: split.json, training-sentences.txt, log.jsonl, metrics.json, README.md, ...
        manifest: facts of the run (data, seed, seconds, ...) to be kept.
        card: writes README.md from the classifier as it will be opened, identity and manifest known.
    """
    with atomic_directory(path) as folder:
        write_scorer(folder, classifier.scorer)
        (folder / "taxonomy.yaml").write_text(dump_yaml(classifier.inventory.to_dict()), encoding="utf-8")
        write_json(folder / "decision.json", classifier.decision.to_dict())
        write_heads(folder, heads_of(classifier.scorer), classifier.inventory)
        weighty = sorted(file.name for file in folder.iterdir())
        (folder / "config.yaml").write_text(classifier.config.to_yaml(), encoding="utf-8")
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="")
        hashes = {file.name: sha256_of_file(file) for file in sorted(folder.iterdir())}
        facts = {
            "format": FORMAT,
            "name": path.name,
            "kind": classifier.config.model.kind,
            "identity": _identity({name: hashes[name] for name in weighty}, classifier.config.model),
            "taxonomy": {"name": classifier.inventory.name, "sha256": classifier.inventory.hash},
            "languages": list(classifier.languages),
            **manifest,
            "libraries": library_versions(),
            "identity_files": weighty,
            "files": {name: value for name, value in hashes.items() if name not in REPORTS},
            "reports": {name: value for name, value in hashes.items() if name in REPORTS},
        }
        if card is not None:
            text = card(_opened(classifier.scorer, classifier, path, facts))
            (folder / "README.md").write_text(text, encoding="utf-8", newline="")
            facts["reports"]["README.md"] = sha256_of_text(text)
        write_json(folder / MANIFEST, facts)
    return open_checkpoint(path)


def rewrite_reports(path: Path, texts: Mapping[str, str]) -> None:
    """Replaces report files (card, metrics, ...) of a checkpoint and their hashes; its identity stays."""
    manifest = read_json(path / MANIFEST)
    for name, text in texts.items():
        if name not in REPORTS:
            raise ValueError(f"{name} decides answers or describes the data: it is written with the checkpoint")
        write_text(path / name, text)
        manifest["reports"][name] = sha256_of_text(text)
    write_json(path / MANIFEST, manifest)


def record_exports(path: Path, entries: Mapping[str, Mapping[str, Any]]) -> None:
    """Lists exports in the manifest, by engine; the identity stays."""
    manifest = read_json(path / MANIFEST)
    manifest[EXPORTS] = {**manifest.get(EXPORTS, {}), **entries}
    write_json(path / MANIFEST, manifest)


def open_checkpoint(
    path: str | Path, *, device: str | None = None, engine: str = "torch", threads: int | None = None
) -> Classifier:
    """Opens a checkpoint folder, after comparing every file that decides answers with the manifest.

    Args:
        path: the folder.
        device: a torch device; None: the GPU where there is one. Engines other than torch's use the processor.
        engine: one of `spinscope.model.engines.ENGINES`, or `fp32` for the fastest exact one that there is.
        threads: of the engine (of torch: for the whole process); None: OMP_NUM_THREADS, or all that torch uses.

    Raises:
        UserError: no checkpoint there, one half written, altered, or whose parts belong to different taxonomies; an
            engine that is not known, not exported, or not installed.
    """
    path = Path(path)
    if engine != FP32:
        require_engine(engine)
    manifest = verify(path)
    inventory = Inventory.from_dict(read_yaml(path / "taxonomy.yaml"))
    raw = read_json(path / "decision.json")
    settings: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()}
    decision = Decision(**settings)
    config = read_config(path / "config.yaml")
    engine = fastest_exact(manifest) if engine == FP32 else engine
    scorer, used = read_scorer(path, manifest, config, inventory, engine=engine, threads=threads, device=device)
    weighty = {name: manifest["files"][name] for name in manifest["identity_files"]}
    if manifest["identity"] != _identity(weighty, config.model):
        raise UserError(
            "an identity that is not that of the files",
            where=str(path / MANIFEST),
            expected="the hash of weights, config, tokenizer, taxonomy and decision",
            remedy="restore the manifest.",
        )
    closed = Classifier(scorer, inventory=inventory, decision=decision, config=config, engine=engine, threads=used)
    return _opened(scorer, closed, path, manifest)


def verify(path: Path) -> dict[str, Any]:
    """The manifest of a checkpoint folder, once every listed file but the reports was found unaltered.

    Raises:
        UserError: see `open_checkpoint`.
    """
    if not path.is_dir():
        raise UserError(
            "no such checkpoint folder",
            where=str(path),
            expected="a folder that `spinscope train` wrote",
            remedy="check the name, or train first.",
        )
    if not (path / MANIFEST).is_file():
        raise UserError(
            f"no {MANIFEST}: not a checkpoint, or one that was half written", where=str(path),
            expected="a folder that `spinscope train` wrote", remedy="copy it again, or train it again (with --resume where the run was cut off).",
        )  # fmt: skip
    manifest: dict[str, Any] = read_json(path / MANIFEST)
    if manifest.get("format") != FORMAT:
        raise UserError(
            f"checkpoint format {manifest.get('format')!r}",
            where=str(path / MANIFEST),
            expected=f"format {FORMAT}",
            remedy="open it with the spinscope that wrote it.",
        )
    for name, expected in manifest["files"].items():
        file = path / name
        if not file.is_file():
            raise UserError(
                f"the file {name} is missing: the checkpoint is half written or half copied",
                where=str(path),
                remedy="copy it again, or train it again.",
            )
        found = sha256_of_file(file)
        if found != expected:
            raise UserError(
                f"altered since it was written: sha256 {found[:12]}...", where=str(file), expected=f"sha256 {expected[:12]}... (manifest.json)",
                remedy="restore the file, or use `spinscope tune` to change thresholds.",
            )  # fmt: skip
    return manifest


def folded(scorer: Scorer, slopes: np.ndarray, intercepts: np.ndarray) -> Scorer:
    """The scorer with p = sigmoid(slope * logit + intercept) folded into its linear head.

    Args:
        scorer: changed in place where it holds a torch model.
        slopes: (n_techniques,), above 0, so that the highest window stays the highest.
        intercepts: (n_techniques,).
    """
    if isinstance(scorer, TfidfScorer):
        return TfidfScorer(
            scorer.terms, scorer.idf, (scorer.weight * slopes[:, None]).astype(np.float32),
            (scorer.bias * slopes + intercepts).astype(np.float32), max_ngram=scorer.max_ngram,
        )  # fmt: skip
    assert isinstance(scorer, EncoderScorer)
    import torch

    if scorer.heads:  # a technique's rows by source are calibrated as it is
        slopes, intercepts = slopes[scorer.heads.columns], intercepts[scorer.heads.columns]
    head = scorer.model.head
    slope = torch.as_tensor(slopes, dtype=torch.float64, device=head.weight.device)
    shift = torch.as_tensor(intercepts, dtype=torch.float64, device=head.weight.device)
    with torch.no_grad():
        head.weight.copy_(head.weight.double() * slope[:, None])
        head.bias.copy_(head.bias.double() * slope + shift)
    return scorer


def library_versions() -> dict[str, str]:
    """Versions of the libraries that decide results."""
    names = ("spinscope", "torch", "transformers", "tokenizers", "safetensors", "numpy", "scikit-learn", "sentencex")
    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed as a package"
    return found


def _opened(scorer: Scorer, classifier: Classifier, path: Path, manifest: Mapping[str, Any]) -> Classifier:
    """The classifier as it stands at `path`."""
    return Classifier(
        scorer, inventory=classifier.inventory, decision=classifier.decision, config=classifier.config, name=path.name,
        identity=manifest["identity"], path=path, manifest=manifest, engine=classifier.engine,
        threads=classifier.threads,
    )  # fmt: skip


def _identity(hashes: Mapping[str, str], model: Model) -> str:
    settings = dump_json({"kind": model.kind, "max_tokens": model.max_tokens, "context": model.context})
    lines = [f"{name} {value}" for name, value in sorted(hashes.items())]
    return hashlib.sha256("\n".join([settings, *lines]).encode()).hexdigest()
