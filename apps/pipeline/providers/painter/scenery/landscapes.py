"""Landscapes: peaks, lake, open sea, dunes, coast, road, misty forest, and a hill against the light."""

from __future__ import annotations

import cv2
import numpy as np

from apps.pipeline.contracts import Focus
from apps.pipeline.providers.painter.scenery import figures, flora, sky, terrain, water
from apps.pipeline.providers.painter.scenery.canvas import blurred, spread
from apps.pipeline.providers.painter.scenery.noise import Field, clouds, patches, profile, ridges, smoothstep
from apps.pipeline.providers.painter.scenery.palette import Colour, lift, mix
from apps.pipeline.providers.painter.scenery.stage import Stage, kept

_SIDE = 640


def peaks(stage: Stage) -> Focus:
    """High mountains behind a dark belt of firs."""
    horizon = stage.row(0.5, 0.58)
    focus = open_sky(stage, horizon, 0.4)
    land = _alps(stage, stage.rng.uniform(0.2, 0.27))
    _lay_land(stage, land, terrain.Camera(stage.rng.uniform(0.16, 0.2), _focal(stage, 1.0), horizon, near=0.16))
    _mist(stage, horizon * 1.12, 0.5)
    _fir_foreground(stage, stage.rng.uniform(0.86, 0.93))
    return focus


def lake(stage: Stage) -> Focus:
    """Mountains mirrored in still water."""
    shore = stage.row(0.56, 0.66)
    horizon = shore - 0.045 * stage.height
    focus = open_sky(stage, horizon, 0.45)
    eye, focal = 0.02, _focal(stage, 0.95)
    near = eye * focal * stage.width / (shore - horizon)
    land = _alps(stage, stage.rng.uniform(0.24, 0.34), lakeside=True)
    _lay_land(stage, land, terrain.Camera(eye, focal, horizon, near=near, far=near + 0.95, origin=(0.5, -near)))
    water.paint_water(stage.canvas, stage.rng, stage.mood, shore, focus.x * stage.width, 0.3, 0.5)
    if stage.subject in ("boat", "ship") or stage.chance(0.35):
        _afloat(stage, shore + 0.09 * stage.height, 0.09, stage.subject or "boat")
    else:
        _reeds(stage)
    return focus


def open_sea(stage: Stage) -> Focus:
    """Nothing but sea, sky and the path of light."""
    horizon = stage.row(0.5, 0.64) if not stage.is_tall else stage.row(0.56, 0.7)
    focus = open_sky(stage, horizon, 0.62)
    water.paint_water(stage.canvas, stage.rng, stage.mood, horizon, focus.x * stage.width, stage.rng.uniform(0.8, 1.5))
    if stage.subject in ("boat", "ship") or stage.chance(0.5):
        name = stage.subject if stage.subject in ("boat", "ship") else "boat"
        _afloat(stage, horizon + 0.03 * stage.height, 0.16, name)
    elif not stage.mood.is_night:
        figures.birds(
            stage.canvas, stage.rng, focus.x * stage.width, horizon * 0.5, 0.2 * stage.width, stage.mood.shade, 9
        )
    return focus


def dunes(stage: Stage) -> Focus:
    """Long waves of sand in side light."""
    horizon = stage.row(0.36, 0.48)
    focus = open_sky(stage, horizon, 0.25)
    land = _sand(stage)
    _lay_land(stage, land, terrain.Camera(0.13, _focal(stage, 0.95), horizon, near=0.1, far=1.1))
    if stage.subject or stage.chance(0.6):
        _stand(stage, focus.x, 0.78, 0.075)
    return focus


def coast(stage: Stage) -> Focus:
    """Headlands running out into the sea."""
    horizon = stage.row(0.4, 0.5)
    focus = open_sky(stage, horizon, 0.5)
    water.paint_water(stage.canvas, stage.rng, stage.mood, horizon, focus.x * stage.width, 0.9, 0.8)
    _lay_land(stage, _headlands(stage), terrain.Camera(0.085, _focal(stage, 0.9), horizon, near=0.09, far=1.1))
    return focus


def road(stage: Stage) -> Focus:
    """A road that winds over hills towards the light."""
    horizon = stage.row(0.4, 0.5)
    focus = open_sky(stage, horizon, 0.45)
    paint_ranges(stage, horizon + 0.03 * stage.height, 2)
    _lay_land(stage, _downs(stage), terrain.Camera(0.1, _focal(stage, 0.85), horizon, near=0.1, far=1.05))
    if stage.subject or stage.chance(0.5):
        _stand(stage, 0.5 + stage.rng.uniform(-0.04, 0.04), 0.86, 0.15)
    return focus


