"""What a run has written so far: whole shards with their records, held to the run and the input they are of."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spinscope.data.score_reading import KIND
from spinscope.data.shards import ShardDigest
from spinscope.errors import UserError
from spinscope.files import dump_json, read_json, sha256_of_file, write_text
from spinscope.jobs.durable import discard_folder, durable_file, space_needed, sync_folder, write_durably
from spinscope.jobs.score_paths import ScorePaths
from spinscope.jobs.shard_scoring import ShardResult

FRESH, UNFINISHED, WHOLE = "fresh", "unfinished", "whole"
_TOLD_WHOLE = ("libraries", "spinscope")
"""What may have changed since without harm to finished scores."""
_GO_ON = "run it as it was begun, or name another --out, or discard what is there with --overwrite."
_DIFFERENCES_SHOWN = 6
_TEXT_SHOWN = 60


class ScoreOutput:
    """The output of a run, from its first shard to its last.

    Attributes:
        paths: where all lies.
        state: FRESH, UNFINISHED (some shards may be there) or WHOLE, after `begin`.
        run: the run record that is there, or `{}`.
    """

    def __init__(self, paths: ScorePaths, *, overwrite: bool = False, keep_text: Path | None = None) -> None:
        self.paths, self.overwrite, self.keep_text = paths, overwrite, keep_text
        self.state = FRESH
        self.run: dict[str, Any] = {}

    def begin(self, wanted: Mapping[str, Any]) -> None:
        """Looks at what is there and holds it against the run that is wanted.

        Raises:
            UserError: scores of another run, or something else, stands there, and it is not to be overwritten.
        """
        paths = self.paths
        self.state, self.run = self._found()
        if self.state == FRESH:
            self._refuse_strangers()
            discard_folder(paths.work)
            return
        ignored = _TOLD_WHOLE if self.state == WHOLE else ()
        differences = [
            text for name, value in wanted.items() if name not in ignored
            for text in _differences(name, self.run.get(name), value)
        ]  # fmt: skip
        if not differences and not (self.state == WHOLE and self.overwrite):
            return
        if not self.overwrite:
            what = "finished scores of another run" if self.state == WHOLE else "an unfinished run that is not this one"
            raise UserError(_listed(what, differences), where=str(paths.out), remedy=_GO_ON)
        self._discard()
        self.state, self.run = FRESH, {}

    def start(self, run: Mapping[str, Any]) -> None:
        """Writes the run record, before any shard."""
        self.run = dict(run)
        with space_needed(self.paths.work):
            self.paths.work.mkdir(parents=True, exist_ok=True)
        write_durably(self.paths.run, (dump_json(self.run, indent=2) + "\n").encode("utf-8"))
        sync_folder(self.paths.work.parent)
        self.state = UNFINISHED

    def finished(self, number: int, digest: ShardDigest) -> dict[str, Any] | None:
        """The record of a shard that is finished and whole; None where it is to be computed.

        Raises:
            UserError: the finished shard is of another input.
        """
        file = self.paths.record(number)
        if not file.is_file():
            return None
        record: dict[str, Any] = read_json(file)
        if record["input_sha256"] != digest.input_sha256:
            if self.overwrite:
                return None
            raise input_differs(self.paths.out, number, n_inputs=record["n_inputs"])
        for name, sha256 in record["files"].items():
            written = self.paths.base / name
            if not written.is_file() or sha256_of_file(written) != sha256:
                return None
        return record

    def write(self, result: ShardResult) -> dict[str, Any]:
        """Writes a shard: its files first, its record last. Returns the record. Raises UserError where the disk is full."""
        paths = self.paths
        hashes = {}
        for what, data in result.files.items():
            file = paths.shard(result.number, what)
            with durable_file(file) as stream:
                stream.write(data)
            hashes[file.relative_to(paths.base).as_posix()] = hashlib.sha256(data).hexdigest()
        for folder in {paths.shard(result.number, what).parent for what in result.files}:
            sync_folder(folder)
        for digest, text in result.texts.items():
            assert self.keep_text is not None
            file = self.keep_text / f"{digest}.txt"
            if not file.is_file():
                with space_needed(file):
                    write_text(file, text)
        record = {**result.record, "files": hashes}
        write_durably(paths.record(result.number), (dump_json(record) + "\n").encode("utf-8"))
        return record

    def check_end(self, n_shards: int) -> None:
        """Refuses shards that were finished before and are beyond the input's end."""
        beyond = self.paths.record(n_shards)
        if not beyond.is_file():
            return
        if not self.overwrite:
            raise UserError(
                f"the input ends after {n_shards} shards, and more of them are finished", where=str(self.paths.out),
                remedy=_GO_ON,
            )  # fmt: skip
        number = n_shards
        while self.paths.record(number).is_file():
            for _, file in self.paths.shard_files(number, with_report=True):
                file.unlink(missing_ok=True)
            self.paths.record(number).unlink()
            number += 1

    def close(self) -> None:
        """Removes the work folder, once the manifest stands."""
        discard_folder(self.paths.work)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the output for this process alone. Raises UserError where another one holds it."""
        with space_needed(self.paths.lock):
            self.paths.lock.parent.mkdir(parents=True, exist_ok=True)
            handle = _lock(self.paths.lock)
        if handle is None:
            raise UserError(
                "another process is writing there",
                where=str(self.paths.out),
                remedy="wait for it, or name another --out.",
            )
        try:
            yield
        finally:
            self.paths.lock.unlink(missing_ok=True)
            os.close(handle)

    def _found(self) -> tuple[str, dict[str, Any]]:
        # An unfinished run goes first: it may be about to replace the finished one.
        if self.paths.run.is_file():
            return UNFINISHED, read_json(self.paths.run)
        if self.paths.manifest.is_file():
            manifest = read_json(self.paths.manifest)
            if isinstance(manifest, dict) and manifest.get("kind") == KIND:
                return WHOLE, manifest
        return FRESH, {}

    def _refuse_strangers(self) -> None:
        """Nothing is lost that this verb did not write."""
        paths = self.paths
        if not paths.is_folder:
            if paths.out.exists() and not self.overwrite:
                raise UserError(
                    "there is such a file, and no manifest that says what it is", where=str(paths.out),
                    remedy="name another --out, or replace it with --overwrite.",
                )  # fmt: skip
            return
        own = {paths.lock.name, paths.work.name}
        others = [file.name for file in paths.out.iterdir() if file.name not in own and not file.name.startswith(".")]
        if others:
            raise UserError(
                f"a folder with other things in it ({', '.join(sorted(others)[:3])})", where=str(paths.out),
                expected="a new or empty folder, or one that `spinscope score` wrote",
            )  # fmt: skip

    def _discard(self) -> None:
        """Removes another run: of a folder all its files, of a single file what is unfinished."""
        paths = self.paths
        discard_folder(paths.work)
        if paths.is_folder:
            discard_folder(paths.scores)
            for file in (paths.summary, paths.skipped, paths.manifest):  # the manifest last: it says whose folder it is
                file.unlink(missing_ok=True)


def input_differs(out: Path, number: int, *, n_inputs: int) -> UserError:
    """The error that a finished shard was made of something else."""
    return UserError(
        f"the input is not what shard {number} ({n_inputs} inputs) was made of", where=str(out),
        expected="the same articles in the same order", remedy=_GO_ON,
    )  # fmt: skip


def _listed(what: str, differences: list[str]) -> str:
    rest = f"\n    and {len(differences) - _DIFFERENCES_SHOWN} more" if len(differences) > _DIFFERENCES_SHOWN else ""
    return what + "".join(f"\n    {text}" for text in differences[:_DIFFERENCES_SHOWN]) + rest


def _differences(name: str, there: Any, wanted: Any) -> Iterator[str]:
    if isinstance(there, dict) and isinstance(wanted, dict):
        for key in {**there, **wanted}:
            yield from _differences(f"{name}.{key}", there.get(key), wanted.get(key))
    elif there != wanted:
        yield f"{name}: there {_short(there)}, here {_short(wanted)}"


def _short(value: Any) -> str:
    text = dump_json(value)
    return text if len(text) <= _TEXT_SHOWN else text[: _TEXT_SHOWN - 3] + "..."


def _lock(path: Path) -> int | None:
    """An open handle that holds the lock, which the system takes back when the process ends, however it ends."""
    try:
        import fcntl
    except ImportError:  # no such lock on Windows: two processes on one output are not noticed there
        return os.open(path, os.O_RDWR | os.O_CREAT)
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        # The one that held it before may have removed the file in the meantime.
        if path.exists() and os.path.samestat(os.fstat(handle), path.stat()):
            return handle
        os.close(handle)
