"""The embedded painter: composes every picture itself from the niche, the palette, the seed and the scene's words."""

from __future__ import annotations

import re
import zlib

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from apps.pipeline.contracts import Focus, Shot
from apps.pipeline.providers.painter.base import Painting, PaintRequest
from apps.pipeline.providers.painter.scenery.canvas import Canvas, finish
from apps.pipeline.providers.painter.scenery.motifs import choose_composition, choose_mood, choose_subject, cues_of
from apps.pipeline.providers.painter.scenery.palette import MOODS, inks, tinted
from apps.pipeline.providers.painter.scenery.repertoire import DEFAULT_INKS
from apps.pipeline.providers.painter.scenery.stage import Stage
from apps.pipeline.providers.usage import Usage

_MODEL = "illustrator-1"
_PNG = [cv2.IMWRITE_PNG_COMPRESSION, 2, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]


class Illustrator:
    """Paints without any service: the same shot gives the same bytes.

    The scene's number walks through the niche's compositions, so that neighbours differ; words in the prompt pull a
    composition, an hour of the day or a silhouette forward. Uses one core, about half a second for 1920x1080.
    """

    name = "illustrator"
    identity = _MODEL
    is_remote = False
    uses_reference = False

    def paint(self, request: PaintRequest) -> Painting:
        """Return the shot's picture, of its size, with the point where its subject or light really is."""
        shot = request.shot
        _use_one_core()
        cues = cues_of(shot.prompt, shot.style)
        number = scene_number(shot.scene_id)
        compose = choose_composition(shot.niche, cues.own, number)
        mood = tinted(MOODS[choose_mood(shot.niche, cues.words, number)], shot.palette)
        stage = Stage(
            canvas=Canvas(shot.width, shot.height),
            rng=_hand(shot),
            mood=mood,
            inks=inks(shot.palette, DEFAULT_INKS[shot.niche]),
            aim=shot.focus,
            words=cues.words,
            subject=choose_subject(cues.words),
        )
        focus = _inside(compose(stage))
        return Painting(_png(finish(stage.canvas, stage.rng)), focus, shot.prompt, Usage(_MODEL, units=1))


def scene_number(scene_id: str) -> int:
    """Return the number at the end of "scene_007", or one made from the name when it has none."""
    found = re.search(r"(\d+)$", scene_id)
    return int(found.group(1)[-9:]) if found else zlib.crc32(scene_id.encode())


def _use_one_core() -> None:
    cv2.setNumThreads(1)
    cv2.ocl.setUseOpenCL(False)


def _hand(shot: Shot) -> Generator:
    return np.random.default_rng(
        [shot.seed % 2**63, zlib.crc32(shot.scene_id.encode()), zlib.crc32(shot.prompt.encode())]
    )


def _inside(focus: Focus) -> Focus:
    return Focus(min(max(float(focus.x), 0.0), 1.0), min(max(float(focus.y), 0.0), 1.0))


def _png(bgr: NDArray[np.uint8]) -> bytes:
    done, encoded = cv2.imencode(".png", bgr, _PNG)
    if not done:
        raise RuntimeError("OpenCV could not encode a PNG")
    return encoded.tobytes()
