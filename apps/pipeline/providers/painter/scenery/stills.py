"""Clean still lifes for explanations: gears, a lamp, books, a clock, climbing blocks, light through a prism."""

from __future__ import annotations

import numpy as np

from apps.pipeline.contracts import Focus
from apps.pipeline.providers.painter.scenery import figures, sky
from apps.pipeline.providers.painter.scenery.canvas import Points, spread
from apps.pipeline.providers.painter.scenery.palette import Colour, lift, mix, rgb
from apps.pipeline.providers.painter.scenery.stage import Stage, kept


def gears(stage: Stage) -> Focus:
    """Meshing wheels, large and small."""
    x, y, short = _wall(stage, floor=None)
    rng, inks = stage.rng, stage.inks
    radius = short * rng.uniform(0.2, 0.25)
    wheels = [(x, y, radius, 0.0)]
    for _ in range(90):
        if len(wheels) > 9:
            break
        base_x, base_y, base_radius, base_turn = wheels[int(rng.integers(len(wheels)))]
        size, angle = short * rng.uniform(0.08, 0.19), rng.uniform(0, 2 * np.pi)
        reach = (base_radius + size) * 1.0
        at_x, at_y = base_x + reach * np.cos(angle), base_y + reach * np.sin(angle)
        inside = size * 0.2 < at_x < stage.width - size * 0.2 and size * 0.2 < at_y < stage.height - size * 0.2
        if inside and all(np.hypot(at_x - ox, at_y - oy) > (size + other) * 0.995 for ox, oy, other, _ in wheels):
            turn = np.pi - (base_turn - angle) * base_radius / size + angle + np.pi / _teeth(size, short)
            wheels.append((at_x, at_y, size, float(turn)))
    for index, (at_x, at_y, size, turn) in enumerate(wheels):
        hue = stage.mood.accent if index == 0 else inks[1 + index % (len(inks) - 2)]
        _gear(stage, at_x, at_y, size, turn, hue, _teeth(size, short))
    return Focus(x / stage.width, y / stage.height)


def lamp(stage: Stage) -> Focus:
    """A light bulb, burning."""
    x, y, short = _wall(stage, floor=None, dark=True)
    size = short * stage.rng.uniform(0.24, 0.29)
    warm = mix(rgb("#ffd98a"), stage.mood.accent, 0.3)
    sky.halo(stage.canvas, x, y, size * 3.4, warm, 0.85)
    sky.paint_rays(stage.canvas, stage.rng, x, y, warm, 0.3)
    _bokeh(stage, warm)
    angles = np.linspace(-np.pi * 0.5 - 2.42, -np.pi * 0.5 + 2.42, 80)
    globe = np.stack([x + size * np.cos(angles), y + size * np.sin(angles)], 1)
    neck = np.array([(x + size * 0.34, y + size * 1.35), (x - size * 0.34, y + size * 1.35)])
    outline = np.concatenate([globe, neck])
    stage.canvas.polygon(outline, lift(warm, 0.35), 0.32)
    stage.canvas.strokes([np.concatenate([outline, outline[:1]])], lift(warm, 0.65), 5, 0.9)
    _filament(stage, x, y, size, warm)
    _socket(stage, x, y + size * 1.35, size)
    gleam = np.linspace(np.pi * 1.08, np.pi * 1.4, 30)
    arc = np.stack([x + size * 0.82 * np.cos(gleam), y + size * 0.82 * np.sin(gleam)], 1)
    stage.canvas.strokes([arc], lift(warm, 0.9), 9, 0.7, softness=1)
    stage.canvas.strokes([np.array([(x, y + size * 1.8), (x, stage.height + 9)])], lift(stage.inks[0], 0.1), 9, 0.9)
    return Focus(x / stage.width, y / stage.height)


def books(stage: Stage) -> Focus:
    """A pile of books on a table, something small on top."""
    x, _, short = _wall(stage, floor=0.76)
    rng, inks = stage.rng, stage.inks
    foot = stage.height * 0.83
    _long_shadow(stage, x, foot, short * 0.3)
    level = foot
    for index in range(int(rng.integers(5, 8))):
        thick, half = short * rng.uniform(0.045, 0.08), short * rng.uniform(0.2, 0.29)
        shift = rng.normal() * short * 0.022
        hue = stage.mood.accent if index == 2 else inks[int(rng.integers(0, len(inks) - 1))]
        _book(stage, x + shift, level, half, thick, hue)
        level -= thick
    if stage.subject in ("cat", "dog"):
        figures.place(stage.canvas, stage.subject, rng, x, level + 2, short * 0.24, inks[0])
    elif stage.chance(0.5):
        _plant(stage, x + rng.uniform(-0.06, 0.06) * short, level, short)
    else:
        _small_globe(stage, x, level, short)
    return Focus(x / stage.width, (level + foot) / 2 / stage.height)


