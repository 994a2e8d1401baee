"""A user's picture of their main character, as painters are shown it."""

from __future__ import annotations

import numpy as np
from PIL import Image

from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.painter.intake import encoded_png
from canvascast import pictures

MAX_REFERENCE_BYTES = 20_000_000
_MAX_PIXELS = 24_000_000
_SIDE_PIXELS = 1_536


def reference_png(content: bytes) -> bytes:
    """Return a user's picture upright, 1,536 pixels a side at most, as a PNG without metadata.

    It is decoded by a process of its own. Raises Rejected("reference_unusable") over 20 MB or 24 megapixels, and for
    what is no PNG, JPEG or WebP picture.
    """
    if len(content) > MAX_REFERENCE_BYTES:
        raise _unusable(f"{len(content)} bytes")
    try:
        found = pictures.decoded(content, most_pixels=_MAX_PIXELS)
    except pictures.TooSlow as error:
        sentence = "Reading that picture took too long. Try again, or choose a smaller one."
        raise Rejected("reference_unusable", sentence, str(error)) from error
    except pictures.Unusable as error:
        raise _unusable(str(error)) from error
    picture = Image.frombytes("RGB", (found.width, found.height), found.content)
    picture.thumbnail((_SIDE_PIXELS, _SIDE_PIXELS), Image.Resampling.LANCZOS)
    return encoded_png(np.asarray(picture))


def _unusable(detail: str) -> Rejected:
    sentence = "That picture cannot be used. Choose a PNG, JPEG or WebP file of at most 20 MB and 24 megapixels."
    return Rejected("reference_unusable", sentence, detail)
