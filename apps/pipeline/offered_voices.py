"""The voices that can be chosen: those of every speaker that is set up and whose list can be read now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings

from apps.pipeline.providers import registry
from apps.pipeline.providers.errors import PipelineError
from apps.pipeline.providers.speaker.base import Speaker, Voice
from apps.pipeline.render import fonts
from canvascast.logs import get_logger

log = get_logger("pipeline")

RECORDING = "recording"
# The aligner that takes the speakers' own times.
_TIMES_BY_SPEAKERS = frozenset({"speaker-events"})


@dataclass(frozen=True)
class OfferedVoice:
    """`key` is what a form or a program names it by: its id; with the language behind it where it speaks several.

    `profile_id` is that of a user's own voice, else "".
    """

    key: str
    speaker: str
    voice: Voice
    profile_id: str = ""

    def speaks(self, language: str) -> bool:
        """Tell whether it speaks a language (BCP 47), whatever the region."""
        return primary(self.voice.language) == primary(language)


@dataclass(frozen=True)
class Offer:
    """`voices` are in the order of the speakers; `without_font` has what is spoken and cannot be captioned here."""

    voices: tuple[OfferedVoice, ...]
    without_font: frozenset[str] = frozenset()


def current_offer() -> Offer:
    """Return what all speakers of the settings offer.

    One that cannot tell its voices now is left out, and one whose words nobody here could time.
    """
    speakers: list[Speaker] = [registry.provider("speaker", name) for name in settings.SPEAKERS]
    somebody_listens = any(name not in _TIMES_BY_SPEAKERS for name in settings.ALIGNERS)
    able = [speaker for speaker in speakers if speaker.tells_word_times or somebody_listens]
    return offer_of([(speaker, voices) for speaker in able if (voices := _voices_of(speaker))])


def offer_of(lists: Iterable[tuple[Speaker, Sequence[Voice]]]) -> Offer:
    """Return the voices whose captions this machine can show, each under a key of its own."""
    offered: dict[str, OfferedVoice] = {}
    without_font: set[str] = set()
    for speaker, voices in lists:
        for voice in voices:
            if not fonts.can_show(voice.script):
                without_font.add(primary(voice.language))
                continue
            key = _key(speaker, voice, offered)
            offered[key] = OfferedVoice(key, speaker.name, voice)
    return Offer(tuple(offered.values()), frozenset(without_font))


def recording_voices() -> tuple[OfferedVoice, ...]:
    """Return what stands among the voices for a recording of the user's own: one for each language it may be in."""
    reader: Speaker = registry.provider("speaker", RECORDING)
    return tuple(
        OfferedVoice(f"{RECORDING}.{primary(voice.language)}", RECORDING, voice)
        for voice in reader.voices()
        if fonts.can_show(voice.script)
    )


def primary(language: str) -> str:
    """Return a language without its region: "en" of "en-US"."""
    return language.split("-")[0].lower()


def _voices_of(speaker: Speaker) -> tuple[Voice, ...]:
    try:
        return speaker.voices()
    except PipelineError as error:
        log.warning("voices_unread", provider=speaker.name, code=error.code)
        return ()


def _key(speaker: Speaker, voice: Voice, taken: dict[str, OfferedVoice]) -> str:
    language = f"{voice.voice_id}.{voice.language}"
    for key in (voice.voice_id, language):
        if key not in taken:
            return key
    return f"{speaker.name}.{language}"
