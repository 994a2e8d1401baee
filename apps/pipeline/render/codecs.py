"""The codecs without which no film can be made here: those of the ffmpeg binary, and those of PyAV."""

from __future__ import annotations

import re
from typing import Literal

from av.codec import Codec
from av.codec.codec import UnknownCodecError

from apps.pipeline.render.ffmpeg import read_ffmpeg
from apps.pipeline.render.process import Limits

# Of the mix, the package, recordings that are kept, and what the checks of sound compare.
_BY_FFMPEG = ("aac", "libmp3lame", "flac", "pcm_s16le", "pcm_f32le")
_WRITTEN_BY_PYAV = ("libx264",)
# Segments and films are decoded to be judged; the others are what users send.
_READ_BY_PYAV = ("h264", "aac")
_READ_BY_FFMPEG = ("mp3float", "aac", "flac", "vorbis", "opus", "alac", "pcm_s16le")
_LISTED = re.compile(r"^ [VASFXBD.]{6} ([a-z0-9_]+)", re.MULTILINE)
_SECONDS = 10.0


def missing() -> tuple[str, ...]:
    """Return what is missing, as "libx264 (PyAV)"; each once. Raises ChildFailed, Transient and OSError."""
    writes, reads = (_listed(f"-{kind}") for kind in ("encoders", "decoders"))
    lacks = [f"{name} (ffmpeg)" for name in _BY_FFMPEG if name not in writes]
    lacks += [f"{name} decoder (ffmpeg)" for name in _READ_BY_FFMPEG if name not in reads]
    lacks += [f"{name} (PyAV)" for name in _WRITTEN_BY_PYAV if not _has(name, "w")]
    lacks += [f"{name} decoder (PyAV)" for name in _READ_BY_PYAV if not _has(name, "r")]
    return tuple(lacks)


def _listed(option: str) -> set[str]:
    listed, _ = read_ffmpeg([option], Limits(deadline_seconds=_SECONDS))
    return set(_LISTED.findall(listed.decode("utf-8", "replace")))


def _has(name: str, mode: Literal["r", "w"]) -> bool:
    try:
        Codec(name, mode)
    except UnknownCodecError:
        return False
    return True
