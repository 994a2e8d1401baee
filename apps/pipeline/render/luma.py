"""Cheap statistics of a frame, taken on a grid of single pixels."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Grey: TypeAlias = NDArray[np.uint8]
Sample = TypeVar("Sample", np.uint8, np.bool_)

GRID = 12
_BANDS = 3
_SLIGHTEST_BAND = 1 / 8
_BLOCK_ROWS = 16


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


def parted(grey: NDArray[Sample], lettered: tuple[int, int] | None) -> tuple[NDArray[Sample], list[NDArray[Sample]]]:
    """Return the rows of a frame in which letters stand, and what is above and below in bands of a third at most.

    `lettered` are pixel rows of the frame; those that an encoder codes along with them go with them. A strip of less
    than an eighth of the frame beside them tells too little to be a band.
    """
    first = last = 0
    if lettered is not None:
        first, last = max(lettered[0] - _BLOCK_ROWS, 0) // GRID, -(-(lettered[1] + _BLOCK_ROWS) // GRID)
    clear = [part for part in (grey[:first], grey[last:]) if len(part) >= len(grey) * _SLIGHTEST_BAND]
    pieces = [piece for part in clear for piece in np.array_split(part, -(-len(part) * _BANDS // len(grey)))]
    return grey[first:last], pieces or [grey]


def _percentile(grey: Grey, share: float) -> int:
    counts = np.cumsum(np.bincount(grey.ravel(), minlength=256))
    return int(np.searchsorted(counts, share * grey.size))
