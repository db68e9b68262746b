"""Losses over annotated cells only: cross-entropy, focal, asymmetric; weights for positives, smoothing, any technique of a sentence or a node."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid

from spinscope.config import Training

LossFunction = Callable[..., torch.Tensor]


def positive_weights(gold: np.ndarray, mask: np.ndarray, rule: str) -> np.ndarray:
    """(n_techniques,) weights of positives: 1 (`none`), negatives / positives (`balanced`), or its square root.

    A technique without a positive gets 1; weights are capped at 100, so that one example cannot rule an epoch.
    """
    positives = (gold * mask).sum(0).astype(float)
    negatives = mask.sum(0) - positives
    ratio = np.where(positives > 0, negatives / np.maximum(positives, 1), 1.0)
    if rule == "none":
        return np.ones_like(ratio)
    return np.clip(ratio if rule == "balanced" else np.sqrt(ratio), 1e-2, 100.0)


def cell_losses(logits: torch.Tensor, labels: torch.Tensor, training: Training, weights: torch.Tensor) -> torch.Tensor:
    """(n, n_techniques) losses for labels of 0 or 1, before masking.

    Sources: focal loss, Lin et al., ICCV 2017 (without its alpha: `class_weights` is the place for weights);
    asymmetric loss, Ridnik et al., ICCV 2021.
    """
    if training.loss == "asymmetric":
        positive = torch.sigmoid(logits)
        shifted = (positive - training.asymmetric_margin).clamp(min=0.0)
        on_positive = -((1 - positive) ** training.asymmetric_gamma_positive) * logsigmoid(logits)
        on_negative = -(shifted**training.asymmetric_gamma_negative) * torch.log((1 - shifted).clamp(min=1e-8))
        return labels * weights * on_positive + (1 - labels) * on_negative
    cells = binary_cross_entropy_with_logits(logits, labels, reduction="none", pos_weight=weights)
    if training.loss == "focal":
        positive = torch.sigmoid(logits)
        wrongness = labels * (1 - positive) + (1 - labels) * positive
        cells = wrongness**training.focal_gamma * cells
    return cells


def technique_rates(gold: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """(n_techniques,) share of positives among annotated sentences; 0 where none is annotated."""
    return np.asarray((gold * mask).sum(0) / np.maximum(mask.sum(0), 1))


def any_loss(logits: torch.Tensor, labels: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """(n,) cross-entropy of "any technique", whose probability is the noisy-or of the techniques' own.

    A soft label counts as positive from one half up.

    No weight of its own: the gradient asks the techniques together to say that there is something. A sentence without
    a positive and with a technique that is not annotated may or may not have one: its loss is 0.

    Args:
        logits: (n, n_techniques).
        labels: (n, n_techniques) of 0 to 1.
        known: (n, n_techniques) bool, True where annotated.
    """
    positive = (labels * known).amax(dim=1) >= 0.5
    log_none = (logsigmoid(-logits) * known).sum(dim=1)
    log_any = torch.log(-torch.expm1(log_none.clamp(max=-1e-6)))
    return -torch.where(positive, log_any, log_none) * (positive | known.all(dim=1))


def hierarchy_loss(
    logits: torch.Tensor, labels: torch.Tensor, known: torch.Tensor, nodes: Sequence[Sequence[int]]
) -> torch.Tensor:
    """(n,) mean over nodes of `any_loss` among the techniques below each; shapes as there.

    Args:
        logits: (n, n_techniques).
        labels: (n, n_techniques) of 0 to 1.
        known: (n, n_techniques) bool, True where annotated.
        nodes: columns below each node, one at least.
    """
    each = [any_loss(logits[:, below], labels[:, below], known[:, below]) for below in map(list, nodes)]
    return torch.stack(each).mean(dim=0)


def loss_function(
    training: Training, weights: np.ndarray, rates: np.ndarray | None = None, *, nodes: Sequence[Sequence[int]] = ()
) -> LossFunction:
    """A `compute_loss_func` for Trainer: the mean over annotated cells, also across accumulated batches.

    Args:
        training: names the loss.
        weights: (n_techniques,) of positives.
        rates: (n_techniques,) what labels are smoothed towards; None: nothing is smoothed.
        nodes: columns below each node of a hierarchy, see `taxonomy.nodes_above`; needed with `hierarchy_weight`.
    """
    positive = torch.from_numpy(weights.astype(np.float32))
    towards = torch.from_numpy((weights * 0 if rates is None else rates).astype(np.float32))
    smoothing = 0.0 if rates is None else training.label_smoothing

    def compute(outputs: Any, labels: torch.Tensor, num_items_in_batch: Any = None) -> torch.Tensor:
        known = labels >= 0
        logits, truth = outputs.logits.float(), labels.clamp(min=0.0)
        smooth = (1 - smoothing) * truth + smoothing * towards.to(labels.device)
        cells = cell_losses(logits, smooth, training, positive.to(labels.device))
        # Trainer counts labels other than -100 over the accumulated batch: here, the annotated cells.
        count = known.sum() if num_items_in_batch is None else num_items_in_batch
        total = (cells * known).sum()
        if training.any_weight:
            # Weighed as one cell of each sentence times the techniques, so that a weight of 1 equals all cells together.
            total = total + training.any_weight * labels.shape[1] * any_loss(logits, truth, known).sum()
        if training.hierarchy_weight:
            total = total + training.hierarchy_weight * labels.shape[1] * hierarchy_loss(logits, truth, known, nodes).sum()
        return total / (count.clamp(min=1) if isinstance(count, torch.Tensor) else max(count, 1))

    return compute
