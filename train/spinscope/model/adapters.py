"""Low-rank adapters: small matrices beside the encoder's linear layers learn in its place, and are merged in at the end.

The checkpoint is one like any other: nothing that opens it knows how it was trained.
"""

from __future__ import annotations

import torch

from spinscope.errors import UserError
from spinscope.model.architecture import TechniqueClassifier


def require_peft() -> None:
    """Raises UserError where the library that makes adapters is not installed."""
    try:
        import peft  # noqa: F401
    except ImportError as error:
        raise UserError(
            f"peft is not installed ({error})", where="model.lora_rank", remedy='pip install "spinscope[lora]"'
        ) from None


def add_adapters(model: TechniqueClassifier, *, rank: int, seed: int) -> None:
    """Puts adapters beside every linear layer of the encoder, whose own weights no longer learn (Hu et al., ICLR 2022).

    Args:
        model: changed in place; its head learns as before.
        rank: of the added matrices; they are scaled by 2, whatever the rank.
        seed: of their first values.
    """
    import peft

    torch.manual_seed(seed)
    settings = peft.LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear", bias="none")
    model.encoder = peft.get_peft_model(model.encoder, settings)


def merge_adapters(model: TechniqueClassifier) -> None:
    """Adds what the adapters learned to the weights beside them, and removes the adapters."""
    model.encoder = model.encoder.merge_and_unload()
