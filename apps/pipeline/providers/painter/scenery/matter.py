"""Small worlds: cells, molecules, neurons, crystals, the double helix, waves, field lines."""

from __future__ import annotations

import cv2
import numpy as np

from apps.pipeline.contracts import Focus
from apps.pipeline.providers.painter.scenery import sky
from apps.pipeline.providers.painter.scenery.canvas import Points, blurred, spread
from apps.pipeline.providers.painter.scenery.noise import Field, clouds, smoothstep
from apps.pipeline.providers.painter.scenery.palette import Colour, lift, mix
from apps.pipeline.providers.painter.scenery.stage import Stage, kept


def cells(stage: Stage) -> Focus:
    """Living cells in fluid, some sharp, some out of focus."""
    x, y, short = _fluid(stage)
    rng = stage.rng
    for depth in range(3):
        for _ in range((9, 7, 3)[depth]):
            at = rng.uniform(-0.1, 1.1, 2) * (stage.width, stage.height)
            _cell(
                stage, at[0], at[1], short * rng.uniform(0.06, 0.12) * (1 + 0.5 * depth), (9.0, 3.0, 16.0)[depth], depth
            )
        if depth == 1:
            _cell(stage, x, y, short * rng.uniform(0.24, 0.3), 0.0, 2)
    return Focus(x / stage.width, y / stage.height)


def molecule(stage: Stage) -> Focus:
    """Atoms as lit balls joined by bonds, one molecule near, others behind."""
    x, y, short = _fluid(stage)
    rng = stage.rng
    for _ in range(5):
        at = rng.uniform(0, 1, 2) * (stage.width, stage.height)
        _lattice(stage, at[0], at[1], short * 0.035, 7, blur=7.0)
    _lattice(stage, x, y, short * rng.uniform(0.062, 0.08), int(rng.integers(13, 19)), blur=0.0)
    return Focus(x / stage.width, y / stage.height)


def neurons(stage: Stage) -> Focus:
    """Nerve cells reaching for each other, signals on the way."""
    x, y, short = _fluid(stage)
    rng, mood = stage.rng, stage.mood
    warm = mix(mood.accent, mood.light, 0.25)
    for depth, (count, blur, bright) in enumerate(((5, 5.0, 0.35), (3, 1.2, 0.6), (1, 0.0, 1.0))):
        for index in range(count):
            place = (x, y) if depth == 2 else rng.uniform(0.02, 0.98, 2) * (stage.width, stage.height)
            size = short * (0.16 + 0.12 * depth)
            colour = mix(mix(mood.zenith, mood.sky, 0.7), warm, bright)
            lines, tips = _dendrites(stage, float(place[0]), float(place[1]), size, 7 + depth + index % 2)
            for girth, strands in lines.items():
                stage.canvas.strokes(strands, colour, girth * (1 + depth * 0.5), 0.9, blur)
            sky.halo(stage.canvas, place[0], place[1], size * 0.6, colour, 0.5 * bright)
            stage.canvas.disc(place[0], place[1], size * 0.085, lift(colour, 0.35), 0.95, softness=blur + 2)
            for tip in tips[: 3 + 3 * depth]:
                sky.halo(stage.canvas, tip[0], tip[1], short * 0.03, mood.light, 0.55 * bright)
    return Focus(x / stage.width, y / stage.height)


def crystals(stage: Stage) -> Focus:
    """A cluster of crystals growing out of rock, glowing from within."""
    x, _, short = _fluid(stage)
    rng, inks = stage.rng, stage.inks
    base = stage.height * rng.uniform(0.7, 0.86)
    sky.halo(stage.canvas, x, base - short * 0.2, short * 0.7, mix(stage.mood.accent, inks[-2], 0.5), 0.7)
    order = sorted(rng.uniform(-1, 1, 19), key=lambda lean: -abs(lean))
    for index, lean in enumerate(order):
        share = index / len(order)
        foot = x + lean * short * 0.42 * rng.uniform(0.4, 1.1)
        length = short * (0.62 - 0.34 * abs(lean)) * rng.uniform(0.55, 1.05) * (1 - 0.45 * share * rng.random())
        hue = mix(inks[int(rng.integers(1, len(inks) - 1))], stage.mood.accent, 0.3)
        _crystal(stage, foot, base + short * (0.02 + 0.05 * share), length, lean * 0.75 + rng.normal() * 0.08, hue)
    ground = base - short * 0.015 + clouds(rng, (4, stage.width), (1, 9), 6)[2] * short * 0.05
    rows = np.arange(stage.height, dtype=np.float32)[:, None]
    stage.canvas.lay(np.clip(rows - ground[None], 0, 1), lift(stage.mood.shade, 0.02))
    return Focus(x / stage.width, (base - short * 0.25) / stage.height)


