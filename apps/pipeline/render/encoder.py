"""One segment to H.264 in MP4, in process: libx264 through PyAV."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from apps.pipeline.render.canvas import Canvas, Plane

PIXELS = "yuv420p"


@dataclass(frozen=True)
class EncoderProfile:
    """Everything that decides the bytes of equal frames; x264's output depends on its number of threads, too."""

    preset: str
    crf: int
    threads: int
    parameters: str


# Stills that move slowly gain most from mbtree: 43 % fewer bits than plain superfast. The other presets' tools cost
# more than they give here.
FAST = EncoderProfile("superfast", 19, 3, "mbtree=1:rc-lookahead=10:aq-mode=2:scenecut=0:open-gop=0")


@dataclass(frozen=True)
class Slot:
    """A frame of the encoder, and the canvas that draws straight into its planes."""

    frame: Any  # Any: av.VideoFrame, whose wheel has no types we follow
    canvas: Canvas


def new_slot(width: int, height: int) -> Slot:
    """Return a frame to draw on, and again once `SegmentWriter.write` returned: x264 then has its own copy."""
    frame = av.VideoFrame(width, height, PIXELS)
    frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG
    y, u, v = (_rows(plane) for plane in frame.planes)
    return Slot(frame, Canvas(width, height, (y, u, v)))


class SegmentWriter:
    """Writes a file that starts with an IDR frame, refers to nothing outside itself and names no clock time."""

    def __init__(self, path: Path, width: int, height: int, fps: int, profile: EncoderProfile) -> None:
        self._container = av.open(str(path), "w", format="mp4", options={"fflags": "+bitexact"})
        self._stream = self._container.add_stream("libx264", rate=fps, options=_options(profile))
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, PIXELS
        context = self._stream.codec_context
        context.time_base = Fraction(1, fps)
        context.thread_count = profile.threads
        context.color_range, context.colorspace = ColorRange.MPEG, Colorspace.ITU709
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        self._written = 0

    def __enter__(self) -> SegmentWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()

    def write(self, slot: Slot) -> None:
        """Encode the next frame."""
        slot.frame.pts = self._written
        self._container.mux(self._stream.encode(slot.frame))
        self._written += 1


def _rows(plane: Any) -> Plane:  # Any: av.VideoPlane
    return np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)


def _options(profile: EncoderProfile) -> dict[str, str]:
    return {
        "preset": profile.preset,
        "crf": str(profile.crf),
        "x264-params": f"{profile.parameters}:threads={profile.threads}",
    }