def clock(stage: Stage) -> Focus:
    """A plain dial on a wall, its hands throwing shadows."""
    x, y, short = _wall(stage, floor=None)
    rng, inks = stage.rng, stage.inks
    radius = short * rng.uniform(0.24, 0.36)
    away = np.array([1 if stage.aim.x < 0.5 else -1, 0.8]) * radius
    for step in np.linspace(0, 1, 26)[::-1]:
        spot = np.array([x, y]) + away * step * 1.5
        stage.canvas.disc(spot[0], spot[1], radius, inks[0], 0.022, softness=3)
    stage.canvas.disc(x, y, radius * 1.06, mix(inks[1], stage.mood.accent, 0.25))
    stage.canvas.disc(x, y, radius * 0.95, lift(inks[-1], 0.35))
    ticks = [_spoke(x, y, radius * (0.78 if k % 5 == 0 else 0.85), radius * 0.9, k * np.pi / 30) for k in range(60)]
    stage.canvas.strokes(ticks[::5], inks[0], 9, 0.95)
    stage.canvas.strokes(ticks, inks[0], 3, 0.6)
    moment = rng.uniform(0, 2 * np.pi)
    hands = [
        (moment, 0.5, 15.0, inks[0]),
        (moment * 12, 0.74, 10.0, inks[0]),
        (moment * 7 + 1, 0.8, 4.0, stage.mood.accent),
    ]
    for angle, reach, girth, hue in hands:
        line = _spoke(x, y, -radius * 0.1, radius * reach, angle)
        stage.canvas.strokes([line + radius * 0.03], inks[0], girth, 0.25, softness=5)
        stage.canvas.strokes([line], hue, girth)
    stage.canvas.disc(x, y, radius * 0.05, stage.mood.accent)
    return Focus(x / stage.width, y / stage.height)


def blocks(stage: Stage) -> Focus:
    """Cubes that climb like stairs, a bright ball on the highest."""
    x, y, short = _wall(stage, floor=None)
    rng, inks = stage.rng, stage.inks
    steps, size = int(rng.integers(5, 7)), short * rng.uniform(0.08, 0.095)
    climb = np.array([0.87 if stage.aim.x >= 0.5 else -0.87, -0.5]) * size
    beside = np.array([-climb[0], climb[1]])
    low = np.array([x, y + size * steps * 0.5]) - climb * (steps - 1) / 2
    for step in reversed(range(steps)):
        for row in (1, 0, -1):
            tall = max(0, step - 2 * abs(row) + int(rng.integers(0, 2)) * abs(row))
            for level in range(tall + 1):
                hue = mix(_inks_along(inks, (level + 1) / (steps + 2)), stage.mood.accent, 0.12)
                _cube(stage, low + climb * step + beside * row - (0, level * size), size, hue)
    top = low + climb * (steps - 1) - (0, (steps - 1) * size + 0.5 * size)
    sky.halo(stage.canvas, top[0], top[1] - size * 0.5, size * 3, stage.mood.light, 0.5)
    _shaded_ball(stage, top[0], top[1] - size * 0.42, size * 0.42, stage.mood.accent)
    return Focus(float(top[0]) / stage.width, kept(float(top[1]) / stage.height, 0.15, 0.7))


