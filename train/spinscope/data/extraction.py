"""HTML and Markdown to the plain text of an article: paragraphs with a blank line between them."""

from __future__ import annotations

import logging
import re

from spinscope.records import Article

_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?\r?\n)?(?:---|\.\.\.)[ \t]*(?:\r?\n|$)", re.DOTALL)
_FRONT_LINE = re.compile(r"^(title|author|date|source):[ \t]*(['\"]?)(.+?)\2[ \t]*\r?$", re.MULTILINE)
_METADATA = ("author", "date", "sitename", "url")


def article_of_html(data: bytes, article_id: str) -> Article | None:
    """The main text of a page, by trafilatura (menus, comments and tables left out), or None where it finds none.

    The bytes are decoded as the page declares. The page's title is the headline; it is put first where the text does
    not begin with it. Author, date and site name go into the metadata.
    """
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    page = trafilatura.bare_extraction(data, include_comments=False, include_tables=False, with_metadata=True)
    if page is None or isinstance(page, dict):
        return None
    lines = [line.strip() for line in (page.text or "").split("\n")]
    if not any(lines):
        return None
    metadata = {name: getattr(page, name) for name in _METADATA if getattr(page, name, None)}
    return _article(article_id, (page.title or "").strip(), [line for line in lines if line], metadata)


def article_of_markdown(text: str, article_id: str) -> Article | None:
    """The text of a CommonMark document without markup, code, tables and raw HTML, or None where nothing is left.

    The headline is the title of the front matter, else the first block where that is a heading. Author, date and source
    of the front matter go into the metadata.
    """
    from markdown_it import MarkdownIt

    front = _FRONT_MATTER.match(text)
    metadata = {name: value for name, _, value in _FRONT_LINE.findall(front.group(1) or "")} if front else {}
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
    return _article(article_id, title, blocks, metadata) if blocks or title else None


def _inline_text(kind: str, content: str) -> str:
    if kind in ("text", "code_inline", "text_special"):
        return content
    return {"softbreak": " ", "hardbreak": "\n"}.get(kind, "")


def _article(article_id: str, title: str, blocks: list[str], metadata: dict[str, str]) -> Article:
    if title and (not blocks or blocks[0] != title):
        blocks = [title, *blocks]
    return Article(article_id, "\n\n".join(blocks), len(title), metadata)
