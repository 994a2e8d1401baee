"""Captions: one patch per state of a caption block, drawn when the block comes up and dropped after it.

Text is only ever drawn, never interpreted: markup of any kind shows as its own characters.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import product

from apps.pipeline.contracts import SHAPE_SIZES, CaptionBlock, CaptionStyle, CaptionTrack, Theme
from apps.pipeline.render.colours import BLACK, WHITE, from_hex, readable
from apps.pipeline.render.lettering import Drawing, draw_boxed, draw_outlined
from apps.pipeline.render.patches import Colour, Patch
from apps.pipeline.render.safe_areas import safe_area
from apps.pipeline.render.text_layout import LINE_HEIGHT, ShownWord, lay_out, smallest_width

# Letter height in shares of the frame's shorter side, for wide, tall and square frames.
SIZES: dict[CaptionStyle, tuple[float, float, float]] = {
    "plain": (0.056, 0.060, 0.054),
    "boxed": (0.052, 0.056, 0.051),
    "karaoke": (0.066, 0.082, 0.070),
    "big_word": (0.135, 0.135, 0.125),
    "lower_third": (0.048, 0.052, 0.047),
    "cinema": (0.044, 0.047, 0.042),
}
_MARKED_STYLES: frozenset[CaptionStyle] = frozenset({"karaoke", "big_word"})
_CINEMA_INK: Colour = (255, 243, 205)
_LONGEST_LINE_SIZES = 21
"""About 42 characters: what is longer is read faster in two lines."""
_MARGIN_SIZES = 1.3
"""Widest margins of a drawing on both sides together, in letter sizes."""


def caption_rows(track: CaptionTrack, width: int, height: int) -> tuple[int, int] | None:
    """Return the first and one past the last pixel row in which two lines of the track's captions can stand."""
    if not track.blocks:
        return None
    size = _letter_size(track.style, width, height)
    tallest = round((2 * LINE_HEIGHT + _MARGIN_SIZES / 2) * size) + 1
    _, first = safe_area(width, height).place(0, tallest, track.position)
    return first, first + tallest


def has_room_for(word: str) -> bool:
    """Return whether captions of every style and shape can show the word whole."""
    rooms = [
        (_letter_size(style, *frame), _room(style, *frame)) for style, frame in product(SIZES, SHAPE_SIZES.values())
    ]
    is_short = smallest_width(word) <= min(room for _, room in rooms)
    return is_short or all(lay_out([ShownWord(0, word)], size, room).is_whole for size, room in rooms)


class CaptionPainter:
    """Draws one track's captions on frames of one size."""

    def __init__(self, track: CaptionTrack, theme: Theme, width: int, height: int) -> None:
        self._track = track
        self._starts = [block.start_frame for block in track.blocks]
        self._area = safe_area(width, height)
        self._size = _letter_size(track.style, width, height)
        self._room = _room(track.style, width, height)
        self._background = from_hex(theme.background)
        self._bar = readable(from_hex(theme.accent), self._background)
        self._mark = readable(from_hex(theme.accent), BLACK)
        self._block: int | None = None
        self._drawing: Drawing | None = None
        self._state: tuple[int, int | None] | None = None
        self._patch: Patch | None = None

    def patch_at(self, frame: int) -> Patch | None:
        """Return what stands on `frame`, or None; frames are best asked for in order."""
        number = bisect_right(self._starts, frame) - 1
        if number < 0 or frame >= self._track.blocks[number].end_frame:
            return None
        block = self._track.blocks[number]
        spoken = _spoken_word(block, frame) if self._track.style in _MARKED_STYLES else None
        if self._state != (number, spoken):
            self._patch = self._draw(number, spoken)
            self._state = (number, spoken)
        return self._patch

    def _draw(self, number: int, spoken: int | None) -> Patch | None:
        if self._block != number:
            self._drawing = self._draw_block(self._track.blocks[number])
            self._block = number
        if self._drawing is None:
            return None
        sheet = self._drawing.sheet if spoken is None else self._drawing.with_word(spoken, self._mark)
        side = self._drawing.layout.side if self._track.style == "lower_third" else "middle"
        return sheet.as_patch(*self._area.place(sheet.width, sheet.height, self._track.position, side))

    def _draw_block(self, block: CaptionBlock) -> Drawing | None:
        words = [ShownWord(number, word.text, word.after) for number, word in enumerate(block.words)]
        is_at_a_side = self._track.style == "lower_third"
        layout = lay_out(words, self._size, self._room, is_centred=not is_at_a_side)
        if not layout.runs:
            return None
        if is_at_a_side:
            return draw_boxed(layout, self._background, bar=self._bar)
        if self._track.style == "boxed":
            return draw_boxed(layout, self._background)
        return draw_outlined(layout, _CINEMA_INK if self._track.style == "cinema" else WHITE)


def _letter_size(style: CaptionStyle, width: int, height: int) -> int:
    return round(min(width, height) * SIZES[style][_shape_index(width, height)])


def _room(style: CaptionStyle, width: int, height: int) -> float:
    size = _letter_size(style, width, height)
    return min(safe_area(width, height).width - size * _MARGIN_SIZES, size * _LONGEST_LINE_SIZES)


def _shape_index(width: int, height: int) -> int:
    return 0 if width > height else 1 if width < height else 2


def _spoken_word(block: CaptionBlock, frame: int) -> int | None:
    return next((number for number, word in enumerate(block.words) if word.start_frame <= frame < word.end_frame), None)
