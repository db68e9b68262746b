"""`export`: what is written agrees with float32 first, stands in the manifest, and changes no identity."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import tiny
from rich.console import Console
from typer.testing import CliRunner

from spinscope.cli import app
from spinscope.errors import GATE_BROKEN, MISTAKE, UserError
from spinscope.files import read_json
from spinscope.jobs import exporting
from spinscope.jobs.exporting import export
from spinscope.measure.gates import Bounds
from spinscope.model.checkpoint import open_checkpoint, verify

TEXTS = [sentence.text for sentence in tiny.tiny_sentences(n_articles=6, seed=5)] + ["", "vile doom " * 60]
CONTEXTS = [""] * len(TEXTS)


def probabilities(folder: Path, engine: str) -> np.ndarray:
    return np.array(
        [list(one["probabilities"].values()) for one in open_checkpoint(folder, engine=engine).predict(TEXTS)]
    )


@pytest.fixture
def copied(exported_checkpoint: Path, tmp_path: Path) -> Path:
    return shutil.copytree(exported_checkpoint, tmp_path / "copied")


def test_onnx_answers_as_torch_does(exported_checkpoint: Path) -> None:
    plain, other = (open_checkpoint(exported_checkpoint, engine=engine) for engine in ("torch", "onnx"))
    assert (plain.engine, other.engine) == ("torch", "onnx")
    found, expected = (probabilities(exported_checkpoint, engine) for engine in ("onnx", "torch"))
    assert np.abs(found - expected).max() <= 1e-5
    np.testing.assert_array_equal(other.decide(found), plain.decide(expected))


def test_int8_is_near_and_moves_with_no_neighbour(exported_checkpoint: Path) -> None:
    classifier = open_checkpoint(exported_checkpoint, engine="onnx-int8", threads=1)
    together = classifier.scorer.logits(TEXTS, CONTEXTS)[0]
    alone = np.concatenate([classifier.scorer.logits([text], [""])[0] for text in TEXTS])
    assert np.abs(together - alone).max() < 1e-5
    distance = np.abs(probabilities(exported_checkpoint, "onnx-int8") - probabilities(exported_checkpoint, "torch"))
    assert 1e-6 < distance.max() < 0.05


def test_the_number_of_threads_changes_no_bit(exported_checkpoint: Path) -> None:
    one, two = (open_checkpoint(exported_checkpoint, engine="onnx", threads=n) for n in (1, 2))
    assert (one.threads, two.threads) == (1, 2)
    np.testing.assert_array_equal(*(each.scorer.logits(TEXTS * 20, CONTEXTS * 20)[0] for each in (one, two)))


def test_the_manifest_lists_exports_apart_from_the_identity(exported_checkpoint: Path, frozen_checkpoint: Path) -> None:
    before, after = read_json(frozen_checkpoint / "manifest.json"), verify(exported_checkpoint)
    assert after["identity"] == before["identity"] and after["files"] == before["files"]
    assert set(after["exports"]) == {"onnx", "onnx-int8"}
    for engine, entry in after["exports"].items():
        assert entry["identity"] == after["identity"]
        assert list(entry["files"]) == [f"exports/{engine}/model.onnx"]
        assert entry["data"]["split"] == "dev" and entry["data"]["is_own"] and entry["data"]["n_sentences"] == 40
        assert entry["agreement"]["n_decisions"] == 120 and entry["gate"]["broken"] == []
        assert entry["neighbours"]["largest_difference"] < 1e-5
        assert entry["library"].startswith("onnxruntime ") and entry["processor"]
    assert after["exports"]["onnx"]["gate"]["bounds"]["probability_difference"] == 1e-5
    assert after["exports"]["onnx"]["agreement"]["n_flipped"] == 0


def test_the_default_is_the_fastest_exact_engine_that_is_exported(
    exported_checkpoint: Path, frozen_checkpoint: Path
) -> None:
    assert open_checkpoint(exported_checkpoint, engine="fp32").engine == "onnx"
    assert open_checkpoint(frozen_checkpoint, engine="fp32").engine == "torch"


def test_what_is_out_of_bounds_is_refused_with_the_figures_and_leaves_nothing(
    frozen_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "FLOAT_FRACTIONS", (0.0, 1 / 3))
    folder = shutil.copytree(frozen_checkpoint, tmp_path / "copied")
    before = (folder / "manifest.json").read_bytes()
    asked = {"to": "onnx-int8", "bounds": Bounds(probability_difference=1e-7)}
    assert export(folder, **asked, json_file=tmp_path / "gate.json", console=Console(quiet=True)) == GATE_BROKEN
    told = " ".join(capsys.readouterr().err.split())
    assert "onnx-int8 refused: a probability differs by " in told and "at most 1e-07 is allowed" in told
    assert "nothing was written" in told
    assert not (folder / "exports").exists() and (folder / "manifest.json").read_bytes() == before
    written = json.loads((tmp_path / "gate.json").read_text(encoding="utf-8"))["onnx-int8"]
    assert written["gate"]["broken"] and 1e-7 < written["agreement"]["largest_difference"] < 0.05
    with pytest.raises(UserError, match=r"no export for engine onnx-int8(.|\n)*spinscope export .* --to onnx-int8"):
        open_checkpoint(folder, engine="onnx-int8")


@pytest.mark.slow
def test_a_refused_export_leaves_an_older_one_that_passed(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (copied / "manifest.json").read_bytes()
    monkeypatch.setattr(exporting, "EXACT_BOUNDS", Bounds(probability_difference=1e-15))
    assert export(copied, to="onnx") == GATE_BROKEN
    assert (copied / "manifest.json").read_bytes() == before
    open_checkpoint(copied, engine="onnx")


def test_torch_in_bf16_needs_no_files_and_must_pass_too(copied: Path) -> None:
    with pytest.raises(UserError, match="no export for engine torch-bf16"):
        open_checkpoint(copied, engine="torch-bf16")
    assert export(copied, to="torch-bf16", bounds=Bounds()) == 0
    entry = read_json(copied / "manifest.json")["exports"]["torch-bf16"]
    assert entry["files"] == {} and entry["agreement"]["largest_difference"] > 0
    distance = np.abs(probabilities(copied, "torch-bf16") - probabilities(copied, "torch"))
    assert 1e-6 < distance.max() < 0.05


def test_an_altered_export_is_not_opened(copied: Path) -> None:
    file = copied / "exports/onnx/model.onnx"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(UserError, match=r"altered since it was exported(.|\n)*spinscope export"):
        open_checkpoint(copied, engine="onnx")
    file.unlink()
    with pytest.raises(UserError, match=r"exports/onnx/model.onnx is missing(.|\n)*spinscope export"):
        open_checkpoint(copied, engine="onnx")
    assert open_checkpoint(copied, engine="torch").engine == "torch"


def test_an_export_of_other_weights_is_not_opened(copied: Path) -> None:
    manifest = read_json(copied / "manifest.json")
    manifest["exports"]["onnx"]["identity"] = "0" * 64
    (copied / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(UserError, match="the onnx export is of other weights"):
        open_checkpoint(copied, engine="onnx")


def test_mistakes_of_the_command_line(exported_checkpoint: Path, tfidf_checkpoint: Path) -> None:
    with pytest.raises(UserError, match=r"target 'onnx-int4'(.|\n)*did you mean 'onnx-int8'"):
        export(exported_checkpoint, to="onnx-int4")
    with pytest.raises(UserError, match="TF-IDF checkpoint, which has no encoder"):
        export(tfidf_checkpoint, to="onnx")
    with pytest.raises(UserError, match=r"engine 'onx'(.|\n)*did you mean 'onnx'"):
        open_checkpoint(exported_checkpoint, engine="onx")
    found = CliRunner().invoke(app, ["export", str(exported_checkpoint)])
    assert found.exit_code == MISTAKE and "--to" in found.output


def test_the_verb_gives_its_bounds_to_the_gate(exported_checkpoint: Path) -> None:
    bounds = read_json(exported_checkpoint / "manifest.json")["exports"]["onnx-int8"]["gate"]["bounds"]
    assert bounds == {
        "probability_difference": None, "flipped_fraction": 1.0, "flipped_positive_fraction": 1.0, "macro_f1_loss": 1.0,
    }  # fmt: skip
