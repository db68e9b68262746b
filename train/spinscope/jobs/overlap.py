"""Work beside the model: what is to come is made ready, and what is done is written, while the model computes."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
_LOOK_SECONDS = 0.2
_WAIT_SECONDS = 5.0


def ahead(items: Iterable[T], *, depth: int = 1) -> Generator[T, None, None]:
    """Yields `items`, drawn in a background thread that is at most `depth` items ahead.

    What it raises is raised here. When the generator is closed, the thread stops at its next item.
    """
    line: queue.Queue[tuple[bool, Any]] = queue.Queue(maxsize=depth)
    stopped = threading.Event()

    def put(entry: tuple[bool, Any]) -> None:
        while not stopped.is_set():
            try:
                line.put(entry, timeout=_LOOK_SECONDS)
                return
            except queue.Full:
                continue

    def draw() -> None:
        try:
            for item in items:
                put((True, item))
                if stopped.is_set():
                    return
            put((False, None))
        except BaseException as error:  # noqa: BLE001 (it is raised again, where it can be acted on)
            put((False, error))

    thread = threading.Thread(target=draw, name="ahead", daemon=True)
    thread.start()
    try:
        while True:
            is_item, value = line.get()
            if not is_item:
                if value is not None:
                    raise value
                return
            yield value
    finally:
        stopped.set()
        # Not for ever: the thread may wait for standard input.
        thread.join(_WAIT_SECONDS)


class Behind:
    """Runs functions one after the other in one background thread; at most `depth` of them wait."""

    def __init__(self, *, depth: int = 1) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="behind")
        self._depth, self._waiting = depth, deque[Future[Any]]()

    def do(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Takes one more, once there is room; raises here what an earlier one raised."""
        while len(self._waiting) > self._depth:
            self._waiting.popleft().result()
        self._waiting.append(self._executor.submit(function, *arguments))

    def finish(self) -> None:
        """Waits for all of them; raises what one of them raised."""
        while self._waiting:
            self._waiting.popleft().result()

    def close(self) -> None:
        """Lets those that were taken end, so that nothing that is computed is lost."""
        self._executor.shutdown(wait=True)


@contextmanager
def behind(*, depth: int = 1) -> Iterator[Behind]:
    """A `Behind` whose work is done when the context ends, also where that ends with an exception."""
    worker = Behind(depth=depth)
    try:
        yield worker
        worker.finish()
    finally:
        worker.close()
