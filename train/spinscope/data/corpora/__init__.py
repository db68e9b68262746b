"""Corpora: one module per format, each with `read(source, *, name, inventory, ...)`, chosen by name.

The public face is `read_source` (one source, labels in its own inventory) and `load_sentences` (all sources of a
config, labels in the target inventory); both live in `loading` and are loaded when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spinscope.data.corpora.labels import UnknownLabel
    from spinscope.data.corpora.loading import load_sentences, read_source

__all__ = ["UnknownLabel", "load_sentences", "read_source"]

_HOMES = {"UnknownLabel": "labels", "load_sentences": "loading", "read_source": "loading"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
