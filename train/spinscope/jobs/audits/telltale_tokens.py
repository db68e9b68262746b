"""Tokens that give a technique away: boilerplate, tags and the like, which no reader would call the technique."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinscope.config import Limits
from spinscope.data.encoding import article_codes, label_matrix
from spinscope.jobs.audits.attributes import sources_of
from spinscope.jobs.audits.sections import Figure, Section
from spinscope.jobs.labelled import Labelled, Scored
from spinscope.measure.resampling import Estimate
from spinscope.measure.subsets import mean_over_articles
from spinscope.measure.telltales import Telltales, telltales
from spinscope.model.prediction import Classifier
from spinscope.records import Sentence

NONE = "no technique"
MAX_WORDS = 3
MIN_SENTENCES = 10
MIN_ARTICLES = 3
WIDE_COVERAGE = 0.1
"""In the corpora at hand no word of content that is as certain covers more than 5 % of a technique's sentences."""

BOUND_SHARE = 0.9
_SAME_SHARE = 0.8
_N_TRIED = 100
_MOST_TRIED = 5
_TOKEN = re.compile(r"\w+|[^\w\s]+")


@dataclass(frozen=True, slots=True)
class _Found:
    """One token with what makes it suspicious; `rows` are the sentences that hold it."""

    token: str
    column: int
    rows: frozenset[int]
    facts: dict[str, Any]


def telltale_section(classifier: Classifier, labelled: Labelled, scored: Scored, limits: Limits) -> Section:
    """The tokens that foretell a technique, or that there is none, almost perfectly and for no reason of content.

    A word of content may foretell a technique too, but then it is one of many. What is named here covers much of the
    technique, or belongs to one source, or always opens or closes its sentences.
    """
    title = "Tokens that give a technique away"
    sentences = sorted((s for s in labelled.sentences if s.annotated), key=lambda s: (s.article, s.index))
    found = _telltale_tokens(sentences, classifier, seed=classifier.config.evaluation.seed)
    for one in found[:_MOST_TRIED]:
        if one.column < len(classifier.inventory.ids):
            one.facts["score_raised"] = _raised(classifier, scored, one).to_dict()
    figure = Figure(
        "tokens", "tokens that give a technique away", Estimate(float(len(found))),
        at_most=float(limits.giveaway_tokens), n=len(sentences),
    )  # fmt: skip
    notes = [_told(one.facts) for one in found[:10]]
    return Section("giveaways", title, (figure,), notes=tuple(notes), details={"tokens": [one.facts for one in found]})


def _telltale_tokens(sentences: Sequence[Sentence], classifier: Classifier, *, seed: int) -> list[_Found]:
    from sklearn.feature_extraction.text import CountVectorizer

    gold, mask = label_matrix(sentences, classifier.inventory)
    tokens = [_TOKEN.findall(sentence.text.casefold()) for sentence in sentences]
    grams = [_ngrams(words) for words in tokens]
    counts = Counter(gram for one in grams for gram in one)
    vocabulary = sorted(gram for gram, count in counts.items() if count >= MIN_SENTENCES)
    if not vocabulary:
        return []
    presence = CountVectorizer(analyzer=lambda words: words, vocabulary=vocabulary, binary=True).transform(grams)
    labels = np.column_stack([gold, mask.all(axis=1) & ~gold.any(axis=1)])
    known = np.column_stack([mask, mask.all(axis=1) | gold.any(axis=1)])
    articles = article_codes(sentences)
    table = telltales(presence, labels, known, articles, seed=seed)
    names = (*classifier.inventory.ids, NONE)
    sources, holders = sources_of(sentences), presence.tocsc()
    found = []
    for token, column in np.argwhere(table.gives_away()).tolist():
        rows = holders.indices[holders.indptr[token] : holders.indptr[token + 1]]
        if len(np.unique(articles[rows])) < MIN_ARTICLES:
            continue
        reasons = _reasons(vocabulary[token], rows, tokens, sources, table.coverage[token, column])
        if reasons:
            facts = _facts(vocabulary[token], names[column], table, token, column) | {
                "n_articles": len(np.unique(articles[rows])), "reasons": reasons, "also": [],
            }  # fmt: skip
            found.append(_Found(vocabulary[token], column, frozenset(rows.tolist()), facts))
    return _merged(found)


