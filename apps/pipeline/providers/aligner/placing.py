"""From what was heard of some words to one time for every word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from apps.pipeline.contracts import SAMPLE_RATE, Token, TokenTime
from apps.pipeline.providers.aligner.pauses import moved_to_sound
from apps.pipeline.render.energy import Mono
from apps.pipeline.text.tokens import spoken_weight


@dataclass(frozen=True)
class Heard:
    """Where a token was heard, in seconds, and how sure that is, 0 to 1."""

    start: float
    end: float
    confidence: float


def placed(tokens: Sequence[Token], heard: Sequence[Heard | None], samples: Mono) -> tuple[TokenTime, ...]:
    """Return a time for each token, moved to the sound in 48 kHz `samples`; `heard` has one entry a token.

    Tokens that were not heard share the time between their neighbours by how long they take to say, with confidence 0.
    """
    seconds = len(samples) / SAMPLE_RATE
    times: list[Heard] = []
    for first, last in _runs(heard):
        known = heard[first]
        if known is not None:
            times.append(known)
            continue
        before = times[-1].end if times else 0.0
        after = heard[last] if last < len(heard) else None
        times += _shared(tokens[first:last], before, max(after.start if after else seconds, before))
    given = [TokenTime(index, time.start, time.end, time.confidence) for index, time in enumerate(times)]
    return moved_to_sound(given, samples)


def _runs(heard: Sequence[Heard | None]) -> list[tuple[int, int]]:
    """Return where each heard token, and each run of tokens that were not heard, begins and ends."""
    runs: list[tuple[int, int]] = []
    for index, found in enumerate(heard):
        if found is None and runs and heard[runs[-1][0]] is None:
            runs[-1] = (runs[-1][0], index + 1)
        else:
            runs.append((index, index + 1))
    return runs


def _shared(tokens: Sequence[Token], begin: float, end: float) -> list[Heard]:
    weights = [spoken_weight(token.spoken) for token in tokens]
    borders = [begin + (end - begin) * part / sum(weights) for part in accumulate(weights, initial=0.0)]
    return [Heard(start, stop, 0.0) for start, stop in pairwise(borders)]
