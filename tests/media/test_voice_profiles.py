"""Voices of users' own: what is kept, what is refused, and that nothing is kept when something is refused."""

from __future__ import annotations

import io
import tempfile
import threading
import uuid
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.db import connection
from django.utils import timezone

from apps.pipeline import voice_profiles
from apps.pipeline.models import VoiceProfile, VoiceSample
from apps.pipeline.voice_profiles import TooManyVoices, create_profile, delete_profile, profiles_of
from canvascast.errors import Invalid, NotFound
from tests.media.recordings import tone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(folders, settings, tmp_path):
    settings.SCRATCH_DIR = tmp_path / "scratch"


def sent(content: bytes = b"", name: str = "sample.wav") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or tone(1.2), content_type="audio/wav")


def create(owner, *files, name="My voice", consent=True):
    return create_profile(user=owner, name=name, consent=consent, files=files or [sent()], at=timezone.now())


def stored(folders) -> list[str]:
    return sorted(path.relative_to(folders).as_posix() for path in folders.rglob("*.wav"))


def assert_nothing_kept(folders, settings) -> None:
    assert VoiceProfile.objects.count() == 0
    assert VoiceSample.objects.count() == 0
    assert stored(folders) == []
    assert list(settings.SCRATCH_DIR.glob("*")) == []


def test_voice_is_kept_with_its_recordings_as_pcm(folders, owner, settings):
    profile = create(owner, sent(tone(1.5, rate=8000)), sent(tone(2)), name="  Ann  ")

    samples = profile.samples.order_by("duration_ms")
    assert (profile.name, profile.state, profile.user_id) == ("Ann", "PENDING", owner.pk)
    assert [sample.duration_ms for sample in samples] == [1500, 2000]
    for sample in samples:
        content = storages["voice-samples"].open(sample.storage_name).read()
        assert len(content) == sample.size_bytes
        with wave.open(io.BytesIO(content)) as decoded:
            assert (decoded.getnchannels(), decoded.getframerate()) == (1, 48_000)
    assert len(stored(folders)) == 2
    assert list(settings.SCRATCH_DIR.glob("*")) == []


def test_upload_waiting_on_disk_is_read_from_there(owner):
    upload = TemporaryUploadedFile("sample.wav", "audio/wav", 0, None)
    upload.write(tone(1.2))
    upload.size = upload.tell()

    assert create(owner, upload).samples.get().duration_ms == 1200


@pytest.mark.parametrize("scratch", ["new", "file"])
def test_upload_waits_on_the_disk_of_scratch_or_in_the_system_s_folder(rf, settings, tmp_path: Path, scratch: str):
    (tmp_path / "file").touch()
    settings.SCRATCH_DIR = tmp_path / scratch / "scratch"
    request = rf.post("/api/v1/voice-profiles", {"samples": sent(b"tiny")})

    upload = request.FILES["samples"]

    assert isinstance(upload, TemporaryUploadedFile)
    expected = {"new": settings.SCRATCH_DIR, "file": Path(tempfile.gettempdir())}
    assert Path(upload.temporary_file_path()).parent == expected[scratch]
    assert upload.read() == b"tiny"


@pytest.mark.parametrize(
    ("field", "given", "sentence"),
    [
        ("consent", {"consent": False}, "Confirm that this is your voice, or that its owner agreed to this use."),
        ("consent", {"consent": "yes"}, "Confirm that this is your voice, or that its owner agreed to this use."),
        ("name", {"name": "  "}, "Give the voice a name of up to 80 letters."),
        ("name", {"name": "x" * 81}, "Give the voice a name of up to 80 letters."),
        ("name", {"name": "a\x00b"}, "Give the voice a name of up to 80 letters."),
    ],
)
def test_wrong_field_is_named_in_words(folders, owner, settings, field, given, sentence):
    with pytest.raises(Invalid) as raised:
        create(owner, **given)

    assert raised.value.details == {field: sentence}
    assert_nothing_kept(folders, settings)


@pytest.mark.parametrize("count", [0, 6])
def test_one_to_five_recordings_are_taken(folders, owner, settings, count):
    with pytest.raises(Invalid) as raised:
        create_profile(user=owner, name="Ann", consent=True, files=[sent()] * count, at=timezone.now())

    assert raised.value.details == {"samples": "Add one to 5 recordings."}
    assert_nothing_kept(folders, settings)


