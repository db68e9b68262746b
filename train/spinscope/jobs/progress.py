"""What long work shows while it runs: rich, on standard error, on the first process only."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

if TYPE_CHECKING:
    from transformers import TrainerCallback

    from spinscope.config import RunConfig


def console() -> Console:
    """The console for messages: standard error, so that standard output holds results alone."""
    return Console(file=sys.stderr, quiet=os.environ.get("RANK", "0") != "0", soft_wrap=True, highlight=False)


def show(message: str, *, bold: str = "") -> None:
    """Prints one message for the person at the terminal, `bold` before it; paths and ids stand as they are."""
    console().print(Text.assemble((bold, "bold"), message))


def progress_bar() -> Progress:
    """A bar with counts, elapsed and remaining time."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"), console=console(), transient=False,
    )  # fmt: skip


class TrainingProgress:
    """A bar over optimiser steps with the last loss and dev figure beside it."""

    def __enter__(self) -> TrainingProgress:
        self.progress = progress_bar()
        self.progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.progress.stop()

    def callbacks(self, config: RunConfig) -> list[TrainerCallback]:
        """The Trainer callback that moves the bar; none where no Trainer runs."""
        return [self.bar(config.training.best_metric)] if config.model.kind == "finetuned" else []

    def bar(self, metric: str) -> TrainerCallback:
        """The Trainer callback that moves the bar, with this dev figure beside it where there is one."""
        from transformers import TrainerCallback

        progress = self.progress

        class Bar(TrainerCallback):
            """Moves the bar."""

            task: Any = None
            figures: dict[str, float]

            def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
                self.figures = {}
                self.task = progress.add_task("training", total=state.max_steps, completed=state.global_step, note="")

            def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
                progress.update(self.task, completed=state.global_step)

            def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
                if self.task is None:
                    return  # a check before the training
                wanted = {"loss": "loss", f"eval_{metric}": f"dev {metric.replace('_', ' ')}"}
                self.figures |= {wanted[name]: value for name, value in (logs or {}).items() if name in wanted}
                note = "  ".join(f"{name} {value:.3f}" for name, value in self.figures.items())
                progress.update(self.task, note=note)

        return Bar()
