"""A checkpoint's tokenizer, read by the `tokenizers` library alone: transformers takes a second to be imported.

What transformers' classes know beside the tokenizer's own file, an export keeps in the checkpoint's manifest, once it
was seen that they change nothing of what the file says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

TOKENIZER_FILE = "tokenizer.json"
_FACTS = ("pad_token_id", "pad_token_type_id", "padding_side", "truncation_side", "model_input_names")


def tokenizer_facts(tokenizer: PreTrainedTokenizerBase, path: Path) -> dict[str, Any] | None:
    """What `StoredTokenizer` needs beside the file; None where that gives another tokenizer than transformers makes of it.

    Args:
        tokenizer: of the checkpoint, as transformers opened it.
        path: the checkpoint folder.
    """
    from tokenizers import Tokenizer

    file, backend = path / TOKENIZER_FILE, getattr(tokenizer, "backend_tokenizer", None)
    if backend is None or not file.is_file():
        return None
    stored, opened = Tokenizer.from_file(str(file)), Tokenizer.from_str(backend.to_str())
    for one in (stored, opened):
        one.no_truncation()
        one.no_padding()
    return {name: getattr(tokenizer, name) for name in _FACTS} if stored.to_str() == opened.to_str() else None


class StoredTokenizer:
    """Stands for the tokenizer that transformers would open: what scoring needs at once, all else on demand.

    Args:
        path: the checkpoint folder.
        facts: see `tokenizer_facts`.
        opened: opens it with transformers; called when something else is asked of it.
    """

    def __init__(self, path: Path, facts: Mapping[str, Any], opened: Callable[[], PreTrainedTokenizerBase]) -> None:
        from tokenizers import Tokenizer

        self.backend_tokenizer = Tokenizer.from_file(str(path / TOKENIZER_FILE))
        self._opened = opened
        for name in _FACTS:
            setattr(self, name, facts[name])

    @cached_property
    def _whole(self) -> PreTrainedTokenizerBase:
        return self._opened()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._whole, name)

    def __call__(self, *texts: Any, **settings: Any) -> Any:
        """As transformers' tokenizer is called."""
        return self._whole(*texts, **settings)
