"""Space: nebulae, planets, orbits, galaxies, an eclipse."""

from __future__ import annotations

import cv2
import numpy as np

from apps.pipeline.contracts import Focus
from apps.pipeline.providers.painter.scenery import sky
from apps.pipeline.providers.painter.scenery.canvas import Points, spread
from apps.pipeline.providers.painter.scenery.noise import Field, clouds, smoothstep, warped
from apps.pipeline.providers.painter.scenery.palette import Colour, lift, mix
from apps.pipeline.providers.painter.scenery.stage import Stage, kept


def nebula(stage: Stage) -> Focus:
    """Clouds of glowing gas around young stars."""
    focus = _deep_space(stage, 0.95)
    x, y = focus.x * stage.width, focus.y * stage.height
    for _ in range(int(stage.rng.integers(4, 8))):
        _bright_star(
            stage, x + stage.rng.normal() * 0.2 * stage.width, y + stage.rng.normal() * 0.2 * stage.height, 0.5
        )
    _bright_star(stage, x, y, 1.0)
    return focus


def planet(stage: Stage) -> Focus:
    """A great planet, lit from one side, with rings or a moon."""
    _deep_space(stage, 0.4)
    short = min(stage.width, stage.height)
    x, y = kept(stage.aim.x, 0.3, 0.7) * stage.width, kept(stage.aim.y, 0.36, 0.58) * stage.height
    radius = short * stage.rng.uniform(0.24, 0.34)
    angle = stage.rng.uniform(-2.6, -0.5)
    ringed = stage.chance(0.55)
    tilt, turn = stage.rng.uniform(0.16, 0.3), stage.rng.uniform(-0.45, 0.45)
    if ringed:
        _rings(stage, x, y, radius, tilt, turn, front=False)
    _globe(stage, x, y, radius, angle, banded=stage.chance(0.6))
    if ringed:
        _rings(stage, x, y, radius, tilt, turn, front=True)
    aside = 1 if x < stage.width / 2 else -1
    _globe(stage, x + aside * radius * 1.75, y - radius * 0.95, radius * 0.17, angle, banded=False)
    return Focus(x / stage.width, y / stage.height)


