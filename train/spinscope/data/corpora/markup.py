"""Reader of the inline markup in which spinscope's own articles are written and mended by hand.

One article is one UTF-8 file: `key: value` header lines, a line `---`, the headline, then one sentence per line with a
blank line between paragraphs. Tags stand inside a line, may nest and never cross:

* `<L>`, `<U>`, `<T>`: loaded_language, us_vs_them, appeal_to_threat; optional `by="..."` (who uses it) and `at="..."`
  (its target).
* `<Q>`, `<R>`: a quoted and a reported stretch; optional `speaker="..."`.
* `<E>`: a named entity.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinscope.data.tags import Element, parse_line
from spinscope.errors import UserError, did_you_mean
from spinscope.files import read_json, read_text
from spinscope.records import Article, Part, Sentence, Span, Voice, VoiceName

if TYPE_CHECKING:
    from spinscope import config
    from spinscope.taxonomy import Inventory

TECHNIQUES = {"L": "loaded_language", "U": "us_vs_them", "T": "appeal_to_threat"}
VOICES: dict[str, VoiceName] = {"Q": "quoted", "R": "reported"}
KEYS = ("id", "domain", "register", "source", "date", "side", "event")
DOMAINS = (
    "war and diplomacy", "migration", "public health", "economy and trade", "energy and climate", "elections",
    "crime and policing", "technology", "education", "sport", "local government", "science", "religion and culture",
    "labour", "housing", "transport", "agriculture and food",
)  # fmt: skip
REGISTERS = (
    "wire report", "analysis", "editorial", "state-media style", "party statement", "tabloid", "social post", "speech",
    "fact-check", "interview",
)  # fmt: skip
SPLITS = ("train", "dev", "test")

@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    elements: tuple[Element, ...]
    start: int
    end: int
    part: Part


@dataclass(frozen=True, slots=True)
class _Page:
    header: Mapping[str, str]
    text: str
    lines: tuple[_Line, ...]

    @property
    def article(self) -> Article:
        return Article(self.header["id"], self.text, title_end=self.lines[0].end, metadata=_metadata(self.header))


def read(source: config.Source, *, name: str, inventory: Inventory) -> list[Sentence]:
    """The labelled sentences of a folder of .txt files, or of one file, in file-name order.

    Each sentence is annotated with all three core techniques. Its metadata holds domain, register, outlet (the header's
    `source`), date, side, event (or None), `entities` ([start, end) pairs in the sentence's text) and `roles` (one
    {technique, by, at} for each span that names either). Where a `splits.json` lies beside the folder of articles,
    it gives the split, unless the source itself names one.

    Raises:
        UserError: a file that breaks the format, with its line and what to mend; an inventory without the techniques.
    """
    path = _path(source)
    techniques = {tag: _resolved(technique, inventory) for tag, technique in TECHNIQUES.items()}
    annotated = tuple(sorted(techniques.values(), key=inventory.index))
    splits = _given_splits(path)
    sentences = []
    for page in _pages(path):
        split = source.split or splits.get(page.header["id"])
        for index, line in enumerate(page.lines):
            spans = _spans(line.elements, techniques)
            positive = {span.technique for span in spans}
            sentences.append(
                Sentence(
                    article=page.header["id"], index=index, start=line.start, end=line.end, text=line.text,
                    spans=spans, techniques=tuple(t for t in annotated if t in positive), annotated=annotated,
                    voices=_voices(line.elements, line.text), part=line.part, split=split, source=name,
                    metadata={**_metadata(page.header), **_marks(line.elements, techniques)},
                )
            )  # fmt: skip
    return sentences


def markup_articles(path: Path | str) -> list[Article]:
    """The articles of a folder of .txt files, or of one file, without labels.

    The text is the headline, then paragraphs, all parted by a blank line; the sentences of a paragraph are joined by
    one space. `text[start:end]` of these articles is the text of the sentences that `read` gives.

    Raises:
        UserError: as `read` does.
    """
    return [page.article for page in _pages(Path(path))]


def _path(source: config.Source) -> Path:
    if source.path is None:
        raise UserError("no path", where="data.path", expected="a folder of .txt files, or one file")
    return Path(source.path)


def _resolved(technique: str, inventory: Inventory) -> str:
    known = inventory.resolve(technique)
    if known is None:
        raise UserError(
            f"inventory '{inventory.name}' has no technique '{technique}'",
            where="data.inventory",
            expected="an inventory with the three techniques of markup files",
            remedy="set data.inventory to core.",
        )
    return known


def _pages(path: Path) -> list[_Page]:
    files = sorted(path.glob("*.txt")) if path.is_dir() else [path]
    if not files:
        raise UserError("no .txt file", where=str(path), expected="a folder with one .txt file per article")
    return [_page(file) for file in files]


def _page(path: Path) -> _Page:
    rows = read_text(path).removeprefix("\ufeff").split("\n")
    rule = next((number for number, row in enumerate(rows) if row.strip() == "---"), None)
    if rule is None:
        raise UserError("no line '---'", where=str(path), remedy="put --- between the header and the article.")
    header = _header(rows[:rule], path)
    text, lines, gap = "", list[_Line](), ""
    for number, row in enumerate(rows[rule + 1 :], start=rule + 2):
        if not row.strip():
            gap = "\n\n"
            continue
        sentence, elements = parse_line(row, where=f"{path}:{number}")
        text += (gap or ("\n\n" if len(lines) == 1 else " ")) if lines else ""
        start, gap = len(text), ""
        text += sentence
        lines.append(_Line(sentence, elements, start, len(text), "body" if lines else "title"))
    if not lines:
        raise UserError("no sentence after '---'", where=f"{path}:{rule + 1}", expected="a headline, then sentences")
    return _Page(header, text, tuple(lines))


def _header(rows: list[str], path: Path) -> dict[str, str]:
    header: dict[str, str] = {}
    for number, row in enumerate(rows, start=1):
        where = f"{path}:{number}"
        if not row.strip():
            continue
        key, colon, value = (piece.strip() for piece in row.partition(":"))
        if not colon or not value:
            raise UserError(f"header line '{row.strip()}'", where=where, expected="key: value")
        if key not in KEYS:
            raise UserError(f"unknown header key '{key}'", where=where, remedy=did_you_mean(key, KEYS))
        if key in header:
            raise UserError(f"header key '{key}' stands twice", where=where, remedy="remove one of them.")
        for names, noun in ((DOMAINS, "domain"), (REGISTERS, "register")):
            if key == noun and value not in names:
                raise UserError(f"unknown {noun} '{value}'", where=where, remedy=did_you_mean(value, names))
        if key == "date" and not _is_date(value):
            raise UserError(f"date '{value}'", where=where, expected="YYYY-MM-DD")
        if key == "id" and value != path.stem:
            raise UserError(f"id '{value}'", where=where, expected=f"the file's name, '{path.stem}'")
        header[key] = value
    missing = [key for key in KEYS if key not in header and key != "event"]
    if missing:
        raise UserError(f"no header key '{missing[0]}'", where=str(path), remedy=f"add the line '{missing[0]}: ...'.")
    return header


def _is_date(value: str) -> bool:
    try:
        return datetime.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _spans(elements: tuple[Element, ...], techniques: Mapping[str, str]) -> tuple[Span, ...]:
    return tuple(Span(e.start, e.end, techniques[e.tag]) for e in elements if e.tag in techniques)


def _marks(elements: tuple[Element, ...], techniques: Mapping[str, str]) -> dict[str, Any]:
    roles = [
        {"technique": techniques[e.tag], "by": e.attributes.get("by"), "at": e.attributes.get("at")}
        for e in elements
        if e.tag in techniques and e.attributes
    ]
    return {"entities": [[e.start, e.end] for e in elements if e.tag == "E"], "roles": roles}


def _voices(elements: tuple[Element, ...], text: str) -> tuple[Voice, ...]:
    """Each character has one voice: that of the innermost quoted or reported stretch around it."""
    owner: list[Element | None] = [None] * len(text)
    for element in elements:
        if element.tag in VOICES:
            owner[element.start : element.end] = [element] * (element.end - element.start)
    voices, start = [], 0
    for end in range(1, len(text) + 1):
        if end < len(text) and owner[end] is owner[start]:
            continue
        inner, held = owner[start], text[start:end]
        if inner is not None and held.strip():
            left = start + len(held) - len(held.lstrip())
            speaker = inner.attributes.get("speaker")
            voices.append(Voice(left, left + len(held.strip()), VOICES[inner.tag], speaker))
        start = end
    return tuple(voices)


def _metadata(header: Mapping[str, str]) -> dict[str, Any]:
    names = {"domain": "domain", "register": "register", "source": "outlet", "date": "date", "side": "side"}
    return {name: header[key] for key, name in names.items()} | {"event": header.get("event")}


def _given_splits(path: Path) -> dict[str, str]:
    folder = path if path.is_dir() else path.parent
    file = folder.parent / "splits.json"
    if not file.is_file():
        return {}
    splits = read_json(file)
    if not isinstance(splits, dict):
        raise UserError(f"a JSON {type(splits).__name__}", where=str(file), expected="{article id: split}")
    for article, split in splits.items():
        if split not in SPLITS:
            raise UserError(f"split '{split}' of article '{article}'", where=str(file), expected=", ".join(SPLITS))
    return splits
