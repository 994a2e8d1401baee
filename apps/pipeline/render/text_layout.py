"""Words in one or two lines that fit a width: pure geometry, in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal

from PIL import ImageFont

from apps.pipeline.render.fonts import Run, drawable, is_right_to_left, runs_of

Side = Literal["left", "right"]

SMALLEST_SIZE = 18
LINE_HEIGHT = 1.22
_ASCENT = 0.95
_ELLIPSIS = "…"
_SMALLEST_SHARE = 0.6
"""A word is rather parted over two lines than drawn at less than this share of the size asked for."""


@dataclass(frozen=True)
class ShownWord:
    """`number` is the word's place in its text; `after` is " ", or "" in scripts without spaces."""

    number: int
    text: str
    after: str = " "


@dataclass(frozen=True)
class PlacedRun:
    """A piece of one word, `left` and `baseline` in pixels from the layout's top left corner."""

    word: int
    text: str
    font: ImageFont.FreeTypeFont
    left: float
    baseline: float
    width: float


@dataclass(frozen=True)
class Layout:
    size: int
    width: float
    height: float
    runs: tuple[PlacedRun, ...]
    side: Side = "left"
    """At which its lines begin."""
    is_whole: bool = True
    """Not where it had to be shortened for want of room."""


def lay_out(
    words: Sequence[ShownWord], size: int, max_width: float, max_lines: int = 2, *, is_centred: bool = True
) -> Layout:
    """Return the words at `size` or smaller, never wider than `max_width`; lines are centred or begin at one edge.

    What does not fit even at the smallest size ends with an ellipsis. Undrawable characters are left out.
    """
    shown = [replace(word, text=text) for word in words if (text := drawable(word.text).strip())]
    shown = [part for word in shown for part in _halves(word, size, max_width)]
    is_whole = True
    while True:
        lines = _broken([_measure(word, size) for word in shown], max_width, max_lines)
        widest = max((_width(line) for line in lines), default=0.0)
        if widest <= max_width:
            return replace(_placed(lines, size, widest, is_centred=is_centred), is_whole=is_whole)
        if size <= SMALLEST_SIZE:
            shown, is_whole = _cut(shown), False
        else:
            size = max(SMALLEST_SIZE, min(size - 1, int(size * max_width / widest)))


def smallest_width(text: str) -> float:
    """Return how wide `text` is in the smallest letters, on one line."""
    return _measure(ShownWord(0, drawable(text).strip()), SMALLEST_SIZE).width


def _halves(word: ShownWord, size: int, max_width: float) -> list[ShownWord]:
    """Part a word that would have to become tiny to fit on a line."""
    if _measure(word, size).width * _SMALLEST_SHARE <= max_width or len(word.text) < 2:
        return [word]
    middle = len(word.text) // 2
    return [ShownWord(word.number, word.text[:middle], ""), ShownWord(word.number, word.text[middle:], word.after)]


@dataclass(frozen=True)
class _Measured:
    word: ShownWord
    runs: tuple[tuple[Run, ImageFont.FreeTypeFont, float], ...]
    width: float
    gap: float


def _measure(word: ShownWord, size: int) -> _Measured:
    pieces = [(run, run.face.at_size(size, run.text)) for run in runs_of(word.text)]
    runs = tuple((run, font, font.getlength(run.text)) for run, font in pieces)
    gap = runs[-1][1].getlength(" ") if runs and word.after else 0.0
    return _Measured(word, runs, sum(width for *_, width in runs), gap)


def _broken(words: list[_Measured], max_width: float, max_lines: int) -> list[list[_Measured]]:
    """One line where it fits, else the break that leaves the two lines most alike."""
    if not words:
        return []
    if len(words) == 1 or max_lines == 1 or _width(words) <= max_width:
        return [words]
    sums = list(accumulate((word.width + word.gap for word in words), initial=0.0))
    total = _width(words)
    best = min(range(1, len(words)), key=lambda at: max(sums[at] - words[at - 1].gap, total - sums[at]))
    return [words[:best], words[best:]]


def _width(line: Sequence[_Measured]) -> float:
    return sum(word.width + word.gap for word in line) - (line[-1].gap if line else 0.0)


def _cut(words: list[ShownWord]) -> list[ShownWord]:
    """Leave out about a fifth of the text, from its end."""
    if len(words) > 1:
        kept = words[: max(1, len(words) * 4 // 5)]
        return [*kept[:-1], replace(kept[-1], text=kept[-1].text.rstrip(_ELLIPSIS) + _ELLIPSIS)]
    text = words[0].text.rstrip(_ELLIPSIS)
    return [replace(words[0], text=text[: max(1, len(text) * 4 // 5)] + _ELLIPSIS)]


def _placed(lines: list[list[_Measured]], size: int, width: float, *, is_centred: bool) -> Layout:
    step = size * LINE_HEIGHT
    is_from_the_right = is_right_to_left(" ".join(word.word.text for line in lines for word in line))
    share = 0.5 if is_centred else 1.0 if is_from_the_right else 0.0
    runs = [
        placed
        for number, line in enumerate(lines)
        for placed in _placed_line(line, (width - _width(line)) * share, number * step + size * _ASCENT)
    ]
    return Layout(size, width, len(lines) * step, tuple(runs), "right" if is_from_the_right else "left")


def _placed_line(line: list[_Measured], left: float, baseline: float) -> list[PlacedRun]:
    placed: list[PlacedRun] = []
    for word in _visual_order(line):
        runs = word.runs if not is_right_to_left(word.word.text) else word.runs[::-1]
        for run, font, width in runs:
            placed.append(PlacedRun(word.word.number, run.text, font, left, baseline, width))
            left += width
        left += word.gap
    return placed


def _visual_order(line: list[_Measured]) -> list[_Measured]:
    """A line that starts right to left runs that way; words of the other direction keep their own order in it."""
    if not is_right_to_left(" ".join(word.word.text for word in line)):
        return line
    groups: list[list[_Measured]] = []
    for word in line:
        runs_left = is_right_to_left(word.word.text)
        if not runs_left and groups and not is_right_to_left(groups[-1][0].word.text):
            groups[-1].append(word)
        else:
            groups.append([word])
    return [word for group in reversed(groups) for word in group]
