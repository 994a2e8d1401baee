"""The item's sound: a stand-in for a voice that speaks when the captions do, and ambient music ducked under it.

The voice is a row of vowel-like tones, so that nothing but the mix is measured and every machine has the same one.
"""

from __future__ import annotations

import resource
import tempfile
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from apps.pipeline.contracts import SAMPLE_RATE, SAMPLES_PER_FRAME, CaptionWord, Timeline
from apps.pipeline.render.audio import MusicBed, mix_audio
from apps.pipeline.render.music import ambient_wav
from apps.pipeline.render.speech import speech_spans

_PITCH_HZ = 120.0
_HARMONICS = 12
_EDGE_SAMPLES = SAMPLE_RATE // 100


def mix_sound(timeline: Timeline, target: Path) -> float:
    """Write the mixed AAC track to `target` as the render step makes it; return the CPU seconds of music and mix."""
    music = timeline.music
    seconds = timeline.duration_frames / timeline.fps
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        narration, bed = folder / "narration.wav", folder / "music.wav"
        _write_voice(timeline, narration)
        started = _cpu_seconds()
        ambient_wav(bed, seconds, music.seed)
        tune = MusicBed(bed, music.volume_db, music.fade_in_seconds, music.fade_out_seconds)
        speech = speech_spans(timeline.captions.blocks, timeline.fps)
        mixed = mix_audio(narration, tune, timeline.duration_frames, speech, folder)
        spent = _cpu_seconds() - started
        target.write_bytes(mixed.m4a.read_bytes())
    return spent


def _cpu_seconds() -> float:
    """Return the CPU time of this process and of the ffmpeg children that have ended."""
    usages = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _write_voice(timeline: Timeline, path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        written = 0
        for block in timeline.captions.blocks:
            for word in block.words:
                start = word.start_frame * SAMPLES_PER_FRAME
                file.writeframes(bytes(2 * (start - written)))
                file.writeframes(_spoken(word).tobytes())
                written = word.end_frame * SAMPLES_PER_FRAME
        file.writeframes(bytes(2 * (timeline.duration_frames * SAMPLES_PER_FRAME - written)))


def _spoken(word: CaptionWord) -> NDArray[np.int16]:
    count = (word.end_frame - word.start_frame) * SAMPLES_PER_FRAME
    time = np.arange(count) / SAMPLE_RATE
    pitch = _PITCH_HZ * (1 + 0.02 * (len(word.text) % 7))
    tone = sum(np.sin(2 * np.pi * pitch * order * time) / order for order in range(1, _HARMONICS))
    places = np.arange(count)
    edge = np.clip(np.minimum(places, count - 1 - places) / _EDGE_SAMPLES, 0, 1)
    return np.asarray(tone * edge * 6000, "<i2")
