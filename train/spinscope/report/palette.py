"""What tells techniques apart on a page: a hue and a short code for each."""

from __future__ import annotations

import colorsys
import itertools
import re
from collections.abc import Iterator, Sequence

_HUES = (28, 212, 352, 150, 275, 188, 50, 318, 95, 240, 10, 168)
_PANELS = ((251, 250, 247), (27, 31, 37))
"""The backgrounds of `base.html` that leave a letter the least contrast: its light paper, its dark panel."""
_LEAST_CONTRAST = 4.6  # WCAG 2 AA asks for 4.5
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


def ink(hue: int, *, is_dark: bool) -> str:
    """A hue as a CSS colour in which small letters can be read: as light as contrast allows, on dark pages as dark.

    Yellow and green look lighter than red and blue of the same HSL lightness: one lightness for all would not do.
    """
    saturation, lightness, step = (78, 68, 1) if is_dark else (72, 38, -1)
    while _contrast(_rgb(hue, saturation, lightness), _PANELS[is_dark]) < _LEAST_CONTRAST:
        lightness += step
    return f"hsl({hue} {saturation}% {lightness}%)"


def _rgb(hue: int, saturation: int, lightness: int) -> tuple[float, ...]:
    return tuple(255 * part for part in colorsys.hls_to_rgb(hue / 360, lightness / 100, saturation / 100))


def _contrast(one: Sequence[float], other: Sequence[float]) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    dark, light = sorted(_luminance(colour) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Sequence[float]) -> float:
    parts = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _all_hues() -> Iterator[int]:
    yield from _HUES
    for number in itertools.count(1):
        yield round(33 + number * 137.508) % 360
