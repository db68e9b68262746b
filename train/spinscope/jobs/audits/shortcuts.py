"""Shortcuts: can source, topic, article or date be told, do they tell the label, and what is left without their help?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.config import Limits
from spinscope.data.encoding import article_codes, label_matrix
from spinscope.jobs.audits.attributes import months_of, sources_of, topics_of
from spinscope.jobs.audits.held_out import HeldOut, held_out_probabilities
from spinscope.jobs.audits.sections import Figure, Section
from spinscope.jobs.labelled import Labelled, Scored
from spinscope.measure.figures import Figures
from spinscope.measure.matched import matched_auroc_loss
from spinscope.measure.predictability import told_apart
from spinscope.measure.resampling import Estimate
from spinscope.measure.subsets import overall_differences
from spinscope.model.prediction import Classifier
from spinscope.records import Sentence

MOST_SENTENCES = 1500
MOST_CLASSES = 20
MIN_ARTICLES = 3
"""A class in fewer articles cannot be learned from some and found in others."""

N_TOPICS = 8
_WITHOUT = {"micro_f1": "micro F1", "macro_average_precision": "macro average precision"}
Attributes = Mapping[str, Sequence[str | None]]


def shortcut_sections(
    classifier: Classifier, labelled: Labelled, held_out: HeldOut, scored: Scored, limits: Limits
) -> list[Section]:
    """What can be told from text, scores and errors; and figures without the help of sources."""
    return [
        _told(classifier, held_out, scored, limits),
        _unseen_sources(classifier, labelled, held_out, scored, limits),
    ]


def attributes_of(sentences: Sequence[Sentence], *, seed: int) -> dict[str, Sequence[str | None]]:
    """Source, topic (clusters of articles where none is given), half of the period, and article of each sentence."""
    topics = topics_of(sentences)
    named = "topic" if any(topics) else "topic (clusters)"
    return {
        "source": sources_of(sentences),
        named: topics if any(topics) else _clusters(sentences, seed=seed),
        "date": _halves(months_of(sentences)),
        "article": [one.article for one in sentences],
    }


def _told(classifier: Classifier, held_out: HeldOut, scored: Scored, limits: Limits) -> Section:
    rules = classifier.config.evaluation
    figures, notes, details = [], [], {}
    errors = np.where(scored.mask, scored.probabilities - scored.gold, 0.0)
    own = np.log(np.clip(scored.probabilities, 1e-6, 1 - 1e-6) / np.clip(1 - scored.probabilities, 1e-6, 1))
    known = held_out.sentences
    everywhere = attributes_of(known, seed=rules.seed)
    for name, values in attributes_of(scored.sentences, seed=rules.seed).items():
        rows = _chosen(values, scored.sentences, per_article=name != "article", seed=rules.seed)
        if rows is None:
            notes.append(f"{name}: not measured, fewer than two values in {MIN_ARTICLES} articles each.")
            continue
        groups = rows if name == "article" else scored.articles[rows]
        classes = [values[row] for row in rows.tolist()]
        texts = [scored.sentences[row].text for row in rows.tolist()]
        views = {"text": _terms(texts), "scores": _expanded(own[rows]), "errors": _expanded(errors[rows])}
        for view, features in views.items():
            told = told_apart(features, classes, groups, seed=rules.seed)
            limit = limits.shortcut_auroc if view == "errors" and told.p_value <= 1 - rules.confidence else None
            details[f"{name}_from_{view}"] = {
                "auroc": told.auroc, "chance": told.chance, "chance_high": told.chance_high, "p_value": told.p_value,
                "n_classes": told.n_classes,
            }  # fmt: skip
            title = f"{name} told from the {view}: AUROC (chance up to {told.chance_high:.2f}; p {told.p_value:.2f})"
            figures.append(
                Figure(f"{name}_from_{view}", title, Estimate(told.auroc), at_most=limit, n=told.n_sentences)
            )
        if name != "article":
            figures.append(_label_from(name, everywhere.get(name, ()), known, classifier, limits))
    notes.append(
        "Ridge regression, cross-validated over articles, chance by permuting the articles' values; errors are score minus "
        "label: what they tell, the labels do not explain. A limit holds where chance is ruled out."
    )
    return Section("shortcuts", "Can source, topic, article or date be told?", tuple(figures), tuple(notes), details)


def _label_from(
    name: str, values: Sequence[str | None], sentences: Sequence[Sentence], classifier: Classifier, limits: Limits
) -> Figure:
    """AUROC of the easiest technique where only the attribute is known: its rate in other articles of the same value."""
    gold, mask = label_matrix(sentences, classifier.inventory)
    articles = article_codes(sentences)
    folds = np.random.default_rng([classifier.config.evaluation.seed, 4]).permutation(int(articles.max()) + 1) % 5
    _, codes = np.unique([str(value) for value in values], return_inverse=True)
    rates = np.zeros(gold.shape)
    for fold in range(5):
        train, held = folds[articles] != fold, folds[articles] == fold
        overall = gold[train].sum(axis=0) / np.maximum(mask[train].sum(axis=0), 1)
        for code in np.unique(codes[held]):
            same = train & (codes == code)
            # Twenty sentences of the overall rate keep a rare value from saying much.
            rates[held & (codes == code)] = (gold[same].sum(axis=0) + 20 * overall) / (mask[same].sum(axis=0) + 20)
    each = Figures.of(gold, mask, rates, rates >= 1, articles=articles)
    aurocs = each.values(np.ones((1, each.n_articles)), calibration=False)[1]["auroc"][0]
    title = f"techniques told from the {name} alone: AUROC"
    if np.isnan(aurocs).all():
        return Figure(f"label_from_{name}", title, Estimate(None, note="no technique with and without positives"))
    strongest = int(np.nanargmax(aurocs))
    column = [strongest]
    found, nothing = (
        Figures.of(gold[:, column], mask[:, column], values, values >= 1, articles=articles)
        for values in (rates[:, column], np.full((len(gold), 1), 0.5))
    )
    above = overall_differences(found, nothing, ("macro_auroc",))["macro_auroc"]
    ends = [None if end is None else end + 0.5 for end in (above.value, above.low, above.high)]
    estimate = Estimate(ends[0], ends[1], ends[2], above.note)
    title = f"{classifier.inventory.ids[strongest]} (the easiest) told from the {name} alone: AUROC"
    return Figure(f"label_from_{name}", title, estimate, at_most=limits.attribute_alone_auroc, n=len(sentences))


def _unseen_sources(
    classifier: Classifier, labelled: Labelled, held_out: HeldOut, scored: Scored, limits: Limits
) -> Section:
    title = "Without the help of sources"
    here = sources_of(scored.sentences)
    sources = sources_of(held_out.sentences)
    if len({value for value in sources if value}) < 2:
        note = "not measured: the data name no sources (metadata source or outlet, or several data.sources)"
        return Section("unseen_sources", title, notes=(note,))
    confidence = classifier.config.evaluation.confidence
    figures, notes = _of_checkpoint(labelled, scored, here, confidence)
    figures += _refitted(classifier, held_out, sources, limits)
    rows = [row for row, value in enumerate(here) if value]
    if rows:
        within, lost = matched_auroc_loss(
            scored.gold[rows], scored.mask[rows], scored.probabilities[rows], articles=scored.articles[rows],
            groups=[str(here[row]) for row in rows], confidence=confidence,
        )  # fmt: skip
        figures += [
            Figure("same_source_auroc", "macro AUROC, negatives from the same source only", within, n=len(rows)),
            Figure("same_source_loss", "... what it is below the one over all negatives", lost, at_most=limits.same_source_loss, n=len(rows)),
        ]  # fmt: skip
    return Section("unseen_sources", title, tuple(figures), tuple(notes))


def _of_checkpoint(
    labelled: Labelled, scored: Scored, here: Sequence[str | None], confidence: float
) -> tuple[list[Figure], list[str]]:
    """The checkpoint's own figures on sources that its training part holds, minus those on other sources."""
    train = labelled.part("train") if labelled.split != "train" else []
    trained = {value for value in sources_of(train) if value}
    seen = np.array([value in trained for value in here])
    new = np.array([value is not None and value not in trained for value in here])
    if not trained or not seen.any() or not new.any():
        return [], ["No measured source is both known and new to the training part."]
    parts = [
        Figures.of(scored.gold, scored.mask & chosen[:, None], scored.probabilities, scored.decisions, articles=scored.articles)
        for chosen in (seen, new)
    ]  # fmt: skip
    found = overall_differences(parts[0], parts[1], tuple(_WITHOUT), confidence=confidence)
    return [
        Figure(f"new_sources_{name}", f"{words} on sources seen in training, minus on new ones", found[name], n=int(new.sum()))
        for name, words in _WITHOUT.items()
    ], []  # fmt: skip


