"""Money as scenery: bars as towers, a curve over the hills, candles, stacks of coins. No letters, no digits."""

from __future__ import annotations

import numpy as np

from apps.pipeline.contracts import Focus
from apps.pipeline.providers.painter.scenery import landscapes, sky
from apps.pipeline.providers.painter.scenery.canvas import Points, spread
from apps.pipeline.providers.painter.scenery.noise import Field, clouds, profile
from apps.pipeline.providers.painter.scenery.palette import Colour, lift, mix, rgb
from apps.pipeline.providers.painter.scenery.stage import Stage, kept

_GOLD = rgb("#e9b44c")
_FALLING = "fall falling crash loss lose decline debt recession crisis drop down bankrupt poor inflation"


def bars(stage: Stage) -> Focus:
    """Glass bars rising over a mirror floor."""
    floor = _studio(stage, float(stage.rng.uniform(0.68, 0.82)))
    rng = stage.rng
    short = min(stage.width, stage.height)
    count = int(rng.integers(6, 9)) if not stage.is_tall else int(rng.integers(5, 7))
    span = min(stage.width * 0.8, short * rng.uniform(0.95, 1.6))
    girth = span / count * 0.6
    start = kept(kept(stage.aim.x, 0.4, 0.6) * stage.width - span / 2, 0.04 * stage.width, 0.94 * stage.width - span)
    values = _course(stage, count)
    reach = short * (0.72 if stage.is_tall else 0.6) * rng.uniform(0.72, 1.0)
    for index, value in enumerate(values):
        x = start + span * (index + 0.2) / count
        hue = mix(stage.inks[1], stage.inks[-2], index / max(count - 1, 1))
        _glass_bar(stage, x, floor, girth, reach * value, mix(hue, stage.mood.accent, 0.25))
    top = int(np.argmax(values))
    return Focus((start + span * (top + 0.5) / count) / stage.width, (floor - reach * values[top] * 0.8) / stage.height)


def curve(stage: Stage) -> Focus:
    """A glowing line that climbs across ranges of hills."""
    canvas, rng, mood = stage.canvas, stage.rng, stage.mood
    horizon = stage.row(0.62, 0.7)
    landscapes.open_sky(stage, horizon, 0.35)
    _grid_lines(stage)
    cols = np.arange(stage.width, dtype=np.float32) / stage.width
    values = _smooth_course(stage)
    for layer in range(4):
        share = layer / 3
        base = (0.78 + 0.07 * layer) * stage.height
        rise = (0.5 - 0.12 * layer) * stage.height * (0.75 if stage.is_tall else 1)
        jag = profile(rng, stage.width, 7 + 4 * layer, 6, 0.55) * 0.035 * stage.height
        ground = (
            base
            - rise * np.interp(cols, np.linspace(0, 1, values.size), np.roll(values, layer)) * (1 - 0.6 * share)
            + jag
        )
        if layer > 0:
            ground = base - rise * (0.3 + 0.4 * profile(rng, stage.width, 3 + layer)) + jag
        hue = mix(mix(mood.haze, stage.inks[1], 0.5), lift(mood.shade, 0.03), 0.2 + 0.75 * share)
        landscapes.paint_band(stage, ground.astype(np.float32), hue, mix(hue, mood.haze, 0.4), 0.3)
        if layer == 0:
            line = np.stack([np.arange(stage.width)[::4], ground[::4]], 1)
    _glow_line(stage, line, mix(mood.accent, stage.inks[-2], 0.4))
    tip = line[int(len(line) * (0.86 if values[-1] > values[0] else 0.14))]
    canvas.disc(tip[0], tip[1], 11 * stage.unit, lift(mood.light, 0.5), softness=1)
    sky.halo(canvas, tip[0], tip[1], 170 * stage.unit, mood.light, 0.7)
    return Focus(float(tip[0]) / stage.width, float(tip[1]) / stage.height)


