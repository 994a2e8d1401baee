"""Colour: moods of the day, and how a video's palette tints them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Colour = NDArray[Any]  # Any: arithmetic with Python floats loses the dtype in NumPy's stubs; it is float32
"""Red, green, blue, 0 to 1, as displayed (sRGB)."""


def rgb(hex_colour: str) -> Colour:
    """Return "#rrggbb" as a colour. Raises ValueError for anything else."""
    digits = hex_colour.removeprefix("#")
    if len(digits) != 6:
        raise ValueError(f"not a colour: {hex_colour[:20]!r}")
    return np.array([int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)], np.float32)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    return first + (second - first) * np.float32(share)


def lift(colour: Colour, amount: float) -> Colour:
    """Return the colour lighter (amount above 0) or darker (below 0)."""
    target = np.ones(3, np.float32) if amount > 0 else np.zeros(3, np.float32)
    return mix(colour, target, abs(amount))


@dataclass(frozen=True)
class Mood:
    """The colours of one hour: sky from top to horizon, the light itself, haze, ground in light and in shade."""

    zenith: Colour
    sky: Colour
    horizon: Colour
    light: Colour
    haze: Colour
    ground: Colour
    rock: Colour
    shade: Colour
    accent: Colour
    is_night: bool = False
    sun_height: float = 0.3
    """How high the light stands over the horizon, as a share of the sky."""


def _mood(colours: str, is_night: bool = False, sun_height: float = 0.3) -> Mood:
    zenith, sky, horizon, light, haze, ground, rock, shade, accent = (rgb(colour) for colour in colours.split())
    return Mood(zenith, sky, horizon, light, haze, ground, rock, shade, accent, is_night, sun_height)


MOODS: dict[str, Mood] = {
    "dawn": _mood("#2f4277 #8c79ad #fbbf95 #fff0cf #dfb0a4 #5d6b53 #75656b #1d2038 #ff9d6e", sun_height=0.14),
    "day": _mood("#2a6cb5 #79b3e0 #e2eff3 #fffbe8 #bcd6e4 #6a8b4d #8a8278 #1d3a3c #f2b441", sun_height=0.62),
    "golden": _mood("#40679b #c9a98c #ffd48c #fff6d2 #ecb981 #8a7a3f #8a6a52 #33221f #f28a3c", sun_height=0.22),
    "dusk": _mood("#20205a #734489 #ff8a66 #ffd9a0 #b0618a #45405a #5a4464 #150f2e #ff5f6d", sun_height=0.1),
    "night": _mood(
        "#0b1440 #1f3b74 #5f8fb4 #f4f7ff #44699b #274458 #3c5176 #070d22 #ffcf70", is_night=True, sun_height=0.55
    ),
    "storm": _mood("#37424f #6a7883 #d3cfbd #fff6dc #9aa5aa #5a6650 #63666b #161d26 #e8b44c", sun_height=0.4),
    "mist": _mood("#8fb0bd #bdd0d2 #f0ebdc #fffaf0 #d9e0dc #6f8b78 #7d8c8d #24404a #e88f5a", sun_height=0.34),
    "aurora": _mood(
        "#0a1638 #174a63 #4fb49a #eafff4 #3b7f86 #28505a #3a5a72 #060e20 #8affc1", is_night=True, sun_height=0.6
    ),
}


_TINTED = ("zenith", "sky", "horizon", "light", "haze", "ground", "rock", "shade")


def tinted(mood: Mood, palette: tuple[str, ...], strength: float = 0.38) -> Mood:
    """Return the mood with every hue drawn towards the palette colour nearest in lightness; lightness stays."""
    inks = [_to_lab(rgb(colour)) for colour in palette if _is_hex(colour)]
    if not inks:
        return mood
    changed: dict[str, Any] = {name: _tint(getattr(mood, name), inks, strength) for name in _TINTED}  # Any: replace()
    vivid = max(inks, key=lambda lab: float(np.hypot(lab[1], lab[2])))
    accent = _from_lab(np.array([max(vivid[0], np.float32(0.66)), vivid[1], vivid[2]], np.float32))
    changed["accent"] = mix(mood.accent, accent, 0.6)
    return replace(mood, **changed)


def inks(palette: tuple[str, ...], fallback: tuple[str, ...]) -> list[Colour]:
    """Return the palette as colours from dark to light, or the fallback when it names fewer than three."""
    named = [rgb(colour) for colour in palette if _is_hex(colour)]
    chosen = named if len(named) >= 3 else [rgb(colour) for colour in fallback]
    return sorted(chosen, key=lambda colour: float(_to_lab(colour)[0]))


def _tint(colour: Colour, inks: list[Colour], strength: float) -> Colour:
    lab = _to_lab(colour)
    nearest = min(inks, key=lambda ink: abs(float(ink[0] - lab[0])))
    hue = lab.copy()
    hue[1:] += (nearest[1:] - lab[1:]) * np.float32(strength)
    return _from_lab(hue)


def _is_hex(text: str) -> bool:
    digits = text.removeprefix("#")
    return len(digits) == 6 and all(digit in "0123456789abcdefABCDEF" for digit in digits)


# OKLab by Björn Ottosson (https://bottosson.github.io/posts/oklab/), public domain.
_TO_LMS = np.array(
    [[0.41222147, 0.53633254, 0.05144599], [0.2119035, 0.6806995, 0.10739696], [0.08830246, 0.28171884, 0.6299787]]
)
_TO_LAB = np.array(
    [[0.21045426, 0.79361779, -0.00407205], [1.9779985, -2.4285922, 0.4505937], [0.02590404, 0.78277177, -0.80867577]]
)


def _to_lab(colour: Colour) -> Colour:
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return np.asarray((_TO_LAB @ np.cbrt(_TO_LMS @ linear)).astype(np.float32))


def _from_lab(lab: Colour) -> Colour:
    linear = np.clip(np.linalg.solve(_TO_LMS, np.linalg.solve(_TO_LAB, lab.astype(np.float64)) ** 3), 0, 1)
    coded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(coded, np.float32)
