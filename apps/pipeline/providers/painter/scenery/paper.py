"""Cut paper: sheets laid over each other, each with its fibre, its lit edge and its soft shadow."""

from __future__ import annotations

import cv2
import numpy as np

from apps.pipeline.contracts import Focus
from apps.pipeline.providers.painter.scenery import figures, flora
from apps.pipeline.providers.painter.scenery.canvas import spread
from apps.pipeline.providers.painter.scenery.noise import Field, clouds, profile
from apps.pipeline.providers.painter.scenery.palette import Colour, lift, mix
from apps.pipeline.providers.painter.scenery.stage import Stage, kept


def paper_hills(stage: Stage) -> Focus:
    """A landscape of paper: a disc for the sun, clouds on threads, hill after hill."""
    rng, inks = stage.rng, stage.inks
    fibre = _fibre(stage)
    x, y = kept(stage.aim.x, 0.2, 0.8) * stage.width, kept(stage.aim.y, 0.24, 0.42) * stage.height
    short = min(stage.width, stage.height)
    stage.canvas.fill(np.clip(spread(mix(inks[-1], inks[-2], 0.3)) * fibre, 0, 1))
    for ring, share in enumerate((0.9, 0.66, 0.45)):
        _sheet(stage, _round(stage, x, y, short * share), mix(inks[-1], inks[-2], 0.25 + 0.2 * ring), fibre, 0.4)
    _sheet(stage, _round(stage, x, y, short * rng.uniform(0.13, 0.18)), mix(inks[2], stage.mood.accent, 0.3), fibre)
    for _ in range(int(rng.integers(2, 5))):
        at = rng.uniform(0.08, 0.92) * stage.width, rng.uniform(0.1, 0.46) * stage.height
        _sheet(stage, _cloud(stage, at[0], at[1], short * rng.uniform(0.09, 0.17)), lift(inks[-1], 0.45), fibre)
    layers = int(rng.integers(5, 7))
    for layer in range(layers):
        share = layer / (layers - 1)
        base = (0.5 + 0.43 * share) * stage.height
        rise = profile(rng, stage.width, rng.uniform(1.4, 3.0), 2 if layer % 2 else 4, 0.4) * 0.13 * stage.height
        hue = _ramp(inks, 0.62 * (1 - share) + 0.02)
        _sheet(stage, _below(stage, base + rise), hue, fibre)
        if layer == layers - 2:
            _paper_trees(stage, base + rise, lift(hue, -0.2), fibre)
    return Focus(x / stage.width, y / stage.height)


def paper_depths(stage: Stage) -> Focus:
    """Sheets with an opening each, smaller and brighter towards the middle; the subject stands in the light."""
    rng, inks = stage.rng, stage.inks
    fibre = _fibre(stage)
    short = min(stage.width, stage.height)
    x, y = kept(stage.aim.x, 0.34, 0.66) * stage.width, kept(stage.aim.y, 0.4, 0.6) * stage.height
    glow = mix(inks[-1], stage.mood.light, 0.5)
    stage.canvas.fill(np.clip(spread(glow) * fibre, 0, 1))
    rows = np.arange(0, stage.height, 2, dtype=np.float32)[:, None] - np.float32(y)
    cols = np.arange(0, stage.width, 2, dtype=np.float32)[None] - np.float32(x)
    wide = stage.width / stage.height
    distance = np.hypot(cols / np.float32(max(1.0, wide**0.95)), rows / np.float32(max(1.0, wide**-0.8))) / np.float32(
        short
    )
    lumps = rng.uniform(2.5, 6)
    layers = 7
    for layer in range(layers):
        share = layer / (layers - 1)
        wobble = clouds(rng, rows.shape[:1] + cols.shape[1:], (lumps, lumps * wide), 2, 0.35) * (0.03 + 0.09 * share)
        hole = distance + wobble - np.float32(0.16 + 0.44 * share)
        size = (stage.width, stage.height)
        mask = np.clip(
            cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_CUBIC) * short * 0.7 + 0.5, 0, 1
        )
        _sheet(stage, mask, _ramp(inks, 0.86 * (1 - share)), fibre)
        if layer == 0:
            _in_the_light(stage, x, y, short)
    return Focus(x / stage.width, y / stage.height)


