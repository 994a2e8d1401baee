"""A voice tried with the user's own first sentence, before anything is made or charged.

A sample is made once for its words, voice, speed and speaker, and kept for a day in the storage `temp-processing`: that
is what a paid speaker needs so that nothing is bought twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from apps.pipeline.codec import digest
from apps.pipeline.contracts import Token
from apps.pipeline.providers import registry
from apps.pipeline.providers.errors import PipelineError, Rejected
from apps.pipeline.providers.speaker.base import SpeechRequest, Voice
from apps.pipeline.render.voice_sample import SampleRequest, spoken_sample
from apps.pipeline.text.opening import opening
from canvascast.errors import Invalid, NotFound, Refused
from canvascast.logs import get_logger

log = get_logger("pipeline")

_MADE_AS = 1
"""Raise when the same words would now sound otherwise."""


class NoAnswer(Refused):
    """The voice did not speak this time; trying again may help."""

    code = "UNAVAILABLE"
    status = HTTPStatus.SERVICE_UNAVAILABLE


@dataclass(frozen=True)
class VoiceSample:
    """`name` finds the sound again; `sentence` is what it says, as captions show it."""

    name: str
    sentence: str


def make_sample(*, user_id: UUID, text: str, voice: Voice, words_per_minute: int) -> VoiceSample:
    """Let the voice say the first sentence of `text`. Raises Invalid with a sentence for the user, and NoAnswer."""
    tokens = opening(text, voice.language)
    if not tokens:
        raise Invalid("Write a few words first: the voice reads your first sentence.")
    name = _name(tokens, voice, words_per_minute)
    if not storages["temp-processing"].exists(_path(user_id, name)):
        sound = _spoken(tokens, voice, words_per_minute)
        storages["temp-processing"].save(_path(user_id, name), ContentFile(sound))
    return VoiceSample(name, "".join(token.display + token.after for token in tokens).strip())


def sound_of(user_id: UUID, name: str) -> Path | str:
    """Return where the MP3 of a sample of this user is: a local file, or a link into the bucket. Raises NotFound."""
    storage: Any = storages["temp-processing"]  # Any: a bucket's `url` takes more than Django's Storage declares
    if not name.isalnum() or not storage.exists(_path(user_id, name)):
        raise NotFound
    try:
        return Path(storage.path(_path(user_id, name)))
    except NotImplementedError:
        return str(storage.url(_path(user_id, name), parameters={"ResponseContentType": "audio/mpeg"}))


def _spoken(tokens: tuple[Token, ...], voice: Voice, words_per_minute: int) -> bytes:
    speech = SpeechRequest(tokens, voice.voice_id, voice.language, words_per_minute)
    try:
        return spoken_sample(SampleRequest(settings.PROVIDERS["speaker"], speech))
    except Rejected as error:
        raise Invalid(error.sentence) from error
    except PipelineError as error:
        log.warning("voice_sample_failed", code=error.code, voice=voice.voice_id)
        raise NoAnswer("The voice did not answer. Nothing was charged. Please try again in a moment.") from error


def _name(tokens: tuple[Token, ...], voice: Voice, words_per_minute: int) -> str:
    speaker = registry.provider("speaker", settings.PROVIDERS["speaker"])
    return digest(_MADE_AS, speaker.identity, tokens, voice.voice_id, words_per_minute)


def _path(user_id: UUID, name: str) -> str:
    return f"voice-previews/{user_id}/{name}.mp3"
