"""Folds within the training part: their models averaged into one, or distilled into one that learns from all.

Unlike soft labels from a cross-validation of the whole corpus, these have seen nothing that an outer fold holds out: a
study may measure them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinscope.config import RunConfig
from spinscope.data.encoding import ContextKind, contexts_of
from spinscope.data.splits import article_folds
from spinscope.files import atomic_file, read_json, write_json
from spinscope.jobs.progress import show
from spinscope.model.prediction import sigmoid
from spinscope.records import Sentence
from spinscope.taxonomy import Inventory

if TYPE_CHECKING:
    from transformers import TrainerCallback

    from spinscope.model.scorers import EncoderScorer, Scorer

Fit = tuple["Scorer", list[dict[str, Any]], dict[str, Any]]
"""A scorer, its log, and facts of the run."""
FitPart = Callable[[Sequence[Sentence], Path, "np.ndarray | None"], Fit]
"""Fits sentences, with states in a folder and soft labels (n, k) for them, where there are any."""


@dataclass(frozen=True, slots=True)
class InnerFolds:
    """A division of the training part.

    Attributes:
        train: its sentences.
        fold_of: (n,) fold of each sentence, 0 to n_folds - 1; articles are whole.
        n_folds: how many.
        state_dir: where finished folds are kept until the run is.
        resume: whether what stands there belongs to this run.
    """

    train: Sequence[Sentence]
    fold_of: np.ndarray
    n_folds: int
    state_dir: Path
    resume: bool

    @classmethod
    def of(
        cls, train: Sequence[Sentence], n_folds: int, *, config: RunConfig, target: Inventory, state_dir: Path, resume: bool
    ) -> InnerFolds:
        """Divides by article, with the division's seed. Raises UserError where there are fewer articles than folds."""
        places = article_folds(train, n_folds=n_folds, seed=config.data.split_by.seed, target=target)
        fold_of = np.array([places[sentence.article] for sentence in train])
        state_dir.mkdir(parents=True, exist_ok=True)
        return cls(train, fold_of, n_folds, state_dir, resume)

    def mean(self, fit_part: FitPart, soft: np.ndarray | None, *, blank: Callable[[], EncoderScorer]) -> Fit:
        """The mean of the weights of the folds' models, all begun from the same weights.

        Args:
            fit_part: see `FitPart`.
            soft: (n, k) soft labels, or None.
            blank: a model of the same architecture; its weights are overwritten.
        """
        import torch
        from safetensors.torch import load_file, save_file

        for fold in self._unfinished("safetensors"):
            rows = np.flatnonzero(self.fold_of != fold)
            scorer, log, facts = self._fitted(fit_part, fold, None if soft is None else soft[rows])
            weights = scorer.model.state_dict()  # type: ignore[attr-defined]
            write_json(self._file(fold, "json"), {"log": log, "facts": facts})
            with atomic_file(self._file(fold, "safetensors")) as partial:
                save_file({name: value.detach().cpu().contiguous() for name, value in weights.items()}, partial)
        found = blank()
        parts = [load_file(self._file(fold, "safetensors")) for fold in range(self.n_folds)]
        with torch.no_grad():
            for name, value in found.model.state_dict().items():
                if value.is_floating_point():
                    value.copy_(torch.stack([part[name].float() for part in parts]).mean(dim=0))
        records = [read_json(self._file(fold, "json")) for fold in range(self.n_folds)]
        log = [{"fold": fold, **entry} for fold, record in enumerate(records) for entry in record["log"]]
        return found, log, {**records[-1]["facts"], "n_averaged": self.n_folds}

    def held_out_probabilities(self, fit_part: FitPart, *, context: ContextKind) -> np.ndarray:
        """(n, n_techniques) probabilities of the training sentences, each from the model that did not learn from it."""
        for fold in self._unfinished("npy"):
            scorer, _, _ = self._fitted(fit_part, fold, None)
            held = [self.train[row] for row in np.flatnonzero(self.fold_of == fold).tolist()]
            logits, _ = scorer.logits([sentence.text for sentence in held], contexts_of(held, context))
            with atomic_file(self._file(fold, "npy")) as partial, partial.open("wb") as stream:
                np.save(stream, sigmoid(logits))
        parts = [np.load(self._file(fold, "npy")) for fold in range(self.n_folds)]
        found = np.full((len(self.train), parts[0].shape[1]), np.nan)
        for fold, part in enumerate(parts):
            found[self.fold_of == fold] = part
        return found

    def _fitted(self, fit_part: FitPart, fold: int, soft: np.ndarray | None) -> Fit:
        rows = np.flatnonzero(self.fold_of != fold)
        show(f"  within the training part: fold {fold + 1} of {self.n_folds}, {len(rows):,} sentences")
        place = self.state_dir / f"fold-{fold}"
        fitted = fit_part([self.train[row] for row in rows.tolist()], place, soft)
        shutil.rmtree(place, ignore_errors=True)
        return fitted

    def _unfinished(self, ending: str) -> list[int]:
        return [fold for fold in range(self.n_folds) if not (self.resume and self._file(fold, ending).is_file())]

    def _file(self, fold: int, ending: str) -> Path:
        return self.state_dir / f"fold-{fold}.{ending}"


def without_relays(callbacks: Sequence[TrainerCallback] | None) -> list[TrainerCallback]:
    """Those callbacks that do not tell trackers: of several fits in a run, they get the final figures alone."""
    from spinscope.model.trackers import TrackerRelay

    return [callback for callback in callbacks or () if not isinstance(callback, TrackerRelay)]
