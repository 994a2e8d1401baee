"""`/api/v1/voice-profiles`: voices of users' own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from apps.accounts.rates import require_few
from apps.pipeline.models import VoiceProfile, VoiceProfileState
from apps.pipeline.voice_list import reason_of
from apps.pipeline.voice_profiles import (
    MANY_UPLOADS,
    create_profile,
    delete_profile,
    profiles_of,
    require_learning,
)
from canvascast.api.auth import Request
from canvascast.api.schemas import REFUSALS, Body

router = Router(tags=["voices"], by_alias=True)


class SampleOut(Body):
    id: UUID
    duration_ms: int
    size_bytes: int = Field(description="as it is kept: 48 kHz mono PCM")


class VoiceProfileOut(Body):
    """PENDING, then PROCESSING while the voice is learned; then READY, or FAILED with the reason in `errorMessage`."""

    id: UUID
    name: str
    language: str
    status: VoiceProfileState
    error_message: str | None
    samples: list[SampleOut]
    created_at: datetime

    @classmethod
    def of(cls, profile: VoiceProfile) -> VoiceProfileOut:
        samples = [
            SampleOut(id=sample.pk, duration_ms=sample.duration_ms, size_bytes=sample.size_bytes)
            for sample in profile.samples.all()
        ]
        return cls(
            id=profile.pk,
            name=profile.name,
            language=profile.language,
            status=VoiceProfileState(profile.state),
            error_message=reason_of(profile) or None,
            samples=samples,
            created_at=profile.created_at,
        )


class VoiceProfilesOut(Body):
    voice_profiles: list[VoiceProfileOut]


@router.get("/voice-profiles", response={200: VoiceProfilesOut, **REFUSALS}, summary="List voices")
def list_voice_profiles(request: Request) -> VoiceProfilesOut:
    """Return the user's own voices, newest first."""
    return VoiceProfilesOut(voice_profiles=[VoiceProfileOut.of(profile) for profile in profiles_of(request.auth)])


@router.post("/voice-profiles", response={201: VoiceProfileOut, **REFUSALS}, summary="Keep a voice")
def create_voice_profile(
    request: Request,
    name: Annotated[str, Form(max_length=200)],
    consent: Annotated[bool, Form(description="that this is the user's voice, or that its owner agreed")],
    samples: Annotated[list[UploadedFile], File(description="one to five recordings, each at most 50 MB and 180 s")],
    language: Annotated[str, Form(max_length=20, description="what it speaks where an order names no other")] = "en",
) -> Status[VoiceProfileOut]:
    """Keep one to five recordings of a voice as multipart/form-data; the files that were sent are not kept.

    Twenty times an hour. 409 where this site cannot learn voices, and with as many voices as one may have.
    """
    require_learning()
    require_few(request, "voice_upload", MANY_UPLOADS, user=request.auth)
    profile = create_profile(
        user=request.auth, name=name, language=language, consent=consent, files=samples, at=timezone.now()
    )
    return Status(201, VoiceProfileOut.of(profile))


@router.delete("/voice-profiles/{profile_id}", response={204: None, **REFUSALS}, summary="Delete a voice")
def delete_voice_profile(request: Request, profile_id: UUID) -> Status[None]:
    """Delete the voice with its recordings, here and at whoever learned it."""
    delete_profile(user=request.auth, profile_id=profile_id, at=timezone.now())
    return Status(204, None)
