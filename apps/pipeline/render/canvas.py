"""Frames as three 8-bit planes (4:2:0), and the grid that says which point of a plane each of their samples shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from apps.pipeline.render.motion import Box

Plane: TypeAlias = NDArray[np.uint8]


@dataclass(frozen=True)
class Canvas:
    """One frame to draw on: Y, then U and V at half the size, each (rows, stride) with stride >= its width."""

    width: int
    height: int
    planes: tuple[Plane, Plane, Plane]

    def like(self) -> Canvas:
        """Return another canvas with the same strides."""
        y, u, v = (np.zeros_like(plane) for plane in self.planes)
        return Canvas(self.width, self.height, (y, u, v))


@dataclass(frozen=True)
class Grid:
    """Sample (i, j) of a `width` x `height` plane lies at column left + i * step_x and row top + j * step_y.

    Columns and rows of the source plane are counted at the centres of its samples.
    """

    width: int
    height: int
    left: float
    step_x: float
    top: float
    step_y: float


def grids(box: Box, canvas: Canvas, sizes: Sequence[tuple[int, int]]) -> tuple[Grid, Grid, Grid]:
    """Return the grids that show `box` on the whole canvas, for source planes of `sizes` (columns, rows).

    Output chroma is sited left, as H.264 assumes by default (ITU-T H.264, figure 6-1): half a luma sample to the left
    of the middle of the two luma columns it stands for.
    """
    luma, *chroma = sizes
    half = (canvas.width // 2, canvas.height // 2)
    y = _grid(box, (canvas.width, canvas.height), luma, 0.5)
    u, v = (_grid(box, half, size, 0.25) for size in chroma)
    return y, u, v


def _grid(box: Box, shown: tuple[int, int], source: tuple[int, int], siting: float) -> Grid:
    step_x = box.width * source[0] / shown[0]
    step_y = box.height * source[1] / shown[1]
    left = box.left * source[0] + siting * step_x - 0.5
    top = box.top * source[1] + 0.5 * step_y - 0.5
    return Grid(shown[0], shown[1], left, step_x, top, step_y)
