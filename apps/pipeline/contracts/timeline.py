"""Every frame of the film, as one document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from apps.pipeline.contracts.pictures import Focus
from canvascast.video_choices import CaptionPosition, CaptionStyle


@dataclass(frozen=True)
class MediaFile:
    """A file of the package by relative path, pinned by content."""

    path: str
    sha256: str
    suffix: str


@dataclass(frozen=True)
class View:
    """A crop of the still: `zoom` 1.0 shows all that fits the shape; centre as shares of the still."""

    zoom: float
    x: float
    y: float


@dataclass(frozen=True)
class Motion:
    """A straight move between two views over the time the still is visible, incoming and outgoing fade included."""

    kind: str
    start: View
    end: View


@dataclass(frozen=True)
class Transition:
    """How a segment begins: "cut" (0 frames) or "fade" from the segment before over `frames`."""

    kind: Literal["cut", "fade"]
    frames: int


@dataclass(frozen=True)
class Overlay:
    """An on-screen title, in frames of the whole video."""

    text: str
    start_frame: int
    end_frame: int


@dataclass(frozen=True)
class Segment:
    """`frames` frames from `start_frame`. Its still stays visible for the next segment's incoming fade."""

    scene_id: str
    start_frame: int
    frames: int
    image: MediaFile
    alt: str
    focus: Focus
    motion: Motion
    transition: Transition
    overlay: Overlay | None = None


@dataclass(frozen=True)
class CaptionWord:
    """Shown word with the frames in which it is the spoken one: [start_frame, end_frame)."""

    text: str
    start_frame: int
    end_frame: int
    after: str = " "


@dataclass(frozen=True)
class CaptionBlock:
    """What stands on the screen during [start_frame, end_frame); blocks never overlap nor cross a segment border."""

    start_frame: int
    end_frame: int
    words: tuple[CaptionWord, ...]


@dataclass(frozen=True)
class CaptionTrack:
    style: CaptionStyle
    position: CaptionPosition
    language: str
    blocks: tuple[CaptionBlock, ...]


@dataclass(frozen=True)
class Music:
    """`file` None with kind "ambient" means: made by the program from `seed`."""

    kind: Literal["none", "ambient", "file"]
    file: MediaFile | None
    seed: int
    volume_db: float
    fade_in_seconds: float
    fade_out_seconds: float


@dataclass(frozen=True)
class Theme:
    accent: str
    background: str


@dataclass(frozen=True)
class Timeline:
    """Everything the renderer needs, self-contained: the same timeline and files give the same bytes."""

    version: int
    fps: int
    width: int
    height: int
    duration_frames: int
    duration_ms: int
    narration: MediaFile
    music: Music
    segments: tuple[Segment, ...]
    captions: CaptionTrack
    theme: Theme
