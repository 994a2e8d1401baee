"""How ffmpeg is told to open an audio file from outside: by its first bytes, and with nothing else within reach."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from apps.pipeline.render.sound_files import opened

_DECODERS = (
    "mp3float,mp3,flac,vorbis,opus,libopus,aac,alac,pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_f64le,pcm_u8,"
    "pcm_alaw,pcm_mulaw"
)


def sniffed_format(path: Path) -> str | None:
    """Return ffmpeg's name of the format that the file's first bytes say, never its name; None when it is no audio.

    MP3, WAV, FLAC, Ogg, M4A and ADTS are known. Playlists and scripts have no such bytes.
    """
    with path.open("rb") as file:
        head = file.read(64)
    signatures = (
        ("wav", head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE"),
        ("flac", head.startswith(b"fLaC")),
        ("ogg", head.startswith(b"OggS")),
        ("mov", head[4:8] == b"ftyp"),
        ("mp3", head.startswith(b"ID3")),
        # Frame sync; the layer bits tell ADTS (00) from MPEG audio.
        ("aac", len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0),
        ("mp3", len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0),
    )
    return next((name for name, matches in signatures if matches), None)


def opened_upload(path: Path, form: str, *, seconds: float, **options: str | float) -> Any:  # Any: see `opened`
    """Return ffmpeg's input for a file of `form` from outside: it reads that file alone, `seconds` of it at most."""
    # A track of an MP4 can point to other files.
    references = {"enable_drefs": 0, "use_absolute_path": 0} if form == "mov" else {}
    return opened(path, form, seconds=seconds, codec_whitelist=_DECODERS, **references, **options)
