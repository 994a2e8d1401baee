"""A voice tried with the user's own first sentence, before anything is made or charged.

A sample is made once for its words, voice, speed and speaker, and kept for a day in the storage `temp-processing`, so
that nothing is bought twice. A vendor is asked from here, by whoever holds its key; what it said is levelled and packed
in the same limited process in which the built-in speaker speaks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from apps.pipeline.codec import digest
from apps.pipeline.offered_voices import OfferedVoice
from apps.pipeline.providers import registry
from apps.pipeline.providers.errors import PipelineError, Rejected
from apps.pipeline.providers.speaker.base import Speaker, SpeechRequest
from apps.pipeline.quick_calls import asked_quickly, is_remote
from apps.pipeline.render.voice_sample import SampleRequest, spoken_sample
from apps.pipeline.text.opening import opening
from canvascast.errors import Invalid, NotFound, Refused
from canvascast.logs import get_logger

log = get_logger("pipeline")

_MADE_AS = 2
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


def make_sample(
    *, user_id: UUID, text: str, offered: OfferedVoice, words_per_minute: int, before_buying: Callable[[], None]
) -> VoiceSample:
    """Let the voice say the first sentence of `text`; `before_buying` may refuse what a vendor would be paid for.

    Raises Invalid with a sentence for the user, NoAnswer, and what `before_buying` raises.
    """
    tokens = opening(text, offered.voice.language)
    if not tokens:
        raise Invalid("Write a few words first: the voice reads your first sentence.")
    speech = SpeechRequest(tokens, offered.voice.voice_id, offered.voice.language, words_per_minute)
    speaker = registry.provider("speaker", offered.speaker)
    name = _name(speaker, speech)
    if not storages["temp-processing"].exists(_path(user_id, name)):
        if is_remote(speaker):
            before_buying()
        sound = _spoken(speaker, speech)
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


def samples_folder(user_id: UUID) -> str:
    """Return the folder in the storage `temp-processing` that has every sample of this user."""
    return f"voice-previews/{user_id}"


def _spoken(speaker: Speaker, speech: SpeechRequest) -> bytes:
    try:
        return spoken_sample(_bought(speaker, speech) if is_remote(speaker) else SampleRequest(speaker.name, speech))
    except Rejected as error:
        raise Invalid(error.sentence) from error
    except PipelineError as error:
        log.warning("voice_sample_failed", code=error.code, provider=speaker.name, voice=speech.voice_id)
        raise NoAnswer("The voice did not answer. Nothing was charged. Please try again in a moment.") from error


def _bought(speaker: Any, speech: SpeechRequest) -> SampleRequest:  # Any: a vendor's speaker
    said = asked_quickly(speaker, "speaker").speak(speech)
    return SampleRequest(speaker.name, speech, said.pcm, said.sample_rate)


def _name(speaker: Speaker, speech: SpeechRequest) -> str:
    return digest(_MADE_AS, speaker.identity, speech)


def _path(user_id: UUID, name: str) -> str:
    return f"{samples_folder(user_id)}/{name}.mp3"
