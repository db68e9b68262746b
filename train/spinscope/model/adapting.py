"""Masked-language training of a base encoder on unlabelled text (domain-adaptive pretraining: Gururangan et al., ACL 2020).

Many encoders are published without the head that guesses masked words; `minilm` is one. Its decoder is tied to the input
embeddings, but the layer before it starts from random numbers, and what it would send back at first is noise. So for
the first `HEAD_FIRST` of the steps the encoder rests while a fresh head learns, at `HEAD_RATIO` times the encoder's rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import (
    AutoModelForMaskedLM,
    DataCollatorForLanguageModeling,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)
from transformers.trainer_callback import PrinterCallback

from spinscope.config import Model
from spinscope.errors import UserError
from spinscope.model.architecture import quiet_transformers
from spinscope.model.building import find_base, require_positions
from spinscope.model.callbacks import StateMarker
from spinscope.model.fitting import last_whole_state

HEAD_FIRST = 0.2
"""Part of the steps in which a fresh head learns alone."""
HEAD_RATIO = 10.0
"""A fresh head's rate as a multiple of the encoder's."""
WARMUP = 0.06
WEIGHT_DECAY = 0.01


@dataclass(frozen=True, slots=True)
class Adaptation:
    """How the encoder is adapted.

    Attributes:
        epochs: passes over the text.
        learning_rate: peak rate of the encoder.
        masked_fraction: share of the tokens that are to be guessed, 0 to 1.
        max_tokens: of a window of text, special tokens included.
        batch_size: windows per step.
        seed: of masks, order, dropout and a fresh head.
        precision: fp32, bf16 or fp16.
    """

    epochs: float = 3.0
    learning_rate: float = 5e-5
    masked_fraction: float = 0.15
    max_tokens: int = 128
    batch_size: int = 32
    seed: int = 13
    precision: str = "fp32"


@dataclass(frozen=True, slots=True)
class Adapted:
    """The adapted model, and what is to be told.

    Attributes:
        model: encoder and head.
        has_fresh_head: whether the base came without the head.
        loss_before, loss_after: mean cross-entropy of masked tokens in the windows kept aside; None without any.
        steps: that were made.
    """

    model: PreTrainedModel
    has_fresh_head: bool
    loss_before: float | None
    loss_after: float | None
    steps: int


def text_windows(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], *, max_tokens: int) -> list[dict[str, Any]]:
    """Texts cut into windows of at most `max_tokens`, one after the other, special tokens marked; none spans two texts."""
    windows = []
    for text in texts:
        cut: Any = tokenizer(
            text, truncation=True, max_length=max_tokens, stride=0, return_overflowing_tokens=True,
            return_special_tokens_mask=True,
        )  # fmt: skip
        names = [name for name in cut if name != "overflow_to_sample_mapping"]
        windows += [{name: cut[name][number] for name in names} for number in range(len(cut["input_ids"]))]
    return windows


def frequency_loss(
    train: Sequence[dict[str, Any]], aside: Sequence[dict[str, Any]], *, n_words: int
) -> float | None:
    """Mean cross-entropy of the tokens in `aside`, guessed by their frequency in `train` (each counted once more)."""
    if not aside:
        return None
    counts = np.bincount(_plain_tokens(train), minlength=n_words) + 1.0
    return float(-np.log(counts / counts.sum())[_plain_tokens(aside)].mean())


def _plain_tokens(windows: Sequence[dict[str, Any]]) -> np.ndarray:
    pairs = (zip(window["input_ids"], window["special_tokens_mask"], strict=True) for window in windows)
    return np.array([token for some in pairs for token, is_special in some if not is_special], dtype=np.int64)


def adapt_encoder(
    base: Model,
    tokenizer: PreTrainedTokenizerBase,
    *,
    train: list[dict[str, Any]],
    aside: list[dict[str, Any]],
    settings: Adaptation,
    state_dir: Path,
    resume: bool,
    callbacks: Sequence[TrainerCallback] = (),
) -> Adapted:
    """Goes on with the masked-language training of `base`.

    Args:
        base: names the encoder.
        tokenizer: of the same base.
        train: windows to learn from, as `text_windows` gives them.
        aside: windows to measure on; may be empty.
        settings: see `Adaptation`.
        state_dir: folder for resumable states.
        resume: go on from the last whole state in `state_dir`, where there is one.
        callbacks: further callbacks, such as a progress bar.

    Raises:
        UserError: the base cannot be found, or transformers has no masked-language head for its architecture.
    """
    set_seed(settings.seed)
    model, fresh = _with_head(base)
    optimizer, scheduler = _optimizer(model, fresh, settings, n_windows=len(train))
    with quiet_transformers():
        trainer = Trainer(
            model=model, args=_arguments(settings, state_dir), train_dataset=train, processing_class=tokenizer,  # type: ignore[arg-type]
            data_collator=DataCollatorForLanguageModeling(tokenizer, mlm_probability=settings.masked_fraction),
            optimizers=(optimizer, scheduler), callbacks=[StateMarker(), *callbacks],
        )  # fmt: skip
        trainer.remove_callback(PrinterCallback)
        before = _loss(trainer, aside, settings.seed)
        state = last_whole_state(state_dir) if resume else None
        set_seed(settings.seed)
        trainer.train(resume_from_checkpoint=str(state) if state else None)
        after = _loss(trainer, aside, settings.seed)
    return Adapted(model.float().eval(), bool(fresh), before, after, trainer.state.global_step)


def _with_head(base: Model) -> tuple[PreTrainedModel, set[str]]:
    """The encoder with its head, and the names of the head's parameters that the base does not hold."""
    place, revision = find_base(base)
    try:
        with quiet_transformers():
            model, told = AutoModelForMaskedLM.from_pretrained(
                place, revision=revision, trust_remote_code=False, use_safetensors=True, dtype=torch.float32,
                output_loading_info=True,
            )  # fmt: skip
    except (OSError, ValueError) as error:
        raise UserError(
            f"no masked-language model could be made of '{base.base}' ({str(error).splitlines()[0]})", where="model.base",
            expected="an encoder that transformers knows with a masked-language head",
        ) from None  # fmt: skip
    require_positions(base, model.config)
    known = {name for name, _ in model.named_parameters()}
    return model, set(told["missing_keys"]) & known