def _refitted(classifier: Classifier, held_out: HeldOut, sources: Sequence[str | None], limits: Limits) -> list[Figure]:
    """What a classifier loses that is refitted without each source, against one refitted without the same articles."""
    if held_out.probabilities is None:
        return []
    rules, rows = classifier.config.evaluation, [row for row, value in enumerate(sources) if value]
    sentences = [held_out.sentences[row] for row in rows]
    without = held_out_probabilities(
        sentences, classifier.inventory, groups=[str(sources[row]) for row in rows], seed=rules.seed
    )
    parts = [
        Figures.of(held_out.gold[rows], held_out.mask[rows], values, values >= 0.5, articles=article_codes(sentences))
        for values in (held_out.probabilities[rows], without)
    ]
    name = "macro_average_precision"
    lost = overall_differences(parts[0], parts[1], (name,), confidence=rules.confidence)[name]
    title = "macro average precision lost by TF-IDF where sources are left out, not articles alone"
    return [Figure("unseen_source_loss", title, lost, at_most=limits.unseen_source_loss, n=len(sentences))]


def _chosen(
    values: Sequence[str | None], sentences: Sequence[Sentence], *, per_article: bool, seed: int
) -> NDArray[Any] | None:
    """Rows of frequent values, whole articles in random order up to a limit; None where there is nothing to tell."""
    if per_article:
        pairs = {(value, one.article) for value, one in zip(values, sentences, strict=True) if value is not None}
        counts = Counter(value for value, _ in pairs)
    else:
        counts = Counter(value for value in values if value is not None)
    least = MIN_ARTICLES if per_article else 5
    kept = {value for value, n in counts.most_common(MOST_CLASSES) if n >= least}
    by_article: dict[str, list[int]] = {}
    for row, value in enumerate(values):
        if value in kept:
            by_article.setdefault(sentences[row].article, []).append(row)
    names = sorted(by_article)
    rows: list[int] = []
    for position in np.random.default_rng([seed, 5]).permutation(len(names)).tolist():
        if len(rows) + len(by_article[names[position]]) <= MOST_SENTENCES:
            rows += by_article[names[position]]
    n_there = len({values[row] for row in rows})
    return np.array(sorted(rows)) if len(kept) > 1 and n_there > 1 else None


