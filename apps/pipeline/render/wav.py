"""16-bit WAV files as arrays that stay on disk."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]


def wav_samples(path: Path, *, writable: bool = False) -> Samples:
    """Map a 16-bit PCM WAV, at least one sample long, as an array of shape (samples, channels).

    Pages are read when touched and given back under pressure, so an hour costs no more memory than a second. Raises
    wave.Error for anything else. With `writable` changes go to the file.
    """
    with path.open("rb") as raw, wave.open(raw, "rb") as header:
        if header.getsampwidth() != 2:
            raise wave.Error(f"{8 * header.getsampwidth()} bits a sample, expected 16")
        shape = header.getnframes(), header.getnchannels()
        offset = raw.tell()  # wave stops reading where the samples begin
    return np.memmap(path, dtype="<i2", mode="r+" if writable else "r", offset=offset, shape=shape)
