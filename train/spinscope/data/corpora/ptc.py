"""Propaganda Techniques Corpus v2 (SemEval-2020 task 11): articles with one sentence per line, labels as spans.

A folder holds `<part>-articles/article<ID>.txt` and, beside it, `<part>-task-flc-tc.labels` with the lines
`article<TAB>technique<TAB>start<TAB>end`: 0-based code points of the file, end exclusive, a byte-order mark counted.
A technique's name may contain commas.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from spinscope.data.corpora.files import LABELS_OF_PTC, article_files, refuse_empty
from spinscope.data.corpora.labels import LabelReader, UnknownLabel
from spinscope.errors import UserError
from spinscope.files import read_text
from spinscope.records import Sentence, Span

if TYPE_CHECKING:
    from spinscope import config
    from spinscope.taxonomy import Inventory


@dataclass(frozen=True, slots=True)
class ArticleSpan:
    """Characters [start, end) of an article; `technique` None: the label is unknown."""

    start: int
    end: int
    technique: str | None


def read(
    source: config.Source, *, name: str, inventory: Inventory, unknown: list[UnknownLabel] | None = None
) -> list[Sentence]:
    """The sentences of all articles for which labels lie beside their folder.

    A sentence is a non-empty line without surrounding white space; line 1 is the title. A span that crosses a newline
    marks each sentence it touches, clipped to it. A sentence without a span is a true negative for all techniques.

    Raises:
        UserError: no such folder or labels, a faulty label line, an article without its file, an unknown label.
    """
    labels = LabelReader(inventory, unknown)
    sentences: list[Sentence] = []
    seen: dict[str, Path] = {}
    for articles_dir, label_files in _parts(Path(source.path or "")):
        for file in label_files:
            refuse_empty(file, expected="one label per line: article, technique, start, end")
        spans = read_spans(label_files, labels)
        articles = article_files(articles_dir)
        refuse_labels_without_article(spans, articles, articles_dir)
        for article, file in articles.items():
            if article in seen:
                raise UserError(f"article '{article}' also lies in {seen[article].parent}", where=str(file))
            seen[article] = file
            sentences += line_sentences(article, read_text(file), spans.get(article, ()), labels, where=str(file))
    return sentences


def read_spans(files: Iterable[Path], labels: LabelReader) -> dict[str, list[ArticleSpan]]:
    """The spans of label files, by article.

    Raises:
        UserError: a line without the four columns, offsets that are no numbers or empty, an unknown label.
    """
    spans: dict[str, list[ArticleSpan]] = defaultdict(list)
    for file, number, fields in label_rows(files, columns=("article", "technique", "start", "end")):
        article, label, start, end = fields
        where = f"{file}:{number}"
        if not (start.isdecimal() and end.isdecimal() and int(start) < int(end)):
            raise UserError(f"offsets '{start}' and '{end}'", where=where, expected="whole numbers, start below end")
        spans[article].append(ArticleSpan(int(start), int(end), labels.resolve(label, where=where)))
    return spans


def label_rows(files: Iterable[Path], *, columns: Sequence[str]) -> Iterator[tuple[Path, int, list[str]]]:
    """Yields (file, line number from 1, fields) of tab-separated label files, blank lines left out.

    Raises:
        UserError: a line with another number of fields.
    """
    for file in files:
        for number, line in enumerate(read_text(file).split("\n"), start=1):
            if not line.strip():
                continue
            fields = [field.strip() for field in line.split("\t")]
            if len(fields) != len(columns):
                raise UserError(
                    f"{len(fields)} tab-separated fields",
                    where=f"{file}:{number}",
                    expected=f"{len(columns)} fields: {', '.join(columns)}",
                )
            yield file, number, fields


def line_bounds(text: str) -> list[tuple[int, int, int]]:
    """(line number from 1, start, end) of each line that is not blank, without surrounding white space.

    Only a line feed ends a line, and a byte-order mark is a character like any other, as in the corpus's own tools.
    """
    bounds, start = [], 0
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped:
            first = start + len(line) - len(line.lstrip())
            bounds.append((number, first, first + len(stripped)))
        start += len(line) + 1
    return bounds


def line_sentences(
    article: str, text: str, spans: Iterable[ArticleSpan], labels: LabelReader, *, where: str
) -> list[Sentence]:
    """One sentence per non-empty line of `text`, with the spans that touch it.

    Raises:
        UserError: a span ends beyond the text.
    """
    bounds = line_bounds(text)
    starts = [start for _, start, _ in bounds]
    touching: list[list[ArticleSpan]] = [[] for _ in bounds]
    for span in spans:
        if span.end > len(text):
            raise UserError(
                f"span {span.start} to {span.end} ends beyond the article's {len(text)} characters",
                where=where,
                expected="offsets in characters of this very file",
                remedy="check that labels and articles are of the same version.",
            )
        for index in range(max(bisect_right(starts, span.start) - 1, 0), len(bounds)):
            if starts[index] >= span.end:
                break
            if span.start < bounds[index][2]:
                touching[index].append(span)
    return [_sentence(article, text, index, bounds[index], touching[index], labels) for index in range(len(bounds))]


def _sentence(
    article: str, text: str, index: int, bound: tuple[int, int, int], spans: Sequence[ArticleSpan], labels: LabelReader
) -> Sentence:
    line, start, end = bound
    techniques = labels.ordered(span.technique for span in spans if span.technique)
    return Sentence(
        article=article,
        index=index,
        start=start,
        end=end,
        text=text[start:end],
        spans=tuple(
            Span(max(span.start, start) - start, min(span.end, end) - start, span.technique)
            for span in spans
            if span.technique
        ),
        techniques=techniques,
        annotated=labels.annotated(techniques, all_known=all(span.technique for span in spans)),
        part="title" if line == 1 else "body",
    )


def _parts(path: Path) -> list[tuple[Path, list[Path]]]:
    """Folders of articles, each with the label files that belong to it."""
    if not path.is_dir():
        raise UserError("no such folder", where=str(path), expected="a folder with train-articles/ and its labels")
    if article_files(path):  # the folder of articles itself was named
        folders, beside = [path], path.resolve().parent
    else:
        folders, beside = sorted(one for one in path.glob("*articles*") if one.is_dir()), path
    if not folders:
        raise UserError(
            "no folder of articles", where=str(path), expected="a folder like train-articles/ with article<ID>.txt"
        )
    files = sorted(beside.glob(LABELS_OF_PTC))
    parts = [(folder, _labels_of(folder, files, alone=len(folders) == 1)) for folder in folders]
    labelled = [(folder, its_files) for folder, its_files in parts if its_files]
    if not labelled:
        raise UserError(
            f"no labels beside '{folders[0].name}'",
            where=str(beside),
            expected=f"a file like {_prefix(folders[0])}task-flc-tc.labels",
        )
    return labelled


def _labels_of(folder: Path, files: Sequence[Path], *, alone: bool) -> list[Path]:
    own = [file for file in files if file.name.startswith(_prefix(folder))]
    return own or (list(files) if alone else [])


def _prefix(folder: Path) -> str:
    return folder.resolve().name.partition("articles")[0]


def refuse_labels_without_article(labelled: Iterable[str], articles: Iterable[str], folder: Path) -> None:
    """Raises UserError where an article has labels (`labelled`) and no file in the folder (`articles`)."""
    missing = sorted(set(labelled) - set(articles))
    if missing:
        raise UserError(
            f"labels name {len(missing)} articles without a file, first '{missing[0]}'",
            where=str(folder),
            expected=f"a file article{missing[0]}.txt",
        )
