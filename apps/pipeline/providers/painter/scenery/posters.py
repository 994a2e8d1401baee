"""Printed posters: a sunburst, circles and arcs, a sphere of dots, and any scene as a screen print in few inks."""

from __future__ import annotations

import cv2
import numpy as np

from apps.pipeline.contracts import Focus
from apps.pipeline.providers.painter.scenery import figures, flora
from apps.pipeline.providers.painter.scenery.canvas import LUMA, Canvas, Points, blurred
from apps.pipeline.providers.painter.scenery.noise import Field, clouds, profile, smoothstep
from apps.pipeline.providers.painter.scenery.palette import Colour, lift, mix
from apps.pipeline.providers.painter.scenery.stage import Compose, Stage, kept


def screen_print(compose: Compose) -> Compose:
    """Return the composition printed in the palette's inks, the steps between them broken into dots."""

    def pull(stage: Stage) -> Focus:
        focus = compose(stage)
        luma = np.tensordot(LUMA, np.clip(stage.canvas.rgb, 0, 1), 1).astype(np.float32)
        luma = blurred(luma, 1.6 * stage.unit)
        low, high = np.percentile(luma[::8, ::8], (2, 98))
        tone = np.clip((luma - np.float32(low)) / np.float32(max(high - low, 0.05)), 0, 1)
        _print_inks(stage, tone)
        _worn(stage.canvas, stage)
        return focus

    return pull


def sunburst(stage: Stage) -> Focus:
    """Beams from one point, hills below, one figure or tree before the disc."""
    canvas, rng, inks = stage.canvas, stage.rng, stage.inks
    short = min(stage.width, stage.height)
    x, y = kept(stage.aim.x, 0.25, 0.75) * stage.width, kept(stage.aim.y, 0.44, 0.6) * stage.height
    first, second = mix(inks[-2], inks[-1], 0.35), mix(inks[-2], inks[2], 0.3)
    canvas.fill(first)
    count = int(rng.integers(11, 19))
    reach = 1.6 * max(stage.width, stage.height)
    turn = rng.uniform(0, 1)
    beams: list[Points] = []
    for index in range(count):
        angles = (np.array([0, 0.5]) + index + turn) * 2 * np.pi / count
        ends = np.stack([x + reach * np.cos(angles), y + reach * np.sin(angles)], 1)
        beams.append(np.concatenate([[(x, y)], ends]))
    canvas.polygons(beams, second)
    for ring, hue in (
        (0.35, mix(inks[-1], inks[-2], 0.4)),
        (0.29, inks[2]),
        (0.235, mix(inks[-1], stage.mood.light, 0.4)),
    ):
        canvas.disc(x, y, short * ring, hue)
    for layer in range(3):
        base = y + short * (0.2 + 0.11 * layer)
        ground = base + profile(rng, stage.width, 2 + layer, 3, 0.4) * short * 0.07
        rows = np.arange(stage.height, dtype=np.float32)[:, None]
        hue = mix(inks[1], inks[0], layer / 2.0)
        canvas.lay(np.clip(rows - ground[None] + 0.5, 0, 1).astype(np.float32), hue)
        if layer == 0:
            _hero(stage, x, float(ground[int(x)]) + 3 * stage.unit, short)
    _worn(canvas, stage)
    return Focus(x / stage.width, (y - 0.02 * short) / stage.height)


