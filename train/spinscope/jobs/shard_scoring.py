"""One shard of articles to the bytes that are written of it: the same bytes, whoever computes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spinscope.data.inputs import Skipped
from spinscope.data.language import detect_language, surely_foreign
from spinscope.data.score_files import LINES_AT_ONCE, ScoreEncoder
from spinscope.data.shards import Shard, ShardDigest, digest_of
from spinscope.data.summaries import Tally, strongest, tally
from spinscope.files import dump_json
from spinscope.model.article_scoring import (
    PreparedArticles,
    ScoredArticle,
    prepare_articles,
    score_lines,
    scored_articles,
)
from spinscope.records import Article

if TYPE_CHECKING:
    from spinscope.model.batching import Progress
    from spinscope.model.prediction import Bands, Classifier, Prediction

SCORES, SUMMARY, REPORT = "scores", "summary", "report"
"""What is written of a shard: score lines, a line for each article, and what the HTML report may need of each."""


@dataclass(frozen=True, slots=True)
class ShardRules:
    """What decides the bytes of a shard beside its articles and the checkpoint.

    Attributes:
        kind: format of the scores: jsonl, csv or parquet.
        languages: articles surely in none of these are skipped; None: none is.
        with_report: keep what the HTML report may need.
        with_texts: keep the articles' texts.
        bands: probabilities between which nothing is decided; None: scores do not speak of it.
        as_source: the source whose head scores the sentences; None: the mean of all, or the only one.
    """

    kind: str
    languages: tuple[str, ...] | None = None
    with_report: bool = False
    with_texts: bool = False
    bands: Bands | None = None
    as_source: str | None = None


@dataclass(frozen=True, slots=True)
class PreparedShard:
    """A shard that waits for the model. `languages`: (n_articles,) code, or None where it cannot be told; confidence."""

    shard: Shard
    digest: ShardDigest
    articles: PreparedArticles
    text_sha256: tuple[str, ...]
    languages: tuple[tuple[str | None, float], ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class ShardResult:
    """What a shard came to.

    Attributes:
        number: of the shard.
        files: bytes by what they are: SCORES, SUMMARY and, on wish, REPORT.
        record: counts, skipped inputs and the input's digest, as JSON can carry them.
        texts: the articles' texts by their sha256, on wish.
    """

    number: int
    files: Mapping[str, bytes]
    record: Mapping[str, Any]
    texts: Mapping[str, str] = field(default_factory=dict)


def score_shard(
    classifier: Classifier, shard: Shard, rules: ShardRules, *, progress: Progress | None = None
) -> ShardResult:
    """Scores a shard: `prepare_shard`, the model, `finish_shard`. A function of its arguments alone."""
    prepared = prepare_shard(classifier, shard, rules)
    prediction = classifier.run(prepared.articles.texts, progress=progress)
    return finish_shard(classifier, prepared, prediction, rules)


def prepare_shard(
    classifier: Classifier, shard: Shard, rules: ShardRules, *, digest: ShardDigest | None = None
) -> PreparedShard:
    """All that needs no model: languages, sentences, voices, tokens."""
    digest = digest or digest_of(shard)
    kept: list[tuple[Article, str, tuple[str | None, float]]] = []
    skipped: list[Skipped] = []
    for item, text_sha256 in zip(shard.items, digest.text_sha256, strict=True):
        if isinstance(item, Skipped):
            skipped.append(item)
            continue
        language, confidence = detect_language(item.text)
        if rules.languages is not None and surely_foreign(language, confidence, rules.languages):
            why = f"in language '{language}', the checkpoint knows {', '.join(rules.languages)}"
            skipped.append(Skipped(item.id, f"{why} (--any-language scores it)"))
        else:
            kept.append((item, text_sha256, (language or None, round(confidence, 4))))
    articles = prepare_articles(classifier, [article for article, _, _ in kept], as_source=rules.as_source)
    return PreparedShard(
        shard, digest, articles, tuple(digest for _, digest, _ in kept), tuple(language for *_, language in kept),
        tuple(skipped),
    )  # fmt: skip


def finish_shard(
    classifier: Classifier, prepared: PreparedShard, prediction: Prediction, rules: ShardRules
) -> ShardResult:
    """The bytes and the record of a shard that the model has scored."""
    ids = classifier.inventory.ids
    total = Tally(ids)
    scores = ScoreEncoder(
        kind=rules.kind, techniques=ids, with_abstained=rules.bands is not None,
        with_any=classifier.decision.any_threshold is not None,
    )  # fmt: skip
    summaries: list[str] = []
    sources: list[str] = []
    texts: dict[str, str] = {}
    scored = scored_articles(classifier, prepared.articles, prediction, rules.bands)
    for one, digest, language in zip(scored, prepared.text_sha256, prepared.languages, strict=True):
        for begin in range(0, len(one.sentences), LINES_AT_ONCE):
            piece = ScoredArticle(one.article, one.sentences[begin : begin + LINES_AT_ONCE])
            scores.add(score_lines(classifier, piece, text_sha256=digest))
        counts = tally(one.sentences, techniques=ids)
        total.merge(counts)
        summaries.append(_json_line(_summary(one, counts, digest, language)))
        if rules.with_report:
            sources.append(_json_line(_source(one.article)))
        if rules.with_texts:
            texts[digest] = one.article.text
    files = {
        SCORES: scores.finished(),
        SUMMARY: "".join(summaries).encode("utf-8"),
        **({REPORT: "".join(sources).encode("utf-8")} if rules.with_report else {}),
    }
    return ShardResult(prepared.shard.number, files, _record(prepared, scores.n_lines, total), texts)


def _record(prepared: PreparedShard, n_sentences: int, total: Tally) -> dict[str, Any]:
    texts = prepared.articles.texts
    return {
        "shard": prepared.shard.number,
        "input_sha256": prepared.digest.input_sha256,
        "n_inputs": len(prepared.shard.items),
        "n_articles": len(prepared.articles.articles),
        "n_sentences": n_sentences,
        "n_computed": getattr(texts, "n_unique", n_sentences),
        "n_tokens": len(getattr(texts, "tokens", ())),
        "n_padded_tokens": getattr(texts, "n_padded", 0),
        "skipped": [{"path": item.path, "reason": item.reason} for item in prepared.skipped],
        "tally": {"n_sentences": total.n_sentences, "n_words": total.n_words, "n_marked": total.n_marked},
    }


def _summary(
    scored: ScoredArticle, counts: Tally, digest: str, language: tuple[str | None, float]
) -> Mapping[str, Any]:
    article = scored.article
    return {
        "article": article.id, "title": article.text[: article.title_end].strip("\ufeff \r\n\t"), "text_sha256": digest,
        "language": language[0], "language_confidence": language[1], **counts.to_dict(),
        "strongest": strongest(scored.sentences), "metadata": dict(article.metadata),
    }  # fmt: skip


def _source(article: Article) -> Mapping[str, Any]:
    """What a report needs that score lines do not hold."""
    return {
        "article": article.id,
        "text": article.text,
        "title_end": article.title_end,
        "metadata": dict(article.metadata),
    }


def _json_line(value: Mapping[str, Any]) -> str:
    return dump_json(value) + "\n"


def merged(tallies: Sequence[Mapping[str, Any]], techniques: Sequence[str]) -> Tally:
    """The counts of shards together."""
    total = Tally(tuple(techniques))
    for one in tallies:
        total.merge(Tally(tuple(techniques), **one))
    return total
