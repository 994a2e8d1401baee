"""The menu of voices."""

from __future__ import annotations

from apps.pipeline.providers.speaker.base import Voice
from apps.pipeline.voice_menu import first_voice, voice_menu

VOICES = [
    Voice("en-us", "English (US)", "en-US", "Latn"),
    Voice("de", "Deutsch, Mann", "de-DE", "Latn"),
    Voice("en-gb", "English (GB)", "en-GB", "Latn"),
    Voice("cmn", "普通话", "cmn-Hans-CN", "Hans"),
]


def test_voices_stand_under_their_language_s_own_name():
    assert voice_menu(VOICES, "fr") == [
        ("English", [("en-us", "English (US)"), ("en-gb", "English (GB)")]),
        ("Deutsch", [("de", "Deutsch, Mann")]),
        ("普通话", [("cmn", "普通话")]),
    ]


def test_reader_s_own_language_stands_first():
    assert [name for name, _ in voice_menu(VOICES, "de-at")] == ["Deutsch", "English", "普通话"]


def test_first_voice_speaks_the_language_whatever_its_region():
    assert [first_voice(VOICES, language) for language in ("en-AU", "DE", "xx")] == ["en-us", "de", ""]
