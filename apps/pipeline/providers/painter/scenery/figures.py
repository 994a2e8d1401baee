"""Silhouettes of the living and of vessels, each as polygons around a foot point."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from apps.pipeline.providers.painter.scenery.canvas import Canvas, Points
from apps.pipeline.providers.painter.scenery.noise import Field

Shapes = list[Points]


def place(canvas: Canvas, name: str, rng: Generator, x: float, base: float, size: float, colour: Field) -> None:
    """Stand the named silhouette at (x, base), `size` pixels high; unknown names stand a walker."""
    flip = -1.0 if rng.random() < 0.5 else 1.0
    shapes = FIGURES.get(name, _walker)()
    canvas.polygons([shape * (size * flip, size) + (x, base) for shape in shapes], colour)


def birds(canvas: Canvas, rng: Generator, x: float, y: float, spread: float, colour: Field, count: int) -> None:
    """Scatter far birds around (x, y)."""
    flock: Shapes = []
    for _ in range(count):
        size = spread * rng.uniform(0.035, 0.075)
        at = np.array([x + rng.normal() * spread * 0.6, y + rng.normal() * spread * 0.22])
        lift = rng.uniform(0.25, 0.6)
        wing = np.array(
            [
                (-1, -lift),
                (-0.5, -lift * 0.92),
                (0, 0),
                (0.5, -lift * 0.92),
                (1, -lift),
                (0.5, -lift * 0.5),
                (0, 0.22),
                (-0.5, -lift * 0.5),
            ]
        )
        flock.append(wing * size + at)
    canvas.polygons(flock, colour, 0.9)


def _oval(x: float, y: float, across: float, down: float, turn: float = 0.0) -> Points:
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    points = np.stack([across * np.cos(angles), down * np.sin(angles)], 1)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return np.asarray(points @ rotation + (x, y))


def _limb(*joints: tuple[float, float, float]) -> Points:
    """Return a rounded, tapering band through joints of (x, y, half width)."""
    line = np.array(joints)
    ahead = np.gradient(line[:, :2], axis=0)
    normal = np.stack([-ahead[:, 1], ahead[:, 0]], 1) / (np.hypot(ahead[:, 0], ahead[:, 1])[:, None] + 1e-9)
    side = normal * line[:, 2:]
    return _rounded(np.concatenate([line[:, :2] + side, (line[:, :2] - side)[::-1]]))


def _rounded(outline: Points) -> Points:
    """Return the closed outline with its corners cut twice (Chaikin 1974)."""
    for _ in range(2):
        after = np.roll(outline, -1, axis=0)
        outline = np.stack([0.8 * outline + 0.2 * after, 0.2 * outline + 0.8 * after], 1).reshape(-1, 2)
    return outline


def _walker() -> Shapes:
    return [
        _oval(0.015, -0.925, 0.062, 0.075),
        _limb((0, -0.87, 0.03), (-0.005, -0.8, 0.085), (-0.01, -0.66, 0.09), (-0.01, -0.46, 0.088)),
        _limb((-0.09, -0.8, 0.03), (-0.125, -0.72, 0.075), (-0.125, -0.58, 0.075), (-0.09, -0.52, 0.03)),
        _limb((0.01, -0.5, 0.065), (0.075, -0.27, 0.045), (0.05, -0.02, 0.03), (0.1, 0.0, 0.022)),
        _limb((-0.03, -0.5, 0.065), (-0.055, -0.26, 0.045), (-0.135, -0.05, 0.03), (-0.1, -0.01, 0.02)),
        _limb((0.02, -0.8, 0.035), (0.07, -0.66, 0.03), (0.14, -0.56, 0.022)),
    ]


def _watcher() -> Shapes:
    return [
        _oval(0, -0.925, 0.06, 0.075),
        _limb((0, -0.87, 0.03), (0, -0.82, 0.1), (0, -0.66, 0.1), (0, -0.47, 0.095)),
        _limb((-0.045, -0.5, 0.055), (-0.055, -0.26, 0.042), (-0.06, 0.0, 0.036)),
        _limb((0.045, -0.5, 0.055), (0.055, -0.26, 0.042), (0.065, 0.0, 0.036)),
        _limb((-0.09, -0.82, 0.033), (-0.135, -0.65, 0.03), (-0.12, -0.46, 0.022)),
        _limb((0.09, -0.82, 0.033), (0.135, -0.65, 0.03), (0.12, -0.46, 0.022)),
    ]


def _victor() -> Shapes:
    raised = _watcher()[:4]
    return [
        *raised,
        _limb((-0.085, -0.81, 0.036), (-0.2, -0.93, 0.03), (-0.26, -1.12, 0.02)),
        _limb((0.085, -0.81, 0.036), (0.2, -0.93, 0.03), (0.26, -1.12, 0.02)),
    ]


def _crowd() -> Shapes:
    group: Shapes = []
    for x, size in ((-0.55, 0.94), (-0.24, 1.02), (0.06, 0.9), (0.34, 0.98), (0.64, 0.92)):
        group += [shape * size + (x, 0) for shape in _watcher()]
    return group


def _family() -> Shapes:
    group: Shapes = []
    for x, size in ((-0.26, 1.0), (0.06, 0.62), (0.36, 0.93)):
        group += [shape * size + (x, 0) for shape in _watcher()]
    return [
        *group,
        _limb((-0.14, -0.47, 0.014), (-0.02, -0.4, 0.012)),
        _limb((0.14, -0.4, 0.012), (0.25, -0.45, 0.014)),
    ]


def _cat() -> Shapes:
    """A seated cat, seen from the side."""
    return [
        _oval(0.1, -0.76, 0.155, 0.135),
        np.array([(-0.03, -0.8), (-0.02, -1.0), (0.09, -0.86)]),
        np.array([(0.12, -0.87), (0.22, -1.0), (0.24, -0.79)]),
        _limb((0.1, -0.7, 0.09), (0.07, -0.55, 0.15), (0.0, -0.35, 0.19), (-0.06, -0.15, 0.24), (-0.05, 0.0, 0.22)),
        _limb((0.13, -0.5, 0.09), (0.19, -0.25, 0.06), (0.2, -0.02, 0.045), (0.27, 0.0, 0.02)),
        _limb(
            (-0.2, -0.03, 0.045),
            (-0.42, -0.03, 0.042),
            (-0.55, -0.12, 0.04),
            (-0.56, -0.26, 0.036),
            (-0.48, -0.34, 0.016),
        ),
    ]


def _dog() -> Shapes:
    legs = [
        _limb((x, -0.5, 0.1), (x + bend, -0.3, 0.05), (x, -0.05, 0.036), (x + 0.05, 0.0, 0.045))
        for x, bend in ((-0.4, -0.05), (-0.28, 0.03), (0.19, 0.0), (0.29, 0.03))
    ]
    return [
        _oval(-0.32, -0.58, 0.17, 0.15),
        _oval(0.2, -0.6, 0.18, 0.18),
        _limb((-0.38, -0.59, 0.13), (-0.08, -0.58, 0.125), (0.24, -0.61, 0.15)),
        _limb((0.2, -0.66, 0.15), (0.33, -0.82, 0.1), (0.4, -0.92, 0.09)),
        _oval(0.42, -0.93, 0.115, 0.1),
        _limb((0.44, -0.92, 0.075), (0.56, -0.88, 0.058), (0.66, -0.86, 0.045)),
        np.array([(0.31, -0.98), (0.32, -1.14), (0.43, -1.0)]),
        *legs,
        _limb((-0.42, -0.64, 0.05), (-0.54, -0.72, 0.042), (-0.6, -0.86, 0.034), (-0.58, -1.0, 0.014)),
    ]


def _horse() -> Shapes:
    legs = [
        _limb(
            (x, -0.62, 0.075),
            (x + bend * 0.3, -0.42, 0.05),
            (x + bend, -0.26, 0.03),
            (x + bend, -0.05, 0.026),
            (x + bend + 0.03, 0.0, 0.036),
        )
        for x, bend in ((-0.43, -0.05), (-0.31, 0.03), (0.19, -0.02), (0.29, 0.07))
    ]
    return [
        _oval(-0.34, -0.7, 0.2, 0.165),
        _oval(0.18, -0.69, 0.2, 0.165),
        _limb((-0.4, -0.69, 0.15), (-0.1, -0.67, 0.145), (0.25, -0.69, 0.15)),
        _limb((0.16, -0.7, 0.17), (0.3, -0.86, 0.115), (0.4, -1.0, 0.085), (0.47, -1.1, 0.06)),
        _limb((0.4, -1.08, 0.06), (0.5, -1.07, 0.072), (0.6, -0.98, 0.05), (0.68, -0.9, 0.045)),
        np.array([(0.42, -1.1), (0.44, -1.22), (0.5, -1.1)]),
        _limb((0.14, -0.86, 0.03), (0.25, -1.0, 0.045), (0.36, -1.13, 0.035), (0.42, -1.16, 0.01)),
        *legs,
        _limb((-0.48, -0.78, 0.03), (-0.56, -0.7, 0.05), (-0.59, -0.5, 0.055), (-0.56, -0.28, 0.012)),
    ]


def _ship() -> Shapes:
    """A three-master under sail; its foot is the waterline."""
    hull = np.array(
        [
            (-0.56, -0.14),
            (-0.6, -0.22),
            (-0.42, -0.19),
            (-0.38, -0.15),
            (0.36, -0.14),
            (0.56, -0.2),
            (0.48, -0.04),
            (0.4, 0.015),
            (-0.46, 0.015),
        ]
    )
    shapes = [hull, _limb((0.5, -0.18, 0.012), (0.82, -0.32, 0.006))]
    for x, top, reach in ((-0.34, 0.82, 0.17), (0.02, 1.0, 0.21), (0.33, 0.86, 0.17)):
        shapes.append(_limb((x, -0.1, 0.011), (x, -top, 0.005)))
        shapes += [
            _sail(x, -top * low, -top * high, reach * girth)
            for low, high, girth in ((0.24, 0.52, 1.0), (0.55, 0.77, 0.82), (0.8, 0.95, 0.6))
        ]
    shapes.append(np.array([(0.42, -0.24), (0.8, -0.32), (0.37, -0.78)]))
    return shapes


def _sail(x: float, foot: float, head: float, reach: float) -> Points:
    belly = np.linspace(0, np.pi, 9)
    ys = np.linspace(head, foot, 9)
    right = x + reach * np.linspace(0.82, 1, 9) + 0.035 * np.sin(belly)
    left = x - reach * np.linspace(0.82, 1, 9) + 0.03 * np.sin(belly)
    return np.concatenate([np.stack([right, ys], 1), np.stack([left, ys], 1)[::-1]])


def _boat() -> Shapes:
    return [
        np.array([(-0.42, -0.1), (0.46, -0.13), (0.34, 0.02), (-0.32, 0.02)]),
        _limb((0.0, -0.08, 0.012), (0.0, -1.0, 0.006)),
        np.array([(0.03, -0.98), (0.1, -0.7), (0.3, -0.38), (0.44, -0.18), (0.03, -0.16)]),
        np.array([(-0.03, -0.86), (-0.1, -0.55), (-0.3, -0.18), (-0.03, -0.17)]),
    ]


FIGURES: dict[str, Callable[[], Shapes]] = {
    "walker": _walker,
    "watcher": _watcher,
    "victor": _victor,
    "crowd": _crowd,
    "family": _family,
    "cat": _cat,
    "dog": _dog,
    "horse": _horse,
    "ship": _ship,
    "boat": _boat,
}
