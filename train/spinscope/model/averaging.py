"""Weights between pretraining and fine-tuning: part of what the encoder knew before is mixed back in.

A fine-tuned encoder is best on data like its own and worse than need be on any other. On the straight line between the
pretrained and the fine-tuned weights both kinds of figure are often good (WiSE-FT: Wortsman et al., CVPR 2022).
"""

from __future__ import annotations

import torch

from spinscope.model.architecture import TechniqueClassifier


def encoder_weights(model: TechniqueClassifier) -> dict[str, torch.Tensor]:
    """A copy of the encoder's floating-point weights, by name."""
    weights = model.encoder.state_dict()
    return {name: value.detach().clone() for name, value in weights.items() if value.is_floating_point()}


def mix_back(model: TechniqueClassifier, pretrained: dict[str, torch.Tensor], share: float) -> None:
    """Sets the encoder to share * pretrained + (1 - share) * present weights; the head stays.

    Args:
        model: changed in place.
        pretrained: of the same encoder, as `encoder_weights` gave them.
        share: 0 to 1.
    """
    with torch.no_grad():
        for name, value in model.encoder.state_dict().items():
            if name in pretrained:
                value.copy_(torch.lerp(value, pretrained[name].to(value.device, value.dtype), share))
