"""Files of any supported kind to Article records, one at a time: plain text, Markdown, HTML, JSONL, CSV, TSV, Parquet.

Plain text, JSONL, CSV, TSV and Parquet give `Article.text` as it stands in the input, line ends and byte-order mark
included; Markdown and HTML give the text after extraction. What cannot be read is yielded as `Skipped`, and the rest
goes on; what the user must mend before anything is read (no such file, no such column) is a `UserError`.
"""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from spinscope.data import article_tables
from spinscope.data.extraction import article_of_html, article_of_markdown
from spinscope.data.inputs import STANDARD_INPUT, ArticleColumns, Skipped, encodable, headline_end, is_blank
from spinscope.errors import UserError
from spinscope.records import Article

_KINDS = {
    ".txt": "text", ".text": "text", ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html",
    ".xhtml": "html", ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "tsv", ".parquet": "parquet",
}  # fmt: skip
_TABLES = frozenset(["jsonl", "csv", "tsv", "parquet"])
_SUPPORTED = ", ".join(_KINDS)
_IF_LATIN_1 = "if it is Latin-1: iconv -f latin1 -t utf8 OLD > NEW"


def read_articles(
    inputs: Sequence[str], *, columns: ArticleColumns | None = None, stdin_kind: str = "text"
) -> Iterator[Article | Skipped]:
    """Yields the articles of files, folders (read through, hidden files left out), globs and `-` (standard input).

    An article's id is its path as given, or the id column's value, else `path:row`. Inputs come in the order given,
    the files of a folder or glob sorted by name; a file named twice is read once. An id that another file gave before
    becomes `<file stem>:<id>`, or `<path>:<id>` where that is taken too; given twice by one file, the second is skipped.

    Args:
        inputs: paths, globs, or `-`.
        columns: column names for tables.
        stdin_kind: what standard input holds: text, markdown, html, jsonl, csv or tsv.

    Raises:
        UserError: before anything is yielded: a path that does not exist, a glob or folder without a readable file,
            a table without the named columns.
    """
    columns = columns or ArticleColumns()
    paths = find_files(inputs)
    for path in paths:
        if holds_many(path):
            article_tables.check_columns(path, str(_kind(path)), columns)
    return _unique((path, item) for path in paths for item in _read(path, columns, stdin_kind))


def find_files(inputs: Sequence[str]) -> list[str]:
    """The files that the inputs name, each once, in order; `-` stays as it is. Raises UserError as `read_articles`."""
    if not inputs:
        raise UserError("no input", where="score", expected="files, folders, globs, or - for standard input")
    found: dict[str, str] = {}
    for item in inputs:
        for path in _expand(item):
            found.setdefault(path if path == STANDARD_INPUT else os.path.realpath(path), path)
    return list(found.values())


def holds_many(path: str) -> bool:
    """Whether a file is a table of articles, so that their number is not known before it is read."""
    return _kind(path) in _TABLES


def _expand(item: str) -> list[str]:
    if item == STANDARD_INPUT:
        return [item]
    if os.path.lexists(item):
        files = _supported_below(item)
        if not files:
            raise UserError("no file of a supported kind", where=item, expected=f"files ending in {_SUPPORTED}")
        return files
    if glob.has_magic(item):
        matches = sorted(glob.glob(item, recursive=True))  # noqa: PTH207 (Path.glob takes no absolute pattern)
        if matches:
            return [file for match in matches for file in _supported_below(match)]
        raise UserError("no file matches", where=item, remedy="check the pattern, and quote it against the shell.")
    raise UserError("no such file", where=item, remedy="check the path.")


def _supported_below(path: str) -> list[str]:
    """The file itself, or the files of a supported kind in the folder, sorted."""
    if not Path(path).is_dir():
        return [Path(path).as_posix()]
    files = []
    for root, directories, names in os.walk(path):
        directories[:] = [name for name in directories if not name.startswith(".")]
        files += [(Path(root) / name).as_posix() for name in names if not name.startswith(".")]
    return sorted(file for file in files if _kind(file) is not None)


def _kind(path: str) -> str | None:
    return None if path == STANDARD_INPUT else _KINDS.get(Path(path).suffix.lower())


def _unique(items: Iterator[tuple[str, Article | Skipped]]) -> Iterator[Article | Skipped]:
    # Hashes, not the ids themselves: a million articles shall not fill the memory with their names.
    origins: dict[int, str] = {}
    for path, item in items:
        if isinstance(item, Skipped):
            yield item
            continue
        names = (item.id, encodable(f"{Path(path).stem}:{item.id}"), encodable(f"{path}:{item.id}"))
        name = next((name for name in names if origins.get(hash(name), path) == path), names[-1])
        if hash(name) in origins:
            yield Skipped(item.id, "an article with this id came before")
            continue
        origins[hash(name)] = path
        yield item if name == item.id else replace(item, id=name)


def _read(path: str, columns: ArticleColumns, stdin_kind: str) -> Iterator[Article | Skipped]:
    kind = _kind(path)
    if path == STANDARD_INPUT:
        yield from _read_standard_input(columns, stdin_kind)
    elif kind is None and Path(path).suffix:
        yield Skipped(path, f"files ending in {Path(path).suffix} are not read; supported: {_SUPPORTED}")
    elif kind in _TABLES:
        yield from article_tables.read_table(path, str(kind), columns)
    else:
        yield _read_file(path, kind or "text")


def _read_standard_input(columns: ArticleColumns, kind: str) -> Iterator[Article | Skipped]:
    if kind in _TABLES:
        yield from article_tables.read_table(STANDARD_INPUT, kind, columns)
        return
    data = sys.stdin.buffer.read()
    yield _article(STANDARD_INPUT, data, kind)


def _read_file(path: str, kind: str) -> Article | Skipped:
    try:
        return _article(path, Path(path).read_bytes(), kind)
    except OSError as error:
        return Skipped(path, f"not readable: {error.strerror or error}")


def _article(path: str, data: bytes, kind: str) -> Article | Skipped:
    path = encodable(path)
    if not data.strip():
        return Skipped(path, "empty")
    if kind == "html":
        return article_of_html(data, path) or Skipped(path, "no article text found in the page")
    if b"\x00" in data:
        return Skipped(path, "not text: it holds NUL bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Skipped(path, f"byte 0x{data[error.start]:02x} at offset {error.start} is not UTF-8 ({_IF_LATIN_1})")
    if kind == "markdown":
        return article_of_markdown(text, path) or Skipped(path, "no text after extraction")
    return Skipped(path, "empty") if is_blank(text) else Article(path, text, headline_end(text))
