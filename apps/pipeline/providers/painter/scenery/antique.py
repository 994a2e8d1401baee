"""Things of the past: charted coasts on old paper, ruins, a walled town."""

from __future__ import annotations

import cv2
import numpy as np

from apps.pipeline.contracts import Focus
from apps.pipeline.providers.painter.scenery import figures, flora, landscapes, sky
from apps.pipeline.providers.painter.scenery.canvas import Points
from apps.pipeline.providers.painter.scenery.noise import Field, clouds, profile, smoothstep
from apps.pipeline.providers.painter.scenery.palette import Colour, lift, mix, rgb
from apps.pipeline.providers.painter.scenery.parchment import INK, PAPER, aged_sheet
from apps.pipeline.providers.painter.scenery.stage import Stage, kept


def old_map(stage: Stage) -> Focus:
    """A chart of an unknown coast: shore lines, hills, rhumb lines, a compass rose."""
    canvas = stage.canvas
    paper = mix(PAPER, stage.inks[-2], 0.15)
    aged_sheet(stage, paper)
    height = _coast_height(stage)
    wash = mix(rgb("#7f9a94"), stage.inks[1], 0.2)
    away = cv2.distanceTransform((height < 0).astype(np.uint8), cv2.DIST_L2, 5) / np.float32(stage.unit)
    canvas.lay(np.exp(-away / 70) * (height < 0) * np.float32(0.55), wash)
    canvas.lay(smoothstep(0.0, 0.02, height) * np.float32(0.35), mix(rgb("#c9a35f"), stage.inks[-2], 0.3))
    rose = np.array([kept(stage.aim.x, 0.22, 0.78) * stage.width, kept(stage.aim.y, 0.3, 0.7) * stage.height])
    _rhumb_lines(stage, rose)
    for distance, alpha in ((0.0, 1.0), (9, 0.55), (19, 0.42), (31, 0.32), (45, 0.22)):
        line = np.exp(-(((away - distance) / (2.0 if distance == 0 else 1.4)) ** 2)) * (height < 0.004)
        canvas.lay(line.astype(np.float32) * np.float32(alpha), INK)
    _hill_signs(stage, height)
    _compass_rose(stage, rose)
    _sea_sign(stage, height)
    _folds(stage)
    return Focus(float(rose[0]) / stage.width, float(rose[1]) / stage.height)


def ruins(stage: Stage) -> Focus:
    """Broken columns before a low sun."""
    canvas, rng, mood = stage.canvas, stage.rng, stage.mood
    ground_row = stage.row(0.74, 0.8)
    x = kept(stage.aim.x, 0.25, 0.75) * stage.width
    short = min(stage.width, stage.height)
    sun = (x, ground_row - short * rng.uniform(0.12, 0.3))
    sky.paint_sky(canvas, mood, ground_row, x / stage.width)
    sky.paint_sun(canvas, mood, *sun, short * 0.055)
    sky.paint_deck(canvas, rng, mood, ground_row, sun, 0.5)
    landscapes.paint_ranges(stage, ground_row, 3)
    for depth in range(3):
        _colonnade(stage, ground_row + depth * 0.035 * stage.height, 0.16 + 0.15 * depth, (depth + 1) / 3.4)
    ground = ground_row + 0.1 * stage.height + profile(rng, stage.width, 3) * 0.012 * stage.height
    landscapes.paint_band(stage, ground, mood.shade, lift(mood.shade, -0.4), 0.3)
    flora.grass(canvas, rng, ground, mood.shade, 0.05 * stage.height, 320)
    if stage.subject:
        foot = float(ground[int(x)])
        figures.place(canvas, stage.subject, rng, x, foot + 4 * stage.unit, short * 0.15, lift(mood.shade, -0.3))
    sky.paint_rays(canvas, rng, sun[0], sun[1], mood.light, 0.16)
    return Focus(sun[0] / stage.width, sun[1] / stage.height)