def helix(stage: Stage) -> Focus:
    """The double helix, turning through the picture."""
    x, y, short = _fluid(stage)
    rng = stage.rng
    lean = rng.uniform(0.25, 0.6) * rng.choice([-1, 1]) + (0 if stage.is_tall else 0.9 * rng.choice([-1, 1]))
    along = np.array([np.sin(lean), np.cos(lean)])
    across = np.array([along[1], -along[0]])
    reach, radius, turns = (
        1.25 * np.hypot(stage.width, stage.height),
        short * rng.uniform(0.13, 0.18),
        rng.uniform(5, 7),
    )
    steps = np.linspace(-0.5, 0.5, 110)
    phase = steps * turns * 2 * np.pi + rng.uniform(0, 6)
    beads: list[tuple[float, Points, int]] = []
    for strand in range(2):
        angle = phase + strand * np.pi * 0.86
        spots = np.array([x, y]) + along * (steps * reach)[:, None] + across * (np.cos(angle) * radius)[:, None]
        beads += [(float(np.sin(a)), spot, strand) for a, spot in zip(angle, spots, strict=True)]
    _rungs(stage, beads)
    for depth, spot, strand in sorted(beads, key=lambda bead: bead[0]):
        hue = stage.inks[-2] if strand else stage.mood.accent
        _ball(
            stage, spot[0], spot[1], short * (0.024 + 0.008 * depth), mix(stage.mood.zenith, hue, 0.68 + 0.32 * depth)
        )
    return Focus(x / stage.width, y / stage.height)


def waves(stage: Stage) -> Focus:
    """Two sources, their waves meeting on a dark surface."""
    x, y, short = _fluid(stage)
    rng = stage.rng
    rows = np.arange(0, stage.height, 2, dtype=np.float32)[:, None]
    cols = np.arange(0, stage.width, 2, dtype=np.float32)[None]
    horizon = stage.height * rng.uniform(0.16, 0.3)
    depth = np.clip((rows - horizon) / np.float32(stage.height - horizon), 1e-3, 1)
    far, aside = 1 / (depth + 0.12), (cols - np.float32(x)) / np.float32(short)
    span = rng.uniform(0.5, 1.1)
    field = np.zeros(np.broadcast_shapes(rows.shape, cols.shape), np.float32)
    for source in (-span / 2, span / 2):
        distance = np.hypot(aside * far - np.float32(source), (far - 2.2) * 1.1)
        field += np.cos(distance * np.float32(rng.uniform(19, 23))) * np.exp(-distance * 0.3)
    visible = smoothstep(0.0, 0.22, np.broadcast_to(depth, field.shape)) * (rows > horizon)
    crest = smoothstep(0.1, 1.5, field)
    trough = smoothstep(0.2, -1.6, field)
    stage.canvas.shine(_grow(stage, crest * visible * 0.9), mix(stage.mood.accent, stage.inks[-2], 0.4))
    stage.canvas.shine(_grow(stage, crest**4 * visible), stage.mood.light)
    stage.canvas.darken(_grow(stage, trough * visible * 0.6), stage.mood.zenith)
    return Focus(x / stage.width, kept(y / stage.height, 0.45, 0.6))


