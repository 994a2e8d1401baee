"""The menu of voices."""

from __future__ import annotations

from apps.pipeline.offered_voices import OfferedVoice
from apps.pipeline.providers.speaker.base import Voice
from apps.pipeline.voice_menu import first_voice, voice_menu

PLAIN = [
    Voice("en-us", "English (US)", "en-US", "Latn"),
    Voice("de", "Deutsch, Mann", "de-DE", "Latn"),
    Voice("en-gb", "English (GB)", "en-GB", "Latn"),
    Voice("cmn", "普通话", "cmn-Hans-CN", "Hans"),
]
VOICES = [OfferedVoice(voice.voice_id, "espeak", voice) for voice in PLAIN]


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


def test_each_of_several_speakers_has_its_own_groups_after_the_users_own_voices():
    own = OfferedVoice("f00", "elevenlabs", Voice("x", "Grandma", "en", "Latn"), profile_id="f00")
    bought = [
        OfferedVoice(f"coral.{tag}", "openai", Voice("coral", "Coral", tag, "Latn")) for tag in ("en", "de", "zh")
    ]

    menu = voice_menu([*VOICES, *bought, own], "de")

    assert [(name, [key for key, _ in entries]) for name, entries in menu] == [
        ("Your own voices", ["f00"]),
        ("Deutsch – built in", ["de"]),
        ("Deutsch – OpenAI", ["coral.de"]),
        ("English – built in", ["en-us", "en-gb"]),
        ("English – OpenAI", ["coral.en"]),
        ("普通话 – built in", ["cmn"]),
        ("简体中文 – OpenAI", ["coral.zh"]),
    ]


def test_own_voice_is_nobodys_first_choice():
    own = OfferedVoice("f00", "elevenlabs", Voice("x", "Grandma", "en", "Latn"), profile_id="f00")

    assert first_voice([own, *VOICES], "en") == "en-us"
