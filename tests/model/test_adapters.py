"""Adapters: what learns, what is merged, and that the checkpoint shows nothing of it."""

from __future__ import annotations

import tiny
import torch

from spinscope.config import Model
from spinscope.jobs.fitting import fit
from spinscope.model.adapters import add_adapters, merge_adapters
from spinscope.model.building import build_classifier
from spinscope.taxonomy import inventory

CORE = inventory("core")


def test_only_adapters_and_head_learn_and_merging_keeps_every_answer(tiny_base):
    model = build_classifier(Model(base=str(tiny_base), max_tokens=32), CORE, seed=1).eval()
    names = set(model.state_dict())
    ids, mask = torch.tensor([[5, 6, 7]]), torch.ones(1, 3, dtype=torch.int64)
    plain = model(ids, mask).logits
    add_adapters(model, rank=2, seed=0)
    learning = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert learning and all("lora_" in name or name.startswith("head.") for name in learning)
    assert torch.equal(model(ids, mask).logits, plain), "adapters begin as nothing"
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.fill_(0.1)
    changed = model(ids, mask).logits
    merge_adapters(model)
    assert set(model.state_dict()) == names
    assert torch.allclose(model(ids, mask).logits, changed, atol=1e-5)
    assert not torch.allclose(changed, plain, atol=1e-3)


def test_a_run_gone_on_with_after_a_kill_ends_with_the_same_weights(tiny_base, tmp_path):
    data = tiny.write_native(tmp_path / "corpus.jsonl", tiny.tiny_sentences(n_articles=10))
    config = tiny.tiny_run(tmp_path, data, kind="finetuned", base=tiny_base, model={"lora_rank": 2}, training={"epochs": 2.0})
    sentences = tiny.tiny_sentences(n_articles=10)
    train, dev = sentences[:56], sentences[56:]

    class Killed(Exception):
        pass

    class Kill:
        """Stops the run once the first epoch is saved."""

        def __new__(cls):
            from transformers import TrainerCallback

            class Callback(TrainerCallback):
                def on_step_begin(self, args, state, control, **kwargs):
                    if state.epoch and state.epoch > 1.2:
                        raise Killed

            return Callback()

    def run(folder, **more):
        return fit(config, inventory=CORE, train=train, dev=dev, seed=3, state_dir=folder, **more).classifier.scorer.model

    whole = run(tmp_path / "whole").state_dict()
    try:
        run(tmp_path / "cut", callbacks=[Kill()])
    except Killed:
        pass
    else:
        raise AssertionError("the run was not cut")
    assert list((tmp_path / "cut").glob("checkpoint-*"))
    again = run(tmp_path / "cut", resume=True).state_dict()
    assert whole.keys() == again.keys()
    assert all(torch.equal(value, again[name]) for name, value in whole.items())
