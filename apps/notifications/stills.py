"""The picture in a mail: small, because it travels with every copy."""

from __future__ import annotations

import io
from dataclasses import dataclass

from django.core.files.storage import storages
from PIL import Image

# What the mail has room for; a tall picture leaves the button on the first screen.
_SHOWN_WIDTH, _SHOWN_HEIGHT = 494, 420
# For dense screens.
_PIXELS_A_POINT = 2
_QUALITY = 72


@dataclass(frozen=True)
class Still:
    """A JPEG, and how wide and high it is to be shown."""

    jpeg: bytes
    width: int
    height: int


def small_still(name: str) -> Still | None:
    """Return that picture of ours, made small; None when there is no such file or it cannot be had now."""
    if not name:
        return None
    try:
        with storages["generated-assets"].open(name) as file, Image.open(file) as picture:
            return _shrunk(picture)
    except OSError:
        return None


def _shrunk(picture: Image.Image) -> Still:
    scale = min(_SHOWN_WIDTH / picture.width, _SHOWN_HEIGHT / picture.height)
    width, height = round(picture.width * scale), round(picture.height * scale)
    picture.thumbnail((width * _PIXELS_A_POINT, height * _PIXELS_A_POINT))
    small = io.BytesIO()
    picture.convert("RGB").save(small, "JPEG", quality=_QUALITY, optimize=True)
    return Still(small.getvalue(), width, height)
