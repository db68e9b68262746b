"""Shares of tokens summed over words, in the window that gave the score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from spinscope.data.words import Place
from spinscope.model.attribution import Baseline, TokenMethod, Window, token_shares
from spinscope.model.batching import encoded_windows

if TYPE_CHECKING:
    from spinscope.model.scorers import EncoderScorer


def shares_by_tokens(
    scorer: EncoderScorer, texts: Sequence[str], contexts: Sequence[str], places: Sequence[Sequence[Place]],
    cells: Sequence[tuple[int, int]], *, method: TokenMethod, baseline: Baseline, n_steps: int,
) -> list[tuple[np.ndarray, float, float]]:  # fmt: skip
    """What words add to logits, per cell: (n_words,) log-odds, those of what is no word, and those without any word.

    Args:
        scorer: an open checkpoint's.
        texts: n of them.
        contexts: (n,) what stands beside each.
        places: (n,) words of each.
        cells: (row, column) of text and technique.
        method: see `token_shares`.
        baseline: see `token_shares`.
        n_steps: see `token_shares`.
    """
    windows, encodings = [], []
    rows = sorted({row for row, _ in cells})
    several = dict(
        zip(
            rows,
            encoded_windows(
                scorer.tokenizer, [texts[row] for row in rows], [contexts[row] for row in rows],
                max_tokens=scorer.max_tokens,
            ),
            strict=True,
        )
    )  # fmt: skip
    for row, column in cells:
        encoding = _scoring_window(scorer, several[row], column)
        is_text = _of_text(encoding, has_context=bool(contexts[row]))
        windows.append(Window(encoding.ids, encoding.type_ids, is_text, column))
        encodings.append(encoding)
    shares = token_shares(scorer, windows, method=method, baseline=baseline, n_steps=n_steps)
    found = []
    for (row, _), window, encoding, one in zip(cells, windows, encodings, shares, strict=True):
        weights, elsewhere = over_words(one.values, encoding.offsets, window.is_text, places[row])
        found.append((weights, elsewhere, one.baseline))
    return found


def _scoring_window(scorer: EncoderScorer, windows: Sequence[Any], column: int) -> Any:
    """The window whose logit is the text's: the highest."""
    if len(windows) == 1:
        return windows[0]
    inputs = [
        {"input_ids": np.array([one.ids]), "attention_mask": np.ones((1, len(one.ids)), dtype=np.int64)}
        | (
            {"token_type_ids": np.array([one.type_ids])}
            if "token_type_ids" in scorer.tokenizer.model_input_names
            else {}
        )
        for one in windows
    ]
    return windows[int(np.argmax([scorer.compute(one)[0, column] for one in inputs]))]


def _of_text(encoding: Any, *, has_context: bool) -> list[bool]:
    wanted = 1 if has_context else 0
    return [
        sequence == wanted and not special
        for sequence, special in zip(encoding.sequence_ids, encoding.special_tokens_mask, strict=True)
    ]


def over_words(
    values: np.ndarray, offsets: Sequence[Place], is_text: Sequence[bool], places: Sequence[Place]
) -> tuple[np.ndarray, float]:
    """Sums of token shares over words, and what falls on no word.

    A token counts for the word with which it shares most characters; of equally much, the first.

    Args:
        values: (n_tokens,).
        offsets: (n_tokens,) where each token stands in the text.
        is_text: (n_tokens,) whether it is of the text at all.
        places: of the words, in order.
    """
    weights, elsewhere = np.zeros(len(places)), 0.0
    starts = np.array([start for start, _ in places])
    for value, (start, end), inside in zip(values.tolist(), offsets, is_text, strict=True):
        best, most = None, 0
        if inside and len(places):
            number = max(int(np.searchsorted(starts, start, side="right")) - 1, 0)
            while number < len(places) and places[number][0] < end:
                shared = min(end, places[number][1]) - max(start, places[number][0])
                best, most = (number, shared) if shared > most else (best, most)
                number += 1
        if best is None:
            elsewhere += value
        else:
            weights[best] += value
    return weights, elsewhere
