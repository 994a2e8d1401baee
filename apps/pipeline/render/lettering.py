"""Text drawn on a sheet: words with an outline and a soft shadow, or on a rounded box."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw

from apps.pipeline.render.colours import BLACK, box_opacity, ink_on
from apps.pipeline.render.patches import Colour, Mask, Sheet
from apps.pipeline.render.text_layout import Layout, PlacedRun, Side

_SHADOW_OPACITY = 0.5


@dataclass(frozen=True)
class Drawing:
    """A sheet on which the words of `layout` stand in `ink`, `left` and `top` pixels from its corner."""

    sheet: Sheet
    layout: Layout
    left: int
    top: int
    ink: Colour

    def with_word(self, number: int, colour: Colour) -> Sheet:
        """Return the sheet with one word in another colour."""
        runs = [run for run in self.layout.runs if run.word == number]
        image = _drawn(self, runs)
        box = image.getbbox()
        return self.sheet.recoloured(_mask(image), box, self.ink, colour) if box else self.sheet


def draw_outlined(layout: Layout, ink: Colour) -> Drawing:
    """Words in `ink` with a black outline over a soft shadow: as readable as the ink is on black, on any picture."""
    margin = round(layout.size * 0.3)
    drawing = _blank(layout, margin, margin, ink)
    outline = _mask(_drawn(drawing, layout.runs, stroke=max(2, round(layout.size * 0.075))))
    shadow = np.asarray(cv2.GaussianBlur(outline, (0, 0), layout.size * 0.09), np.float32)
    drawing.sheet.paint(shadow, BLACK, _SHADOW_OPACITY)
    drawing.sheet.paint(outline, BLACK)
    drawing.sheet.paint(_mask(_drawn(drawing, layout.runs)), ink)
    return drawing


def draw_boxed(layout: Layout, background: Colour, bar: Colour | None = None) -> Drawing:
    """Words in black or white on a box of `background`, opaque enough to be read; `bar` marks where lines begin."""
    inset = 0 if bar is None else round(layout.size * 0.16)
    drawing = _blank(layout, round(layout.size * 0.5) + inset, round(layout.size * 0.22), ink_on(background))
    drawing.sheet.paint(_rounded_box(drawing.sheet, round(layout.size * 0.28)), background, box_opacity(background))
    if bar is not None:
        drawing.sheet.paint(_bar(drawing.sheet, layout.size, layout.side), bar)
    drawing.sheet.paint(_mask(_drawn(drawing, layout.runs)), drawing.ink)
    return drawing


def _blank(layout: Layout, left: int, top: int, ink: Colour) -> Drawing:
    sheet = Sheet(int(layout.width) + 2 * left + 1, int(layout.height) + 2 * top + 1)
    return Drawing(sheet, layout, left, top, ink)


def _drawn(drawing: Drawing, runs: Iterable[PlacedRun], stroke: int = 0) -> Image.Image:
    image = Image.new("L", (drawing.sheet.width, drawing.sheet.height))
    pen = ImageDraw.Draw(image)
    for run in runs:
        at = (run.left + drawing.left, run.baseline + drawing.top)
        pen.text(at, run.text, fill=255, font=run.font, anchor="ls", stroke_width=stroke, stroke_fill=255)
    return image


def _mask(image: Image.Image) -> Mask:
    return np.asarray(image, np.float32) / np.float32(255)


def _rounded_box(sheet: Sheet, radius: int) -> Mask:
    image = Image.new("L", (sheet.width * 2, sheet.height * 2))
    ImageDraw.Draw(image).rounded_rectangle((0, 0, image.width - 1, image.height - 1), radius * 2, fill=255)
    return _mask(image.resize((sheet.width, sheet.height), Image.Resampling.BOX))


def _bar(sheet: Sheet, size: int, side: Side) -> Mask:
    mask = np.zeros((sheet.height, sheet.width), np.float32)
    inset, width = round(size * 0.3), max(4, round(size * 0.1))
    mask[inset:-inset, inset : inset + width] = 1
    return mask if side == "left" else mask[:, ::-1]
