"""`spinscope average`: one checkpoint whose weights are the mean of several's, as large and as fast as each of them.

Weights that were fine-tuned from the same start often lie in one basin, where their mean is better than each, on other
data than their own above all (model soups: Wortsman et al., ICML 2022). It holds for runs that differ in seed, in
training articles or a little in settings; for runs from other pretrained weights the mean means nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from spinscope.data.encoding import label_matrix
from spinscope.errors import DONE, DONE_WITH_FINDINGS, UserError
from spinscope.jobs.answers import Answers
from spinscope.jobs.exposure import seen_articles, tuning_hashes
from spinscope.jobs.fitting import logits_of
from spinscope.jobs.labelled import Labelled, data_block, read_labelled
from spinscope.jobs.levelling import SOURCE_SCALES, level
from spinscope.jobs.progress import show
from spinscope.jobs.recording import metrics_of
from spinscope.jobs.tables import metrics_table, result_console
from spinscope.jobs.tuning import Origin, settings_of, tuned, tuning_settings
from spinscope.jobs.tuning_result import Tuning
from spinscope.measure.metrics import Metrics
from spinscope.measure.thresholds import Rule
from spinscope.model.checkpoint import folded, open_checkpoint
from spinscope.model.prediction import Classifier
from spinscope.model.scorers import EncoderScorer
from spinscope.model.source_heads import heads_of
from spinscope.records import Decision

if TYPE_CHECKING:
    from rich.console import Console


def average(
    checkpoints: Sequence[str | Path],
    *,
    out: Path,
    data: str | None = None,
    data_format: str = "auto",
    inventory_name: str | None = None,
    split: str | None = None,
    thresholds: Rule | None = None,
    calibration: Literal["none", "temperature", "platt", "auto"] | None = None,
    any_technique: Literal["decided", "expected"] | None = None,
    console: Console | None = None,
) -> int:
    """Writes the mean of checkpoints, thresholds and calibration fitted anew, and prints it beside them.

    Args:
        checkpoints: folders, two or more, of the same encoder, base, tokenizer and inventory; they stay as they are.
        out: folder of the new one.
        data: labelled sentences that none of them was trained on; None: what the first was trained from.
        data_format: as in `tune`.
        inventory_name: as in `tune`.
        split: as in `tune`.
        thresholds: rule; None: the first checkpoint's.
        calibration: method; None: the first checkpoint's.
        any_technique: when a sentence has any technique; None: the first checkpoint's rule.
        console: where the tables go; None: standard output.

    Returns:
        the exit code: 1 where something makes the new thresholds doubtful, else 0.

    Raises:
        UserError: checkpoints that are not alike, faulty data, or articles that one of them was trained on.
    """
    members = [open_checkpoint(folder) for folder in checkpoints]
    _require_alike(members)
    block = data_block(data, data_format=data_format, inventory_name=inventory_name)
    labelled = read_labelled(members[0], data=block, split=split, own_default="dev")
    _require_unseen(members, labelled)
    beside = {member.name: _figures(member, labelled) for member in members}
    origin = _origin(members)
    rules = settings_of(thresholds, calibration, any_technique=any_technique)
    mean = _levelled(mean_of(members), labelled, rules)
    result = tuned(mean, out=out, labelled=labelled, rules=rules, origin=origin)
    _print(result, beside, console or result_console())
    show(f"checkpoint written: {out}")
    return DONE_WITH_FINDINGS if result.findings else DONE


def mean_of(members: Sequence[Classifier]) -> Classifier:
    """The mean of the weights, heads as they were before calibration, with the mean of calibrations and thresholds.

    Heads by source are as they were learned too, before they were put on one scale.

    Args:
        members: alike, as `average` demands; do not go on with them: their weights are changed in place.
    """
    import torch

    first = members[0]
    models = [_uncalibrated(member).model for member in members]
    states = [model.state_dict() for model in models]
    with torch.no_grad():
        for name, value in states[0].items():
            if value.is_floating_point():
                value.copy_(torch.stack([state[name].double() for state in states]).mean(dim=0))
    decision = _mean_decision([member.decision for member in members])
    scorer = folded(first.scorer, np.array(decision.slopes), np.array(decision.intercepts))
    return Classifier(
        scorer, inventory=first.inventory, decision=decision, config=first.config, name=first.name, path=first.path,
        manifest=first.manifest,
    )  # fmt: skip


def _uncalibrated(member: Classifier) -> EncoderScorer:
    assert isinstance(member.scorer, EncoderScorer)
    slopes, intercepts = _calibration(member.decision)
    folded(member.scorer, 1 / slopes, -intercepts / slopes)
    heads, scales = heads_of(member.scorer), member.decision.fitted_on.get(SOURCE_SCALES, {})
    if heads and scales:
        undone = {source: (1 / slope, -intercept / slope) for source, (slope, intercept) in scales.items()}
        heads.rescale(member.scorer.model, undone)
    return member.scorer


def _levelled(mean: Classifier, labelled: Labelled, rules: Mapping[str, str | float]) -> Classifier:
    """The same with its heads by source on one scale, fitted to the sentences that thresholds are chosen on."""
    everything = labelled.measured()
    known = [row for row, sentence in enumerate(everything) if sentence.annotated]
    settings = tuning_settings(mean, rules)
    logits = logits_of(mean.scorer, everything, settings)[known]
    scales = level(settings, mean.inventory, mean.scorer, [everything[row] for row in known], logits)
    fitted_on = {**mean.decision.fitted_on, **scales}
    return Classifier(
        mean.scorer, inventory=mean.inventory, decision=replace(mean.decision, fitted_on=fitted_on), config=mean.config,
        name=mean.name, path=mean.path, manifest=mean.manifest,
    )  # fmt: skip


def _calibration(decision: Decision) -> tuple[np.ndarray, np.ndarray]:
    k = len(decision.techniques)
    return np.array(decision.slopes or (1.0,) * k), np.array(decision.intercepts or (0.0,) * k)


def _mean_decision(decisions: Sequence[Decision]) -> Decision:
    slopes, intercepts = (np.mean(values, axis=0) for values in zip(*map(_calibration, decisions), strict=True))
    weights = np.mean([one.recurrence_weights or (0.0,) * len(one.techniques) for one in decisions], axis=0)
    methods = dict.fromkeys(decision.calibration for decision in decisions)
    of_any = [one.any_threshold for one in decisions if one.any_threshold is not None]
    fitted_on = {name: value for name, value in decisions[0].fitted_on.items() if name != SOURCE_SCALES}
    return replace(
        decisions[0], fitted_on=fitted_on, thresholds=tuple(map(float, np.mean([decision.thresholds for decision in decisions], axis=0))),
        calibration=next(iter(methods)) if len(methods) == 1 else "mean", slopes=tuple(map(float, slopes)),
        intercepts=tuple(map(float, intercepts)), threshold_lows=(), threshold_highs=(),
        recurrence_weights=tuple(map(float, weights)) if weights.any() else (),
        any_threshold=float(np.mean(of_any)) if len(of_any) == len(decisions) else None,
    )  # fmt: skip


def _require_alike(members: Sequence[Classifier]) -> None:
    if len({member.identity for member in members}) < max(2, len(members)):
        raise UserError(
            f"{len(members)} checkpoints, {len({member.identity for member in members})} of them different",
            where="command line", expected="two or more, each once",
        )  # fmt: skip
    first = _nature(members[0])
    for member in members:
        if member.config.model.kind == "tfidf":
            raise UserError(
                f"'{member.name}' is a TF-IDF checkpoint", where="command line", expected="checkpoints with an encoder",
                remedy="each TF-IDF checkpoint has words of its own: their weights have no mean.",
            )  # fmt: skip
        for name, value in _nature(member).items():
            if value != first[name]:
                told = f" ({value} and {first[name]})" if isinstance(value, str | int) else ""
                raise UserError(
                    f"'{member.name}' and '{members[0].name}' differ in {name}{told}", where="command line",
                    expected="checkpoints of the same base, architecture and inventory",
                    remedy="`spinscope runs` lists what is alike.",
                )  # fmt: skip


def _nature(member: Classifier) -> dict[str, Any]:
    """What weights must share to have a mean, by its name for a reader."""
    model, files = member.config.model, member.manifest["files"]
    encoder = getattr(getattr(member.scorer, "model", None), "config", None)
    return {
        "inventory": member.inventory.name, "techniques": member.inventory.hash, "base": model.base,
        "revision": model.revision or "", "pooling": model.pooling, "context": model.context, "repetition": model.repetition or "",
        "max_tokens": model.max_tokens, "tokenizer": {name: value for name, value in files.items() if "token" in name},
        "heads by source": heads_of(member.scorer),
        "architecture": {
            name: value for name, value in getattr(encoder, "encoder", {}).items() if not name.startswith("_")
        },
    }  # fmt: skip


def _require_unseen(members: Sequence[Classifier], labelled: Labelled) -> None:
    measured = labelled.measured()
    for member in members:
        seen = seen_articles(measured, member.training_hashes())
        if seen:
            raise UserError(
                f"{len(seen)} of {len({sentence.article for sentence in measured})} articles are among those "
                f"'{member.name}' was trained on",
                where="data", expected="labelled articles that no checkpoint was trained on, to fit thresholds on",
                remedy="name others with --data, or train all on one division (the same data.split_by).",
            )  # fmt: skip


def _figures(member: Classifier, labelled: Labelled) -> Metrics:
    everything = labelled.measured()
    known = [row for row, sentence in enumerate(everything) if sentence.annotated]
    probabilities = member.probabilities(everything).probabilities[known]
    sentences = [everything[row] for row in known]
    _, mask = label_matrix(sentences, member.inventory)
    return metrics_of(member, sentences, Answers.by(member.decision, probabilities, mask), member.config)


def _origin(members: Sequence[Classifier]) -> Origin:
    hashes = set().union(*(member.training_hashes() for member in members))
    texts = {"training-sentences.txt": "".join(f"{value}\n" for value in sorted(hashes))}
    division = _text(members[0], "split.json")
    if division and all(_text(member, "split.json") == division for member in members):
        texts["split.json"] = division
    data = [member.manifest.get("data", {}) for member in members]
    fits: list[Mapping[str, Any]] = [member.manifest.get("training", {}) for member in members]
    precisions = dict.fromkeys(str(fit.get("precision")) for fit in fits)
    facts: dict[str, Any] = {
        "averaged_from": [{"name": member.name, "identity": member.identity} for member in members],
        "training": {
            "seconds": round(sum(fit.get("seconds") or 0.0 for fit in fits), 1), "precision": "+".join(precisions),
        },
    }  # fmt: skip
    if all(one == data[0] for one in data):
        facts["data"] = data[0]
    seeds = {member.manifest.get("seed") for member in members}
    if len(seeds) == 1:
        facts["seed"] = seeds.pop()
    tuning = set().union(*(tuning_hashes(member) for member in members))
    return Origin(texts, facts, tuning)


def _text(member: Classifier, name: str) -> str:
    file = member.path / name if member.path else None
    return file.read_text(encoding="utf-8") if file and file.is_file() else ""


def _print(result: Tuning, beside: Mapping[str, Metrics], console: Console) -> None:
    from rich.markup import escape

    n_sentences, n_articles = result.after.n_sentences, result.after.n_articles
    title = f"{escape(result.classifier.name)}: {n_sentences:,} sentences, {n_articles:,} articles"
    console.print(metrics_table({"mean, cross-fitted": result.after, **beside}, title=title))
    console.print(
        "Each checkpoint is decided by its own thresholds: where they were chosen on these sentences, its F1 is flattered."
    )
    for finding in result.findings:
        console.print(f"[bold yellow]Doubtful:[/bold yellow] {escape(finding)}.")