def prism(stage: Stage) -> Focus:
    """A beam of light split by a glass wedge."""
    x, y, short = _wall(stage, floor=None, dark=True)
    canvas, light = stage.canvas, stage.mood.light
    size = short * stage.rng.uniform(0.19, 0.32)
    lean = 1 if stage.aim.x < 0.5 else -1
    corners = np.array([(0, -1.0), (0.87, 0.5), (-0.87, 0.5)]) * size + (x, y)
    enter, leave = (
        np.array([x - lean * size * 0.42, y - size * 0.08]),
        np.array([x + lean * size * 0.42, y - size * 0.08]),
    )
    slope = stage.rng.uniform(0.1, 0.35)
    source = enter + np.array([-lean, slope]) * 2.2 * stage.width
    reach = 2.2 * max(stage.width, stage.height)
    hues = [rgb(c) for c in ("#ff4d4d", "#ff9e3d", "#ffe14d", "#5fd068", "#3fa9f5", "#5b5be0", "#a45be0")]
    start = 0.02 + slope * 0.2
    for index, hue in enumerate(hues):
        angles = start + 0.052 * (np.array([index, index + 1.15]))
        ends = leave + reach * np.stack([lean * np.cos(angles), np.sin(angles)], 1)
        near = leave + (ends - leave) * 0.0004
        canvas.polygons([np.array([near[0], ends[0], ends[1], near[1]])], hue, 0.78, softness=3)
    for girth, alpha, softness in ((46, 0.25, 18.0), (13, 0.95, 1.2)):
        canvas.strokes([np.array([source, enter])], light, girth, alpha, softness)
    inside = np.array([enter, leave + np.array([0, size * 0.12]), leave - (0, size * 0.02)])
    canvas.polygons([inside], lift(light, 0.3), 0.5, softness=2)
    cols = np.arange(stage.width, dtype=np.float32)[None, None]
    glass = np.clip((cols - np.float32(x - size)) / np.float32(2 * size), 0, 1)
    tint = mix(stage.mood.sky, light, 0.5)
    canvas.polygon(corners, np.clip(spread(tint) * (0.75 + 0.4 * glass), 0, 1), 0.26)
    canvas.strokes([np.concatenate([corners, corners[:2]])], lift(light, 0.3), 5, 0.9)
    sky.halo(canvas, enter[0], enter[1], size * 0.5, light, 0.6)
    return Focus(x / stage.width, y / stage.height)


def _wall(stage: Stage, floor: float | None, dark: bool = False) -> tuple[float, float, float]:
    """Paint a softly lit wall (and table from the share `floor` down); return subject place and short side."""
    inks, canvas, rng = stage.inks, stage.canvas, stage.rng
    low, high = (0.4, 0.6) if stage.is_tall else (0.3, 0.7)
    drift = float(rng.uniform(-0.13, 0.11)) if stage.is_tall else 0.0
    x, y = kept(stage.aim.x, low, high) * stage.width, (kept(stage.aim.y, 0.42, 0.56) + drift) * stage.height
    short = float(min(stage.width, stage.height))
    options = [
        mix(inks[-1], inks[-2], 0.35),
        mix(inks[-2], inks[-1], 0.25),
        mix(inks[1], inks[-1], 0.62),
        mix(inks[1], inks[-1], 0.2),
    ]
    base = mix(inks[0], inks[1], 0.4) if dark else options[int(rng.integers(4))]
    canvas.fill(lift(base, float(rng.uniform(-0.3, -0.08))))
    lamp_x, lamp_y = rng.uniform(0, 1) * stage.width, rng.uniform(-0.1, 0.75) * stage.height
    sky.halo(canvas, lamp_x, lamp_y, short * rng.uniform(0.8, 1.6), lift(base, 0.5), 0.6)
    for _ in range(3):
        spot = rng.uniform(0, 1, 2) * (stage.width, stage.height)
        canvas.disc(spot[0], spot[1], short * rng.uniform(0.16, 0.5), lift(base, float(rng.choice([-0.25, 0.3]))), 0.22)
    if floor is not None:
        rows = np.arange(stage.height, dtype=np.float32)[:, None]
        table = mix(inks[1], base, 0.35)
        cover = np.broadcast_to(np.clip(rows - np.float32(floor * stage.height), 0, 1), (stage.height, stage.width))
        shade = np.clip((rows / stage.height - floor) / (1 - floor), 0, 1)[None]
        canvas.lay(cover, spread(lift(table, 0.15)) + spread(lift(table, -0.25) - lift(table, 0.15)) * shade)
    return x, y, short


def _teeth(size: float, short: float) -> int:
    return max(8, round(size / short * 90))


def _gear(stage: Stage, x: float, y: float, size: float, turn: float, hue: Colour, teeth: int) -> None:
    canvas = stage.canvas
    pitch = 2 * np.pi / teeth
    shape = np.array([(-0.25, 0.9), (-0.14, 1.07), (0.14, 1.07), (0.25, 0.9)])
    angles = (np.arange(teeth)[:, None] + shape[None, :, 0]) * pitch + turn
    reach = np.broadcast_to(shape[None, :, 1], angles.shape) * size
    outline = np.stack([x + reach * np.cos(angles), y + reach * np.sin(angles)], -1).reshape(-1, 2)
    drop = np.array([size * 0.1, size * 0.13])
    canvas.polygons([outline + drop], stage.inks[0], 0.35, softness=9)
    canvas.polygon(outline + np.array([0, size * 0.05]), lift(hue, -0.45))
    rows = np.arange(stage.height, dtype=np.float32)[None, :, None]
    light = np.clip((rows - np.float32(y - size)) / np.float32(2 * size), 0, 1)
    canvas.polygon(outline, spread(lift(hue, 0.22)) + spread(lift(hue, -0.18) - lift(hue, 0.22)) * light)
    canvas.disc(x, y, size * 0.72, lift(hue, -0.2))
    canvas.disc(x, y, size * 0.66, lift(hue, 0.08))
    for index in range(5):
        angle = turn + index * 2 * np.pi / 5
        spot = (x + size * 0.42 * np.cos(angle), y + size * 0.42 * np.sin(angle))
        canvas.disc(*spot, size * 0.13, lift(hue, -0.5), 0.85)
    canvas.disc(x, y, size * 0.17, lift(hue, 0.4))
    canvas.disc(x, y, size * 0.09, lift(stage.inks[0], 0.05))


