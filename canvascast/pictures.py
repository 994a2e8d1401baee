"""Pictures of strangers, decoded in a child that may use little of anything: what crashes or hangs it ends there."""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from canvascast import children
from canvascast.children import Limits
from canvascast.decoder import TOO_LARGE, UNREADABLE

_PROGRAM = (sys.executable, "-m", "canvascast.decoder")
_ROOT = Path(__file__).resolve().parents[1]
# A picture of ten megapixels takes half a second; the rest is for a machine that renders films beside it.
_DEADLINE_SECONDS = 4.5
_MEMORY_BYTES = 500_000_000
_MOST_HEAD_BYTES = 32
_CHANNELS = {"RGB": 3, "RGBA": 4}


class Unusable(Exception):
    """What was sent is not decoded."""


class TooLarge(Unusable):
    """It has too many pixels, or takes more memory than a decoder gets."""


class Unreadable(Unusable):
    """It is no PNG, JPEG or WebP, is cut off, or crashes its decoder."""


class TooSlow(Unusable):
    """Its decoder was ended before it was done: past its deadline, or by a machine short of something."""


@dataclass(frozen=True)
class Pixels:
    """Rows from above, without gaps; 3 bytes a pixel in RGB, 4 in RGBA."""

    width: int
    height: int
    content: memoryview


def decoded(content: bytes, *, most_pixels: int, mode: Literal["RGB", "RGBA"] = "RGB") -> Pixels:
    """Return a PNG, JPEG or WebP picture upright, the first of an animation; in RGB on white where it is transparent.

    At most 4.5 s and 500 MB of address space. Raises TooLarge, Unreadable, TooSlow.
    """
    argv = [*_PROGRAM, str(most_pixels), mode]
    output_bytes = _MOST_HEAD_BYTES + most_pixels * _CHANNELS[mode]
    limits = Limits(_DEADLINE_SECONDS, _MEMORY_BYTES, file_bytes=0, output_bytes=output_bytes)
    try:
        answer, _ = children.run_child(argv, limits, stdin=content, folder=_ROOT, environment={})
    except children.TimedOut as error:
        raise TooSlow(str(error)) from error
    except children.Failed as error:
        refusal = _refusal_for(error.exit_code)
        if refusal is None:
            raise
        raise refusal(str(error)) from error
    return _believed(answer, most_pixels, _CHANNELS[mode])


def _refusal_for(exit_code: int | None) -> type[Unusable] | None:
    """Return what a picture is refused with whose decoder ended so, or None where it is not the picture's doing."""
    if exit_code is None or exit_code < 0:
        return TooSlow if exit_code == -signal.SIGKILL else Unreadable
    return {TOO_LARGE: TooLarge, UNREADABLE: Unreadable}.get(exit_code)


def _believed(answer: bytes, most_pixels: int, channels: int) -> Pixels:
    """Return the answer of a decoder that may have been taken over: as many pixels as it says, or none."""
    head_end = answer.find(b"\n", 0, _MOST_HEAD_BYTES)
    try:
        width, height = map(int, answer[: max(head_end, 0)].split())
    except ValueError as error:
        raise Unreadable("no size was told") from error
    if min(width, height) < 1 or width * height > most_pixels:
        raise Unreadable(f"{width}x{height} pixels were told of")
    content = memoryview(answer)[head_end + 1 :]
    if len(content) != width * height * channels:
        raise Unreadable(f"{len(content)} bytes came for {width}x{height} pixels")
    return Pixels(width, height, content)
