"""Checkpoints that train in a second, made once for the tests of jobs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import tiny
from typer.testing import CliRunner

from spinscope.cli import app
from spinscope.jobs.training import train


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 articles of native JSONL."""
    sentences = tiny.tiny_sentences(n_articles=30)
    return tiny.write_native(tmp_path_factory.mktemp("data") / "corpus.jsonl", sentences)


@pytest.fixture(scope="session")
def tfidf_checkpoint(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A TF-IDF checkpoint on `corpus`. Read only: copy it before changing it."""
    config = tiny.tiny_run(tmp_path_factory.mktemp("tfidf"), corpus)
    return train(config, name="tfidf")[0]


@pytest.fixture(scope="session")
def frozen_checkpoint(corpus: Path, tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A linear head on a frozen random encoder, trained on `corpus`. Read only: copy it before changing it."""
    config = tiny.tiny_run(tmp_path_factory.mktemp("frozen"), corpus, kind="frozen", base=tiny_base)
    return train(config, name="frozen")[0]


@pytest.fixture(scope="session")
def exported_checkpoint(frozen_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`frozen_checkpoint` with exports for ONNX Runtime in float32 and int8. Read only: copy it before changing it."""
    folder = shutil.copytree(frozen_checkpoint, tmp_path_factory.mktemp("exported") / "frozen")
    # A decision of forty sentences is more than the share that int8 may flip.
    bounds = ["--max-flipped", "1", "--max-flipped-positive", "1", "--max-macro-f1-loss", "1"]
    for words in (["--to", "onnx"], ["--to", "onnx-int8", *bounds]):
        assert CliRunner().invoke(app, ["export", str(folder), *words]).exit_code == 0
    return folder
