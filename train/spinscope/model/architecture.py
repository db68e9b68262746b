"""The one model class: an encoder of `AutoModel`, a pooling, a linear head with one logit per technique."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import torch
from transformers import AutoConfig, AutoModel, PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput
from transformers.utils import logging

from spinscope.model.batching import length_batches


class TechniqueClassifierConfig(PreTrainedConfig):
    """Configuration of a `TechniqueClassifier`.

    Args:
        encoder: the configuration of the encoder, as its `to_dict()`.
        pooling: `mean` over the tokens of the attention mask, `first` token, or `attention`: a mean with learned weights.
        head_dropout: dropout before the head, 0 to 1.
    """

    model_type = "spinscope"

    def __init__(
        self, encoder: dict[str, Any] | None = None, pooling: str = "mean", head_dropout: float = 0.1, **kwargs: Any
    ) -> None:
        self.encoder = encoder or {}
        self.pooling = pooling
        self.head_dropout = head_dropout
        kwargs.setdefault("problem_type", "multi_label_classification")
        super().__init__(**kwargs)

    def encoder_config(self) -> PreTrainedConfig:
        """The encoder's configuration as an object of its own class."""
        values = dict(self.encoder)
        return AutoConfig.for_model(values.pop("model_type"), **values)


class TechniqueClassifier(PreTrainedModel):
    """Logits per technique from an encoder, a pooling and a linear head.

    Calibration fitted on dev is folded into `head` when a checkpoint is saved, so that `sigmoid(logits)` is the
    calibrated probability however the folder is loaded.
    """

    config_class = TechniqueClassifierConfig
    base_model_prefix = "encoder"
    supports_gradient_checkpointing = True
    _supports_sdpa = True
    _supports_flash_attn = True

    tokens_at_once: int | None = None
    """Most tokens, padding included, that the encoder is given at once while training; None: whole batches."""

    def __init__(self, config: TechniqueClassifierConfig) -> None:
        super().__init__(config)
        encoder_config = config.encoder_config()
        self.encoder = without_pooler(AutoModel.from_config(encoder_config))
        self.dropout = torch.nn.Dropout(config.head_dropout)
        if config.pooling == "attention":
            self.attention = torch.nn.Linear(encoder_config.hidden_size, 1)
        self.head = torch.nn.Linear(encoder_config.hidden_size, len(config.id2label or {}))
        self.post_init()

    def pooled(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, **inputs: Any) -> torch.Tensor:
        """(n, hidden_size) float32 sentence vectors."""
        if self.training and self.tokens_at_once:
            return self._pooled_by_length(self.tokens_at_once, attention_mask=attention_mask, input_ids=input_ids, **inputs)
        return self._pooled(input_ids, attention_mask, **inputs)

    def _pooled_by_length(self, n_tokens: int, **inputs: torch.Tensor) -> torch.Tensor:
        """Sentences of similar length together, each of these parts without what follows its longest."""
        mask = inputs["attention_mask"]
        places = torch.arange(1, mask.shape[1] + 1, device=mask.device)
        ends = (mask * places).amax(1).clamp(min=1).tolist()
        parts = list(length_batches(ends, tokens_per_batch=n_tokens))
        vectors = [
            self._pooled(**{name: value[rows, : max(ends[row] for row in rows)] for name, value in inputs.items()})
            for rows in parts
        ]
        order = torch.tensor(list(chain.from_iterable(parts)), device=mask.device).argsort()
        return torch.cat(vectors)[order]

    def _pooled(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, **inputs: torch.Tensor) -> torch.Tensor:
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask, **inputs).last_hidden_state
        if self.config.pooling == "first":
            return states[:, 0].float()
        weights = attention_mask.unsqueeze(-1).float()
        if self.config.pooling == "attention":
            # One learned query over the tokens (Yang et al., NAACL 2016), in float32 as the head is.
            with torch.autocast(states.device.type, enabled=False):
                sizes = self.attention(states.to(self.attention.weight.dtype)).float()
            weights = torch.softmax(sizes.masked_fill(weights == 0, torch.finfo(torch.float32).min), dim=1)
        return (states.float() * weights).sum(1) / weights.sum(1).clamp(min=1.0)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        return_dict: bool | None = None,
    ) -> SequenceClassifierOutput | tuple[torch.Tensor, ...]:
        """Logits (n, n_techniques); with `labels` (n, n_techniques) of 0, 1 or -100, also the masked cross-entropy."""
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        inputs = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
        vectors = self.pooled(input_ids, attention_mask, **inputs)
        # The head stays in float32 under autocast: bf16 logits tie, and ties spoil rankings and thresholds.
        with torch.autocast(vectors.device.type, enabled=False):
            logits = self.head(self.dropout(vectors).to(self.head.weight.dtype))
        loss = None
        if labels is not None:
            known = labels >= 0
            cells = torch.nn.functional.binary_cross_entropy_with_logits(
                logits.float(), labels.clamp(min=0.0), reduction="none"
            )
            loss = (cells * known).sum() / known.sum().clamp(min=1)
        if return_dict is False:
            return (logits,) if loss is None else (loss, logits)
        return SequenceClassifierOutput(loss=loss, logits=logits)


def without_pooler(encoder: Any) -> Any:
    """Drops an encoder's own pooler, which nothing here uses (unused weights would stop distributed training)."""
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None
    return encoder


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Without transformers' own bars and notes, which would break into ours; both come back afterwards."""
    shown, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if shown:
            logging.enable_progress_bar()