def candles(stage: Stage) -> Focus:
    """A market's candles climbing out of the dark, a moving line through them."""
    canvas, rng, mood = stage.canvas, stage.rng, stage.mood
    _backdrop(stage)
    _grid_lines(stage)
    count = 17 if stage.is_tall else 30
    trend = np.interp(np.linspace(0, 1, count), np.linspace(0, 1, 64), _smooth_course(stage))
    closes = 0.2 + 0.55 * trend + rng.normal(0, 0.045, count)
    opens = np.concatenate([closes[:1] - 0.03, closes[:-1]]) + rng.normal(0, 0.008, count)
    gap = stage.width / (count + 1)
    rising, dropping = mix(rgb("#2fbf8f"), stage.inks[-2], 0.3), mix(rgb("#d9534f"), stage.inks[1], 0.3)
    for blur, offset, alpha in ((9.0, 0.09, 0.35), (0.0, 0.0, 1.0)):
        for index in range(count):
            x = gap * (index + 1)
            hue = rising if closes[index] > opens[index] else dropping
            ends = (0.84 - np.array([opens[index], closes[index]]) * 0.8 + offset) * stage.height
            wick = rng.uniform(0.01, 0.05, 2) * stage.height
            stick = np.array([(x, ends.min() - wick[0]), (x, ends.max() + wick[1])])
            canvas.strokes([stick], lift(hue, 0.2), 3, alpha, blur)
            body = np.array(
                [
                    (x - gap * 0.32, ends[0]),
                    (x + gap * 0.32, ends[0]),
                    (x + gap * 0.32, ends[1]),
                    (x - gap * 0.32, ends[1]),
                ]
            )
            canvas.polygons([body], hue, alpha, blur)
            lit = np.array(
                [
                    (x - gap * 0.32, ends[0]),
                    (x - gap * 0.12, ends[0]),
                    (x - gap * 0.12, ends[1]),
                    (x - gap * 0.32, ends[1]),
                ]
            )
            canvas.polygons([lit], lift(hue, 0.35), 0.6 * alpha, blur)
    mean = np.convolve(np.pad(closes, 3, "edge"), np.ones(7) / 7, "valid")
    line = np.stack([gap * (np.arange(count) + 1), (0.84 - mean * 0.8) * stage.height], 1)
    _glow_line(stage, line, mood.accent)
    best = int(np.argmax(closes))
    return Focus(float(gap * (best + 1) / stage.width), float(0.84 - closes[best] * 0.8))


def coins(stage: Stage) -> Focus:
    """Stacks of coins on a dark table in warm light."""
    floor = _studio(stage, 0.66)
    rng = stage.rng
    short = min(stage.width, stage.height)
    count = int(rng.integers(4, 7)) if not stage.is_tall else int(rng.integers(3, 5))
    radius = min(stage.width * 0.86 / count / 2.3, short * 0.13)
    values = _course(stage, count)
    middle = kept(stage.aim.x, 0.42, 0.58) * stage.width
    metal = mix(_GOLD, stage.mood.accent, 0.2)
    for row, (shift, drop) in enumerate(((0.5, -0.05), (0.0, 0.09))):
        for index, value in enumerate(values):
            x = middle + (index + shift - (count - 1) / 2) * radius * 2.45
            tall = max(2, int(value * 15 * rng.uniform(0.75, 1.05) * (1 if row else 0.75)))
            _stack(
                stage,
                x,
                floor + drop * short + radius * 0.25,
                radius * (0.86 + 0.14 * row),
                tall,
                metal,
                0.35 * (1 - row),
            )
    best = int(np.argmax(values))
    x = middle + (best - (count - 1) / 2) * radius * 2.45
    return Focus(kept(x / stage.width, 0.1, 0.9), kept((floor - radius * 1.2) / stage.height, 0.2, 0.75))


def _course(stage: Stage, count: int) -> Field:
    """Return `count` levels, 0.15 to 1, rising unless the words speak of loss."""
    levels = np.linspace(0.25, 1, count) ** stage.rng.uniform(0.8, 1.6) + stage.rng.normal(0, 0.07, count)
    levels = np.clip(levels, 0.15, 1)
    return np.asarray(levels[::-1] if stage.words & frozenset(_FALLING.split()) else levels)


def _smooth_course(stage: Stage) -> Field:
    climb = np.linspace(0, 1, 64) ** stage.rng.uniform(0.9, 1.9) + 0.11 * clouds(stage.rng, (4, 64), (1, 5), 3)[2]
    climb = (climb - climb.min()) / (climb.max() - climb.min())
    return np.asarray(climb[::-1] if stage.words & frozenset(_FALLING.split()) else climb)


def _backdrop(stage: Stage) -> None:
    mood, rng = stage.mood, stage.rng
    deep = mix(mix(mood.zenith, stage.inks[0], 0.5), mood.shade, 0.2)
    sky.paint_sky(stage.canvas, mood, stage.height * 1.5, stage.aim.x)
    stage.canvas.lay(np.full((stage.height, stage.width), 0.72, np.float32), deep)
    x, y = rng.uniform(0.2, 0.8) * stage.width, rng.uniform(0.1, 0.5) * stage.height
    sky.halo(stage.canvas, x, y, 0.9 * stage.width, mix(mood.sky, mood.accent, 0.35), 0.5)
    for _ in range(26):
        at = rng.uniform(0, 1, 2) * (stage.width, stage.height * 0.8)
        hue = mix(stage.inks[int(rng.integers(1, len(stage.inks)))], mood.light, 0.2)
        stage.canvas.disc(at[0], at[1], stage.unit * rng.uniform(12, 70), hue, rng.uniform(0.04, 0.13), softness=2.5)


def _studio(stage: Stage, share: float) -> float:
    """Paint backdrop and polished floor; return the floor's far edge in pixels."""
    _backdrop(stage)
    edge = stage.row(share - 0.02, share + 0.04)
    rows = np.arange(stage.height, dtype=np.float32)[:, None]
    depth = np.clip((rows - np.float32(edge - 0.09 * stage.height)) / np.float32(0.3 * stage.height), 0, 1)
    table = mix(mix(stage.mood.shade, stage.inks[0], 0.5), stage.mood.accent, 0.1)
    stage.canvas.lay(np.broadcast_to(depth * np.float32(0.8), (stage.height, stage.width)), table)
    return edge


