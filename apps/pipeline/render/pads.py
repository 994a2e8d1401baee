"""Slow chords of pads that melt into each other, without samples.

A pad is a PADsynth table (Paul Nasca, 2005, public domain): each harmonic is a narrow band of partials with random
phases, and one inverse FFT turns a whole chord into a sound that loops without a seam, detuned and reverberant by
construction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from apps.pipeline.contracts import SAMPLE_RATE

Floats = npt.NDArray[np.float32]

_TABLE_SAMPLES = 2**19
_STEADY_SAMPLES = 9 * SAMPLE_RATE
_FADING_SAMPLES = 7 * SAMPLE_RATE // 2
_HARMONICS = 9
_BANDWIDTH_CENTS = 22.0
_LEVEL = 0.12  # root mean square of one chord: about -18 dBFS, so that peaks stay well below full scale

# Semitones above the key, low to high; voice leading keeps common tones so that chords melt into each other.
_PROGRESSIONS: tuple[tuple[tuple[int, ...], ...], ...] = (
    ((-12, 7, 12, 16, 23), (-3, 4, 12, 16, 21), (-7, 5, 9, 16, 21), (-5, 7, 11, 14, 21)),
    ((-12, 7, 14, 16, 19), (-7, 5, 12, 16, 21), (-3, 4, 9, 16, 19), (-5, 7, 12, 14, 19)),
    ((-12, 3, 7, 14, 19), (-4, 3, 8, 12, 19), (-9, 3, 7, 10, 15), (-2, 5, 10, 14, 17)),
    ((-12, 7, 12, 16, 19), (-2, 5, 9, 14, 21), (-7, 5, 12, 16, 19), (-12, 4, 7, 14, 19)),
    ((-12, 7, 11, 16, 18), (-10, 6, 9, 14, 18), (-3, 4, 11, 14, 19), (-12, 7, 11, 14, 16)),
)
_LOWEST_KEY, _KEYS = 45, 8  # MIDI notes: A2 to E3


def pad_blocks(seed: int) -> Iterator[Floats]:
    """Yield an endless bed in blocks of shape (samples, 2) at 48 kHz, one chord each; the seed picks all of it."""
    random = np.random.default_rng(seed)
    key = _LOWEST_KEY + int(random.integers(_KEYS))
    chords = _PROGRESSIONS[int(random.integers(len(_PROGRESSIONS)))]
    darkness = float(random.uniform(1.5, 2.1))
    rising = np.sin(np.linspace(0, np.pi / 2, _FADING_SAMPLES, dtype=np.float32))[:, None]
    leaving = np.zeros((_FADING_SAMPLES, 2), dtype=np.float32)
    index = 0
    while True:
        pad = _pad([key + step for step in chords[index % len(chords)]], darkness, random)
        block = pad[:_STEADY_SAMPLES].copy()
        block[:_FADING_SAMPLES] = block[:_FADING_SAMPLES] * rising + leaving
        yield block
        leaving = np.take(pad, range(_STEADY_SAMPLES, _STEADY_SAMPLES + _FADING_SAMPLES), axis=0, mode="wrap")
        leaving = leaving * rising[::-1]
        index += 1


def _pad(notes: Sequence[int], darkness: float, random: np.random.Generator) -> Floats:
    spectrum = np.zeros((2, _TABLE_SAMPLES // 2 + 1), dtype=np.complex64)
    for place, note in enumerate(notes):
        frequency = 440.0 * 2 ** ((note - 69) / 12)
        # The bass stands in the middle, the others left and right in turn.
        pan = np.pi / 4 * (1.0 if place == 0 else 1 + 0.5 * (-1) ** place)
        strength = 1.0 if place == 0 else 0.75 / (1 + 0.12 * place)
        for harmonic in range(1, _HARMONICS + 1):
            _add_band(spectrum, frequency * harmonic, strength * harmonic**-darkness, pan, random)
    sound = np.fft.irfft(spectrum, n=_TABLE_SAMPLES, axis=1).T.astype(np.float32)
    return np.asarray(sound * np.float32(_LEVEL / np.sqrt(np.mean(sound**2))), dtype=np.float32)


def _add_band(
    spectrum: npt.NDArray[np.complex64], frequency: float, strength: float, pan: float, random: np.random.Generator
) -> None:
    """Add a Gaussian band of partials with random phases, different on each side: width and reverberation at once."""
    centre = frequency / SAMPLE_RATE * _TABLE_SAMPLES
    width = max(centre * (2 ** (_BANDWIDTH_CENTS / 1200) - 1), 1.5)
    bins = np.arange(max(int(centre - 3 * width), 1), min(int(centre + 3 * width) + 2, spectrum.shape[1]))
    shape = strength / np.sqrt(width) * np.exp(-0.5 * ((bins - centre) / width) ** 2)
    phases = np.exp(2j * np.pi * random.random((2, len(bins))))
    spectrum[:, bins] += shape * phases * np.array([[np.cos(pan)], [np.sin(pan)]])
