"""Voices of users' own: recordings with their consent, kept as plain PCM until a speaker learns them."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
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
from apps.pipeline.models import VoiceProfile, VoiceSample
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.render.samples import transcode_sample
from canvascast.errors import Invalid, NotFound, Refused

MOST_PROFILES = 5
MOST_SAMPLES = 5
MOST_SAMPLE_BYTES = 50_000_000
MOST_STORED_BYTES = 250_000_000
"""Of one user's recordings after decoding: about 43 minutes."""
_LONGEST_NAME = 80


class TooManyVoices(Refused):
    """The user keeps as many voices, or as much sound, as they may."""


@dataclass(frozen=True)
class _Recording:
    path: Path
    sha256: str
    size_bytes: int
    duration_ms: int


def create_profile(
    *, user: User, name: str, consent: bool, files: Sequence[UploadedFile[bytes]], at: datetime
) -> VoiceProfile:
    """Keep a voice from one to five recordings, each of at most 50 MB and three minutes.

    All of it is kept or nothing; the files that were sent never are. Raises Invalid with a sentence for each field
    ("name", "consent", "samples", "samples.0" and so on), TooManyVoices, Transient("disk_full"), StorageUnavailable.
    """
    name = name.strip()
    _require_valid(name, consent, files)
    _require_room(user, more_bytes=0)
    settings.SCRATCH_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.SCRATCH_DIR) as folder:
        recordings = _transcoded(files, Path(folder))
        return _keep(VoiceProfile(user=user, name=name, consented_at=at, created_at=at), recordings)


def profiles_of(user: User) -> list[VoiceProfile]:
    """Return the user's voices with their samples, newest first."""
    kept = VoiceProfile.objects.for_user(user).filter(deleted_at__isnull=True)
    return list(kept.prefetch_related("samples").order_by("-created_at"))


def delete_profile(*, user: User, profile_id: UUID, at: datetime) -> None:
    """Delete a voice with its recordings; the row stays, so that the vendor's copy can be found. Raises NotFound."""
    with transaction.atomic():
        live = VoiceProfile.objects.for_user(user).filter(pk=profile_id, deleted_at__isnull=True)
        if not live.update(deleted_at=at):
            raise NotFound
        samples = VoiceSample.objects.filter(profile_id=profile_id)
        names = list(samples.values_list("storage_name", flat=True))
        samples.delete()
        # What cannot be deleted now is an orphan, which `prune` removes.
        transaction.on_commit(lambda: _delete_files(names), robust=True)


def _require_valid(name: str, consent: bool, files: Sequence[UploadedFile[bytes]]) -> None:
    wrong: dict[str, str] = {}
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        wrong["name"] = f"Give the voice a name of up to {_LONGEST_NAME} letters."
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


def _delete_files(names: list[str]) -> None:
    for name in names:
        _storage().delete(name)


def _storage() -> Storage:
    return storages["voice-samples"]