def fortress(stage: Stage) -> Focus:
    """A walled town on a hill above its plain."""
    canvas, rng, mood = stage.canvas, stage.rng, stage.mood
    horizon = stage.row(0.6, 0.68)
    focus = landscapes.open_sky(stage, horizon, 0.5)
    landscapes.paint_ranges(stage, horizon, 3)
    short = min(stage.width, stage.height)
    x = (1 - kept(focus.x, 0.3, 0.7)) * stage.width if not stage.is_tall else 0.5 * stage.width
    cols = np.arange(stage.width, dtype=np.float32)
    hill = horizon + 0.09 * stage.height - np.exp(-(((cols - x) / (0.36 * short)) ** 2)) * 0.2 * stage.height
    hill = hill + profile(rng, stage.width, 8, 6) * 0.008 * stage.height
    stone = mix(mix(mood.rock, mood.shade, 0.6), mood.haze, 0.12)
    _towers(stage, x, hill, short, stone)
    landscapes.paint_band(stage, hill, mix(mood.ground, mood.shade, 0.62), mix(mood.shade, mood.ground, 0.2), 0.25)
    near = 0.87 * stage.height + profile(rng, stage.width, 2) * 0.04 * stage.height
    landscapes.paint_band(stage, near, mood.shade, lift(mood.shade, -0.3), 0.2)
    flora.fir_belt(canvas, rng, near, mood.shade, 0.1 * stage.height, 0.5)
    return Focus(x / stage.width, (horizon - 0.12 * stage.height) / stage.height)


def _coast_height(stage: Stage) -> Field:
    rng = stage.rng
    shape = (stage.height // 3, stage.width // 3)
    aspect = stage.width / stage.height
    height = clouds(rng, shape, (2.2, 2.2 * aspect), 8, 0.55)
    cols = np.linspace(-1, 1, shape[1], dtype=np.float32)[None]
    rows = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None]
    lean = 0.9 if stage.aim.x < 0.5 else -0.9
    height += cols * np.float32(lean * 0.6) + rows * np.float32(rng.uniform(-0.35, 0.35)) - np.float32(0.1)
    rose_x, rose_y = kept(stage.aim.x, 0.22, 0.78) * 2 - 1, kept(stage.aim.y, 0.3, 0.7) * 2 - 1
    height -= np.float32(0.75) * np.exp(-((cols - rose_x) ** 2 * np.float32(aspect**2) + (rows - rose_y) ** 2) / 0.3)
    return cv2.resize(height, (stage.width, stage.height), interpolation=cv2.INTER_CUBIC)


def _rhumb_lines(stage: Stage, rose: Points) -> None:
    reach = 2.0 * max(stage.width, stage.height)
    centres = [rose]
    for _ in range(2):
        centres.append(stage.rng.uniform(0, 1, 2) * (stage.width, stage.height))
    for order, centre in enumerate(centres):
        angles = np.linspace(0, 2 * np.pi, 32 if order == 0 else 16, endpoint=False)
        lines = [np.array([centre, centre + reach * np.array([np.cos(a), np.sin(a)])]) for a in angles]
        stage.canvas.strokes(lines, mix(INK, rgb("#8a3b2a"), 0.3), 1.4, 0.28)


def _compass_rose(stage: Stage, centre: Points) -> None:
    size = min(stage.width, stage.height) * stage.rng.uniform(0.13, 0.17)
    canvas, red = stage.canvas, mix(rgb("#8c3a26"), stage.mood.accent, 0.25)
    paper = lift(PAPER, 0.25)
    canvas.disc(centre[0], centre[1], size * 1.02, paper, 0.55, softness=5)
    ring = np.linspace(0, 2 * np.pi, 121)
    for reach, girth in ((1.0, 3), (0.93, 1.5), (0.5, 2)):
        circle = centre + size * reach * np.stack([np.cos(ring), np.sin(ring)], 1)
        canvas.strokes([circle], INK, girth, 0.85)
    for order, (count, reach, waist) in enumerate(((8, 0.78, 0.1), (4, 0.9, 0.14), (4, 1.3, 0.17))):
        offset = np.pi / 8 if order == 0 else (np.pi / 4 if order == 1 else 0)
        for angle in np.arange(count) * 2 * np.pi / count + offset:
            tip = centre + size * reach * np.array([np.cos(angle), np.sin(angle)])
            for side, ink in ((1, INK if order < 2 else red), (-1, paper)):
                flank = centre + size * waist * np.array([np.cos(angle + side * 0.785), np.sin(angle + side * 0.785)])
                canvas.polygon(np.array([centre, flank, tip]), ink)
                canvas.strokes([np.array([centre, tip, flank])], INK, 1.4, 0.9)
    canvas.disc(centre[0], centre[1], size * 0.07, red)


def _hill_signs(stage: Stage, height: Field) -> None:
    """Draw little shaded hills along a ridge, and trees, where there is land."""
    rng = stage.rng
    size = 26 * stage.unit
    spots = rng.uniform(0.03, 0.97, (190, 2)) * (stage.width, stage.height)
    for x, y in sorted(spots.tolist(), key=lambda spot: spot[1]):
        level = height[int(y), int(x)]
        if level > 0.3:
            _hill(stage, x, y, size * rng.uniform(0.8, 1.7))
        elif 0.07 < level < 0.2:
            _tree_sign(stage, x, y, size * rng.uniform(0.5, 0.8))


