"""`score --engine auto`: the fastest engine that keeps its bounds on the user's sentences, recorded and kept."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import killing
import pytest
import tiny

from spinscope.errors import UserError
from spinscope.files import read_json
from spinscope.jobs import engine_choice, local_scoring
from spinscope.jobs.engine_choice import EngineChoice, choose_engine
from spinscope.jobs.score_engines import divided
from spinscope.jobs.scoring import score
from spinscope.measure.gates import Bounds

SENTENCES = tiny.tiny_sentences(n_articles=30, seed=5)
SECONDS = {"torch": 3.0, "torch-bf16": 2.5, "onnx": 2.0, "onnx-int8": 1.0}
ANY = Bounds()


@pytest.fixture
def speeds(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """What each engine takes, so that no test depends on the machine."""
    seconds = dict(SECONDS)
    monkeypatch.setattr(engine_choice, "_seconds", lambda classifier, sample: seconds[classifier.engine])
    return seconds


def chosen(folder: Path, **settings: object) -> EngineChoice:
    return choose_engine(folder, SENTENCES, **{"bounds": ANY, "threads": 1, **settings})


def test_the_fastest_that_keeps_its_bounds_is_taken(exported_checkpoint: Path, speeds: dict[str, float]) -> None:
    choice = chosen(exported_checkpoint)
    assert (choice.engine, choice.reference, choice.threads) == ("onnx-int8", "onnx", 1)
    assert set(choice.measured) == {"torch", "onnx", "onnx-int8"}
    rates = {engine: facts["sentences_per_second"] for engine, facts in choice.measured.items()}
    assert rates == {"torch": 21.3, "onnx": 32.0, "onnx-int8": 64.0}
    speeds["onnx"] = 0.5
    assert chosen(exported_checkpoint).engine == "onnx"


def test_an_engine_out_of_bounds_is_dropped_with_its_figures(
    exported_checkpoint: Path, speeds: dict[str, float]
) -> None:
    choice = chosen(exported_checkpoint, bounds=Bounds(probability_difference=1e-7))
    assert choice.engine == "onnx"
    facts = choice.measured["onnx-int8"]
    assert facts["refused"].startswith("a probability differs by") and facts["largest_difference"] > 1e-7
    assert "sentences_per_second" not in facts
    assert choice.measured["torch"]["refused"] is None  # in float32: another bound


def test_an_engine_that_cannot_be_opened_is_dropped(
    exported_checkpoint: Path, tmp_path: Path, speeds: dict[str, float]
) -> None:
    folder = shutil.copytree(exported_checkpoint, tmp_path / "copied")
    (folder / "exports/onnx-int8/model.onnx").unlink()
    choice = chosen(folder)
    assert choice.engine == "onnx"
    assert choice.measured["onnx-int8"] == {"refused": "the file exports/onnx-int8/model.onnx is missing"}


def test_without_exports_it_is_torch(frozen_checkpoint: Path, tfidf_checkpoint: Path, speeds: dict[str, float]) -> None:
    for folder in (frozen_checkpoint, tfidf_checkpoint):
        assert chosen(folder).engine == "torch"


def test_without_a_sentence_it_is_the_exact_default(exported_checkpoint: Path) -> None:
    assert choose_engine(exported_checkpoint, []).engine == "onnx"


def test_it_measures_with_the_real_clock(exported_checkpoint: Path) -> None:
    choice = choose_engine(exported_checkpoint, SENTENCES, seconds=0.2, bounds=ANY)
    fit = {engine: facts["sentences_per_second"] for engine, facts in choice.measured.items()}
    assert all(rate > 0 for rate in fit.values()) and fit[choice.engine] == max(fit.values())
    assert 0 < choice.n_sentences <= len({sentence.text for sentence in SENTENCES})
    json.dumps(choice.to_dict())


@pytest.mark.parametrize(("named", "meant"), [("rays", "ray"), ("autos", "auto"), ("ray:onx", "onnx"), ("onyx", "onnx")])
def test_a_misspelt_engine_is_refused_with_all_that_are_taken(named: str, meant: str) -> None:
    with pytest.raises(UserError, match=rf"did you mean '{meant}'\?") as told:
        divided(named)
    assert "auto" in told.value.expected and ("ray" in told.value.expected) is not named.startswith("ray:")


def test_an_unknown_candidate_is_refused(exported_checkpoint: Path) -> None:
    with pytest.raises(UserError, match="engine 'onnx-int4'"):
        choose_engine(exported_checkpoint, SENTENCES, candidates=["onnx-int4"])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return killing.write_input(tmp_path / "news.jsonl", n_articles=20)


def test_the_manifest_says_what_was_measured_and_the_choice_can_be_pinned(
    exported_checkpoint: Path, tmp_path: Path, table: Path, speeds: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    speeds["onnx"] = 0.5
    settings = {"checkpoint": exported_checkpoint, "articles_per_shard": 5, "threads": 1}
    score([str(table)], out=tmp_path / "auto.jsonl", engine="auto", **settings)
    manifest = read_json(tmp_path / "auto.manifest.json")
    assert manifest["engine"] == manifest["engine_choice"]["engine"] == "onnx"
    assert set(manifest["engine_choice"]["measured"]) == {"torch", "onnx", "onnx-int8"}
    assert manifest["engine_choice"]["processor"] and manifest["threads"] == 1
    assert manifest["engine_on_dev"]["neighbours"]["largest_difference"] < 1e-5
    assert manifest["engine_on_dev"]["agreement"]["n_flipped"] == 0
    assert manifest["n_tokens"] > 5 * manifest["counts"]["n_sentences"] and 0 <= manifest["padded_fraction"] < 0.5
    score([str(table)], out=tmp_path / "pinned.jsonl", engine=manifest["engine"], **settings)
    assert (tmp_path / "pinned.jsonl").read_bytes() == (tmp_path / "auto.jsonl").read_bytes()
    assert read_json(tmp_path / "pinned.manifest.json")["engine_choice"] is None
    score([str(table)], out=tmp_path / "default.jsonl", **settings)
    assert read_json(tmp_path / "default.manifest.json")["engine"] == "onnx"
    score([str(table)], out=tmp_path / "torch.jsonl", engine="torch", **settings)
    assert read_json(tmp_path / "torch.manifest.json")["engine_on_dev"] is None


def test_an_interrupted_run_goes_on_with_the_engine_it_began_with(
    exported_checkpoint: Path, tmp_path: Path, table: Path, speeds: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"checkpoint": exported_checkpoint, "articles_per_shard": 5, "threads": 1, "engine": "auto"}
    monkeypatch.setattr(engine_choice, "APPROXIMATE_BOUNDS", ANY)
    speeds["onnx"] = 0.5
    score([str(table)], out=tmp_path / "whole.jsonl", **settings)
    real, n_written = local_scoring.finish_shard, 0

    def until_the_third(*arguments: object) -> object:
        nonlocal n_written
        n_written += 1
        if n_written > 2:
            raise KeyboardInterrupt
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(local_scoring, "finish_shard", until_the_third)
        with pytest.raises(KeyboardInterrupt):
            score([str(table)], out=tmp_path / "cut.jsonl", **settings)
    speeds["torch"] = 0.1  # measured anew, another engine would be taken
    score([str(table)], out=tmp_path / "cut.jsonl", **settings)
    assert (tmp_path / "cut.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    manifest = read_json(tmp_path / "cut.manifest.json")
    assert manifest["engine"] == "onnx" and manifest["engine_choice"]["engine"] == "onnx"
