"""Languages are told for texts long enough, and what cannot be told is accepted."""

from __future__ import annotations

import pytest

from spinscope.data.language import detect_language, is_foreign

TEXTS = {
    "en": "The mayor said on Monday that the bridge would stay closed until the spring, and nobody was surprised.",
    "de": "Der Bürgermeister sagte am Montag, dass die Brücke bis zum Frühling geschlossen bleibt.",
    "fr": "Le maire a déclaré lundi que le pont resterait fermé jusqu'au printemps prochain.",
    "ru": "Мэр заявил в понедельник, что мост останется закрытым до весны следующего года.",
}


@pytest.mark.parametrize("language", TEXTS)
def test_languages_are_told(language: str) -> None:
    found, confidence = detect_language(TEXTS[language])
    assert found == language
    assert 0.7 < confidence <= 1
    assert is_foreign(TEXTS[language], ["en"]) == (None if language == "en" else language)


@pytest.mark.parametrize("text", ["", "Nein.", "123 456 789 " * 20, "🙂" * 100])
def test_too_short_to_tell_is_accepted(text: str) -> None:
    assert detect_language(text) == ("", 0.0)
    assert is_foreign(text, ["en"]) is None


def test_a_long_text_is_judged_by_a_sample() -> None:
    assert is_foreign(TEXTS["de"] * 20_000, ["en"]) == "de"


def test_a_doubt_of_the_quick_look_is_settled_by_a_longer_one() -> None:
    german, english = TEXTS["de"] + " ", TEXTS["en"] + " "
    assert detect_language(english * 30)[0] == "en"
    language, confidence = detect_language(german * 3 + english * 40 + german * 3)
    assert language == "en"
    assert confidence < 0.999
