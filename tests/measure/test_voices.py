"""Figures of voices from counts."""

from __future__ import annotations

import pytest

from spinscope.measure.voices import FIGURES, measure_voices

NAMES = (
    "character_hits", "character_extra", "character_missed", "quotation_hits", "quotation_extra", "quotation_missed",
    "sentence_hits", "sentence_extra", "sentence_missed", "quoted_named", "quoted_right", "quoted_verbatim",
    "reported_named", "reported_right", "reported_verbatim",
)  # fmt: skip
SETTINGS = {"n_resamples": 200, "confidence": 0.9, "seed": 3}


def test_figures_by_hand():
    counts = [[6, 1, 1, 1, 0, 1, 2, 1, 0, 4, 3, 2, 0, 0, 0], [2, 1, 1, 1, 1, 0, 0, 1, 1, 2, 2, 2, 4, 1, 0]]
    figures = measure_voices(counts, NAMES, **SETTINGS)
    assert set(figures) == set(FIGURES)
    assert figures["character_precision"].value == pytest.approx(8 / 10)
    assert figures["character_recall"].value == pytest.approx(8 / 10)
    assert figures["quotation_f1"].value == pytest.approx(4 / 6)
    assert figures["reported_f1"].value == pytest.approx(4 / 7)
    assert figures["speaker_score"].value == pytest.approx(6 / 10)
    assert figures["quoted_speaker_score"].value == pytest.approx(5 / 6)
    assert figures["reported_speaker_score"].value == pytest.approx(1 / 4)
    assert figures["verbatim_speaker_score"].value == pytest.approx(4 / 10)
    for estimate in figures.values():
        assert estimate.low <= estimate.value <= estimate.high


def test_the_same_seed_gives_the_same_interval_and_articles_alike_none():
    counts = [[6, 1, 1, 1, 0, 1, 2, 1, 0, 4, 3, 2, 1, 1, 0]] * 5
    figures = measure_voices(counts, NAMES, **SETTINGS)
    assert figures == measure_voices(counts, NAMES, **SETTINGS)
    assert figures["speaker_score"].low == pytest.approx(figures["speaker_score"].high)


def test_what_is_not_there_has_no_figure():
    for counts in ([[0] * len(NAMES)], [[0] * len(NAMES)] * 3):
        assert all(estimate.value is None and estimate.note for estimate in measure_voices(counts, NAMES, **SETTINGS).values())


def test_counts_and_names_must_fit():
    with pytest.raises(ValueError, match="counts"):
        measure_voices([[1, 2]], NAMES, **SETTINGS)
