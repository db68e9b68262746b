"""A head for each source while one learns from several, and one head when it is done.

Corpora that give a technique the same name annotate it at different rates and draw its borders elsewhere: one head has to
tell them apart by the text, at the cost of what it is there for. Here each source teaches its own rows of a wider
head, and the encoder under them all; the mean of a technique's rows is the checkpoint's head. The mean of linear heads is
a linear head: nothing that opens the checkpoint knows how it was trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from spinscope.data.encoding import NOT_ANNOTATED
from spinscope.model.architecture import TechniqueClassifier


@dataclass(frozen=True, slots=True)
class SourceHeads:
    """The rows of the wider head: each a source and a technique that it annotates.

    Attributes:
        rows: m pairs of source and technique column, sources in sorted order.
        n_techniques: k, of the narrow head.
    """

    rows: tuple[tuple[str, int], ...]
    n_techniques: int

    @classmethod
    def of(cls, sources: Sequence[str], mask: np.ndarray) -> SourceHeads:
        """From the source of each of n sentences and (n, k) bool, True where annotated."""
        names = np.asarray(sources)
        found = [
            (source, int(column))
            for source in sorted(set(sources))
            for column in np.flatnonzero(mask[names == source].any(axis=0))
        ]
        return cls(tuple(found), mask.shape[1])

    def labels(self, labels: np.ndarray, sources: Sequence[str]) -> np.ndarray:
        """(n, m) labels for the rows from (n, k), `NOT_ANNOTATED` but in the sentence's own source."""
        names = np.asarray(sources)
        wide = np.full((len(labels), len(self.rows)), NOT_ANNOTATED, dtype=labels.dtype)
        for row, (source, column) in enumerate(self.rows):
            own = names == source
            wide[own, row] = labels[own, column]
        return wide

    def widen(self, model: TechniqueClassifier) -> None:
        """Gives each row the weights that the model's head has for its technique."""
        columns = torch.tensor([column for _, column in self.rows])
        narrow = model.head
        model.head = torch.nn.Linear(narrow.in_features, len(self.rows), device=narrow.weight.device)
        with torch.no_grad():
            model.head.weight.copy_(narrow.weight[columns])
            model.head.bias.copy_(narrow.bias[columns])

    def mean(self, logits: np.ndarray) -> np.ndarray:
        """(n, k) logits of the narrow head from the (n, m) of the wide one; 0 where no source annotates a technique."""
        return np.asarray(logits @ self._shares.T)

    def narrow(self, model: TechniqueClassifier) -> None:
        """The mean of each technique's rows as the model's head; 0 where no source annotates a technique."""
        wide, shares = model.head, torch.from_numpy(self._shares)
        model.head = torch.nn.Linear(wide.in_features, self.n_techniques, device=wide.weight.device)
        with torch.no_grad():
            model.head.weight.copy_(shares @ wide.weight.double().cpu())
            model.head.bias.copy_(shares @ wide.bias.double().cpu())

    @property
    def _shares(self) -> np.ndarray:
        """(k, m): of each technique, one over the number of its rows in these."""
        shares = np.zeros((self.n_techniques, len(self.rows)))
        for row, (_, column) in enumerate(self.rows):
            shares[column, row] = 1.0
        return shares / np.maximum(shares.sum(axis=1, keepdims=True), 1.0)
