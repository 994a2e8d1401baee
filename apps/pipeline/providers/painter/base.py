"""Painters: one picture from one description, and perhaps from a picture of who is to be seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from apps.pipeline.contracts import Focus, Shot
from apps.pipeline.providers.usage import Usage


@dataclass(frozen=True)
class PaintRequest:
    """`reference` is a PNG of the main character where the shot names one; the shot's own hash stands for it."""

    shot: Shot
    reference: Path | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Painting:
    """`content` is a PNG, JPEG or WebP as it came, of any size, and a remote painter's not to be trusted: see `intake`.

    `focus` is the point to keep when it is cut to the shot's shape; `prompt` is what was really asked.
    """

    content: bytes
    focus: Focus
    prompt: str
    usage: Usage


class Painter(Protocol):
    name: str
    identity: str
    is_remote: bool
    uses_reference: bool

    def paint(self, request: PaintRequest) -> Painting: ...
