"""Stills as BT.709 limited-range planes, made once per still: no frame ever passes through RGB."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from apps.pipeline.contracts import Motion
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.render.canvas import Plane
from apps.pipeline.render.motion import widest

# ITU-R BT.709: luma weights of red and blue, scaled to 16..235 for Y and 16..240 for U and V.
_RED, _BLUE = 0.2126, 0.0722
_GREEN = 1 - _RED - _BLUE
_LUMA_RANGE, _CHROMA_RANGE = 219 / 255, 224 / 255
_U, _V = _CHROMA_RANGE / (2 * (1 - _BLUE)), _CHROMA_RANGE / (2 * (1 - _RED))
RGB_TO_YUV: NDArray[np.float32] = np.array(
    [
        [_LUMA_RANGE * _RED, _LUMA_RANGE * _GREEN, _LUMA_RANGE * _BLUE, 16],
        [-_U * _RED, -_U * _GREEN, _U * (1 - _BLUE), 128],
        [_V * (1 - _RED), -_V * _GREEN, -_V * _BLUE, 128],
    ],
    np.float32,
)


@dataclass(frozen=True)
class StillPlanes:
    """Y, and U and V at half its size with samples in the middle of their four luma samples.

    `aspect` is the output's width / height divided by the still's.
    """

    aspect: float
    planes: tuple[Plane, Plane, Plane]


def load_still(path: Path, motion: Motion, width: int, height: int) -> StillPlanes:
    """Read the still at `path` for a `width` x `height` output; raises Rejected when it is no readable picture.

    A still with more detail than its widest view can show is reduced, so that the four-tap kernel never skips samples.
    """
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise Rejected("bad_picture", "One of the pictures cannot be read. Replace it and try again.")
    rows, columns = picture.shape[:2]
    aspect = (width / height) / (columns / rows)
    picture = _reduced(np.asarray(picture, np.uint8), width / (widest(motion, aspect).width * columns))
    return StillPlanes(aspect, planes_of(picture))


def _reduced(picture: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    if factor >= 1:
        return picture
    rows, columns = picture.shape[:2]
    size = (max(2, int(columns * factor)), max(2, int(rows * factor)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def planes_of(bgr: NDArray[np.uint8]) -> tuple[Plane, Plane, Plane]:
    """Return Y, U and V of a picture, U and V at half its size."""
    y, u, v = cv2.split(cv2.transform(bgr, RGB_TO_YUV[:, [2, 1, 0, 3]]))
    half = (max(1, y.shape[1] // 2), max(1, y.shape[0] // 2))
    return (
        np.ascontiguousarray(y),
        np.asarray(cv2.resize(u, half, interpolation=cv2.INTER_AREA)),
        np.asarray(cv2.resize(v, half, interpolation=cv2.INTER_AREA)),
    )
