import json
import shutil

import numpy as np
import pytest

import spinscope
from spinscope.config import Model, parse_config
from spinscope.errors import UserError
from spinscope.files import read_json, write_json
from spinscope.model.building import build_classifier, load_tokenizer
from spinscope.model.checkpoint import folded, open_checkpoint, rewrite_reports, save_checkpoint
from spinscope.model.prediction import Classifier, sigmoid
from spinscope.model.scorers import EncoderScorer
from spinscope.records import Decision
from spinscope.taxonomy import inventory

CORE = inventory("core")
TEXTS = ["the council met on monday", "a vile and rotten plan of outsiders", "unless our town acts, doom"]


@pytest.fixture
def checkpoint(tiny_base, tmp_path):
    model = Model(base=str(tiny_base), max_tokens=32)
    scorer = EncoderScorer(build_classifier(model, CORE, seed=1), load_tokenizer(model), max_tokens=32)
    config = parse_config({"model": {"base": str(tiny_base), "max_tokens": 32}})
    decision = Decision(CORE.ids, (0.3, 0.5, 0.7))
    classifier = Classifier(scorer, inventory=CORE, decision=decision, config=config)
    return save_checkpoint(tmp_path / "models" / "one", classifier, texts={"log.jsonl": ""}, manifest={"seed": 1})


def test_what_is_saved_is_what_is_opened(checkpoint):
    again = spinscope.load(checkpoint.path)
    assert again.identity == checkpoint.identity and again.decision == checkpoint.decision
    assert again.predict(TEXTS) == checkpoint.predict(TEXTS)
    assert [p.name for p in checkpoint.path.parent.iterdir()] == ["one"], "nothing temporary is left"
    assert not [p for p in checkpoint.path.iterdir() if p.suffix in (".bin", ".pt", ".pkl", ".pickle", ".joblib")]


def test_a_checkpoint_on_a_relative_base_opens_in_another_folder(tiny_base, tmp_path, monkeypatch):
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    shutil.copytree(tiny_base, here / "bases" / "mybert")
    elsewhere.mkdir()
    monkeypatch.chdir(here)
    config = parse_config({"model": {"base": "bases/mybert", "max_tokens": 32}})
    scorer = EncoderScorer(build_classifier(config.model, CORE, seed=1), load_tokenizer(config.model), max_tokens=32)
    classifier = Classifier(scorer, inventory=CORE, decision=Decision(CORE.ids, (0.3, 0.5, 0.7)), config=config)
    saved = save_checkpoint(tmp_path / "one", classifier, texts={}, manifest={})
    monkeypatch.chdir(elsewhere)
    assert open_checkpoint(tmp_path / "one").predict(TEXTS) == saved.predict(TEXTS)


def test_transformers_alone_gives_the_same_probabilities(checkpoint):
    from transformers import AutoModelForSequenceClassification, pipeline

    import spinscope.auto

    assert spinscope.auto
    ours = checkpoint.predict(TEXTS)
    classify = pipeline("text-classification", str(checkpoint.path), top_k=None)
    for one, theirs in zip(ours, classify(TEXTS), strict=True):
        assert {item["label"]: item["score"] for item in theirs} == pytest.approx(one["probabilities"], abs=1e-6)
    model = AutoModelForSequenceClassification.from_pretrained(checkpoint.path)
    assert tuple(model.config.id2label.values()) == CORE.ids


@pytest.mark.parametrize(
    "name", ["model.safetensors", "config.json", "decision.json", "taxonomy.yaml", "tokenizer.json", "config.yaml"]
)
def test_one_altered_byte_is_noticed(checkpoint, name):
    file = checkpoint.path / name
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(UserError) as error:
        open_checkpoint(checkpoint.path)
    assert str(error.value).startswith(f"{file}: altered since it was written: sha256 ")
    assert "to mend: restore the file" in str(error.value)


