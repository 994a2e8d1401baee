"""The sheet a picture is painted on: planar float colour, laid over in masks and light, then finished to 8 bits."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from apps.pipeline.providers.painter.scenery.noise import Field, clouds
from apps.pipeline.providers.painter.scenery.palette import Colour

Points = NDArray[Any]  # Any: whole or broken pixels
"""Shape (n, 2): x, y in pixels."""

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


class Canvas:
    """`rgb` has shape (3, height, width), 0 to 1. `unit` is a pixel of a sheet whose short side is 1080."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.unit = min(width, height) / 1080
        self.rgb: Field = np.zeros((3, height, width), np.float32)

    def fill(self, colour: Field) -> None:
        """Cover everything with a colour or a field that broadcasts to (3, height, width)."""
        self.rgb[...] = spread(colour)

    def lay(self, mask: Field, colour: Field, at: tuple[int, int] = (0, 0)) -> None:
        """Lay `colour` over the sheet where `mask` (0 to 1) says, its top left corner `at` (x, y)."""
        x, y = at
        target = self.rgb[:, y : y + mask.shape[0], x : x + mask.shape[1]]
        target += (spread(colour) - target) * mask

    def shine(self, light: Field, colour: Colour) -> None:
        """Add light: `light` is its strength per pixel, joined by screening so that nothing clips hard."""
        for channel in range(3):
            plane = self.rgb[channel]
            plane += (1 - plane) * np.clip(light * colour[channel], 0, 1)

    def darken(self, share: Field, colour: Colour) -> None:
        """Multiply towards `colour` where `share` says."""
        for channel in range(3):
            self.rgb[channel] *= 1 - share * (1 - colour[channel])

    def polygon(self, points: Points, colour: Field, alpha: float = 1.0) -> None:
        """Fill a polygon, smooth at its edge; `colour` may be a (3, height, width)-broadcastable field."""
        self.polygons([points], colour, alpha)

    def polygons(self, shapes: list[Points], colour: Field, alpha: float = 1.0, softness: float = 0.0) -> None:
        """Fill several polygons as one shape; `softness` blurs its edge, in units."""
        pad = 2 + int(3 * softness * self.unit)
        box = self._box(shapes, pad)
        if box is None:
            return
        x0, y0, x1, y1 = box
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        for points in shapes:
            cv2.fillPoly(mask, [_fixed(points - (x0, y0))], 255, cv2.LINE_AA, _SHIFT)
        self._lay_part(mask, colour, alpha, (x0, y0), softness)

    def strokes(
        self, lines: list[Points], colour: Field, width: float, alpha: float = 1.0, softness: float = 0.0
    ) -> None:
        """Draw open lines, `width` in units."""
        pixels = max(1, round(width * self.unit))
        box = self._box(lines, pixels + 2 + int(3 * softness * self.unit))
        if box is None:
            return
        x0, y0, x1, y1 = box
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        for points in lines:
            cv2.polylines(mask, [_fixed(points - (x0, y0))], False, 255, pixels, cv2.LINE_AA, _SHIFT)
        self._lay_part(mask, colour, alpha, (x0, y0), softness)

    def disc(self, x: float, y: float, radius: float, colour: Field, alpha: float = 1.0, softness: float = 0.0) -> None:
        """Fill a circle; `radius` in pixels."""
        angles = np.linspace(0, 2 * np.pi, 96, endpoint=False)
        points = np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], 1)
        self.polygons([points], colour, alpha, softness)

    def _box(self, shapes: list[Points], pad: int) -> tuple[int, int, int, int] | None:
        if not shapes:
            return None
        every = np.concatenate(shapes)
        x0, y0 = np.floor(every.min(0)).astype(int) - pad
        x1, y1 = np.ceil(every.max(0)).astype(int) + pad
        x0, y0, x1, y1 = max(0, x0), max(0, y0), min(self.width, x1), min(self.height, y1)
        return (int(x0), int(y0), int(x1), int(y1)) if x1 > x0 and y1 > y0 else None

    def _lay_part(self, mask: Field, colour: Field, alpha: float, at: tuple[int, int], softness: float) -> None:
        if softness > 0:
            mask = blurred(mask, softness * self.unit)
        x, y = at
        whole = spread(colour)
        rows = slice(y, y + mask.shape[0]) if whole.shape[1] > 1 else slice(None)
        cols = slice(x, x + mask.shape[1]) if whole.shape[2] > 1 else slice(None)
        self.lay(mask * np.float32(alpha / 255), whole[:, rows, cols], at)


