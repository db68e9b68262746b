"""The end of a run: shards joined into what is delivered, the HTML report, and last the manifest."""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinscope.data.inputs import Skipped
from spinscope.data.score_files import score_schema
from spinscope.data.score_joining import deal_parquet, join_lines, join_parquet, parquet_writer
from spinscope.data.score_reading import read_scores
from spinscope.data.summaries import ANY, Tally, tally
from spinscope.files import dump_json, sha256_of_file
from spinscope.jobs.durable import discard_folder, durable_file, sync_folder, write_durably
from spinscope.jobs.score_manifest import engine_record, engine_told
from spinscope.jobs.score_paths import ScorePaths
from spinscope.jobs.shard_scoring import REPORT, SCORES, SUMMARY
from spinscope.records import Article, ScoredSentence, Voice
from spinscope.report.articles import ReportedArticle, render_articles

if TYPE_CHECKING:
    from spinscope.model.prediction import Classifier

ARTICLES_IN_REPORT = 200
WORDS_IN_REPORT = 400_000
"""Of all articles of the page together: a browser opens no page of a hundred megabytes."""

Record = Mapping[str, Any]


def assemble(
    paths: ScorePaths, records: Sequence[Record], *, techniques: Sequence[str], with_abstained: bool = False,
    with_any: bool = False,
) -> tuple[list[dict[str, Any]], list[Path]]:  # fmt: skip
    """Writes what is delivered beside manifest and report, from the shards' files. Done again, it writes the same.

    Returns:
        the manifest's `files` (the scores), and the other files.
    """
    if not paths.is_folder:
        # From here on the scores that may stand there are not those of the manifest that may stand there.
        paths.manifest.unlink(missing_ok=True)
        sync_folder(paths.base)
    files = _scores(paths, records, partial(score_schema, techniques, with_abstained=with_abstained, with_any=with_any))
    with durable_file(paths.summary) as stream:
        join_lines((paths.shard(record["shard"], SUMMARY) for record in records), stream, with_header=False)
    others = [paths.summary]
    if any(record["skipped"] for record in records):
        with durable_file(paths.skipped) as stream:
            for record in records:
                stream.write("".join(dump_json(item) + "\n" for item in record["skipped"]).encode("utf-8"))
        others.append(paths.skipped)
    else:
        paths.skipped.unlink(missing_ok=True)
    sync_folder(paths.base)
    return files, others


def _scores(paths: ScorePaths, records: Sequence[Record], schema: Callable[[], Any]) -> list[dict[str, Any]]:
    shards = [paths.shard(record["shard"], SCORES) for record in records]
    if paths.shards_stay:
        return [
            {"name": name, "sha256": sha256, "n_sentences": record["n_sentences"]}
            for record in records
            for name, sha256 in record["files"].items()
            if paths.base / name == paths.shard(record["shard"], SCORES)
        ]
    if paths.partition_by:
        return list(_dealt(paths, shards, schema()))
    with durable_file(paths.out) as stream:
        if paths.kind == "parquet":
            join_parquet(shards, stream, schema())
        else:
            join_lines(shards, stream, with_header=paths.kind == "csv")
    n_sentences = sum(record["n_sentences"] for record in records)
    return [{"name": paths.out.name, "sha256": sha256_of_file(paths.out), "n_sentences": n_sentences}]


def _dealt(paths: ScorePaths, shards: Iterable[Path], schema: Any) -> Iterator[dict[str, Any]]:
    discard_folder(paths.scores)  # of an end that was interrupted

    def write(name: str, table: Any) -> None:
        with durable_file(paths.scores / name) as stream, parquet_writer(stream, table.schema) as writer:
            writer.write_table(table)
        sync_folder((paths.scores / name).parent)

    for name, n_sentences, values in deal_parquet(shards, by=paths.partition_by, schema=schema, write=write):
        file = paths.scores / name
        entry = {"name": file.relative_to(paths.base).as_posix(), "sha256": sha256_of_file(file)}
        yield {**entry, "n_sentences": n_sentences, "partition": values}


def write_report(
    path: Path, paths: ScorePaths, records: Sequence[Record], *, classifier: Classifier, total: Tally,
    with_evidence: bool = False,
) -> None:  # fmt: skip
    """Writes the HTML page: of very many articles, those with the densest marks, in the order they came."""
    shown = list(_reported(paths, records, classifier.inventory.ids))
    evidence = {}
    if with_evidence:
        from spinscope.jobs.report_evidence import report_evidence

        evidence = report_evidence(classifier, shown)
    skipped = [Skipped(item["path"], item["reason"]) for record in records for item in record["skipped"]]
    page = render_articles(
        shown, inventory=classifier.inventory, evidence=evidence,
        thresholds=classifier.decision.thresholds, checkpoint=classifier.name, identity=classifier.identity, total=total,
        n_articles=sum(record["n_articles"] for record in records), skipped=skipped,
        engine=engine_told(engine_record(classifier)),
    )  # fmt: skip
    write_durably(path, page.encode("utf-8"))


def _reported(paths: ScorePaths, records: Sequence[Record], techniques: Sequence[str]) -> Iterator[ReportedArticle]:
    rows_of: dict[int, set[int]] = {}
    n_words = 0
    for _, _, shard, row, length in heapq.nlargest(ARTICLES_IN_REPORT, _densities(paths, records)):
        if n_words + length <= WORDS_IN_REPORT:
            rows_of.setdefault(shard, set()).add(row)
            n_words += length
    for shard in sorted(rows_of):
        sources = _lines(paths.shard(shard, REPORT))
        chosen = {one["article"]: one for row, one in enumerate(sources) if row in rows_of[shard]}
        sentences: dict[str, list[ScoredSentence]] = {name: [] for name in chosen}
        for line in read_scores(paths.shard(shard, SCORES)):
            if line["article"] in sentences:
                sentences[line["article"]].append(_sentence(line))
        for name, one in chosen.items():
            article = Article(name, one["text"], one["title_end"], one["metadata"])
            found = tuple(sentences[name])
            yield ReportedArticle(article, found, tally(found, techniques=techniques))


def _densities(paths: ScorePaths, records: Sequence[Record]) -> Iterator[tuple[float, int, int, int, int]]:
    """Of each article: marked sentences per word; the order, negative, so that the first goes first; shard, row, words."""
    number = 0
    for record in records:
        for row, line in enumerate(_lines(paths.shard(record["shard"], SUMMARY))):
            density = line["techniques"][ANY]["n_sentences"] / max(1, line["n_words"])
            yield density, -number, record["shard"], row, line["n_words"]
            number += 1


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as stream:
        for line in stream:
            yield json.loads(line)


def _sentence(line: Mapping[str, Any]) -> ScoredSentence:
    return ScoredSentence(
        line["article"], line["index"], line["start"], line["end"], line["text"],
        tuple(Voice(**voice) for voice in line["voices"]), line["probabilities"], tuple(line["techniques"]),
        line["n_windows"],
    )  # fmt: skip