def _hill(stage: Stage, x: float, y: float, size: float) -> None:
    top = (x + size * 0.1, y - size * 1.15)
    outline = np.array(
        [(x - size, y), (x - size * 0.45, y - size * 0.65), top, (x + size * 0.5, y - size * 0.5), (x + size, y)]
    )
    stage.canvas.polygon(outline, mix(PAPER, rgb("#b58a4e"), 0.35), 0.95)
    stage.canvas.strokes([outline], INK, 2.2, 0.9)
    shade = [
        np.array(
            [(top[0] + size * 0.1 * k, top[1] + size * 0.13 * k), (top[0] + size * (0.04 + 0.08 * k), y - size * 0.1)]
        )
        for k in range(1, 7)
    ]
    stage.canvas.strokes(shade, INK, 1.4, 0.7)


def _tree_sign(stage: Stage, x: float, y: float, size: float) -> None:
    stage.canvas.strokes([np.array([(x, y), (x, y - size * 0.6)])], INK, 2, 0.8)
    stage.canvas.disc(x, y - size, size * 0.5, mix(rgb("#6c7a45"), PAPER, 0.3), 0.95)
    ring = np.linspace(0, 2 * np.pi, 25)
    stage.canvas.strokes(
        [np.stack([x + size * 0.5 * np.cos(ring), y - size + size * 0.5 * np.sin(ring)], 1)], INK, 1.4, 0.8
    )


def _sea_sign(stage: Stage, height: Field) -> None:
    """Set a ship where the sea is widest."""
    small = cv2.resize((height < 0).astype(np.uint8), (160, max(2, int(160 * stage.height / stage.width))))
    small[:14], small[-14:], small[:, :14], small[:, -14:] = 0, 0, 0, 0
    rose_x, rose_y = int(kept(stage.aim.x, 0.22, 0.78) * 160), int(kept(stage.aim.y, 0.3, 0.7) * small.shape[0])
    cv2.circle(small, (rose_x, rose_y), 34, 0, -1)
    room = cv2.distanceTransform(small, cv2.DIST_L2, 3)
    row, col = np.unravel_index(int(room.argmax()), room.shape)
    if room.max() > 6:
        scale = stage.width / 160
        size = min(stage.width, stage.height) * 0.15
        figures.place(stage.canvas, "ship", stage.rng, col * scale, row * scale + size / 2, size, mix(INK, PAPER, 0.1))


