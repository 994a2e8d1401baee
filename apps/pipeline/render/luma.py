"""Cheap statistics of a frame, taken on a grid of single pixels. Its thirds from the top down are its bands."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Grey: TypeAlias = NDArray[np.uint8]

GRID = 12
_BANDS = 3


def grid(frame: Any, plane: int = 0) -> Grey:  # Any: av.VideoFrame, whose wheel has no types we follow
    """Return every twelfth pixel of every twelfth row of a planar frame's plane (0 is luma), as a copy."""
    pixels = frame.planes[plane]
    rows = np.frombuffer(pixels, np.uint8).reshape(-1, pixels.line_size)[: pixels.height, : pixels.width]
    return rows[GRID // 2 :: GRID, GRID // 2 :: GRID].copy()


def upper(grey: Grey) -> int:
    """Return the level that nine tenths of the pixels do not exceed."""
    return _percentile(grey, 0.9)


def spread(grey: Grey) -> int:
    """Return the levels between the darkest and the brightest tenth: words over the picture do not hide a flat one."""
    return _percentile(grey, 0.9) - _percentile(grey, 0.1)


def bands(grey: Grey) -> list[Grey]:
    """Return the top, middle and bottom third."""
    return np.array_split(grey, _BANDS)


def _percentile(grey: Grey, share: float) -> int:
    counts = np.cumsum(np.bincount(grey.ravel(), minlength=256))
    return int(np.searchsorted(counts, share * grey.size))
