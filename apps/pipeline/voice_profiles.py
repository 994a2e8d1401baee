"""Voices of users' own: recordings with their consent, kept as plain PCM until a speaker learns them."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum

from apps.accounts.models import User
from apps.pipeline import voice_claims
from apps.pipeline.blobs import needing_room
from apps.pipeline.models import VoiceProfile, VoiceProfileState, VoiceSample
from apps.pipeline.offered_voices import OfferedVoice
from apps.pipeline.providers import registry
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.speaker.base import Voice
from apps.pipeline.providers.speaker.languages import LANGUAGES, language_of
from apps.pipeline.render import fonts
from apps.pipeline.render.samples import transcode_sample
from apps.pipeline.scratch import scratch_folder
from canvascast.errors import Invalid, NotFound, Refused

MOST_PROFILES = 5
MOST_SAMPLES = 5
MOST_SAMPLE_BYTES = 50_000_000
MOST_STORED_BYTES = 250_000_000
"""Of one user's recordings after decoding: about 43 minutes."""
_LONGEST_NAME = 80
MANY_UPLOADS = "That were many uploads in a short time. Please try again in an hour."


class TooManyVoices(Refused):
    """The user keeps as many voices, or as much sound, as they may."""


class LearnsNoVoices(Refused):
    """No service that learns voices is set up: they would be kept for nothing."""

    def __init__(self) -> None:
        super().__init__("This site cannot learn voices.")


@dataclass(frozen=True)
class _Recording:
    path: Path
    sha256: str
    size_bytes: int
    duration_ms: int


def require_learning() -> None:
    """Raise LearnsNoVoices on a site that cannot."""
    if not settings.CLONER:
        raise LearnsNoVoices


def create_profile(
    *,
    user: User,
    name: str,
    consent: bool,
    files: Sequence[UploadedFile[bytes]],
    at: datetime,
    language: str = "en",
) -> VoiceProfile:
    """Keep a voice from one to five recordings, each of at most 50 MB and three minutes, and have it learned.

    All of it is kept or nothing; the files that were sent never are. Raises Invalid with a sentence for each field
    ("name", "language", "consent", "samples", "samples.0" and so on), TooManyVoices, Transient("disk_full"),
    StorageUnavailable.
    """
    name = name.strip()
    _require_valid(name, language, consent, files)
    _require_room(user, more_bytes=0)
    with needing_room(), scratch_folder() as folder:
        recordings = _transcoded(files, folder)
        return _keep(VoiceProfile(user=user, name=name, language=language, consented_at=at, created_at=at), recordings)


def profiles_of(user: User) -> list[VoiceProfile]:
    """Return the user's voices with their samples, newest first."""
    kept = VoiceProfile.objects.for_user(user).filter(deleted_at__isnull=True)
    return list(kept.prefetch_related("samples").order_by("-created_at"))


def profile_of(user: User, profile_id: UUID) -> VoiceProfile:
    """Return one of the user's voices. Raises NotFound."""
    for found in profiles_of(user):
        if found.pk == profile_id:
            return found
    raise NotFound


def was_deleted(user: User, profile_id: UUID) -> bool:
    """Tell whether this was a voice of the user's, and they deleted it."""
    return VoiceProfile.objects.for_user(user).filter(pk=profile_id, deleted_at__isnull=False).exists()


def own_voices(user: User) -> list[OfferedVoice]:
    """Return the user's voices that are ready to speak and can be captioned here, newest first."""
    ready = VoiceProfile.objects.for_user(user).filter(state=VoiceProfileState.READY, deleted_at__isnull=True)
    offered = [_offered(profile) for profile in ready.order_by("-created_at")]
    return [
        each for each in offered if registry.is_set_up("speaker", each.speaker) and fonts.can_show(each.voice.script)
    ]


def delete_profile(*, user: User, profile_id: UUID, at: datetime) -> None:
    """Delete a voice with its recordings, and have the vendor's copy deleted. Raises NotFound.

    The row stays, so that the vendor's copy can be found.
    """
    with transaction.atomic():
        if not voice_claims.mark_deleted(VoiceProfile.objects.for_user(user).filter(pk=profile_id), at=at):
            raise NotFound
        samples = VoiceSample.objects.filter(profile_id=profile_id)
        names = list(samples.values_list("storage_name", flat=True))
        samples.delete()
        # What cannot be deleted now is an orphan, which `prune` removes.
        transaction.on_commit(lambda: _delete_files(names), robust=True)


def forget_voices(*, user: User, at: datetime) -> None:
    """Delete all of the user's voices without a trace of their names; the vendor's copies follow."""
    with transaction.atomic():
        mine = VoiceProfile.objects.for_user(user)
        voice_claims.mark_deleted(mine, at=at)
        mine.update(name="")


