"""The numbers that every contract shares, and files by content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from canvascast.video_choices import Pace, Shape

SCHEMA_VERSION = 1
FPS = 30
SAMPLE_RATE = 48_000
SAMPLES_PER_FRAME = SAMPLE_RATE // FPS

AssetKind = Literal[
    "video", "audio", "captions", "image", "thumbnail", "script", "timeline", "plan", "manifest", "archive"
]

WORDS_PER_MINUTE: dict[Pace, int] = {"slow": 120, "normal": 150, "fast": 180}
SHAPE_SIZES: dict[Shape, tuple[int, int]] = {"16:9": (1920, 1080), "9:16": (1080, 1920), "1:1": (1080, 1080)}


@dataclass(frozen=True)
class Blob:
    """A stored file, named by its content. `suffix` has its dot: ".png"."""

    sha256: str
    size_bytes: int
    suffix: str
