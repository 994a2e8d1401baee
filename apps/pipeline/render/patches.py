"""Drawn text as premultiplied planes that are laid over only the part of a frame that they cover."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from apps.pipeline.render.canvas import Canvas, Plane
from apps.pipeline.render.kernels import Kernel
from apps.pipeline.render.planes import RGB_TO_YUV

Mask: TypeAlias = NDArray[np.float32]
Colour: TypeAlias = tuple[int, int, int]

_AROUND = np.array([0.25, 0.5, 0.25], np.float32)
_ALONE = np.array([1], np.float32)


@dataclass(frozen=True)
class Patch:
    """Planes of premultiplied Y, U, V and of the alpha for luma and chroma; `column` and `row` are even."""

    column: int
    row: int
    colours: tuple[Plane, Plane, Plane]
    alphas: tuple[Plane, Plane]

    def faded(self, weight: int) -> Patch:
        """Return the patch at `weight` / 256 of its opacity."""
        y, u, v = (_scaled(plane, weight) for plane in self.colours)
        luma, chroma = (_scaled(plane, weight) for plane in self.alphas)
        return Patch(self.column, self.row, (y, u, v), (luma, chroma))


def lay_patch(kernel: Kernel, canvas: Canvas, patch: Patch) -> None:
    """Draw the patch, which must lie inside the canvas."""
    luma, chroma = patch.alphas
    y, u, v = canvas.planes
    kernel.lay_over(y, patch.column, patch.row, patch.colours[0], luma)
    kernel.lay_over(u, patch.column // 2, patch.row // 2, patch.colours[1], chroma)
    kernel.lay_over(v, patch.column // 2, patch.row // 2, patch.colours[2], chroma)


class Sheet:
    """A transparent area of even size, in full-size premultiplied YUV, that layers are painted on."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = even(width), even(height)
        self._colour = np.zeros((3, self.height, self.width), np.float32)
        self._alpha = np.zeros((self.height, self.width), np.float32)

    def paint(self, mask: Mask, colour: Colour, opacity: float = 1.0) -> None:
        """Paint `colour` where the mask (0 to 1) is, over what is there."""
        cover = mask * np.float32(opacity)
        keep = 1 - cover
        self._colour *= keep
        self._colour += in_yuv(colour)[:, np.newaxis, np.newaxis] * cover
        self._alpha *= keep
        self._alpha += cover

    def recoloured(self, mask: Mask, box: tuple[int, int, int, int], before: Colour, after: Colour) -> Sheet:
        """Return a copy in which what `mask` had painted on top in `before` is `after`.

        The mask is empty outside `box`: left, top, right, bottom in pixels.
        """
        copy = Sheet(self.width, self.height)
        copy._colour, copy._alpha = self._colour.copy(), self._alpha
        left, top, right, bottom = box
        change = (in_yuv(after) - in_yuv(before))[:, np.newaxis, np.newaxis]
        copy._colour[:, top:bottom, left:right] += change * mask[top:bottom, left:right]
        return copy

    def as_patch(self, column: int, row: int) -> Patch:
        """Return the sheet with its top left corner at an even column and row."""
        y, u, v = self._colour
        colours = (_whole(y), _whole(_halved(u)), _whole(_halved(v)))
        alphas = (_whole(self._alpha * 255), _whole(_halved(self._alpha) * 255))
        return Patch(column - column % 2, row - row % 2, colours, alphas)


def even(length: float) -> int:
    """Round up to an even number of pixels."""
    return 2 * int(np.ceil(length / 2))


def in_yuv(colour: Colour) -> NDArray[np.float32]:
    """Return an RGB colour as limited-range BT.709."""
    return np.asarray(RGB_TO_YUV @ np.array([*colour, 1], np.float32), np.float32)


def _halved(plane: Mask) -> Mask:
    """Average to 4:2:0 with the chroma samples sited left: weights 1 2 1 around every second column."""
    blurred = np.asarray(cv2.sepFilter2D(plane, cv2.CV_32F, _AROUND, _ALONE))[:, ::2]
    return np.asarray((blurred[::2] + blurred[1::2]) / 2, np.float32)


def _whole(plane: Mask) -> Plane:
    return np.ascontiguousarray(np.rint(plane).clip(0, 255).astype(np.uint8))


def _scaled(plane: Plane, weight: int) -> Plane:
    return ((plane.astype(np.uint16) * weight) >> 8).astype(np.uint8)
