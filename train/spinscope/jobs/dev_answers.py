"""What a checkpoint keeps of the sentences its decisions were chosen on: labels and probabilities, without text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spinscope.config import RunConfig
from spinscope.data.encoding import article_codes, label_matrix
from spinscope.files import read_jsonl
from spinscope.measure.threshold_intervals import ThresholdFit
from spinscope.model.prediction import Classifier
from spinscope.records import Sentence


@dataclass(frozen=True, slots=True)
class DevAnswers:
    """Labels and probabilities of dev.

    Attributes:
        gold, mask: (n, k), as `label_matrix` gives them.
        probabilities: (n, k), the checkpoint's own, calibrated.
        logits: (n, k), before calibration.
        articles: (n,) codes.
        names: (n,) article ids.
    """

    gold: np.ndarray
    mask: np.ndarray
    probabilities: np.ndarray
    logits: np.ndarray
    articles: np.ndarray
    names: Sequence[str]

    @property
    def labelled(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Gold, mask and probabilities."""
        return self.gold, self.mask, self.probabilities

    @property
    def annotated(self) -> np.ndarray:
        """(k,) bool: whether dev says anything of a technique."""
        return np.asarray(self.mask.any(axis=0))


def dev_answers(classifier: Classifier) -> DevAnswers | None:
    """Reads predictions-dev.jsonl; None where the checkpoint keeps none, or none with a label."""
    file = classifier.path / "predictions-dev.jsonl" if classifier.path else None
    if file is None or not file.is_file():
        return None
    sentences, rows = [], []
    for _, record in read_jsonl(Path(file)):
        techniques, annotated = tuple(record["techniques"]), tuple(record["annotated"])
        sentences.append(
            Sentence(record["article"], record["index"], 0, 0, "", techniques=techniques, annotated=annotated)
        )
        rows.append([record["probabilities"][technique] for technique in classifier.inventory.ids])
    if not any(sentence.annotated for sentence in sentences):
        return None
    return _answers(sentences, np.array(rows), classifier)


def _answers(sentences: list[Sentence], probabilities: np.ndarray, classifier: Classifier) -> DevAnswers:
    gold, mask = label_matrix(sentences, classifier.inventory)
    return DevAnswers(
        gold, mask, probabilities, uncalibrated_logits(probabilities, classifier), article_codes(sentences),
        [sentence.article for sentence in sentences],
    )  # fmt: skip


def uncalibrated_logits(probabilities: np.ndarray, classifier: Classifier) -> np.ndarray:
    """(n, k) logits as they were before the calibration that the head carries; with what recurring wording adds."""
    return without_calibration(probabilities, classifier.decision.slopes, classifier.decision.intercepts)


def without_calibration(
    probabilities: np.ndarray, slopes: Sequence[float], intercepts: Sequence[float], added: np.ndarray | float = 0.0
) -> np.ndarray:
    """(n, k) logits l of probabilities sigmoid(slope * l + intercept + added).

    Args:
        probabilities: (n, k), 0 to 1.
        slopes: (k,), or none of them for 1 throughout.
        intercepts: (k,), or none of them for 0 throughout.
        added: (n, k) of recurring wording.
    """
    kept = np.clip(probabilities, 1e-12, 1 - 1e-12)
    logits = np.log(kept) - np.log1p(-kept)
    k = probabilities.shape[1]
    return np.asarray((logits - added - np.array(intercepts or (0.0,) * k)) / np.array(slopes or (1.0,) * k))


def threshold_fit(config: RunConfig) -> ThresholdFit:
    """The settings of the threshold fit that a config states."""
    rules = config.evaluation
    return ThresholdFit(
        rules.thresholds,
        rules.cross_fit_folds,
        rules.smoothing_positives,
        rules.f_beta,
        rules.fixed_threshold,
        rules.wished_recall if rules.thresholds == "at_recall" else rules.wished_precision,
        rules.seed,
    )
