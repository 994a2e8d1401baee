"""What to paint, and what was painted."""

from __future__ import annotations

from dataclasses import dataclass

from apps.pipeline.contracts.base import Blob
from canvascast.video_choices import Niche


@dataclass(frozen=True)
class Focus:
    """The point to keep in view, as shares of width and height."""

    x: float = 0.5
    y: float = 0.5


@dataclass(frozen=True)
class Shot:
    """What to paint for one scene. `alt` describes the picture to someone who cannot see it.

    `reference` is a PNG of the main character, who is to look the same in every picture.
    """

    scene_id: str
    prompt: str
    negative_prompt: str
    style: str
    palette: tuple[str, ...]
    niche: Niche
    focus: Focus
    seed: int
    width: int
    height: int
    alt: str
    reference: Blob | None = None


@dataclass(frozen=True)
class VisualPlan:
    style: str
    palette: tuple[str, ...]
    shots: tuple[Shot, ...]


@dataclass(frozen=True)
class Picture:
    """A PNG at the target shape and at least its size. `prompt` is the one that was really used."""

    scene_id: str
    image: Blob
    width: int
    height: int
    focus: Focus
    alt: str
    prompt: str
    provider: str


@dataclass(frozen=True)
class ImageSet:
    pictures: tuple[Picture, ...]
