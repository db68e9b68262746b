"""Labels between 0 and 1 to learn from: shares of annotators, or what models said of sentences they were not trained on.

The file is JSONL, a line per sentence: `{"article": ..., "index": ..., "soft": {technique: 0 to 1 or null}}`, as
`spinscope agreement --soft-labels` and `spinscope cross-validate` (out-of-fold.jsonl) write it. The latter distils the
models of all folds into one. They have seen each other's held-out articles: a model so trained is to be measured on
articles that the cross-validation left out, never by folds of the same articles.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from spinscope.errors import UserError, did_you_mean
from spinscope.files import read_jsonl
from spinscope.records import Sentence
from spinscope.taxonomy import Inventory


def read_soft_labels(path: Path | str, sentences: Sequence[Sentence], target: Inventory) -> np.ndarray:
    """(n_sentences, n_techniques) of 0 to 1, NaN where the file says nothing.

    Args:
        path: the file.
        sentences: that are asked about; lines about others are left out.
        target: the inventory in whose order the techniques stand.

    Raises:
        UserError: a line that is not as it should be, a technique that is not in the inventory, or no line about any of
            the sentences.
    """
    column = {technique: index for index, technique in enumerate(target.ids)}
    row = {(sentence.article, sentence.index): number for number, sentence in enumerate(sentences)}
    found = np.full((len(sentences), len(column)), np.nan)
    for number, record in read_jsonl(Path(path)):
        where = f"{path}:{number}"
        article, index, soft = (record.get(name) for name in ("article", "index", "soft"))
        if not isinstance(article, str) or not isinstance(index, int) or not isinstance(soft, dict):
            raise UserError(
                "no soft labels", where=where, expected='{"article": text, "index": number, "soft": {technique: 0 to 1}}'
            )
        for technique, value in soft.items():
            if technique not in column:
                raise UserError(
                    f"technique '{technique}'", where=where, expected=f"techniques of {target.name}",
                    remedy=did_you_mean(technique, column),
                )  # fmt: skip
            if value is not None and (article, index) in row:
                found[row[article, index], column[technique]] = _probability(value, f"{where}: soft.{technique}")
    if np.isnan(found).all():
        raise UserError(
            "soft labels of none of the sentences asked about", where=str(path),
            expected="their article ids and indices", remedy="write the file from the same data.",
        )  # fmt: skip
    return found


def mixed_labels(labels: np.ndarray, soft: np.ndarray, *, weight: float) -> np.ndarray:
    """Labels with `weight` of each replaced by its soft label; what is unknown in either stays as it is.

    Args:
        labels: (n, k) float32 of 0, 1 or `NOT_ANNOTATED`, as `masked_labels` gives them.
        soft: (n, k) of 0 to 1 or NaN.
        weight: 0 to 1.

    Returns:
        (n, k) float32.
    """
    known = (labels >= 0) & ~np.isnan(soft)
    return np.where(known, (1 - weight) * labels + weight * np.nan_to_num(soft), labels).astype(np.float32)


def _probability(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise UserError(f"{value!r}", where=where, expected="a number from 0 to 1, or null")
    return float(value)
