"""Recordings, and what is passed off as recordings."""

from __future__ import annotations

import io
import struct
import wave
from pathlib import Path

import ffmpeg
import numpy as np

from apps.pipeline.render.ffmpeg import run_ffmpeg


def tone(seconds: float = 2.0, *, rate: int = 16_000, pitch: float = 220.0) -> bytes:
    """Return a WAV with one long tone."""
    moments = np.arange(round(seconds * rate)) / rate
    samples = (np.sin(2 * np.pi * pitch * moments) * 12_000).astype("<i2")
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return content.getvalue()


def encoded(folder: Path, name: str, **options: object) -> bytes:
    """Return a two-second tone as a file of that name."""
    target = folder / name
    source = folder / "tone.wav"
    source.write_bytes(tone())
    run_ffmpeg(
        ffmpeg.get_args(ffmpeg.output(ffmpeg.input(str(source)).audio, str(target), **options)), deadline_seconds=20
    )
    return target.read_bytes()


def with_picture(folder: Path, name: str, *, pictures: int = 10, **options: object) -> bytes:
    """Return a two-second tone with a moving picture, or with a cover, as a file of that name."""
    target, source = folder / name, folder / "tone.wav"
    source.write_bytes(tone())
    picture = ffmpeg.input(f"testsrc=d={pictures / 5}:s=160x120:r=5", format="lavfi")
    output = ffmpeg.output(ffmpeg.input(str(source)).audio, picture.video, str(target), **options)
    run_ffmpeg(ffmpeg.get_args(output), deadline_seconds=20)
    return target.read_bytes()


def endless_flac(hours: float = 10.0) -> bytes:
    """Return hours of silence in a few megabytes: FLAC needs eleven bytes for a block of it, whatever its length.

    Built from one encoded block that is repeated under rising numbers, for encoding ten hours takes seconds.
    """
    block, rate = 4608, 8000
    count = round(hours * 3600 * rate / block)
    stream_info = struct.pack(">HH", block, block) + bytes(6)
    stream_info += ((rate << 44) | (0 << 41) | (15 << 36) | (count * block)).to_bytes(8, "big") + bytes(16)
    head = b"fLaC" + bytes([0x80]) + len(stream_info).to_bytes(3, "big") + stream_info
    return head + b"".join(_silent_frame(number) for number in range(count))


def _silent_frame(number: int) -> bytes:
    # Fixed block size 4608 (code 5), 8 kHz (code 4), mono, 16 bits; one constant subframe of zero.
    header = bytes([0xFF, 0xF8, (5 << 4) | 4, 0x08]) + _coded_number(number)
    body = header + bytes([_crc8(header), 0x00, 0x00, 0x00])
    return body + _crc16(body).to_bytes(2, "big")


def _coded_number(number: int) -> bytes:
    """UTF-8's scheme for numbers of up to 21 bits."""
    return chr(number).encode("utf-8", "surrogatepass")


def _crc8(content: bytes) -> int:
    crc = 0
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = ((crc << 1) ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc


def _crc16(content: bytes) -> int:
    crc = 0
    for byte in content:
        crc ^= byte << 8
        for _ in range(8):
            crc = ((crc << 1) ^ 0x8005) & 0xFFFF if crc & 0x8000 else crc << 1
    return crc
