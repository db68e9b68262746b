"""`spinscope tune`: new thresholds and calibration on a user's own labelled sentences, without training."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from spinscope import config
from spinscope.config import RunConfig
from spinscope.data.encoding import label_matrix
from spinscope.errors import DONE, DONE_WITH_FINDINGS, UserError
from spinscope.files import dump_json
from spinscope.jobs.abstaining import with_band
from spinscope.jobs.answers import Answers
from spinscope.jobs.deciding import decide
from spinscope.jobs.exposure import TUNING_SENTENCES, exposure, hash_lines, tuning_hashes
from spinscope.jobs.fitting import logits_of
from spinscope.jobs.labelled import Labelled, data_block, data_hash, prediction_lines, read_labelled
from spinscope.jobs.levelling import SOURCE_SCALES
from spinscope.jobs.progress import show
from spinscope.jobs.recording import metrics_of
from spinscope.jobs.recurring import Recurring, recurring_of
from spinscope.jobs.tables import result_console
from spinscope.jobs.tuning_output import broken_wishes, print_tuning
from spinscope.jobs.tuning_result import Tuning
from spinscope.measure.metrics import Metrics
from spinscope.measure.thresholds import WISHES, Rule
from spinscope.model.card import render_card
from spinscope.model.checkpoint import open_checkpoint, save_checkpoint
from spinscope.model.prediction import Classifier, sigmoid
from spinscope.records import Decision, Sentence

if TYPE_CHECKING:
    from rich.console import Console

KEPT_FILES = ("split.json", "training-sentences.txt", "log.jsonl")
KEPT_FACTS = ("seed", "data", "training")


@dataclass(frozen=True, slots=True)
class Origin:
    """What a new checkpoint keeps of what it was made from.

    Attributes:
        texts: files by name.
        facts: for the manifest, lineage included.
        tuning_hashes: `text_hash` of each sentence that its thresholds were tuned on before.
    """

    texts: Mapping[str, str]
    facts: Mapping[str, Any]
    tuning_hashes: Collection[str] = ()


def tune(
    checkpoint: str | Path,
    *,
    out: Path,
    data: str | config.Data | None = None,
    data_format: str = "auto",
    inventory_name: str | None = None,
    split: str | None = None,
    thresholds: Rule | None = None,
    calibration: Literal["none", "temperature", "platt", "auto"] | None = None,
    any_technique: Literal["decided", "expected"] | None = None,
    at_precision: float | None = None,
    at_recall: float | None = None,
    abstain: float | None = None,
    console: Console | None = None,
) -> int:
    """Fits thresholds and calibration on labelled sentences, and writes a checkpoint with its own identity.

    Args:
        checkpoint: folder of the checkpoint; it stays as it is.
        out: folder of the new one.
        data: labelled file or folder, a config's YAML file, or a block; None: what the checkpoint was trained from.
        data_format: of `data`; `auto` tells it from the files.
        inventory_name: what `data` was annotated with, where its format does not say.
        split: train, dev, test or all; None: `dev` where the checkpoint's own division covers the data, else `all`.
        thresholds: rule; None: the checkpoint's.
        calibration: method, on top of what the checkpoint carries already; None: the checkpoint's.
        any_technique: when a sentence has any technique; None: the checkpoint's rule.
        at_precision: each technique's threshold is the lowest that keeps this precision, cross-fitted.
        at_recall: or the highest that keeps this recall.
        abstain: the new checkpoint carries a band of doubt, outside which so large a share of the decisions is wrong.
        console: where the tables go; None: standard output.

    Returns:
        the exit code: 1 where something makes the new thresholds doubtful, else 0.

    Raises:
        UserError: `out` stands already, faulty checkpoint or data, no positive to fit on, or rules at odds.
    """
    rules = settings_of(
        thresholds, calibration, any_technique=any_technique, at_precision=at_precision, at_recall=at_recall
    )
    block = data_block(data, data_format=data_format, inventory_name=inventory_name)
    result = tuned(open_checkpoint(checkpoint), out=Path(out), data=block, split=split, rules=rules, abstain=abstain)
    print_tuning(result, console or result_console())
    show(f"checkpoint written: {out}")
    return DONE_WITH_FINDINGS if result.findings else DONE


def tuned(
    classifier: Classifier,
    *,
    out: Path,
    data: config.Data | None = None,
    split: str | None = None,
    rules: Mapping[str, str | float] | None = None,
    abstain: float | None = None,
    labelled: Labelled | None = None,
    origin: Origin | None = None,
) -> Tuning:
    """Writes the checkpoint that `tune` tells of. Do not go on with `classifier`: its weights are changed in place.

    Args:
        classifier: an opened checkpoint, or what was made of several.
        out: folder of the new one.
        data: as in `tune`.
        split: as in `tune`.
        rules: settings of the evaluation block that are others than the checkpoint's.
        abstain: as in `tune`.
        labelled: the data, where it was read already.
        origin: what the new checkpoint keeps; None: of `classifier`, as the one that it was tuned from.
    """
    if out.exists():
        raise UserError(
            "something of this name stands already", where=str(out), expected="a free name",
            remedy="choose another --out.",
        )  # fmt: skip
    labelled = labelled or read_labelled(classifier, data=data, split=split, own_default="dev")
    everything = labelled.measured()
    known = [row for row, sentence in enumerate(everything) if sentence.annotated]
    sentences = [everything[row] for row in known]
    settings = tuning_settings(classifier, {**(rules or {}), **({} if abstain is None else {"wished_error": abstain})})
    _require_positives(sentences, settings)
    logits = logits_of(classifier.scorer, everything, classifier.config)
    recurring = recurring_of(settings, classifier.inventory, everything)
    if recurring:  # the weight that the checkpoint has stays the starting point: what is fitted here is added to it
        logits = classifier.with_recurrence(logits, recurring.values)
        recurring = replace(recurring, values=recurring.values[known])
    logits = logits[known]
    probabilities = sigmoid(logits)
    truth = label_matrix(sentences, classifier.inventory)
    before = metrics_of(classifier, sentences, Answers.by(classifier.decision, probabilities, truth[1]), settings)
    fitted, scorer, cross_fitted = decide(
        settings, classifier.inventory, classifier.scorer, sentences, logits, keep=classifier.decision,
        recurring=recurring,
    )  # fmt: skip
    probabilities = _calibrated(logits, fitted, recurring)
    decision = with_band(_composed(classifier.decision, fitted), (*truth, probabilities), wished_error=abstain)
    new = Classifier(scorer, inventory=classifier.inventory, decision=decision, config=settings, name=out.name)
    after = metrics_of(new, sentences, cross_fitted, settings)
    saved = _save(new, origin or _origin(classifier), labelled, sentences, probabilities, after, out=out)
    annotated = {technique for sentence in sentences for technique in sentence.annotated}
    kept = tuple(technique for technique in classifier.inventory.ids if technique not in annotated)
    seen = replace(exposure(classifier, everything, labelled.sentences), dev=[])
    return Tuning(saved, before, after, kept, classifier.decision.thresholds, [*seen.told(), *broken_wishes(fitted)])


def settings_of(
    thresholds: str | None, calibration: str | None, *, any_technique: str | None = None,
    at_precision: float | None = None, at_recall: float | None = None,
) -> dict[str, str | float]:
    """The settings of the evaluation block that the options change; a wish names its own threshold rule.

    Raises:
        UserError: more than one rule is asked for.
    """
    wishes = {"at_precision": at_precision, "at_recall": at_recall}
    given = {rule: wished for rule, wished in wishes.items() if wished is not None}
    named = {**dict.fromkeys(given), **({thresholds: None} if thresholds else {})}
    if len(named) > 1:
        options = [*(f"--{rule.replace('_', '-')}" for rule in given), *(["--thresholds"] if thresholds else [])]
        raise UserError(
            f"{' and '.join(options)} ask for different thresholds", where="command line", expected="one rule",
            remedy="make a checkpoint of each.",
        )  # fmt: skip
    chosen = {"thresholds": next(iter(named), None), "calibration": calibration, "any_technique": any_technique}
    return {
        **{name: value for name, value in chosen.items() if value is not None},
        **{f"wished_{WISHES[rule]}": wished for rule, wished in given.items()},
    }


def tuning_settings(classifier: Classifier, rules: Mapping[str, str | float]) -> RunConfig:
    """The checkpoint's settings with others in the evaluation block."""
    evaluation = config.Evaluation.model_validate({**classifier.config.evaluation.model_dump(), **rules})
    return classifier.config.model_copy(update={"evaluation": evaluation})


