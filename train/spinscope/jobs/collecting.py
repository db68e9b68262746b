"""Python's search for cyclic garbage, made rare while articles are scored."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (50_000, 20, 50)


@contextmanager
def rare_collections() -> Iterator[None]:
    """What is loaded by now is never looked at, and what comes less often: records of sentences form no cycles.

    A seventh of the time that reading, splitting and telling voices take goes to that search otherwise.
    """
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
