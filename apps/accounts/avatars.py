"""Pictures of people: whatever was uploaded is decoded in a process of its own, cropped and written anew."""

from __future__ import annotations

import io
from typing import BinaryIO

from PIL import Image, ImageOps

from canvascast import pictures
from canvascast.errors import Invalid

BYTES_MAX = 1_000_000
PIXELS_MAX = 20_000_000
SIDE_PIXELS = 256


class BadPicture(Invalid):
    """The upload is no picture that can be shown."""


def avatar_of(upload: BinaryIO) -> bytes:
    """Return the picture as a WebP of 256 x 256 pixels with nothing of its metadata.

    Raises BadPicture for more than 1 MB, more than 20 megapixels, and what is not a PNG, JPEG or WebP picture.
    """
    content = upload.read(BYTES_MAX + 1)
    if len(content) > BYTES_MAX:
        raise BadPicture(f"The picture is too large: at most {BYTES_MAX // 1_000_000} MB.")
    return _as_webp(_square(_decoded(content)))


def _decoded(content: bytes) -> Image.Image:
    try:
        found = pictures.decoded(content, most_pixels=PIXELS_MAX, mode="RGBA")
    except pictures.TooLarge as error:
        raise BadPicture(f"The picture has too many pixels: at most {PIXELS_MAX // 1_000_000} million.") from error
    except pictures.TooSlow as error:
        raise BadPicture("Reading that picture took too long. Try again, or use a smaller one.") from error
    except pictures.Unusable as error:
        raise BadPicture("That is not a picture we can read. Use a PNG, JPEG or WebP file.") from error
    return Image.frombytes("RGBA", (found.width, found.height), found.content)


def _square(picture: Image.Image) -> Image.Image:
    return ImageOps.fit(picture, (SIDE_PIXELS, SIDE_PIXELS), Image.Resampling.LANCZOS)


def _as_webp(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "WEBP", quality=85, method=4)
    return written.getvalue()
