"""The voices to choose from, by language, the reader's own language first."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf.locale import LANG_INFO

from apps.pipeline.providers.speaker.base import Voice

Menu = list[tuple[str, list[tuple[str, str]]]]


def voice_menu(voices: Sequence[Voice], language: str) -> Menu:
    """Return the groups of a menu: the language's own name, then each voice's id and name."""
    first = _spoken(language)
    languages = sorted(dict.fromkeys(_spoken(voice.language) for voice in voices), key=lambda each: each != first)
    return [_group([voice for voice in voices if _spoken(voice.language) == each]) for each in languages]


def first_voice(voices: Sequence[Voice], language: str) -> str:
    """Return the id of the first voice that speaks a language (BCP 47), or ""."""
    return next((voice.voice_id for voice in voices if _spoken(voice.language) == _spoken(language)), "")


def _group(voices: Sequence[Voice]) -> tuple[str, list[tuple[str, str]]]:
    known = LANG_INFO.get(_spoken(voices[0].language), {})
    name = str(known.get("name_local", voices[0].name))
    return name[:1].upper() + name[1:], [(voice.voice_id, voice.name) for voice in voices]


def _spoken(language: str) -> str:
    return language.split("-")[0].lower()
