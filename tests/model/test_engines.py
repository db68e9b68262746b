"""Engines: every architecture exported and checked on a tiny model, and the rules by which an engine is taken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny

from spinscope.config import Model
from spinscope.data.encoding import token_windows
from spinscope.model import engines, scorer_files
from spinscope.model.batching import prepare_texts
from spinscope.model.building import build_classifier, load_tokenizer
from spinscope.model.engines import Bf16Scorer, default_threads, engine_scorer, fastest_exact, gpu_is_there
from spinscope.model.exporting import float_graph, write_int8, write_onnx, write_openvino
from spinscope.model.prediction import sigmoid
from spinscope.model.scorers import EncoderScorer, WindowScorer
from spinscope.model.stored_tokenizer import tokenizer_facts
from spinscope.taxonomy import inventory

MAX_TOKENS = 24
TEXTS = [sentence.text for sentence in tiny.tiny_sentences(n_articles=12, seed=3)]
TEXTS += ["", "council " * 40, "Ünïcödé “quotes” 日本", TEXTS[0]]
CONTEXTS = ["the town meeting" if row % 3 == 0 else "" for row in range(len(TEXTS))]


def scorer_of(base: Path) -> EncoderScorer:
    model = Model(base=str(base), max_tokens=MAX_TOKENS)
    return EncoderScorer(
        build_classifier(model, inventory("core"), seed=1), load_tokenizer(model), max_tokens=MAX_TOKENS
    )


def opened(engine: str, folder: Path, scorer: EncoderScorer, **settings: Any) -> WindowScorer:
    known = {"tokenizer": scorer.tokenizer, "max_tokens": MAX_TOKENS, "n_techniques": 3, "threads": 1}
    return engine_scorer(engine, folder, **{**known, **settings})


def probabilities(scorer: WindowScorer) -> np.ndarray:
    return sigmoid(scorer.logits(TEXTS, CONTEXTS)[0])


@pytest.mark.parametrize(
    "kind",
    ["bert", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("roberta", "xlm-roberta", "deberta-v3", "modernbert"))],
)  # fmt: skip
def test_each_architecture_in_each_engine(kind: str, tmp_path: Path) -> None:
    scorer = scorer_of(tiny.write_tiny_encoder(kind, tmp_path / "base"))
    expected = probabilities(scorer)
    float_folder, int8_folder = tmp_path / "float", tmp_path / "int8"
    for folder in (float_folder, int8_folder):
        folder.mkdir()
    write_onnx(scorer, float_folder)
    import onnx

    graph = onnx.load(float_folder / "model.onnx")
    write_int8(graph, int8_folder, batches=list(scorer.prepare(TEXTS, CONTEXTS).batches()), float_fraction=0.0)
    assert np.abs(probabilities(opened("onnx", float_folder, scorer)) - expected).max() <= 1e-5
    int8 = opened("onnx-int8", int8_folder, scorer)
    found = probabilities(int8)
    assert 0 < np.abs(found - expected).max() < 0.05
    alone = [sigmoid(int8.logits([text], [beside])[0])[0] for text, beside in zip(TEXTS, CONTEXTS, strict=True)]
    assert np.abs(np.array(alone) - found).max() < 1e-5, "a score moves with its neighbours"
    operators = [node.op_type for node in onnx.load(int8_folder / "model.onnx").graph.node]
    assert operators.count("MatMulIntegerToFloat") >= 8, "four linear layers in each of two layers at least"
    assert not any(node.metadata_props for node in graph.graph.node), "paths of this machine stand in the file"
    if kind == "bert":
        assert 0 < np.abs(probabilities(Bf16Scorer(scorer)) - expected).max() < 0.05


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["bert", "roberta", "xlm-roberta", "deberta-v3", "modernbert"])
def test_each_architecture_in_openvino(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("openvino", reason="needs the extra `openvino`")
    scorer = scorer_of(tiny.write_tiny_encoder(kind, tmp_path / "base"))
    write_openvino(scorer, tmp_path)
    expected = probabilities(scorer)
    assert np.abs(probabilities(opened("openvino", tmp_path, scorer, threads=2)) - expected).max() <= 1e-5
    assert np.abs(probabilities(opened("openvino-bf16", tmp_path, scorer)) - expected).max() < 0.05


@pytest.mark.slow
def test_layers_may_stay_in_float32(tmp_path: Path) -> None:
    scorer = scorer_of(tiny.write_tiny_encoder("bert", tmp_path / "base"))
    graph, batches = float_graph(scorer), list(scorer.prepare(TEXTS, CONTEXTS).batches())
    expected, distances = probabilities(scorer), []
    for fraction in (0.0, 0.5, 1.0):
        write_int8(graph, tmp_path, batches=batches, float_fraction=fraction)
        found = probabilities(opened("onnx-int8", tmp_path, scorer))
        distances.append(float(np.abs(found - expected).max()))
    assert distances[0] > distances[2] and distances[1] > distances[2] and distances[2] <= 1e-5


def test_the_default_is_onnx_where_it_is_exported_and_no_gpu_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "gpu_is_there", lambda: False)
    assert fastest_exact({}) == "torch"
    assert fastest_exact({"exports": {"onnx-int8": {}, "torch-bf16": {}}}) == "torch"
    assert fastest_exact({"exports": {"onnx-int8": {}, "onnx": {}}}) == "onnx"
    monkeypatch.setattr(engines, "gpu_is_there", lambda: True)
    assert fastest_exact({"exports": {"onnx": {}}}) == "torch"


def test_torch_is_asked_for_a_gpu_only_where_a_driver_is(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    asked = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: asked.append(1) or True)
    monkeypatch.setattr(engines, "GPU_DEVICES", ("/dev/null",))
    assert gpu_is_there() and asked == [1]
    monkeypatch.setattr(engines, "GPU_DEVICES", ("/dev/no-such-device",))
    assert gpu_is_there() is (sys.platform != "linux")


def test_an_exported_engine_needs_no_torch(tmp_path: Path) -> None:
    """Loading torch takes longer than scoring a hundred sentences."""
    code = (
        "import sys; import spinscope.jobs.scoring, spinscope.model.checkpoint, spinscope.model.scorer_files as f\n"
        "from pathlib import Path; f._read_tokenizer(Path(sys.argv[1])); print('torch' in sys.modules)"
    )
    base = tiny.write_tiny_base(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(Path(engines.__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code, str(base)], env=environment, capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


def test_an_export_is_read_without_transformers_where_its_tokenizer_is_the_stored_one(tmp_path: Path) -> None:
    base = tiny.write_tiny_base(tmp_path)
    opened = scorer_files._read_tokenizer(base)
    facts = tokenizer_facts(opened, base)
    assert facts is not None
    stored = scorer_files._exports_tokenizer(base, {"tokenizer": json.loads(json.dumps(facts))})
    for one, other in zip(
        prepare_texts(opened, TEXTS, CONTEXTS, max_tokens=MAX_TOKENS).batches(),
        prepare_texts(stored, TEXTS, CONTEXTS, max_tokens=MAX_TOKENS).batches(), strict=True,
    ):  # fmt: skip
        assert {name: value.tolist() for name, value in one.inputs.items()} == {
            name: value.tolist() for name, value in other.inputs.items()
        }
    assert stored.mask_token == opened.mask_token
    opened.backend_tokenizer.normalizer = None
    assert tokenizer_facts(opened, base) is None
    assert isinstance(scorer_files._exports_tokenizer(base, {}), type(opened))


def test_batches_hold_the_windows_that_transformers_cuts(tmp_path: Path) -> None:
    tokenizer = scorer_files._read_tokenizer(tiny.write_tiny_base(tmp_path))
    names = ("input_ids", "token_type_ids")
    expected = [
        (row, *(window[name] for name in names))
        for row, windows in enumerate(token_windows(tokenizer, TEXTS[-4:-1], CONTEXTS[:3], max_tokens=MAX_TOKENS))
        for window in windows
    ]
    found = [
        (row, *(batch.inputs[name][place][batch.inputs["attention_mask"][place] == 1].tolist() for name in names))
        for batch in prepare_texts(tokenizer, TEXTS[-4:-1], CONTEXTS[:3], max_tokens=MAX_TOKENS).batches()
        for place, row in enumerate(batch.rows.tolist())
    ]
    assert len(found) > 3 and sorted(found) == sorted(expected)


def test_threads_are_those_of_the_environment_or_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert default_threads() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    assert default_threads() >= 1
