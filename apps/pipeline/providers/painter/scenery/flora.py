"""Plants as silhouettes: firs, leafy trees, grass."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from apps.pipeline.providers.painter.scenery.canvas import Canvas, Points
from apps.pipeline.providers.painter.scenery.noise import Field


def fir(rng: Generator, x: float, base: float, height: float) -> Points:
    """Return the outline of a fir of `height` pixels standing at (x, base)."""
    tiers = int(rng.integers(8, 13))
    girth = height * rng.uniform(0.19, 0.26)
    left: list[tuple[float, float]] = []
    right: list[tuple[float, float]] = []
    for tier in range(tiers):
        share = (tier + 1) / tiers
        y = base - height * (1 - share * 0.94)
        reach = girth * share**0.9 * rng.uniform(0.8, 1.15)
        inner = reach * 0.45
        left += [(x - reach, y + height * 0.012), (x - inner, y - height * 0.006)]
        reach = girth * share**0.9 * rng.uniform(0.8, 1.15)
        right += [(x + reach, y + height * 0.012), (x + reach * 0.45, y - height * 0.006)]
    trunk = height * 0.018
    outline = [(x, base - height), *left, (x - trunk, base - height * 0.05), (x - trunk, base + height * 0.03)]
    outline += [(x + trunk, base + height * 0.03), (x + trunk, base - height * 0.05), *reversed(right)]
    return np.array(outline)


def fir_belt(
    canvas: Canvas, rng: Generator, ground: Field, colour: Field, height: float, spacing: float, scatter: float = 0.35
) -> None:
    """Plant firs of about `height` pixels along `ground` (a row per column), every `spacing` heights."""
    x = -height * rng.random()
    trees: list[Points] = []
    while x < canvas.width + height:
        column = int(np.clip(x, 0, canvas.width - 1))
        size = height * rng.uniform(1 - scatter, 1 + scatter)
        trees.append(fir(rng, x, float(ground[column]) + size * 0.06, size))
        x += height * spacing * rng.uniform(0.4, 1.6)
    canvas.polygons(trees, colour)


def leafy(rng: Generator, x: float, base: float, height: float) -> list[Points]:
    """Return trunk, limbs and leaf clumps of a broad tree."""
    shapes: list[Points] = []
    lean = rng.uniform(-0.06, 0.06) * height
    trunk = height * 0.035
    fork = base - height * 0.42
    shapes.append(
        np.array(
            [
                (x - trunk * 1.7, base),
                (x - trunk * 0.7 + lean, fork),
                (x + trunk * 0.7 + lean, fork),
                (x + trunk * 1.7, base),
            ]
        )
    )
    for _ in range(7):
        angle = rng.uniform(-1.1, 1.1)
        tip = np.array([x + lean + np.sin(angle) * height * 0.32, fork - np.cos(angle) * height * 0.3])
        shapes.append(np.array([(x + lean - trunk * 0.4, fork + trunk), tip, (x + lean + trunk * 0.4, fork + trunk)]))
    for _ in range(46):
        angle, reach = rng.uniform(0, 2 * np.pi), np.sqrt(rng.random())
        centre_x = x + lean + np.cos(angle) * reach * height * 0.36
        centre_y = base - height * 0.7 + np.sin(angle) * reach * height * 0.25
        shapes.append(_clump(rng, centre_x, centre_y, height * rng.uniform(0.05, 0.1)))
    return shapes


def grass(canvas: Canvas, rng: Generator, ground: Field, colour: Field, height: float, count: int) -> None:
    """Grow bent blades of about `height` pixels along `ground`."""
    xs = rng.uniform(-10, canvas.width + 10, count)
    blades: list[Points] = []
    for x in xs:
        size = height * rng.uniform(0.35, 1.15)
        bend = size * rng.uniform(-0.5, 0.55)
        girth = max(1.0, size * 0.028)
        base = float(ground[int(np.clip(x, 0, canvas.width - 1))]) + size * 0.2
        middle = (x + bend * 0.35, base - size * 0.62)
        blades.append(
            np.array(
                [
                    (x - girth, base),
                    (middle[0] - girth * 0.7, middle[1]),
                    (x + bend, base - size),
                    (middle[0] + girth * 0.7, middle[1]),
                    (x + girth, base),
                ]
            )
        )
    canvas.polygons(blades, colour)


def _clump(rng: Generator, x: float, y: float, radius: float) -> Points:
    angles = np.linspace(0, 2 * np.pi, 26, endpoint=False)
    rough = radius * (1 + rng.uniform(-0.24, 0.24, angles.size))
    return np.stack([x + np.cos(angles) * rough * 1.2, y + np.sin(angles) * rough], 1)
