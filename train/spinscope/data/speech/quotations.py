"""Quotation marks paired up: straight, curly, guillemets, low-high and single ones, over sentences and paragraphs.

Only outermost quotations are given; what is nested in one belongs to it. A mark that finds no partner is left alone.
The search for a partner is bounded, so that time is linear in the text's length.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass

_MARK = re.compile(r"[\"“”„‟«»‹›‘‚「」『』]|(?<!\w)['’]|['’](?!\w)")
_PARAGRAPH_END = re.compile(
    r"(?:\r\n|[\n\r\x0b\x0c\x85\u2028\u2029])[^\S\r\n]*(?:\r\n|[\n\r\x0b\x0c\x85\u2028\u2029])\s*"
)
_LINE_END = re.compile(r"[\n\r\x0b\x0c\x85\u2028\u2029]\s*")
_CLOSERS = {
    '"': '"”', "“": "”\"", "„": "“”\"", "‟": "”", "«": "»", "»": "«", "‹": "›", "›": "‹", "‘": "’'", "‚": "‘’",
    "'": "'’", "「": "」", "『": "』",
}  # fmt: skip
_SINGLE = "‘'‚"
_ELISION = re.compile(r"['‘’](?:\d0s|em|tis|twas|til|till|cause|n|bout|round|cos|im|er)\b", re.IGNORECASE)
_MOST_CHARACTERS = 6000
_MOST_MARKS = 60
_MOST_PARAGRAPHS = 8


@dataclass(frozen=True, slots=True)
class Quotation:
    """Characters [start, end) of the text from opening to closing mark, marks included.

    A quotation over several paragraphs is one of these for each paragraph; `continued` on all but the first.
    """

    start: int
    end: int
    continued: bool = False


def find_quotations(text: str) -> list[Quotation]:
    """The outermost quotations of a text, in order, not overlapping."""
    marks = [(match.start(), match.group()) for match in _MARK.finditer(text)]
    breaks = [(m.start(), m.end()) for m in _PARAGRAPH_END.finditer(text)] if marks else []
    if marks and not breaks:
        breaks = [(m.start(), m.end()) for m in _LINE_END.finditer(text)]
    found: list[Quotation] = []
    position = 0
    while position < len(marks):
        pieces, position = _quotation_at(text, marks, position, breaks)
        found.extend(pieces)
    return found


def _quotation_at(
    text: str, marks: list[tuple[int, str]], position: int, breaks: list[tuple[int, int]]
) -> tuple[list[Quotation], int]:
    """The quotation that the mark at `position` opens, in pieces by paragraph, and the next mark to look at."""
    start, mark = marks[position]
    if not _opens(text, start, mark):
        return [], position + 1
    pieces: list[Quotation] = []
    at = bisect.bisect_left(breaks, (start, -1))
    here = position
    for n_paragraphs in range(_MOST_PARAGRAPHS if mark not in _SINGLE else 1):
        end, following = breaks[at] if at < len(breaks) else (len(text), len(text))
        closing = _closing(text, marks, here, end)
        if closing is not None:
            pieces.append(Quotation(start, marks[closing][0] + 1, n_paragraphs > 0))
            return pieces, closing + 1
        # A quotation over several paragraphs opens again in each and closes only in the last.
        again = bisect.bisect_left(marks, (following, ""))
        if again == len(marks) or marks[again] != (following, mark):
            break
        pieces.append(Quotation(start, end, n_paragraphs > 0))
        start, here, at = following, again, at + 1
    return [], position + 1


def _opens(text: str, at: int, mark: str) -> bool:
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    if mark in "„‚「『":
        return not after.isspace()
    if mark in "“‟":
        return not after.isspace() and not before.isalnum()
    if mark == "«":
        return not before.isalnum()
    if mark in "»›":
        return not after.isspace() and (before.isspace() or before in "([—–-")
    if mark in "”’":
        return False
    free_before = before.isspace() or before in '([{—–-/"“„«:'
    if mark in "'‘" and (not free_before or _ELISION.match(text, at) or not (after.isalnum() or after in '"“…[')):
        return False
    return free_before and not after.isspace() and after not in ".,;:!?)]}"


def _closing(text: str, marks: list[tuple[int, str]], opening: int, end: int) -> int | None:
    """Index of the mark that closes the one at `opening` before offset `end`, or None."""
    start, mark = marks[opening]
    depth = 0
    for index in range(opening + 1, min(len(marks), opening + 1 + _MOST_MARKS)):
        at, other = marks[index]
        if at >= end or at - start > _MOST_CHARACTERS:
            return None
        if other in _CLOSERS[mark] and _closes(text, at, other, mark):
            if mark in _SINGLE and _is_possessive(text, marks, index, end):
                continue
            if depth == 0:
                return index
            depth -= 1
        elif other == mark and _opens(text, at, other):
            if mark in "\"'":
                return None
            depth += 1
    return None


def _closes(text: str, at: int, mark: str, opened: str) -> bool:
    before = text[at - 1]
    after = text[at + 1] if at + 1 < len(text) else " "
    if mark in "»«›‹」』":
        return True
    if after.isalnum() or (before.isspace() and not (after.isspace() or after in ".,;:!?)]")):
        return False
    return not (mark == "“" and opened == '"')


def _is_possessive(text: str, marks: list[tuple[int, str]], index: int, end: int) -> bool:
    """`the workers’ fault’`: an s before, a word after, and a better closing mark further on."""
    at, mark = marks[index]
    if text[at - 1] not in "sS" or not re.match(r"\s[a-z]", text[at + 1 : at + 3]):
        return False
    for later, other in marks[index + 1 : index + 20]:
        if later >= end or (other in "‘'" and _opens(text, later, other)):
            return False
        if other == mark and _closes(text, later, other, mark):
            return True
    return False
