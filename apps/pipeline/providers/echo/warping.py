"""Dynamic time warping (Sakoe and Chiba, 1978): the cheapest way to say the same at two speeds.

A row is worked out at once, so numpy is enough: steps to the right add up along the row, and the cheapest place to come
from is a running minimum. Long sounds are warped roughly first and then along that way only (Salvador and Chan, 2007),
so that half an hour takes seconds and some ten megabytes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from apps.pipeline.providers.echo.spectra import Vectors, with_length_1

_MOST_CELLS = 30_000_000
_POOLED = 4
_RADIUS = 160
_DIAGONAL, _DOWN, _RIGHT = 0, 1, 2

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Warp:
    """For each frame of the one sound the first and the last frame of the other that it is laid on.

    `cost` is the mean distance of frames that are laid on each other, 0 to 2.
    """

    first: Places
    last: Places
    cost: float

    def middle(self, frame: int) -> float:
        """Return the frame of the other sound in the middle of those on which `frame` is laid."""
        return float(self.first[frame] + self.last[frame]) / 2


def warp(one: Vectors, other: Vectors) -> Warp:
    """Lay one sound on another, from their first frames to their last; both are vectors of length 1."""
    count = len(one)
    if count * len(other) <= _MOST_CELLS:
        return _warped(one, other, np.zeros(count, dtype=np.int64), np.full(count, len(other)))
    rough = warp(_pooled(one), _pooled(other))
    rows = np.minimum(np.arange(count) // _POOLED, len(rough.first) - 1)
    lows = np.clip(rough.first[rows] * _POOLED - _RADIUS, 0, len(other) - 1)
    highs = np.clip((rough.last[rows] + 1) * _POOLED + _RADIUS, 1, len(other))
    return _warped(one, other, lows, highs)


def _pooled(vectors: Vectors) -> Vectors:
    count = len(vectors) // _POOLED
    return with_length_1(vectors[: count * _POOLED].reshape(count, _POOLED, -1).mean(axis=1))


def _warped(one: Vectors, other: Vectors, lows: Places, highs: Places) -> Warp:
    """Warp within [low, high) of each row; both rise from the first row to the last."""
    came = np.zeros((len(one), int((highs - lows).max())), dtype=np.uint8)
    above = np.full(len(other) + 1, np.inf)  # what it costs to get to each frame of the row above, behind a border
    above[0] = 0.0
    for row, (low, high) in enumerate(zip(lows.tolist(), highs.tolist(), strict=True)):
        distances = np.sqrt(np.maximum(2.0 - 2.0 * (other[low:high] @ one[row]), 0.0, dtype=np.float64))
        diagonal, down = above[low:high], above[low + 1 : high + 1]
        entered = np.minimum(diagonal, down) + distances
        walked = np.cumsum(distances)
        best = walked + np.minimum.accumulate(entered - walked)
        steps = np.where(down < diagonal, _DOWN, _DIAGONAL)
        steps[1:][best[1:] < entered[1:] - 1e-9] = _RIGHT
        came[row, : high - low] = steps
        above = np.full(len(other) + 1, np.inf)
        above[low + 1 : high + 1] = best
    return _traced(came, lows, len(other) - 1, float(above[-1]))


def _traced(came: npt.NDArray[np.uint8], lows: Places, column: int, total: float) -> Warp:
    first, last = np.zeros(len(lows), dtype=np.int64), np.zeros(len(lows), dtype=np.int64)
    row, steps = len(lows) - 1, 1
    last[row] = first[row] = column
    while row or column:
        step = came[row, column - lows[row]] if row else _RIGHT
        column -= step != _DOWN
        if step != _RIGHT:
            row -= 1
            last[row] = column
        first[row] = column
        steps += 1
    return Warp(first, last, total / steps)