def _grid_lines(stage: Stage) -> None:
    lines = [np.array([(0, stage.height * k / 9), (stage.width, stage.height * k / 9)]) for k in range(1, 9)]
    columns = 5 if stage.is_tall else 12
    lines += [
        np.array([(stage.width * k / columns, 0), (stage.width * k / columns, stage.height)]) for k in range(1, columns)
    ]
    stage.canvas.strokes(lines, stage.mood.light, 1.5, 0.1)


def _glow_line(stage: Stage, line: Points, hue: Colour) -> None:
    for width, alpha, softness in ((30, 0.3, 16.0), (12, 0.5, 5.0)):
        stage.canvas.strokes([line], hue, width, alpha, softness)
    stage.canvas.strokes([line], lift(hue, 0.5), 5, 1.0)


def _glass_bar(stage: Stage, x: float, floor: float, girth: float, tall: float, hue: Colour) -> None:
    side = np.array([girth * 0.34, -girth * 0.2])
    front = np.array([(x, floor), (x, floor - tall), (x + girth, floor - tall), (x + girth, floor)])
    flank = np.array([front[3], front[2], front[2] + side, front[3] + side])
    cap = np.array([front[1], front[1] + side, front[2] + side, front[2]])
    rows = np.arange(stage.height, dtype=np.float32)[None, :, None]
    share = np.clip((rows - np.float32(floor - tall)) / np.float32(max(tall, 1)), 0, 1)
    body = spread(lift(hue, 0.28)) + spread(lift(hue, -0.35) - lift(hue, 0.28)) * share
    mirror = np.clip((np.float32(floor + tall * 0.55) - rows) / np.float32(tall * 0.55), 0, 1)
    reflected = [np.array([(x, floor), (x, floor + tall * 0.55), (x + girth, floor + tall * 0.55), (x + girth, floor)])]
    dark = mix(stage.mood.shade, stage.inks[0], 0.5)
    stage.canvas.polygons(reflected, spread(dark) + spread(lift(hue, -0.2) - dark) * mirror * 0.75, 0.5, softness=5)
    sky.halo(stage.canvas, x + girth / 2, floor - tall, girth * 1.6, hue, 0.32)
    stage.canvas.polygon(front, body, 0.95)
    stage.canvas.polygon(flank, lift(hue, -0.45), 0.97)
    stage.canvas.polygon(cap, lift(hue, 0.55))
    edge = np.array([(x + girth * 0.06, floor), (x + girth * 0.06, floor - tall)])
    stage.canvas.strokes([edge], lift(hue, 0.75), 3, 0.6)
    stage.canvas.polygon(
        np.array(
            [
                (x + girth * 0.14, floor),
                (x + girth * 0.14, floor - tall),
                (x + girth * 0.34, floor - tall),
                (x + girth * 0.34, floor),
            ]
        ),
        lift(hue, 0.6),
        0.16,
    )


def _stack(stage: Stage, x: float, foot: float, radius: float, count: int, metal: Colour, fade: float) -> None:
    thick = radius * 0.24
    angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    oval = np.stack([np.cos(angles) * radius, np.sin(angles) * radius * 0.34], 1)
    dark = mix(stage.mood.shade, stage.inks[0], 0.5)
    hue = mix(metal, dark, fade)
    stage.canvas.polygons(
        [oval * (1.25, 1.3) + (x + radius * 0.12, foot + thick * 0.3)], lift(dark, -0.5), 0.6, softness=9
    )
    cols = np.arange(stage.width, dtype=np.float32)[None, None]
    turn = np.clip((cols - np.float32(x)) / np.float32(radius), -1, 1)
    lit = -0.35 if stage.aim.x < 0.5 else 0.35
    sheen = 0.3 + 0.75 * np.exp(-(((turn - lit) / 0.3) ** 2)) + 0.18 * np.exp(-(((turn + lit * 2.2) / 0.16) ** 2))
    rim = np.clip(spread(hue) * sheen, 0, 1)
    for level in range(count):
        shift = stage.rng.normal() * radius * 0.025
        y = foot - level * thick
        low, high = np.array([x + shift, y]), np.array([x + shift, y - thick * 0.86])
        side = np.concatenate([oval[:37] + low, (oval[:37] + high)[::-1]])
        stage.canvas.polygon(side, rim * np.float32(0.92 if level % 2 else 1.0))
        stage.canvas.strokes([oval[:37] + low], lift(hue, -0.65), 2, 0.7)
        stage.canvas.polygon(oval + high, np.clip(spread(lift(hue, 0.12)) * (0.62 + 0.4 * sheen), 0, 1))
    top = np.array([x, foot - (count - 1) * thick - thick * 0.86])
    ring = np.concatenate([oval, oval[:1]])
    stage.canvas.strokes([ring * 0.8 + top], lift(hue, -0.35), 2.5, 0.7)
    stage.canvas.strokes([ring * 0.985 + top], lift(hue, 0.55), 2, 0.7)
