"""The configs of larger bases: each trains, is saved and opened again on a tiny encoder of the same architecture."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny

from spinscope.config import read_config
from spinscope.jobs.training import train
from spinscope.model.building import require_pinned
from spinscope.model.checkpoint import open_checkpoint

ROOT = Path(__file__).parents[2]
BASES = {
    "roberta_base": "roberta", "deberta_v3_base": "deberta-v3", "modernbert_base": "modernbert", "xlm_roberta_base": "xlm-roberta",
}  # fmt: skip


@pytest.mark.parametrize("name", BASES)
def test_the_hub_base_is_pinned(name: str) -> None:
    require_pinned(read_config(ROOT / f"configs/{name}.yaml").model)


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow) if name != "roberta_base" else name for name in BASES])
def test_the_config_trains_its_architecture(name: str, tmp_path: Path) -> None:
    base = tiny.write_tiny_encoder(BASES[name], tmp_path / "base")
    data = tiny.write_native(tmp_path / "corpus.jsonl", tiny.tiny_sentences(n_articles=12))
    overrides = {
        "data.path": data, "model.base": base, "model.revision": "null", "model.max_tokens": 32, "training.epochs": 1,
        "tracking.output_dir": tmp_path / "models", "evaluation.n_resamples": 100,
    }  # fmt: skip
    config = read_config(ROOT / f"configs/{name}.yaml", [f"{key}={value}" for key, value in overrides.items()])
    (folder,) = train(config, name="tiny")
    classifier = open_checkpoint(folder)
    (row,) = classifier.predict(["A vile plan of outsiders."])
    assert all(0 < value < 1 for value in row["probabilities"].values())
