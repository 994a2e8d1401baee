"""Instant voice cloning at ElevenLabs: no price a voice, but each takes one of the account's places."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from apps.pipeline.providers.cloner.base import Clone, CloneRequest, FoundVoice
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.usage import Usage
from apps.pipeline.providers.vendors.account import Account, Timeouts
from apps.pipeline.providers.vendors.elevenlabs import ONE_TRY, ElevenLabsService, elevenlabs_answers
from apps.pipeline.providers.vendors.refusals import bad_answer

if TYPE_CHECKING:
    from elevenlabs.types import Voice

# The queue that learns voices also sends mail.
_MOST = Timeouts(connect=10.0, read=60.0, total=90.0)
_PAGE_SIZE, _MOST_PAGES = 100, 5
_VOICE_ID = r"[A-Za-z0-9]{1,64}"


class ElevenLabsCloner(ElevenLabsService):
    identity = "elevenlabs instant cloning 1"

    def __init__(self, account: Account) -> None:
        asked = account.timeouts
        timeouts = Timeouts(
            min(asked.connect, _MOST.connect), min(asked.read, _MOST.read), min(asked.total, _MOST.total)
        )
        super().__init__(replace(account, timeouts=timeouts))

    def learn(self, request: CloneRequest) -> Clone:
        """Add the voice. Raises Rejected("voice_places_full", "cloning_not_included"), Transient, PipelineError."""
        files = [(f"{number}.mp3", sound, "audio/mpeg") for number, sound in enumerate(request.recordings, 1)]
        with elevenlabs_answers(_refused()):
            made = self.client.voices.ivc.create(name=request.name, files=files, labels=None, request_options=ONE_TRY)
            voice_id, needs_proof = made.voice_id, made.requires_verification
            if not re.fullmatch(_VOICE_ID, voice_id):
                raise bad_answer("elevenlabs", "a voice id that is none")
        return Clone(voice_id, needs_proof is True, Usage("instant cloning", units=1))

    def find(self, name: str) -> tuple[FoundVoice, ...]:
        """Return the account's voices of that name, which the vendor's search also finds in other texts."""
        found: list[FoundVoice] = []
        token = None
        with elevenlabs_answers():
            for _ in range(_MOST_PAGES):
                page = self.client.voices.search(
                    search=name, page_size=_PAGE_SIZE, next_page_token=token, request_options=ONE_TRY
                )
                same = [voice for voice in page.voices if voice.name == name]
                found += [_found(voice) for voice in same if re.fullmatch(_VOICE_ID, voice.voice_id)]
                token = page.next_page_token
                if not page.has_more or not token:
                    break
        return tuple(found)

    def forget(self, voice_id: str) -> None:
        """Delete the voice; it is no error when it is gone already."""
        gone = Rejected("unknown_voice", "This voice is no longer there.")
        try:
            with elevenlabs_answers({"voice_not_found": gone, "voice_does_not_exist": gone}):
                self.client.voices.delete(voice_id, request_options=ONE_TRY)
        except Rejected:
            return


def _found(voice: Voice) -> FoundVoice:
    proof = voice.voice_verification
    return FoundVoice(voice.voice_id, proof is not None and proof.requires_verification and not proof.is_verified)


def _refused() -> dict[str, Rejected]:
    full = Rejected("voice_places_full", "The voice service has no place for another voice just now.")
    excluded = Rejected("cloning_not_included", "The voice service does not learn voices for this site.")
    return {
        "voice_limit_reached": full,
        "voice_add_edit_limit_reached": full,
        "can_not_use_instant_voice_cloning": excluded,
    }
