"""From the logits of dev to calibration and thresholds, with what they would have said of articles not fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from spinscope.config import RunConfig
from spinscope.data.encoding import article_codes, label_matrix
from spinscope.jobs.answers import Answers, any_cutoff
from spinscope.jobs.dev_answers import threshold_fit
from spinscope.jobs.recurring import Recurring
from spinscope.measure.calibration import (
    Method,
    best_foldable,
    calibration_losses,
    cross_fitted_probabilities,
    fit_calibration,
)
from spinscope.measure.threshold_intervals import N_THRESHOLD_RESAMPLES, threshold_draws, threshold_intervals
from spinscope.measure.thresholds import WISHES, Thresholds, fit_thresholds
from spinscope.model.checkpoint import folded
from spinscope.model.prediction import any_probability, sigmoid
from spinscope.model.scorers import Scorer
from spinscope.records import Decision, Sentence
from spinscope.taxonomy import Inventory


def known_dev(dev: Sequence[Sentence], inventory: Inventory) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(gold, mask, articles) of the dev part; shapes as in `label_matrix` and `article_codes`."""
    gold, mask = label_matrix(dev, inventory)
    return gold, mask, article_codes(dev)


def decide(
    config: RunConfig,
    inventory: Inventory,
    scorer: Scorer,
    dev: Sequence[Sentence],
    logits: np.ndarray,
    *,
    keep: Decision | None = None,
    recurring: Recurring | None = None,
) -> tuple[Decision, Scorer, Answers]:
    """Calibration and thresholds from the logits of `dev`.

    Args:
        config: its evaluation block holds the rules.
        inventory: the label order.
        scorer: gave the logits; changed in place where it holds a torch model.
        dev: n_dev labelled sentences.
        logits: (n_dev, n_techniques).
        keep: a technique that `dev` does not annotate keeps this decision's threshold and is not calibrated anew.
        recurring: where given, recurring wording adds to a technique, by a weight fitted beside the calibrated logit.

    Returns:
        the decision, the scorer with the calibration folded in, and the cross-fitted answers on dev.
    """
    decision, answers = decision_of(config, inventory, dev, logits, keep=keep, recurring=recurring)
    if decision.calibration != "none" or decision.recurrence_weights:
        scorer = folded(scorer, np.array(decision.slopes), np.array(decision.intercepts))
    return decision, scorer, answers


def decision_of(
    config: RunConfig,
    inventory: Inventory,
    dev: Sequence[Sentence],
    logits: np.ndarray,
    *,
    keep: Decision | None = None,
    recurring: Recurring | None = None,
) -> tuple[Decision, Answers]:
    """What `decide` decides, before it is folded into any scorer: the decision, and the cross-fitted answers."""
    rules, k = config.evaluation, len(inventory.ids)
    gold, mask, articles = known_dev(dev, inventory)
    kept = ~mask.any(axis=0) if keep else np.zeros(k, dtype=bool)
    method, losses = _method(config, gold, mask, logits, articles)
    slopes, intercepts = fit_calibration(gold, mask, logits, method=method)
    slopes[kept], intercepts[kept] = 1.0, 0.0
    calibrated = logits * slopes + intercepts
    weights: tuple[float, ...] = ()
    added = recurring.fitted(gold, mask, calibrated) if recurring else None
    if added:  # scale and shift into the head: a sentence alone is scored by the head and nothing else
        calibrated = added.added_to(calibrated)
        slopes, intercepts, weights = added.on_top_of(slopes, intercepts)
    probabilities = sigmoid(calibrated)
    fit = threshold_fit(config)
    thresholds = fit_thresholds(gold, mask, probabilities, articles=articles, **asdict(fit))
    cutoffs = np.where(kept, keep.thresholds, thresholds.values) if keep else thresholds.values
    draws = threshold_draws(
        gold, mask, probabilities, articles=articles, fit=fit,
        n_resamples=min(rules.n_resamples, N_THRESHOLD_RESAMPLES),
    )  # fmt: skip
    ends = threshold_intervals(cutoffs, np.where(kept, cutoffs, draws), confidence=rules.confidence)
    fitted_on = {
        "n_sentences": len(dev), "n_articles": len(np.unique(articles)),
        "positives": dict(zip(inventory.ids, map(int, (gold * mask).sum(0)), strict=True)),
        **({"calibration_losses": losses} if losses else {}), **({"recurrence": added.to_dict()} if added else {}),
    }  # fmt: skip
    decision = Decision(
        techniques=inventory.ids, thresholds=tuple(float(value) for value in cutoffs), rule=rules.thresholds,
        calibration=method, slopes=tuple(map(float, slopes)), intercepts=tuple(map(float, intercepts)),
        threshold_lows=tuple(map(float, ends[0])), threshold_highs=tuple(map(float, ends[1])),
        fitted_on=fitted_on | _wish(config, inventory, thresholds, np.asarray(kept)), recurrence_weights=weights,
        any_threshold=any_cutoff(config, gold, mask, probabilities),
    )  # fmt: skip
    crossed = cross_fitted_answers(config, gold, mask, logits, articles, method=method, recurring=recurring)
    return decision, crossed


