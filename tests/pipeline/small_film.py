"""A small timeline with real stills, for tests of the renderer."""

from __future__ import annotations

import hashlib
import wave
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
from PIL import Image

from apps.pipeline.contracts import (
    SAMPLE_RATE,
    CaptionBlock,
    CaptionTrack,
    CaptionWord,
    Focus,
    MediaFile,
    Motion,
    Music,
    Segment,
    Theme,
    Timeline,
    Transition,
    View,
)

SIZE = (256, 144)
STILL_SIZE = (320, 180)
SILENT = MediaFile("narration.wav", "00" * 32, ".wav")


class SmallFilm:
    """Keeps its stills in a folder; `timeline` describes scenes of the given lengths."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def still(self, number: int, *, colour: tuple[int, int, int] | None = None, darkness: float = 1.0) -> MediaFile:
        """Return a picture of its own for each number: soft noise over a ramp, or one colour."""
        noise = np.random.default_rng(number).integers(0, 90, (45, 80, 3), dtype=np.uint8)
        picture = np.asarray(Image.fromarray(noise).resize(STILL_SIZE, Image.Resampling.BICUBIC)).astype(float)
        picture += np.linspace(20, 160, STILL_SIZE[0])[None, :, None]
        if colour:
            picture[:] = colour
        path = self._folder / "still.png"
        Image.fromarray((picture * darkness).clip(0, 255).astype(np.uint8)).save(path)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        path.rename(self._folder / f"{sha256}.png")
        return MediaFile(f"images/scene_{number:03d}.png", sha256, ".png")

    def resolve(self, media: MediaFile) -> Path:
        return self._folder / f"{media.sha256}{media.suffix}"

    def timeline(self, frames: Sequence[int], fade: int = 3, size: tuple[int, int] = SIZE) -> Timeline:
        starts = [sum(frames[:number]) for number in range(len(frames))]
        segments = tuple(
            Segment(
                scene_id=f"s{number}",
                start_frame=start,
                frames=length,
                image=self.still(number),
                alt="noise",
                focus=Focus(),
                motion=Motion("zoom_in", View(1.0, 0.5, 0.5), View(1.2, 0.6, 0.5)),
                transition=Transition("fade", min(fade, length)) if number and fade else Transition("cut", 0),
            )
            for number, (start, length) in enumerate(zip(starts, frames, strict=True))
        )
        blocks = tuple(
            _block(f"word{number}", start, length)
            for number, (start, length) in enumerate(zip(starts, frames, strict=True))
        )
        return Timeline(
            version=1,
            fps=30,
            width=size[0],
            height=size[1],
            duration_frames=sum(frames),
            duration_ms=round(sum(frames) * 1000 / 30),
            narration=SILENT,
            music=Music("none", None, 0, -18.0, 0.0, 0.0),
            segments=segments,
            captions=CaptionTrack("karaoke", "bottom", "en", blocks),
            theme=Theme("#ffd60a", "#141414"),
        )


def with_segment(timeline: Timeline, number: int, **changes: object) -> Timeline:
    segments = list(timeline.segments)
    segments[number] = replace(segments[number], **changes)
    return replace(timeline, segments=tuple(segments))


def decoded(path: Path) -> list[np.ndarray]:
    """Return the luma of every frame, in order of display."""
    with av.open(str(path)) as film:
        return [frame.to_ndarray()[: frame.height].astype(int) for frame in film.decode(video=0)]


def write_tones(path: Path, seconds: float, spans: Sequence[tuple[float, float]]) -> None:
    """Write a mono WAV that is silent but for a 1 kHz tone in each of the spans."""
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    heard = np.any([(at >= start) & (at < end) for start, end in spans], axis=0)
    samples = np.where(heard, 8000 * np.sin(2 * np.pi * 1000 * at), 0).astype("<i2")
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        sound.writeframes(samples.tobytes())


def _block(text: str, start: int, frames: int) -> CaptionBlock:
    return CaptionBlock(start, start + frames, (CaptionWord(text, start, start + frames),))
