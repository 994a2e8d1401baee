"""Where sound is in a recording: by energy in steps of 5 ms, relative to its own loudest parts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from apps.pipeline.contracts import SAMPLE_RATE

HOP_SAMPLES = SAMPLE_RATE // 200
_FLOOR_DB = -40.0  # below the loudest tenth of the windows; breath and room lie lower, soft consonants higher
_QUIETEST_LEVEL = 10.0  # of 32,767 as root mean square, about -70 dBFS: below this everything is silence
_MARGIN_HOPS = 4
# Of the way from a room's noise to the voice, in decibels: five recordings of people have 20 to 65 dB between the two.
_ABOVE_ROOM = 0.3
_SMOOTHED_HOPS = 4
_BLOCK_HOPS = 200 * 60
Mono = npt.NDArray[np.int16]


def loud_hops(samples: Mono) -> npt.NDArray[np.bool_]:
    """Tell for each 5 ms hop of 48 kHz `samples` whether sound begins or goes on in it."""
    count = len(samples) // HOP_SAMPLES
    hops = samples[: count * HOP_SAMPLES].reshape(count, HOP_SAMPLES)
    if not count:
        return np.zeros(0, dtype=np.bool_)
    levels = np.sqrt(np.mean(np.square(hops, dtype=np.float32), axis=1))
    threshold = max(float(np.percentile(levels, 90)) * 10 ** (_FLOOR_DB / 20), _QUIETEST_LEVEL)
    return np.asarray(levels > threshold)


def loud_span(samples: Mono) -> tuple[int, int] | None:
    """Return the first and one past the last sample worth keeping, with 20 ms around the sound; None for silence."""
    loud = np.flatnonzero(loud_hops(samples))
    if not loud.size:
        return None
    first = max(int(loud[0]) - _MARGIN_HOPS, 0) * HOP_SAMPLES
    last = min((int(loud[-1]) + 1 + _MARGIN_HOPS) * HOP_SAMPLES, len(samples))
    return first, last


def silences(samples: Mono, shortest_seconds: float) -> list[tuple[float, float]]:
    """Return the quiet spans of at least `shortest_seconds`, in seconds, in order."""
    return _quiet_spans(loud_hops(samples), shortest_seconds)


def longest_pause(samples: Mono) -> tuple[float, float]:
    """Return the start and the length, in seconds, of the longest quiet span with sound on both its sides.

    (0.0, 0.0) where there is none; a minute is in memory at a time.
    """
    powers = hop_powers(samples)
    if not powers.size:
        return 0.0, 0.0
    threshold = max(float(np.percentile(powers, 90)) * 10 ** (_FLOOR_DB / 10), _QUIETEST_LEVEL**2)
    ends = len(powers) * HOP_SAMPLES / SAMPLE_RATE
    inner = [(first, last) for first, last in _quiet_spans(powers > threshold, 0.0) if first > 0 and last < ends]
    start, end = max(inner, key=lambda span: span[1] - span[0], default=(0.0, 0.0))
    return start, end - start


def pauses_in_room(samples: Mono, shortest_seconds: float) -> list[tuple[float, float]]:
    """Return the spans, in seconds and in order, in which nobody speaks in a recording whose room can be heard."""
    powers = hop_powers(samples)
    if not powers.size:
        return []
    decibels = 10 * np.log10(np.convolve(powers, np.full(_SMOOTHED_HOPS, 1 / _SMOOTHED_HOPS), mode="same") + 1e-6)
    voice, room = np.percentile(decibels, 90), np.percentile(decibels, 5)
    threshold = max(voice + _FLOOR_DB, room + _ABOVE_ROOM * (voice - room), 20 * np.log10(_QUIETEST_LEVEL))
    return _quiet_spans(decibels > threshold, shortest_seconds)


def hop_powers(samples: Mono) -> npt.NDArray[np.float64]:
    """Return the mean square of each whole hop of 5 ms; a minute is in memory at a time."""
    count = len(samples) // HOP_SAMPLES
    powers = np.zeros(count)
    for first in range(0, count, _BLOCK_HOPS):
        last = min(first + _BLOCK_HOPS, count)
        hops = samples[first * HOP_SAMPLES : last * HOP_SAMPLES].reshape(last - first, HOP_SAMPLES)
        powers[first:last] = np.mean(np.square(hops, dtype=np.float32), axis=1)
    return powers


def _quiet_spans(loud_of_hops: npt.NDArray[np.bool_], shortest_seconds: float) -> list[tuple[float, float]]:
    loud = np.concatenate([[True], loud_of_hops, [True]])
    edges = np.flatnonzero(np.diff(loud.astype(np.int8)))
    hop = HOP_SAMPLES / SAMPLE_RATE
    spans = [(float(first) * hop, float(last) * hop) for first, last in edges.reshape(-1, 2)]
    return [(start, end) for start, end in spans if end - start >= shortest_seconds]
