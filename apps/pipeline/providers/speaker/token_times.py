"""From marks in a text to one time per token. Marks and tokens rarely match one to one: espeak splits numbers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from apps.pipeline.contracts import TokenTime
from apps.pipeline.providers.spacing import SHORTEST_SECONDS, strictly_rising
from apps.pipeline.providers.speaker.espeak_library import Mark


def times_from_marks(
    marks: Sequence[Mark], starts: Sequence[int | None], sample_rate: int, seconds: float
) -> tuple[TokenTime, ...]:
    """Return a time for every token: its first mark to the next one of another token or the end of its last clause.

    `starts` holds the character at which each token begins, None for one that is not said. A token without a mark of
    its own shares the time between its neighbours and has confidence 0.5. Times rise strictly, inside [0, seconds].
    """
    heard = _heard(marks, starts, sample_rate)
    begins = _filled({index: times[0] for index, times in heard.items()}, len(starts), seconds)
    clause_ends = [mark.sample / sample_rate for mark in marks if mark.character is None]
    ends = [
        _end(max(begin, heard.get(index, [begin])[-1]), following, clause_ends)
        for index, (begin, following) in enumerate(pairwise([*begins, seconds]))
    ]
    return tuple(
        TokenTime(index, begin, end, 1.0 if index in heard else 0.5)
        for index, (begin, end) in enumerate(zip(begins, ends, strict=True))
    )


def times_from_spans(spans: Sequence[tuple[float, float] | None], seconds: float) -> tuple[TokenTime, ...]:
    """Return a time for every token from when its letters are heard, None for one that is not said.

    Confidence, order and bounds are as in `times_from_marks`.
    """
    begins = _filled({index: span[0] for index, span in enumerate(spans) if span}, len(spans), seconds)
    return tuple(
        TokenTime(index, begin, _span_end(begin, following, span), 1.0 if span else 0.5)
        for index, (span, (begin, following)) in enumerate(zip(spans, pairwise([*begins, seconds]), strict=True))
    )


def _span_end(begin: float, following: float, span: tuple[float, float] | None) -> float:
    shortest = min(begin + SHORTEST_SECONDS, following)
    return following if span is None else min(max(span[1], shortest), following)


def _heard(marks: Sequence[Mark], starts: Sequence[int | None], sample_rate: int) -> dict[int, list[float]]:
    """Return the times of each token's marks; a number or an abbreviation has several."""
    said = [(start, index) for index, start in enumerate(starts) if start is not None]
    characters = [start for start, _ in said]
    heard: dict[int, list[float]] = {}
    for mark in marks:
        place = -1 if mark.character is None else bisect_right(characters, mark.character) - 1
        if place >= 0:
            heard.setdefault(said[place][1], []).append(mark.sample / sample_rate)
    return heard


def _filled(heard: dict[int, float], count: int, seconds: float) -> list[float]:
    places = sorted(heard)
    known = [*(heard[place] for place in places), seconds]
    begins = np.interp(np.arange(count), [*places, count], known)
    return strictly_rising(begins, seconds)


def _end(last_heard: float, following: float, clause_ends: Sequence[float]) -> float:
    """A token may hold clauses of its own (a telephone number): it ends with the one in which it is heard last."""
    place = bisect_right(clause_ends, last_heard + SHORTEST_SECONDS)
    return min(following, clause_ends[place]) if place < len(clause_ends) else following