def forest(stage: Stage) -> Focus:
    """Ridges of firs fading into morning mist, beams between them."""
    horizon = stage.row(0.5, 0.62)
    focus = open_sky(stage, horizon, 0.3, deck=False)
    rng, canvas, mood = stage.rng, stage.canvas, stage.mood
    layers = 6
    for layer in range(layers):
        share = layer / (layers - 1)
        base = (0.4 + 0.52 * share) * stage.height
        ground = base + profile(rng, stage.width, 2.5) * stage.height * (0.07 - 0.03 * share)
        colour = mix(mix(mood.haze, mood.horizon, 0.35), mood.shade, share**1.25)
        paint_band(stage, ground, colour, lift(mix(colour, mood.haze, 0.45), 0.05), 0.3)
        flora.fir_belt(canvas, rng, ground, colour, stage.height * (0.055 + 0.2 * share**1.6), 0.3 + 0.12 * share)
        if layer in (1, 3):
            sky.paint_rays(canvas, rng, focus.x * stage.width, focus.y * stage.height, mood.light, 0.2)
    return focus


def against_light(stage: Stage) -> Focus:
    """One tree or figure on a hill before a great sun."""
    rng, mood, canvas = stage.rng, stage.mood, stage.canvas
    ground_row = stage.row(0.72, 0.8)
    x, short = kept(stage.aim.x, 0.24, 0.76) * stage.width, min(stage.width, stage.height)
    sun_y = ground_row - short * rng.uniform(0.2, 0.3)
    sky.paint_sky(canvas, mood, ground_row, x / stage.width)
    if mood.is_night:
        sky.paint_stars(canvas, rng, ground_row, 500, mood.light)
    sky.paint_sun(canvas, mood, x, sun_y, short * rng.uniform(0.16, 0.22))
    sky.paint_banks(canvas, rng, mood, ground_row, (x, sun_y), 0.42)
    paint_ranges(stage, ground_row * 0.99, 2)
    cols = np.arange(stage.width, dtype=np.float32)
    hump = np.exp(-(((cols - x) / (0.42 * stage.width)) ** 2)) * 0.07 * stage.height
    ground = ground_row + 0.05 * stage.height - hump + profile(rng, stage.width, 4, 6) * 0.008 * stage.height
    paint_band(stage, ground, mood.shade, lift(mood.shade, -0.4), 0.4)
    flora.grass(canvas, rng, ground, mood.shade, 0.045 * stage.height, 420)
    foot = float(ground[int(x)]) + 0.008 * stage.height
    if stage.subject:
        figures.place(canvas, stage.subject, rng, x, foot, short * 0.2, mood.shade)
    elif stage.chance(0.5):
        canvas.polygons(flora.leafy(rng, x, foot, short * rng.uniform(0.38, 0.48)), mood.shade)
    else:
        figures.place(canvas, str(rng.choice(["watcher", "victor", "family"])), rng, x, foot, short * 0.17, mood.shade)
    return Focus(x / stage.width, (foot - short * 0.12) / stage.height)


def open_sky(stage: Stage, horizon: float, cover: float, deck: bool = True) -> Focus:
    """Paint sky, light and clouds; return the point between the light and what it shines on."""
    mood, rng, canvas = stage.mood, stage.rng, stage.canvas
    x = kept(stage.aim.x, 0.15, 0.85)
    height = kept(mood.sun_height * rng.uniform(0.8, 1.3), 0.08, 0.8)
    y = horizon * (1 - height)
    sky.paint_sky(canvas, mood, horizon, x)
    if mood.is_night:
        sky.paint_stars(canvas, rng, horizon, 700, mood.light)
        if "aurora" in stage.words or mood.sun_height == 0.6:
            sky.paint_aurora(canvas, rng, horizon, mood.accent)
    point = (x * stage.width, y)
    sky.paint_sun(canvas, mood, *point, 38 * stage.unit * rng.uniform(0.8, 1.35))
    if deck and rng.random() < 0.6:
        sky.paint_deck(canvas, rng, mood, horizon, point, cover * rng.uniform(0.5, 1.2))
    else:
        sky.paint_banks(canvas, rng, mood, horizon, point, rng.uniform(0.25, 0.75))
    return Focus(x, (0.45 * y + 0.55 * horizon) / stage.height)


