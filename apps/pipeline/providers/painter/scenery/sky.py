"""Skies: gradients, sun and moon, cloud decks in perspective, cloud banks, stars, aurora."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from apps.pipeline.providers.painter.scenery.canvas import Canvas, blurred, spread
from apps.pipeline.providers.painter.scenery.noise import Field, clouds, smoothstep
from apps.pipeline.providers.painter.scenery.palette import Colour, Mood, lift, mix


def paint_sky(canvas: Canvas, mood: Mood, horizon: float, glow_x: float = 0.5) -> None:
    """Fill the sheet from zenith to horizon (a row) and on below it; the horizon glows around `glow_x` (a share)."""
    rows = np.arange(canvas.height, dtype=np.float32)[:, None] / np.float32(max(horizon, 1))
    cols = np.arange(canvas.width, dtype=np.float32)[None] / np.float32(canvas.width)
    aside = np.clip(np.abs(cols - np.float32(glow_x)), 0, 1)
    low = smoothstep(0.42, 1.0, np.clip(rows - aside * np.float32(0.28), 0, 1))
    middle = smoothstep(0.0, 0.62, np.clip(rows, 0, 1))
    upper = spread(mood.zenith) + spread(mood.sky - mood.zenith) * middle
    canvas.fill(upper + (spread(mood.horizon) - upper) * low)


def halo(canvas: Canvas, x: float, y: float, radius: float, colour: Colour, strength: float = 0.6) -> None:
    """Add a soft light that falls to about a tenth at `radius` pixels."""
    step = 4
    rows = np.arange(0, canvas.height, step, dtype=np.float32)[:, None] - np.float32(y)
    cols = np.arange(0, canvas.width, step, dtype=np.float32)[None] - np.float32(x)
    distance = (rows**2 + cols**2) / np.float32(radius**2)
    light = np.float32(strength) / (1 + 9 * distance) * np.exp(-distance * np.float32(0.35))
    canvas.shine(cv2.resize(light, (canvas.width, canvas.height), interpolation=cv2.INTER_LINEAR), colour)


def paint_sun(canvas: Canvas, mood: Mood, x: float, y: float, radius: float) -> None:
    """Paint the mood's light (x, y, radius in pixels): a glowing disc by day, a cratered moon at night."""
    warm = mix(mood.horizon, mood.light, 0.5)
    halo(canvas, x, y, radius * 9, warm, 0.32 if mood.is_night else 0.5)
    halo(canvas, x, y, radius * 3, mood.light, 0.3 if mood.is_night else 0.55)
    canvas.disc(x, y, radius, lift(mood.light, 0.5), 1.0, softness=1.2)
    if mood.is_night:
        _craters(canvas, mood, x, y, radius)


def _craters(canvas: Canvas, mood: Mood, x: float, y: float, radius: float) -> None:
    shade = mix(mood.light, mood.haze, 0.45)
    for offset_x, offset_y, size in ((-0.35, -0.3, 0.3), (0.2, -0.05, 0.24), (-0.1, 0.4, 0.2), (0.42, 0.4, 0.13)):
        canvas.disc(x + offset_x * radius, y + offset_y * radius, size * radius, shade, 0.4, softness=radius / 14)


