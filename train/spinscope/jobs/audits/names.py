"""Names as a shortcut: what they give away by themselves, and what the checkpoint loses when they are masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.config import Limits
from spinscope.data.encoding import article_codes
from spinscope.jobs.audits.sections import Figure, Section
from spinscope.jobs.labelled import Scored
from spinscope.measure.metrics import evaluate_predictions
from spinscope.measure.resampling import Estimate
from spinscope.measure.statistics import paired_comparison
from spinscope.model.prediction import Classifier
from spinscope.records import Sentence

MASK = "[MASK]"
N_FOLDS = 5


def names_sections(
    classifier: Classifier, scored: Scored, everything: Sequence[Sentence], limits: Limits
) -> list[Section]:
    """Both questions, for data whose names are marked (`metadata["entities"]`); else sections that say so.

    Args:
        classifier: its answers are in `scored`.
        scored: the measured part.
        everything: labelled sentences of all parts, on which the names alone are tried by cross-validation.
        limits: of the figures.
    """
    masking = "masking", "What is lost where names are masked"
    alone = "names_alone", "What names and domain tell by themselves"
    if not any(sentence.metadata.get("entities") for sentence in scored.sentences):
        note = ("not measured: no names are marked in these sentences",)
        return [Section(*masking, notes=note), Section(*alone, notes=note)]
    return [_masking(*masking, classifier, scored, limits), _names_alone(*alone, classifier, everything, limits)]


def masked_text(sentence: Sentence, *, mask: str = MASK) -> str:
    """The sentence with each marked name replaced by `mask`."""
    text, position = [], 0
    for start, end in sorted(map(tuple, sentence.metadata.get("entities", ()))):
        if start >= position:
            text += [sentence.text[position:start], mask]
            position = end
    return "".join([*text, sentence.text[position:]])


def _masking(name: str, title: str, classifier: Classifier, scored: Scored, limits: Limits) -> Section:
    texts = [masked_text(sentence) for sentence in scored.sentences]
    masked = [
        replace(sentence, text=text, end=sentence.start + len(text))
        for sentence, text in zip(scored.sentences, texts, strict=True)
    ]
    probabilities = classifier.probabilities(masked).probabilities
    rules = classifier.config.evaluation
    comparison = paired_comparison(
        scored.gold, scored.mask, probabilities, classifier.decide(probabilities), scored.probabilities, scored.decisions,
        articles=scored.articles, techniques=classifier.inventory.ids, n_resamples=rules.n_resamples,
        confidence=rules.confidence, seed=rules.seed, interval=rules.interval,
    )  # fmt: skip
    figures = []
    for key, words, limit in (
        ("macro_average_precision", "macro average precision lost to masking", limits.masking_loss),
        ("micro_f1", "micro F1 lost to masking", None),
    ):
        found = comparison.overall[key]
        estimate = Estimate(found.difference, found.low, found.high, found.note)
        figures.append(Figure(f"{key}_lost", words, estimate, at_most=limit, n=len(masked)))
    n_changed = sum(text != sentence.text for text, sentence in zip(texts, scored.sentences, strict=True))
    return Section(
        name, title, tuple(figures), notes=(f"{n_changed:,} of {len(masked):,} sentences hold a name; each became {MASK}.",)
    )  # fmt: skip


def _names_alone(
    name: str, title: str, classifier: Classifier, sentences: Sequence[Sentence], limits: Limits
) -> Section:
    known = [sentence for sentence in sentences if sentence.annotated]
    ids = [t for t in classifier.inventory.ids if any(t in one.techniques for one in known)]
    gold = np.array([[t in one.techniques for t in ids] for one in known], dtype=np.int8)
    mask = np.array([[t in one.annotated for t in ids] for one in known], dtype=bool)
    probabilities = _cross_validated(known, gold)
    rules = classifier.config.evaluation
    metrics = evaluate_predictions(
        gold, mask, probabilities, probabilities >= 0.5, articles=article_codes(known), techniques=ids,
        n_resamples=rules.n_resamples, confidence=rules.confidence, seed=rules.seed,
    )  # fmt: skip
    figures = tuple(
        Figure(
            f"auroc_{t}", f"AUROC for {t} from names and domain alone", metrics.per_technique[t]["auroc"],
            at_most=limits.names_alone_auroc, n=len(known),
        )
        for t in ids
    )  # fmt: skip
    note = f"logistic regression on the names in a sentence and its article's domain, {N_FOLDS} folds over events"
    return Section(name, title, figures, notes=(note,))


def _cross_validated(sentences: Sequence[Sentence], gold: NDArray[Any]) -> NDArray[Any]:
    """(n, k) out-of-fold probabilities of a classifier that sees names and domain only; an event stays in one fold."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold
    from sklearn.pipeline import make_pipeline

    features = [_features(sentence) for sentence in sentences]
    groups = [sentence.metadata.get("event") or sentence.article for sentence in sentences]
    out = np.zeros(gold.shape)
    for train, test in GroupKFold(N_FOLDS).split(features, groups=groups):
        for column in range(gold.shape[1]):
            truth = gold[train, column]
            if truth.min() == truth.max():
                out[test, column] = truth[0]
                continue
            model = make_pipeline(DictVectorizer(), LogisticRegression(max_iter=2000))
            model.fit([features[row] for row in train], truth)
            out[test, column] = model.predict_proba([features[row] for row in test])[:, 1]
    return out


def _features(sentence: Sentence) -> dict[str, float]:
    names = [sentence.text[start:end].casefold() for start, end in sentence.metadata.get("entities", ())]
    words = {word for name in names for word in name.split()}
    found = {f"name={name}": 1.0 for name in names} | {f"word={word}": 1.0 for word in words}
    return found | {f"domain={sentence.metadata.get('domain')}": 1.0, "n_names": float(len(names))}
