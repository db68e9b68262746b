"""Which words carry the scores, for the article report: of so many sentences that the cost has a bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from spinscope.data.encoding import contexts_of
from spinscope.data.repetition import recurrence
from spinscope.jobs.progress import show
from spinscope.records import ScoredSentence, Sentence
from spinscope.report.articles import ReportedArticle

if TYPE_CHECKING:
    from spinscope.model.prediction import Classifier

SENTENCES_WITH_EVIDENCE = 100
"""Those with the highest probability of a decided technique, whatever the number of articles."""

MOST_WORDS = 120
"""Longer sentences are left out: leaving out each word of one costs as its length squared."""

Key = tuple[str, int]
"""Article id and number of the sentence."""


def report_evidence(
    classifier: Classifier, articles: Sequence[ReportedArticle], *, n_sentences: int = SENTENCES_WITH_EVIDENCE
) -> dict[Key, list[Mapping[str, Any]]]:
    """Evidence for the decided techniques of the sentences that are decided most clearly.

    Args:
        classifier: that scored them.
        articles: of the report.
        n_sentences: most sentences that are explained.

    Returns:
        article id and sentence number -> evidence as `Evidence.to_dict` gives it, one for each decided technique.
    """
    from spinscope.model.evidence import explained

    decided = [
        (sentence, context, recurs)
        for reported in articles
        for sentence, context, recurs in zip(reported.sentences, *_beside(classifier, reported), strict=True)
        if sentence.techniques and len(sentence.text.split()) <= MOST_WORDS
    ]
    decided.sort(key=lambda one: -max(one[0].probabilities[name] for name in one[0].techniques))
    chosen = decided[:n_sentences]
    if not chosen:
        return {}
    show(f"words that carry the score: {len(chosen)} of {len(decided)} marked sentences")
    found = explained(
        classifier, [sentence.text for sentence, *_ in chosen], [context for _, context, _ in chosen],
        recurrence=np.array([recurs for *_, recurs in chosen]),
        techniques=[sentence.techniques for sentence, *_ in chosen],
    )  # fmt: skip
    return {
        (sentence.article, sentence.index): [one.to_dict() for one in several]
        for (sentence, *_), several in zip(chosen, found, strict=True)
    }


def _beside(classifier: Classifier, reported: ReportedArticle) -> tuple[list[str], list[float]]:
    """Per sentence of an article its context and how much of its wording recurs."""
    title_end = reported.article.title_end

    def plain(one: ScoredSentence) -> Sentence:
        return Sentence(
            one.article, one.index, one.start, one.end, one.text, part="title" if one.end <= title_end else "body"
        )

    sentences = [plain(one) for one in reported.sentences]
    asked = classifier.recurrence_weights is not None
    values = recurrence(sentences).tolist() if asked else [0.0] * len(sentences)
    return contexts_of(sentences, classifier.config.model.context), values
