"""Seeded random fields: the irregularity of clouds, rock, paper and light."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Field = NDArray[Any]  # Any: OpenCV's stubs promise no dtype; every field is float32


def patches(rng: Generator, shape: tuple[int, int], cells: tuple[int, int]) -> Field:
    """Return one octave, about -1 to 1: random values on a grid of `cells` (rows, columns), smoothly joined."""
    rows, cols = max(1, cells[0]), max(1, cells[1])
    grid = rng.uniform(-1, 1, (rows + 4, cols + 4)).astype(np.float32)
    height, width = shape
    # The grid reaches two cells beyond the field on every side, so that no edge shows the resampling's border.
    scale_y, scale_x = rows / height, cols / width
    warp = np.array([[scale_x, 0, 1.5], [0, scale_y, 1.5]], np.float32)
    return cv2.warpAffine(grid, warp, (width, height), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)


def clouds(
    rng: Generator, shape: tuple[int, int], cells: tuple[float, float], octaves: int = 5, gain: float = 0.5
) -> Field:
    """Return fractal noise with mean near 0 and spread about 0.35; `cells` counts the largest lumps (rows, columns)."""
    total = np.zeros(shape, np.float32)
    weight = 1.0
    for octave in range(octaves):
        rows, cols = (min(int(np.ceil(count * 2**octave)), side // 2) for count, side in zip(cells, shape, strict=True))
        total += patches(rng, shape, (rows, cols)) * np.float32(weight)
        weight *= gain
    return total


def ridges(rng: Generator, side: int, cells: float, octaves: int = 8, gain: float = 0.5) -> Field:
    """Return a square ridged multifractal, 0 to 1: crests whose flanks carry smaller crests (after Musgrave 1994)."""
    total = np.zeros((side, side), np.float32)
    steer = np.ones((side, side), np.float32)
    weight = 1.0
    for octave in range(octaves):
        count = min(int(cells * 2**octave), side // 3)
        crest = 1 - np.abs(patches(rng, (side, side), (count, count))) * np.float32(1.3)
        signal = crest * steer
        total += signal * np.float32(weight)
        steer = np.clip(0.35 + 0.65 * signal, 0.25, 1)
        weight *= gain
    return unit(total)


def profile(rng: Generator, length: int, cells: float, octaves: int = 6, gain: float = 0.5) -> Field:
    """Return a skyline, about -1 to 1, of `length` samples."""
    return np.asarray(clouds(rng, (8, length), (1, cells), octaves, gain)[4])


def warped(field: Field, shift_x: Field, shift_y: Field) -> Field:
    """Return `field` displaced by pixels, mirrored at its edges."""
    height, width = field.shape[:2]
    rows, cols = np.mgrid[0:height, 0:width].astype(np.float32)
    return cv2.remap(field, cols + shift_x, rows + shift_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


def unit(field: Field) -> Field:
    """Return the field stretched to 0 to 1."""
    low, high = float(field.min()), float(field.max())
    return (field - np.float32(low)) / np.float32(max(high - low, 1e-6))


def smoothstep(low: float, high: float, value: Field) -> Field:
    """Return 0 below `low`, 1 above `high` (which may be the smaller), an S between."""
    share = np.clip((value - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(share * share * (3 - 2 * share))
