"""Weights mixed: pretrained ones mixed back along a straight line, the mean of the last epochs."""

from __future__ import annotations

from types import SimpleNamespace

import torch

from spinscope.config import Model
from spinscope.model.averaging import EpochWeights, encoder_weights, mix_back
from spinscope.model.building import build_classifier
from spinscope.taxonomy import inventory


def test_the_encoder_lies_on_the_line_and_the_head_stays(tiny_base):
    model = build_classifier(Model(base=str(tiny_base), max_tokens=32), inventory("core"), seed=1)
    before = encoder_weights(model)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.ones_like(parameter))
    head = model.head.weight.clone()
    mix_back(model, before, 0.25)
    after = encoder_weights(model)
    assert before.keys() == after.keys() and len(before) > 10
    for name, parameter in model.encoder.named_parameters():
        assert torch.allclose(after[name] - before[name], torch.full_like(parameter, 0.75), atol=1e-6), name
    assert torch.equal(model.head.weight, head)


def test_a_share_of_nothing_changes_nothing(tiny_base):
    model = build_classifier(Model(base=str(tiny_base), max_tokens=32), inventory("core"), seed=1)
    before = encoder_weights(model)
    mix_back(model, {}, 0.0)
    assert all(torch.equal(value, before[name]) for name, value in encoder_weights(model).items())


def test_the_mean_of_the_last_epochs(tiny_base, tmp_path):
    model = build_classifier(Model(base=str(tiny_base), max_tokens=32), inventory("core"), seed=1)
    keeper = EpochWeights(tmp_path, 2)
    before = model.head.weight.detach().clone()

    def epoch(step):
        with torch.no_grad():
            model.head.weight.copy_(before + step)
        keeper.on_epoch_end(None, SimpleNamespace(is_world_process_zero=True, global_step=step), None, model=model)

    for step in (10, 20, 30, 40):
        epoch(step)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["epoch-30.safetensors", "epoch-40.safetensors"]
    epoch(30)  # a run that was killed after its last epoch, gone on from the state before
    assert keeper.put_mean_into(model, 40) == 40
    assert torch.allclose(model.head.weight, before + 35)
