"""Reading scores back, from whatever format and layout they were written in, as score lines in the form of JSONL."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from spinscope.data.inputs import ABOUT
from spinscope.data.score_files import ENDINGS, ORIGIN, PROBABILITY, plain_cell
from spinscope.errors import UserError
from spinscope.files import read_json, sha256_of_file

MANIFEST = "manifest.json"
KIND = "scores"
_LONGEST_CELL = 2**31 - 1
_PARQUET_BATCH_ROWS = 4096
_WHOLE = ("index", "start", "end", "n_windows")

Line = dict[str, Any]


def manifest_path(scores: Path) -> Path:
    """Where the manifest of scores lies: in a folder of shards, or beside a single file as `<stem>.manifest.json`."""
    return scores / MANIFEST if scores.is_dir() else scores.with_suffix(".manifest.json")


def score_manifest(path: str | Path) -> Mapping[str, Any]:
    """What was scored with which checkpoint, and the counts: the manifest of a folder or file of scores.

    Raises:
        UserError: no such scores, or no manifest with them (unfinished, or copied without it).
    """
    scores = Path(path)
    if not scores.exists():
        raise UserError("no such file or folder", where=str(path), expected="scores that `spinscope score` wrote")
    file = manifest_path(scores)
    if not file.is_file():
        raise UserError(
            f"no {file.name}: the scores are not finished, or were copied without it", where=str(path),
            remedy="run the same `spinscope score` again, it goes on where it stopped; or copy the file too.",
        )  # fmt: skip
    manifest = read_json(file)
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND:
        raise UserError("not a manifest of scores", where=str(file), expected="scores that `spinscope score` wrote")
    return manifest


def read_scores(path: str | Path) -> Iterator[Line]:
    """Yields the score lines of a JSONL, CSV or Parquet file, or of a folder of shards, as JSONL holds them.

    Memory does not grow with their number. The files of a folder are compared with its manifest before the first line.

    Raises:
        UserError: no such file, an unknown ending, a folder without manifest, a shard missing or altered, a faulty line.
    """
    scores = Path(path)
    if not scores.is_dir():
        if not scores.exists():
            raise UserError("no such file", where=str(path), expected="scores that `spinscope score` wrote")
        yield from _reader(scores)(scores)
        return
    files = score_manifest(scores)["files"]
    for entry in files:
        verify(scores / entry["name"], entry["sha256"])
    for entry in files:
        file = scores / entry["name"]
        for line in _reader(file)(file):
            yield _with_partition(line, entry.get("partition"))


def _reader(path: Path) -> Callable[[Path], Iterator[Line]]:
    readers = {".jsonl": _jsonl, ".csv": _csv, ".parquet": _parquet}
    if path.suffix.lower() not in readers:
        raise UserError(
            f"ending '{path.suffix}'", where=str(path), expected=f"a name that ends in {', '.join(ENDINGS)}"
        )
    return readers[path.suffix.lower()]


def verify(file: Path, sha256: str) -> None:
    """Compares a file with what the manifest says of it. Raises UserError where it is missing or altered."""
    if not file.is_file():
        raise UserError(
            "missing", where=str(file), expected=f"every file that {MANIFEST} names",
            remedy="copy the whole output again, or score again with --overwrite.",
        )  # fmt: skip
    if sha256_of_file(file) != sha256:
        raise UserError(
            "altered since it was written", where=str(file), expected=f"sha256 {sha256[:12]}... ({MANIFEST})",
            remedy="restore it, or score again with --overwrite.",
        )  # fmt: skip


def _with_partition(line: Line, partition: Mapping[str, str | None] | None) -> Line:
    """Puts back what stands in the folder's name instead of the file."""
    for name, value in (partition or {}).items():
        if name in ABOUT:
            line[name] = value
    return line


def _jsonl(path: Path) -> Iterator[Line]:
    with path.open("rb") as stream:
        for number, raw in enumerate(stream, start=1):
            try:
                line = json.loads(raw.decode("utf-8"))
            except ValueError:
                line = None
            if not isinstance(line, dict) or "probabilities" not in line:
                raise _faulty(path, number)
            yield line


def _csv(path: Path) -> Iterator[Line]:
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream, strict=True)
        for number, cells in enumerate(reader, start=2):
            try:
                yield _line_of_cells({name: plain_cell(cell) for name, cell in cells.items()})
            except (KeyError, ValueError, AttributeError, TypeError):
                raise _faulty(path, number) from None


def _line_of_cells(cells: Mapping[str, str]) -> Line:
    flat: Line = {
        **cells,
        **{name: int(cells[name]) for name in _WHOLE},
        **{name: cells.get(name) or None for name in ABOUT},
        **{name: float(cell) for name, cell in cells.items() if name.startswith(PROBABILITY)},
        "voices": json.loads(cells["voices"]),
        "techniques": cells["techniques"].split("|") if cells["techniques"] else [],
        **({"abstained": cells["abstained"].split("|") if cells["abstained"] else []} if "abstained" in cells else {}),
        **({"any_probability": float(cells["any_probability"])} if "any_probability" in cells else {}),
        **({"any_decided": cells["any_decided"] == "True"} if "any_decided" in cells else {}),
        "truncated": cells["truncated"] == "True",
    }
    return _line(flat)


def _parquet(path: Path) -> Iterator[Line]:
    import pyarrow.lib
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(path)
    except pyarrow.lib.ArrowInvalid as error:
        raise UserError(f"not Parquet ({error})", where=str(path)) from None
    number = 0
    with file:
        for batch in file.iter_batches(batch_size=_PARQUET_BATCH_ROWS):
            for row in batch.to_pylist():
                number += 1
                try:
                    yield _line(row)
                except (KeyError, ValueError, TypeError):
                    raise _faulty(path, number) from None


def _line(flat: Mapping[str, Any]) -> Line:
    """A score line in the order of JSONL, of a row that has a column for each technique."""
    names = ("article", "index", "start", "end", "text", "part", "voice", "voices", "techniques")
    scores = {name.removeprefix(PROBABILITY): value for name, value in flat.items() if name.startswith(PROBABILITY)}
    return {
        **{name: flat[name] for name in names},
        **({"abstained": flat["abstained"]} if "abstained" in flat else {}),
        "probabilities": scores,
        **{name: flat[name] for name in ("any_probability", "any_decided") if name in flat},
        "truncated": flat["truncated"],
        "n_windows": flat["n_windows"],
        **{name: flat.get(name) for name in ABOUT},
        "metadata": json.loads(flat["metadata"]),
        **{name: flat[name] for name in ORIGIN},
    }


def _faulty(path: Path, number: int) -> UserError:
    return UserError(
        "not a score line", where=f"{path}:{number}", expected="lines, rows or records as `spinscope score` writes them"
    )
