"""An order that points to things of the user's own: a draft for its text, a profile or a recording for its voice."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from apps.accounts.models import User
from apps.drafts.queries import draft_for
from apps.pipeline.blobs import is_kept
from apps.pipeline.briefs import Order
from apps.pipeline.models import VoiceProfileState
from apps.pipeline.offered_voices import OfferedVoice
from apps.pipeline.recordings import recording_of
from apps.pipeline.voice_profiles import own_voices, profile_of
from canvascast.errors import Invalid, NotFound


def completed(
    order: Order, *, user: User, draft_id: UUID | None, profile_id: UUID | None, recording: str = ""
) -> Order:
    """Return the order with the draft's text where it has none, and with the profile's voice or the recording.

    Raises NotFound for a draft that the user does not have, Invalid for such a voice or recording, and Transient. The
    storage is asked: call it while nothing is locked.
    """
    if draft_id is not None:
        order = _with_draft(order, user, draft_id)
    if recording:
        order = _with_recording(order, user, recording)
    return order if profile_id is None else replace(order, own_voice=_voice_of(user, profile_id))


def _with_draft(order: Order, user: User, draft_id: UUID) -> Order:
    draft = draft_for(user, draft_id)
    if order.prompt or order.transcript:
        return order
    return replace(order, prompt=draft.prompt, transcript=draft.transcript or None)


def _with_recording(order: Order, user: User, ticket: str) -> Order:
    recording = recording_of(user.pk, ticket)
    if recording is None:
        sentence = "None of your recordings has this name. Upload it first."
        raise Invalid(sentence, {"recording": sentence})
    if not is_kept(user.pk, recording.file, asks=True):
        sentence = "This recording is no longer kept. Upload it again, and order with the name that is answered then."
        raise Invalid(sentence, {"recording": sentence})
    return replace(order, recording=recording)


def _voice_of(user: User, profile_id: UUID) -> OfferedVoice:
    for offered in own_voices(user):
        if offered.profile_id == str(profile_id):
            return offered
    sentence = _why_not(user, profile_id)
    raise Invalid(sentence, {"voiceProfileId": sentence})


def _why_not(user: User, profile_id: UUID) -> str:
    try:
        profile = profile_of(user, profile_id)
    except NotFound:
        return "None of your voices has this id."
    return _WHY_NOT[VoiceProfileState(profile.state)]


_LEARNING = "This voice is still being learned. Order again when it is ready."
_WHY_NOT = {
    VoiceProfileState.PENDING: _LEARNING,
    VoiceProfileState.PROCESSING: _LEARNING,
    VoiceProfileState.READY: "This voice cannot be used now: its service, or a font for its language, is missing.",
    VoiceProfileState.FAILED: "This voice could not be learned. Delete it and add it again with other recordings.",
}
