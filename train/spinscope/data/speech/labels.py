"""Names that stand beside a quotation without a verb: labels of turns, signatures, whoever takes the floor.

`Ann Lee, baker: "..."`, `18.20 Ann Lee (Greens): "..."`, `"..." — Ann Lee, baker`, `Ann Lee again. "..."`.
"""

from __future__ import annotations

import re

from spinscope.data.speech.names import is_name_word
from spinscope.data.speech.words import MASK

_CAPITALISED = r"[^\W\d_a-z][\w’'-]*"
_NAME = (
    rf"{_CAPITALISED}\.?(?: (?:(?:de|da|del|der|van|von|bin|al|la|le|of) )?(?:{_CAPITALISED}\.?|[A-Z]\.)){{0,4}}"
)
_TIME = re.compile(r"\W*\d{1,2}[.:]\d\d(?: ?[ap]\.?m\.?)?\W+")
_FROM = r"(?:(?:[A-Z][\w-]+ )?[Ff]rom )?"
_HANDLE = r"@?[a-z]+(?:[_.\d][\w.]*|(?=:))"
_LABEL = re.compile(
    rf"{_FROM}(?P<name>{_NAME}|{_HANDLE})(?: again| then| now)?(?:,[^:{MASK}]{{0,80}}| \([^:()]{{0,60}}\))?:\s*"
)
_SIGNATURE = re.compile(
    rf"[\s,]*(?:[—–-]\s*|\(|[Tt]hat was )?(?P<name>{_NAME})(?:, [^.:;\n{MASK}]{{1,60}})?\)?\.?\s*(?:\n|$)"
)
_FLOOR = re.compile(
    rf"(?P<name>{_NAME})(?:(?:,(?: [\w’'-]+){{1,6}},?)? (?:again|next|then|now|opens?|opened|rises|rose|stands up|stood up|begins|"
    r"began|speaks|spoke|goes first|went first|(?:takes|took|has|had) the (?:floor|word|microphone|stand)|comes forward|"
    r"came forward|steps up|stepped up|is next|was next|replies|replied|answers|answered)(?: [^.:;\n]{1,30})?|"
    r",(?: [\w’'-]+){1,4})?[.:]\s*"
)
_MOST_CHARACTERS = 160
_GREETINGS = frozenset(("Welcome", "Hello", "Hi", "Good", "Thanks", "Thank", "First", "Next", "Finally", "Lastly", "Caller", "Line"))


def label_before(text: str) -> str | None:
    """The name that `text`, the author's words right before a quotation, gives as a label; None where it is none."""
    if len(text) > _MOST_CHARACTERS or not text.rstrip().endswith(":"):
        return None
    time = _TIME.match(text)
    return _named(_LABEL.fullmatch(text, time.end() if time else 0))


def signature_after(text: str) -> str | None:
    """The name that signs a quotation, from the rest of its line; None where the line goes on in another way."""
    return _named(_SIGNATURE.match(text)) if len(text) <= _MOST_CHARACTERS else None


def has_the_floor(sentence: str) -> str | None:
    """Whom a sentence before a quotation calls up, where that is all that it says."""
    if len(sentence) > _MOST_CHARACTERS:
        return None
    time = _TIME.match(sentence)
    name = _named(_FLOOR.fullmatch(sentence, time.end() if time else 0))
    return name if name is not None and name.split()[0] not in _GREETINGS else None


def _named(match: re.Match[str] | None) -> str | None:
    name = match.group("name").rstrip(".") if match is not None else None
    return name if name is not None and is_name_word(name.split()[0]) else None