def _folds(stage: Stage) -> None:
    """Crease the sheet where it was folded."""
    light = np.zeros((stage.height, stage.width), np.float32)
    for share in (1 / 3, 2 / 3):
        light[:, int(share * stage.width)] = 1
    light[stage.height // 2] = 1
    light = cv2.GaussianBlur(light, (0, 0), 2.6 * stage.unit) * np.float32(5 * stage.unit)
    stage.canvas.darken(np.clip(light * 0.16, 0, 0.4), INK)
    stage.canvas.shine(np.clip(np.roll(light, 4, axis=(0, 1)) * 0.14, 0, 0.4), lift(PAPER, 0.4))


def _colonnade(stage: Stage, foot: float, size: float, share: float) -> None:
    rng, mood = stage.rng, stage.mood
    colour = mix(mix(mood.haze, mood.rock, 0.5), mood.shade, share)
    tall = size * stage.height * (0.8 if stage.is_tall else 1.15)
    girth = tall * 0.11
    gap = girth * rng.uniform(2.2, 2.7)
    start = stage.width * rng.uniform(-0.1, 0.1)
    whole = rng.random(40) > 0.35
    x, index = start, 0
    while x < stage.width * 1.05 and index < 39:
        skip = abs(x - kept(stage.aim.x, 0.25, 0.75) * stage.width) < gap * 1.3 or rng.random() < 0.18
        if not skip:
            rise = tall if whole[index] else tall * rng.uniform(0.25, 0.8)
            _column(stage, x, foot, girth, rise, colour, whole[index])
            if whole[index] and whole[index + 1] and rng.random() < 0.65:
                beam = np.array(
                    [
                        (x - girth, foot - tall * 1.08),
                        (x + gap + girth, foot - tall * 1.08),
                        (x + gap + girth, foot - tall),
                        (x - girth, foot - tall),
                    ]
                )
                stage.canvas.polygon(beam, colour)
                _column(stage, x + gap, foot, girth, tall, colour, True)
        x += gap
        index += 1


def _column(stage: Stage, x: float, foot: float, girth: float, rise: float, colour: Colour, whole: bool) -> None:
    half = girth / 2
    broken = stage.rng.uniform(-0.3, 0.3) * girth
    shaft = np.array(
        [
            (x - half, foot),
            (x - half * 0.84, foot - rise),
            (x + half * 0.84, foot - rise + (0 if whole else broken)),
            (x + half, foot),
        ]
    )
    shapes = [
        shaft,
        np.array(
            [
                (x - half * 1.4, foot),
                (x - half * 1.2, foot - girth * 0.35),
                (x + half * 1.2, foot - girth * 0.35),
                (x + half * 1.4, foot),
            ]
        ),
    ]
    if whole:
        head = foot - rise
        shapes.append(
            np.array(
                [
                    (x - half * 0.9, head + girth * 0.35),
                    (x - half * 1.5, head),
                    (x + half * 1.5, head),
                    (x + half * 0.9, head + girth * 0.35),
                ]
            )
        )
    stage.canvas.polygons(shapes, colour)
    flutes = [
        np.array([(x + half * k, foot - girth * 0.4), (x + half * k * 0.85, foot - rise * 0.96)])
        for k in (-0.5, 0.0, 0.5)
    ]
    stage.canvas.strokes(flutes, lift(colour, -0.3), girth * 0.05 / stage.unit, 0.6)
    lit = 1 if x < kept(stage.aim.x, 0.25, 0.75) * stage.width else -1
    edge = np.array([(x + lit * half * 0.92, foot), (x + lit * half * 0.78, foot - rise * 0.97)])
    stage.canvas.strokes([edge], mix(colour, stage.mood.light, 0.65), girth * 0.07 / stage.unit, 0.75, softness=1)


def _towers(stage: Stage, x: float, hill: Field, short: float, stone: Colour) -> None:
    rng = stage.rng
    places = np.sort(rng.uniform(-0.27, 0.27, 9))
    light = 1 if stage.aim.x > 0.5 else -1
    for place in sorted(places.tolist(), key=lambda at: rng.random()):
        centre = x + place * short
        foot = float(hill[int(np.clip(centre, 0, stage.width - 1))]) + 0.03 * short
        tall, half = short * rng.uniform(0.1, 0.2) * (1.3 - 2 * abs(place)), short * rng.uniform(0.018, 0.034)
        _tower(stage, centre, foot, half, tall, mix(stone, stage.mood.haze, float(rng.uniform(0, 0.14))), light)
    wall = np.linspace(-0.31, 0.31, 80)
    feet = np.array([float(hill[int(np.clip(x + at * short, 0, stage.width - 1))]) for at in wall])
    teeth = np.where(np.arange(80) % 2 == 0, 0.052, 0.042) * short
    top = np.stack([x + wall * short, feet - teeth], 1)
    steps = np.repeat(top, 2, axis=0)
    steps[1:-1:2, 0] = steps[2::2, 0]
    bottom = np.stack([x + wall * short, feet + 0.04 * short], 1)[::-1]
    stage.canvas.polygon(np.concatenate([steps, bottom]), lift(stone, -0.12))


def _tower(stage: Stage, x: float, foot: float, half: float, tall: float, stone: Colour, light: int) -> None:
    head = foot - tall
    body = np.array([(x - half, foot), (x - half, head), (x + half, head), (x + half, foot)])
    lip = np.array(
        [
            (x - half * 1.25, head),
            (x - half * 1.25, head - half * 0.6),
            (x + half * 1.25, head - half * 0.6),
            (x + half * 1.25, head),
        ]
    )
    stage.canvas.polygons([body, lip], stone)
    side = np.array(
        [(x, foot), (x, head - half * 0.6), (x + light * half, head - half * 0.6), (x + light * half, foot)]
    )
    stage.canvas.polygon(side, mix(stone, stage.mood.light, 0.24), 0.7)
    if stage.chance(0.55):
        roof = np.array(
            [(x - half * 1.4, head - half * 0.6), (x, head - half * 3.4), (x + half * 1.4, head - half * 0.6)]
        )
        stage.canvas.polygon(roof, mix(stone, mix(stage.mood.accent, stage.mood.shade, 0.55), 0.75))
    slit = np.array(
        [
            (x - half * 0.12, head + half * 1.6),
            (x - half * 0.12, head + half),
            (x + half * 0.12, head + half),
            (x + half * 0.12, head + half * 1.6),
        ]
    )
    stage.canvas.polygon(slit, mix(stage.mood.accent, stage.mood.light, 0.4), 0.9)
