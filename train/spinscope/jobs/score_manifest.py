"""The manifest of scores: what was scored, with which checkpoint and how, what came out, and how the checkpoint errs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinscope import __version__
from spinscope.data.encoding import article_codes, label_matrix
from spinscope.data.score_reading import KIND
from spinscope.files import read_jsonl
from spinscope.records import Sentence

if TYPE_CHECKING:
    from spinscope.model.prediction import Classifier

FORMAT = 1
_DIGITS = 6


def scored_with(classifier: Classifier) -> dict[str, Any]:
    """What the manifest says of the checkpoint and of how it was run."""
    return {
        "format": FORMAT,
        "kind": KIND,
        "spinscope": __version__,
        "checkpoint": classifier.name,
        "checkpoint_sha256": classifier.identity,
        "taxonomy": {"name": classifier.inventory.name, "sha256": classifier.inventory.hash},
        "techniques": list(classifier.inventory.ids),
        "thresholds": [float(value) for value in classifier.decision.thresholds],
        "languages": list(classifier.languages),
        "engine": getattr(classifier, "engine", "torch"),
        "threads": getattr(classifier, "threads", None),
    }


def dev_rates(classifier: Classifier) -> dict[str, Any]:
    """How the checkpoint decides on its dev part, so that shares can be corrected for its errors without it.

    Returns:
        `dev`: per technique `threshold`, `n_positive`, `n_negative` (annotated sentences with and without it),
        `true_positive`, `false_positive` (of these, decided), and `score_deciles_positive`, `score_deciles_negative`:
        eleven quantiles, 0 to 100 %, of their probabilities (empty where there is none).
        `dev_articles`: for each dev article, per technique `[tp, fp, fn, tn]`, in the order of `techniques`.
        Both are null where the checkpoint keeps no predictions on dev.
    """
    path = getattr(classifier, "path", None)
    file = path / "predictions-dev.jsonl" if path else None
    if file is None or not file.is_file():
        return {"dev": None, "dev_articles": None}
    ids = classifier.inventory.ids
    sentences, probabilities = _dev_predictions(file, ids)
    gold, mask = label_matrix(sentences, classifier.inventory)
    # The thresholds of the decision as it stands: tuning rewrites both files.
    decided = probabilities >= np.asarray(classifier.decision.thresholds)
    positive, negative = (gold == 1) & mask, (gold == 0) & mask
    rates = {
        technique: {
            "threshold": float(classifier.decision.thresholds[column]),
            "n_positive": int(positive[:, column].sum()),
            "n_negative": int(negative[:, column].sum()),
            "true_positive": int((decided & positive)[:, column].sum()),
            "false_positive": int((decided & negative)[:, column].sum()),
            "score_deciles_positive": _deciles(probabilities[positive[:, column], column]),
            "score_deciles_negative": _deciles(probabilities[negative[:, column], column]),
        }
        for column, technique in enumerate(ids)
    }
    cells = (decided & positive, decided & negative, ~decided & positive, ~decided & negative)
    codes = article_codes(sentences)
    counts = np.zeros((int(codes.max(initial=-1)) + 1, len(ids), len(cells)), dtype=np.int64)
    for number, cell in enumerate(cells):
        np.add.at(counts[:, :, number], codes, cell)
    return {"dev": rates, "dev_articles": counts.tolist()}


def _dev_predictions(file: Path, ids: Sequence[str]) -> tuple[list[Sentence], np.ndarray]:
    sentences, rows = [], []
    for _, record in read_jsonl(file):
        sentences.append(
            Sentence(
                record["article"],
                record["index"],
                0,
                0,
                "",
                techniques=tuple(record["techniques"]),
                annotated=tuple(record["annotated"]),
            )
        )
        rows.append([record["probabilities"][technique] for technique in ids])
    return sentences, np.array(rows, dtype=np.float64).reshape(len(rows), len(ids))


def _deciles(values: np.ndarray) -> list[float]:
    if len(values) == 0:
        return []
    return [round(float(value), _DIGITS) for value in np.quantile(values, np.linspace(0, 1, 11))]


def counts_of(total: Mapping[str, Any], *, n_articles: int) -> dict[str, Any]:
    """The manifest's `counts`: the tally of all articles together (see `Tally.to_dict`)."""
    return {"n_articles": n_articles, **total}