def _bokeh(stage: Stage, hue: Colour) -> None:
    for _ in range(34):
        at = stage.rng.uniform(0, 1, 2) * (stage.width, stage.height)
        size = stage.unit * stage.rng.uniform(5, 46)
        stage.canvas.disc(at[0], at[1], size, hue, stage.rng.uniform(0.04, 0.16), softness=2.5)


def _filament(stage: Stage, x: float, y: float, size: float, warm: Colour) -> None:
    steps = np.linspace(-1, 1, 90)
    coil = np.stack([x + steps * size * 0.32, y - size * 0.08 + np.sin(steps * 28) * size * 0.07], 1)
    legs = [
        np.array([(x + side * size * 0.12, y + size * 1.3), (x + side * size * 0.32, y - size * 0.08)])
        for side in (-1, 1)
    ]
    stage.canvas.strokes(legs, lift(stage.inks[1], 0.3), 4, 0.9)
    stage.canvas.strokes([coil], warm, 26, 0.6, softness=14)
    stage.canvas.strokes([coil], lift(warm, 0.85), 5)
    sky.halo(stage.canvas, x, y - size * 0.08, size * 0.9, lift(warm, 0.4), 0.6)


def _socket(stage: Stage, x: float, y: float, size: float) -> None:
    metal = mix(stage.inks[1], rgb("#c9c2b4"), 0.6)
    cols = np.arange(stage.width, dtype=np.float32)[None, None]
    sheen = 0.45 + 0.7 * np.exp(-(((cols - np.float32(x - size * 0.1)) / np.float32(size * 0.14)) ** 2))
    for ring in range(4):
        top, half = y + ring * size * 0.12, size * (0.36 - 0.025 * ring)
        band = np.array(
            [
                (x - half, top),
                (x + half, top + size * 0.03),
                (x + half, top + size * 0.11),
                (x - half, top + size * 0.08),
            ]
        )
        stage.canvas.polygon(band, np.clip(spread(metal) * sheen, 0, 1))
    cap = np.array(
        [
            (x - size * 0.22, y + size * 0.47),
            (x + size * 0.22, y + size * 0.47),
            (x + size * 0.1, y + size * 0.6),
            (x - size * 0.1, y + size * 0.6),
        ]
    )
    stage.canvas.polygon(cap, lift(stage.inks[0], 0.08))


def _long_shadow(stage: Stage, x: float, foot: float, half: float) -> None:
    lean = 1 if stage.aim.x < 0.5 else -1
    shade = np.array(
        [
            (x - half, foot),
            (x + half, foot),
            (x + half + lean * half * 2.4, foot + half * 0.42),
            (x - half + lean * half * 2.4, foot + half * 0.42),
        ]
    )
    stage.canvas.polygons([shade], stage.inks[0], 0.32, softness=10)


def _book(stage: Stage, x: float, foot: float, half: float, thick: float, hue: Colour) -> None:
    canvas = stage.canvas
    spine_left = stage.chance(0.5)
    body = np.array([(x - half, foot), (x - half, foot - thick), (x + half, foot - thick), (x + half, foot)])
    canvas.polygon(body, hue)
    edge = thick * 0.16
    page = np.array(
        [
            (x - half + edge, foot - edge),
            (x - half + edge, foot - thick + edge),
            (x + half - edge, foot - thick + edge),
            (x + half - edge, foot - edge),
        ]
    )
    page[:, 0] += edge * (2.2 if spine_left else -2.2)
    if stage.chance(0.45):
        canvas.polygon(page, lift(stage.inks[-1], 0.3))
        leaves = [
            np.array([(page[0, 0], level), (page[2, 0], level)])
            for level in np.linspace(page[0, 1], page[1, 1], 7)[1:-1]
        ]
        canvas.strokes(leaves, lift(stage.inks[-2], -0.2), 1.5, 0.5)
    else:
        for share in (0.12, 0.18, 0.82, 0.88):
            at = x - half + 2 * half * share
            canvas.strokes([np.array([(at, foot - 1), (at, foot - thick + 1)])], lift(hue, 0.45), 4, 0.8)
    canvas.strokes([np.array([(x - half, foot - thick + 1.5), (x + half, foot - thick + 1.5)])], lift(hue, 0.5), 3, 0.7)
    canvas.polygons(
        [np.array([(x - half, foot), (x + half, foot), (x + half, foot - edge), (x - half, foot - edge)])],
        lift(hue, -0.5),
        0.5,
    )


