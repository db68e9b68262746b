"""The processes of a distributed run (torchrun): the first one writes and decides, the others follow."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from spinscope.errors import MISTAKE, UserError

Answer = TypeVar("Answer")

PATIENCE = timedelta(hours=2)
"""How long the others wait for the first process, which measures and writes while they do not."""


def is_first_process() -> bool:
    """True but on the further processes of a distributed run, which write nothing."""
    return int(os.environ.get("RANK", "0")) == 0


def first_decides(decide: Callable[[], Answer]) -> Answer:
    """What `decide` returns on the first process; the others wait for it, and get the same.

    Raises:
        UserError: on the first process, where `decide` raises it.
        SystemExit: on the others then: one message is enough.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return decide()
    answer, mistake = None, None
    if is_first_process():
        try:
            answer = decide()
        except UserError as error:
            mistake = error
    answer, is_mistaken = _told_to_all([answer, mistake is not None])
    if mistake is not None:
        raise mistake
    if is_mistaken:
        raise SystemExit(MISTAKE)
    return answer


def _told_to_all(values: list[Any]) -> list[Any]:
    import torch
    from accelerate import PartialState
    from accelerate.utils import broadcast_object_list

    # The state that Trainer will find; whoever comes first makes it.
    PartialState(cpu=not torch.cuda.is_available(), timeout=PATIENCE)
    atexit.unregister(_part)
    atexit.register(_part)
    told: list[Any] = broadcast_object_list(values)
    return told


def _part() -> None:
    """Leaves the others while the interpreter stands.

    Gloo's threads may hold tensors; let go of while the interpreter is being torn down, they abort a process whose work
    is done (pytorch pull request 179291).
    """
    import torch

    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
