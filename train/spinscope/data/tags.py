"""Inline tags of one line of markup: `<L at="...">words</L>` to plain text and the characters each tag holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from spinscope.errors import UserError

_ROLES = {"by", "at"}
ATTRIBUTES: dict[str, set[str]] = {
    "L": _ROLES, "U": _ROLES, "T": _ROLES, "Q": {"speaker"}, "R": {"speaker"}, "E": set(),
}  # fmt: skip

_TAG = re.compile(r"<(/?)([A-Za-z]\w*)([^<>]*)>")
_ATTRIBUTE = re.compile(r'\s+(\w+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Element:
    """A tag pair: its letter, its attributes, and the characters [start, end) of the sentence's text it holds."""

    tag: str
    attributes: Mapping[str, str]
    start: int
    end: int


def parse_line(line: str, *, where: str) -> tuple[str, tuple[Element, ...]]:
    """One line of the body without its tags and outer white space, and its elements in order of start, outer first.

    Raises:
        UserError: a tag that is unknown, unclosed, crossing, empty, or inside one of its own kind.
    """
    plain, elements = "", []
    open_tags: list[tuple[str, dict[str, str], int]] = []
    position = 0
    for match in _TAG.finditer(line):
        plain += line[position : match.start()]
        position = match.end()
        closing, tag, rest = match.groups()
        if tag not in ATTRIBUTES:
            raise UserError(f"unknown tag {match[0]}", where=where, expected=f"one of <{'>, <'.join(ATTRIBUTES)}>")
        if not closing:
            if tag != "Q" and any(tag == other for other, _, _ in open_tags):
                raise UserError(f"<{tag}> inside <{tag}>", where=where, remedy=f"close the outer <{tag}> first.")
            open_tags.append((tag, _attributes(tag, rest, where), len(plain)))
            continue
        if not open_tags or open_tags[-1][0] != tag:
            raise _crossing(tag, [other for other, _, _ in open_tags], where)
        _, attributes, start = open_tags.pop()
        elements.append((tag, attributes, start, len(plain)))
    plain += line[position:]
    if open_tags:
        tag = open_tags[-1][0]
        raise UserError(f"<{tag}> is not closed", where=where, remedy=f"put </{tag}> on the same line.")
    stray = re.search(r"</?[A-Za-z]", plain)
    if stray:
        raise UserError(f"a tag without its '>' at '{plain[stray.start() :][:20]}'", where=where, remedy="end the tag.")
    return _trimmed(plain, elements, where)


def _attributes(tag: str, rest: str, where: str) -> dict[str, str]:
    if _ATTRIBUTE.sub("", rest).strip():
        raise UserError(f"<{tag}{rest}>", where=where, expected='attributes as name="value"')
    attributes = dict(_ATTRIBUTE.findall(rest))
    for name in attributes:
        if name not in ATTRIBUTES[tag]:
            allowed = ", ".join(sorted(ATTRIBUTES[tag])) or "none"
            raise UserError(f"unknown attribute '{name}' of <{tag}>", where=where, expected=f"attributes: {allowed}")
    return attributes


def _crossing(tag: str, open_tags: list[str], where: str) -> UserError:
    if tag not in open_tags:
        return UserError(f"</{tag}> closes nothing", where=where, remedy=f"put <{tag}> before it, or remove it.")
    inner = open_tags[-1]
    return UserError(f"</{tag}> crosses <{inner}>", where=where, remedy=f"put </{inner}> before </{tag}>.")


def _trimmed(
    plain: str, elements: list[tuple[str, dict[str, str], int, int]], where: str
) -> tuple[str, tuple[Element, ...]]:
    out = []
    shift = len(plain) - len(plain.lstrip())
    for tag, attributes, start, end in elements:
        held = plain[start:end]
        if not held.strip():
            raise UserError(f"<{tag}> holds no text", where=where, remedy="remove the tag, or put it around the words.")
        start += len(held) - len(held.lstrip())
        out.append(Element(tag, attributes, start - shift, start - shift + len(held.strip())))
    # Inner tags close first: the reversed list keeps outer before inner where both cover the same characters.
    return plain.strip(), tuple(sorted(reversed(out), key=lambda element: (element.start, -element.end)))
