"""Cities: a skyline by the water, a street running to the light, towers seen from above."""

from __future__ import annotations

import cv2
import numpy as np

from apps.pipeline.contracts import Focus
from apps.pipeline.providers.painter.scenery import landscapes, sky, water
from apps.pipeline.providers.painter.scenery.canvas import Points, spread
from apps.pipeline.providers.painter.scenery.palette import lift, mix, rgb
from apps.pipeline.providers.painter.scenery.stage import Stage, kept

_LAMP = rgb("#ffd27a")


def skyline(stage: Stage) -> Focus:
    """Towers in layers of haze, mirrored in a river."""
    shore = stage.row(0.66, 0.76)
    focus = landscapes.open_sky(stage, shore, 0.45)
    centre = kept(focus.x + stage.rng.uniform(-0.06, 0.06), 0.2, 0.8) * stage.width
    for depth in range(4):
        _block_row(stage, shore, centre, depth / 3)
    water.paint_water(stage.canvas, stage.rng, stage.mood, shore, focus.x * stage.width, 0.55, 0.45)
    return Focus(centre / stage.width, kept(focus.y, 0.35, 0.6))


def avenue(stage: Stage) -> Focus:
    """A street between towers, traffic lights streaming to the low light at its end."""
    canvas, rng, mood = stage.canvas, stage.rng, stage.mood
    x, y = kept(stage.aim.x, 0.3, 0.7) * stage.width, stage.row(0.52, 0.62)
    sky.paint_sky(canvas, mood, y, x / stage.width)
    sky.paint_banks(canvas, rng, mood, y, (x, y), 0.4)
    sky.paint_sun(canvas, mood, x, y - 40 * stage.unit, 42 * stage.unit)
    rows = np.arange(stage.height, dtype=np.float32)[:, None]
    ground = np.broadcast_to(np.clip(rows - np.float32(y), 0, 1), (stage.height, stage.width))
    canvas.lay(ground, mix(mood.shade, mood.haze, 0.12))
    for depth in np.geomspace(15, 0.32, 15):
        _street_pair(stage, x, y, float(depth))
    _roadway(stage, x, y)
    sky.halo(canvas, x, y, 0.3 * min(stage.width, stage.height), mood.light, 0.55)
    sky.paint_rays(canvas, rng, x, y, mood.light, 0.14)
    return Focus(x / stage.width, y / stage.height)


def rooftops(stage: Stage) -> Focus:
    """A city in blocks seen from the air, one block lit up."""
    canvas, mood = stage.canvas, stage.mood
    sky.paint_sky(canvas, mood, stage.height * 1.3, stage.aim.x)
    canvas.lay(np.full((stage.height, stage.width), 0.8, np.float32), mix(mood.shade, mood.haze, 0.35))
    size = min(stage.width, stage.height) * stage.rng.uniform(0.06, 0.14)
    slant = float(stage.rng.uniform(0.34, 0.6))
    target = np.array([kept(stage.aim.x, 0.3, 0.7) * stage.width, kept(stage.aim.y + 0.25, 0.66, 0.8) * stage.height])
    steps = int(max(stage.width, stage.height) / size) + 6
    heights = np.clip(stage.rng.gamma(2.0, 0.75, (2 * steps, 2 * steps)), 0.25, 4.6)
    cells = [(i, j) for i in range(-steps, steps) for j in range(-steps, steps)]
    for i, j in sorted(cells, key=lambda cell: cell[0] + cell[1]):
        foot = target + np.array([(i - j) * size * 0.9, (i + j) * size * 0.9 * slant])
        if -2 * size < foot[0] < stage.width + 2 * size and -size < foot[1] < stage.height + 6 * size:
            chosen = i == 0 and j == 0
            if i % 4 == 2 or j % 4 == 2:
                continue
            _prism(stage, foot, size * 0.78, size * float(3.4 if chosen else heights[i, j]), slant, chosen)
    return Focus(float(target[0]) / stage.width, kept(float(target[1] - 3 * size) / stage.height, 0.2, 0.7))