def _plant(stage: Stage, x: float, foot: float, short: float) -> None:
    pot = np.array([(-0.05, 0), (0.05, 0), (0.065, -0.09), (-0.065, -0.09)]) * short + (x, foot)
    leaf_hue = mix(rgb("#4f8a5b"), stage.inks[1], 0.3)
    for lean in np.linspace(-1.1, 1.1, 9):
        length = short * stage.rng.uniform(0.13, 0.2)
        along = np.array([np.sin(lean), -np.cos(lean)])
        side = np.array([along[1], -along[0]])
        root = np.array([x, foot - 0.085 * short])
        leaf = [
            root,
            root + along * length * 0.5 + side * length * 0.16,
            root + along * length,
            root + along * length * 0.5 - side * length * 0.16,
        ]
        stage.canvas.polygon(np.array(leaf), lift(leaf_hue, float(stage.rng.uniform(-0.25, 0.25))))
        stage.canvas.strokes([np.array([leaf[0], leaf[2]])], lift(leaf_hue, 0.4), 2, 0.6)
    stage.canvas.polygon(pot, stage.mood.accent)
    stage.canvas.polygon(
        pot[[0, 3]].repeat(2, axis=0)[[0, 1, 2, 3]] + np.array([(0, 0), (short * 0.03, 0), (short * 0.03, 0), (0, 0)]),
        lift(stage.mood.accent, 0.3),
        0.5,
    )


def _small_globe(stage: Stage, x: float, foot: float, short: float) -> None:
    radius = short * 0.1
    y = foot - radius * 1.35
    stand = np.array(
        [
            (x - radius * 0.5, foot),
            (x - radius * 0.1, foot - radius * 0.3),
            (x + radius * 0.1, foot - radius * 0.3),
            (x + radius * 0.5, foot),
        ]
    )
    stage.canvas.polygon(stand, stage.inks[0])
    _shaded_ball(stage, x, y, radius, mix(stage.inks[1], rgb("#4a90c2"), 0.4))
    ring = np.linspace(-0.4, np.pi + 0.2, 60)
    arc = np.stack([x + radius * 1.16 * np.cos(ring + 0.5), y + radius * 1.16 * np.sin(ring + 0.5)], 1)
    stage.canvas.strokes([arc], stage.mood.accent, 8)


def _shaded_ball(stage: Stage, x: float, y: float, radius: float, hue: Colour) -> None:
    stage.canvas.disc(x, y, radius, lift(hue, -0.3))
    for share, glow in ((0.86, 0.0), (0.62, 0.14), (0.4, 0.3), (0.18, 0.6)):
        shift = radius * (1 - share) * 0.55
        stage.canvas.disc(
            x - shift, y - shift, radius * share, lift(hue, glow), 0.7, softness=radius * 0.09 / stage.unit
        )


def _spoke(x: float, y: float, inner: float, outer: float, angle: float) -> Points:
    along = np.array([np.sin(angle), -np.cos(angle)])
    return np.asarray(np.array([along * inner, along * outer]) + np.array([x, y]))


def _inks_along(inks: list[Colour], share: float) -> Colour:
    place = kept(share, 0, 0.999) * (len(inks) - 1)
    return mix(inks[int(place)], inks[int(place) + 1], place - int(place))


def _cube(stage: Stage, place: Points, size: float, hue: Colour) -> None:
    across = 0.87 * size
    top = np.array([(0, -size), (across, -size / 2), (0, 0), (-across, -size / 2)]) + place
    left = np.array([top[3], top[2], top[2] + (0, size), top[3] + (0, size)])
    right = np.array([top[2], top[1], top[1] + (0, size), top[2] + (0, size)])
    bright = stage.aim.x < 0.5
    stage.canvas.polygon(left, lift(hue, -0.12 if bright else -0.42))
    stage.canvas.polygon(right, lift(hue, -0.42 if bright else -0.12))
    stage.canvas.polygon(top, lift(hue, 0.32))
    stage.canvas.strokes([np.array([top[3], top[2], top[1]])], lift(hue, 0.6), 2, 0.5)
