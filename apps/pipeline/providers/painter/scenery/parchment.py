"""Old paper and its ink."""

from __future__ import annotations

import cv2
import numpy as np

from apps.pipeline.providers.painter.scenery.canvas import spread
from apps.pipeline.providers.painter.scenery.noise import Field, clouds, smoothstep
from apps.pipeline.providers.painter.scenery.palette import Colour, rgb
from apps.pipeline.providers.painter.scenery.stage import Stage

PAPER = rgb("#e6d2a8")
INK = rgb("#40260f")


def aged_sheet(stage: Stage, paper: Colour) -> None:
    """Cover the sheet with stained, fibrous paper, darker at its edges."""
    rng = stage.rng
    shape = (stage.height // 4, stage.width // 4)
    aspect = stage.width / stage.height
    stains = clouds(rng, shape, (3, 3 * aspect), 6, 0.6)
    fibre = clouds(rng, shape, (60, 14 * aspect), 3, 0.7)
    tone: Field = 1 + stains * np.float32(0.1) + fibre * np.float32(0.025)
    rows = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None]
    cols = np.linspace(-1, 1, shape[1], dtype=np.float32)[None]
    edge = smoothstep(0.72, 1.12, np.maximum(np.abs(rows), np.abs(cols)) + stains * 0.12)
    tone = cv2.resize(
        (tone * (1 - 0.42 * edge)).astype(np.float32), (stage.width, stage.height), interpolation=cv2.INTER_CUBIC
    )
    warmth = spread(np.array([1.0, 1.12, 1.4], np.float32))
    stage.canvas.fill(np.clip(spread(paper) * np.power(tone, warmth), 0, 1))
