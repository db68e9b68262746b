"""Colours of techniques can be read as letters, on light pages and on dark ones."""

from __future__ import annotations

import colorsys
import re

import pytest

from spinscope.report.palette import hues, ink


def luminance(red: float, green: float, blue: float) -> float:
    """WCAG 2.2, "relative luminance", of parts from 0 to 1."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("is_dark", "paper"), [(False, (251, 250, 247)), (True, (27, 31, 37))])
def test_every_hue_has_enough_contrast(is_dark: bool, paper: tuple[int, int, int]) -> None:
    behind = luminance(*(part / 255 for part in paper))
    for hue in hues(60):
        found = re.fullmatch(r"hsl\((\d+) (\d+)% (\d+)%\)", ink(hue, is_dark=is_dark))
        assert found is not None and int(found[1]) == hue
        letters = luminance(*colorsys.hls_to_rgb(hue / 360, int(found[3]) / 100, int(found[2]) / 100))
        dark, light = sorted((behind, letters))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, f"hue {hue}"
