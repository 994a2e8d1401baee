"""A user's own voices as a page shows them: how far each is, in words."""

from __future__ import annotations

from dataclasses import dataclass

from apps.accounts.models import User
from apps.pipeline.models import VoiceProfile, VoiceProfileState
from apps.pipeline.voice_menu import language_name
from apps.pipeline.voice_profiles import profiles_of

_REASONS = {
    "voice_places_full": "The voice service has no place for another voice. Whoever runs this site can get more.",
    "cloning_not_included": "The voice service does not learn voices for this site. Whoever runs it can change that.",
    "voice_needs_proof": "The voice service wants proof of whose voice this is, which cannot be given here.",
    "file_missing": "A recording could not be found again. Delete the voice and add it again.",
    "vendor_refuses_request": "The voice service did not accept these recordings. Delete the voice and try others.",
}
_ANY_REASON = "The voice service had trouble for a long time. Delete the voice and add it again later."


@dataclass(frozen=True)
class ShownVoice:
    """`looks` is the state's class in the style sheet; `reason` says why a voice could not be learned, else ""."""

    profile_id: str
    name: str
    language: str
    recordings: int
    state: str
    looks: str
    is_in_work: bool
    reason: str


def shown_voices(user: User) -> list[ShownVoice]:
    """Return the user's voices, newest first."""
    return [_shown(profile) for profile in profiles_of(user)]


def _shown(profile: VoiceProfile) -> ShownVoice:
    state = VoiceProfileState(profile.state)
    words, looks = _WORDS[state]
    return ShownVoice(
        profile_id=str(profile.pk),
        name=profile.name,
        language=language_name(profile.language),
        recordings=len(profile.samples.all()),
        state=words,
        looks=looks,
        is_in_work=state in (VoiceProfileState.PENDING, VoiceProfileState.PROCESSING),
        reason=reason_of(profile),
    )


def reason_of(profile: VoiceProfile) -> str:
    """Return why the voice could not be learned and what to do; empty unless that is so."""
    if profile.state != VoiceProfileState.FAILED:
        return ""
    return _REASONS.get(profile.error_code, _ANY_REASON)


_WORDS = {
    VoiceProfileState.PENDING: ("Waiting to be learned", "is-now"),
    VoiceProfileState.PROCESSING: ("Being learned", "is-now"),
    VoiceProfileState.READY: ("Ready", "is-done"),
    VoiceProfileState.FAILED: ("Not learned", "is-wrong"),
}
