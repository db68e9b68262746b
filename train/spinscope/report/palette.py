"""What tells techniques apart on a page: a hue and a short code for each."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

_HUES = (28, 212, 352, 150, 275, 188, 50, 318, 95, 240, 10, 168)
_SMALL_WORDS = frozenset(["versus", "to", "of", "the", "and", "or", "a", "in", "for", "on", "as", "by"])


def codes(titles: Sequence[str]) -> list[str]:
    """Two or three letters for each technique, all different: initials, then letters of the first word."""
    found: list[str] = []
    for title in titles:
        words = [word for word in re.findall(r"[^\W\d_]+", title) if word.lower() not in _SMALL_WORDS] or ["?"]
        initials = "".join(word[0] for word in words[:3]).upper()
        spelt = "".join(words).upper()
        choices = [initials] if len(words) > 1 else []
        choices += [spelt[:2], spelt[:3], *(spelt[0] + letter for letter in spelt[1:])]
        choices += [f"{spelt[0]}{number}" for number in range(len(titles))]
        found.append(next(code for code in choices if code not in found))
    return found


def hues(n_techniques: int) -> list[int]:
    """Hues in degrees, the first ones chosen to be told apart, the rest by the golden angle."""
    return list(itertools.islice(_all_hues(), n_techniques))


def _all_hues() -> Iterator[int]:
    yield from _HUES
    for number in itertools.count(1):
        yield round(33 + number * 137.508) % 360
