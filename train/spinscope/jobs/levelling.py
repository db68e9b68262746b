"""Heads by source on one scale, before the techniques are calibrated: a corpus of 500 texts is scored more surely than one of 10,000."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from spinscope.config import RunConfig
from spinscope.data.encoding import label_matrix
from spinscope.measure.source_scales import source_scales
from spinscope.model.scorers import EncoderScorer, Scorer
from spinscope.model.source_heads import heads_of
from spinscope.records import Sentence
from spinscope.taxonomy import Inventory

SOURCE_SCALES = "source_scales"
"""In a decision's `fitted_on`: source -> [slope, intercept] that its head was put on the scale of all with."""


def level(
    config: RunConfig, inventory: Inventory, scorer: Scorer, dev: Sequence[Sentence], logits: np.ndarray
) -> dict[str, Any]:
    """Puts the heads of each source on the scale of all, and their mean with them; dev is to be scored again after.

    A calibration of techniques alone is the same for all the rows of a technique, which belong to different corpora.
    Two figures a source are fitted on all of dev, and count as part of the model in what is cross-fitted after.

    Args:
        config: nothing changes where `evaluation.calibration` is none.
        inventory: of k techniques.
        scorer: gave the logits; nothing changes where it has no heads by source.
        dev: n labelled sentences.
        logits: (n, k) of each sentence by the head of its source.

    Returns:
        `SOURCE_SCALES` and them, empty where nothing changed.
    """
    heads = heads_of(scorer)
    gold, mask = label_matrix(dev, inventory)
    if heads is None or config.evaluation.calibration == "none" or not mask.any():
        return {}
    assert isinstance(scorer, EncoderScorer)
    sources = [sentence.source or "" for sentence in dev]
    found = source_scales(gold, mask, logits, sources, with_intercept=config.evaluation.calibration != "temperature")
    scales = {name: scale for name, scale in found.items() if name in heads.sources}
    heads.rescale(scorer.model, scales)
    return {SOURCE_SCALES: {name: list(scale) for name, scale in scales.items()}}