def paint_deck(
    canvas: Canvas, rng: Generator, mood: Mood, horizon: float, sun: tuple[float, float], cover: float = 0.5
) -> None:
    """Paint a layer of clouds in perspective down to the horizon, lit from `sun`; `cover` 0 to 1."""
    height, width = max(8, int(horizon) // 2), canvas.width // 2
    texture = clouds(rng, (512, 512), (5, 5), 7, 0.55)
    rise = np.maximum(horizon / 2 - np.arange(height, dtype=np.float32), 0.5)[:, None] / np.float32(height)
    reach = 1 / (rise + np.float32(0.09))
    cols = (np.arange(width, dtype=np.float32)[None] - width * 0.5) / np.float32(canvas.unit * 540)
    map_x, map_y = 256 + cols * reach * 62, np.broadcast_to(reach * 90, (height, width))
    lean = float(np.sign(sun[0] - canvas.width / 2) or 1)
    density = _sample(texture, map_x, map_y)
    toward = _sample(texture, map_x + np.float32(5 * lean), map_y + np.float32(7))
    low = 0.5 - cover
    mass = smoothstep(low, low + 0.55, density)
    light = np.clip(0.5 + (density - toward) * 1.6 - density * 0.25, 0, 1)
    mass *= smoothstep(0.0, 0.14, np.broadcast_to(rise, mass.shape))
    _lay_cloud(canvas, mood, mass * np.float32(0.85), light, sun)


def paint_banks(
    canvas: Canvas, rng: Generator, mood: Mood, horizon: float, sun: tuple[float, float], cover: float = 0.5
) -> None:
    """Paint heaped clouds that stand along the horizon, taller where `cover` is larger."""
    height, width = max(8, int(horizon) // 2), canvas.width // 2
    aspect = width / max(height, 1)
    body = clouds(rng, (height, width), (2.6, 2.2 * aspect), 6, 0.52)
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    threshold = 0.9 - 1.15 * np.float32(cover) * rows - 0.2 * rows
    mass = smoothstep(0.0, 0.2, body - threshold + 0.35)
    mass *= 1 - 0.75 * smoothstep(0.84, 1.0, np.broadcast_to(rows, mass.shape))
    lean = np.sign(sun[0] / 2 - width / 2)
    shifted = cv2.warpAffine(
        body, np.array([[1, 0, -9 * lean], [0, 1, 9]], np.float32), (width, height), borderMode=cv2.BORDER_REFLECT_101
    )
    light = np.clip(0.5 + (body - shifted) * 1.1, 0, 1)
    _lay_cloud(canvas, mood, mass * np.float32(0.92), light, sun)


def paint_stars(canvas: Canvas, rng: Generator, horizon: float, count: int, colour: Colour) -> None:
    """Scatter stars above the horizon, few of them bright."""
    light = np.zeros((canvas.height, canvas.width), np.float32)
    xs, ys = rng.uniform(2, canvas.width - 3, count), rng.uniform(2, max(horizon * 0.98, 4), count)
    power = rng.random(count) ** 5 * 0.95 + 0.1
    fade = np.clip((horizon - ys) / max(horizon, 1) * 2.2, 0, 1)
    for x, y, shine in zip(xs, ys, power * fade, strict=True):
        size = (0.8 + 1.9 * shine) * canvas.unit
        cv2.circle(light, (int(x * 8), int(y * 8)), max(4, int(size * 8)), float(shine), -1, cv2.LINE_AA, 3)
    canvas.shine(cv2.GaussianBlur(light, (0, 0), 0.8) + blurred(light, 6 * canvas.unit) * 2, colour)


def paint_aurora(canvas: Canvas, rng: Generator, horizon: float, colour: Colour) -> None:
    """Hang curtains of light: folded lines whose glow is drawn upwards."""
    height, width = canvas.height // 4, canvas.width // 4
    light: Field = np.zeros((height, width), np.float32)
    cols = np.arange(width)
    strips = np.clip(0.55 + clouds(rng, (4, width), (1, 26), 4)[2] * 0.9, 0.05, 1.4)
    for _ in range(3):
        fold = clouds(rng, (4, width), (1, 2.2), 4)[2]
        base = (rng.uniform(0.35, 0.75) + fold * 0.2) * horizon / 4
        rows = np.arange(height, dtype=np.float32)[:, None]
        above = (base[None] - rows) / np.float32(horizon / 4)
        curtain = np.where(above > 0, np.exp(-above * 4.2), np.exp(above * 38))
        light += (curtain * strips[None] * np.float32(0.42)).astype(np.float32)
        strips = np.roll(strips, int(cols.size / 3))
    light = cv2.resize(
        cv2.GaussianBlur(light, (0, 0), 1.0), (canvas.width, canvas.height), interpolation=cv2.INTER_CUBIC
    )
    canvas.shine(light, colour)
    canvas.shine(np.clip(light - 0.25, 0, 1) * 0.5, np.array([0.75, 0.4, 0.95], np.float32))


def paint_rays(canvas: Canvas, rng: Generator, x: float, y: float, colour: Colour, strength: float = 0.2) -> None:
    """Let beams of light fan out from a point (pixels)."""
    step = 4
    rows = np.arange(0, canvas.height, step, dtype=np.float32)[:, None] - np.float32(y)
    cols = np.arange(0, canvas.width, step, dtype=np.float32)[None] - np.float32(x)
    angle = np.arctan2(rows, cols)
    beams = clouds(rng, (1, 720), (1, 26), 4)[0]
    place = ((angle + np.pi) / (2 * np.pi) * 719).astype(np.float32)
    fan = cv2.remap(beams[None], place, np.zeros_like(place), cv2.INTER_LINEAR)
    reach = np.exp(-np.sqrt(rows**2 + cols**2) / np.float32(0.62 * max(canvas.width, canvas.height)))
    light = cv2.GaussianBlur(np.clip(fan + 0.1, 0, 1) * reach * np.float32(strength), (0, 0), 1.5)
    canvas.shine(cv2.resize(light, (canvas.width, canvas.height), interpolation=cv2.INTER_LINEAR), colour)


def _sample(texture: Field, map_x: Field, map_y: Field) -> Field:
    return cv2.remap(
        texture,
        map_x.astype(np.float32),
        np.ascontiguousarray(map_y, np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )


def _lay_cloud(canvas: Canvas, mood: Mood, mass: Field, light: Field, sun: tuple[float, float]) -> None:
    size = (canvas.width, mass.shape[0] * 2)
    rows = np.arange(mass.shape[0], dtype=np.float32)[:, None] * 2 - np.float32(sun[1])
    cols = np.arange(mass.shape[1], dtype=np.float32)[None] * 2 - np.float32(sun[0])
    near = np.exp(-np.sqrt(rows**2 + cols**2) / np.float32(0.42 * max(canvas.width, canvas.height)))
    dim = 0.32 if mood.is_night else 1.0
    shade, bright = mix(mood.sky, mood.haze, 0.5), mix(mood.haze, mood.light, 0.35 + 0.4 * dim)
    glow = mix(mood.horizon, mood.light, 0.6)
    mass = cv2.resize(mass, size, interpolation=cv2.INTER_LINEAR)[: canvas.height]
    light = cv2.resize(light * (0.7 + 0.3 * near), size, interpolation=cv2.INTER_LINEAR)[: canvas.height]
    near = cv2.resize(near, size, interpolation=cv2.INTER_LINEAR)[: canvas.height]
    colour = spread(shade) + spread(bright - shade) * light
    colour += (spread(glow) - colour) * (near * light * np.float32(0.8))
    canvas.lay(mass, colour)
