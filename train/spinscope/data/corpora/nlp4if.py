"""NLP4IF-2019 shared task on propaganda detection: the 18-technique edition of the Propaganda Techniques Corpus.

Below the folder lie `article<ID>.txt`, one sentence per line, and labels per article, in folders of any name:
`article<ID>.task-FLC.labels` or `article<ID>.labels.tsv` with `article<TAB>technique<TAB>start<TAB>end` (spans), and
`article<ID>.task-SLC.labels` with `article<TAB>line<TAB>propaganda|non-propaganda` (lines, blank ones counted, from 1).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from spinscope.data.corpora.labels import LabelReader, UnknownLabel
from spinscope.data.corpora.ptc import (
    label_rows,
    line_bounds,
    line_sentences,
    read_spans,
    refuse_labels_without_article,
)
from spinscope.errors import UserError, did_you_mean
from spinscope.files import read_text
from spinscope.records import Sentence

if TYPE_CHECKING:
    from spinscope import config
    from spinscope.taxonomy import Inventory

SPAN_LABELS = (".task-FLC.labels", ".labels.tsv")
LINE_LABELS = ".task-SLC.labels"
_LINE_VALUES = ("propaganda", "non-propaganda")


def read(
    source: config.Source, *, name: str, inventory: Inventory, unknown: list[UnknownLabel] | None = None
) -> list[Sentence]:
    """The sentences of all articles that have labels, read as those of the Propaganda Techniques Corpus v2 are.

    Where an article has line labels alone, a sentence that is non-propaganda is a true negative for all techniques; of
    one that is propaganda no technique is known, so nothing is annotated on it. Its metadata holds `propaganda`.

    Raises:
        UserError: no such folder, no labels, an article id twice, labels without their article, a faulty label line, an unknown label.
    """
    folder = Path(source.path or "")
    articles = _by_article(folder, ".txt")
    span_files = {article: file for ending in SPAN_LABELS for article, file in _by_article(folder, ending).items()}
    line_files = _by_article(folder, LINE_LABELS)
    refuse_labels_without_article({*span_files, *line_files}, articles, folder)
    labelled = [article for article in articles if article in span_files or article in line_files]
    if not labelled:
        raise UserError(
            "no labels for any article", where=str(folder), expected=f"files like article<ID>{SPAN_LABELS[0]}"
        )
    labels = LabelReader(inventory, unknown)
    sentences: list[Sentence] = []
    for article in labelled:
        text, where = read_text(articles[article]), str(articles[article])
        if article in span_files:
            spans = read_spans([span_files[article]], labels)
            _refuse_other_articles(set(spans), article, span_files[article])
            sentences += line_sentences(article, text, spans.get(article, ()), labels, where=where)
        else:
            plain = line_sentences(article, text, (), labels, where=where)
            sentences += _with_line_labels(plain, text, _line_values(line_files[article], article))
    return sentences


def _by_article(folder: Path, ending: str) -> dict[str, Path]:
    """Files `article<ID><ending>` anywhere below the folder, by id."""
    if not folder.is_dir():
        raise UserError("no such folder", where=str(folder), expected="a folder with article<ID>.txt files and labels")
    files: dict[str, Path] = {}
    for file in sorted(folder.rglob(f"article*{ending}")):
        article = file.name.removeprefix("article").removesuffix(ending)
        if article in files:
            raise UserError(f"article '{article}' also lies in {files[article].parent}", where=str(file))
        files[article] = file
    return files


def _refuse_other_articles(found: set[str], article: str, file: Path) -> None:
    others = sorted(found - {article})
    if others:
        raise UserError(f"a label of article '{others[0]}'", where=str(file), expected=f"labels of '{article}' alone")


def _line_values(file: Path, article: str) -> dict[int, tuple[str, str]]:
    """Line number -> (place in the file, value)."""
    values = {}
    for _, number, (own, line, value) in label_rows([file], columns=("article", "line", "label")):
        where = f"{file}:{number}"
        _refuse_other_articles({own}, article, file)
        if not line.isdecimal():
            raise UserError(f"line '{line}'", where=where, expected="a whole number from 1")
        values[int(line)] = (where, value)
    return values


def _with_line_labels(sentences: list[Sentence], text: str, values: dict[int, tuple[str, str]]) -> list[Sentence]:
    out = []
    for sentence, (line, _, _) in zip(sentences, line_bounds(text), strict=True):
        where, value = values.get(line, ("", ""))
        if not value:
            out.append(replace(sentence, annotated=()))
            continue
        if value not in _LINE_VALUES:
            raise UserError(f"label '{value}'", where=where, remedy=did_you_mean(value, _LINE_VALUES))
        is_propaganda = value == "propaganda"
        annotated = () if is_propaganda else sentence.annotated
        out.append(replace(sentence, annotated=annotated, metadata={"propaganda": is_propaganda}))
    return out
