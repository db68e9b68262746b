"""Templates to pages: every value escaped, nothing fetched, no script but the template's own.

A page names the sha256 of its own style and script in its Content-Security-Policy, so that nothing else runs in it,
and no request leaves it, whatever stands in the articles it shows.
"""

from __future__ import annotations

import base64
import functools
import gzip
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound
from markupsafe import Markup

from spinscope import __version__
from spinscope.errors import UserError
from spinscope.report.palette import ink

TEMPLATES = Path(__file__).parent / "templates"
MOST_PLAIN_CHARACTERS = 100_000
"""Of a part of a page that may be packed: a page of many charts would have tens of megabytes, which compress to a tenth."""


def render(template: str, **values: Any) -> str:
    """One self-contained HTML page.

    Args:
        template: file name in `report/templates`; it extends `base.html` and fills its blocks `title`, `style`,
            `content` and `script`. Neither `style` nor `script` may hold values of articles.
        values: what the template shows; text is escaped, whatever it holds.
    """
    try:
        page = _environment().get_template(template).render(version=__version__, **values)
    except TemplateNotFound as error:
        raise UserError(f"no template '{error.name}'", where=str(TEMPLATES)) from None
    return _as_read(page)


def packed(part: Markup) -> Markup:
    """A part of a page as it stands, or, where it is long, compressed for the page's script to put in its place.

    A template that uses it has `.packed` unpacked by its script.
    """
    if len(part) <= MOST_PLAIN_CHARACTERS:
        return part
    data = base64.b64encode(gzip.compress(_as_read(str(part)).encode("utf-8"), mtime=0)).decode("ascii")
    told = "These charts are unpacked by the page's script, in a browser of 2023 or later."
    return Markup('<div class="packed" data-html="{}"><p class="soft">{}</p></div>').format(data, told)


def _as_read(page: str) -> str:
    # A browser reads a carriage return as a line feed and drops NUL: text would differ from its source.
    return page.replace("\r", "&#13;").replace("\0", "\ufffd")


def csp_hash(source: str) -> str:
    """What a Content-Security-Policy allows an inline style or script by: 'sha256-...' of its exact text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(str(source).encode("utf-8")).digest()).decode("ascii")


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["csp_hash"] = csp_hash
    environment.filters["packed"] = packed
    environment.filters["ink"] = functools.partial(ink, is_dark=False)
    environment.filters["dark_ink"] = functools.partial(ink, is_dark=True)
    return environment
