"""A user's picture of their main character, as painters are shown it."""

from __future__ import annotations

import numpy as np
from PIL import Image

from apps.pipeline.providers.errors import Rejected, Transient
from apps.pipeline.providers.painter.intake import decoded, encoded_png

MAX_REFERENCE_BYTES = 20_000_000
_MAX_PIXELS = 24_000_000
_SIDE_PIXELS = 1_536


def reference_png(content: bytes) -> bytes:
    """Return a user's picture upright, 1,536 pixels a side at most, as a PNG without metadata.

    Raises Rejected("reference_unusable") over 20 MB or 24 megapixels, and for what is no PNG, JPEG or WebP picture.
    """
    try:
        if len(content) > MAX_REFERENCE_BYTES:
            raise Transient("picture_too_large", f"{len(content)} bytes")
        picture = decoded(content, _MAX_PIXELS)
    except Transient as error:
        raise Rejected(
            "reference_unusable",
            "That picture cannot be used. Choose a PNG, JPEG or WebP file of at most 20 MB and 24 megapixels.",
            str(error),
        ) from error
    picture.thumbnail((_SIDE_PIXELS, _SIDE_PIXELS), Image.Resampling.LANCZOS)
    return encoded_png(np.asarray(picture))
