"""What a composition gets to work with: a sheet, a mood, a seeded hand, and where the eye should go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from numpy.random import Generator

from apps.pipeline.contracts import Focus
from apps.pipeline.providers.painter.scenery.canvas import Canvas
from apps.pipeline.providers.painter.scenery.palette import Colour, Mood


@dataclass(frozen=True)
class Stage:
    """`inks` runs from dark to light. `aim` is the wished focus. `subject` names a silhouette, or is empty."""

    canvas: Canvas
    rng: Generator
    mood: Mood
    inks: list[Colour]
    aim: Focus
    words: frozenset[str]
    subject: str = ""

    @property
    def width(self) -> int:
        return self.canvas.width

    @property
    def height(self) -> int:
        return self.canvas.height

    @property
    def unit(self) -> float:
        return self.canvas.unit

    @property
    def is_tall(self) -> bool:
        return self.height > self.width * 1.2

    def row(self, low: float, high: float) -> float:
        """Return a random row between two shares of the height."""
        return float(self.rng.uniform(low, high)) * self.height

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)


Compose = Callable[[Stage], Focus]
"""Paints the stage's canvas and returns where its subject really is."""


def kept(value: float, low: float, high: float) -> float:
    """Return the value, moved inside the bounds."""
    return min(max(value, low), high)
