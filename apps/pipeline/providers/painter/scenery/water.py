"""Water: what stands above the horizon mirrored in ripples, and the path of light."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from apps.pipeline.providers.painter.scenery.canvas import Canvas, spread
from apps.pipeline.providers.painter.scenery.noise import clouds, smoothstep
from apps.pipeline.providers.painter.scenery.palette import Mood, lift, mix


def paint_water(
    canvas: Canvas, rng: Generator, mood: Mood, shore: float, light_x: float, chop: float = 1.0, glitter: float = 1.0
) -> None:
    """Fill everything below the row `shore` with water that mirrors what is above it; `chop` 0 is a still lake."""
    top = int(shore)
    height, width = canvas.height - top, canvas.width
    if height < 4:
        return
    rows = np.arange(height, dtype=np.float32)[:, None]
    share = rows / np.float32(height)
    reach = 1 / (share + np.float32(0.045))
    cols = (np.arange(width, dtype=np.float32)[None] - width / 2) / np.float32(canvas.unit)
    swell = _ripples(rng, reach, cols)
    stretch = np.float32(chop) * (4 + 60 * share) * np.float32(canvas.unit)
    from_rows = top - 1 - rows * np.float32(min(1.0, (top - 1) / height)) + swell * stretch
    from_cols = np.arange(width, dtype=np.float32)[None] + swell * stretch * np.float32(0.25)
    deep = lift(mix(mood.zenith, mood.shade, 0.45), -0.1)
    for channel in range(3):
        above = np.ascontiguousarray(canvas.rgb[channel, :top])
        mirrored = cv2.remap(above, from_cols, from_rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        share_deep = np.clip(0.14 + 0.5 * share - swell * np.float32(0.28 * min(chop, 1)), 0, 0.85)
        canvas.rgb[channel, top:] = mirrored + (deep[channel] - mirrored) * share_deep
    if glitter > 0:
        _glitter(canvas, mood, top, light_x, swell, glitter)
    _haze_line(canvas, mood, top)


def _ripples(rng: Generator, reach: np.ndarray, cols: np.ndarray) -> np.ndarray:
    texture = clouds(rng, (1024, 512), (40, 12), 5, 0.6)
    map_x = np.ascontiguousarray(256 + cols * reach * np.float32(0.13), np.float32)
    map_y = np.ascontiguousarray(np.broadcast_to(reach * 44, map_x.shape), np.float32)
    field = cv2.remap(texture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return field / np.float32(0.9)


def _glitter(canvas: Canvas, mood: Mood, top: int, light_x: float, swell: np.ndarray, strength: float) -> None:
    height = swell.shape[0]
    share = np.arange(height, dtype=np.float32)[:, None] / np.float32(height)
    cols = np.arange(canvas.width, dtype=np.float32)[None] - np.float32(light_x)
    girth = (0.028 + 0.1 * share) * canvas.width
    path = np.exp(-((cols / girth) ** 2))
    sparks = smoothstep(0.05, 0.55, swell) * path * (0.9 - 0.5 * share) + path * np.float32(0.12)
    light = np.zeros((canvas.height, canvas.width), np.float32)
    light[top:] = sparks * np.float32(0.8 * strength)
    canvas.shine(light, mood.light)


def _haze_line(canvas: Canvas, mood: Mood, top: int) -> None:
    rows = np.arange(canvas.height, dtype=np.float32)[:, None] - np.float32(top)
    reach = np.where(rows > 0, 26, 60) * np.float32(canvas.unit)
    veil = np.exp(-np.abs(rows) / reach) * np.float32(0.35)
    canvas.lay(np.broadcast_to(veil, (canvas.height, canvas.width)), spread(mix(mood.haze, mood.horizon, 0.6)))
