"""Thumbnails: the most striking still, in the shape of the video."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from apps.pipeline.contracts import Focus

HEIGHTS = (1080, 540, 270)
MAX_CANDIDATES = 8
_SCORED_SIZE = (160, 160)
_JPEG_QUALITY = 88


@dataclass(frozen=True)
class Candidate:
    """A still on the local disk and the point of it to keep in view."""

    path: Path
    focus: Focus


def choose_candidate(candidates: Sequence[Candidate]) -> Candidate:
    """Return the most striking of at most eight, taken evenly from the whole video; the earlier one on a tie."""
    step = max(1, -(-len(candidates) // MAX_CANDIDATES))
    return max(candidates[::step], key=lambda candidate: _striking(candidate.path))


def draw_thumbnails(candidate: Candidate, width: int, height: int) -> dict[int, bytes]:
    """Return one JPEG per height in HEIGHTS, of the shape `width` to `height`, cut around the focus."""
    with Image.open(candidate.path) as picture:
        colours = picture.convert("RGB")
    centre = (candidate.focus.x, candidate.focus.y)
    drawn = {}
    for target in HEIGHTS:
        size = (2 * round(target * width / height / 2), target)
        drawn[target] = _jpeg(ImageOps.fit(colours, size, Image.Resampling.LANCZOS, centering=centre))
    return drawn


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
