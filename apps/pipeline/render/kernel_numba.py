"""The kernel of pure wheels: numba for arithmetic along rows, OpenCV for transposing.

Stills are kept transposed, so that both passes run along rows, where LLVM vectorises them. Measured for 1080p luma on
AVX-512: 0.23 ms + 0.16 ms (transpose) + 0.38 ms; the same passes gathering along columns take 5 to 12 ms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import cv2
import numba
import numpy as np
from numpy.typing import NDArray

from apps.pipeline.render.canvas import Grid, Plane
from apps.pipeline.render.kernels import Source, cubic_taps

_FIRST_UNIT = 1 << 14
_MIDDLE_UNIT = 1 << 6


@dataclass(frozen=True)
class _Transposed:
    columns: Plane


class NumbaKernel:
    """See `kernels.Kernel`."""

    name = "numba"

    def __init__(self) -> None:
        self._middle = _Scratch()
        self._turned = _Scratch()

    def prepare(self, plane: Plane) -> Source:
        return _Transposed(np.ascontiguousarray(plane.T))

    def resample(self, source: Source, grid: Grid, target: Plane) -> None:
        columns = cast(_Transposed, source).columns
        width, height = columns.shape
        plan = _plan(grid, width, height)
        middle = self._middle.shaped(grid.width, plan.last - plan.first)
        _first_pass(columns, plan.first, plan.last, plan.x_indices, plan.x_weights, middle)
        turned = self._turned.shaped(plan.last - plan.first, grid.width)
        cv2.transpose(middle, turned)
        _second_pass(turned, plan.y_indices, plan.y_weights, target)

    def blend(self, target: Plane, other: Plane, weight: int) -> None:
        _blend(target.reshape(-1), other.reshape(-1), np.int32(weight))

    def lay_over(self, target: Plane, column: int, row: int, colour: Plane, alpha: Plane) -> None:
        _lay_over(target, column, row, colour, alpha)


@dataclass(frozen=True)
class _Plan:
    """Source rows first..last - 1 are used; `y_indices` count from `first`."""

    x_indices: NDArray[np.int64]
    x_weights: NDArray[np.int16]
    y_indices: NDArray[np.int64]
    y_weights: NDArray[np.float32]
    first: int
    last: int


@lru_cache(maxsize=1)
def _plan(grid: Grid, width: int, height: int) -> _Plan:
    """Both chroma planes of a frame ask for the same plan, one after the other."""
    across = cubic_taps(grid.left, grid.step_x, grid.width, width)
    down = cubic_taps(grid.top, grid.step_y, grid.height, height)
    first, last = int(down.indices[0, 0]), int(down.indices[-1, -1]) + 1
    y_weights = (down.weights / _MIDDLE_UNIT).astype(np.float32)
    return _Plan(across.indices, across.whole(_FIRST_UNIT), down.indices - first, y_weights, first, last)


class _Scratch:
    """A buffer that grows to the largest shape asked for and is used again for every frame."""

    def __init__(self) -> None:
        self._buffer: NDArray[np.int16] = np.empty(0, np.int16)

    def shaped(self, rows: int, columns: int) -> NDArray[np.int16]:
        if self._buffer.size < rows * columns:
            self._buffer = np.empty(rows * columns, np.int16)
        return self._buffer[: rows * columns].reshape(rows, columns)


def _compiled(function: Any) -> Any:  # Any: numba's dispatcher has no types
    return numba.njit(nogil=True, cache=True, fastmath=True)(function)


@_compiled
def _first_pass(
    source: Plane, first: int, last: int, taps: NDArray[np.int64], weights: NDArray[np.int16], target: NDArray[np.int16]
) -> None:
    # Row slices and 16-bit weights let LLVM see products of 16-bit numbers and use multiply-add instructions.
    for row in range(taps.shape[0]):
        a = source[taps[row, 0], first:last]
        b = source[taps[row, 1], first:last]
        c = source[taps[row, 2], first:last]
        d = source[taps[row, 3], first:last]
        p, q, r, s = weights[row, 0], weights[row, 1], weights[row, 2], weights[row, 3]
        out = target[row]
        for i in range(last - first):
            out[i] = np.int16(
                (np.int32(a[i]) * p + np.int32(b[i]) * q + np.int32(c[i]) * r + np.int32(d[i]) * s + 128) >> 8
            )


@_compiled
def _second_pass(
    source: NDArray[np.int16], taps: NDArray[np.int64], weights: NDArray[np.float32], target: Plane
) -> None:
    low, high, half = np.float32(0), np.float32(255), np.float32(0.5)
    for row in range(taps.shape[0]):
        a, b, c, d = source[taps[row, 0]], source[taps[row, 1]], source[taps[row, 2]], source[taps[row, 3]]
        p, q, r, s = weights[row, 0], weights[row, 1], weights[row, 2], weights[row, 3]
        out = target[row]
        for i in range(source.shape[1]):
            level = np.float32(a[i]) * p + np.float32(b[i]) * q + np.float32(c[i]) * r + np.float32(d[i]) * s + half
            out[i] = np.uint8(np.int32(min(max(level, low), high)))


@_compiled
def _blend(target: Plane, other: Plane, weight: int) -> None:
    for i in range(target.shape[0]):
        target[i] = np.uint8((np.int32(target[i]) * (256 - weight) + np.int32(other[i]) * weight + 128) >> 8)


@_compiled
def _lay_over(target: Plane, column: int, row: int, colour: Plane, alpha: Plane) -> None:
    rows, columns = colour.shape
    for j in range(rows):
        out = target[row + j, column : column + columns]
        over, cover = colour[j], alpha[j]
        for i in range(columns):
            under = np.int32(out[i]) * (255 - np.int32(cover[i])) + 128
            level = np.int32(over[i]) + ((under + (under >> 8)) >> 8)
            out[i] = np.uint8(min(level, np.int32(255)))
