"""What is taken as the recording of a voice, and what is refused in words."""

from __future__ import annotations

import subprocess
import sys
import wave
from pathlib import Path

import pytest

from apps.pipeline.providers.errors import Rejected
from apps.pipeline.render.samples import transcode_sample
from tests.media.recordings import encoded, endless_flac, tone, with_picture

MEASURED = """
import pathlib, resource, sys
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.render.samples import transcode_sample

folder = pathlib.Path(sys.argv[1])
try:
    transcode_sample(folder / "sample.flac", folder / "decoded.wav")
except Rejected as error:
    print(error.code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def refused(tmp_path: Path, content: bytes, name: str = "sample.mp3") -> Rejected:
    source = tmp_path / name
    source.write_bytes(content)
    with pytest.raises(Rejected) as raised:
        transcode_sample(source, tmp_path / "decoded.wav")
    return raised.value


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp3", {}),
        ("a.flac", {}),
        ("a.ogg", {"acodec": "libvorbis"}),
        ("a.opus", {}),
        ("a.m4a", {}),
        ("a.aac", {}),
        ("a.wav", {"acodec": "pcm_s24le", "ar": 44_100, "ac": 2}),
    ],
)
def test_recording_becomes_plain_pcm(tmp_path, name, options):
    source = tmp_path / "sent"
    source.write_bytes(encoded(tmp_path, name, **options))

    milliseconds = transcode_sample(source, tmp_path / "decoded.wav")

    assert milliseconds == pytest.approx(2000, abs=120)
    with wave.open(str(tmp_path / "decoded.wav")) as decoded:
        assert (decoded.getnchannels(), decoded.getsampwidth(), decoded.getframerate()) == (1, 2, 48_000)


def test_song_with_a_cover_is_taken_and_the_cover_left_out(tmp_path):
    options = {"acodec": "libmp3lame", "vcodec": "png", "disposition:v": "attached_pic"}
    source = tmp_path / "sent"
    source.write_bytes(with_picture(tmp_path, "a.mp3", pictures=1, **options))

    assert transcode_sample(source, tmp_path / "decoded.wav") == pytest.approx(2000, abs=80)


def test_wav_without_a_known_length_is_taken(tmp_path):
    content = bytearray(tone())
    content[40:44] = b"\xff\xff\xff\xff"
    source = tmp_path / "sent"
    source.write_bytes(content)

    assert transcode_sample(source, tmp_path / "decoded.wav") == 2000


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
HOSTILE = {
    "empty": b"",
    "html": b"<!doctype html><html><script>alert(1)</script></html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "png": PNG,
    "jpeg": b"\xff\xd8\xff\xe0" + bytes(200),
    "gif": b"GIF89a" + bytes(64),
    "m3u8": PLAYLIST,
    "pls": b"[playlist]\nFile1=/etc/passwd\n",
    "ffconcat": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "playlist behind an ID3 tag": b"ID3\x04\x00\x00\x00\x00\x00\x00" + PLAYLIST,
    "concat behind a frame sync": b"\xff\xfb\x90\x00" + b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "zip": b"PK\x03\x04" + bytes(200),
    "header of a wav": tone()[:30],
    "riff without sound": b"RIFF\xff\xff\xff\xffWAVE" + bytes(4096),
    "header of a flac": b"fLaC" + bytes(30),
    "header of an mp4": b"\x00\x00\x00\x18ftypM4A " + bytes(100),
    "noise": b"\xff\xfb" + bytes(range(256)) * 40,
}


@pytest.mark.goal("S4")
@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_recording_is_refused_in_words(tmp_path, content):
    error = refused(tmp_path, content)

    assert error.code in ("sample_unreadable", "sample_cut_short", "sample_too_short")
    assert str(tmp_path) not in error.sentence
    assert "ffmpeg" not in error.sentence


@pytest.mark.goal("S4")
def test_playlist_reads_no_neighbour(tmp_path):
    (tmp_path / "secret.wav").write_bytes(tone())

    refused(tmp_path, b"ffconcat version 1.0\nfile 'secret.wav'\n")

    assert not (tmp_path / "decoded.wav").exists()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (tone()[:20_000], "sample_cut_short"),
        (tone(0.5), "sample_too_short"),
        (tone(181, rate=8000), "sample_too_long"),
        (tone(180.5, rate=8000), "sample_too_long"),
        (tone(3)[:44] + bytes(96_000), "sample_silent"),
    ],
    ids=["cut short", "half a second", "a second over", "half a second over", "silence"],
)
def test_recording_outside_the_limits_is_refused(tmp_path, content, code):
    assert refused(tmp_path, content).code == code


def test_three_minutes_to_the_sample_are_taken(tmp_path):
    source = tmp_path / "sent"
    source.write_bytes(tone(180, rate=8000))

    assert transcode_sample(source, tmp_path / "decoded.wav") == 180_000


@pytest.mark.goal("S4")
def test_video_with_sound_is_refused(tmp_path):
    content = with_picture(tmp_path, "a.mp4", vcodec="libx264", acodec="aac")

    assert refused(tmp_path, content).code == "sample_has_video"


@pytest.mark.goal("S4")
def test_ten_hours_in_few_bytes_cost_little(tmp_path):
    content = endless_flac()
    assert len(content) < 1_000_000

    (tmp_path / "sample.flac").write_bytes(content)
    # In a process of its own: the peak of its children is known only as the highest of all that ended.
    told = subprocess.run([sys.executable, "-c", MEASURED, tmp_path], capture_output=True, text=True, check=True)

    code, peak_kib = told.stdout.split()
    assert code == "sample_too_long"
    assert int(peak_kib) < 500 * 1024
    assert (tmp_path / "decoded.wav").stat().st_size < 18_000_000
