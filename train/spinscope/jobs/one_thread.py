"""Linear algebra of a measurement on one thread: its matrices are small, and more threads would only wait for each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread_algebra() -> Iterator[None]:
    """OpenBLAS of numpy and scipy on one thread, then as before; what computes a model has threads of its own.

    OpenBLAS hands even a product of a few thousand numbers to all its threads, and they spin while they wait. Where
    something else runs on the machine, an audit then costs several times the processor time.
    """
    import numpy as np  # noqa: F401 (only a library that is loaded can be told)
    import scipy.linalg  # noqa: F401 (brings an OpenBLAS of its own)
    from threadpoolctl import ThreadpoolController

    with ThreadpoolController().select(internal_api="openblas").limit(limits=1):
        yield
