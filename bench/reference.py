"""The exact picture of each frame: Lanczos in RGB with sub-pixel boxes, by the timeline's contract alone, no captions.

Nothing here uses the renderer, so that a fault of its geometry or colours shows.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from apps.pipeline.contracts import Segment, Timeline, View
from bench.item import WorkItem

Bytes = NDArray[np.uint8]

_RED, _BLUE = 0.2126, 0.0722
_GREEN = 1 - _RED - _BLUE
_TO_YUV = np.array(
    [
        [_RED, _GREEN, _BLUE],
        [-_RED / (2 * (1 - _BLUE)), -_GREEN / (2 * (1 - _BLUE)), 0.5],
        [0.5, -_GREEN / (2 * (1 - _RED)), -_BLUE / (2 * (1 - _RED))],
    ]
) * np.array([[219 / 255], [224 / 255], [224 / 255]])
_OFFSETS = np.array([[16.0], [128.0], [128.0]])


class Reference:
    """Draws any frame of the item."""

    def __init__(self, item: WorkItem) -> None:
        self._item = item
        self._timeline = item.timeline

    def rgb(self, frame: int) -> Bytes:
        """Return the whole frame, the fade from the segment before included."""
        number = _segment_at(self._timeline, frame)
        segment = self._timeline.segments[number]
        local = frame - segment.start_frame
        picture = self._still(number, frame)
        fade = segment.transition.frames
        if local >= fade:
            return picture
        share = (local + 1) / (fade + 1)
        before = self._still(number - 1, frame).astype(np.float32)
        return np.rint(before * (1 - share) + picture.astype(np.float32) * share).astype(np.uint8)

    def luma(self, frame: int) -> Bytes:
        """Return the frame's BT.709 limited-range luma."""
        return _planes(self.rgb(frame))[0]

    def planar(self, frame: int) -> bytes:
        """Return the frame as yuv420p with left-sited chroma."""
        luma, *chroma = _planes(self.rgb(frame))
        return b"".join([luma.tobytes(), *(_halved(plane).tobytes() for plane in chroma)])

    def _still(self, number: int, frame: int) -> Bytes:
        segment = self._timeline.segments[number]
        still = _opened(self._item.resolve(segment.image))
        size = (self._timeline.width, self._timeline.height)
        box = _box(_view(self._timeline, number, frame), still.size, size)
        return np.asarray(still.resize(size, Image.Resampling.LANCZOS, box=box))


def _segment_at(timeline: Timeline, frame: int) -> int:
    return max(number for number, segment in enumerate(timeline.segments) if segment.start_frame <= frame)


def _view(timeline: Timeline, number: int, frame: int) -> View:
    """A straight, even move over the frames in which the still is visible."""
    segment: Segment = timeline.segments[number]
    following = timeline.segments[number + 1].transition.frames if number + 1 < len(timeline.segments) else 0
    share = (frame - segment.start_frame) / (segment.frames + following - 1)
    start, end = segment.motion.start, segment.motion.end
    return View(*(a + (b - a) * share for a, b in zip(_numbers(start), _numbers(end), strict=True)))


def _numbers(view: View) -> tuple[float, float, float]:
    return view.zoom, view.x, view.y


def _box(view: View, still: tuple[int, int], output: tuple[int, int]) -> tuple[float, float, float, float]:
    """The part of the still, in its pixels, that fills the output at this view."""
    scale = min(still[0] / output[0], still[1] / output[1]) / view.zoom
    width, height = output[0] * scale, output[1] * scale
    left, top = view.x * still[0] - width / 2, view.y * still[1] - height / 2
    return max(0.0, left), max(0.0, top), min(still[0], left + width), min(still[1], top + height)


@lru_cache(maxsize=3)
def _opened(path: Path) -> Image.Image:
    return Image.open(path).convert("RGB")


def _planes(rgb: Bytes) -> tuple[Bytes, ...]:
    return tuple(cv2.split(cv2.transform(rgb, np.hstack([_TO_YUV, _OFFSETS]).astype(np.float32))))


def _halved(plane: Bytes) -> Bytes:
    """Half the size with samples at the left columns: 1-2-1 across, pairs of rows."""
    smooth = cv2.sepFilter2D(plane, cv2.CV_32F, np.float32([0.25, 0.5, 0.25]), np.float32([1]))[:, ::2]
    return np.rint((smooth[::2] + smooth[1::2]) / 2).astype(np.uint8)
