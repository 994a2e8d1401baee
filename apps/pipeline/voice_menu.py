"""The voices to choose from, by language and speaker: the user's own, the reader's language, the user's own reading.

All other languages stand below.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.conf.locale import LANG_INFO

from apps.pipeline.offered_voices import RECORDING, OfferedVoice, primary

Menu = list[tuple[str, list[tuple[str, str]]]]
OWN = "Your own voices"
READ = "Read it myself"
SPEAKER_NAMES = {"espeak": "built in", "openai": "OpenAI", "elevenlabs": "ElevenLabs"}
_LOCALES = {"zh": "zh-hans"}


def voice_menu(voices: Sequence[OfferedVoice], language: str) -> Menu:
    """Return the groups of a menu: the language's own name, then each voice's key and name.

    Where there are several speakers, each has groups of its own, with its name behind the language's.
    """
    own = [offered for offered in voices if offered.profile_id]
    read = [offered for offered in voices if offered.speaker == RECORDING]
    others = [offered for offered in voices if not offered.profile_id and offered.speaker != RECORDING]
    first = primary(language)
    languages = sorted(
        dict.fromkeys(primary(offered.voice.language) for offered in others), key=lambda each: each != first
    )
    speakers = dict.fromkeys(offered.speaker for offered in others)
    menu = [
        (each == first, (_group_name(group[0], names_speaker=len(speakers) > 1), _entries(group)))
        for each in languages
        for speaker in speakers
        if (group := [offered for offered in others if offered.speaks(each) and offered.speaker == speaker])
    ]
    read.sort(key=lambda offered: not offered.speaks(language))
    readings = [(offered.key, f"{READ}: {language_name(offered.voice.language)}") for offered in read]
    return [
        *([(OWN, _entries(own))] if own else []),
        *(group for is_first, group in menu if is_first),
        *([(READ, readings)] if read else []),
        *(group for is_first, group in menu if not is_first),
    ]


def first_voice(voices: Sequence[OfferedVoice], language: str) -> str:
    """Return the key of the first voice for everybody that speaks a language (BCP 47), or ""."""
    for offered in voices:
        if offered.speaks(language) and not offered.profile_id and offered.speaker != RECORDING:
            return offered.key
    return ""


def language_name(tag: str, otherwise: str = "") -> str:
    """Return what a language (BCP 47) calls itself: "Deutsch"."""
    known = LANG_INFO.get(_LOCALES.get(primary(tag), primary(tag)), {})
    name = str(known.get("name_local", otherwise or tag))
    return name[:1].upper() + name[1:]


def _entries(group: Sequence[OfferedVoice]) -> list[tuple[str, str]]:
    return [(offered.key, offered.voice.name) for offered in group]


def _group_name(offered: OfferedVoice, *, names_speaker: bool) -> str:
    shown = language_name(offered.voice.language, offered.voice.name)
    return f"{shown} – {SPEAKER_NAMES.get(offered.speaker, offered.speaker)}" if names_speaker else shown
