"""Boundary F1 of the splitter on the project's own articles, beside the library alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sentencex

from spinscope.data.sentences import split_sentences

ARTICLES = Path(__file__).parents[2] / "data" / "core" / "articles"
TAG = re.compile(r"</?[A-Z]\b[^<>]*>")


def marked_articles() -> Iterator[tuple[str, int, set[int]]]:
    """Text with sentences joined by spaces, length of the headline, and the ends of sentences marked by hand."""
    for path in sorted(ARTICLES.glob("*.txt")):
        body = path.read_text(encoding="utf-8").split("\n---\n", 1)[1]
        text, ends, title_end = "", set(), 0
        for paragraph in re.split(r"\n\s*\n", body.strip()):
            for line in paragraph.split("\n"):
                text += TAG.sub("", line).strip()
                title_end = title_end or len(text)
                ends.add(len(text))
                text += " "
            text = text[:-1] + "\n\n"
        yield text, title_end, ends


def library_ends(text: str, title_end: int) -> set[int]:
    return {
        title_end + item["start_index"] + len(item["text"].rstrip())
        for item in sentencex.get_sentence_boundaries("en", text[title_end:])
        if item["text"].strip()
    } | {title_end}


def our_ends(text: str, title_end: int) -> set[int]:
    return {end for _, end in split_sentences(text, title_end=title_end)}


def inner(ends: set[int], text: str) -> set[int]:
    """Ends inside paragraphs: those at a blank line are given away by it, and anyone finds them."""
    return {end for end in ends if text[end : end + 2] != "\n\n"}


def boundary_f1(splitter: Callable[[str, int], set[int]]) -> tuple[float, int]:
    hits = found = marked = 0
    for text, title_end, ends in marked_articles():
        gold, ours = inner(ends, text), inner(splitter(text, title_end), text)
        hits, found, marked = hits + len(gold & ours), found + len(ours), marked + len(gold)
    return 2 * hits / (found + marked), marked


@pytest.mark.skipif(not ARTICLES.is_dir(), reason="the corpus lies in a checkout, not in the wheel")
def test_boundary_f1_on_the_projects_articles() -> None:
    ours, n_boundaries = boundary_f1(our_ends)
    library, _ = boundary_f1(library_ends)
    print(f"boundary F1 on {n_boundaries} boundaries: ours {ours:.4f}, library alone {library:.4f}")
    assert n_boundaries >= 500
    assert ours >= 0.97
    assert ours >= library
