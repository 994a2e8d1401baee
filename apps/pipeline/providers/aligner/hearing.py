"""A scene's sound and language as recognisers want them: 16 kHz, and the language by its two letters."""

from __future__ import annotations

import io
import wave

import numpy as np
import numpy.typing as npt

from apps.pipeline.contracts import SAMPLE_RATE
from apps.pipeline.render.energy import Mono

HEARING_RATE = 16_000
_STEP = SAMPLE_RATE // HEARING_RATE
_TAPS = 97
_TWO_LETTERS = {"cmn": "zh", "nb": "no", "fil": "tl"}

Sound = npt.NDArray[np.float32]


def sound_of(samples: Mono) -> Sound:
    """Return 48 kHz samples at 16 kHz, -1 to 1, with nothing above 8 kHz folded back."""
    places = np.arange(_TAPS) - _TAPS // 2
    kernel = (np.sinc(places / _STEP) * np.hamming(_TAPS) / _STEP).astype(np.float32)
    filtered = np.convolve(samples.astype(np.float32) / 32_768, kernel, mode="same") if len(samples) else samples
    return np.ascontiguousarray(filtered[::_STEP], dtype=np.float32)


def wav_of(sound: Sound) -> bytes:
    """Return 16 kHz sound as a 16-bit WAV file."""
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setparams((1, 2, HEARING_RATE, 0, "NONE", ""))
        file.writeframes((np.clip(sound, -1.0, 1.0) * 32_767).astype("<i2").tobytes())
    return stream.getvalue()


def two_letters(language: str) -> str:
    """Return the ISO 639-1 code of a BCP 47 language, or its own code where there is none."""
    primary = language.split("-")[0].lower()
    return _TWO_LETTERS.get(primary, primary)