def _focal(stage: Stage, wide: float) -> float:
    """Return a focal length in picture widths that keeps mountains tall on upright sheets."""
    return wide * max(1.0, 0.72 * stage.height / stage.width + 0.42)


def _alps(stage: Stage, relief: float, lakeside: bool = False) -> terrain.Land:
    rng, mood = stage.rng, stage.mood
    height = ridges(rng, _SIDE, rng.uniform(2.6, 4.2), 8)
    away = np.linspace(0, 1, _SIDE, dtype=np.float32)[:, None]
    if lakeside:
        height = np.clip(height * smoothstep(0.0, 0.5, away) ** 0.8 - 0.012, 0, 1)
    else:
        height = height * (0.3 + 0.7 * smoothstep(0.12, 0.55, away))
    flat = terrain.flatness(height, relief)
    speckle = clouds(rng, height.shape, (24, 24), 4)
    line = 0.3 if "snow" in stage.words else rng.uniform(0.46, 0.6)
    snow = smoothstep(line, line + 0.1, height + 0.3 * (flat - 0.62) + speckle * 0.1)
    woods = smoothstep(0.05, -0.12, height - 0.36 + 0.3 * (0.7 - flat) + speckle * 0.1)
    albedo = _layered(lift(mood.rock, 0.1), [(woods, lift(mood.ground, -0.35)), (snow, lift(mood.light, 0.4))])
    albedo *= (1 + 0.16 * speckle)[..., None]
    return _sunlit(stage, height, relief, albedo)


def _sand(stage: Stage) -> terrain.Land:
    rng, mood = stage.rng, stage.mood
    side = _SIDE
    rows, cols = np.mgrid[0:side, 0:side].astype(np.float32) / np.float32(side)
    bend = clouds(rng, (side, side), (3, 3), 3)
    phase = (rows * rng.uniform(4.5, 7) + cols * rng.uniform(-1.6, 1.6) + bend * 0.75) % 1
    wave = np.where(phase < 0.72, phase / 0.72, (1 - phase) / 0.28) ** 1.25
    height = wave * (0.55 + 0.45 * (patches(rng, (side, side), (4, 4)) * 0.5 + 0.5)).astype(np.float32)
    height = blurred(height.astype(np.float32), 2.4)
    fine = np.sin((rows * 150 + cols * 40 + bend * 14) * 2 * np.pi).astype(np.float32)
    sand = mix(mix(mood.ground, mood.accent, 0.45), mood.light, 0.35)
    albedo = np.broadcast_to(sand, (side, side, 3)) * (1 + 0.035 * fine + 0.08 * bend)[..., None]
    return _sunlit(stage, height, 0.12, albedo.astype(np.float32), 0.15)


def _headlands(stage: Stage) -> terrain.Land:
    rng, mood = stage.rng, stage.mood
    side = _SIDE
    cols = np.linspace(0, 1, side, dtype=np.float32)[None]
    rows = np.linspace(0, 1, side, dtype=np.float32)[:, None]
    seaward = (cols if stage.aim.x > 0.5 else 1 - cols) - np.float32(0.5)
    capes = np.sin(rows * rng.uniform(13, 17) + rng.uniform(0, 6)) * (0.05 + 0.24 * rows) - 0.06 - 0.12 * (1 - rows)
    inland = smoothstep(0.0, 0.14, capes - seaward + clouds(rng, (side, side), (5, 5), 6) * 0.05)
    height = (inland**0.45 * (0.35 + 0.65 * ridges(rng, side, 3, 8))).astype(np.float32) * (inland > 0.002)
    relief = rng.uniform(0.1, 0.14)
    flat = terrain.flatness(height, relief)
    green = smoothstep(0.55, 0.8, flat + clouds(rng, (side, side), (20, 20), 4) * 0.14)
    surf = smoothstep(0.12, 0.02, inland) * np.float32(0.6)
    albedo = _layered(
        lift(mood.rock, 0.16), [(green, mix(mood.ground, mood.light, 0.1)), (surf, lift(mood.light, 0.3))]
    )
    land = _sunlit(stage, height, relief, albedo)
    ground = smoothstep(0.002, 0.02, inland)[..., None]
    return terrain.Land(land.height, np.concatenate([land.colour, ground], axis=2), land.relief, land.detail)


