"""Readable colours: contrast after WCAG 2.2, and what has to give where a theme does not reach it."""

from __future__ import annotations

from apps.pipeline.render.patches import Colour

BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)
LEAST_CONTRAST = 4.5
_LEAST_OPACITY = 0.74
_STEPS = 50


def from_hex(text: str) -> Colour:
    """Read "#rrggbb". Raises ValueError on anything else."""
    digits = text.removeprefix("#")
    if len(digits) != 6:
        raise ValueError(f"not a colour: {text!r}")
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio, 1 to 21 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mixed(over: Colour, under: Colour, share: float) -> Colour:
    """Return `share` of `over` on top of `under`."""
    red, green, blue = (round(a * share + b * (1 - share)) for a, b in zip(over, under, strict=True))
    return red, green, blue


def ink_on(background: Colour) -> Colour:
    """Return black or white, whichever is easier to read on `background`."""
    return max((WHITE, BLACK), key=lambda ink: contrast(ink, background))


def readable(colour: Colour, background: Colour) -> Colour:
    """Return `colour`, moved as little as needed towards black or white to be readable on `background`."""
    ink = ink_on(background)
    steps = (mixed(ink, colour, step / _STEPS) for step in range(_STEPS + 1))
    return next((step for step in steps if contrast(step, background) >= LEAST_CONTRAST), ink)


def box_opacity(background: Colour) -> float:
    """Return how opaque a box must be for its ink to stay readable over a picture of the ink's own colour."""
    ink = ink_on(background)
    steps = (_LEAST_OPACITY + (1 - _LEAST_OPACITY) * step / _STEPS for step in range(_STEPS + 1))
    return next((share for share in steps if contrast(ink, mixed(background, ink, share)) >= LEAST_CONTRAST), 1.0)


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(level / 255) for level in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(level: float) -> float:
    return level / 12.92 if level <= 0.04045 else float(((level + 0.055) / 1.055) ** 2.4)