def _require_positives(sentences: Sequence[Sentence], settings: RunConfig) -> None:
    rules = settings.evaluation
    fits = rules.thresholds != "fixed" or rules.calibration != "none"
    if fits and not any(sentence.techniques for sentence in sentences):
        raise UserError(
            f"no positives in {len(sentences):,} sentences", where="data",
            expected="at least one sentence with a technique",
            remedy="label more sentences, or name other data.",
        )  # fmt: skip


def _calibrated(logits: np.ndarray, decision: Decision, recurring: Recurring | None) -> np.ndarray:
    summed = logits * np.array(decision.slopes) + np.array(decision.intercepts)
    if recurring and decision.recurrence_weights:
        summed += recurring.values[:, None] * np.array(decision.recurrence_weights)
    return sigmoid(summed)


def _composed(old: Decision, new: Decision) -> Decision:
    """The new decision with the calibration of both on record: the head carries one folded onto the other."""
    k = len(old.techniques)
    slopes, intercepts = np.array(old.slopes or (1.0,) * k), np.array(old.intercepts or (0.0,) * k)
    again = np.array(new.slopes)
    recurrence = again * np.array(old.recurrence_weights or (0.0,) * k)
    recurrence += np.array(new.recurrence_weights or (0.0,) * k)
    methods = [decision.calibration for decision in (old, new) if decision.calibration != "none"]
    scales = {name: value for name, value in old.fitted_on.items() if name == SOURCE_SCALES}  # they lie in the head still
    return replace(
        new, fitted_on={**new.fitted_on, **scales}, calibration="+".join(methods) or "none", slopes=tuple(map(float, again * slopes)),
        intercepts=tuple(map(float, again * intercepts + np.array(new.intercepts))),
        recurrence_weights=tuple(map(float, recurrence)) if recurrence.any() or new.recurrence_weights else (),
    )  # fmt: skip


