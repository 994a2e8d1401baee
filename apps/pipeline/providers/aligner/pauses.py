"""Word times moved to where the sound really starts and stops: whoever gave them, pauses are heard in the audio."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise

from apps.pipeline.contracts import SAMPLE_RATE, TokenTime
from apps.pipeline.providers.spacing import strictly_rising
from apps.pipeline.render.energy import Mono, silences

_SHORTEST_PAUSE_SECONDS = 0.05
_LATE_HINT_SECONDS = 0.06
_SHORTEST_WORD_SECONDS = 0.02


def moved_to_sound(
    times: Sequence[TokenTime],
    samples: Mono,
    pauses_in: Callable[[Mono, float], list[tuple[float, float]]] = silences,
) -> tuple[TokenTime, ...]:
    """Return the times in order and inside the audio, 48 kHz `samples`, none beginning or ending within a pause.

    `pauses_in` finds those of a length in seconds.
    """
    pauses, seconds = pauses_in(samples, _SHORTEST_PAUSE_SECONDS), len(samples) / SAMPLE_RATE
    begins = strictly_rising([_onset(time.start, pauses) for time in times], seconds)
    ends = [
        _offset(begin, time.end, following, pauses)
        for time, (begin, following) in zip(times, pairwise([*begins, seconds]), strict=True)
    ]
    return tuple(
        TokenTime(time.index, begin, end, time.confidence) for time, begin, end in zip(times, begins, ends, strict=True)
    )


def _onset(start: float, pauses: Sequence[tuple[float, float]]) -> float:
    """Move a start that lies in a pause, or shortly after one, to the end of that pause."""
    place = bisect_left(pauses, start, key=lambda pause: pause[0]) - 1
    if place + 1 < len(pauses) and pauses[place + 1][0] - start < _SHORTEST_WORD_SECONDS:
        place += 1
    if place >= 0 and start <= pauses[place][1] + _LATE_HINT_SECONDS:
        return pauses[place][1]
    return start


def _offset(begin: float, given: float, following: float, pauses: Sequence[tuple[float, float]]) -> float:
    """End a word at its given end, at the pause before the following word, or at that word, whichever is first."""
    end = given if begin + _SHORTEST_WORD_SECONDS <= given < following else following
    place = bisect_left(pauses, following, key=lambda pause: pause[0]) - 1
    if place >= 0 and pauses[place][0] > begin and pauses[place][1] >= following - _SHORTEST_PAUSE_SECONDS:
        end = min(end, max(pauses[place][0], begin + _SHORTEST_WORD_SECONDS))
    return min(end, following)
