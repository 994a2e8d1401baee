"""A user's own reading as the voice of a film: silent ends and long pauses taken out, cut into scenes between frames.

The reader's pauses stay as they are, with the sound of their room; nothing is put between the scenes.
"""

from __future__ import annotations

import wave
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from apps.pipeline.contracts import FPS, SAMPLE_RATE, SAMPLES_PER_FRAME
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.render.energy import pauses_in_room
from apps.pipeline.render.narration import CLOSING_PAUSE_SECONDS, LEAD_SECONDS, ScenePlacement
from apps.pipeline.render.wav import Samples, wav_samples

LONGEST_PAUSE_SECONDS = 2.0
SHORTENED_PAUSE_SECONDS = 1.2
_SHORTEST_PAUSE_SECONDS = 0.02
_FADE_SAMPLES = SAMPLE_RATE // 200
_BLOCK_SAMPLES = 60 * SAMPLE_RATE

Span = tuple[int, int]


def tidy_reading(source: Path, target: Path) -> None:
    """Write the reading (48 kHz mono WAV) without its silent ends; a pause of over 2 s becomes one of 1.2 s.

    It is a whole number of frames long. Raises Rejected("silent_audio") when nobody speaks in it.
    """
    samples = wav_samples(source)
    kept = _kept_spans(samples)
    closing = max(kept[-1][1] - len(samples), 0)
    count = sum(last - first for first, last in kept)
    with wave.open(str(target), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        for span in kept:
            for block in _faded(samples, (span[0], min(span[1], len(samples)))):
                file.writeframes(block.tobytes())
        file.writeframes(np.zeros(closing + -count % SAMPLES_PER_FRAME, dtype="<i2").tobytes())


def cut_reading(reading: Path, ends_seconds: Sequence[float], folder: Path) -> list[tuple[Path, ScenePlacement]]:
    """Cut a tidied reading at the frames nearest to the ends of all scenes but the last one, each a WAV in `folder`.

    Together the takes are the reading, sample for sample. Every scene has at least one frame.
    """
    samples = wav_samples(reading)
    frames = len(samples) // SAMPLES_PER_FRAME
    borders = [0, *(round(end * FPS) for end in ends_seconds), frames]
    placements = []
    start = 0
    for number, border in enumerate(borders[1:]):
        scenes_left = len(borders) - 2 - number
        end = min(max(border, start + 1), frames - scenes_left)
        take, count = folder / f"take-{number}.wav", (end - start) * SAMPLES_PER_FRAME
        _write(samples[start * SAMPLES_PER_FRAME : end * SAMPLES_PER_FRAME], take)
        placements.append((take, ScenePlacement(start, end - start, 0, 0, count)))
        start = end
    return placements


def _kept_spans(samples: Samples) -> list[Span]:
    """Return what of the reading is kept, in samples and in order; the last span may end after its sound."""
    total = len(samples)
    pauses = [
        (round(start * SAMPLE_RATE), round(end * SAMPLE_RATE))
        for start, end in pauses_in_room(samples[:, 0], _SHORTEST_PAUSE_SECONDS)
    ]
    first = pauses.pop(0)[1] if pauses and pauses[0][0] == 0 else 0
    # What is shorter than a hop at the end is in no pause.
    last = pauses.pop()[0] if pauses and pauses[-1][1] > total - SAMPLE_RATE // 100 else total
    if first >= last:
        raise Rejected("silent_audio", "Nobody can be heard in the recording. Record it again, nearer by.")
    borders = [max(first - round(LEAD_SECONDS * SAMPLE_RATE), 0)]
    half = round(SHORTENED_PAUSE_SECONDS * SAMPLE_RATE / 2)
    for start, end in pauses:
        if end - start > LONGEST_PAUSE_SECONDS * SAMPLE_RATE:
            borders += [start + half, end - half]
    borders.append(last + round(CLOSING_PAUSE_SECONDS * SAMPLE_RATE))
    return list(zip(borders[::2], borders[1::2], strict=True))


def _faded(samples: Samples, span: Span) -> Iterator[Samples]:
    """Yield the span's samples, 5 ms at both ends faded, a minute at a time."""
    first, last = span
    fade = min(_FADE_SAMPLES, (last - first) // 2)
    for start in range(first, last, _BLOCK_SAMPLES):
        end = min(start + _BLOCK_SAMPLES, last)
        places = np.arange(start, end)
        gain = np.clip(np.minimum(places - first, last - 1 - places) / max(fade, 1), 0.0, 1.0)
        yield np.asarray(samples[start:end, 0] * gain, dtype="<i2")


def _write(samples: Samples, path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