def circles(stage: Stage) -> Focus:
    """A grid of quarter discs, rings and bars in flat inks, one of them glowing."""
    canvas, rng, inks = stage.canvas, stage.rng, stage.inks
    short = min(stage.width, stage.height)
    cell = short / float(rng.choice([2, 3, 3, 4]))
    canvas.fill(mix(inks[-1], inks[-2], 0.12))
    columns, rows = int(np.ceil(stage.width / cell)), int(np.ceil(stage.height / cell))
    goal = (int(kept(stage.aim.x, 0, 0.99) * columns), int(kept(stage.aim.y, 0, 0.99) * rows))
    offset = np.array([(stage.width - columns * cell) / 2, (stage.height - rows * cell) / 2])
    last = len(inks) - 1
    for row in range(rows):
        for column in range(columns):
            corner = offset + np.array([column, row]) * cell
            ground = int(rng.integers(0, last + 1))
            tile = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * (cell + 1) + corner
            canvas.polygon(tile, inks[ground])
            hue = inks[(ground + int(rng.integers(1, last + 1))) % (last + 1)]
            other = inks[(ground + 2) % (last + 1)]
            _ornament(stage, corner, cell, hue, other, int(rng.integers(7)))
    centre = offset + (np.array(goal) + 0.5) * cell
    canvas.disc(centre[0], centre[1], cell * 0.47, inks[0])
    canvas.disc(centre[0], centre[1], cell * 0.36, stage.mood.accent)
    canvas.disc(centre[0], centre[1], cell * 0.2, lift(stage.mood.accent, 0.6))
    _worn(canvas, stage)
    return Focus(float(centre[0]) / stage.width, float(centre[1]) / stage.height)


def dotted_sphere(stage: Stage) -> Focus:
    """A ball made of printed dots over bands of colour."""
    canvas, rng, inks = stage.canvas, stage.rng, stage.inks
    short = min(stage.width, stage.height)
    x, y = kept(stage.aim.x, 0.32, 0.68) * stage.width, kept(stage.aim.y, 0.42, 0.58) * stage.height
    canvas.fill(inks[-1])
    lean = rng.uniform(-0.7, 0.7)
    along, across = np.array([np.cos(lean), np.sin(lean)]), np.array([-np.sin(lean), np.cos(lean)])
    reach, start = 2 * max(stage.width, stage.height), rng.uniform(-0.7, -0.3) * short
    for index in range(4):
        girth = short * rng.uniform(0.12, 0.36)
        near, far = across * start + (x, y), across * (start + girth) + (x, y)
        band = np.array([near - along * reach, near + along * reach, far + along * reach, far - along * reach])
        canvas.polygon(band, inks[(index + int(rng.integers(0, 2))) % (len(inks) - 1)])
        start += girth
    radius = short * rng.uniform(0.28, 0.36)
    canvas.disc(x + radius * 0.1, y + radius * 0.12, radius, lift(inks[0], -0.3), 0.5, softness=16)
    canvas.disc(x, y, radius, mix(inks[2], stage.mood.accent, 0.4))
    _shade_dots(stage, x, y, radius)
    if stage.chance(0.6):
        ring = np.linspace(0, 2 * np.pi, 160)
        for growth in (1.16, 1.26):
            canvas.strokes(
                [np.stack([x + radius * growth * np.cos(ring), y + radius * growth * np.sin(ring)], 1)], inks[0], 6, 0.9
            )
    _worn(canvas, stage)
    return Focus(x / stage.width, y / stage.height)


def _print_inks(stage: Stage, tone: Field) -> None:
    dark, paper = lift(stage.inks[0], -0.15), stage.inks[-1]
    body = stage.inks[int(stage.rng.integers(1, len(stage.inks) - 1))]
    bright = mix(stage.inks[-2], stage.mood.accent, 0.25)
    inks = [dark, mix(dark, body, 0.55), body, mix(body, bright, 0.6), mix(bright, paper, 0.45), paper]
    steps = len(inks) - 1
    rows = np.arange(stage.height, dtype=np.float32)[:, None]
    cols = np.arange(stage.width, dtype=np.float32)[None]
    pitch = np.float32(9 * stage.unit)
    first, second = (rows + cols) * np.float32(0.7071) / pitch, (rows - cols) * np.float32(0.7071) / pitch
    dots = (np.cos(first * 2 * np.pi) * np.cos(second * 2 * np.pi) * np.float32(0.25)).astype(np.float32)
    stage.canvas.fill(inks[0])
    level = tone * steps
    for index in range(1, steps + 1):
        edge = smoothstep(-0.07, 0.07, level - np.float32(index - 0.42) + dots)
        stage.canvas.lay(edge, inks[index])


