"""The words and numbers that every contract shares, and files by content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SCHEMA_VERSION = 1
FPS = 30
SAMPLE_RATE = 48_000
SAMPLES_PER_FRAME = SAMPLE_RATE // FPS

Niche = Literal["motivation", "explainer", "facts", "history", "finance", "science"]
Shape = Literal["16:9", "9:16", "1:1"]
Pace = Literal["slow", "normal", "fast"]
TranscriptMode = Literal["auto", "manual"]
CaptionStyle = Literal["plain", "boxed", "karaoke", "big_word", "lower_third", "cinema"]
CaptionPosition = Literal["bottom", "middle", "top"]
AssetKind = Literal[
    "video", "audio", "captions", "image", "thumbnail", "script", "timeline", "plan", "manifest", "archive"
]

NICHES: tuple[Niche, ...] = ("motivation", "explainer", "facts", "history", "finance", "science")
CAPTION_STYLES: tuple[CaptionStyle, ...] = ("plain", "boxed", "karaoke", "big_word", "lower_third", "cinema")
WORDS_PER_MINUTE: dict[Pace, int] = {"slow": 120, "normal": 150, "fast": 180}
SHAPE_SIZES: dict[Shape, tuple[int, int]] = {"16:9": (1920, 1080), "9:16": (1080, 1920), "1:1": (1080, 1080)}


@dataclass(frozen=True)
class Blob:
    """A stored file, named by its content. `suffix` has its dot: ".png"."""

    sha256: str
    size_bytes: int
    suffix: str
