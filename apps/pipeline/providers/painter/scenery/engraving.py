"""Any scene as a copperplate print."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from apps.pipeline.contracts import Focus
from apps.pipeline.providers.painter.scenery.canvas import LUMA, blurred
from apps.pipeline.providers.painter.scenery.noise import Field, clouds
from apps.pipeline.providers.painter.scenery.palette import Colour, mix, rgb
from apps.pipeline.providers.painter.scenery.parchment import INK, PAPER, aged_sheet
from apps.pipeline.providers.painter.scenery.stage import Compose, Stage


def engraved(compose: Compose, subject: str = "") -> Compose:
    """Return the composition as a copperplate print, with `subject` in it when the words name none."""

    def print_plate(stage: Stage) -> Focus:
        focus = compose(replace(stage, subject=stage.subject or subject))
        tone = _tone(stage)
        plate = _cut_lines(stage, tone)
        paper = mix(PAPER, stage.inks[-1], 0.3)
        aged_sheet(stage, paper)
        ink = mix(INK, stage.inks[0], 0.2)
        stage.canvas.darken(np.clip(1 - tone, 0, 1) ** 1.5 * np.float32(0.42), mix(ink, rgb("#a8743a"), 0.6))
        stage.canvas.lay(plate * np.float32(0.88), ink)
        _plate_edge(stage, paper)
        return focus

    return print_plate


def _tone(stage: Stage) -> Field:
    """Return the sheet's luma with its local contrast raised, 0 to 1."""
    luma = np.tensordot(LUMA, np.clip(stage.canvas.rgb, 0, 1), 1).astype(np.float32)
    wide = blurred(luma, 70 * stage.unit)
    sharp = luma - wide
    low, high = np.percentile(luma[::8, ::8], (3, 97))
    even = (luma - np.float32(low)) / np.float32(max(high - low, 0.05))
    return np.clip(even * np.float32(0.85) + sharp * np.float32(0.8) + np.float32(0.12), 0, 1)


def _cut_lines(stage: Stage, tone: Field) -> Field:
    """Return ink coverage: lines that swell where the tone is dark, crossed by a second set in the shadows."""
    height, width = tone.shape
    rows = np.arange(height, dtype=np.float32)[:, None]
    cols = np.arange(width, dtype=np.float32)[None]
    small = (height // 8, width // 8)
    drift = cv2.resize(clouds(stage.rng, small, (3, 5), 3), (width, height), interpolation=cv2.INTER_CUBIC)
    relief = blurred(tone, 12 * stage.unit) * np.float32(34 * stage.unit)
    pitch = np.float32(7.6 * stage.unit)
    level = rows + drift * np.float32(16 * stage.unit) + relief
    first = _swelling(level / pitch, 1.02 - tone * 1.08)
    slant = cols * np.float32(0.72) + rows * np.float32(0.7) + drift * np.float32(12 * stage.unit)
    second = _swelling(slant / pitch, 0.62 - tone * 1.5)
    return np.maximum(first, second)


def _swelling(phase: Field, girth: Field) -> Field:
    wave = np.abs((phase - np.floor(phase)) * 2 - 1)
    edge = np.float32(0.3)
    return np.asarray(np.clip((np.clip(girth, 0, 0.95) - wave) / edge + 0.5, 0, 1) * (girth > 0.04))


def _plate_edge(stage: Stage, paper: Colour) -> None:
    margin = 26 * stage.unit
    box = np.array(
        [
            (margin, margin),
            (stage.width - margin, margin),
            (stage.width - margin, stage.height - margin),
            (margin, stage.height - margin),
            (margin, margin),
        ]
    )
    outer = np.array([(0, 0), (stage.width, 0), (stage.width, stage.height), (0, stage.height)])
    frame = [outer, box[:4]]
    mask = np.zeros((stage.height, stage.width), np.uint8)
    cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32) for points in frame], 255, cv2.LINE_AA, 4)
    stage.canvas.lay(mask.astype(np.float32) / np.float32(255), paper * np.float32(0.86))
    stage.canvas.strokes([box], INK, 2.5, 0.75)
