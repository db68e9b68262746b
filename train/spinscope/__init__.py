"""spinscope: train, evaluate, apply and compare classifiers of propaganda techniques.

Example:
    >>> import spinscope
    >>> classifier = spinscope.load("models/quickstart")
    >>> classifier.predict(["They will take your home and laugh about it."])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from spinscope.model.prediction import Classifier

__version__ = "0.1.0"
__all__ = ["__version__", "load"]


def load(path: str | Path) -> Classifier:
    """Open the checkpoint folder at `path`, verify its files, and return its classifier.

    Raises:
        UserError: the folder is missing, half written, or altered.
    """
    from spinscope.model.checkpoint import open_checkpoint

    return open_checkpoint(path)
