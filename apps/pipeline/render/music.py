"""Music beds as 48 kHz stereo WAV: an ambient one made by the program, and a user's own file made safe."""

from __future__ import annotations

import wave
from pathlib import Path

import ffmpeg
import numpy as np

from apps.pipeline.contracts import SAMPLE_RATE
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.render.ffmpeg import read_ffmpeg
from apps.pipeline.render.pads import pad_blocks
from apps.pipeline.render.process import MIB, ChildFailed, ChildTimedOut, Limits
from apps.pipeline.render.sound_files import written
from apps.pipeline.render.uploaded_audio import opened_upload, sniffed_format
from apps.pipeline.render.wav import wav_samples

LONGEST_MUSIC_SECONDS = 30 * 60
_MOST_FILE_BYTES = LONGEST_MUSIC_SECONDS * SAMPLE_RATE * 4 + 4096
_LIMITS = Limits(120.0, memory_bytes=768 * MIB, file_bytes=2 * _MOST_FILE_BYTES)
_SHORTEST_SAMPLES = SAMPLE_RATE // 2
_AMBIENT_FADE_SAMPLES = 2 * SAMPLE_RATE
_SEAM_FADE_SAMPLES = SAMPLE_RATE // 5


def ambient_wav(path: Path, seconds: float, seed: int) -> None:
    """Write `seconds` of ambient music, faded at both ends; the same arguments give the same bytes.

    Streams: memory does not grow with the length. About 0.3 s of CPU a minute.
    """
    total = round(seconds * SAMPLE_RATE)
    fade = max(min(_AMBIENT_FADE_SAMPLES, total // 2), 1)
    written = 0
    blocks = pad_blocks(seed)
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, SAMPLE_RATE, 0, "NONE", ""))
        while written < total:
            block = next(blocks)[: total - written]
            places = np.arange(written, written + len(block))
            edge = np.clip(np.minimum(places, total - 1 - places) / fade, 0.0, 1.0).astype(np.float32)
            file.writeframes((np.clip(block * edge[:, None], -1.0, 1.0) * 32_767).astype("<i2").tobytes())
            written += len(block)


def transcode_music(source: Path, target: Path) -> None:
    """Decode a user's audio file to `target`, 30 minutes of it at most, its ends softened so that it can loop.

    The format is forced by the file's first bytes, never by its name: MP3, WAV, FLAC, Ogg (Vorbis, Opus), M4A, AAC.
    Playlists and scripts have no such bytes. Raises Rejected("music_unreadable").
    """
    form = sniffed_format(source)
    if form is None:
        raise _unreadable(f"{source.name} starts like no audio format")
    try:
        read_ffmpeg(ffmpeg.get_args(_conversion(source, form, target)), _LIMITS)
    except ChildTimedOut:
        raise
    except ChildFailed as error:
        raise _unreadable(str(error)) from error
    _soften_ends(target)


def _conversion(source: Path, form: str, target: Path) -> object:
    sound = opened_upload(source, form, seconds=LONGEST_MUSIC_SECONDS)["a:0"]
    shape = {"acodec": "pcm_s16le", "ar": SAMPLE_RATE, "ac": 2, "vn": None, "sn": None, "dn": None}
    return written(sound, target, "wav", seconds=LONGEST_MUSIC_SECONDS, most_bytes=_MOST_FILE_BYTES, **shape)


def _soften_ends(path: Path) -> None:
    try:
        samples = wav_samples(path, writable=True)
    except (wave.Error, EOFError, ValueError) as error:
        raise _unreadable("no samples were decoded") from error
    if len(samples) < _SHORTEST_SAMPLES:
        raise _unreadable(f"{len(samples)} samples are too short to loop")
    count = min(_SEAM_FADE_SAMPLES, len(samples) // 4)
    ramp = np.linspace(0.0, 1.0, count)[:, None]
    samples[:count] = samples[:count] * ramp
    samples[-count:] = samples[-count:] * ramp[::-1]


def _unreadable(detail: str) -> Rejected:
    sentence = "The music file cannot be played. Use an MP3, WAV, FLAC, Ogg, M4A or AAC file of up to 30 minutes."
    return Rejected("music_unreadable", sentence, detail)
