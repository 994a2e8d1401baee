"""Pictures of people: whatever was uploaded is decoded, cropped and written anew. Pure."""

from __future__ import annotations

import io
import warnings
from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from canvascast.errors import Invalid

BYTES_MAX = 1_000_000
PIXELS_MAX = 20_000_000
SIDE_PIXELS = 256
_FORMATS = ("PNG", "JPEG", "WEBP")
_TOO_MANY_PIXELS = f"The picture has too many pixels: at most {PIXELS_MAX // 1_000_000} million."


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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=_FORMATS)
            # The header alone is read so far: a bomb is refused before it is unpacked.
            if picture.width * picture.height > PIXELS_MAX:
                raise BadPicture(_TOO_MANY_PIXELS)
            picture.load()
    except Image.DecompressionBombError as bomb:
        raise BadPicture(_TOO_MANY_PIXELS) from bomb
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise BadPicture("That is not a picture we can read. Use a PNG, JPEG or WebP file.") from error
    return picture


def _square(picture: Image.Image) -> Image.Image:
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    return ImageOps.fit(upright, (SIDE_PIXELS, SIDE_PIXELS), Image.Resampling.LANCZOS)


def _as_webp(picture: Image.Image) -> bytes:
    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    written = io.BytesIO()
    bare.save(written, "WEBP", quality=85, method=4)
    return written.getvalue()
