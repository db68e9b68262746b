"""What each token of a window adds to a logit: integrated gradients and its cheaper kin, through captum."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from spinscope.model.batching import length_batches

if TYPE_CHECKING:
    import torch

    from spinscope.model.scorers import EncoderScorer

TokenMethod = Literal["integrated-gradients", "gradient-x-input", "states"]
Baseline = Literal["mask", "pad"]

N_STEPS = 32
"""Of the Gauss-Legendre quadrature: tests/benchmarks/evidence.py prints the completeness error it leaves."""

TOKENS_AT_ONCE = 4096
"""Most tokens that are computed with gradients at once, padding and steps included."""


@dataclass(frozen=True, slots=True)
class Window:
    """A token window and the logit that is asked about.

    Attributes:
        ids: token ids.
        types: token type ids.
        is_text: True for tokens of the sentence: neither special nor of the context.
        column: of the technique.
    """

    ids: Sequence[int]
    types: Sequence[int]
    is_text: Sequence[bool]
    column: int


@dataclass(frozen=True, slots=True)
class TokenShares:
    """What the tokens of a window add.

    Attributes:
        values: (n_tokens,) log-odds.
        logit: of the window.
        baseline: the logit with every token of the sentence replaced by the baseline token.
    """

    values: np.ndarray
    logit: float
    baseline: float


def token_shares(
    scorer: EncoderScorer, windows: Sequence[Window], *, method: TokenMethod, baseline: Baseline, n_steps: int = N_STEPS
) -> list[TokenShares]:
    """What each token adds to the logit asked about, per window.

    `integrated-gradients` (Sundararajan, Taly & Yan, ICML 2017) on the word embeddings, from a baseline in which each
    token of the sentence is the mask or padding token while special tokens, context and positions stay: the shares add
    up to logit minus baseline, but for the error of the quadrature. `gradient-x-input`: embedding times gradient.
    `states`: the head applied to each token's last state, which mean pooling averages; exact, but a state has seen the
    whole sentence.

    Args:
        scorer: an open checkpoint's.
        windows: n of them.
        method: how.
        baseline: what stands for a token that is not there; `mask` falls back to `pad` where the tokenizer has none.
        n_steps: of the quadrature.
    """
    found: list[TokenShares | None] = [None] * len(windows)
    steps = n_steps if method == "integrated-gradients" else 1
    budget = max(TOKENS_AT_ONCE // steps, 1)
    with _fixed(scorer.model):
        for rows in length_batches([len(window.ids) for window in windows], tokens_per_batch=budget):
            several = [windows[row] for row in rows]
            for row, shares in zip(rows, _shares(scorer, several, method, baseline, n_steps), strict=True):
                found[row] = shares
    return [shares for shares in found if shares is not None]


def baseline_id(scorer: EncoderScorer, baseline: Baseline) -> int:
    """The token that stands for one that is not there."""
    tokenizer: Any = scorer.tokenizer
    masked = tokenizer.mask_token_id if baseline == "mask" else None
    return int(tokenizer.pad_token_id if masked is None else masked)


def _shares(
    scorer: EncoderScorer, windows: Sequence[Window], method: TokenMethod, baseline: Baseline, n_steps: int
) -> Iterator[TokenShares]:
    import torch

    model, layer = scorer.model, scorer.model.encoder.get_input_embeddings()
    ids, mask, types, is_text = _padded(scorer, windows)
    others = (mask, types) if "token_type_ids" in scorer.tokenizer.model_input_names else (mask, None)
    columns = torch.tensor([window.column for window in windows], device=model.device)
    absent = torch.where(is_text, torch.full_like(ids, baseline_id(scorer, baseline)), ids)

    def forward(tokens: torch.Tensor, attention: torch.Tensor, kinds: torch.Tensor | None = None) -> torch.Tensor:
        inputs = {} if kinds is None else {"token_type_ids": kinds}
        return model(input_ids=tokens, attention_mask=attention, **inputs).logits.float()

    rows = torch.arange(len(windows), device=model.device)
    with torch.no_grad():
        logits = forward(ids, *others)[rows, columns]
        with _embedded_as(layer, layer(absent)):  # ids stay: RoBERTa and its kin count positions by them
            without = forward(ids, *others)[rows, columns]
    if method == "states":
        values = _state_shares(scorer, ids, mask, others[1], columns)
    else:
        values = _gradient_shares(forward, layer, ids, absent, others, columns, method, n_steps)
    for row, window in enumerate(windows):
        n = len(window.ids)
        here = values[row, -n:] if scorer.tokenizer.padding_side == "left" else values[row, :n]
        yield TokenShares(here.double().cpu().numpy(), float(logits[row]), float(without[row]))


def _gradient_shares(
    forward: Callable[..., torch.Tensor], layer: torch.nn.Module, ids: torch.Tensor, absent: torch.Tensor,
    others: tuple[torch.Tensor, torch.Tensor | None], columns: torch.Tensor, method: TokenMethod, n_steps: int,
) -> torch.Tensor:  # fmt: skip
    """(n, longest) shares of tokens: sums over the embedding's dimensions."""
    from captum.attr import LayerGradientXActivation, LayerIntegratedGradients

    if method == "gradient-x-input":
        values = LayerGradientXActivation(forward, layer).attribute(ids, target=columns, additional_forward_args=others)
    else:
        values = LayerIntegratedGradients(forward, layer).attribute(
            ids, baselines=absent, target=columns, additional_forward_args=others, n_steps=n_steps,
            method="gausslegendre", internal_batch_size=max(TOKENS_AT_ONCE // ids.shape[1], ids.shape[0]),
        )  # fmt: skip
    return values.sum(-1).detach()


def _state_shares(
    scorer: EncoderScorer, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor | None, columns: torch.Tensor
) -> torch.Tensor:
    import torch

    head = scorer.model.head
    inputs = {} if types is None else {"token_type_ids": types}
    with torch.no_grad():
        states = scorer.model.encoder(input_ids=ids, attention_mask=mask, **inputs).last_hidden_state.float()
        values = torch.einsum("nth,nh->nt", states, head.weight[columns].float())
        return values * mask / mask.sum(1, keepdim=True)


def _padded(
    scorer: EncoderScorer, windows: Sequence[Window]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ids, attention mask, types and where the sentence stands, each (n, longest)."""
    import torch

    tokenizer: Any = scorer.tokenizer
    longest = max(len(window.ids) for window in windows)
    shape = (len(windows), longest)
    ids = np.full(shape, tokenizer.pad_token_id, dtype=np.int64)
    types = np.full(shape, tokenizer.pad_token_type_id, dtype=np.int64)
    mask, is_text = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=bool)
    for row, window in enumerate(windows):
        n = len(window.ids)
        place = slice(longest - n, longest) if tokenizer.padding_side == "left" else slice(0, n)
        ids[row, place], types[row, place] = window.ids, window.types
        mask[row, place], is_text[row, place] = 1, window.is_text
    device = scorer.model.device
    ids_, mask_, types_, text_ = (torch.from_numpy(one).to(device) for one in (ids, mask, types, is_text))
    return ids_, mask_, types_, text_


@contextmanager
def _embedded_as(layer: torch.nn.Module, embeddings: torch.Tensor) -> Iterator[None]:
    """Whatever the ids, the layer answers with these embeddings."""
    handle = layer.register_forward_hook(lambda module, given, found: embeddings)
    try:
        yield
    finally:
        handle.remove()


@contextmanager
def _fixed(model: torch.nn.Module) -> Iterator[None]:
    """No parameter asks for a gradient: those of the embeddings are enough, and the rest costs time."""
    asking = [parameter for parameter in model.parameters() if parameter.requires_grad]
    for parameter in asking:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in asking:
            parameter.requires_grad_(True)