def _wish(config: RunConfig, inventory: Inventory, thresholds: Thresholds, untouched: np.ndarray) -> dict[str, Any]:
    """Of the rules that keep a wish: which, and technique -> the cross-fitted figure, and whether it keeps the wish.

    Args:
        config: states the wish.
        inventory: of k techniques.
        thresholds: fitted to it.
        untouched: (k,) bool, techniques that dev does not annotate.
    """
    if thresholds.rule not in WISHES:
        return {}
    k, found = len(inventory.ids), thresholds.wished
    kept = found.kept if found else np.zeros(k, dtype=bool)
    reached = found.cross_fitted if found else np.full(k, np.nan)
    rows = {
        name: {"cross_fitted": None if np.isnan(reached[j]) else float(reached[j]), "kept": bool(kept[j])}
        for j, name in enumerate(inventory.ids)
        if not untouched[j]
    }
    wish = {"figure": WISHES[thresholds.rule], "at_least": threshold_fit(config).wished, "techniques": rows}
    return {"wish": wish}


def _method(
    config: RunConfig, gold: np.ndarray, mask: np.ndarray, logits: np.ndarray, articles: np.ndarray
) -> tuple[Method, dict[str, float]]:
    """The calibration method that the config names, or that dev's cross-fitted loss picks, with those losses."""
    rules = config.evaluation
    if rules.calibration != "auto":
        return rules.calibration, {}
    losses = calibration_losses(gold, mask, logits, articles=articles, n_folds=rules.cross_fit_folds, seed=rules.seed)
    return best_foldable(losses), losses


def cross_fitted_answers(
    config: RunConfig, gold: np.ndarray, mask: np.ndarray, logits: np.ndarray, articles: np.ndarray, *, method: Method,
    recurring: Recurring | None = None,
) -> Answers:  # fmt: skip
    """What calibration and thresholds would have said of dev articles that they were not fitted on.

    So with the weight of recurring wording, where `recurring` is given; `logits` are without it then. With `auto` the
    method itself was chosen on all of dev: one of three, by thousands of cells. Where any technique has a cut-off of its
    own, it is that of the cross-fitted probabilities on all of dev: no label has a part in it.
    """
    rules = config.evaluation
    probabilities = cross_fitted_probabilities(
        gold, mask, logits, articles=articles, method=method, n_folds=rules.cross_fit_folds, seed=rules.seed,
        refitted=recurring.refitted(gold, mask) if recurring else None,
    )  # fmt: skip
    thresholds = fit_thresholds(gold, mask, probabilities, articles=articles, **asdict(threshold_fit(config)))
    cutoff = any_cutoff(config, gold, mask, probabilities)
    any_decided = None if cutoff is None else any_probability(probabilities, mask) >= cutoff
    return Answers(probabilities, thresholds.cross_fitted_decisions, any_decided)