def _downs(stage: Stage) -> terrain.Land:
    """Return rolling meadows with a road laid through them."""
    rng, mood, side = stage.rng, stage.mood, 896
    away = np.linspace(0, 1, side, dtype=np.float32)[:, None]
    cols = np.linspace(0, 1, side, dtype=np.float32)[None]
    turns = 0.15 * np.sin(away * rng.uniform(11, 17) + rng.uniform(0, 6)) * (away + 0.02) ** 0.9
    path = 0.5 + turns + (stage.aim.x - 0.5) * 0.9 * away
    aside = np.abs(cols - path)
    height = 0.5 + 0.5 * clouds(rng, (side, side), (7, 7), 3, 0.4)
    cutting = np.take_along_axis(height, (np.clip(path, 0, 1) * (side - 1)).astype(np.int64), axis=1)
    height = height + (cv2.GaussianBlur(cutting, (1, 0), 5) - height) * smoothstep(0.07, 0.006, aside)
    height = np.clip(height, 0, 1) * (0.25 + 0.75 * smoothstep(0.05, 0.5, away))
    tufts, fields = clouds(rng, (side, side), (90, 90), 2, 0.8), clouds(rng, (side, side), (12, 12), 5)
    meadow, wheat = mix(mood.ground, mood.haze, 0.15), mix(mix(mood.accent, mood.haze, 0.3), mood.ground, 0.6)
    verge, lane = smoothstep(0.0075, 0.006, aside), smoothstep(0.0062, 0.0052, aside)
    dashes = smoothstep(0.0009, 0.0004, aside) * (np.sin(away * 330) > 0.2)
    surface = mix(mix(mood.shade, mood.haze, 0.5), mood.light, 0.1)
    layers = [(smoothstep(0.05, 0.3, fields), wheat), (verge, mix(mood.haze, mood.light, 0.5)), (lane, surface)]
    albedo = _layered(meadow, [*layers, (dashes.astype(np.float32), lift(mood.light, 0.4))])
    albedo *= (1 + 0.22 * (tufts + fields * 0.6) * (1 - verge))[..., None]
    return _sunlit(stage, height.astype(np.float32), 0.085, albedo)


def _layered(base: Colour, layers: list[tuple[Field, Colour]]) -> Field:
    shape = layers[0][0].shape
    albedo = np.empty((*shape, 3), np.float32)
    albedo[...] = base
    for mask, colour in layers:
        albedo += (colour - albedo) * mask[..., None]
    return albedo


def _sunlit(stage: Stage, height: Field, relief: float, albedo: Field, grain: float = 1.0) -> terrain.Land:
    mood = stage.mood
    from_left = stage.aim.x < 0.5
    aside = -0.85 if from_left else 0.85
    rise = 0.35 + 0.35 * mood.sun_height
    direct = terrain.lit(height, relief, (aside, 0.18, rise))
    direct = direct * (1 - 0.85 * terrain.shadows(height, relief, rise * 0.8, from_left))
    ambient = mix(mix(mood.sky, mood.zenith, 0.5), mood.haze, 0.45) * np.float32(0.62)
    beam = mix(mood.light, mood.horizon, 0.35) * np.float32(0.7 if mood.is_night else 1.1)
    colour = albedo * (ambient + direct[..., None] * beam)
    detail = clouds(stage.rng, (512, 512), (70, 70), 3, 0.8) * np.float32(0.2 * grain)
    return terrain.Land(height, np.clip(colour, 0, 1).astype(np.float32), relief, detail)


def _lay_land(stage: Stage, land: terrain.Land, camera: terrain.Camera) -> None:
    seen = terrain.view(land, camera, stage.width, stage.height)
    haze = spread(mix(stage.mood.haze, stage.mood.horizon, 0.3))
    fog = np.clip(seen.depth, 0, 1) ** np.float32(2.2) * np.float32(0.78)
    stage.canvas.lay(seen.cover, seen.rgb + (haze - seen.rgb) * fog, (0, seen.top))


