"""Sounds that a test makes, as files."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from apps.pipeline.contracts import SAMPLE_RATE


def write_wav(path: Path, samples: np.ndarray) -> Path:
    """Write 16-bit samples, or rows of them for several channels, at 48 kHz."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1 if samples.ndim == 1 else samples.shape[1], 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes(np.ascontiguousarray(samples, dtype="<i2").tobytes())
    return path
