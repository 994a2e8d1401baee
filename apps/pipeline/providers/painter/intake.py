"""Pictures from outside: what arrives as bytes becomes plain pixels of the wanted size, or is refused."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from apps.pipeline.contracts import Focus
from apps.pipeline.providers.errors import Transient
from canvascast import pictures

Pixels = NDArray[Any]  # Any: OpenCV's stubs promise no dtype; pixels are uint8
"""Shape (height, width, 3), red first."""

MAX_BYTES = 32 * 1024 * 1024
MAX_PIXELS = 48_000_000
_BLANK_SPREAD = 4.0
"""Levels of luma: a still sky measures above 8, one colour with sensor noise below 3."""


def checked_pixels(content: bytes, *, is_ours: bool = False) -> Pixels:
    """Return the picture decoded to RGB, transparency laid on white, everything but pixels left behind.

    A process of its own decodes it, unless it `is_ours`: a PNG that this program made. Raises Transient:
    "picture_too_large" over 32 MiB or 48 megapixels, "picture_unreadable" for anything but a whole PNG, JPEG or WebP,
    "blank_picture" when it is nearly one colour.
    """
    if len(content) > MAX_BYTES:
        raise Transient("picture_too_large", f"{len(content)} bytes, at most {MAX_BYTES}")
    pixels = _own_pixels(content) if is_ours else _strange_pixels(content)
    if is_blank(pixels):
        raise Transient("blank_picture", f"luma spread below {_BLANK_SPREAD}")
    return pixels


def is_blank(pixels: Pixels) -> bool:
    """Return whether the picture is nearly one colour."""
    small = cv2.resize(pixels, (160, 160), interpolation=cv2.INTER_AREA).astype(np.float32)
    return float(small.reshape(-1, 3).std(axis=0).max()) < _BLANK_SPREAD


def reframed(pixels: Pixels, width: int, height: int, focus: Focus) -> tuple[Pixels, Focus]:
    """Return the picture at exactly the size, cut around `focus` and never squeezed, and where the focus then lies."""
    have_height, have_width = pixels.shape[:2]
    if (have_width, have_height) == (width, height):
        return pixels, focus
    scale = max(width / have_width, height / have_height)
    cut_width, cut_height = min(have_width, width / scale), min(have_height, height / scale)
    left = min(max(focus.x * have_width - cut_width / 2, 0), have_width - cut_width)
    top = min(max(focus.y * have_height - cut_height / 2, 0), have_height - cut_height)
    box = (left, top, left + cut_width, top + cut_height)
    resized = Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS, box=box)
    seen = Focus((focus.x * have_width - left) / cut_width, (focus.y * have_height - top) / cut_height)
    return np.asarray(resized), seen


def encoded_png(pixels: Pixels) -> bytes:
    """Return the pixels as a PNG without metadata."""
    options = [cv2.IMWRITE_PNG_COMPRESSION, 2, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]
    done, content = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), options)
    if not done:
        raise RuntimeError("OpenCV could not encode a PNG")
    return content.tobytes()


def _own_pixels(content: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(content), formats=("PNG",)).convert("RGB"))


def _strange_pixels(content: bytes) -> Pixels:
    try:
        found = pictures.decoded(content, most_pixels=MAX_PIXELS)
    except pictures.TooLarge as error:
        raise Transient("picture_too_large", str(error)) from error
    except pictures.Unusable as error:
        raise Transient("picture_unreadable", str(error)) from error
    return np.frombuffer(found.content, np.uint8).reshape(found.height, found.width, 3)
