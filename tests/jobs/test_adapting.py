"""Adapting a base: it learns from training articles alone, goes on after a kill, and is a base like any other."""

from __future__ import annotations

import json

import pytest
import tiny
import torch
from safetensors.torch import load_file

from spinscope.errors import UserError
from spinscope.jobs import adapting
from spinscope.jobs.adapting import adapt
from spinscope.jobs.folds import divide, of_fold
from spinscope.model import adapting as masked_training
from spinscope.model.building import build_classifier
from spinscope.taxonomy import inventory


@pytest.fixture
def config(tmp_path, tiny_base):
    data = tiny.write_native(tmp_path / "corpus.jsonl", tiny.tiny_sentences(n_articles=24))
    return tiny.tiny_run(tmp_path, data, kind="finetuned", base=tiny_base)


def named(config, folder):
    return config.model_copy(update={"model": config.model.model_copy(update={"base": str(folder)})})


def test_an_adapted_base_is_a_base_and_keeps_the_head_it_learned(config, tmp_path):
    (folder,) = adapt(config, out=str(tmp_path / "adapted"), epochs=6, learning_rate=3e-3)
    facts = json.loads((folder / "adaptation.json").read_text())
    assert facts["has_fresh_head"] and facts["n_articles"] > 0 and facts["n_further_articles"] == 0
    assert facts["loss_after"] < facts["loss_before"]
    before, after = (
        build_classifier(named(config, base).model, inventory("core"), seed=1).encoder.state_dict()
        for base in (config.model.base, folder)
    )
    assert before.keys() == after.keys()
    assert not torch.equal(before["embeddings.word_embeddings.weight"], after["embeddings.word_embeddings.weight"])
    stamp = (folder / "model.safetensors").stat().st_mtime_ns
    adapt(config, out=str(folder), epochs=6, learning_rate=3e-3)
    assert (folder / "model.safetensors").stat().st_mtime_ns == stamp, "finished already"
    with pytest.raises(UserError, match=r"something else stands here already \(other epochs"):
        adapt(config, out=str(folder), epochs=1, learning_rate=3e-3)
    (again,) = adapt(named(config, folder), out=str(tmp_path / "again"), epochs=1)
    facts_again = json.loads((again / "adaptation.json").read_text())
    assert not facts_again["has_fresh_head"]
    assert facts_again["loss_before"] == pytest.approx(facts["loss_after"], abs=1e-4)


@pytest.mark.slow
def test_a_killed_run_goes_on_from_its_last_epoch_and_ends_the_same(config, tmp_path, monkeypatch):
    from transformers import TrainerCallback

    (whole,) = adapt(config, out=str(tmp_path / "whole"), epochs=2)
    steps, real = [], masked_training.adapt_encoder

    class Killer(TrainerCallback):
        def on_step_end(self, args, state, control, **kwargs):
            steps.append(state.global_step)
            if len(steps) == 5:
                raise KeyboardInterrupt

    def watched(*given, **options):
        return real(*given, **{**options, "callbacks": [Killer()]})

    monkeypatch.setattr(masked_training, "adapt_encoder", watched)
    with pytest.raises(KeyboardInterrupt):
        adapt(config, out=str(tmp_path / "cut"), epochs=2)
    assert not (tmp_path / "cut").exists()
    (cut,) = adapt(config, out=str(tmp_path / "cut"), epochs=2)
    assert steps == [1, 2, 3, 4, 5, 4, 5, 6], "three steps an epoch; the second epoch is made again"
    first, second = (load_file(folder / "model.safetensors") for folder in (whole, cut))
    for name, value in first.items():
        torch.testing.assert_close(value, second[name], rtol=0, atol=0)


def test_nothing_that_is_held_out_is_read(config, tmp_path, monkeypatch):
    read = []
    monkeypatch.setattr(adapting, "_adapt_one", lambda config, texts, *a, **k: read.append(texts))
    folds = divide(config, n_folds=3, seed=config.data.split_by.seed)
    _, dev, held = folds.parts(1, dev_fraction=config.data.split_by.dev_fraction)
    (tmp_path / "more").mkdir()
    for name, some in (("held", held[:6]), ("dev", dev[:6])):
        (tmp_path / "more" / f"{name}.txt").write_text("\n".join(one.text for one in some))
    (tmp_path / "more" / "new.txt").write_text("A text about the harbour that stands nowhere else in the corpus.\n")
    out = str(tmp_path / "base-{fold}")
    folders = adapt(config, out=out, texts=[str(tmp_path / "more")], n_folds=3)
    assert [folder.name for folder in folders] == ["base-0", "base-1", "base-2"]
    assert not any(one.text in text for text in read[1].own for one in [*dev, *held])
    assert read[1].n_held_out == 2 and len(read[1].further) == 1
    adapt(config, out=str(tmp_path / "only"), texts=[str(tmp_path / "more" / "new.txt")], only_texts=True)
    assert read[-1].own == [] and len(read[-1].further) == 1
    assert of_fold(named(config, out), 2).model.base == str(folders[2])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "tfidf"}, "model.kind is tfidf"),
        ({"max_tokens": 128}, "at most 64, the encoder's positions"),
        ({"only_texts": True}, "--only-texts without --texts"),
        ({"n_folds": 3}, "--folds and {fold} in --out, both or neither"),
        ({"out": "x-{fold}"}, "without --folds"),
    ],
)
def test_what_makes_no_sense_is_refused(config, tmp_path, options, message):
    model = {name: value for name, value in options.items() if name in ("kind", "max_tokens")}
    config = config.model_copy(update={"model": config.model.model_copy(update=model)})
    rest = {name: value for name, value in options.items() if name not in model}
    with pytest.raises(UserError, match=message):
        adapt(config, **{"out": str(tmp_path / "x"), **rest})