def test_half_written_checkpoints_are_refused_with_their_exact_text(checkpoint, tmp_path):
    (checkpoint.path / "model.safetensors").unlink()
    with pytest.raises(UserError) as error:
        open_checkpoint(checkpoint.path)
    assert str(error.value) == (
        f"{checkpoint.path}: the file model.safetensors is missing: the checkpoint is half written or half copied\n"
        "  to mend: copy it again, or train it again."
    )
    (checkpoint.path / "manifest.json").unlink()
    with pytest.raises(UserError) as error:
        open_checkpoint(checkpoint.path)
    assert str(error.value) == (
        f"{checkpoint.path}: no manifest.json: not a checkpoint, or one that was half written\n"
        "  expected: a folder that `spinscope train` wrote\n"
        "  to mend: copy it again, or train it again (with --resume where the run was cut off)."
    )
    with pytest.raises(UserError, match="no such checkpoint folder"):
        open_checkpoint(tmp_path / "models" / "two")


def test_weights_of_another_taxonomy_are_refused(checkpoint):
    """The label matrix of another taxonomy: hashes in order, parts from two checkpoints."""
    import hashlib

    manifest = read_json(checkpoint.path / "manifest.json")
    config = read_json(checkpoint.path / "config.json")
    config["id2label"] = {"0": "doubt", "1": "slogans", "2": "smears"}
    text = json.dumps(config)
    (checkpoint.path / "config.json").write_text(text)
    manifest["files"]["config.json"] = hashlib.sha256(text.encode()).hexdigest()
    write_json(checkpoint.path / "manifest.json", manifest)
    with pytest.raises(UserError) as error:
        open_checkpoint(checkpoint.path)
    assert str(error.value) == (
        f"{checkpoint.path}: a head with 3 techniques (doubt, slogans, smears, ...)\n"
        "  expected: the 3 of taxonomy.yaml (loaded_language, us_vs_them, appeal_to_threat, ...)\n"
        "  to mend: weights and taxonomy come from different checkpoints: restore the folder."
    )


def test_a_failed_save_leaves_nothing_and_keeps_what_stood(checkpoint, monkeypatch):
    from spinscope.model import checkpoint as room

    before = {file.name: file.read_bytes() for file in checkpoint.path.iterdir()}
    monkeypatch.setattr(room, "library_versions", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save_checkpoint(checkpoint.path, checkpoint, texts={}, manifest={})
    assert {file.name: file.read_bytes() for file in checkpoint.path.iterdir()} == before
    assert [p.name for p in checkpoint.path.parent.iterdir()] == ["one"]


def test_reports_may_change_and_the_identity_stays(checkpoint):
    rewrite_reports(checkpoint.path, {"README.md": "# new\n"})
    assert open_checkpoint(checkpoint.path).identity == checkpoint.identity
    with pytest.raises(ValueError, match="decides answers"):
        rewrite_reports(checkpoint.path, {"decision.json": "{}"})


def test_identity_changes_with_thresholds_and_not_with_the_name(checkpoint, tmp_path):
    shutil.copytree(checkpoint.path, tmp_path / "copy")
    assert open_checkpoint(tmp_path / "copy").identity == checkpoint.identity
    other = Classifier(
        checkpoint.scorer, inventory=CORE, decision=Decision(CORE.ids, (0.3, 0.5, 0.6)), config=checkpoint.config
    )
    assert save_checkpoint(tmp_path / "other", other, texts={}, manifest={}).identity != checkpoint.identity


def test_calibration_is_folded_into_the_head(checkpoint):
    before, _ = checkpoint.scorer.logits(TEXTS, [""] * 3)
    slopes, intercepts = np.array([0.5, 1.5, 2.0]), np.array([-1.0, 0.25, 0.0])
    after, _ = folded(checkpoint.scorer, slopes, intercepts).logits(TEXTS, [""] * 3)
    assert sigmoid(after) == pytest.approx(sigmoid(before * slopes + intercepts), abs=1e-6)


def test_no_pickle_anywhere_in_the_package():
    from pathlib import Path

    source = Path(spinscope.__file__).parent
    for file in source.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        for word in (
            "import pickle",
            "import joblib",
            "torch.save(",
            "torch.load(",
            "from joblib",
            "allow_pickle=True",
        ):
            assert word not in text, f"{word} in {file}"