def _offered(profile: VoiceProfile) -> OfferedVoice:
    language = language_of(profile.language) or LANGUAGES["en"]
    voice = Voice(profile.provider_voice_id, profile.name, language.tag, language.script)
    return OfferedVoice(str(profile.pk), profile.provider, voice, profile_id=str(profile.pk))


def _require_valid(name: str, language: str, consent: bool, files: Sequence[UploadedFile[bytes]]) -> None:
    wrong: dict[str, str] = {}
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        wrong["name"] = f"Give the voice a name of up to {_LONGEST_NAME} letters."
    if language not in LANGUAGES:
        wrong["language"] = f"Choose one of these languages: {', '.join(LANGUAGES)}."
    if consent is not True:
        wrong["consent"] = "Confirm that this is your voice, or that its owner agreed to this use."
    if not 1 <= len(files) <= MOST_SAMPLES:
        wrong["samples"] = f"Add one to {MOST_SAMPLES} recordings."
    else:
        wrong |= {f"samples.{index}": words for index, file in enumerate(files) if (words := _wrong_size(file))}
    _raise_if_wrong(wrong)


def _wrong_size(file: UploadedFile[bytes]) -> str:
    if not file.size:
        return "This file is empty."
    if file.size > MOST_SAMPLE_BYTES:
        return f"This file is larger than {MOST_SAMPLE_BYTES // 1_000_000} MB."
    return ""


def _raise_if_wrong(wrong: dict[str, str]) -> None:
    if wrong:
        raise Invalid("The voice was not saved: " + " ".join(wrong.values()), wrong)


def _require_room(user: User, *, more_bytes: int) -> None:
    kept = VoiceProfile.objects.for_user(user).filter(deleted_at__isnull=True)
    if kept.count() >= MOST_PROFILES:
        raise TooManyVoices(f"You have {MOST_PROFILES} voices. Delete one to make room for another.")
    stored = VoiceSample.objects.filter(profile__in=kept).aggregate(total=Sum("size_bytes"))["total"] or 0
    if stored + more_bytes > MOST_STORED_BYTES:
        raise TooManyVoices("Your recordings take up all the room there is. Delete a voice, or upload shorter ones.")


def _transcoded(files: Sequence[UploadedFile[bytes]], folder: Path) -> list[_Recording]:
    recordings: list[_Recording] = []
    wrong: dict[str, str] = {}
    for index, file in enumerate(files):
        try:
            recordings.append(_recording(file, folder, index))
        except Rejected as error:
            wrong[f"samples.{index}"] = error.sentence
    seen = [recording.sha256 for recording in recordings]
    if len(set(seen)) < len(seen):
        wrong["samples"] = "The same recording is there twice."
    _raise_if_wrong(wrong)
    return recordings


def _recording(file: UploadedFile[bytes], folder: Path, index: int) -> _Recording:
    sent, decoded = folder / f"sent-{index}", folder / f"{index}.wav"
    file.seek(0)
    with sent.open("wb") as stream:
        shutil.copyfileobj(file, stream, 1 << 20)
    try:
        duration_ms = transcode_sample(sent, decoded)
    finally:
        sent.unlink()
    with decoded.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return _Recording(decoded, sha256, decoded.stat().st_size, duration_ms)


def _keep(profile: VoiceProfile, recordings: list[_Recording]) -> VoiceProfile:
    """Store the files, then the rows that name them; a profile's files are its own, so they can go when it fails."""
    samples = [
        VoiceSample(
            profile=profile,
            storage_name=f"{profile.user_id}/{profile.pk}/{recording.sha256}.wav",
            sha256=recording.sha256,
            size_bytes=recording.size_bytes,
            duration_ms=recording.duration_ms,
        )
        for recording in recordings
    ]
    try:
        for sample, recording in zip(samples, recordings, strict=True):
            with recording.path.open("rb") as stream:
                _storage().save(sample.storage_name, File(stream))
        _insert(profile, samples)
    except BaseException:
        # A connection may be lost after its commit arrived: then the rows are there, and need their files.
        if not VoiceProfile.objects.filter(pk=profile.pk).exists():
            _delete_files([sample.storage_name for sample in samples])
        raise
    return profile


def _insert(profile: VoiceProfile, samples: list[VoiceSample]) -> None:
    with transaction.atomic():
        # One at a time for each user: the limits are counted.
        User.objects.select_for_update(no_key=True).get(pk=profile.user_id)
        _require_room(profile.user, more_bytes=sum(sample.size_bytes for sample in samples))
        profile.save(force_insert=True)
        VoiceSample.objects.bulk_create(samples)
        voice_claims.send_hints([profile.pk])


def _delete_files(names: list[str]) -> None:
    for name in names:
        _storage().delete(name)


def _storage() -> Storage:
    return storages["voice-samples"]
