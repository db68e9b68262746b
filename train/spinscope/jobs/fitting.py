"""From labelled sentences to a calibrated classifier, in memory: shared by training and cross-validation."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinscope.config import RunConfig
from spinscope.data.encoding import article_codes, contexts_of, label_matrix, masked_labels, token_windows
from spinscope.data.sampling import EpochSampling
from spinscope.data.soft_labels import mixed_labels, read_soft_labels
from spinscope.errors import UserError
from spinscope.jobs.answers import Answers
from spinscope.jobs.deciding import decide
from spinscope.jobs.inner_folds import Fit, InnerFolds, without_relays
from spinscope.jobs.levelling import level
from spinscope.jobs.progress import show
from spinscope.jobs.recurring import recurring_of, told_of
from spinscope.measure.metrics import point_metrics
from spinscope.measure.thresholds import fit_thresholds
from spinscope.model.prediction import Classifier, sigmoid
from spinscope.model.scorers import EncoderScorer, Scorer
from spinscope.model.source_heads import SourceHeads, with_sources
from spinscope.records import Sentence
from spinscope.taxonomy import Inventory, nodes_above

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase, TrainerCallback

    from spinscope.model.fitting import Encoded


@dataclass(frozen=True, slots=True)
class Run:
    """A fitted classifier and what is to be told of the run.

    `dev_probabilities` are the classifier's own; `dev_answers` are cross-fitted: each dev article is calibrated and
    decided by what the other articles chose.
    """

    classifier: Classifier
    dev_probabilities: np.ndarray
    dev_answers: Answers
    log: list[dict[str, Any]]
    seconds: float
    precision: str
    facts: dict[str, Any] = field(default_factory=dict)


def fit(
    config: RunConfig,
    *,
    inventory: Inventory,
    train: Sequence[Sentence],
    dev: Sequence[Sentence],
    seed: int,
    state_dir: Path,
    resume: bool = False,
    name: str = "unsaved",
    callbacks: list[TrainerCallback] | None = None,
) -> Run:
    """Fits a classifier on `train`; picks weights, calibration and thresholds on `dev` alone.

    Raises:
        UserError: nothing to train on, or dev without a positive where something is to be fitted on it.
    """
    _require_enough(train, dev, config)
    start = time.perf_counter()
    scorer, log, facts = _fit_scorer(
        config,
        inventory=inventory,
        train=train,
        dev=dev,
        seed=seed,
        state_dir=state_dir,
        resume=resume,
        callbacks=callbacks,
    )
    seconds = time.perf_counter() - start
    precision = facts.pop("precision", "fp32")
    logits = logits_of(scorer, dev, config)
    scales = level(config, inventory, scorer, dev, logits)
    logits = logits_of(scorer, dev, config) if scales else logits
    recurring = recurring_of(config, inventory, dev, trained_on=train)
    decision, scorer, cross_fitted = decide(config, inventory, scorer, dev, logits, recurring=recurring)
    decision = replace(decision, fitted_on={**decision.fitted_on, **scales})
    if recurring:
        show(f"{told_of(decision)}.")
    classifier = Classifier(scorer, inventory=inventory, decision=decision, config=config, name=name)
    probabilities = classifier.probabilities(dev).probabilities if dev else np.zeros((0, len(inventory.ids)))
    return Run(classifier, probabilities, cross_fitted, log, seconds, precision, facts)


def logits_of(scorer: Scorer, sentences: Sequence[Sentence], config: RunConfig) -> np.ndarray:
    """(n_sentences, n_techniques) logits before anything recurring is added; context from the other sentences."""
    contexts = contexts_of(sentences, config.model.context)
    prepared = scorer.prepare([sentence.text for sentence in sentences], contexts)
    return scorer.run(with_sources(prepared, scorer, sentences))[0]


def _require_enough(train: Sequence[Sentence], dev: Sequence[Sentence], config: RunConfig) -> None:
    if not train:
        raise UserError("no sentence in the training part", where="data", remedy="check the paths and data.split_by.")
    if not any(sentence.techniques for sentence in train):
        raise UserError(
            "no positive in the training part",
            where="data",
            expected="sentences with techniques of the taxonomy",
            remedy="check the labels column and data.inventory.",
        )
    needs_dev = config.evaluation.thresholds != "fixed" or config.evaluation.calibration != "none"
    if needs_dev and not any(sentence.techniques for sentence in dev):
        raise UserError(
            f"no positives in dev ({len(dev)} sentences)", where="data.split_by",
            expected="at least one sentence with a technique, on which thresholds and calibration are fitted",
            remedy="enlarge data.split_by.dev_fraction, or set evaluation.thresholds=fixed and evaluation.calibration=none.",
        )  # fmt: skip


def _fit_scorer(
    config: RunConfig,
    *,
    inventory: Inventory,
    train: Sequence[Sentence],
    dev: Sequence[Sentence],
    seed: int,
    state_dir: Path,
    resume: bool,
    callbacks: list[TrainerCallback] | None,
) -> tuple[Scorer, list[dict[str, Any]], dict[str, Any]]:
    gold, mask = label_matrix(train, inventory)
    if config.model.kind == "tfidf":
        from spinscope.model.linear import fit_tfidf

        texts = [sentence.text for sentence in train]
        return fit_tfidf(texts, gold, mask, article_codes(train), config.training), [], {}
    if config.model.kind == "frozen":
        return _fit_frozen(config, inventory, train, gold, mask, seed), [], {}
    return _fit_finetuned(config, inventory, train, dev, seed, state_dir, resume, callbacks)


def _fit_frozen(
    config: RunConfig, inventory: Inventory, train: Sequence[Sentence], gold: np.ndarray, mask: np.ndarray, seed: int
) -> Scorer:
    import torch

    from spinscope.model.embeddings import cached_embeddings
    from spinscope.model.linear import fit_linear

    scorer = _blank(config, inventory, seed)
    texts, contexts = [sentence.text for sentence in train], contexts_of(train, config.model.context)
    vectors = cached_embeddings(scorer, texts, contexts, cache_dir=Path(config.tracking.output_dir) / ".embeddings")
    # Standardised for the solver, then folded back, so that the head takes raw vectors.
    centre, spread = vectors.mean(0), vectors.std(0) + 1e-6
    weight, bias = fit_linear((vectors - centre) / spread, gold, mask, article_codes(train), config.training)
    with torch.no_grad():
        scorer.model.head.weight.copy_(torch.from_numpy(weight / spread))
        scorer.model.head.bias.copy_(torch.from_numpy(bias - (weight / spread) @ centre))
    return scorer


def _fit_finetuned(
    config: RunConfig,
    inventory: Inventory,
    train: Sequence[Sentence],
    dev: Sequence[Sentence],
    seed: int,
    state_dir: Path,
    resume: bool,
    callbacks: list[TrainerCallback] | None,
) -> Fit:
    """One model; or, with folds within the training part, their mean or what they teach one model."""
    training, soft = config.training, None
    if training.soft_labels:
        soft = read_soft_labels(training.soft_labels, train, inventory)
    n_folds = training.averaged_folds or training.distilled_folds
    if n_folds:
        untracked = config.model_copy(update={"tracking": config.tracking.model_copy(update={"report_to": []})})
        quiet = without_relays(callbacks)

        def fit_part(part: Sequence[Sentence], place: Path, its_soft: np.ndarray | None) -> Fit:
            return _fit_one(untracked, inventory, part, dev, its_soft, seed, place, resume, quiet)

        inner = InnerFolds.of(train, n_folds, config=config, target=inventory, state_dir=state_dir, resume=resume)
        if training.averaged_folds:
            return inner.mean(fit_part, soft, blank=lambda: _blank(config, inventory, seed))
        soft = inner.held_out_probabilities(fit_part, context=config.model.context)
    return _fit_one(config, inventory, train, dev, soft, seed, state_dir, resume, callbacks)


def _blank(config: RunConfig, inventory: Inventory, seed: int) -> EncoderScorer:
    """An untrained model of the config, to put weights into."""
    from spinscope.model.building import build_classifier, load_tokenizer

    model = build_classifier(config.model, inventory, seed=seed)
    return EncoderScorer(model, load_tokenizer(config.model), max_tokens=config.model.max_tokens)


def _fit_one(
    config: RunConfig,
    inventory: Inventory,
    train: Sequence[Sentence],
    dev: Sequence[Sentence],
    soft: np.ndarray | None,
    seed: int,
    state_dir: Path,
    resume: bool,
    callbacks: list[TrainerCallback] | None,
) -> Fit:
    from spinscope.model.building import build_classifier, load_tokenizer, start_at_prior
    from spinscope.model.fitting import fit_finetuned
    from spinscope.model.losses import loss_function, positive_weights, technique_rates
    from spinscope.model.trackers import without_relayed

    gold, mask = label_matrix(train, inventory)
    tokenizer = load_tokenizer(config.model)
    model = build_classifier(config.model, inventory, seed=seed)
    heads = SourceHeads.of(_sources_of(train), mask) if config.training.source_heads else None
    sampling = _sampling(config, train, gold)
    if heads:
        heads.widen(model)
        labels = heads.labels(masked_labels(gold, mask), _sources_of(train))
        gold, mask = labels > 0, labels >= 0
    weights = positive_weights(gold, mask, config.training.class_weights)
    start_at_prior(model, gold, mask)

    encoded = partial(_encoded, config=config, inventory=inventory, tokenizer=tokenizer, heads=heads)
    train_encoded, n_cut = encoded(train, soft)
    train_encoded = replace(train_encoded, sampling=sampling)
    dev_encoded = encoded(dev)[0] if dev else None
    dev_gold, dev_mask = label_matrix(dev, inventory)

    def dev_metrics(logits: np.ndarray) -> Mapping[str, float | None]:
        probabilities = sigmoid(heads.own(logits, _sources_of(dev)) if heads else logits)
        cut = fit_thresholds(
            dev_gold, dev_mask, probabilities, articles=article_codes(dev), rule="global", n_folds=2,
            smoothing_positives=0.0, fixed=0.5, seed=seed,
        )  # fmt: skip
        return point_metrics(dev_gold, dev_mask, probabilities, probabilities >= cut.values)

    fitted = fit_finetuned(
        model, tokenizer, config=without_relayed(config, callbacks or []), train=train_encoded, dev=dev_encoded,
        loss=loss_function(
            config.training, weights, technique_rates(gold, mask), nodes=[*nodes_above(inventory).values()]
        ),
        dev_metrics=dev_metrics, state_dir=state_dir, resume=resume, seed=seed, callbacks=callbacks,
    )  # fmt: skip
    if heads:
        heads.join(fitted.model, inventory)
    facts = {"best_step": fitted.best_step, "precision": fitted.precision, "n_sentences_cut_in_training": n_cut}
    scorer = EncoderScorer(fitted.model, tokenizer, max_tokens=config.model.max_tokens, heads=heads)
    return scorer, fitted.log, facts


def _encoded(
    part: Sequence[Sentence], soft: np.ndarray | None = None, *, config: RunConfig, inventory: Inventory,
    tokenizer: PreTrainedTokenizerBase, heads: SourceHeads | None,
) -> tuple[Encoded, int]:  # fmt: skip
    """First windows and labels, of each source's own rows where there are heads, and how many sentences were cut."""
    from spinscope.model.fitting import Encoded

    contexts = contexts_of(part, config.model.context)
    windows = token_windows(tokenizer, [sentence.text for sentence in part], contexts, max_tokens=config.model.max_tokens)
    labels = masked_labels(*label_matrix(part, inventory))
    if soft is not None:
        labels = mixed_labels(labels, soft, weight=config.training.soft_label_weight)
    labels = heads.labels(labels, _sources_of(part)) if heads else labels
    return Encoded([several[0] for several in windows], labels), sum(len(several) > 1 for several in windows)


def _sampling(config: RunConfig, train: Sequence[Sentence], gold: np.ndarray) -> EpochSampling | None:
    """What an epoch holds; None where it holds everything once."""
    rule, share = config.training.sampling, config.training.negatives_share
    if rule == "proportional" and share == 1:
        return None
    return EpochSampling(_sources_of(train), np.asarray(~gold.any(axis=1)), rule, share)


def _sources_of(sentences: Sequence[Sentence]) -> list[str]:
    """The corpus of each sentence among several, '' of a single one."""
    return [sentence.source or "" for sentence in sentences]
