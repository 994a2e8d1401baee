"""Where sound is in a recording: by energy in steps of 5 ms, relative to its own loudest parts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from apps.pipeline.contracts import SAMPLE_RATE

HOP_SAMPLES = SAMPLE_RATE // 200
_FLOOR_DB = -40.0  # below the loudest tenth of the windows; breath and room lie lower, soft consonants higher
_QUIETEST_LEVEL = 10.0  # of 32,767 as root mean square, about -70 dBFS: below this everything is silence
_MARGIN_HOPS = 4
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
    loud = np.concatenate([[True], loud_hops(samples), [True]])
    edges = np.flatnonzero(np.diff(loud.astype(np.int8)))
    hop = HOP_SAMPLES / SAMPLE_RATE
    spans = [(float(first) * hop, float(last) * hop) for first, last in edges.reshape(-1, 2)]
    return [(start, end) for start, end in spans if end - start >= shortest_seconds]
