"""Shared by all tests: no hub, quiet libraries, one source of randomness, tiny models."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

# Before any test imports transformers or datasets.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
os.environ.setdefault("OMP_NUM_THREADS", "1")  # tiny models: more threads only wait for each other

sys.path.insert(0, str(Path(__file__).parent))  # `import tiny`: pytest's importlib mode puts no folder on the path


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a random BERT (hidden 32, 2 layers) with a WordPiece tokenizer: `model.base` of fast tests."""
    from tiny import write_tiny_base

    return write_tiny_base(tmp_path_factory.mktemp("base") / "tiny-bert")
