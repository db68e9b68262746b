"""Checkpoints that train in a second, made once for the tests of jobs."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny

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
