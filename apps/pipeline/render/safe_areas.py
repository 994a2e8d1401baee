"""Where text may stand in each shape, as shares of the frame.

9:16 leaves room below and at the right for what short-video apps draw over the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from apps.pipeline.contracts import CaptionPosition

Side = Literal["left", "middle", "right"]


@dataclass(frozen=True)
class SafeArea:
    """In pixels of the frame."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    def place(self, width: int, height: int, position: CaptionPosition, side: Side = "middle") -> tuple[int, int]:
        """Return the even column and row of a box of that size, at the position and side asked for, never outside."""
        columns = {"left": self.left, "middle": self.left + (self.width - width) // 2, "right": self.right - width}
        column = columns[side]
        rows = {"top": self.top, "bottom": self.bottom - height, "middle": (self.top + self.bottom - height) // 2}
        row = max(self.top, min(rows[position], self.bottom - height))
        return column - column % 2, row - row % 2


def safe_area(width: int, height: int) -> SafeArea:
    """Return the safe area of a frame of that size."""
    if width > height:
        return _shares(width, height, side=0.08, top=0.07, bottom=0.08)
    if width < height:
        return _shares(width, height, side=0.10, top=0.12, bottom=0.22)
    return _shares(width, height, side=0.07, top=0.08, bottom=0.09)


def _shares(width: int, height: int, *, side: float, top: float, bottom: float) -> SafeArea:
    return SafeArea(round(width * side), round(height * top), round(width * (1 - side)), round(height * (1 - bottom)))