def _block_row(stage: Stage, shore: float, centre: float, near: float) -> None:
    """Set one row of towers; `near` 0 is the farthest."""
    rng, mood = stage.rng, stage.mood
    colour = mix(mix(mood.haze, mood.horizon, 0.4), lift(mood.shade, 0.04), 0.18 + 0.8 * near)
    short = min(stage.width, stage.height)
    reach = shore * (0.42 + 0.2 * (1 - near)) * (0.8 if stage.is_tall else 1)
    shapes: list[Points] = []
    blocks: list[tuple[float, float, float]] = []
    x = -0.03 * stage.width
    while x < stage.width * 1.03:
        girth = short * rng.uniform(0.03, 0.085) * (0.7 + 0.6 * near)
        pull = np.exp(-(((x + girth / 2 - centre) / (0.3 * stage.width)) ** 2))
        tall = reach * (0.22 + 0.78 * pull * rng.uniform(0.45, 1.0)) * rng.uniform(0.55, 1.0) * (1.05 - 0.45 * near)
        shapes += _tower(rng, x, shore + 2, girth, tall)
        blocks.append((x, girth, tall))
        x += girth * rng.uniform(0.9, 1.5)
    rows = np.arange(stage.height, dtype=np.float32)[None, :, None]
    foot = np.clip((rows - np.float32(shore - reach)) / np.float32(reach), 0, 1)
    stage.canvas.polygons(
        shapes, spread(colour) + spread(mix(mood.haze, mood.horizon, 0.35) - colour) * foot * (0.55 - 0.4 * near)
    )
    if near > 0.3:
        for place, girth, tall in blocks:
            _windows(stage, place, shore, girth, tall, near)


def _tower(rng: np.random.Generator, x: float, foot: float, girth: float, tall: float) -> list[Points]:
    head = foot - tall
    kind = int(rng.integers(5)) if tall > girth * 2.2 else 1
    body = np.array([(x, foot), (x, head), (x + girth, head), (x + girth, foot)])
    middle = x + girth / 2
    if kind == 0:
        return [body, np.array([(middle - 2, head), (middle, head - tall * 0.24), (middle + 2, head)])]
    if kind == 1:
        step = np.array(
            [
                (x + girth * 0.2, head),
                (x + girth * 0.2, head - tall * 0.1),
                (x + girth * 0.8, head - tall * 0.1),
                (x + girth * 0.8, head),
            ]
        )
        return [body, step]
    if kind == 2:
        return [np.array([(x, foot), (x, head), (x + girth, head - girth * 0.6), (x + girth, foot)])]
    if kind == 3:
        taper = girth * 0.18
        return [
            np.array(
                [
                    (x, foot),
                    (x + taper, head),
                    (middle, head - girth * 0.7),
                    (x + girth - taper, head),
                    (x + girth, foot),
                ]
            )
        ]
    return [body]


def _windows(stage: Stage, x: float, shore: float, girth: float, tall: float, near: float) -> None:
    cell = (8 + 5 * near) * stage.unit
    columns, floors = int(girth * 0.8 / cell), int(tall * 0.88 / (cell * 1.25))
    left, top = int(x + girth * 0.1), int(shore - tall * 0.94)
    if columns < 2 or floors < 3 or left < 0 or top < 0:
        return
    share = 0.55 if stage.mood.is_night else 0.42
    lit = (stage.rng.random((floors, columns)) < share) * stage.rng.uniform(0.35, 1.0, (floors, columns))
    size = (int(columns * cell), int(floors * cell * 1.25))
    grid = cv2.resize(lit.astype(np.float32), size, interpolation=cv2.INTER_NEAREST)
    down, across = np.arange(size[1])[:, None], np.arange(size[0])[None]
    pane = ((down % (cell * 1.25)) < cell * 0.7) & ((across % cell) < cell * 0.62)
    glow = grid * pane * np.float32(0.85)
    glow = glow[: max(0, stage.height - top), : max(0, stage.width - left)]
    if glow.size:
        stage.canvas.lay(glow, mix(_LAMP, stage.mood.accent, 0.25), (left, top))


def _street_pair(stage: Stage, x: float, y: float, depth: float) -> None:
    """Paint one house on either side, from its far corner to `depth` (1 is at the sheet's edge)."""
    rng, mood = stage.rng, stage.mood
    share = float(np.clip(1.1 - np.log(depth) / np.log(15), 0, 1))
    colour = mix(mix(mood.haze, mood.horizon, 0.5), lift(mood.shade, 0.05), 0.1 + 0.8 * share)
    for side in (-1, 1):
        tall = stage.height * rng.uniform(0.5, 1.25)
        near, far = _corner(stage, x, y, depth, side, tall), _corner(stage, x, y, depth * 1.34, side, tall)
        edge = x + side * stage.width * 1.2
        front = np.array([near[0], near[1], (edge, near[1][1]), (edge, near[0][1])])
        stage.canvas.polygon(front, lift(colour, -0.25))
        wall = np.array([near[0], near[1], far[1], far[0]])
        stage.canvas.polygon(wall, mix(colour, mood.light, 0.2 - 0.1 * share))
        _lit_panes(stage, wall, depth)


