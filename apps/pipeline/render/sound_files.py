"""How ffmpeg opens and writes a file of sound: the format forced, that file alone within reach, length and size capped.

A cap lies above what is right, so reaching one is a fault that the checks of the result see.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ffmpeg

BITEXACT = {"fflags": "+bitexact", "flags:a": "+bitexact", "map_metadata": -1}

_SPARE_SECONDS = 1.0
_SPARE_BYTES = 1 << 20


def opened(path: Path, form: str, *, seconds: float, **options: str | float) -> Any:  # Any: ffmpeg-python has no types
    """Return the input for a file of `form`, of which `seconds` are read at most, repetitions included."""
    bounds = {"format": form, "format_whitelist": form, "protocol_whitelist": "file", "t": seconds}
    return ffmpeg.input(str(path), **bounds, **options)


def opened_wav(path: Path, *, seconds: float, **options: str | float) -> Any:  # Any: as above
    """Return the sound of a WAV of ours, about `seconds` long."""
    return opened(path, "wav", seconds=seconds + _SPARE_SECONDS, **options).audio


def at_most(seconds: float, *, bytes_a_second: int) -> int:
    """Return the bytes that a file of `seconds` at about this rate stays well below."""
    return round(2 * seconds * bytes_a_second) + _SPARE_BYTES


def written(  # Any: as above
    sound: Any, target: Path, form: str, *, seconds: float, most_bytes: int, **options: Any
) -> Any:
    """Return the output for about `seconds` of sound as a file of `form`; the same sound gives the same bytes."""
    caps = {"t": seconds + _SPARE_SECONDS, "fs": most_bytes}
    return ffmpeg.output(sound, str(target), format=form, **caps, **BITEXACT, **options)