def paper_waves(stage: Stage) -> Focus:
    """Rolling bands of paper like a sea, a boat on the crest."""
    rng, inks = stage.rng, stage.inks
    fibre = _fibre(stage)
    short = min(stage.width, stage.height)
    x, y = kept(stage.aim.x, 0.22, 0.78) * stage.width, stage.row(0.22, 0.34)
    stage.canvas.fill(np.clip(spread(mix(inks[-1], inks[-2], 0.45)) * fibre, 0, 1))
    _sheet(stage, _round(stage, x, y, short * 0.15), mix(inks[2], stage.mood.accent, 0.4), fibre)
    cols = np.arange(stage.width, dtype=np.float32) / np.float32(short)
    layers = 8
    for layer in range(layers):
        share = layer / (layers - 1)
        base = (0.44 + 0.5 * share) * stage.height
        swing = np.float32(rng.uniform(3, 5.5))
        phase = cols * swing + rng.uniform(0, 6)
        crest = np.abs(np.sin(phase)) ** 0.7 if layer % 2 else 0.5 + 0.5 * np.sin(phase * 1.4)
        if layer == 3:
            _paper_boat(stage, 1 - x / stage.width, base, short, fibre)
        _sheet(
            stage, _below(stage, base - crest * 0.055 * short * (0.8 + share)), _ramp(inks, 0.55 - 0.5 * share), fibre
        )
    return Focus(x / stage.width, y / stage.height)