def _corner(stage: Stage, x: float, y: float, depth: float, side: int, tall: float) -> Points:
    """Return foot and head of a house corner in perspective."""
    across = x + side * min(stage.width, stage.height) * 0.5 / depth
    return np.array([(across, y + 0.42 * stage.height / depth), (across, y - tall / depth)])


def _lit_panes(stage: Stage, wall: Points, depth: float) -> None:
    foot, head, far_head, far_foot = wall
    columns, floors = 7, int(np.clip((foot[1] - head[1]) / (24 * stage.unit / depth**0.5), 3, 26))
    panes: list[Points] = []
    for column in range(columns):
        along = (np.array([0.2, 0.75]) + column) / columns
        for floor in range(1, floors):
            if stage.rng.random() < 0.24:
                rise = (np.array([0.2, 0.72]) + floor) / floors
                low = [foot + (far_foot - foot) * a for a in along]
                high = [head + (far_head - head) * a for a in along]
                spots = [
                    low[i] + (high[i] - low[i]) * r for i, r in ((0, rise[0]), (0, rise[1]), (1, rise[1]), (1, rise[0]))
                ]
                panes.append(np.array(spots))
    stage.canvas.polygons(panes, mix(_LAMP, stage.mood.accent, 0.3), 0.75)


def _roadway(stage: Stage, x: float, y: float) -> None:
    mood, rng = stage.mood, stage.rng
    short = min(stage.width, stage.height)
    drop = stage.height - y
    half = short * 0.46 * drop / (0.42 * stage.height)
    rows = np.arange(stage.height, dtype=np.float32)[None, :, None]
    share = np.clip((rows - np.float32(y)) / np.float32(drop), 0, 1)
    far, close = mix(mood.horizon, mood.haze, 0.5), lift(mood.shade, 0.06)
    surface = spread(far) + spread(close - far) * np.sqrt(share)
    stage.canvas.polygon(
        np.array([(x - short * 0.012, y), (x + short * 0.012, y), (x + half, stage.height), (x - half, stage.height)]),
        surface,
    )
    for lane in (-0.62, -0.34, 0.3, 0.58):
        hue = rgb("#ff5a3c") if lane > 0 else rgb("#fff0c8")
        for _ in range(5):
            at = lane + rng.normal() * 0.05
            reach = np.array([rng.uniform(0.02, 0.2), rng.uniform(0.35, 1.0)])
            line = np.stack([x + at * half * reach, y + drop * reach], 1)
            stage.canvas.strokes([line], mix(hue, mood.accent, 0.2), 9, 0.35, softness=5)
            stage.canvas.strokes([line], lift(hue, 0.4), 2.5, 0.8)


def _prism(stage: Stage, foot: Points, size: float, tall: float, slant: float, chosen: bool) -> None:
    mood = stage.mood
    share = float(np.clip(foot[1] / stage.height, 0, 1))
    tint = stage.inks[int(stage.rng.integers(0, len(stage.inks) - 1))]
    base = mix(mix(mood.haze, tint, 0.55), mix(mood.shade, tint, 0.35), share * 0.75)
    base = lift(mood.accent, 0.1) if chosen else base
    right, down = np.array([size, size * slant]), np.array([-size, size * slant])
    rise = np.array([0, -tall])
    top = [
        foot + rise - (right + down) / 2,
        foot + rise + (right - down) / 2,
        foot + rise + (right + down) / 2,
        foot + rise - (right - down) / 2,
    ]
    low = [point - rise for point in top]
    from_left = stage.aim.x < 0.5
    left_face, right_face = np.array([top[3], top[2], low[2], low[3]]), np.array([top[2], top[1], low[1], low[2]])
    stage.canvas.polygon(left_face, lift(base, 0.1 if from_left else -0.4))
    stage.canvas.polygon(right_face, lift(base, -0.4 if from_left else 0.1))
    stage.canvas.polygon(np.array(top), mix(base, mood.light, 0.5))
    _facade(stage, left_face, chosen)
    _facade(stage, right_face, chosen)


def _facade(stage: Stage, face: Points, chosen: bool) -> None:
    across, down = face[1] - face[0], face[3] - face[0]
    floors = int(np.linalg.norm(down) / (15 * stage.unit))
    panes: list[Points] = []
    for floor in range(1, floors):
        for column in range(4):
            if stage.rng.random() < (0.75 if chosen else 0.3):
                corner = face[0] + across * (0.12 + 0.2 * column) + down * (floor / (floors + 0.4))
                panes.append(
                    np.array(
                        [
                            corner,
                            corner + across * 0.12,
                            corner + across * 0.12 + down * 0.5 / floors,
                            corner + down * 0.5 / floors,
                        ]
                    )
                )
    stage.canvas.polygons(panes, mix(_LAMP, stage.mood.light, 0.3), 0.75)
