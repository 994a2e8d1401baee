"""Small real pictures, as a picture service would send them."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image


def picture(width: int, height: int, seed: int = 1, kind: str = "PNG") -> bytes:
    """Patches of colour: a whole picture that is not blank, a few kilobytes whatever its size."""
    patches = np.random.default_rng(seed).integers(0, 255, (12, 16, 3), np.uint8)
    stream = io.BytesIO()
    Image.fromarray(patches).resize((width, height), Image.Resampling.NEAREST).save(stream, kind)
    return stream.getvalue()
