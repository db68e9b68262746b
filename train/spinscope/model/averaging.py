"""Weights between weights: part of what the encoder knew before mixed back in, and the mean of the last epochs.

A fine-tuned encoder is best on data like its own and worse than need be on any other. On the straight line between the
pretrained and the fine-tuned weights both kinds of figure are often good (WiSE-FT: Wortsman et al., CVPR 2022). The mean of the
weights after several epochs is often better than each of them (Izmailov et al., UAI 2018).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from transformers import TrainerCallback

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


class EpochWeights(TrainerCallback):
    """Keeps the weights after each of the last `n` epochs as `epoch-<step>.safetensors`.

    A file is written before the state of its epoch is saved, so that a resumed run finds all that came before.
    """

    def __init__(self, state_dir: Path, n: int) -> None:
        self.state_dir, self.n = state_dir, n

    def on_epoch_end(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        """Saves the weights, and removes those of the epoch that is no longer among the last."""
        if not state.is_world_process_zero:
            return
        weights = getattr(model, "module", model).state_dict()
        partial = self.state_dir / "epoch.partial"
        save_file({name: value.detach().cpu().contiguous() for name, value in weights.items()}, partial)
        partial.replace(self.state_dir / f"epoch-{state.global_step}.safetensors")
        for _, file in self._kept(state.global_step)[: -self.n]:
            file.unlink()

    def put_mean_into(self, model: TechniqueClassifier, step: int) -> int:
        """Sets the model's weights to the mean of those kept up to `step`; returns the last step among them."""
        kept = self._kept(step)[-self.n :]
        parts = [load_file(file) for _, file in kept]
        with torch.no_grad():
            for name, value in model.state_dict().items():
                if parts and value.is_floating_point():
                    value.copy_(torch.stack([part[name].float() for part in parts]).mean(dim=0))
        return kept[-1][0] if kept else step

    def _kept(self, step: int) -> list[tuple[int, Path]]:
        """(step, file) of what is kept, oldest first; files of a later step are of a run that went further and died."""
        files = ((int(file.stem.split("-")[1]), file) for file in self.state_dir.glob("epoch-*.safetensors"))
        return sorted(pair for pair in files if pair[0] <= step)