def _worn(canvas: Canvas, stage: Stage) -> None:
    """Let paper show through the print a little."""
    shape = (canvas.height // 2, canvas.width // 2)
    grain = clouds(stage.rng, shape, (70, 70 * canvas.width / canvas.height), 3, 0.8)
    wide = clouds(stage.rng, (shape[0] // 4, shape[1] // 4), (3, 4), 4)
    size = (canvas.width, canvas.height)
    tone = cv2.resize(grain, size, interpolation=cv2.INTER_LINEAR) * np.float32(0.03)
    tone = tone + cv2.resize(wide, size, interpolation=cv2.INTER_LINEAR) * np.float32(0.05)
    canvas.rgb *= 1 + tone


def _hero(stage: Stage, x: float, foot: float, short: float) -> None:
    if stage.subject:
        figures.place(stage.canvas, stage.subject, stage.rng, x, foot, short * 0.27, stage.inks[0])
    elif stage.chance(0.5):
        stage.canvas.polygons(flora.leafy(stage.rng, x, foot, short * 0.4), stage.inks[0])
    else:
        name = str(stage.rng.choice(["victor", "watcher", "cat", "family", "boat", "walker"]))
        figures.place(stage.canvas, name, stage.rng, x, foot, short * 0.24, stage.inks[0])


def _ornament(stage: Stage, corner: Points, cell: float, hue: Colour, other: Colour, kind: int) -> None:
    turn = int(stage.rng.integers(4)) * np.pi / 2
    centre = corner + cell / 2
    hinge = centre + cell / np.sqrt(2) * np.array([np.cos(turn + np.pi / 4), np.sin(turn + np.pi / 4)])
    angles = np.linspace(0, np.pi / 2, 40) + turn + np.pi
    arc = np.stack([np.cos(angles), np.sin(angles)], 1)
    if kind <= 1:
        stage.canvas.polygon(np.concatenate([[hinge], hinge + arc * cell]), hue)
        stage.canvas.polygon(np.concatenate([[hinge], hinge + arc * cell * 0.55]), other)
    elif kind == 2:
        for reach, ink in ((1.0, hue), (0.75, other), (0.5, hue), (0.25, other)):
            stage.canvas.polygon(np.concatenate([[hinge], hinge + arc * cell * reach]), ink)
    elif kind == 3:
        stage.canvas.disc(centre[0], centre[1], cell * 0.42, hue)
        stage.canvas.disc(centre[0], centre[1], cell * 0.2, other)
    elif kind == 4:
        bars = [
            np.array([(0, k), (1, k), (1, k + 0.1), (0, k + 0.1)]) * cell + corner for k in np.arange(0.05, 0.95, 0.2)
        ]
        stage.canvas.polygons(bars, hue)
    elif kind == 5:
        half = np.linspace(0, np.pi, 60) + turn
        stage.canvas.polygon(centre + np.stack([np.cos(half), np.sin(half)], 1) * cell / 2, hue)
    else:
        spots = [(a, b) for a in (0.2, 0.5, 0.8) for b in (0.2, 0.5, 0.8)]
        for a, b in spots:
            stage.canvas.disc(corner[0] + a * cell, corner[1] + b * cell, cell * 0.07, hue)


def _shade_dots(stage: Stage, x: float, y: float, radius: float) -> None:
    pitch = radius / 21
    dots: list[Points] = []
    ring = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    circle = np.stack([np.cos(ring), np.sin(ring)], 1)
    lean = -1 if stage.aim.x < 0.5 else 1
    for i in range(-31, 32):
        for j in range(-31, 32):
            spot = np.array([(i + j) * 0.7071, (i - j) * 0.7071]) * pitch
            away = float(np.hypot(*spot)) / radius
            if away < 0.95:
                lit = (spot[0] * lean * 0.55 + spot[1] * 0.7) / radius + 0.25 + away**3 * 0.4
                size = pitch * 0.62 * float(np.clip(lit, 0, 1.15))
                if size > 0.6:
                    dots.append(circle * size + spot + (x, y))
    stage.canvas.polygons(dots, stage.inks[0])