def _origin(old: Classifier) -> Origin:
    assert old.path is not None
    texts = {name: (old.path / name).read_text(encoding="utf-8") for name in KEPT_FILES if (old.path / name).is_file()}
    facts = {name: old.manifest[name] for name in KEPT_FACTS if name in old.manifest}
    return Origin(texts, {**facts, "tuned_from": {"name": old.name, "identity": old.identity}}, tuning_hashes(old))


def _save(
    new: Classifier,
    origin: Origin,
    labelled: Labelled,
    sentences: list[Sentence],
    probabilities: np.ndarray,
    metrics: Metrics,
    *,
    out: Path,
) -> Classifier:
    hashes = set(hash_lines(sentences).split()) | set(origin.tuning_hashes)
    figures = {"dev": metrics.to_dict()}
    texts = {
        **origin.texts,
        TUNING_SENTENCES: "".join(f"{value}\n" for value in sorted(hashes)),
        "predictions-dev.jsonl": prediction_lines(sentences, probabilities, new.inventory.ids),
        "metrics.json": dump_json(figures, indent=2) + "\n",
    }
    facts: Mapping[str, Any] = {
        **origin.facts,
        "tuning": {"sha256": data_hash(sentences), "split": labelled.split, "n_sentences": len(sentences)},
    }
    return save_checkpoint(out, new, texts=texts, manifest=facts, card=lambda saved: render_card(saved, figures))