def _mist(stage: Stage, row: float, strength: float) -> None:
    rows = np.arange(stage.height, dtype=np.float32)[:, None] - np.float32(row)
    small = clouds(stage.rng, (stage.height // 8, stage.width // 8), (5, 4 * stage.width / stage.height), 4)
    drift = cv2.resize(small, (stage.width, stage.height), interpolation=cv2.INTER_CUBIC)
    veil = np.exp(-((rows / np.float32(0.09 * stage.height)) ** 2)) * np.clip(0.55 + drift, 0, 1) * np.float32(strength)
    stage.canvas.lay(veil, mix(stage.mood.haze, stage.mood.horizon, 0.4))


def paint_band(stage: Stage, ground: Field, top: Colour, bottom: Colour, reach: float) -> None:
    """Fill below `ground` (a row per column), fading from `top` to `bottom` over `reach` heights."""
    rows = np.arange(stage.height, dtype=np.float32)[:, None]
    cover = np.clip(rows - ground[None] + 0.5, 0, 1)
    share = np.clip((rows - ground[None]) / np.float32(reach * stage.height), 0, 1)
    stage.canvas.lay(cover, spread(top) + spread(bottom - top) * share)


def paint_ranges(stage: Stage, horizon: float, layers: int) -> None:
    """Paint far hill ranges standing on the horizon."""
    mood = stage.mood
    for layer in range(layers):
        share = (layer + 1) / (layers + 0.6)
        rise = stage.height * (0.13 - 0.085 * share)
        ground = horizon - rise * (0.6 + 0.6 * profile(stage.rng, stage.width, 2.2 + 1.5 * layer, 7, 0.48))
        colour = mix(mix(mood.haze, mood.sky, 0.35), mix(mood.ground, mood.shade, 0.5), share * 0.75)
        paint_band(stage, ground, colour, mix(colour, mood.haze, 0.6), 0.16)


def _fir_foreground(stage: Stage, share: float) -> None:
    rng, mood = stage.rng, stage.mood
    middle = stage.height * (share - 0.06) + profile(rng, stage.width, 2) * 0.04 * stage.height
    colour = mix(mood.shade, mood.haze, 0.28)
    paint_band(stage, middle, colour, mood.shade, 0.2)
    flora.fir_belt(stage.canvas, rng, middle, colour, 0.09 * stage.height, 0.3)
    edge = np.abs(np.linspace(-1, 1, stage.width, dtype=np.float32) - (1.2 * stage.aim.x - 0.6)) ** 1.6
    near = stage.height * (share + 0.12 - 0.14 * edge) + profile(rng, stage.width, 2) * 0.02 * stage.height
    paint_band(stage, near.astype(np.float32), mood.shade, lift(mood.shade, -0.3), 0.2)
    flora.fir_belt(stage.canvas, rng, near, mood.shade, 0.24 * stage.height, 0.42)
    if stage.subject:
        _stand(stage, 0.5, 0.93, 0.12)


def _stand(stage: Stage, x: float, y: float, size: float) -> None:
    """Stand the subject (a walker when there is none) with its shadow; x, y and size are shares."""
    short = min(stage.width, stage.height)
    name = stage.subject if stage.subject not in ("", "ship", "boat") else "walker"
    at_x, base = x * stage.width, y * stage.height
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    shadow = np.stack([at_x + np.cos(angles) * short * size * 0.35, base + np.sin(angles) * short * size * 0.04], 1)
    stage.canvas.polygons([shadow], stage.mood.shade, 0.5, softness=3)
    figures.place(stage.canvas, name, stage.rng, at_x, base, short * size, lift(stage.mood.shade, -0.2))


def _afloat(stage: Stage, row: float, size: float, name: str) -> None:
    """Set a vessel on the water with its broken mirror image."""
    short = min(stage.width, stage.height)
    aside = 0.22 if stage.aim.x < 0.5 else -0.22
    x = (kept(stage.aim.x + aside * stage.rng.uniform(0.5, 1.2), 0.15, 0.85)) * stage.width
    colour = mix(stage.mood.shade, stage.mood.haze, 0.08)
    wanted = name if name in ("ship", "boat") else "boat"
    length = short * size
    figures.place(stage.canvas, wanted, stage.rng, x, row, length, colour)
    for step in range(9):
        y = row + length * (0.02 + 0.05 * step)
        half = length * 0.36 * (1 - step / 11) * stage.rng.uniform(0.6, 1.1)
        dash = np.array([(x - half, y), (x, y - 2 * stage.unit), (x + half, y), (x, y + 2 * stage.unit)])
        stage.canvas.polygons([dash], colour, 0.5 - 0.045 * step, softness=1)


def _reeds(stage: Stage) -> None:
    ground = np.full(stage.width, stage.height * 1.01, np.float32)
    edge = np.abs(np.linspace(-1, 1, stage.width, dtype=np.float32)) ** 2
    ground += (1 - edge) * 0.09 * stage.height
    flora.grass(stage.canvas, stage.rng, ground, stage.mood.shade, 0.13 * stage.height, 260)
