"""What users bring as their own reading: decoded, kept without loss, or refused in their words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.pipeline import uploads
from apps.pipeline.blobs import storage_name
from apps.pipeline.contracts import Recording
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.recordings import keep_upload, recording_of, ticket_of
from apps.pipeline.render.samples import decompress
from apps.pipeline.render.wav import wav_samples
from tests.media.recordings import encoded, endless_flac, tone, with_picture

pytestmark = pytest.mark.django_db
UNREADABLE = "This file cannot be played as sound. Use an MP3, WAV, FLAC, Ogg, M4A or AAC recording."


@pytest.fixture
def reader(django_user_model):
    return django_user_model.objects.create_user("reader@example.com")


def keep(reader, content: bytes, name: str = "me.wav") -> Recording:
    return keep_upload(reader, SimpleUploadedFile(name, content), before_storing=lambda: None)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("me.mp3", {}),
        ("me.m4a", {}),
        ("me.ogg", {"acodec": "libvorbis"}),
        ("me.flac", {}),
        ("me.wav", {"ar": 44_100, "ac": 2}),
    ],
)
def test_what_phones_and_computers_record_is_taken(reader, tmp_path, name, options):
    kept = keep(reader, encoded(tmp_path, name, **options), name)

    assert kept.seconds == pytest.approx(2.0, abs=0.1)
    assert kept.file.suffix == ".flac"


def test_nothing_is_lost_by_keeping_it(reader, tmp_path):
    content = tone(2.0, rate=48_000)
    kept = keep(reader, content)

    with storages["generated-assets"].open(storage_name(reader.pk, kept.file)) as stored:
        (tmp_path / "kept.flac").write_bytes(stored.read())
    decompress(tmp_path / "kept.flac", tmp_path / "again.wav")

    (tmp_path / "sent.wav").write_bytes(content)
    assert np.array_equal(wav_samples(tmp_path / "again.wav"), wav_samples(tmp_path / "sent.wav"))
    assert kept.file.size_bytes < len(content) / 2


@pytest.mark.goal("S4")
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (b"<html><body>no sound</body></html>", UNREADABLE),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), UNREADABLE),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", UNREADABLE),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", UNREADABLE),
        (tone(0.2), "This recording is shorter than a second. Upload a longer one."),
        (tone()[:-1000], "This recording is cut short: the file ends before its sound does."),
        (endless_flac(0.75), "This recording is longer than 30 minutes. Make two videos of it."),
        (endless_flac(0.1), "Nothing can be heard in this recording."),
    ],
    ids=["empty", "html", "png", "concat", "playlist", "short", "cut", "long", "silent"],
)
def test_what_cannot_be_a_reading_is_refused_in_words(reader, content, sentence):
    with pytest.raises(Rejected) as refusal:
        keep(reader, content)

    assert refusal.value.sentence == sentence


def test_a_video_is_no_recording(reader, tmp_path):
    with pytest.raises(Rejected) as refusal:
        keep(reader, with_picture(tmp_path, "me.mp4", vcodec="mpeg4"))

    assert refusal.value.code == "sample_has_video"


def test_a_file_beyond_the_limit_is_refused_unread(reader, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_RECORDING_BYTES", 1_000)

    with pytest.raises(Rejected) as refusal:
        keep(reader, tone())

    assert refusal.value.code == "sample_too_large"


def test_a_ticket_is_its_owner_s_alone(reader, django_user_model, tmp_path: Path):
    stranger = django_user_model.objects.create_user("stranger@example.com")
    kept = keep(reader, tone())
    ticket = ticket_of(reader.pk, kept)

    assert recording_of(reader.pk, ticket) == kept
    assert [recording_of(stranger.pk, ticket), recording_of(reader.pk, ticket + "x"), recording_of(reader.pk, "")] == [
        None,
        None,
        None,
    ]
