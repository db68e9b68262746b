"""Columns of Python values as Arrow arrays, put together from buffers.

`pyarrow.array` asks pandas about each list it is given, and imports pandas to do so: half a second of every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

_MOST_BYTES = 2**31 - 1
"""Of one array of texts, whose offsets are 32 bits wide."""


def arrow_array(values: Sequence[Any], kind: Any) -> Any:
    """The same array as `pyarrow.array(values, type=kind)`.

    Args:
        values: text or None; whole numbers, floats or booleans; lists of texts; or lists of mappings of these.
        kind: the Arrow type: string, int64, float64, bool, a list of one of them or of a struct of them.
    """
    import pyarrow as pa

    if pa.types.is_string(kind):
        return _texts(values, kind)
    if pa.types.is_list(kind):
        offsets = _offsets([len(some) for some in values])
        child = arrow_array(list(chain.from_iterable(values)), kind.value_type)
        return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(offsets)], children=[child])
    if pa.types.is_struct(kind):
        fields = [kind.field(number) for number in range(kind.num_fields)]
        children = [arrow_array([value[field.name] for value in values], field.type) for field in fields]
        return pa.Array.from_buffers(kind, len(values), [None], children=children)
    if pa.types.is_boolean(kind):
        return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(_bits(values))])
    numbers = np.array(values, dtype=kind.to_pandas_dtype())
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(numbers)])


def _texts(values: Sequence[str | None], kind: Any) -> Any:
    import pyarrow as pa

    there = [value is not None for value in values]
    texts = [value or "" for value in values]
    whole = "".join(texts)
    sizes = [len(text) for text in texts] if whole.isascii() else [len(text.encode("utf-8")) for text in texts]
    if sum(sizes) >= _MOST_BYTES:
        return pa.array(values, type=kind)  # which makes several arrays of it
    known = None if all(there) else pa.py_buffer(_bits(there))
    return pa.Array.from_buffers(
        kind, len(values), [known, pa.py_buffer(_offsets(sizes)), pa.py_buffer(whole.encode("utf-8"))]
    )


def _offsets(sizes: Sequence[int]) -> np.ndarray:
    offsets = np.zeros(len(sizes) + 1, dtype=np.int32)
    np.cumsum(sizes, out=offsets[1:])
    return offsets


def _bits(values: Sequence[bool]) -> np.ndarray:
    return np.packbits(np.array(values, dtype=bool), bitorder="little")