def _fibre(stage: Stage) -> Field:
    small = (stage.height // 2, stage.width // 2)
    grain = clouds(stage.rng, small, (90, 90 * stage.width / stage.height), 3, 0.8)
    return np.asarray(1 + cv2.resize(grain, (stage.width, stage.height)) * np.float32(0.028))


def _sheet(stage: Stage, whole: Field, colour: Colour, fibre: Field, shadow: float = 1.0) -> None:
    """Lay a sheet: its shadow falls around it, its upper edge catches light."""
    unit, (rows, cols) = stage.unit, _reach(whole, int(48 * stage.unit))
    mask, target = whole[rows, cols], stage.canvas.rgb[:, rows, cols]
    small = cv2.resize(mask, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    shade: Field = np.zeros_like(small)
    for blur, shift, strength in ((3.2, 2.6, 0.3), (11, 7, 0.2)):
        move = np.array([[1, 0, shift * unit * 0.4], [0, 1, -shift * unit * 0.2]], np.float32)
        soft = cv2.GaussianBlur(small, (0, 0), blur * unit)
        soft = cv2.warpAffine(soft, move, small.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        shade += soft * np.float32(strength * shadow)
    dark = cv2.resize(shade, mask.shape[::-1], interpolation=cv2.INTER_LINEAR)
    rim = np.clip(mask - np.roll(mask, (max(1, round(2 * unit)), max(1, round(unit))), axis=(0, 1)), 0, 1)
    rim[: round(3 * unit) + 1] = 0
    grain = fibre[rows, cols]
    for channel in range(3):
        plane: Field = target[channel]
        plane *= 1 - dark * (1 - stage.inks[0][channel])
        plane += (np.minimum(grain * colour[channel], 1) - plane) * mask
        plane += (lift(colour, 0.5)[channel] - plane) * (rim * np.float32(0.5))


def _reach(mask: Field, pad: int) -> tuple[slice, slice]:
    """Return the rows and columns the mask touches, `pad` pixels more on every side."""
    spans = []
    for axis, length in ((1, mask.shape[0]), (0, mask.shape[1])):
        touched = np.flatnonzero(mask.max(axis=axis) > 0)
        first, last = (int(touched[0]), int(touched[-1])) if touched.size else (0, length - 1)
        spans.append(slice(max(0, first - pad), min(length, last + pad + 1)))
    return spans[0], spans[1]


def _round(stage: Stage, x: float, y: float, radius: float) -> Field:
    rows = np.arange(stage.height, dtype=np.float32)[:, None] - np.float32(y)
    cols = np.arange(stage.width, dtype=np.float32)[None] - np.float32(x)
    return np.asarray(np.clip(np.float32(radius) - np.hypot(rows, cols) + np.float32(0.5), 0, 1))


def _below(stage: Stage, ground: Field) -> Field:
    rows = np.arange(stage.height, dtype=np.float32)[:, None]
    return np.asarray(np.clip(rows - ground[None].astype(np.float32) + np.float32(0.5), 0, 1))


def _cloud(stage: Stage, x: float, y: float, size: float) -> Field:
    mask = np.zeros((stage.height, stage.width), np.uint8)
    for place in np.linspace(-1, 1, 5):
        radius = size * (0.5 - 0.26 * abs(place)) * stage.rng.uniform(0.85, 1.15)
        cv2.circle(
            mask,
            (int((x + place * size) * 16), int((y - radius * 0.55) * 16)),
            int(radius * 16),
            255,
            -1,
            cv2.LINE_AA,
            4,
        )
    base = np.array(
        [
            (x - size * 1.2, y - size * 0.1),
            (x + size * 1.2, y - size * 0.1),
            (x + size * 1.2, y + size * 0.06),
            (x - size * 1.2, y + size * 0.06),
        ]
    )
    cv2.fillPoly(mask, [np.round(base * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    mask[int(kept(y + size * 0.06, 0, stage.height)) :] = 0
    return np.asarray(mask.astype(np.float32) / np.float32(255))


def _paper_trees(stage: Stage, ground: Field, colour: Colour, fibre: Field) -> None:
    mask = np.zeros((stage.height, stage.width), np.uint8)
    for x in stage.rng.uniform(0, stage.width, 9):
        foot, tall = float(ground[int(x)]) + 6 * stage.unit, stage.height * stage.rng.uniform(0.08, 0.16)
        for step in range(3):
            top, half = foot - tall * (0.45 + 0.27 * step), tall * (0.3 - 0.07 * step)
            cone = np.array([(x - half, top + tall * 0.42), (x, top - tall * 0.12), (x + half, top + tall * 0.42)])
            cv2.fillPoly(mask, [np.round(cone * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        trunk = np.array(
            [
                (x - tall * 0.03, foot),
                (x - tall * 0.03, foot - tall * 0.3),
                (x + tall * 0.03, foot - tall * 0.3),
                (x + tall * 0.03, foot),
            ]
        )
        cv2.fillPoly(mask, [np.round(trunk * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    _sheet(stage, mask.astype(np.float32) / np.float32(255), colour, fibre)


def _paper_boat(stage: Stage, share: float, base: float, short: float, fibre: Field) -> None:
    mask = np.zeros((stage.height, stage.width), np.uint8)
    x, size = kept(share, 0.2, 0.8) * stage.width, short * 0.13
    hull = np.array([(-1, -0.35), (1, -0.35), (0.6, 0.3), (-0.6, 0.3)]) * size + (x, base)
    sail = np.array([(-0.48, -0.42), (0.1, -1.5), (0.5, -0.42)]) * size + (x, base)
    for points in (hull, sail):
        cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    _sheet(stage, mask.astype(np.float32) / np.float32(255), lift(stage.inks[-1], 0.5), fibre)


def _in_the_light(stage: Stage, x: float, y: float, short: float) -> None:
    hue = _ramp(stage.inks, 0.15)
    ground = np.full(stage.width, y + short * 0.1, np.float32) + profile(stage.rng, stage.width, 3, 3) * short * 0.01
    stage.canvas.lay(_below(stage, ground), hue)
    foot = float(ground[int(x)])
    if stage.subject:
        figures.place(stage.canvas, stage.subject, stage.rng, x, foot + 2, short * 0.15, hue)
    elif stage.chance(0.6):
        stage.canvas.polygons(flora.leafy(stage.rng, x, foot + 2, short * 0.2), hue)
    else:
        figures.place(stage.canvas, "watcher", stage.rng, x, foot + 2, short * 0.14, hue)


def _ramp(inks: list[Colour], share: float) -> Colour:
    """Return the colour at `share` (0 dark to 1 light) along the inks."""
    place = kept(share, 0, 1) * (len(inks) - 1)
    low = min(int(place), len(inks) - 2)
    return mix(inks[low], inks[low + 1], place - low)