def field_lines(stage: Stage) -> Focus:
    """Lines of force around two poles."""
    x, y, short = _fluid(stage)
    rng = stage.rng
    lean, gap = rng.uniform(-0.7, 0.7), short * rng.uniform(0.2, 0.3)
    axis = np.array([np.cos(lean), np.sin(lean)]) * gap
    poles = [(np.array([x, y]) - axis, 1.0), (np.array([x, y]) + axis, -1.0)]
    starts = np.linspace(0, 2 * np.pi, int(rng.integers(26, 36)), endpoint=False)
    paths = _follow(poles, np.stack([np.cos(starts), np.sin(starts)], 1) * short * 0.03 + poles[0][0], short * 0.011)
    back = [(place, -sign) for place, sign in poles]
    paths += _follow(back, np.stack([np.cos(starts), np.sin(starts)], 1) * short * 0.03 + poles[1][0], short * 0.011)
    cool, warm = stage.inks[-2], stage.mood.accent
    half = len(paths) // 2
    for lines, hue in ((paths[:half], warm), (paths[half:], mix(cool, stage.mood.sky, 0.3))):
        stage.canvas.strokes(lines, hue, 9, 0.2, softness=7)
        stage.canvas.strokes(lines, lift(hue, 0.3), 2.6, 0.85)
    for (place, _), hue in zip(poles, (warm, cool), strict=True):
        sky.halo(stage.canvas, place[0], place[1], short * 0.24, hue, 0.8)
        _ball(stage, place[0], place[1], short * 0.055, hue)
    return Focus(x / stage.width, y / stage.height)


