"""Music beds: the ambient one is smooth, in range and repeatable; user files are decoded or refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from apps.pipeline.contracts import SAMPLE_RATE
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.render.ffmpeg import run_ffmpeg
from apps.pipeline.render.music import ambient_wav, transcode_music
from apps.pipeline.render.wav import wav_samples


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("music") / "bed.wav"
    ambient_wav(path, 30.0, seed=7)
    return path


def test_ambient_bed_has_its_length_and_fades(bed: Path) -> None:
    samples = wav_samples(bed)

    assert samples.shape == (30 * SAMPLE_RATE, 2)
    assert (samples[0].tolist(), samples[-1].tolist()) == ([0, 0], [0, 0])


def test_ambient_bed_neither_clips_nor_clicks_nor_stops(bed: Path) -> None:
    samples = wav_samples(bed).astype(float) / 32_768

    assert np.abs(samples).max() < 0.9
    assert np.abs(np.diff(samples, axis=0)).max() < 0.06
    levels = np.sqrt(np.mean(samples[3 * SAMPLE_RATE : 27 * SAMPLE_RATE].reshape(24, -1) ** 2, axis=1))
    assert levels.min() > 0.05


def test_ambient_bed_is_soft_and_wide(bed: Path) -> None:
    samples = wav_samples(bed)[5 * SAMPLE_RATE : 25 * SAMPLE_RATE].astype(float)
    power = np.abs(np.fft.rfft(samples[:, 0])) ** 2
    frequencies = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)

    assert power[frequencies > 3_000].sum() / power.sum() < 0.01
    assert power[frequencies < 40].sum() / power.sum() < 0.05
    assert abs(np.corrcoef(samples[:, 0], samples[:, 1])[0, 1]) < 0.9


def test_seed_decides_the_ambient_bed(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        ambient_wav(tmp_path / name, 12.0, seed)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a").read_bytes() != (tmp_path / "c").read_bytes()


@pytest.mark.parametrize("seconds", [0.05, 1.0])
def test_short_ambient_bed_is_as_long_as_asked(tmp_path: Path, seconds: float) -> None:
    ambient_wav(tmp_path / "short.wav", seconds, 3)

    assert len(wav_samples(tmp_path / "short.wav")) == round(seconds * SAMPLE_RATE)


@pytest.mark.parametrize(
    ("codec", "form"),
    [
        ("libmp3lame", "mp3"),
        ("flac", "flac"),
        ("libvorbis", "ogg"),
        ("libopus", "ogg"),
        ("aac", "ipod"),
        ("aac", "adts"),
        ("pcm_s24le", "wav"),
    ],
)
def test_music_file_is_decoded_whatever_its_name(bed: Path, tmp_path: Path, codec: str, form: str) -> None:
    source, target = tmp_path / "song.txt", tmp_path / "song.wav"
    run_ffmpeg(["-t", "3", "-i", str(bed), "-c:a", codec, "-f", form, str(source)], deadline_seconds=60)

    transcode_music(source, target)

    samples = wav_samples(target)
    assert abs(len(samples) - 3 * SAMPLE_RATE) <= 2_048
    assert samples[0].tolist() == [0, 0]
    assert np.abs(samples.astype(int)).max() > 1_000


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"ffconcat version 1.0\nfile bed.wav\n",
        b"#EXTM3U\n/etc/passwd\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"ID3" + b"not music " * 300,
        b"RIFF\x10\x00\x00\x00WAVEnothing",
        b"\x00\x00\x00\x18ftypisom" + b"x" * 200,
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 100,
    ],
)
def test_file_that_is_no_music_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "song.mp3").write_bytes(content)

    with pytest.raises(Rejected) as refusal:
        transcode_music(tmp_path / "song.mp3", tmp_path / "song.wav")

    assert refusal.value.code == "music_unreadable"
    assert refusal.value.sentence == (
        "The music file cannot be played. Use an MP3, WAV, FLAC, Ogg, M4A or AAC file of up to 30 minutes."
    )
