"""What the Trainer calls back: the best weights kept, saved states marked as whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from transformers import Trainer, TrainerCallback

from spinscope.errors import UserError
from spinscope.files import write_json

COMPLETE = "state-complete"
"""File in the folder of a saved state that is whole."""


class BestWeights(TrainerCallback):
    """Keeps the weights of the best dev check as `best-<step>.safetensors`, and stops a run that gains nothing more.

    What is best, and whether patience is spent, is read off the log history alone, which a resumed run restores. Weights
    are removed only once a whole state knows of better ones, so a kill at any moment is harmless.
    """

    def __init__(self, state_dir: Path, metric: str, patience: int | None) -> None:
        self.state_dir, self.metric, self.patience = state_dir, metric, patience
        self.sign = -1.0 if metric == "loss" else 1.0
        self.trainer: Trainer | None = None

    def weights_file(self, step: int) -> Path:
        """Where the weights of a step are kept."""
        return self.state_dir / f"best-{step}.safetensors"

    def history(self, log: list[dict[str, Any]]) -> list[tuple[int, float]]:
        """(step, figure to maximise) of each dev check.

        Raises:
            UserError: the metric was undefined at a check, so nothing can be chosen by it.
        """
        checks = [entry for entry in log if "eval_loss" in entry]
        if any(f"eval_{self.metric}" not in entry for entry in checks):
            raise UserError(
                f"'{self.metric}' is undefined on dev",
                where="training.best_metric",
                expected="a metric that the labels of dev define",
                remedy="enlarge dev, or set training.best_metric=loss.",
            )
        return [(entry["step"], self.sign * entry[f"eval_{self.metric}"]) for entry in checks]

    def best_step(self, log: list[dict[str, Any]]) -> int | None:
        """The first step with the best figure, or None without dev checks."""
        history = self.history(log)
        return max(history, key=lambda item: (item[1], -item[0]))[0] if history else None

    def is_spent(self, log: list[dict[str, Any]]) -> bool:
        """Whether as many checks as `patience` came after the best one."""
        best = self.best_step(log)
        since = sum(step > (best or 0) for step, _ in self.history(log))
        return self.patience is not None and since >= self.patience

    def on_evaluate(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        """Saves the weights if this check is the best so far; asks to stop when patience is spent."""
        if self.best_step(state.log_history) == state.global_step and state.is_world_process_zero:
            unwrapped = self.trainer.accelerator.unwrap_model(model) if self.trainer else model
            partial = self.state_dir / "best.partial"
            save_file(
                {name: value.detach().cpu().contiguous() for name, value in unwrapped.state_dict().items()}, partial
            )
            partial.replace(self.weights_file(state.global_step))
        control.should_training_stop = control.should_training_stop or self.is_spent(state.log_history)

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Removes the weights that the state just saved knows better ones than."""
        best = self.best_step(state.log_history)
        if state.is_world_process_zero and best is not None:
            for file in self.state_dir.glob("best-*.safetensors"):
                if file != self.weights_file(best):
                    file.unlink()


class StateMarker(TrainerCallback):
    """Marks a saved state as whole. Trainer writes states in place, so one without the mark may be half written."""

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Writes the mark, after Trainer has written everything else."""
        if state.is_world_process_zero:
            write_json(
                Path(args.output_dir) / f"checkpoint-{state.global_step}" / COMPLETE, {"step": state.global_step}
            )