def _fluid(stage: Stage) -> tuple[float, float, float]:
    """Fill the sheet with soft depth; return the subject's place and the sheet's short side in pixels."""
    mood, rng = stage.mood, stage.rng
    low, high = (0.4, 0.6) if stage.is_tall else (0.28, 0.72)
    x, y = kept(stage.aim.x, low, high) * stage.width, kept(stage.aim.y, 0.34, 0.6) * stage.height
    short = float(min(stage.width, stage.height))
    stage.canvas.fill(mix(mood.zenith, mood.shade, 0.35))
    shape = (stage.height // 8, stage.width // 8)
    haze = clouds(rng, shape, (2.2, 2.2 * stage.width / stage.height), 4, 0.45)
    stage.canvas.shine(_grow(stage, np.clip(0.22 + haze * 0.5, 0, 1)), mood.sky)
    sky.halo(stage.canvas, x, y, short * 0.75, mix(mood.sky, mood.accent, 0.4), 0.55)
    light = (stage.width * rng.uniform(0.1, 0.9), -0.05 * stage.height)
    sky.paint_rays(stage.canvas, rng, light[0], light[1], mood.horizon, 0.3)
    _motes(stage)
    return x, y, short


def _motes(stage: Stage) -> None:
    layer = np.zeros((stage.height, stage.width), np.float32)
    for _ in range(90):
        at = stage.rng.uniform(0, 1, 2) * (stage.width, stage.height)
        size = stage.unit * stage.rng.uniform(1.5, 9)
        cv2.circle(layer, (int(at[0]), int(at[1])), int(size) + 1, float(stage.rng.uniform(0.05, 0.3)), -1, cv2.LINE_AA)
    stage.canvas.shine(cv2.GaussianBlur(layer, (0, 0), 2.2 * stage.unit), stage.mood.light)


def _cell(stage: Stage, x: float, y: float, radius: float, blur: float, depth: int) -> None:
    rng, mood = stage.rng, stage.mood
    angles = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    lumps = [rng.uniform(0, 0.05) * np.cos(angles * count + rng.uniform(0, 6)) for count in (2, 3, 5)]
    wobble = np.sum(lumps, axis=0)
    edge = np.stack([np.cos(angles), np.sin(angles)], 1) * (radius * (1 + wobble))[:, None]
    hue = mix(mix(stage.inks[-2], mood.accent, float(rng.random())), mood.sky, (0.5, 0.3, 0.05)[depth])
    centre = np.array([x, y])
    soft = 2 + blur
    stage.canvas.polygons([centre + edge], hue, 0.24, softness=soft)
    for shrink, alpha in ((1.0, 0.5), (0.94, 0.22), (0.86, 0.12)):
        ring = np.concatenate([edge, edge[:1]]) * shrink
        stage.canvas.strokes([centre + ring], lift(hue, 0.4), radius * 0.05 / stage.unit, alpha, soft)
    nucleus = centre + rng.uniform(-0.2, 0.2, 2) * radius
    stage.canvas.polygons([nucleus + edge * 0.36], lift(hue, -0.35), 0.6, softness=soft + 2)
    stage.canvas.polygons([nucleus + edge * 0.15], lift(mood.accent, 0.15), 0.8, softness=soft + 1)
    if blur < 4:
        for _ in range(16):
            spot = centre + edge[int(rng.integers(90))] * rng.uniform(0.45, 0.85)
            stage.canvas.disc(spot[0], spot[1], radius * rng.uniform(0.015, 0.05), lift(hue, 0.35), 0.5, softness=1.5)
    shine = centre - np.array([0.45, 0.5]) * radius
    stage.canvas.polygons([shine + edge * (0.26, 0.13)], mood.light, 0.3, softness=soft + radius * 0.03 / stage.unit)


def _lattice(stage: Stage, x: float, y: float, size: float, count: int, blur: float) -> None:
    """Grow a chain of atoms in space and paint it from back to front."""
    rng = stage.rng
    atoms = [np.zeros(3)]
    bonds: list[tuple[int, int]] = []
    for _ in range(count * 40):
        if len(atoms) >= count:
            break
        parent = int(rng.integers(max(0, len(atoms) - 5), len(atoms)))
        step = rng.normal(size=3)
        spot = atoms[parent] + step / np.linalg.norm(step) * 2.5 * (1.35, 0.95, 0.8)
        if min(np.linalg.norm(spot - other) for other in atoms) > 1.9:
            bonds.append((parent, len(atoms)))
            atoms.append(spot)
    cloud = np.array(atoms) - np.mean(atoms, axis=0)
    flat = cloud[:, :2] * size * (1 + cloud[:, 2:] * 0.035) + (x, y)
    cold = mix(stage.mood.zenith, stage.mood.sky, 0.5)
    for start, end in sorted(bonds, key=lambda bond: cloud[bond[0], 2] + cloud[bond[1], 2]):
        line = np.array([flat[start], flat[end]])
        stage.canvas.strokes([line], lift(cold, 0.35), size * 0.34 / stage.unit, 1, blur)
        stage.canvas.strokes([line - size * 0.05], lift(cold, 0.7), size * 0.1 / stage.unit, 0.8, blur + 1)
    hues = (stage.mood.accent, stage.inks[-2], lift(stage.inks[-1], -0.05), mix(stage.mood.sky, stage.inks[1], 0.3))
    for index in np.argsort(cloud[:, 2]):
        near = float(np.clip(0.75 + cloud[index, 2] * 0.06, 0.4, 1))
        hue = mix(cold, hues[int(index) % len(hues)], near)
        radius = size * (0.86 + 0.35 * (int(index) % 3 == 0)) * (1 + cloud[index, 2] * 0.035)
        _ball(stage, flat[index, 0], flat[index, 1], radius, hue, blur)


def _ball(stage: Stage, x: float, y: float, radius: float, hue: Colour, blur: float = 0.0) -> None:
    """Paint a lit sphere (pixels)."""
    pad = int(radius * 1.1 + blur * 3 * stage.unit) + 2
    x0, y0, x1, y1 = max(0, int(x) - pad), max(0, int(y) - pad), int(x) + pad, int(y) + pad
    x1, y1 = min(stage.width, x1), min(stage.height, y1)
    if x1 <= x0 or y1 <= y0:
        return
    rows, cols = np.mgrid[y0:y1, x0:x1].astype(np.float32)
    across, down = (cols - np.float32(x)) / np.float32(radius), (rows - np.float32(y)) / np.float32(radius)
    square = across**2 + down**2
    depth = np.sqrt(np.clip(1 - square, 0, 1))
    facing = np.clip(-0.5 * across - 0.6 * down + 0.62 * depth, 0, 1)
    gleam = np.clip(-0.42 * across - 0.5 * down + 0.76 * depth, 0, 1) ** 26
    rim = (1 - depth) ** 3
    lit = (
        spread(hue) * (0.2 + 0.9 * facing)
        + spread(stage.mood.light) * (gleam * 0.75)
        + spread(stage.mood.sky) * (rim * 0.3)
    )
    cover = np.clip((1 - np.sqrt(square)) * radius + 0.5, 0, 1).astype(np.float32)
    if blur > 0:
        cover = blurred(cover, blur * stage.unit)
    stage.canvas.lay(cover, np.clip(lit, 0, 1).astype(np.float32), (x0, y0))


def _rungs(stage: Stage, beads: list[tuple[float, Points, int]]) -> None:
    half = len(beads) // 2
    for index in range(0, half, 2):
        pair = np.array([beads[index][1], beads[index + half][1]])
        middle = pair.mean(axis=0)
        stage.canvas.strokes([np.array([pair[0], middle])], mix(stage.mood.accent, stage.mood.zenith, 0.3), 9, 0.85)
        stage.canvas.strokes([np.array([middle, pair[1]])], mix(stage.inks[-2], stage.mood.zenith, 0.3), 9, 0.85)


def _dendrites(
    stage: Stage, x: float, y: float, size: float, arms: int
) -> tuple[dict[float, list[Points]], list[Points]]:
    """Return branching strands by thickness (units), and their outer ends."""
    rng = stage.rng
    strands: dict[float, list[Points]] = {7.0: [], 4.0: [], 2.0: []}
    tips: list[Points] = []
    queue = [(np.array([x, y]), angle, size, 0) for angle in np.linspace(0, 2 * np.pi, arms, endpoint=False)]
    while queue:
        start, angle, length, level = queue.pop()
        bend = angle + np.cumsum(rng.normal(0, 0.16, 14))
        steps = np.stack([np.cos(bend), np.sin(bend)], 1) * (length / 14)
        path = np.concatenate([start[None], start + np.cumsum(steps, axis=0)])
        strands[(7.0, 4.0, 2.0)[level]].append(path)
        if level < 2:
            queue += [(path[-1], bend[-1] + turn, length * 0.62, level + 1) for turn in (-0.5, 0.45)]
            queue.append((path[7], bend[6] + rng.choice([-0.8, 0.8]), length * 0.5, level + 1))
        else:
            tips.append(path[-1])
    order = rng.permutation(len(tips))
    return strands, [tips[index] for index in order]


def _crystal(stage: Stage, x: float, y: float, length: float, lean: float, hue: Colour) -> None:
    along = np.array([np.sin(lean), -np.cos(lean)])
    side = np.array([along[1], -along[0]]) * -1
    girth = length * 0.13
    foot, shoulder, tip = np.array([x, y]), np.array([x, y]) + along * length * 0.8, np.array([x, y]) + along * length
    ridge = side * girth * 0.25
    left = np.array([foot - side * girth, shoulder - side * girth, tip, shoulder + ridge, foot + ridge])
    right = np.array([foot + ridge, shoulder + ridge, tip, shoulder + side * girth, foot + side * girth])
    stage.canvas.polygon(left, lift(hue, -0.28), 0.93)
    stage.canvas.polygon(right, lift(hue, 0.18), 0.93)
    facet = np.array([shoulder + ridge, tip, shoulder + side * girth])
    stage.canvas.polygon(facet, lift(hue, 0.5), 0.8)
    inner = np.array([foot + ridge * 2.4, shoulder + ridge * 2.4])
    stage.canvas.strokes([inner], lift(hue, 0.7), 3, 0.5, softness=1.5)
    stage.canvas.strokes([np.array([foot + ridge, shoulder + ridge, tip])], lift(hue, 0.75), 2, 0.8)


def _follow(poles: list[tuple[Points, float]], starts: Points, step: float) -> list[Points]:
    """Trace the field from every start at once, 260 steps, stopping where a sink is reached."""
    spots = starts.astype(float).copy()
    alive = np.ones(len(spots), bool)
    track = [spots.copy()]
    for _ in range(260):
        force = np.zeros_like(spots)
        for place, sign in poles:
            away = spots - place
            distance = np.linalg.norm(away, axis=1, keepdims=True) + 1e-6
            force += sign * away / distance**3
            alive &= (distance[:, 0] > step * 2) | (sign > 0)
        move = force / (np.linalg.norm(force, axis=1, keepdims=True) + 1e-12) * step
        spots = spots + move * alive[:, None]
        track.append(spots.copy())
    return list(np.stack(track, axis=1))


def _grow(stage: Stage, field: Field) -> Field:
    return cv2.resize(field.astype(np.float32), (stage.width, stage.height), interpolation=cv2.INTER_CUBIC)
