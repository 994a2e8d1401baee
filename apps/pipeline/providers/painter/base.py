"""Painters: one picture from one description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from apps.pipeline.contracts import Focus, Shot
from apps.pipeline.providers.usage import Usage


@dataclass(frozen=True)
class Painting:
    """`png` is an RGB PNG of exactly the shot's width and height; `prompt` is the one really used."""

    png: bytes
    focus: Focus
    prompt: str
    usage: Usage


class Painter(Protocol):
    name: str
    identity: str

    def paint(self, shot: Shot) -> Painting: ...
