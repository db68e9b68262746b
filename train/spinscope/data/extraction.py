"""HTML and Markdown to the plain text of an article: paragraphs with a blank line between them."""

from __future__ import annotations

import logging
import re

from spinscope.data import limits
from spinscope.data.html_pages import decoded, refusal, without_embedded_data
from spinscope.data.inputs import Skipped, encodable
from spinscope.records import Article

_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?\r?\n)?(?:---|\.\.\.)[ \t]*(?:\r?\n|$)", re.DOTALL)
_FRONT_FIELDS = ("title", "author", "date", "source")
# What hostile pages were seen to bring out of trafilatura, htmldate and lxml: one page shall not end a run.
_FAILURES = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_METADATA = ("author", "date", "sitename", "url")


def article_of_html(data: bytes, article_id: str) -> Article | Skipped:
    """The main text of a page, by trafilatura (menus, comments and tables left out), or why there is none.

    The bytes are decoded as the page declares. The page's title is the headline; it is put first where the text does
    not begin with it. Author, date and site name go into the metadata.
    """
    import trafilatura
    from lxml.etree import LxmlError

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    text = decoded(without_embedded_data(data))
    reason = refusal(text)
    if reason is not None:
        return Skipped(article_id, reason)
    try:
        page = trafilatura.bare_extraction(text, include_comments=False, include_tables=False, with_metadata=True)
    except (*_FAILURES, LxmlError) as error:
        return Skipped(article_id, f"the extraction failed: {type(error).__name__}: {error}")
    lines = [line.strip() for line in (getattr(page, "text", None) or "").split("\n")]
    if page is None or isinstance(page, dict) or not any(lines):
        return Skipped(article_id, "no article text found in the page")
    metadata = {
        name: limits.cut(encodable(str(getattr(page, name)))) for name in _METADATA if getattr(page, name, None)
    }
    return _article(article_id, (page.title or "").strip(), [line for line in lines if line], metadata)


def article_of_markdown(text: str, article_id: str) -> Article | Skipped:
    """The text of a CommonMark document without markup, code, tables and raw HTML, or why there is none.

    The headline is the title of the front matter, else the first block where that is a heading. Author, date and source
    of the front matter go into the metadata.
    """
    from markdown_it import MarkdownIt

    if len(text) > limits.MOST_MARKDOWN_CHARACTERS:
        return Skipped(article_id, f"Markdown of more than {limits.MOST_MARKDOWN_CHARACTERS:,} characters: split it")
    front = _FRONT_MATTER.match(text)
    metadata = _front_fields(front.group(1) or "") if front else {}
    title = metadata.pop("title", "").strip()
    text = text[front.end() :] if front else text
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    blocks: list[str] = []
    in_table = False
    for position, token in enumerate(tokens):
        if token.type in ("table_open", "table_close"):
            in_table = token.type == "table_open"
        if token.type != "inline" or in_table:
            continue
        block = "".join(_inline_text(child.type, child.content) for child in token.children or ()).strip()
        if block and not title and not blocks and tokens[position - 1].type == "heading_open":
            title = block
        if block:
            blocks.append(block)
    if not blocks and not title:
        return Skipped(article_id, "no text after extraction")
    return _article(article_id, title, blocks, metadata)


def _front_fields(front: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in front.split("\n"):
        name, colon, value = line.partition(":")
        value = value.strip(" \t\r")
        if value[:1] in ("'", '"') and value[-1] == value[0] and len(value) > 2:
            value = value[1:-1]
        if colon and value and name in _FRONT_FIELDS:
            fields[name] = limits.cut(value)
    return fields


def _inline_text(kind: str, content: str) -> str:
    if kind in ("text", "code_inline", "text_special"):
        return content
    return {"softbreak": " ", "hardbreak": "\n"}.get(kind, "")


def _article(article_id: str, title: str, blocks: list[str], metadata: dict[str, str]) -> Article:
    if title and (not blocks or blocks[0] != title):
        blocks = [title, *blocks]
    return Article(article_id, "\n\n".join(blocks), len(title), metadata)
