"""Thumbnails: the most striking stills, in the shape of the video."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from apps.pipeline.contracts import Focus
from apps.pipeline.packaging.names import POSTER_HEIGHT

HEIGHTS = (1080, POSTER_HEIGHT, 270)
CHOICES = 3
MAX_CANDIDATES = 8
_SCORED_SIZE = (160, 160)
_JPEG_QUALITY = 88


@dataclass(frozen=True)
class Candidate:
    """A still on the local disk and the point of it to keep in view."""

    path: Path
    focus: Focus


def choose_candidates(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the three most striking of at most eight, taken evenly from the whole video; the earlier one on a tie."""
    step = max(1, -(-len(candidates) // MAX_CANDIDATES))
    ranked = sorted(candidates[::step], key=lambda candidate: _striking(candidate.path), reverse=True)
    return ranked[:CHOICES]


def draw_thumbnail(candidate: Candidate, height: int, *, shape: tuple[int, int]) -> bytes:
    """Return a JPEG of that height in the shape of `shape` (width to height), cut around the focus."""
    width = 2 * round(height * shape[0] / shape[1] / 2)
    with Image.open(candidate.path) as picture:
        colours = picture.convert("RGB")
    centre = (candidate.focus.x, candidate.focus.y)
    return _jpeg(ImageOps.fit(colours, (width, height), Image.Resampling.LANCZOS, centering=centre))


def _striking(path: Path) -> float:
    """Contrast plus colourfulness (Hasler and Süsstrunk 2003: spread and mean of the opponent colours)."""
    with Image.open(path) as picture:
        small = picture.convert("RGB").resize(_SCORED_SIZE, Image.Resampling.BOX)
    red, green, blue = np.moveaxis(np.asarray(small, np.float64), 2, 0)
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    spread = np.hypot(red_green.std(), yellow_blue.std())
    mean = np.hypot(red_green.mean(), yellow_blue.mean())
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return float(luma.std() + spread + 0.3 * mean)


def _jpeg(picture: Image.Image) -> bytes:
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    return stream.getvalue()
