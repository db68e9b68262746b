"""`spinscope score`: articles of any kind in; a line for each sentence, a summary for each article, a report out.

The articles are read into shards. While the model computes one, the next is read, split and tokenised and the last one
is written, so that some shards are in memory, however many articles there are. A finished shard is kept whatever happens
to the process: the same command goes on after it, and ends with the same bytes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinscope.data.articles import find_files, holds_many, read_articles
from spinscope.data.inputs import STANDARD_INPUT, ArticleColumns, Skipped
from spinscope.data.score_reading import verify
from spinscope.data.shards import ARTICLES_PER_SHARD, CHARACTERS_PER_SHARD, Shard, digest_of, shards
from spinscope.errors import DONE, DONE_WITH_FINDINGS, UserError
from spinscope.files import dump_json, sha256_of_file
from spinscope.jobs.abstaining import bands_of, drawn_band
from spinscope.jobs.collecting import rare_collections
from spinscope.jobs.durable import write_durably
from spinscope.jobs.local_scoring import score_locally
from spinscope.jobs.progress import show
from spinscope.jobs.score_engines import check_ray, checkpoint_facts, divided, open_in_engine
from spinscope.jobs.score_manifest import described, engine_record, engine_told, manifest_of, run_record
from spinscope.jobs.score_paths import ScorePaths, score_paths
from spinscope.jobs.scoring_assembly import assemble, write_report
from spinscope.jobs.scoring_output import UNFINISHED, WHOLE, ScoreOutput, input_differs
from spinscope.jobs.shard_scoring import ShardRules, merged
from spinscope.model.source_heads import require_source
from spinscope.records import Article

if TYPE_CHECKING:
    from spinscope.model.prediction import Bands, Classifier

_SKIPS_SHOWN = 20
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ScoreOptions:
    """How articles are scored and written.

    Attributes:
        report: HTML page with the articles and their marked sentences.
        any_language: score articles in languages that the checkpoint was not trained on, too.
        keep_text: folder for the article texts that offsets refer to, each as `<text_sha256>.txt`.
        columns: column names of tables.
        stdin_kind: what standard input holds: text, markdown, html, jsonl, csv or tsv.
        engine: what computes the model; `auto` measures; None: the fastest exact one; `ray` before a colon: on Ray.
        threads: of the engine; None: one for each core.
        articles_per_shard: articles that are scored together, and lost together when the process is killed.
        workers: processes on Ray; None: as many as its cores allow.
        abstain: each line says which techniques lie within the band of doubt, outside which so large a share of the
            decisions on dev is wrong; None: as the checkpoint carries a band, or none.
        as_source: the source whose head scores the sentences, for a checkpoint that has one for each; None: their mean.
        evidence: show in the report which words carry the scores, of the sentences that are decided most clearly.
    """

    report: Path | None = None
    any_language: bool = False
    keep_text: Path | None = None
    columns: ArticleColumns = field(default_factory=ArticleColumns)
    stdin_kind: str = "text"
    engine: str | None = None
    threads: int | None = None
    articles_per_shard: int = ARTICLES_PER_SHARD
    workers: int | None = None
    evidence: bool = False
    abstain: float | None = None
    as_source: str | None = None

    def to_dict(self, paths: ScorePaths) -> dict[str, Any]:
        """As the run record keeps them."""
        return {
            "format": paths.kind, "partition_by": list(paths.partition_by), "columns": self.columns.chosen(),
            "stdin_kind": self.stdin_kind, "any_language": self.any_language,
            "report": str(self.report) if self.report else None, **({"evidence": True} if self.evidence else {}),
            **({} if self.abstain is None else {"abstain": self.abstain}),
            **({} if self.as_source is None else {"as_source": self.as_source}),
            "keep_text": str(self.keep_text) if self.keep_text else None, "engine": self.engine, "threads": self.threads,
        }  # fmt: skip

    def batching(self) -> dict[str, int]:
        """How shards are cut, as the run record keeps it."""
        return {"articles_per_shard": self.articles_per_shard, "characters_per_shard": CHARACTERS_PER_SHARD}

    def rules(self, paths: ScorePaths, classifier: Classifier, bands: Bands | None = None) -> ShardRules:
        """What of them decides a shard; `bands` of doubt that are drawn."""
        languages = None if self.any_language else tuple(classifier.languages)
        return ShardRules(
            paths.kind, languages, with_report=self.report is not None, with_texts=self.keep_text is not None,
            bands=bands, as_source=self.as_source,
        )  # fmt: skip


def score(
    inputs: Sequence[str], *, checkpoint: Path | str, out: Path, kind: str | None = None,
    partition_by: Sequence[str] = (), overwrite: bool = False, **settings: Any,
) -> int:  # fmt: skip
    """Scores articles sentence by sentence with the checkpoint at `checkpoint`; goes on where the same call stopped.

    Args:
        inputs: files, folders, globs, or `-` for standard input.
        checkpoint: checkpoint folder.
        out: file for the scores, its ending (.jsonl, .csv, .parquet) says the format; or a folder for shards of them.
            Beside them a summary (one line for each article), what was skipped, and a manifest are written.
        kind: format of the shards in a folder; None: Parquet.
        partition_by: columns by whose values the scores are dealt out into folders.
        overwrite: replace finished scores, and an unfinished run of another input, checkpoint or other settings.
        settings: fields of `ScoreOptions`.

    Returns:
        0, or 1 where an input was skipped.

    Raises:
        UserError: before anything is scored: a missing input or column, an unknown ending, an output that is an input,
            an output of another run, or one that another process is writing; later: an input that is not what the
            finished shards were made of, a full disk.
    """
    given = ScoreOptions(**settings)
    on_ray, engine = divided(given.engine, workers=given.workers)
    options = replace(given, engine=engine)
    paths = score_paths(out, kind=kind, partition_by=partition_by)
    files = input_files(inputs, paths, report=options.report)
    if on_ray:
        check_ray(files)

    def cut() -> Iterator[Shard]:
        articles = read_articles(files, columns=options.columns, stdin_kind=options.stdin_kind)
        return shards(articles, n_articles=options.articles_per_shard)

    found = cut()
    facts, asked = checkpoint_facts(Path(checkpoint)), options.to_dict(paths)
    wanted = run_record(facts, options=asked, batching=options.batching(), inputs=described(inputs, files))
    output = ScoreOutput(paths, overwrite=overwrite, keep_text=options.keep_text)
    with output.locked():
        output.begin(wanted)
        if output.state == WHOLE:
            return _tell_whole(output, found)
        if output.state == UNFINISHED:
            show(f"{paths.out}: an interrupted run is there; finished shards are kept.")
        found, classifier, choice = open_in_engine(
            checkpoint, found, engine=engine, threads=options.threads, begun=output.run
        )
        require_source(options.as_source, classifier)
        if output.state != UNFINISHED:
            output.start({**wanted, **engine_record(classifier, choice=choice)})
        n_articles = _number_of_articles(files)
        if on_ray:
            from spinscope.jobs.ray_scoring import score_on_ray

            compute = partial(score_on_ray, classifier, cut, output, n_workers=options.workers, n_articles=n_articles)
        else:
            compute = partial(score_locally, classifier, found, output, n_articles=n_articles)
        return _scored(classifier, compute, output, options)


def score_articles(
    articles: Iterable[Article | Skipped], classifier: Classifier, *, out: Path, kind: str | None = None,
    partition_by: Sequence[str] = (), overwrite: bool = False, **settings: Any,
) -> int:  # fmt: skip
    """Scores articles with an open classifier; see `score`."""
    options = ScoreOptions(**settings)
    paths = score_paths(out, kind=kind, partition_by=partition_by)
    facts = {
        "name": classifier.name, "identity": classifier.identity,
        "taxonomy": {"name": classifier.inventory.name, "sha256": classifier.inventory.hash},
    }  # fmt: skip
    wanted = run_record(facts, options=options.to_dict(paths), batching=options.batching(), inputs={})
    found = shards(articles, n_articles=options.articles_per_shard)
    output = ScoreOutput(paths, overwrite=overwrite, keep_text=options.keep_text)
    with output.locked():
        output.begin(wanted)
        if output.state == WHOLE:
            return _tell_whole(output, found)
        require_source(options.as_source, classifier)
        if output.state != UNFINISHED:
            output.start({**wanted, **engine_record(classifier)})
        return _scored(classifier, partial(score_locally, classifier, found, output), output, options)


def input_files(inputs: Sequence[str], paths: ScorePaths, *, report: Path | None) -> list[str]:
    """The files that are read. What the same command wrote into a folder or glob that is read is none of them.

    Raises:
        UserError: an output that would replace an input that was named, two outputs with one name, or no input.
    """
    written = [*paths.delivered(), *([report] if report else [])]
    own = {path.resolve() for path in written}
    if len(own) < len(written):
        raise UserError("two outputs with one name", where=str(report), remedy="give the report another name.")
    found = find_files(inputs)
    for path in found:
        if path in inputs and Path(path).resolve() in own:
            raise UserError("an output that is also an input", where=path, remedy="write elsewhere.")
    files = [path for path in found if path in inputs or not _is_own(Path(path).resolve(), own, paths)]
    if not files:
        raise UserError("nothing to read but the output", where=", ".join(inputs), remedy="name the articles.")
    return files


def _is_own(path: Path, own: Collection[Path], paths: ScorePaths) -> bool:
    return path in own or (paths.is_folder and path.is_relative_to(paths.scores.resolve()))


def _scored(
    classifier: Classifier, compute: Callable[..., Sequence[Record]], output: ScoreOutput, options: ScoreOptions
) -> int:
    """Scores what is not finished, joins all, writes report and manifest, and says what came of it."""
    paths, start = output.paths, time.monotonic()
    drawn = drawn_band(classifier, options.abstain)
    with rare_collections():
        records = compute(rules=options.rules(paths, classifier, bands_of(drawn)))
    seconds = time.monotonic() - start
    output.check_end(len(records))
    total = merged([record["tally"] for record in records], classifier.inventory.ids)
    files, others = assemble(
        paths, records, techniques=classifier.inventory.ids, with_abstained=bool(drawn),
        with_any=classifier.decision.any_threshold is not None,
    )  # fmt: skip
    if options.report is not None:
        write_report(
            options.report, paths, records, classifier=classifier, total=total, with_evidence=options.evidence
        )
    hashes = {file.relative_to(paths.base).as_posix(): sha256_of_file(file) for file in others}
    manifest = manifest_of(classifier, output.run, records, total=total, files=files, others=hashes)
    manifest |= {"bands": drawn} if drawn else {}
    write_durably(paths.manifest, (dump_json(manifest, indent=2) + "\n").encode("utf-8"))
    output.close()
    _tell(manifest, paths, options, seconds=seconds)
    return DONE_WITH_FINDINGS if manifest["n_skipped"] else DONE


def _tell(manifest: Mapping[str, Any], paths: ScorePaths, options: ScoreOptions, *, seconds: float) -> None:
    """Says what was written, and lists what was skipped."""
    counts = manifest["counts"]
    where = [
        paths.scores if paths.is_folder else paths.out,
        paths.summary,
        *([options.report] if options.report else []),
    ]
    show(
        f"{counts['n_articles']:,} articles, {counts['n_sentences']:,} sentences scored in {seconds:,.1f} s, "
        f"{manifest['repeated_fraction']:.1%} of them copies computed once: {', '.join(str(path) for path in where)}"
    )
    show(f"{manifest['padded_fraction']:.1%} of the tokens padding; engine {engine_told(manifest)}")
    if manifest["n_skipped"]:
        show(f"{manifest['n_skipped']:,} inputs skipped:")
    for item in manifest["skipped"][:_SKIPS_SHOWN]:
        show(f"  {item['path']}: {item['reason']}")
    if manifest["n_skipped"] > _SKIPS_SHOWN:
        show(f"  ... all of them are in {paths.skipped}")


def _tell_whole(output: ScoreOutput, found: Iterable[Shard]) -> int:
    """Says that nothing is to be done, once input and files were compared with the manifest.

    Raises:
        UserError: they differ.
    """
    manifest, paths = output.run, output.paths
    records, n_shards = manifest["shards"], 0
    for shard in found:
        if shard.number >= len(records) or digest_of(shard).input_sha256 != records[shard.number]["input_sha256"]:
            raise input_differs(paths.out, shard.number, n_inputs=len(shard.items))
        n_shards += 1
    if n_shards < len(records):
        raise input_differs(paths.out, n_shards, n_inputs=records[n_shards]["n_inputs"])
    for entry in manifest["files"]:
        verify(paths.base / entry["name"], entry["sha256"])
    for name, sha256 in manifest["other_files"].items():
        verify(paths.base / name, sha256)
    output.close()
    show(f"{paths.out}: finished before, with this checkpoint and this input; nothing to do.")
    return DONE_WITH_FINDINGS if manifest["n_skipped"] else DONE


def _number_of_articles(files: Sequence[str]) -> int | None:
    return None if any(holds_many(path) or path == STANDARD_INPUT for path in files) else len(files)
