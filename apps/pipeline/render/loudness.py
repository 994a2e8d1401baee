"""Loudness by EBU R128, measured and set by ffmpeg."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from apps.pipeline.contracts import SAMPLE_RATE
from apps.pipeline.providers.errors import PipelineError, Rejected
from apps.pipeline.render.ffmpeg import run_ffmpeg
from apps.pipeline.render.sound_files import at_most, opened_wav, written

TARGET_LUFS = -16.0
TOLERANCE_LU = 0.5
HIGHEST_TRUE_PEAK_DB = -1.5

_AIMED_TOLERANCE_LU = 0.3
_SILENCE_LUFS = -60.0
_MOST_ROUNDS = 5
_LIMITED_STEP = 1.7  # the limiter eats some two fifths of the gain that is added, measured on speech
_OVERSAMPLED_RATE = 4 * SAMPLE_RATE
# Of 16 bits on two channels.
_BYTES_A_SECOND = SAMPLE_RATE * 4
# Encoders and the way down from the oversampled rate overshoot a limiter by a few tenths.
_FIRST_CEILING_DB = -1.8


@dataclass(frozen=True)
class Loudness:
    """Integrated loudness of a whole file and the highest true peak of its channels, to 0.1 dB."""

    lufs: float
    true_peak_db: float

    @property
    def is_delivered_level(self) -> bool:
        return abs(self.lufs - TARGET_LUFS) <= TOLERANCE_LU and self.true_peak_db <= HIGHEST_TRUE_PEAK_DB


def deadline_for(seconds: float) -> float:
    """Return how long one pass of ffmpeg over `seconds` of sound may take; it needs about a hundredth."""
    return 60.0 + seconds


def measure(path: Path, *, seconds: float) -> Loudness:
    """Measure a WAV of about `seconds`, and no more of it. Raises ChildFailed when ffmpeg cannot read it."""
    return _run_measured(ffmpeg.output(_metered(opened_wav(path, seconds=seconds)), "-", format="null"), seconds)


def level(source: Path, target: Path, *, seconds: float) -> Loudness:
    """Write `source` (WAV, any PCM, 48 kHz) as 16-bit WAV at -16 LUFS +-0.5 with a true peak of -1.5 dB at most.

    One gain over the whole file, and a limiter at four times the rate where peaks would pass. Limiting costs loudness,
    so the result is measured and gain and ceiling are set again until it fits. The same source gives the same bytes.
    Raises Rejected("silent_audio"), and PipelineError("loudness_missed") when five rounds do not get there.
    """
    found = measure(source, seconds=seconds)
    if found.lufs < _SILENCE_LUFS:
        raise Rejected("silent_audio", "The sound came out silent. Choose another voice or other words.")
    gain_db, ceiling_db = TARGET_LUFS - found.lufs, _FIRST_CEILING_DB
    for _ in range(_MOST_ROUNDS):
        limit = found.true_peak_db + gain_db > HIGHEST_TRUE_PEAK_DB - 0.1
        made = _write(source, target, gain_db, ceiling_db if limit else None, seconds)
        if made.is_delivered_level and abs(made.lufs - TARGET_LUFS) <= _AIMED_TOLERANCE_LU:
            return made
        gain_db += (TARGET_LUFS - made.lufs) * (_LIMITED_STEP if limit else 1.0)
        ceiling_db -= max(made.true_peak_db - HIGHEST_TRUE_PEAK_DB, 0.0)
    if not made.is_delivered_level:
        raise PipelineError("loudness_missed", f"{made} after {_MOST_ROUNDS} rounds")
    return made


def _write(source: Path, target: Path, gain_db: float, ceiling_db: float | None, seconds: float) -> Loudness:
    stream = opened_wav(source, seconds=seconds).filter("volume", volume=f"{gain_db:.3f}dB")
    if ceiling_db is not None:
        stream = stream.filter("aresample", _OVERSAMPLED_RATE).filter(
            "alimiter", limit=10 ** (ceiling_db / 20), level=0, latency=1, attack=5, release=60
        )
        stream = stream.filter("aresample", SAMPLE_RATE)
    shape = {"acodec": "pcm_s16le", "rf64": "auto", "ar": SAMPLE_RATE}
    most_bytes = at_most(seconds, bytes_a_second=_BYTES_A_SECOND)
    output = written(_metered(stream), target, "wav", seconds=seconds, most_bytes=most_bytes, **shape)
    return _run_measured(output, seconds)


def _metered(stream: Any) -> Any:  # Any: ffmpeg-python has no types
    return stream.filter("ebur128", peak="true", framelog="quiet")


def _run_measured(output: Any, seconds: float) -> Loudness:  # Any: ffmpeg-python has no types
    arguments = ["-loglevel", "info", "-nostats", *ffmpeg.get_args(output)]
    summary = run_ffmpeg(arguments, deadline_seconds=deadline_for(seconds))
    integrated = re.search(r"^\s+I:\s+(-?[\d.]+|-inf) LUFS", summary, re.MULTILINE)
    peak = re.search(r"^\s+Peak:\s+(-?[\d.]+|-inf) dBFS", summary, re.MULTILINE)
    if integrated is None or peak is None:
        raise PipelineError("loudness_unread", f"no summary in: {summary[-500:]}")
    return Loudness(float(integrated[1]), float(peak[1]))
