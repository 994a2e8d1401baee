"""Takes of a voice to one narration: silence trimmed, pauses set, every scene a whole number of frames."""

from __future__ import annotations

import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import ffmpeg
import numpy as np
import numpy.typing as npt

from apps.pipeline.contracts import SAMPLE_RATE, SAMPLES_PER_FRAME
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.render.energy import loud_span
from apps.pipeline.render.ffmpeg import run_ffmpeg
from apps.pipeline.render.loudness import deadline_for
from apps.pipeline.render.sound_files import at_most, opened_wav, written
from apps.pipeline.render.wav import Samples, wav_samples

LEAD_SECONDS = 0.15
SCENE_PAUSE_SECONDS = 0.35
PARAGRAPH_PAUSE_SECONDS = 0.7
CLOSING_PAUSE_SECONDS = 0.6
_EDGE_FADE_SAMPLES = SAMPLE_RATE // 200
_RESAMPLED_BLOCK = 1 << 20


@dataclass(frozen=True)
class ScenePlacement:
    """Where a take lies in the joined file; see `contracts.SceneAudio` for the fields."""

    start_frame: int
    frames: int
    lead_samples: int
    trim_samples: int
    voiced_samples: int


def write_take(pcm: bytes, sample_rate: int, path: Path) -> int:
    """Write mono 16-bit `pcm` as a 48 kHz WAV and return its samples; other rates are resampled band-limited."""
    count = 0
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        for block in _resampled(pcm, sample_rate):
            file.writeframes(block.tobytes())
            count += len(block)
    return count


def join_takes(takes: Sequence[Path], ends_paragraph: Sequence[bool], target: Path) -> list[ScenePlacement]:
    """Write the takes (48 kHz mono WAV) one after the other to `target`, one in memory at a time.

    Each loses its silent ends and gets its closing pause, padded to the next frame. Raises Rejected("silent_audio")
    for a take in which nothing can be heard.
    """
    placements: list[ScenePlacement] = []
    start_frame = 0
    with wave.open(str(target), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        for index, take in enumerate(takes):
            pause = CLOSING_PAUSE_SECONDS if index == len(takes) - 1 else _pause(ends_paragraph[index])
            lead = round(LEAD_SECONDS * SAMPLE_RATE) if index == 0 else 0
            voiced, trimmed = _trimmed(wav_samples(take))
            frames = -(-(lead + len(voiced) + round(pause * SAMPLE_RATE)) // SAMPLES_PER_FRAME)
            file.writeframes(_padded(voiced, lead, frames * SAMPLES_PER_FRAME).tobytes())
            placements.append(ScenePlacement(start_frame, frames, lead, trimmed, len(voiced)))
            start_frame += frames
    return placements


def encode_mp3(source: Path, target: Path, *, seconds: float) -> None:
    """Encode a WAV of `seconds` for listening."""
    sound, coder = opened_wav(source, seconds=seconds), {"acodec": "libmp3lame", "audio_bitrate": "128k"}
    most_bytes = at_most(seconds, bytes_a_second=128_000 // 8)
    output = written(sound, target, "mp3", seconds=seconds, most_bytes=most_bytes, **coder)
    run_ffmpeg(ffmpeg.get_args(output), deadline_seconds=deadline_for(seconds))


def _resampled(pcm: bytes, sample_rate: int) -> Iterator[npt.NDArray[np.int16]]:
    samples = np.frombuffer(pcm, dtype="<i2")
    if sample_rate == SAMPLE_RATE:
        yield samples
        return
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=sample_rate, format="s16", layout="mono", time_base=None)
    # A longer filter than the default's 32 taps keeps the images above the voice's band away.
    resampler = graph.add("aresample", f"{SAMPLE_RATE}:filter_size=64:cutoff=0.97:dither_method=none")
    shape = graph.add("aformat", "sample_fmts=s16:channel_layouts=mono")
    sink = graph.add("abuffersink")
    graph.link_nodes(source, resampler, shape, sink).configure()
    for start in range(0, len(samples), _RESAMPLED_BLOCK):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + _RESAMPLED_BLOCK], "s16", "mono")
        frame.sample_rate, frame.pts = sample_rate, start
        graph.push(frame)
        yield from _pulled(graph)
    graph.push(None)
    yield from _pulled(graph)


def _pulled(graph: av.filter.Graph) -> Iterator[npt.NDArray[np.int16]]:
    while True:
        try:
            yield np.asarray(graph.pull().to_ndarray()[0], dtype=np.int16)
        except (av.BlockingIOError, av.EOFError):
            return


def _pause(ends_paragraph: bool) -> float:
    return PARAGRAPH_PAUSE_SECONDS if ends_paragraph else SCENE_PAUSE_SECONDS


def _trimmed(take: Samples) -> tuple[Samples, int]:
    span = loud_span(take[:, 0])
    if span is None:
        raise Rejected("silent_audio", "The voice came out silent. Choose another voice or other words.")
    first, last = span
    voiced = np.array(take[first:last, 0])
    count = min(_EDGE_FADE_SAMPLES, len(voiced) // 2)
    if count:
        ramp = np.linspace(0.0, 1.0, count)
        voiced[:count] = voiced[:count] * ramp
        voiced[-count:] = voiced[-count:] * ramp[::-1]
    return voiced, first


def _padded(voiced: Samples, lead: int, total: int) -> Samples:
    padded = np.zeros(total, dtype="<i2")
    padded[lead : lead + len(voiced)] = voiced
    return padded
