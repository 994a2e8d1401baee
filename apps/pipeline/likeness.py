"""The settings of a video for another one like it. Words stay with a film; of what became none they come along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from apps.accounts.models import User
from apps.pipeline.codec import from_json
from apps.pipeline.contracts import Brief
from apps.pipeline.listing import newest_job
from apps.pipeline.offered_voices import OfferedVoice
from apps.pipeline.references import ticket_of
from apps.pipeline.states import JobState


def initial_like(
    user: User, project_id: UUID, *, voices: Sequence[OfferedVoice]
) -> dict[str, Any]:  # Any: initial values
    """Return the create form's initial values from one of the user's videos. Raises NotFound.

    A voice that is not among `voices` any more, a recording and music from a file are left to the form. What was
    written comes along where it failed or was stopped: nobody is to type it twice.
    """
    job = newest_job(user, project_id)
    brief = from_json(job.brief, Brief)
    has_no_film = job.state in (JobState.FAILED, JobState.CANCELED)
    settings: dict[str, Any] = {
        "way": "script" if brief.transcript_mode == "manual" else "describe",
        "niche": brief.niche_preset,
        "minutes": brief.target_minutes,
        "shape": brief.shape,
        "captions": brief.captions.style,
        "position": brief.captions.position,
        "titles": brief.on_screen_titles,
    }
    # A recording is of the other video's words, and its speed was measured.
    if brief.recording is None:
        settings |= {"speed": brief.voice.speed, "pace": brief.pace}
    if (brief.recording is None or has_no_film) and (key := _key_of(brief, voices)):
        settings["voice"] = key
    if brief.look.reference is not None:
        settings["kept"] = ticket_of(user.pk, brief.look.reference)
    if brief.music.kind != "file":
        settings["music"] = brief.music.kind
    if has_no_film:
        settings |= {"title": brief.title, "prompt": brief.prompt, "transcript": brief.transcript_text}
    return settings


def _key_of(brief: Brief, voices: Sequence[OfferedVoice]) -> str:
    voice = brief.voice
    if voice.voice_profile_id:
        return next((each.key for each in voices if each.profile_id == voice.voice_profile_id), "")
    same = [each for each in voices if (each.speaker, each.voice.voice_id) == (voice.provider, voice.voice_id)]
    return next((each.key for each in same if each.speaks(brief.language)), "")
