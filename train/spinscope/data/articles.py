"""Files of any supported kind to Article records, one at a time: plain text, Markdown, HTML, JSONL, CSV, TSV, Parquet.

All but Parquet may be compressed with gzip or zstd, standard input too: `news.csv.gz`, `page.html.zst`.
Plain text, JSONL, CSV, TSV and Parquet give `Article.text` as it stands in the input, line ends and byte-order mark
included; Markdown and HTML give the text after extraction. What cannot be read is yielded as `Skipped`, and the rest
goes on; what the user must mend before anything is read (no such file, no such column) is a `UserError`. Time and
memory are bounded whatever the input holds, see `limits`.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from spinscope.data import article_tables, limits
from spinscope.data.compression import open_input, plain_name, read_whole
from spinscope.data.extraction import article_of_html, article_of_markdown
from spinscope.data.inputs import STANDARD_INPUT, ArticleColumns, Skipped, encodable, headline_end, is_blank
from spinscope.data.known_ids import KnownIds
from spinscope.errors import UserError
from spinscope.records import Article

_KINDS = {
    ".txt": "text", ".text": "text", ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html",
    ".xhtml": "html", ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "tsv", ".parquet": "parquet",
}  # fmt: skip
_TABLES = frozenset(["jsonl", "csv", "tsv", "parquet"])
_SUPPORTED = ", ".join(_KINDS)
_IF_LATIN_1 = "if it is Latin-1: iconv -f latin1 -t utf8 OLD > NEW"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


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
    return None if path == STANDARD_INPUT else _KINDS.get(Path(plain_name(path)).suffix.lower())


def _unique(items: Iterator[tuple[str, Article | Skipped]]) -> Iterator[Article | Skipped]:
    known = KnownIds()
    for path, item in items:
        if isinstance(item, Skipped):
            yield Skipped(encodable(item.path), encodable(item.reason))
            continue
        known.begin_file(path)
        name = item.id
        if known.of_another_file(name):
            name = encodable(f"{Path(plain_name(path)).stem}:{item.id}")
        if known.of_another_file(name):
            name = encodable(f"{path}:{item.id}")
        if not known.add(name):
            yield Skipped(item.id, "an article with this id came before")
            continue
        yield item if name == item.id else replace(item, id=name)


def _read(path: str, columns: ArticleColumns, stdin_kind: str) -> Iterator[Article | Skipped]:
    kind = stdin_kind if path == STANDARD_INPUT else _kind(path)
    ending = Path(plain_name(path)).suffix
    if kind is None and ending:
        yield Skipped(path, f"files ending in {ending} are not read; supported: {_SUPPORTED}")
    elif kind in _TABLES:
        yield from article_tables.read_table(path, str(kind), columns)
    else:
        yield _read_file(encodable(path), path, kind or "text")


def _read_file(article_id: str, path: str, kind: str) -> Article | Skipped:
    try:
        with open_input(path) as stream:
            data = read_whole(stream)
    except OSError as error:
        return Skipped(article_id, f"not readable: {error.strerror or error}")
    return Skipped(article_id, limits.too_long()) if data is None else _article(article_id, data, kind)


def _article(article_id: str, data: bytes, kind: str) -> Article | Skipped:
    if not data.strip():
        return Skipped(article_id, "empty")
    if kind == "html":
        return article_of_html(data, article_id)
    if data.startswith(_UTF_16):
        return Skipped(article_id, "UTF-16, not UTF-8: iconv -f utf16 -t utf8 OLD > NEW")
    if b"\x00" in data:
        return Skipped(article_id, "not text: it holds NUL bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        where = f"byte 0x{data[error.start]:02x} at offset {error.start}"
        return Skipped(article_id, f"{where} is not UTF-8 ({_IF_LATIN_1})")
    reason = limits.refusal(text)
    if reason is not None:
        return Skipped(article_id, reason)
    if kind == "markdown":
        return article_of_markdown(text, article_id)
    return Skipped(article_id, "empty") if is_blank(text) else Article(article_id, text, headline_end(text))