_SHIFT = 4


def _fixed(points: Points) -> NDArray[np.int32]:
    return np.round(np.clip(points, -30000, 30000) * (1 << _SHIFT)).astype(np.int32)


def spread(colour: Field) -> Field:
    """Return a colour (3,) as (3, 1, 1); anything with three axes unchanged."""
    return colour[:, None, None] if colour.ndim == 1 else colour


def blurred(field: Field, sigma: float) -> Field:
    """Return the field blurred by `sigma` pixels; wide blurs run on a reduced copy."""
    if sigma < 0.3:
        return field
    if sigma < 6:
        return cv2.GaussianBlur(field, (0, 0), sigma)
    height, width = field.shape[:2]
    step = int(2 ** np.floor(np.log2(sigma / 3)))
    small_size = (max(2, width // step), max(2, height // step))
    small = cv2.resize(field, small_size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / step)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def finish(canvas: Canvas, rng: Generator, grain: float = 1.2, vignette: float = 0.22) -> Field:
    """Return the sheet as (height, width, 3) BGR bytes: bloom, vignette, exposure within bounds, contrast, grain.

    The mean luma ends between 58 and 188 of 255 and its spread at 26 or more, so that captions stay readable and no
    picture is nearly one colour. `grain` is in levels.
    """
    _bloom(canvas)
    _vignette(canvas, vignette)
    _expose(canvas)
    _enrich(canvas, 1.12)
    canvas.rgb *= 255
    noise = rng.standard_normal((canvas.height, canvas.width), dtype=np.float32) * np.float32(grain)
    small = (canvas.height // 4 or 1, canvas.width // 4 or 1)
    mottle = cv2.resize(clouds(rng, small, (40, 40), 3), (canvas.width, canvas.height), interpolation=cv2.INTER_LINEAR)
    noise += mottle * np.float32(1.6) + np.float32(0.5)
    canvas.rgb += noise
    planes = [np.clip(canvas.rgb[channel], 0, 255).astype(np.uint8) for channel in (2, 1, 0)]
    return np.asarray(cv2.merge(planes))


def _bloom(canvas: Canvas) -> None:
    small = [cv2.resize(plane, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA) for plane in canvas.rgb]
    peak = np.clip((np.max(small, axis=0) - 0.72) / 0.28, 0, 1)
    size = (canvas.width, canvas.height)
    for channel, plane in enumerate(small):
        halo = cv2.GaussianBlur(plane * peak, (0, 0), 9 * canvas.unit)
        light = cv2.resize(halo, size, interpolation=cv2.INTER_LINEAR) * np.float32(0.3)
        canvas.rgb[channel] += (1 - np.clip(canvas.rgb[channel], 0, 1)) * light


def _vignette(canvas: Canvas, strength: float) -> None:
    rows = np.linspace(-1, 1, canvas.height, dtype=np.float32)[:, None] ** 2
    cols = np.linspace(-1, 1, canvas.width, dtype=np.float32)[None] ** 2
    reach = np.clip((rows + cols) * 0.5, 0, 1)
    canvas.rgb *= 1 - np.float32(strength) * reach * reach


def _expose(canvas: Canvas) -> None:
    np.clip(canvas.rgb, 0, 1, out=canvas.rgb)
    sample = np.tensordot(LUMA, canvas.rgb[:, ::8, ::8], 1)
    gamma = _gamma_for(sample)
    if gamma != 1:
        np.power(canvas.rgb, np.float32(gamma), out=canvas.rgb)
        sample = sample ** np.float32(gamma)
    spread_now, mean = float(sample.std()) * 255, float(sample.mean())
    if spread_now < 30:
        canvas.rgb -= np.float32(mean)
        canvas.rgb *= np.float32(30 / max(spread_now, 4))
        canvas.rgb += np.float32(mean)


def _enrich(canvas: Canvas, saturation: float) -> None:
    grey = canvas.rgb[1] * LUMA[1]
    grey += canvas.rgb[0] * LUMA[0]
    grey += canvas.rgb[2] * LUMA[2]
    grey *= np.float32(1 - saturation)
    canvas.rgb *= np.float32(saturation)
    canvas.rgb += grey


def _gamma_for(sample: Field) -> float:
    mean = float(sample.mean())
    target = min(max(mean, 62 / 255), 180 / 255)
    if target == mean:
        return 1.0
    return float(np.log(target) / np.log(min(max(mean, 0.02), 0.98)))
