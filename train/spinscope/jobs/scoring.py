"""`spinscope score`: articles of any kind in; a line for each sentence, a summary for each article, a report out.

Articles stream through: some thousand sentences at a time are in memory, however many articles there are. Everything
that is written appears under its name when it is whole.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from rich.progress import Progress

from spinscope.data.articles import ArticleColumns, Skipped, find_files, holds_many, read_articles
from spinscope.data.language import detect_language, is_foreign
from spinscope.data.score_files import ScoreWriter, about_article, check_ending, open_scores, score_line
from spinscope.data.sentences import article_sentences
from spinscope.data.summaries import ANY, Tally, strongest, tally
from spinscope.errors import DONE, DONE_WITH_FINDINGS, UserError
from spinscope.files import atomic_file, dump_json, sha256_of_file, sha256_of_text, write_json, write_text
from spinscope.jobs.progress import progress_bar, show
from spinscope.jobs.score_manifest import counts_of, dev_rates, scored_with
from spinscope.records import Article, ScoredSentence, Sentence
from spinscope.report.articles import ReportedArticle, render_articles

if TYPE_CHECKING:
    from spinscope.model.prediction import Classifier

SENTENCES_PER_BATCH = 2048
ARTICLES_IN_REPORT = 200
_SKIPS_SHOWN = 20


def score(
    inputs: Sequence[str], *, checkpoint: Path | str, out: Path, report: Path | None = None, text_column: str = "text",
    id_column: str | None = None, any_language: bool = False, keep_text: Path | None = None, stdin_kind: str = "text",
) -> int:  # fmt: skip
    """Scores articles sentence by sentence with the checkpoint at `checkpoint`.

    Args:
        inputs: files, folders, globs, or `-` for standard input.
        checkpoint: checkpoint folder.
        out: file for the scores; its ending (.jsonl, .csv, .parquet) says the format. Beside it are written
            `<stem>.summary.jsonl` (one line for each article) and `<stem>.manifest.json` (all articles together).
        report: HTML page with the articles and their marked sentences.
        text_column: column with the article's text, in tables.
        id_column: column with the article's id; None: `id` where there is one, else file name and row.
        any_language: score articles in languages that the checkpoint was not trained on, too.
        keep_text: folder for the article texts that offsets refer to, each as `<text_sha256>.txt`.
        stdin_kind: what standard input holds: text, markdown, html, jsonl, csv or tsv.

    Returns:
        0, or 1 where an input was skipped.

    Raises:
        UserError: before anything is scored: a missing input or column, an unknown ending, an output that is an input.
    """
    from spinscope.model.checkpoint import open_checkpoint

    columns = ArticleColumns(text_column, None if id_column in (None, "id") else id_column)
    check_outputs(inputs, out=out, report=report)
    articles = read_articles(inputs, columns=columns, stdin_kind=stdin_kind)
    return score_articles(
        articles, open_checkpoint(checkpoint), out=out, report=report, any_language=any_language, keep_text=keep_text,
        n_articles=_number_of_articles(inputs),
    )  # fmt: skip


def score_articles(
    articles: Iterable[Article | Skipped], classifier: Classifier, *, out: Path, report: Path | None = None,
    any_language: bool = False, keep_text: Path | None = None, n_articles: int | None = None,
    sentences_per_batch: int = SENTENCES_PER_BATCH,
) -> int:  # fmt: skip
    """Scores articles with an open classifier; see `score`. `n_articles` is for the progress bar alone."""
    run = _Run(classifier, keep_text)
    languages = None if any_language else classifier.languages
    with ExitStack() as stack:
        scores = stack.enter_context(open_scores(out, techniques=classifier.inventory.ids))
        partial = stack.enter_context(atomic_file(out.with_suffix(".summary.jsonl")))
        summaries = stack.enter_context(partial.open("w", encoding="utf-8", newline=""))
        progress = stack.enter_context(progress_bar())
        task = progress.add_task("scoring articles", total=n_articles, note="")
        for batch in _batches(run.accepted(articles, languages, progress, task), sentences_per_batch):
            run.score_batch(batch, scores, summaries)
            progress.update(task, advance=len(batch), note=f"{run.total_sentences:,} sentences")
    write_json(out.with_suffix(".manifest.json"), run.manifest(out))
    if report is not None:
        write_text(report, run.report())
    run.tell(out, report)
    return DONE_WITH_FINDINGS if run.skipped else DONE


def check_outputs(inputs: Sequence[str], *, out: Path, report: Path | None) -> None:
    """Refuses an ending that says no format, and an output that would replace an input. Raises UserError."""
    check_ending(out)
    written = [out, out.with_suffix(".summary.jsonl"), out.with_suffix(".manifest.json"), *([report] if report else [])]
    read = {Path(path).resolve() for path in find_files(inputs)}
    for path in written:
        if path.resolve() in read:
            raise UserError("an output that is also an input", where=str(path), remedy="write elsewhere.")
    if len({path.resolve() for path in written}) < len(written):
        raise UserError("two outputs with one name", where=str(report), remedy="give the report another name.")


@dataclass
class _Run:
    """What one run holds from the first article to the last."""

    classifier: Classifier
    keep_text: Path | None
    skipped: list[Skipped] = field(default_factory=list)
    n_articles: int = 0
    shown: list[tuple[float, int, ReportedArticle]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.total = Tally(self.classifier.inventory.ids)

    @property
    def total_sentences(self) -> int:
        return sum(self.total.n_sentences.values())

    def accepted(
        self, items: Iterable[Article | Skipped], languages: Sequence[str] | None, progress: Progress, task: Any
    ) -> Iterator[tuple[Article, list[Sentence]]]:
        """The articles to score, split into sentences; the rest goes to `skipped`."""
        for item in items:
            found = self._sentences(item, languages)
            if isinstance(found, Skipped):
                self.skipped.append(found)
                progress.update(task, advance=1)
            else:
                yield found

    def _sentences(
        self, item: Article | Skipped, languages: Sequence[str] | None
    ) -> tuple[Article, list[Sentence]] | Skipped:
        if isinstance(item, Skipped):
            return item
        foreign = is_foreign(item.text, list(languages)) if languages is not None else None
        if foreign is not None:
            known = ", ".join(languages or ())
            return Skipped(item.id, f"in language '{foreign}', the checkpoint knows {known} (--any-language scores it)")
        return item, article_sentences(item)

    def score_batch(self, batch: list[tuple[Article, list[Sentence]]], scores: ScoreWriter, summaries: IO[str]) -> None:
        """Scores a batch of articles and writes their lines and summaries."""
        prediction = self.classifier.probabilities([sentence for _, several in batch for sentence in several])
        decisions = self.classifier.decide(prediction.probabilities)
        ids = self.classifier.inventory.ids
        row = 0
        for article, sentences in batch:
            scored = []
            for sentence in sentences:
                values = dict(zip(ids, prediction.probabilities[row].tolist(), strict=True))
                decided = tuple(name for name, yes in zip(ids, decisions[row], strict=True) if yes)
                scored.append(_scored(sentence, values, decided, n_windows=int(prediction.n_windows[row])))
                row += 1
            self._write(article, sentences, scored, scores, summaries)

    def _write(
        self, article: Article, sentences: list[Sentence], scored: list[ScoredSentence], scores: ScoreWriter,
        summaries: IO[str],
    ) -> None:  # fmt: skip
        digest = sha256_of_text(article.text)
        origin = {**self._origin(), "text_sha256": digest}
        about = about_article(article)
        scores.write(
            score_line(one, part=sentence.part, about=about, origin=origin)
            for sentence, one in zip(sentences, scored, strict=True)
        )
        if self.keep_text is not None:
            write_text(self.keep_text / f"{digest}.txt", article.text)
        counts = tally(scored, techniques=self.classifier.inventory.ids)
        summaries.write(dump_json(self._article_summary(article, scored, counts, digest)) + "\n")
        self.total.merge(counts)
        self.n_articles += 1
        self._show(ReportedArticle(article, tuple(scored), counts))

    def _origin(self) -> dict[str, str]:
        classifier = self.classifier
        return {
            "checkpoint": classifier.name, "checkpoint_sha256": classifier.identity,
            "taxonomy_sha256": classifier.inventory.hash,
        }  # fmt: skip

    def _article_summary(
        self, article: Article, scored: list[ScoredSentence], counts: Tally, digest: str
    ) -> Mapping[str, Any]:
        language, confidence = detect_language(article.text)
        return {
            "article": article.id, "title": article.text[: article.title_end].strip("\ufeff \r\n\t"),
            "text_sha256": digest, "language": language or None, "language_confidence": round(confidence, 4),
            **counts.to_dict(), "strongest": strongest(scored), "metadata": dict(article.metadata),
        }  # fmt: skip

    def _show(self, reported: ReportedArticle) -> None:
        """Keeps the article for the report: of very many, those with the densest marks."""
        counts = reported.tally
        density = sum(counts.n_marked[ANY].values()) / max(1, sum(counts.n_words.values()))
        entry = (density, -self.n_articles, reported)
        if len(self.shown) < ARTICLES_IN_REPORT:
            heapq.heappush(self.shown, entry)
        else:
            heapq.heappushpop(self.shown, entry)

    def manifest(self, out: Path) -> Mapping[str, Any]:
        """What was scored and how, all articles together, and what was skipped."""
        return {
            **scored_with(self.classifier), "counts": counts_of(self.total.to_dict(), n_articles=self.n_articles),
            "skipped": [{"path": item.path, "reason": item.reason} for item in self.skipped],
            "files": [{"name": out.name, "sha256": sha256_of_file(out)}], **dev_rates(self.classifier),
        }  # fmt: skip

    def report(self) -> str:
        """The HTML page, articles in the order they came."""
        shown = [entry[2] for entry in sorted(self.shown, key=lambda entry: -entry[1])]
        return render_articles(
            shown, inventory=self.classifier.inventory, thresholds=self.classifier.decision.thresholds,
            checkpoint=self.classifier.name, identity=self.classifier.identity, total=self.total,
            n_articles=self.n_articles, skipped=self.skipped,
        )  # fmt: skip

    def tell(self, out: Path, report: Path | None) -> None:
        """Says what was written and lists what was skipped."""
        where = f"{out}, {out.with_suffix('.summary.jsonl')}" + (f", {report}" if report else "")
        show(f"{self.n_articles:,} articles, {self.total_sentences:,} sentences scored: {where}")
        if self.skipped:
            show(f"{len(self.skipped):,} inputs skipped:")
        for item in self.skipped[:_SKIPS_SHOWN]:
            show(f"  {item.path}: {item.reason}")
        if len(self.skipped) > _SKIPS_SHOWN:
            show(f"  ... all of them are in {out.with_suffix('.manifest.json')}")


def _scored(
    sentence: Sentence, values: Mapping[str, float], decided: tuple[str, ...], *, n_windows: int
) -> ScoredSentence:
    return ScoredSentence(
        sentence.article, sentence.index, sentence.start, sentence.end, sentence.text, sentence.voices, values, decided,
        n_windows,
    )  # fmt: skip


def _number_of_articles(inputs: Sequence[str]) -> int | None:
    files = find_files(inputs)
    return None if any(holds_many(path) or path == "-" for path in files) else len(files)


def _batches(
    items: Iterable[tuple[Article, list[Sentence]]], sentences_per_batch: int
) -> Iterator[list[tuple[Article, list[Sentence]]]]:
    """Whole articles together until they hold enough sentences."""
    batch: list[tuple[Article, list[Sentence]]] = []
    n_sentences = 0
    for item in items:
        batch.append(item)
        n_sentences += len(item[1])
        if n_sentences >= sentences_per_batch:
            yield batch
            batch, n_sentences = [], 0
    if batch:
        yield batch
