"""Where the scores of a run lie: in one file with others beside it, or in a folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from spinscope.data.score_files import ENDINGS, FORMATS, check_ending
from spinscope.data.score_joining import PARTITIONS
from spinscope.data.score_reading import MANIFEST
from spinscope.errors import UserError, did_you_mean
from spinscope.jobs.shard_scoring import REPORT, SCORES, SUMMARY


@dataclass(frozen=True, slots=True)
class ScorePaths:
    """The files of a run.

    A folder holds `scores/` (so that a tool that reads all files of a folder finds scores alone), `summary.jsonl`,
    `skipped.jsonl` and `manifest.json`. Beside a file `x.csv` stand `x.summary.jsonl`, `x.skipped.jsonl` and
    `x.manifest.json`. Until the run is finished there is a work folder.

    Attributes:
        out: as given.
        kind: format: jsonl, csv or parquet.
        is_folder: whether `out` is a folder.
        partition_by: columns by which the scores are dealt out into folders.
    """

    out: Path
    kind: str
    is_folder: bool
    partition_by: tuple[str, ...] = ()

    @property
    def work(self) -> Path:
        """The work folder: run record, shard records, and what is joined at the end."""
        return self.out / ".work" if self.is_folder else self.out.with_name(f".{self.out.name}.shards")

    @property
    def base(self) -> Path:
        """The folder from which manifest and records name files."""
        return self.out if self.is_folder else self.out.parent

    @property
    def lock(self) -> Path:
        """The file that a running process holds locked."""
        return self.out / ".lock" if self.is_folder else self.out.with_name(f".{self.out.name}.lock")

    @property
    def run(self) -> Path:
        """The run record: what was asked for, and with what it is done."""
        return self.work / "run.json"

    @property
    def scores(self) -> Path:
        """The folder of scores."""
        return self.out / "scores"

    @property
    def summary(self) -> Path:
        """A line for each article."""
        return self.out / "summary.jsonl" if self.is_folder else self.out.with_suffix(".summary.jsonl")

    @property
    def skipped(self) -> Path:
        """A line for each input that was not scored; not there where all were."""
        return self.out / "skipped.jsonl" if self.is_folder else self.out.with_suffix(".skipped.jsonl")

    @property
    def manifest(self) -> Path:
        """What was scored and how; there when all else is."""
        return self.out / MANIFEST if self.is_folder else self.out.with_suffix(".manifest.json")

    @property
    def shards_stay(self) -> bool:
        """Whether the shards are what is delivered; else they are joined or dealt out at the end."""
        return self.is_folder and not self.partition_by

    def shard(self, number: int, what: str) -> Path:
        """A file of a shard: SCORES, SUMMARY or REPORT."""
        if what == SCORES:
            return (self.scores if self.shards_stay else self.work) / f"part-{number:05d}.{self.kind}"
        return self.work / f"{number:05d}.{what}.jsonl"

    def record(self, number: int) -> Path:
        """The record of a finished shard."""
        return self.work / f"{number:05d}.json"

    def shard_files(self, number: int, *, with_report: bool) -> Iterator[tuple[str, Path]]:
        """What is kept of a finished shard."""
        for what in (SCORES, SUMMARY, *([REPORT] if with_report else [])):
            yield what, self.shard(number, what)

    def delivered(self) -> list[Path]:
        """The files that a run writes and that must not be its inputs; folders left out."""
        return [self.summary, self.skipped, self.manifest, *([] if self.is_folder else [self.out])]


def score_paths(out: Path, *, kind: str | None = None, partition_by: Sequence[str] = ()) -> ScorePaths:
    """The paths of a run that writes to `out`: a file where its ending says a format, else a folder.

    Args:
        out: file or folder.
        kind: format of a folder's files; None: Parquet.
        partition_by: columns, of `PARTITIONS`.

    Raises:
        UserError: an ending that says no format, or another than `kind`; partitions that cannot be.
    """
    if kind is not None and kind not in FORMATS:
        raise UserError(f"format '{kind}'", where="--format", expected=", ".join(FORMATS))
    is_folder = out.is_dir() or (out.suffix.lower() not in ENDINGS and (kind is not None or not out.suffix))
    if is_folder:
        paths = ScorePaths(out, kind or "parquet", True, tuple(dict.fromkeys(partition_by)))
    else:
        said = check_ending(out)
        if kind not in (None, said):
            raise UserError(f"--format {kind} and a name that ends in .{said}", where=str(out), remedy="drop --format.")
        paths = ScorePaths(out, said, False, tuple(dict.fromkeys(partition_by)))
    for name in paths.partition_by:
        if name not in PARTITIONS:
            raise UserError(
                f"no column '{name}'", where="--partition-by", expected=f"one of {', '.join(PARTITIONS)}",
                remedy=did_you_mean(name, PARTITIONS),
            )  # fmt: skip
    if paths.partition_by and (not is_folder or paths.kind != "parquet"):
        raise UserError(
            "--partition-by for " + (f"{paths.kind} files" if is_folder else "a single file"), where=str(out),
            expected="a folder of Parquet files", remedy="name a folder with --out, and no other --format.",
        )  # fmt: skip
    return paths
