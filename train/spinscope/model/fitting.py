"""Fine-tuning with the HF Trainer: an order that can be resumed, the best weights kept, states that cannot be half."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from transformers import PreTrainedTokenizerBase, Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_callback import PrinterCallback

from spinscope.config import RunConfig
from spinscope.data.encoding import Encoding, EpochOrderedDataset, PaddingCollator
from spinscope.data.sampling import EpochSampling
from spinscope.errors import UserError, did_you_mean
from spinscope.files import read_json, write_json
from spinscope.model.adapters import add_adapters, merge_adapters
from spinscope.model.architecture import TechniqueClassifier, quiet_transformers
from spinscope.model.averaging import EpochWeights, encoder_weights, mix_back
from spinscope.model.callbacks import COMPLETE, BestWeights, StateMarker
from spinscope.model.losses import LossFunction
from spinscope.model.optimizing import build_optimizer

DevMetrics = Callable[[np.ndarray], Mapping[str, float | None]]
"""(n_dev, n_techniques) logits -> figures by name."""

OURS = {
    "output_dir": "tracking.output_dir", "num_train_epochs": "training.epochs", "learning_rate": "training.learning_rate",
    "per_device_train_batch_size": "training.batch_size", "warmup_steps": "training.warmup_fraction",
    "weight_decay": "training.weight_decay", "seed": "training.seed", "data_seed": "training.seed",
    "bf16": "training.precision", "fp16": "training.precision", "save_steps": "training.save_steps",
    "save_strategy": "training.save_steps", "report_to": "tracking.report_to",
    "train_sampling_strategy": "training.length_grouped", "metric_for_best_model": "training.best_metric",
    "load_best_model_at_end": "training.best_metric", "greater_is_better": "training.best_metric",
    "eval_strategy": "training.best_metric", "remove_unused_columns": "nothing: the data set is ours",
    "optim": "nothing: AdamW, the head at its own rate", "optim_args": "nothing: AdamW",
    "adam_beta1": "nothing: AdamW's own", "adam_beta2": "nothing: AdamW's own", "adam_epsilon": "nothing: AdamW's own",
    "save_only_model": "nothing: resuming needs the optimiser", "ignore_data_skip": "nothing: resuming goes on in the data",
    "fsdp": "torchrun without it: sharded optimisers are not supported", "fsdp_config": "torchrun without it: sharded optimisers are not supported",
    "deepspeed": "torchrun without it: sharded optimisers are not supported",
    "label_names": "nothing: the data set is ours", "save_total_limit": "nothing: resuming needs the last states",
}  # fmt: skip
"""Fields of TrainingArguments that the configuration sets itself, and where."""

@dataclass(frozen=True, slots=True)
class Encoded:
    """Tokens and labels of one part: `labels` (n, n_techniques) float32 of 0, 1 or -100.

    `sampling`: what an epoch holds of it; None: everything once.
    """

    encodings: list[Encoding]
    labels: np.ndarray
    sampling: EpochSampling | None = None


@dataclass(frozen=True, slots=True)
class Fitted:
    """The best weights of a run, its log (one dict per entry), and the step they come from."""

    model: TechniqueClassifier
    log: list[dict[str, Any]]
    best_step: int
    precision: str


def check_trainer_arguments(config: RunConfig) -> None:
    """Checks `training.trainer` against the fields of TrainingArguments.

    Raises:
        UserError: a name that is no field, one that the configuration sets itself, or a value that cannot be.
    """
    if config.training.precision == "fp16" and not torch.cuda.is_available():
        raise UserError("fp16 without a GPU", where="training.precision", expected="auto, bf16 or fp32 on a processor")
    checkpointing = config.training.trainer.get("gradient_checkpointing_kwargs") or {}
    if config.training.tokens_at_once and isinstance(checkpointing, Mapping) and checkpointing.get("use_reentrant"):
        raise UserError(
            "reentrant gradient checkpointing of a batch in parts", where="training.tokens_at_once",
            expected="training.trainer.gradient_checkpointing_kwargs.use_reentrant: false",
            remedy="several processes take each weight's gradient once; remove one of the two.",
        )  # fmt: skip
    known = {field.name: field for field in dataclasses.fields(TrainingArguments)}
    for name, value in config.training.trainer.items():
        if name in OURS:
            raise UserError(
                f"training.trainer.{name}",
                expected="a field that spinscope does not set itself",
                remedy=f"use {OURS[name]}.",
            )
        if name not in known:
            raise UserError(
                f"unknown key 'training.trainer.{name}'",
                expected="a field of transformers.TrainingArguments",
                remedy=did_you_mean(name, set(known) - set(OURS)),
            )
        default = known[name].default
        if isinstance(value, str) and isinstance(default, int | float):
            raise UserError(f"training.trainer.{name} is str '{value}'", expected=f"a value like its default, {default}")
    try:
        _arguments(config, precision="fp32", state_dir=Path(config.tracking.output_dir), seed=0, has_dev=True)
    except (ValueError, TypeError) as error:
        raise UserError(f"transformers refuses it: {error}", where="training.trainer") from None


def declared_precision(wish: str) -> str:
    """`auto` becomes bf16 where the GPU or processor declares bf16 arithmetic, else fp32; other wishes stay."""
    if wish != "auto":
        return wish
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    capabilities = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    declared = any(bool(capabilities.get(name)) for name in ("avx512_bf16", "amx_bf16", "amx_tile", "bf16", "arm_bf16"))
    return "bf16" if declared else "fp32"


def fit_finetuned(
    model: TechniqueClassifier,
    tokenizer: PreTrainedTokenizerBase,
    *,
    config: RunConfig,
    train: Encoded,
    dev: Encoded | None,
    loss: LossFunction,
    dev_metrics: DevMetrics,
    state_dir: Path,
    resume: bool,
    seed: int,
    callbacks: list[TrainerCallback] | None = None,
) -> Fitted:
    """Trains `model` and returns it with the weights of the best dev check (the last weights where there is no dev).

    Args:
        model: as `build_classifier` made it.
        tokenizer: of the same base.
        config: the run.
        train: what is learned from.
        dev: what picks the best weights; None or empty: nothing does.
        loss: see `losses.loss_function`.
        dev_metrics: figures of dev logits; `training.best_metric` (unless `loss`) is one of them.
        state_dir: folder for resumable states.
        resume: go on from the last whole state in `state_dir`, where there is one.
        seed: of dropout and order.
        callbacks: further callbacks, such as a progress bar.
    """
    training = config.training
    pretrained = encoder_weights(model) if training.pretrained_share else {}
    if config.model.lora_rank:
        add_adapters(model, rank=config.model.lora_rank, seed=seed)
    precision = _pinned_precision(training.precision, state_dir, resume=resume)
    state = last_whole_state(state_dir) if resume else None
    arguments = _arguments(config, precision=precision, state_dir=state_dir, seed=seed, has_dev=dev is not None)
    dataset = EpochOrderedDataset(
        train.encodings, train.labels, batch_size=training.batch_size * arguments.gradient_accumulation_steps, seed=seed,
        length_grouped=training.length_grouped, length_pool=training.length_pool, sampling=train.sampling,
    )  # fmt: skip
    keeper = BestWeights(state_dir, training.best_metric, training.early_stopping_patience)
    epochs = EpochWeights(state_dir, training.averaged_epochs) if training.averaged_epochs > 1 else None
    trainer = Trainer(
        model=model, args=arguments, data_collator=PaddingCollator(tokenizer), train_dataset=dataset,
        eval_dataset=_InOrder(dev) if dev is not None else None, processing_class=tokenizer, compute_loss_func=loss,
        compute_metrics=lambda prediction: _known(dev_metrics(np.asarray(prediction.predictions))),
        callbacks=[StateMarker(), keeper, *([epochs] if epochs else []), *(callbacks or [])],
        optimizers=(build_optimizer(model, config), None),
    )  # fmt: skip
    keeper.trainer = trainer
    trainer.remove_callback(PrinterCallback)
    model.tokens_at_once = training.tokens_at_once
    log, best_step = _run(trainer, keeper, state)
    model.tokens_at_once = None
    if epochs:
        best_step = epochs.put_mean_into(model, trainer.state.global_step or best_step)
    if config.model.lora_rank:
        merge_adapters(model)
    mix_back(model, pretrained, training.pretrained_share)
    return Fitted(model.float().eval(), _finite(log), best_step, precision)


def _run(trainer: Trainer, keeper: BestWeights, state: Path | None) -> tuple[list[dict[str, Any]], int]:
    """Trains on from `state`, puts the best weights into the model, and returns the log and the step they are of."""
    log = read_json(state / "trainer_state.json")["log_history"] if state else []
    if not keeper.is_spent(log):  # a run killed after its early stop must not train on
        with quiet_transformers():
            trainer.train(resume_from_checkpoint=str(state) if state else None)
        log = trainer.state.log_history
    best_step = keeper.best_step(log)
    if best_step is None:
        return log, trainer.state.global_step
    trainer.accelerator.wait_for_everyone()
    model = trainer.accelerator.unwrap_model(trainer.model)
    model.load_state_dict(load_file(keeper.weights_file(best_step), device=str(model.device)))
    trainer.accelerator.wait_for_everyone()  # the first process removes the file when it has saved
    return log, best_step


class _InOrder:
    """The dev part for Trainer, in its own order."""

    def __init__(self, part: Encoded) -> None:
        self.part = part

    def __len__(self) -> int:
        return len(self.part.encodings)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {**self.part.encodings[index], "labels": self.part.labels[index]}


def _arguments(config: RunConfig, *, precision: str, state_dir: Path, seed: int, has_dev: bool) -> TrainingArguments:
    training = config.training
    on_gpu = torch.cuda.is_available()
    values: dict[str, Any] = {
        "output_dir": str(state_dir),
        "num_train_epochs": training.epochs,
        "learning_rate": training.learning_rate,
        "per_device_train_batch_size": training.batch_size,
        "per_device_eval_batch_size": 64,
        "warmup_steps": training.warmup_fraction,
        "weight_decay": training.weight_decay,
        "eval_strategy": "epoch" if has_dev else "no",
        "save_strategy": "steps" if training.save_steps else "epoch",
        "save_steps": training.save_steps or 500,
        "save_total_limit": 3,
        "logging_steps": 20,
        "seed": seed,
        "train_sampling_strategy": "sequential",
        "bf16": precision == "bf16",
        "fp16": precision == "fp16",
        "use_cpu": not on_gpu,
        "dataloader_pin_memory": on_gpu,
        "disable_tqdm": True,
        "report_to": config.tracking.report_to or "none",
        "remove_unused_columns": False,
        "label_names": ["labels"],
        "ddp_find_unused_parameters": False,
        **training.trainer,
    }
    return TrainingArguments(**values)


def _known(figures: Mapping[str, float | None]) -> dict[str, float]:
    return {name: float(value) for name, value in figures.items() if value is not None and np.isfinite(value)}


def _finite(log: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The log as JSON can hold it: a figure that overflowed is None."""
    return [
        {name: None if isinstance(value, float) and not np.isfinite(value) else value for name, value in entry.items()}
        for entry in log
    ]


def _pinned_precision(wish: str, state_dir: Path, *, resume: bool) -> str:
    """The precision the run began with, else the declared one; kept beside the states."""
    file = state_dir / "precision.json"
    if resume and file.is_file():
        return str(read_json(file)["precision"])
    precision = declared_precision(wish)
    if int(os.environ.get("RANK", "0")) == 0:
        write_json(file, {"precision": precision})
    return precision


def last_whole_state(state_dir: Path) -> Path | None:
    """The newest state with a mark; half-written ones are removed."""
    whole = []
    for folder in sorted(state_dir.glob("checkpoint-*"), key=lambda folder: int(folder.name.split("-")[1])):
        if (folder / COMPLETE).is_file():
            whole.append(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)  # several processes may be at it
    return whole[-1] if whole else None
