"""Cheap statistics of a frame's luma, taken on a grid of single pixels."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Grey: TypeAlias = NDArray[np.uint8]

GRID = 12
_BANDS = 3


def grid(frame: Any) -> Grey:  # Any: av.VideoFrame, whose wheel has no types we follow
    """Return every twelfth pixel of every twelfth row of a planar frame's luma, as a copy."""
    plane = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]
    return rows[GRID // 2 :: GRID, GRID // 2 :: GRID].copy()


def upper(grey: Grey) -> int:
    """Return the level that nine tenths of the pixels do not exceed."""
    return _percentile(grey, 0.9)


def spread(grey: Grey) -> int:
    """Return the levels between the darkest and the brightest tenth: words over the picture do not hide a flat one."""
    return _percentile(grey, 0.9) - _percentile(grey, 0.1)


def changed_bands(before: Grey, after: Grey) -> list[float]:
    """Return the share of changed pixels in the top, middle and bottom third."""
    changed = before != after
    return [float(band.mean()) for band in np.array_split(changed, _BANDS)]


def _percentile(grey: Grey, share: float) -> int:
    counts = np.cumsum(np.bincount(grey.ravel(), minlength=256))
    return int(np.searchsorted(counts, share * grey.size))