def _optimizer(
    model: PreTrainedModel, fresh: set[str], settings: Adaptation, *, n_windows: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LambdaLR]:
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        groups.setdefault((name in fresh, parameter.ndim > 1), []).append(parameter)
    optimizer = torch.optim.AdamW(
        [
            {
                "params": parameters, "lr": settings.learning_rate * (HEAD_RATIO if is_fresh else 1.0),
                "weight_decay": WEIGHT_DECAY if decayed else 0.0,
            }
            for (is_fresh, decayed), parameters in groups.items()
        ],
        fused=True,
    )  # fmt: skip
    n_steps = max(1, round(settings.epochs * -(-n_windows // settings.batch_size)))

    def rate(is_fresh: bool) -> Any:
        # The encoder begins late where the head is fresh; both rise over the same share of the steps, and fall to 0.
        begin = HEAD_FIRST * n_steps if fresh and not is_fresh else 0.0
        rise = max(1.0, WARMUP * n_steps)
        return lambda step: max(0.0, min((step - begin) / rise, (n_steps - step) / max(1.0, n_steps - begin - rise), 1.0))

    rates = [rate(is_fresh) for is_fresh, _ in groups]
    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, rates)


def _arguments(settings: Adaptation, state_dir: Path) -> TrainingArguments:
    on_gpu = torch.cuda.is_available()
    return TrainingArguments(
        output_dir=str(state_dir), num_train_epochs=settings.epochs, per_device_train_batch_size=settings.batch_size,
        per_device_eval_batch_size=settings.batch_size, save_strategy="epoch", save_total_limit=2, logging_steps=20,
        seed=settings.seed, bf16=settings.precision == "bf16", fp16=settings.precision == "fp16", use_cpu=not on_gpu,
        dataloader_pin_memory=on_gpu, disable_tqdm=True, report_to="none",
    )  # fmt: skip


def _loss(trainer: Trainer, aside: list[dict[str, Any]], seed: int) -> float | None:
    """Mean cross-entropy of masked tokens; the same tokens are masked each time."""
    if not aside:
        return None
    set_seed(seed)
    return float(trainer.evaluate(aside)["eval_loss"])  # type: ignore[arg-type]
