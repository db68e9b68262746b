"""What is done to an HTML page before its article is looked for: decoded as it declares, measured, too large ones refused."""

from __future__ import annotations

import codecs
import re

from spinscope.data import limits

_EMBEDDED = re.compile(rb"data:[\w.+-]*/[\w.+-]*(?:;[\w.+=-]+)*;base64,[A-Za-z0-9+/=%\s]{64,}")
_DECLARED = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]{0,100}encoding=[\"']([\w.:-]+)", re.I
)
_HEAD_BYTES = 4096
_UTF_16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LEGACY = ("cp", "windows-", "iso", "latin", "koi8", "gb", "big5", "shift", "sjis", "euc", "mac", "ibm", "tis", "ks_c")
# As browsers do: pages that say Latin-1 use the curly quotation marks of Windows.
_AS_WINDOWS = {"iso8859-1": "cp1252", "ascii": "cp1252", "latin-1": "cp1252"}

_TAG_WITH_MANY_ATTRIBUTES = (
    r"<[a-z][^\s/>]*+(?:[\s/]*+=?[^\s/>=]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+){%d}"
)


def decoded(page: bytes) -> str:
    """The page as text: by its byte-order mark, as UTF-8 where it is that, as it declares, or as it looks."""
    for mark, encoding in _UTF_16:
        if page.startswith(mark):
            return page[len(mark) :].decode(encoding, "replace")
    try:
        return page.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.search(page, 0, _HEAD_BYTES)
    legacy = _legacy_encoding((declared.group(1) or declared.group(2)).decode("ascii")) if declared else None
    if legacy is not None:
        return page.decode(legacy, "replace")
    from trafilatura.utils import decode_file

    return decode_file(page)


def _legacy_encoding(name: str) -> str | None:
    """The codec of a declared encoding; None for those that are no page's, as UTF-8 where the page is not UTF-8."""
    if not name.lower().startswith(_LEGACY) and name.lower() not in _AS_WINDOWS:
        return None
    try:
        known = codecs.lookup(name).name
    except LookupError:
        return None
    return _AS_WINDOWS.get(known, known)


def without_embedded_data(page: bytes) -> bytes:
    """The page without the pictures and fonts that stand in it as data: much of a page that a browser saved."""
    return _EMBEDDED.sub(b"data:,", page) if len(page) > limits.MOST_PAGE_BYTES // 10 else page


def refusal(page: str) -> str | None:
    """Why a page costs too much to be read, or None."""
    if len(page) > limits.MOST_PAGE_BYTES:
        return f"a page of more than {limits.MOST_PAGE_BYTES:,} bytes, pictures in it not counted"
    if page.count("<") > limits.MOST_PAGE_TAGS:
        return f"a page of more than {limits.MOST_PAGE_TAGS:,} tags"
    if re.search(_TAG_WITH_MANY_ATTRIBUTES % (limits.MOST_TAG_ATTRIBUTES + 1), page, re.IGNORECASE):
        return f"a tag of more than {limits.MOST_TAG_ATTRIBUTES:,} attributes"
    return "its tags are nested too deep to be read whole" if _is_cut_short(page) else None


def _is_cut_short(page: str) -> bool:
    """Whether the parser stops before the page's end, as it does 256 levels deep: trafilatura would not say so."""
    from lxml.etree import ErrorLevels, LxmlError
    from lxml.html import HTMLParser, document_fromstring

    parser = HTMLParser(encoding="utf-8", default_doctype=False, remove_comments=True, remove_pis=True)
    try:
        document_fromstring(page.encode("utf-8", "surrogatepass"), parser=parser)
    except (LxmlError, ValueError):  # nothing in it that could be parsed
        return False
    return any(entry.level == ErrorLevels.FATAL for entry in parser.error_log)