def _halves(months: Sequence[str | None]) -> list[str | None]:
    """Whether a sentence's month lies in the earlier or the later half of the dated sentences."""
    dated = sorted(month for month in months if month)
    if not dated or dated[0] == dated[-1]:
        return [None] * len(months)
    middle = dated[len(dated) // 2]
    middle = middle if middle > dated[0] else next(month for month in dated if month > dated[0])
    return [None if month is None else "later" if month >= middle else "earlier" for month in months]


def _clusters(sentences: Sequence[Sentence], *, seed: int) -> list[str | None]:
    """Articles grouped by their words, where no topic is given."""
    from sklearn.cluster import KMeans

    texts: dict[str, list[str]] = {}
    for one in sentences:
        texts.setdefault(one.article, []).append(one.text)
    if len(texts) < 3 * N_TOPICS:
        return [None] * len(sentences)
    labels = KMeans(N_TOPICS, n_init=3, random_state=seed).fit_predict(_terms([" ".join(t) for t in texts.values()]))
    of = {article: f"cluster {label + 1}" for article, label in zip(texts, labels.tolist(), strict=True)}
    return [of[one.article] for one in sentences]


def _terms(texts: Sequence[str]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=1).fit_transform(texts)


def _expanded(values: NDArray[Any]) -> NDArray[Any]:
    """Standardised columns, their squares and their products, at about unit length."""
    spread = values.std(axis=0)
    plain = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    first, second = np.triu_indices(min(plain.shape[1], 12))
    both = np.concatenate([plain, plain[:, first] * plain[:, second]], axis=1)
    return np.asarray(both / np.sqrt(both.shape[1]))
