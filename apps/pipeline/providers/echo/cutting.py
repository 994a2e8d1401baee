"""Where a recording is cut between two scenes: in a pause, where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from apps.pipeline.contracts import SAMPLE_RATE, TokenTime
from apps.pipeline.render.energy import HOP_SAMPLES, Mono, hop_powers, pauses_in_room

_SHORTEST_PAUSE_SECONDS = 0.06
_CLICK_SECONDS = 0.03
_LOOKED_AROUND_SECONDS = 0.3
_HOP_SECONDS = HOP_SAMPLES / SAMPLE_RATE

Span = tuple[float, float]


def borders(scenes: Sequence[Sequence[TokenTime]], samples: Mono) -> tuple[float, ...]:
    """Return the moment, in seconds, at which each scene but the last one ends; they rise.

    It is the middle of the longest pause between the middles of the last word and the next, or, where nobody pauses,
    the quietest moment there. `scenes` are the words as they were found in the 48 kHz recording.
    """
    pauses, powers = _without_clicks(pauses_in_room(samples, _HOP_SECONDS)), hop_powers(samples)
    found: list[float] = []
    for scene, following in pairwise(scenes):
        start, end = _window(scene[-1], following[0])
        start = max(start, found[-1] + _HOP_SECONDS if found else 0.0)
        found.append(_border(start, max(end, start + _HOP_SECONDS), pauses, powers))
    return tuple(found)


def _without_clicks(spans: Sequence[Span]) -> list[Span]:
    """Join quiet spans that only a click parts."""
    joined: list[Span] = []
    for start, end in spans:
        first = joined.pop()[0] if joined and start - joined[-1][1] <= _CLICK_SECONDS else start
        joined.append((first, end))
    return joined


def _window(last: TokenTime, following: TokenTime) -> Span:
    start = min((last.start + last.end) / 2, last.end - _LOOKED_AROUND_SECONDS)
    end = max((following.start + following.end) / 2, following.start + _LOOKED_AROUND_SECONDS)
    return start, max(end, start)


def _border(start: float, end: float, pauses: Sequence[Span], powers: npt.NDArray[np.float64]) -> float:
    parts = [(max(pause[0], start), min(pause[1], end)) for pause in pauses if pause[0] < end and pause[1] > start]
    longest = max(parts, key=lambda part: part[1] - part[0], default=(0.0, 0.0))
    if longest[1] - longest[0] >= _SHORTEST_PAUSE_SECONDS:
        return sum(longest) / 2
    first, last = int(start / _HOP_SECONDS), int(end / _HOP_SECONDS) + 1
    heard = powers[first:last]
    return (first + int(np.argmin(heard))) * _HOP_SECONDS if heard.size else start
