"""Articles to scored sentences, in the two steps of a scorer: what needs no model, and what does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

from spinscope.data.inputs import Skipped, headline_end
from spinscope.data.score_files import PROBABILITY, about_article, score_line
from spinscope.data.sentences import article_sentences
from spinscope.data.shards import shards
from spinscope.files import sha256_of_text
from spinscope.model.prediction import any_technique, undecided
from spinscope.model.source_heads import as_if_from, require_source
from spinscope.records import Article, ScoredSentence, Sentence

if TYPE_CHECKING:
    from spinscope.model.prediction import Bands, Classifier, Prediction


@dataclass(frozen=True, slots=True)
class ScoredArticle:
    """An article and its sentences in order: `article.text[s.start:s.end] == s.text` for each."""

    article: Article
    sentences: tuple[ScoredSentence, ...]


@dataclass(frozen=True, slots=True)
class PreparedArticles:
    """Articles split, their voices known, their sentences tokenised: what `Classifier.run` takes is `texts`."""

    articles: tuple[Article, ...]
    sentences: tuple[tuple[Sentence, ...], ...]
    texts: Any


def prepare_articles(
    classifier: Classifier, articles: Iterable[Article], *, as_source: str | None = None
) -> PreparedArticles:
    """Splits articles and prepares their sentences; needs no model, so that it may run beside `Classifier.run`.

    `as_source` names the source whose head scores them; None: the mean of all, or the only one.
    """
    kept = tuple(articles)
    split = tuple(tuple(article_sentences(article)) for article in kept)
    sentences = as_if_from(as_source, [sentence for several in split for sentence in several], classifier)
    return PreparedArticles(kept, split, classifier.prepare(sentences))


def scored_articles(
    classifier: Classifier, prepared: PreparedArticles, prediction: Prediction, bands: Bands | None = None
) -> Iterator[ScoredArticle]:
    """Yields the articles with the scores of their sentences, in order; `bands`: other than the checkpoint's."""
    ids = classifier.inventory.ids
    values = iter(prediction.probabilities.tolist())
    decided = iter(classifier.decide(prediction.probabilities).tolist())
    windows = iter(prediction.n_windows.tolist())
    doubtful = undecided(classifier.decision, prediction.probabilities, bands)
    inside = iter(doubtful.tolist()) if doubtful is not None else repeat(None)
    of_any = any_technique(classifier.decision, prediction.probabilities)
    said = iter(of_any) if of_any is not None else repeat((None, None))
    for article, sentences in zip(prepared.articles, prepared.sentences, strict=True):
        found = (
            _scored(
                one, ids, next(values), next(decided), n_windows=next(windows), inside=next(inside), said=next(said)
            )
            for one in sentences
        )
        yield ScoredArticle(article, tuple(found))


def _scored(
    sentence: Sentence, ids: Sequence[str], values: list[float], decided: list[bool], *, n_windows: int,
    inside: list[bool] | None, said: tuple[float | None, bool | None],
) -> ScoredSentence:  # fmt: skip
    techniques = tuple(name for name, yes in zip(ids, decided, strict=True) if yes)
    abstained = None if inside is None else tuple(name for name, yes in zip(ids, inside, strict=True) if yes)
    return ScoredSentence(
        sentence.article, sentence.index, sentence.start, sentence.end, sentence.text, sentence.voices,
        dict(zip(ids, values, strict=True)), techniques, n_windows, abstained, *said,
    )  # fmt: skip


def score_lines(classifier: Classifier, scored: ScoredArticle, *, text_sha256: str = "") -> list[dict[str, Any]]:
    """The article's score lines, as `spinscope score` writes them (see `score_line`)."""
    origin = {
        "checkpoint": classifier.name, "checkpoint_sha256": classifier.identity,
        "taxonomy_sha256": classifier.inventory.hash, "text_sha256": text_sha256 or sha256_of_text(scored.article.text),
    }  # fmt: skip
    about, title_end = about_article(scored.article), scored.article.title_end
    return [
        score_line(one, part="title" if one.end <= title_end else "body", about=about, origin=origin)
        for one in scored.sentences
    ]


def score_articles(
    classifier: Classifier, articles: Iterable[Article | Skipped | Mapping[str, Any] | str], *, as_source: str | None = None
) -> Iterator[ScoredArticle]:
    """Yields each article with its scored sentences; memory does not grow with their number.

    The sentences of a shard of articles are scored together, as `spinscope score` does, with the same result.

    Args:
        classifier: an open checkpoint.
        articles: what `read_articles` yields, or mappings with `text`, `id` if there is one, and what else is known,
            or texts.
        as_source: the source whose head scores them, for a checkpoint that has one for each; None: the mean of all.

    Raises:
        UserError: the checkpoint has no head for that source.
    """
    require_source(as_source, classifier)
    for shard in shards(as_article(one, number) for number, one in enumerate(articles)):
        kept = (item for item in shard.items if not isinstance(item, Skipped))
        prepared = prepare_articles(classifier, kept, as_source=as_source)
        yield from scored_articles(classifier, prepared, classifier.run(prepared.texts))


def as_article(given: Article | Skipped | Mapping[str, Any] | str, number: int) -> Article | Skipped:
    """What was given as an article; one without id gets its number."""
    if isinstance(given, Article | Skipped):
        return given
    row: Mapping[str, Any] = {"text": given} if isinstance(given, str) else given
    text = row["text"]
    metadata = {name: value for name, value in row.items() if name not in ("id", "text")}
    return Article(str(row.get("id", number)), text, headline_end(text), metadata)


def score_rows(
    classifier: Classifier, rows: Mapping[str, Sequence[Any]], *, text_column: str = "text", id_column: str = "id"
) -> dict[str, list[Any]]:
    """Columns of articles to columns of score lines, one row per sentence: a function for `datasets.Dataset.map`.

    Args:
        classifier: an open checkpoint.
        rows: columns of equal length; those other than text and id are repeated for each sentence under their names.
        text_column: the column with the texts.
        id_column: the column with the ids; rows are numbered within the batch where there is none.
    """
    n_rows = len(rows[text_column])
    given = [{name: column[row] for name, column in rows.items()} for row in range(n_rows)]
    articles = ({"id": one.get(id_column, row), "text": one[text_column], "row": row} for row, one in enumerate(given))
    names = ["article", "index", "start", "end", "text", "part", "voice", "techniques"]
    names += ["abstained"] if classifier.decision.band_lows else []
    names += ["any_probability", "any_decided"] if classifier.decision.any_threshold is not None else []
    columns: dict[str, list[Any]] = {name: [] for name in names}
    columns |= {f"{PROBABILITY}{name}": [] for name in classifier.inventory.ids}
    columns |= {name: [] for name in rows if name not in (text_column, id_column)}
    for scored in score_articles(classifier, articles):
        carried = given[scored.article.metadata["row"]]
        for line in score_lines(classifier, scored):
            scores = {f"{PROBABILITY}{name}": value for name, value in line["probabilities"].items()}
            for name, column in columns.items():
                column.append(line[name] if name in names else scores[name] if name in scores else carried[name])
    return columns
