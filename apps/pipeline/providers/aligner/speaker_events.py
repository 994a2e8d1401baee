"""The embedded aligner: the speaker's own word times, with pauses moved to where the sound really starts and stops."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from apps.pipeline.contracts import SAMPLE_RATE, TokenTime
from apps.pipeline.providers.aligner.base import Alignment, AlignRequest
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.spacing import strictly_rising
from apps.pipeline.providers.usage import Usage
from apps.pipeline.render.energy import silences
from apps.pipeline.render.wav import wav_samples

_SHORTEST_PAUSE_SECONDS = 0.05
_LATE_HINT_SECONDS = 0.06
_SHORTEST_WORD_SECONDS = 0.02


class SpeakerEventsAligner:
    name = "speaker-events"
    identity = "speaker-events 1"

    def align(self, request: AlignRequest) -> Alignment:
        """Refine the request's hints against its audio. Raises Rejected("no_word_times") when there are none."""
        if request.hints is None or len(request.hints) != len(request.tokens):
            raise Rejected(
                "no_word_times",
                "This voice does not tell when it says each word. Choose another voice or another way of alignment.",
            )
        samples = wav_samples(request.audio)[:, 0]
        seconds = len(samples) / SAMPLE_RATE
        words = _refined(request.hints, silences(samples, _SHORTEST_PAUSE_SECONDS), seconds)
        return Alignment(words, Usage(model=self.identity))


def _refined(
    hints: Sequence[TokenTime], pauses: Sequence[tuple[float, float]], seconds: float
) -> tuple[TokenTime, ...]:
    begins = strictly_rising([_onset(hint.start, pauses) for hint in hints], seconds)
    ends = [
        _offset(begin, hint.end, following, pauses)
        for hint, (begin, following) in zip(hints, pairwise([*begins, seconds]), strict=True)
    ]
    return tuple(
        TokenTime(hint.index, begin, end, hint.confidence) for hint, begin, end in zip(hints, begins, ends, strict=True)
    )


def _onset(start: float, pauses: Sequence[tuple[float, float]]) -> float:
    """Move a start that lies in a pause, or shortly after one, to the end of that pause."""
    place = bisect_left(pauses, start, key=lambda pause: pause[0]) - 1
    if place + 1 < len(pauses) and pauses[place + 1][0] - start < _SHORTEST_WORD_SECONDS:
        place += 1
    if place >= 0 and start <= pauses[place][1] + _LATE_HINT_SECONDS:
        return pauses[place][1]
    return start


def _offset(begin: float, hinted: float, following: float, pauses: Sequence[tuple[float, float]]) -> float:
    """End a word at its hint, at the pause that lasts until the following word, or there, whichever comes first."""
    end = hinted if begin + _SHORTEST_WORD_SECONDS <= hinted < following else following
    place = bisect_left(pauses, following, key=lambda pause: pause[0]) - 1
    if place >= 0 and pauses[place][0] > begin and pauses[place][1] >= following - _SHORTEST_PAUSE_SECONDS:
        end = min(end, max(pauses[place][0], begin + _SHORTEST_WORD_SECONDS))
    return min(end, following)
