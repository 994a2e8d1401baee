"""The decoder: a stranger's picture on stdin becomes plain pixels on stdout. It loads Pillow, and nothing of the site.

`canvascast.pictures` starts it under limits, as a program of its own. Told how many pixels there may be and whether
they are wanted as RGB or RGBA, it answers "WIDTH HEIGHT" on a line, then the rows. With an exit code none of it counts.
"""

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Iterator
from typing import BinaryIO

# WebP is no format that Pillow knows from the start: without its name here it would load all formats there are.
from PIL import Image, ImageOps, WebPImagePlugin

TOO_LARGE, UNREADABLE = 3, 4
_FORMATS = ("PNG", "JPEG", WebPImagePlugin.WebPImageFile.format)


def main() -> int:
    most_pixels, mode = int(sys.argv[1]), sys.argv[2]
    # Pillow refuses what has over twice as many, some formats before they take memory for them.
    Image.MAX_IMAGE_PIXELS = most_pixels // 2
    warnings.simplefilter("ignore")
    return decode(sys.stdin.buffer.read(), mode, sys.stdout.buffer)


def decode(content: bytes, mode: str, out: BinaryIO) -> int:
    """Write the answer; return the exit code that it counts with."""
    try:
        picture = upright(content)
        out.write(b"%d %d\n" % picture.size)
        for band in bands(picture, mode):
            out.write(band)
    except (Image.DecompressionBombError, MemoryError) as error:
        return _refuse(TOO_LARGE, error)
    except Exception as error:  # noqa: BLE001 - whatever Pillow makes of a stranger's bytes is about those bytes
        return _refuse(UNREADABLE, error)
    return 0


def upright(content: bytes) -> Image.Image:
    """Return the picture, decoded and turned as its EXIF says. Raises whatever Pillow does."""
    picture = Image.open(io.BytesIO(content), formats=_FORMATS)
    picture.load()
    ImageOps.exif_transpose(picture, in_place=True)
    return picture


def bands(picture: Image.Image, mode: str, band_pixels: int = 1_000_000) -> Iterator[bytes]:
    """Yield the picture's rows in another mode, some at a time: the whole of it would be as much memory again.

    In RGB what is transparent is laid on white.
    """
    is_flattened = mode == "RGB" and picture.has_transparency_data
    rows = max(1, band_pixels // picture.width)
    for top in range(0, picture.height, rows):
        band = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        yield (_on_white(band) if is_flattened else band).convert(mode).tobytes()


def _on_white(picture: Image.Image) -> Image.Image:
    layered = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered)


def _refuse(exit_code: int, error: Exception) -> int:
    sys.stderr.write(type(error).__name__)
    return exit_code


if __name__ == "__main__":
    raise SystemExit(main())
