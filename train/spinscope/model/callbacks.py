"""What the Trainer calls back: the best weights kept, saved states marked as whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from transformers import Trainer, TrainerCallback

from spinscope.files import write_json

COMPLETE = "state-complete"
"""File in the folder of a saved state that is whole."""


class BestWeights(TrainerCallback):
    """Keeps the weights of the best dev check in `best.safetensors`, and stops a run that gains nothing more.

    What is best is read off the log history alone, which a resumed run restores, so a kill at any moment is harmless.
    """

    def __init__(self, state_dir: Path, metric: str, patience: int | None) -> None:
        self.weights_file = state_dir / "best.safetensors"
        self.key, self.patience = f"eval_{metric}", patience
        self.sign = -1.0 if metric == "loss" else 1.0
        self.trainer: Trainer | None = None

    def history(self, log: list[dict[str, Any]]) -> list[tuple[int, float]]:
        """(step, figure to maximise) of each dev check; a figure that could not be computed counts as the worst."""
        worst = float("-inf")
        return [
            (entry["step"], self.sign * entry[self.key] if self.key in entry else worst)
            for entry in log
            if "eval_loss" in entry
        ]

    def best_step(self, log: list[dict[str, Any]]) -> int | None:
        """The first step with the best figure, or None without dev checks."""
        history = self.history(log)
        return max(history, key=lambda item: (item[1], -item[0]))[0] if history else None

    def on_evaluate(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        """Saves the weights if this check is the best so far; asks to stop when patience is spent."""
        history = self.history(state.log_history)
        best = self.best_step(state.log_history)
        if best == state.global_step and state.is_world_process_zero:
            unwrapped = self.trainer.accelerator.unwrap_model(model) if self.trainer else model
            partial = self.weights_file.with_suffix(".partial")
            save_file(
                {name: value.detach().cpu().contiguous() for name, value in unwrapped.state_dict().items()}, partial
            )
            partial.replace(self.weights_file)
        since = sum(step > (best or 0) for step, _ in history)
        if self.patience is not None and since >= self.patience:
            control.should_training_stop = True


class StateMarker(TrainerCallback):
    """Marks a saved state as whole. Trainer writes states in place, so one without the mark may be half written."""

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Writes the mark, after Trainer has written everything else."""
        if state.is_world_process_zero:
            write_json(
                Path(args.output_dir) / f"checkpoint-{state.global_step}" / COMPLETE, {"step": state.global_step}
            )
