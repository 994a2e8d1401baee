"""The final sound: narration, music ducked under it, one loudness for the whole film; WAV, MP3 and AAC.

Every pass streams through ffmpeg, so memory does not grow with the film. The same inputs give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np

from apps.pipeline.contracts import FPS, SAMPLE_RATE, SAMPLES_PER_FRAME, Verdict
from apps.pipeline.render.energy import longest_pause
from apps.pipeline.render.ffmpeg import run_ffmpeg
from apps.pipeline.render.gate import judge
from apps.pipeline.render.loudness import (
    TARGET_LUFS,
    Loudness,
    deadline_for,
    level,
    measure,
)
from apps.pipeline.render.music import LONGEST_MUSIC_SECONDS
from apps.pipeline.render.sound_files import at_most, opened_wav, written
from apps.pipeline.render.wav import Samples, wav_samples

AAC_PRIMING_SAMPLES = 1024
"""Silent samples the AAC encoder puts first.

The m4a's edit list hides them and its first packet has pts -1024. A remux that keeps the packets' timestamps writes
the same edit list, so sound and picture stay exactly together; one that shifts them to 0 is 21 ms late.
"""

LOUDEST_MUSIC_DB = -6.0
_SPEECH_DB = -50.0
# sidechaincompress drops what is left when its inputs end, more or less of it by chance; that must lie past the film.
_SPARE_SAMPLES = SAMPLE_RATE
_QUIETEST_LUFS = -60.0  # what counts as silence: no gain is derived from less


@dataclass(frozen=True)
class MusicBed:
    """A 48 kHz stereo WAV as `music.py` makes it; `volume_db` is its loudness in the pauses relative to the voice's.

    It is looped or cut to the film. Above -6 dB it is held there; under speech it is ducked by some 8 to 14 dB more.
    """

    path: Path
    volume_db: float
    fade_in_seconds: float
    fade_out_seconds: float


@dataclass(frozen=True)
class MixedAudio:
    """`wav` has exactly `samples` per channel, 16-bit stereo at 48 kHz; loudness and peak were measured on it."""

    wav: Path
    mp3: Path
    m4a: Path
    samples: int
    loudness_lufs: float
    true_peak_db: float
    verdicts: tuple[Verdict, ...]


def mix_audio(
    narration: Path, music: MusicBed | None, frames: int, speech: Sequence[tuple[float, float]], folder: Path
) -> MixedAudio:
    """Mix the film's sound into `folder`: mix.wav, mix.mp3 and mix.m4a, `frames` video frames long.

    `narration` is the voice step's master (48 kHz mono WAV); it is padded or cut to the length. `speech` are the spans
    in seconds in which the script speaks, for the verdict that they can be heard. Raises ChildFailed,
    Rejected("silent_audio") and PipelineError("loudness_missed"); a failed check is a verdict, not an error.
    """
    samples = frames * SAMPLES_PER_FRAME
    seconds = frames / FPS
    premix, wav = folder / "premix.wav", folder / "mix.wav"
    _premix(narration, music, samples, premix)
    loudness = level(premix, wav, seconds=seconds)
    premix.unlink()
    mp3, m4a = _encode(wav, folder, seconds)
    verdicts = (*_level_verdicts(loudness), _speech_verdict(narration, wav, speech), _pause_verdict(narration))
    return MixedAudio(wav, mp3, m4a, samples, loudness.lufs, loudness.true_peak_db, verdicts)


def _premix(narration: Path, music: MusicBed | None, samples: int, target: Path) -> None:
    seconds = samples / SAMPLE_RATE
    # aformat puts the voice on both channels at -3 dB each, which keeps its loudness.
    sound = _exactly(
        opened_wav(narration, seconds=seconds).filter("aformat", channel_layouts="stereo"), samples + _SPARE_SAMPLES
    )
    if music is not None:
        copies = sound.filter_multi_output("asplit", 2)
        ducked = _ducked(_bed(music, narration, samples), copies[1])
        sound = ffmpeg.filter([copies[0], ducked], "amix", inputs=2, normalize=0, duration="first")
    sound = sound.filter("atrim", end_sample=samples)
    shape = {"acodec": "pcm_f32le", "rf64": "auto"}
    most_bytes = at_most(seconds, bytes_a_second=SAMPLE_RATE * 8)
    output = written(sound, target, "wav", seconds=seconds, most_bytes=most_bytes, **shape)
    run_ffmpeg(ffmpeg.get_args(output), deadline_seconds=deadline_for(seconds))


def _bed(music: MusicBed, narration: Path, samples: int) -> Any:  # Any: ffmpeg-python has no types
    seconds = samples / SAMPLE_RATE
    voice = measure(narration, seconds=seconds).lufs
    found = measure(music.path, seconds=LONGEST_MUSIC_SECONDS).lufs
    gain_db = max(voice, _QUIETEST_LUFS) + min(music.volume_db, LOUDEST_MUSIC_DB) - max(found, _QUIETEST_LUFS)
    bed = _exactly(opened_wav(music.path, seconds=seconds + 1, stream_loop=-1), samples + _SPARE_SAMPLES)
    bed = bed.filter("volume", volume=f"{gain_db:.3f}dB")
    fade_out = min(music.fade_out_seconds, seconds)
    bed = bed.filter("afade", t="in", d=min(music.fade_in_seconds, seconds))
    return bed.filter("afade", t="out", st=seconds - fade_out, d=fade_out)


def _ducked(bed: Any, key: Any) -> Any:  # Any: ffmpeg-python has no types
    """Lower the bed while the voice speaks; it comes back within half a second of silence."""
    return ffmpeg.filter(
        [bed, key], "sidechaincompress", threshold=0.012, ratio=2.5, attack=15, release=450, knee=4, link="maximum"
    )


def _exactly(sound: Any, samples: int) -> Any:  # Any: ffmpeg-python has no types
    return sound.filter("apad", whole_len=samples).filter("atrim", end_sample=samples)


def _encode(wav: Path, folder: Path, seconds: float) -> tuple[Path, Path]:
    mp3, m4a = folder / "mix.mp3", folder / "mix.m4a"
    sound = opened_wav(wav, seconds=seconds)
    most_bytes = at_most(seconds, bytes_a_second=160_000 // 8)
    as_mp3 = {"acodec": "libmp3lame", "audio_bitrate": "160k"}
    # The default coder of ffmpeg's AAC takes twice the time and is no better at this rate.
    as_m4a = {"acodec": "aac", "aac_coder": "fast", "audio_bitrate": "160k"}
    outputs = ffmpeg.merge_outputs(
        written(sound, mp3, "mp3", seconds=seconds, most_bytes=most_bytes, **as_mp3),
        written(sound, m4a, "ipod", seconds=seconds, most_bytes=most_bytes, **as_m4a),
    )
    run_ffmpeg(ffmpeg.get_args(outputs), deadline_seconds=deadline_for(seconds))
    return mp3, m4a


def _level_verdicts(loudness: Loudness) -> tuple[Verdict, Verdict]:
    off = round(abs(loudness.lufs - TARGET_LUFS), 2)
    return judge("sound_loudness", off), judge("sound_true_peak", loudness.true_peak_db)


def _speech_verdict(narration: Path, wav: Path, speech: Sequence[tuple[float, float]]) -> Verdict:
    # Music would hide a voice that is missing, so the span must be heard in the narration as well.
    tracks = [wav_samples(narration), wav_samples(wav)]
    silent = [start for start, end in speech if min(_level_db(track, start, end) for track in tracks) < _SPEECH_DB]
    return judge("sound_speech", len(silent), where=f"{silent[0]:.2f} s" if silent else "")


def _pause_verdict(narration: Path) -> Verdict:
    start, seconds = longest_pause(wav_samples(narration)[:, 0])
    return judge("sound_pauses", round(seconds, 2), where=f"{start:.2f} s")


def _level_db(track: Samples, start: float, end: float) -> float:
    span = track[round(start * SAMPLE_RATE) : max(round(end * SAMPLE_RATE), 0), 0].astype(np.float64)
    power = float(np.mean(span**2)) if span.size else 0.0
    return 10 * float(np.log10(power / 32_768**2 + 1e-12))
