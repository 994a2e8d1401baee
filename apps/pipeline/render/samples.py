"""Recordings of a voice that users bring, as 48 kHz mono PCM: decoded in a child that may use little of anything.

Some are samples that a voice is learned from, others a whole script that was read.
"""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from apps.pipeline.contracts import SAMPLE_RATE
from apps.pipeline.providers.errors import Rejected, Transient
from apps.pipeline.render.ffmpeg import read_ffmpeg
from apps.pipeline.render.process import ChildFailed, ChildTimedOut, Limits
from apps.pipeline.render.sound_files import opened_wav, written
from apps.pipeline.render.uploaded_audio import opened_upload, sniffed_format
from apps.pipeline.render.wav import wav_samples

LONGEST_SAMPLE_SECONDS = 180
LONGEST_READING_SECONDS = 30 * 60
SHORTEST_SAMPLE_SECONDS = 1
_MEMORY_BYTES = 768 * 1024**2
# About -54 dBFS: below that there is nothing to learn a voice from.
_FAINTEST_PEAK = 64
_MOST_CHUNKS = 100
# What writers that cannot go back put in place of a length.
_UNKNOWN_LENGTHS = (0, 0x7FFFFFFF, 0xFFFFFFFF)


@dataclass(frozen=True)
class _Kind:
    longest_seconds: int
    too_long: str
    deadline_seconds: float

    @property
    def decoded_seconds(self) -> int:
        """One second past the limit is enough to see that a recording is too long."""
        return self.longest_seconds + 1

    @property
    def most_file_bytes(self) -> int:
        return self.decoded_seconds * SAMPLE_RATE * 2 + 4096

    @property
    def limits(self) -> Limits:
        return Limits(self.deadline_seconds, _MEMORY_BYTES, 2 * self.most_file_bytes)


_SAMPLE = _Kind(LONGEST_SAMPLE_SECONDS, "This recording is longer than three minutes. Upload the best part of it.", 4.5)
_READING = _Kind(LONGEST_READING_SECONDS, "This recording is longer than 30 minutes. Make two videos of it.", 45.0)


def transcode_sample(source: Path, target: Path) -> int:
    """Decode a recording to `target` and return its length in milliseconds; at most 4.5 s of work.

    Raises Rejected: "sample_unreadable", "sample_has_video", "sample_cut_short", "sample_too_long", "sample_too_short",
    "sample_silent", "sample_too_slow". Raises Transient("disk_full").
    """
    return round(_transcoded(source, target, _SAMPLE) / SAMPLE_RATE * 1000)


def transcode_reading(source: Path, target: Path) -> int:
    """Decode a reading of a whole script to `target` and return its samples; at most 45 s of work.

    Raises as `transcode_sample` does.
    """
    return _transcoded(source, target, _READING)


def compress(source: Path, target: Path) -> None:
    """Write a 48 kHz mono WAV as FLAC, without loss. Raises ChildFailed and Transient("disk_full")."""
    sound = opened_wav(source, seconds=_READING.decoded_seconds)
    read_ffmpeg(ffmpeg.get_args(_written(sound, target, "flac", _READING, acodec="flac")), _READING.limits)


def decompress(source: Path, target: Path) -> None:
    """Write a FLAC that `compress` made as WAV again. Raises ChildFailed and Transient("disk_full")."""
    sound = opened_upload(source, "flac", seconds=_READING.decoded_seconds).audio
    read_ffmpeg(ffmpeg.get_args(_written(sound, target, "wav", _READING, acodec="pcm_s16le")), _READING.limits)


def _transcoded(source: Path, target: Path, kind: _Kind) -> int:
    form = sniffed_format(source)
    if form is None:
        raise _unreadable("it starts like no audio format")
    if form == "wav" and _is_cut_short(source):
        raise Rejected("sample_cut_short", "This recording is cut short: the file ends before its sound does.")
    streams = _decode(source, form, target, kind)
    if b": video" in streams:
        raise Rejected("sample_has_video", "This is a video. Upload a recording of the voice alone.")
    return _checked_samples(target, kind)


def _decode(source: Path, form: str, target: Path, kind: _Kind) -> bytes:
    """Write the first sound track to `target`; return the list of the file's tracks, pictures of a cover left out."""
    opened = opened_upload(source, form, seconds=kind.decoded_seconds, threads=1)
    sound = _written(opened["a:0"], target, "wav", kind, acodec="pcm_s16le", ar=SAMPLE_RATE, ac=1)
    tracks = ffmpeg.output(opened["a:0"], opened["V?"], "pipe:1", format="framecrc", c="copy", frames=1)
    arguments = ffmpeg.get_args(ffmpeg.merge_outputs(sound, tracks))
    try:
        listed, _ = read_ffmpeg(arguments, kind.limits)
    except ChildTimedOut as error:
        sentence = "Reading this recording took too long. Try again, or save it as WAV or MP3 first."
        raise Rejected("sample_too_slow", sentence, str(error)) from error
    except ChildFailed as error:
        raise _unreadable(str(error)) from error
    except Transient as error:
        if error.code != "child_killed":
            raise
        raise _unreadable(str(error)) from error
    return listed


def _written(sound: Any, target: Path, form: str, kind: _Kind, **options: str | int) -> Any:  # Any: see `written`
    return written(sound, target, form, seconds=kind.decoded_seconds, most_bytes=kind.most_file_bytes, **options)


def _is_cut_short(path: Path) -> bool:
    """Tell whether a WAV's samples end before the length that its header names."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(12)
        for _ in range(_MOST_CHUNKS):
            head = file.read(8)
            length = int.from_bytes(head[4:], "little")
            if head[:4] == b"data":
                return length not in _UNKNOWN_LENGTHS and file.tell() + length > size
            file.seek(length + length % 2, 1)
    return True


def _checked_samples(path: Path, kind: _Kind) -> int:
    try:
        samples = wav_samples(path)
    except (OSError, EOFError, ValueError, wave.Error) as error:
        raise _unreadable("no samples were decoded") from error
    seconds = len(samples) / SAMPLE_RATE
    if seconds > kind.longest_seconds:
        raise Rejected("sample_too_long", kind.too_long)
    if seconds < SHORTEST_SAMPLE_SECONDS:
        raise Rejected("sample_too_short", "This recording is shorter than a second. Upload a longer one.")
    if max(int(samples.max()), -int(samples.min())) < _FAINTEST_PEAK:
        raise Rejected("sample_silent", "Nothing can be heard in this recording.")
    return len(samples)


def _unreadable(detail: str) -> Rejected:
    sentence = "This file cannot be played as sound. Use an MP3, WAV, FLAC, Ogg, M4A or AAC recording."
    return Rejected("sample_unreadable", sentence, detail)
