"""What users tell about themselves; what they upload is believed in nothing."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from apps.accounts.models import Profile
from canvascast import pictures

pytestmark = pytest.mark.django_db
PAGE = "/app/settings/profile"
HANGS = "sleep 60"


def picture(kind: str = "PNG", size: tuple[int, int] = (400, 300), **options) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "teal").save(written, kind, **options)
    return written.getvalue()


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of that many pixels in a few kilobytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 10**6))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


def send(client, content: bytes, name: str = "me.png", kind: str = "image/png"):
    fields = {"display_name": "Ada", "time_zone": "Europe/London", "avatar": SimpleUploadedFile(name, content, kind)}
    return client.post(PAGE, fields)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_picture_is_stored_as_small_webp(signed_in, kind):
    assert send(signed_in, picture(kind)).status_code == 302

    with default_storage.open(Profile.objects.get().avatar) as stored:
        shown = Image.open(io.BytesIO(stored.read()))
    assert (shown.format, shown.size) == ("WEBP", (256, 256))
    assert b"".join(signed_in.get("/app/settings/avatar").streaming_content)[:4] == b"RIFF"


@pytest.mark.usefixtures("decoding_here")
def test_metadata_is_left_out(signed_in):
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    send(signed_in, picture("JPEG", exif=exif))

    with default_storage.open(Profile.objects.get().avatar) as stored:
        content = stored.read()
    assert b"taken at home" not in content
    assert not Image.open(io.BytesIO(content)).getexif()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<html><script>alert(1)</script></html>", "not a picture we can read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture we can read"),
        (picture()[:60], "not a picture we can read"),
        (picture("GIF"), "not a picture we can read"),
        (picture("TIFF"), "not a picture we can read"),
        (png_bomb(5_000, 4_001), "too many pixels"),
        (png_bomb(30_000, 30_000), "too many pixels"),
        (picture() + b"\0" * 1_000_000, "too large"),
    ],
    ids=["html", "svg", "truncated", "gif", "tiff", "many-pixels", "bomb", "large"],
)
def test_bad_picture_is_refused_in_words_and_nothing_is_stored(signed_in, content, sentence):
    answer = send(signed_in, content)

    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert not Profile.objects.exists()


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        (HANGS, "Reading that picture took too long. Try again, or use a smaller one."),
        ("kill -SEGV $$", "That is not a picture we can read. Use a PNG, JPEG or WebP file."),
    ],
    ids=["hangs", "crashes"],
)
def test_picture_that_stops_its_decoder_is_refused_in_words(signed_in, monkeypatch, program, sentence):
    monkeypatch.setattr(pictures, "_PROGRAM", ("/bin/sh", "-c", program))
    if program == HANGS:
        monkeypatch.setattr(pictures, "_DEADLINE_SECONDS", 0.1)

    answer = send(signed_in, picture())

    assert sentence in answer.content.decode()
    assert not Profile.objects.exists()


@pytest.mark.usefixtures("decoding_here")
def test_new_picture_replaces_the_old_file(signed_in, django_capture_on_commit_callbacks):
    send(signed_in, picture())
    first = Profile.objects.get().avatar
    with django_capture_on_commit_callbacks(execute=True):
        send(signed_in, picture(size=(50, 50)))

    assert not default_storage.exists(first)
    assert default_storage.exists(Profile.objects.get().avatar)


@pytest.mark.usefixtures("decoding_here")
def test_picture_can_be_removed(signed_in):
    send(signed_in, picture())
    signed_in.post(PAGE, {"display_name": "Ada", "time_zone": "UTC", "removes_avatar": "on"})

    assert Profile.objects.get().avatar == ""
    assert signed_in.get("/app/settings/avatar").status_code == 404


def test_name_is_shown_escaped(signed_in):
    signed_in.post(PAGE, {"display_name": "<b>Ada</b>", "time_zone": "UTC"})

    page = signed_in.get(PAGE).content.decode()
    assert "&lt;b&gt;Ada&lt;/b&gt;" in page
    assert "<b>Ada" not in page