def test_each_wrong_recording_is_named_and_none_is_kept(folders, owner, settings):
    with pytest.raises(Invalid) as raised:
        create(owner, sent(), sent(b"<html></html>", "a.mp3"), sent(tone(0.5)))

    assert raised.value.details == {
        "samples.1": "This file cannot be played as sound. Use an MP3, WAV, FLAC, Ogg, M4A or AAC recording.",
        "samples.2": "This recording is shorter than a second. Upload a longer one.",
    }
    assert_nothing_kept(folders, settings)


def test_empty_and_oversized_files_are_not_opened(folders, owner, settings, monkeypatch):
    monkeypatch.setattr(voice_profiles, "MOST_SAMPLE_BYTES", 1_000_000)
    empty = SimpleUploadedFile("empty.mp3", b"")

    with pytest.raises(Invalid) as raised:
        create(owner, empty, sent(tone(35)))

    assert raised.value.details == {"samples.0": "This file is empty.", "samples.1": "This file is larger than 1 MB."}
    assert_nothing_kept(folders, settings)


def test_same_recording_twice_is_refused(folders, owner, settings):
    with pytest.raises(Invalid) as raised:
        create(owner, sent(), sent())

    assert raised.value.details == {"samples": "The same recording is there twice."}
    assert_nothing_kept(folders, settings)


def test_sixth_voice_is_refused_and_a_deleted_one_makes_room(owner):
    profiles = [create(owner, name=f"Voice {number}") for number in range(5)]

    with pytest.raises(TooManyVoices):
        create(owner)
    delete_profile(user=owner, profile_id=profiles[0].pk, at=timezone.now())
    create(owner, name="Sixth")

    assert [profile.name for profile in profiles_of(owner)] == ["Sixth", "Voice 4", "Voice 3", "Voice 2", "Voice 1"]


def test_full_store_is_refused_and_the_files_removed(folders, owner, settings, monkeypatch):
    monkeypatch.setattr(voice_profiles, "MOST_STORED_BYTES", 100_000)

    with pytest.raises(TooManyVoices):
        create(owner)

    assert_nothing_kept(folders, settings)


def test_files_go_when_their_rows_cannot_be_written(folders, owner, settings, monkeypatch):
    def fail(*arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(VoiceSample.objects, "bulk_create", fail)

    with pytest.raises(ZeroDivisionError):
        create(owner)

    assert_nothing_kept(folders, settings)


@pytest.mark.django_db(transaction=True)
def test_deleted_voice_loses_its_recordings(folders, owner):
    profile, other = create(owner), create(owner, sent(tone(2)))

    delete_profile(user=owner, profile_id=profile.pk, at=timezone.now())

    assert profiles_of(owner) == [other]
    assert stored(folders) == [f"voice-samples/{other.samples.get().storage_name}"]
    profile.refresh_from_db()
    assert profile.deleted_at is not None


def test_stranger_neither_sees_nor_deletes_a_voice(owner, stranger):
    profile = create(owner)

    assert profiles_of(stranger) == []
    for profile_id in (profile.pk, uuid.uuid4()):
        with pytest.raises(NotFound):
            delete_profile(user=stranger, profile_id=profile_id, at=timezone.now())
    assert profiles_of(owner) == [profile]


def test_voice_is_deleted_once(owner):
    profile = create(owner)
    delete_profile(user=owner, profile_id=profile.pk, at=timezone.now())

    with pytest.raises(NotFound):
        delete_profile(user=owner, profile_id=profile.pk, at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_voices_sent_at_once_stay_within_the_limit(folders, owner):
    for number in range(4):
        create(owner, name=f"Voice {number}")
    gate = threading.Barrier(3)

    def attempt(number: int) -> str:
        try:
            gate.wait(10)
            return create(owner, name=f"Late {number}").name
        except TooManyVoices:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        outcomes = sorted(pool.map(attempt, range(3)))

    assert outcomes.count("refused") == 2
    assert VoiceProfile.objects.count() == 5
    assert len(stored(folders)) == 5


def test_voice_is_kept_in_and_removed_from_a_bucket(bucket, owner, settings, django_capture_on_commit_callbacks):
    profile = create(owner)
    assert bucket.names() == [f"voice-samples/{profile.samples.get().storage_name}"]

    with django_capture_on_commit_callbacks(execute=True):
        delete_profile(user=owner, profile_id=profile.pk, at=timezone.now())

    assert bucket.names() == []
