"""An order that points to things of the user's own: a draft for its text, a voice profile for its voice."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from apps.accounts.models import User
from apps.drafts.queries import draft_for
from apps.pipeline.briefs import Order
from apps.pipeline.models import VoiceProfile, VoiceProfileState
from canvascast.errors import Invalid


def completed(order: Order, *, user: User, draft_id: UUID | None, profile_id: UUID | None) -> Order:
    """Return the order with the draft's text where it has none, and with the profile's voice.

    Raises NotFound for a draft that the user does not have and Invalid for such a voice.
    """
    if draft_id is not None:
        order = _with_draft(order, user, draft_id)
    return order if profile_id is None else replace(order, voice=_voice_of(user, profile_id))


def _with_draft(order: Order, user: User, draft_id: UUID) -> Order:
    draft = draft_for(user, draft_id)
    if order.prompt or order.transcript:
        return order
    return replace(order, prompt=draft.prompt, transcript=draft.transcript or None)


def _voice_of(user: User, profile_id: UUID) -> str:
    ready = VoiceProfile.objects.for_user(user).filter(state=VoiceProfileState.READY, deleted_at__isnull=True)
    profile = ready.filter(pk=profile_id).first()
    if profile is None:
        sentence = "None of your voices that are ready has this id."
        raise Invalid(sentence, {"voiceProfileId": sentence})
    return str(profile.provider_voice_id)
