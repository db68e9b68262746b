"""Trackers (TensorBoard, MLflow, trackio, ...) by transformers' own callbacks, kept open until the final figures are in.

Trainer closes a tracker's run when training ends, before thresholds are chosen and test is measured. Here the callbacks
are handed to it behind one that keeps the end back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.integrations.integration_utils import INTEGRATION_TO_CALLBACK

from spinscope.config import RunConfig
from spinscope.errors import UserError, did_you_mean

EXTRAS = ("tensorboard", "mlflow", "trackio")
"""Trackers whose library is an extra of this package."""

TENSORBOARD_FOLDER = ".tensorboard"
"""Beside the checkpoints: TensorBoard's own default lies in the folder of states, which goes when a run is finished."""


def tracker_callbacks(names: Sequence[str]) -> list[TrainerCallback]:
    """One callback of transformers for each tracker.

    Raises:
        UserError: a tracker that transformers does not know, or whose library is not installed.
    """
    found = []
    for name in dict.fromkeys(names):
        if name not in INTEGRATION_TO_CALLBACK:
            raise UserError(
                f"no tracker '{name}'", where="tracking.report_to", expected="a tracker that transformers knows",
                remedy=did_you_mean(name, sorted(INTEGRATION_TO_CALLBACK)),
            )  # fmt: skip
        try:
            found.append(INTEGRATION_TO_CALLBACK[name]())
        except (ImportError, RuntimeError) as error:  # what transformers raises where the library is not there
            wanted = f"'spinscope[{name}]'" if name in EXTRAS else name
            raise UserError(
                f"the library of the tracker '{name}' is not installed ({error})", where="tracking.report_to",
                remedy=f"pip install {wanted}, or leave it out of tracking.report_to.",
            ) from None  # fmt: skip
    return found


class TrackerRelay(TrainerCallback):
    """Passes on what Trainer tells to the trackers' callbacks, but for the end of training.

    Attributes:
        callbacks: of the trackers.
        run_name: what the run is called in them.
    """

    def __init__(self, names: Sequence[str], *, run_name: str, output_dir: Path) -> None:
        self.callbacks, self.run_name, self.output_dir = tracker_callbacks(names), run_name, output_dir
        self._end: tuple[Any, Any, Any, dict[str, Any]] | None = None
        for callback in self.callbacks:
            if getattr(callback, "logging_dir", "") is None:  # TensorBoard's
                callback.logging_dir = str(output_dir / TENSORBOARD_FOLDER / run_name)  # type: ignore[attr-defined]

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Kept for `finish`."""
        self._end = (args, state, control, kwargs)

    def finish(self, figures: Mapping[str, float]) -> None:
        """Tells the trackers the final figures, then that the run has ended.

        Args:
            figures: name -> figure; see `final_figures`.
        """
        if not self.callbacks:
            return
        if self._end is None:  # no Trainer ran
            arguments = TrainingArguments(output_dir=str(self.output_dir), run_name=self.run_name, report_to=[])
            self._end = (arguments, TrainerState(), TrainerControl(), {"model": None})
            self._tell("on_train_begin", *self._end[:3], **self._end[3])
        args, state, control, kwargs = self._end
        self._tell("on_log", args, state, control, logs=dict(figures), model=kwargs.get("model"))
        self._tell("on_train_end", args, state, control, **kwargs)
        self._end = None

    def _tell(self, event: str, args: Any, *rest: Any, **kwargs: Any) -> None:
        if event == "on_init_end" and args.run_name in (None, args.output_dir):
            args.run_name = self.run_name
        for callback in self.callbacks:
            getattr(callback, event)(args, *rest, **kwargs)


def without_relayed(config: RunConfig, callbacks: Sequence[TrainerCallback]) -> RunConfig:
    """The configuration for Trainer: without trackers where a relay tells them."""
    if not any(isinstance(callback, TrackerRelay) for callback in callbacks):
        return config
    tracking = config.tracking.model_copy(update={"report_to": []})
    return config.model_copy(update={"tracking": tracking})


def _passed_on(event: str) -> Callable[..., None]:
    def told(self: TrackerRelay, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._tell(event, args, state, control, **kwargs)

    return told


for _event in dir(TrainerCallback):
    if _event.startswith("on_") and _event != "on_train_end":
        setattr(TrackerRelay, _event, _passed_on(_event))


def final_figures(metrics: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Every figure of metrics.json by one name: `eval_final_micro_f1` (dev), `test_loaded_language_f1`, `..._low`, `..._high`.

    The prefixes are those that transformers groups by: `eval/final_micro_f1` and `test/micro_f1` in TensorBoard. The
    averaged figures come with the ends of their intervals.

    Args:
        metrics: split -> `Metrics.to_dict()`.
    """
    figures: dict[str, float] = {}
    for split, part in metrics.items():
        prefix = "eval_final" if split == "dev" else split
        for name, one in part["overall"].items():
            figures[f"{prefix}_{name}"] = one["value"]
            figures |= {f"{prefix}_{name}_{end}": one[end] for end in ("low", "high")}
        for technique, row in part["per_technique"].items():
            for name, one in row.items():
                figures[f"{prefix}_{technique}_{name}"] = one["value"] if isinstance(one, Mapping) else one
    return {name: float(value) for name, value in figures.items() if value is not None}