def orbits(stage: Stage) -> Focus:
    """A sun with its planets on tilted tracks."""
    _deep_space(stage, 0.35)
    short = min(stage.width, stage.height)
    x, y = kept(stage.aim.x, 0.3, 0.7) * stage.width, kept(stage.aim.y, 0.42, 0.58) * stage.height
    tilt, turn = stage.rng.uniform(0.3, 0.5), stage.rng.uniform(-0.5, 0.5)
    if stage.is_tall:
        tilt, turn = tilt + 0.25, turn + 1.2
    stage_light = mix(stage.mood.light, stage.mood.accent, 0.25)
    sky.halo(stage.canvas, x, y, short * 0.5, stage_light, 0.85)
    count = int(stage.rng.integers(5, 8))
    tracks = [short * (0.17 + 0.13 * index) * stage.rng.uniform(0.95, 1.05) for index in range(count)]
    for reach in tracks:
        stage.canvas.strokes([_ellipse(x, y, reach, tilt, turn)], mix(stage.mood.light, stage.mood.sky, 0.35), 2, 0.5)
    for index, reach in enumerate(tracks):
        track = _ellipse(x, y, reach, tilt, turn)
        spot = track[int(stage.rng.integers(len(track)))]
        size = short * stage.rng.uniform(0.014, 0.034) * (1.4 if index == count // 2 else 1)
        _globe(stage, spot[0], spot[1], size, float(np.arctan2(y - spot[1], x - spot[0])), banded=False)
    stage.canvas.disc(x, y, short * 0.06, lift(stage_light, 0.55), softness=2)
    return Focus(x / stage.width, y / stage.height)


def galaxy(stage: Stage) -> Focus:
    """A spiral galaxy seen at a slant."""
    _deep_space(stage, 0.25)
    rng, mood = stage.rng, stage.mood
    x, y = kept(stage.aim.x, 0.35, 0.65) * stage.width, kept(stage.aim.y, 0.4, 0.58) * stage.height
    rows, cols = _grid(stage, 2)
    turn, tilt = rng.uniform(-0.6, 0.6), rng.uniform(0.42, 0.7)
    if stage.is_tall:
        turn += 1.1
    short = min(stage.width, stage.height)
    across = ((cols - x) * np.cos(turn) + (rows - y) * np.sin(turn)) / short
    down = (-(cols - x) * np.sin(turn) + (rows - y) * np.cos(turn)) / (short * tilt)
    distance, angle = np.hypot(across, down) + 1e-4, np.arctan2(down, across)
    arms = int(rng.choice([2, 2, 3]))
    texture = clouds(rng, distance.shape, (9, 9 * stage.width / stage.height), 6, 0.6)
    spiral = 0.5 + 0.5 * np.cos(arms * angle + rng.choice([-1, 1]) * 5.6 * np.log(distance) + texture * 1.5)
    disc = np.exp(-(distance**2) / 0.2) * (0.16 + 0.84 * spiral**2.2) * np.clip(0.75 + texture * 0.9, 0, 2)
    core = np.exp(-(distance**2) / 0.007) + 0.5 * np.exp(-(distance**2) / 0.05)
    _glow(stage, disc * 0.85, mix(mood.accent, mood.sky, 0.35))
    _glow(stage, np.clip(disc * spiral - 0.15, 0, 1) * 0.9, lift(mood.horizon, 0.35))
    _glow(stage, core, lift(mood.light, 0.3))
    knots = (np.clip(disc - 0.25, 0, 1) * (rng.random(disc.shape) > 0.9965)).astype(np.float32)
    _glow(stage, cv2.GaussianBlur(knots, (0, 0), 0.9) * 9, mood.light)
    return Focus(x / stage.width, y / stage.height)


def eclipse(stage: Stage) -> Focus:
    """A dark world before its star, over a horizon of another."""
    _deep_space(stage, 0.3)
    short = min(stage.width, stage.height)
    x, y = kept(stage.aim.x, 0.3, 0.7) * stage.width, kept(stage.aim.y, 0.3, 0.45) * stage.height
    radius = short * stage.rng.uniform(0.15, 0.22)
    rows, cols = _grid(stage, 2)
    distance, angle = np.hypot(cols - x, rows - y) / radius, np.arctan2(rows - y, cols - x)
    streamers = clouds(stage.rng, (4, 720), (1, 16), 5)[2]
    wave = cv2.remap(
        streamers[None],
        ((angle + np.pi) / (2 * np.pi) * 719).astype(np.float32),
        np.zeros_like(angle),
        cv2.INTER_LINEAR,
    )
    corona = np.exp(-np.clip(distance - 1, 0, 9) * np.clip(2.3 - 1.3 * wave, 1.0, 4)) * (distance > 0.97)
    _glow(stage, corona, mix(stage.mood.light, stage.mood.accent, 0.3))
    stage.canvas.disc(x, y, radius, lift(stage.mood.shade, -0.3), softness=1)
    angle_of_ring = stage.rng.uniform(-2.2, -0.9)
    _bright_star(stage, x + radius * np.cos(angle_of_ring), y + radius * np.sin(angle_of_ring), 1.3)
    low = stage.height * stage.rng.uniform(0.8, 0.86)
    reach = max(stage.width, stage.height) * 1.5
    middle = stage.width * 0.5 + (x - stage.width * 0.5) * 0.4
    limb = mix(stage.mood.accent, stage.mood.light, 0.4)
    stage.canvas.disc(middle, low + reach, reach + 3 * stage.unit, limb, 0.9, softness=16)
    stage.canvas.disc(middle, low + reach, reach, lift(stage.mood.shade, -0.1), softness=2)
    return Focus(x / stage.width, y / stage.height)


def _deep_space(stage: Stage, gas: float) -> Focus:
    canvas, rng, mood = stage.canvas, stage.rng, stage.mood
    x, y = kept(stage.aim.x, 0.25, 0.75), kept(stage.aim.y, 0.3, 0.6)
    base = mix(mood.shade, mood.zenith, 0.6)
    canvas.fill(mix(base, np.zeros(3, np.float32), 0.25))
    shape = (stage.height // 4, stage.width // 4)
    aspect = stage.width / stage.height
    lumps = 2.4
    drift = [clouds(rng, shape, (lumps, lumps * aspect), 4) * 46 for _ in range(2)]
    gases = [warped(clouds(rng, shape, (lumps, lumps * aspect), 7, 0.56), *drift) for _ in range(3)]
    rows = np.linspace(0, 1, shape[0], dtype=np.float32)[:, None] - np.float32(y)
    cols = (np.linspace(0, 1, shape[1], dtype=np.float32)[None] - np.float32(x)) * np.float32(aspect)
    lean = rng.uniform(-0.9, 0.9)
    band = np.exp(-(((rows * np.cos(lean) + cols * np.sin(lean)) / 0.36) ** 2)) * np.exp(-(rows**2 + cols**2) / 0.9)
    inks = stage.inks
    hues = (lift(inks[1], 0.12), inks[-2], mix(mood.accent, inks[2], 0.5))
    for layer, (field, hue) in enumerate(zip(gases, hues, strict=True)):
        light = smoothstep(-0.25, 0.75, field) * band * np.float32(gas * (1.0 - 0.22 * layer))
        _glow(stage, light, hue)
    dust = smoothstep(0.02, 0.5, -gases[1] + 0.5 * gases[2]) * band * np.float32(0.85 * gas)
    canvas.darken(_full(stage, dust), mix(base, mood.accent, 0.1))
    sky.paint_stars(canvas, rng, stage.height * 1.6, int(900 * stage.width * stage.height / 2e6), mood.light)
    return Focus(x, y)


def _globe(stage: Stage, x: float, y: float, radius: float, light_angle: float, banded: bool) -> None:
    """Paint a lit ball (pixels); `light_angle` is the screen direction towards its light."""
    x0, y0 = max(0, int(x - radius * 1.12)), max(0, int(y - radius * 1.12))
    x1, y1 = min(stage.width, int(x + radius * 1.12) + 2), min(stage.height, int(y + radius * 1.12) + 2)
    if x1 <= x0 or y1 <= y0:
        return
    rows, cols = np.mgrid[y0:y1, x0:x1].astype(np.float32)
    across, down = (cols - np.float32(x)) / np.float32(radius), (rows - np.float32(y)) / np.float32(radius)
    square = across**2 + down**2
    depth = np.sqrt(np.clip(1 - square, 0, 1))
    facing = across * np.cos(light_angle) * 0.85 + down * np.sin(light_angle) * 0.85 + depth * 0.42
    day = smoothstep(-0.12, 0.85, facing.astype(np.float32))
    rim = np.clip(1 - depth, 0, 1) ** 2.6
    skin = _skin(stage, across, down, depth, banded)
    colour = skin * (day * 1.05 + 0.035) + spread(lift(stage.mood.accent, 0.3)) * (rim * day * 0.75)
    cover = np.clip((1 - np.sqrt(square)) * radius + 0.5, 0, 1)
    outside = np.exp(-np.clip(np.sqrt(square) - 1, 0, 1) * 26) * np.clip(facing + 0.15, 0, 1) * (square > 1)
    target = (x0, y0)
    stage.canvas.lay(outside.astype(np.float32) * np.float32(0.5), lift(stage.mood.accent, 0.35), target)
    stage.canvas.lay(cover.astype(np.float32), np.clip(colour, 0, 1).astype(np.float32), target)


def _skin(stage: Stage, across: Field, down: Field, depth: Field, banded: bool) -> Field:
    rng = stage.rng
    texture = clouds(rng, (256, 512), (5, 9), 6, 0.55)
    inks = list(stage.inks)
    first = inks[int(rng.integers(1, len(inks)))]
    second = inks[int(rng.integers(1, len(inks)))]
    turn = rng.uniform(-0.4, 0.4)
    latitude = down * np.cos(turn) - across * np.sin(turn)
    longitude = np.arctan2(across * np.cos(turn) + down * np.sin(turn), depth + 1e-3)
    map_x = ((longitude / np.pi + 1) * 250).astype(np.float32)
    map_y = ((np.clip(latitude, -1, 1) + 1) * 127).astype(np.float32)
    grain = cv2.remap(texture, map_x, map_y, cv2.INTER_LINEAR)
    if banded:
        belts = (
            np.sin(latitude * rng.uniform(9, 15) + grain * 1.8) * 0.5 + 0.5 + 0.25 * np.sin(latitude * 37 + grain * 3)
        )
        share = np.clip(belts, 0, 1)
    else:
        share = smoothstep(-0.12, 0.18, grain)
    low, high = mix(first, stage.mood.zenith, 0.25), lift(second, 0.25)
    return np.asarray(spread(low) + spread(high - low) * share + (grain * 0.12))


def _rings(stage: Stage, x: float, y: float, radius: float, tilt: float, turn: float, front: bool) -> None:
    bands = np.cumsum(stage.rng.uniform(0.02, 0.06, 9)) + 1.28
    for index, reach in enumerate(bands):
        track = _ellipse(x, y, radius * reach, tilt, turn)
        half = track[: len(track) // 2 + 1] if front else track[len(track) // 2 :]
        shade = mix(stage.inks[-1], stage.inks[len(stage.inks) // 2], float((index * 0.37) % 1))
        width = max(2.0, radius * 0.034 / stage.unit)
        stage.canvas.strokes([half], shade, width, 0.5 + 0.25 * (index % 2))


def _ellipse(x: float, y: float, reach: float, tilt: float, turn: float) -> Points:
    angles = np.linspace(0, 2 * np.pi, 241)
    across, down = reach * np.cos(angles), reach * tilt * np.sin(angles)
    return np.stack(
        [x + across * np.cos(turn) - down * np.sin(turn), y + across * np.sin(turn) + down * np.cos(turn)], 1
    )


def _bright_star(stage: Stage, x: float, y: float, power: float) -> None:
    reach = 30 * stage.unit * power
    sky.halo(stage.canvas, x, y, reach * 5, stage.mood.light, 0.5 * power)
    rays = [np.array([(x - reach * 3, y), (x + reach * 3, y)]), np.array([(x, y - reach * 3), (x, y + reach * 3)])]
    stage.canvas.strokes(rays, lift(stage.mood.light, 0.5), 2, 0.55, softness=1.2)
    stage.canvas.disc(x, y, reach * 0.28, lift(stage.mood.light, 0.7), softness=1.5)


def _grid(stage: Stage, step: int) -> tuple[Field, Field]:
    rows = np.arange(0, stage.height, step, dtype=np.float32)[:, None]
    cols = np.arange(0, stage.width, step, dtype=np.float32)[None]
    return np.broadcast_arrays(rows, cols)[0], np.broadcast_arrays(rows, cols)[1]


def _full(stage: Stage, field: Field) -> Field:
    return cv2.resize(field.astype(np.float32), (stage.width, stage.height), interpolation=cv2.INTER_CUBIC)


def _glow(stage: Stage, field: Field, colour: Colour) -> None:
    stage.canvas.shine(np.clip(_full(stage, field), 0, 1), colour)