def _ngrams(words: Sequence[str]) -> list[str]:
    sizes = range(1, MAX_WORDS + 1)
    return list({" ".join(words[at : at + size]) for size in sizes for at in range(len(words) - size + 1)})


def _reasons(
    token: str, rows: NDArray[Any], tokens: Sequence[Sequence[str]], sources: Sequence[str | None], coverage: float
) -> list[str]:
    """Why it is no word of content; empty where it may be one."""
    reasons, words = [], token.split()
    if coverage >= WIDE_COVERAGE:
        reasons.append(f"stands in {coverage:.0%} of these sentences")
    source, n_there = Counter(sources[row] for row in rows.tolist()).most_common(1)[0]
    if source is not None and len(set(sources)) > 1 and n_there >= BOUND_SHARE * len(rows):
        reasons.append(f"belongs to the source {source}")
    places = {
        "opens": [_opens(tokens[row], words) for row in rows.tolist()],
        "closes": [_opens(tokens[row][::-1], words[::-1]) for row in rows.tolist()],
    }
    reasons += [f"{verb} its sentences" for verb, there in places.items() if np.mean(there) >= BOUND_SHARE]
    return reasons


def _opens(tokens: Sequence[str], words: Sequence[str]) -> bool:
    """Whether the words come first, but for punctuation before them."""
    begin = 0
    while begin < len(tokens) and tokens[begin] != words[0] and not re.match(r"\w", tokens[begin]):
        begin += 1
    return list(tokens[begin : begin + len(words)]) == list(words)


def _facts(token: str, label: str, table: Telltales, row: int, column: int) -> dict[str, Any]:
    return {
        "token": token, "technique": label, "n_sentences": int(table.n[row, column]),
        "n_with_technique": int(table.n_positive[row, column]), "share_low": round(float(table.low[row, column]), 4),
        "prevalence": round(float(table.prevalence[column]), 4), "coverage": round(float(table.coverage[row, column]), 4),
        "p_value": float(table.p_value[row, column]),
    }  # fmt: skip


def _merged(found: Sequence[_Found]) -> list[_Found]:
    """Tokens of the same sentences as one: the widest, of these the shortest with letters, with the others beside it."""
    kept: list[_Found] = []
    for one in sorted(found, key=_preference):
        same = next(
            (k for k in kept if k.column == one.column and len(k.rows & one.rows) >= _SAME_SHARE * len(one.rows)), None
        )
        if same is None:
            kept.append(one)
        else:
            same.facts["also"].append(one.token)
    return kept


def _preference(one: _Found) -> tuple[int, bool, int, str]:
    return -len(one.rows), not re.search(r"\w", one.token), len(one.token.split()), one.token


def _raised(classifier: Classifier, scored: Scored, found: _Found) -> Estimate:
    """Mean change of the technique's score where the token is put into measured sentences that lack token and technique."""
    chosen = [
        row
        for row, one in enumerate(scored.sentences)
        if scored.mask[row, found.column] and not scored.gold[row, found.column] and found.token.split()[0] not in one.text.casefold()
    ][:_N_TRIED]  # fmt: skip
    opens = any(reason.startswith("opens") for reason in found.facts["reasons"])
    plain = [replace(scored.sentences[row], article=f"{row}", index=0) for row in chosen]
    changed = [
        replace(one, text=f"{found.token} {one.text}" if opens else f"{one.text} {found.token}") for one in plain
    ]
    before, after = (classifier.probabilities(each).probabilities[:, found.column] for each in (plain, changed))
    return mean_over_articles(after - before, scored.articles[chosen], is_share=False)


def _told(facts: dict[str, Any]) -> str:
    raised = facts.get("score_raised", {}).get("value")
    moves = "" if raised is None else f"; put into other sentences it moves the score by {raised:+.3f}"
    return (
        f"'{facts['token']}' foretells {facts['technique']} in {facts['n_with_technique']} of {facts['n_sentences']} "
        f"sentences ({facts['n_articles']} articles; prevalence {facts['prevalence']:.0%}): it {' and '.join(facts['reasons'])}{moves}."
    )
