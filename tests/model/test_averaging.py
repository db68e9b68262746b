"""Pretrained weights mixed back: the straight line, and nothing else moves."""

from __future__ import annotations

import torch

from spinscope.config import Model
from spinscope.model.averaging import encoder_weights, mix_back
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
