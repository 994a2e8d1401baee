"""Timed words to subtitle cues: at most two lines of 42 characters, readable in their time, broken at phrase borders.

The limits follow the common broadcast guides (42 characters a line, 17 characters a second, two frames between cues
or none). Where people speak faster than that can be read, a cue stays as long as the time allows. A word longer than
a line stands on a line of its own that is as long as the word.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, groupby, pairwise

from apps.pipeline.contracts import FPS, CaptionCue, Word

LINE_COLUMNS = 42
CHARACTERS_PER_SECOND = 17.0
SHORTEST_SECONDS = 1.0
LONGEST_SECONDS = 7.0

_WIDE_COLUMNS = 2.1  # 20 full-width characters fill a line
_LINGER_SECONDS = 0.25
_LEAD_IN_SECONDS = 0.5
_SMALLEST_GAP_SECONDS = 2 / FPS
_SENTENCE_ENDS = tuple(".!?…。！？।؟")
_CLAUSE_ENDS = tuple(",;:—–、，；：،؛")
_CLOSING_MARKS = "\"'”’»)]」』）"
_SHORT_WORD = 3
_LONG_PAUSE_SECONDS = 0.7
_SCANT_CUE_CHARACTERS = 32


def build_cues(words: Sequence[Word], scene_ends: Mapping[str, float]) -> tuple[CaptionCue, ...]:
    """Return cues that hold every word once, in order; none crosses a scene border nor overlaps the next.

    `words` are in order of time; `scene_ends` gives the end of each scene's audio in seconds, which no cue passes.
    """
    cues: list[CaptionCue] = []
    opens = 0.0
    for scene_id, run in groupby(words, key=lambda word: word.scene_id):
        scene = _Scene(tuple(run), len(cues) and cues[-1].last_word + 1, opens, scene_ends[scene_id])
        cues.extend(_timed(scene))
        opens = scene.closes
    return tuple(cues)


@dataclass(frozen=True)
class _Scene:
    """The words of one scene, `offset` the place of the first among all; cues stand in [opens, closes]."""

    words: tuple[Word, ...]
    offset: int
    opens: float
    audio_end: float

    @property
    def closes(self) -> float:
        return max(self.audio_end, self.words[-1].end)

    @cached_property
    def column_sums(self) -> list[float]:
        return [0.0, *accumulate(_columns(word.text + word.after) for word in self.words)]

    @cached_property
    def break_costs(self) -> list[float]:
        return [0.0 if word.closes else _break_cost(word.text) for word in self.words]

    @cached_property
    def has_pause_after(self) -> list[bool]:
        return [after.start - word.end > _LONG_PAUSE_SECONDS for word, after in pairwise(self.words)]

    def columns(self, first: int, stop: int) -> float:
        return self.column_sums[stop] - self.column_sums[first] - _columns(self.words[stop - 1].after)

    def text(self, first: int, stop: int) -> str:
        return "".join(word.text + word.after for word in self.words[first:stop]).rstrip()

    def is_line(self, first: int, stop: int) -> bool:
        return stop - first == 1 or self.columns(first, stop) <= LINE_COLUMNS

    def is_cue(self, first: int, stop: int) -> bool:
        if self.is_line(first, stop):
            return True
        room = self.column_sums[first] + LINE_COLUMNS
        longest = max(bisect_right(self.column_sums, room) - 1, first + 1)
        # The space after the last word of a line takes no room.
        while longest + 1 < stop and self.is_line(first, longest + 1):
            longest += 1
        return self.is_line(longest, stop)

    def lead_in(self, first: int) -> float:
        """Return how much earlier than its first word a cue may start, if nothing needs that time more."""
        before = self.words[first - 1].end if first else self.opens
        return min(max(self.words[first].start - before - _LINGER_SECONDS, 0.0), _LEAD_IN_SECONDS)

    def leaves(self, stop: int) -> float:
        """Return the latest end of a cue whose words end before `stop`."""
        return self.words[stop].start if stop < len(self.words) else self.closes


def _timed(scene: _Scene) -> Iterator[CaptionCue]:
    before = scene.opens
    for first, stop in _spans(scene):
        lines = _lines(scene, first, stop)
        needed = max(len("\n".join(lines)) / CHARACTERS_PER_SECOND, SHORTEST_SECONDS)
        start, latest = scene.words[first].start, scene.leaves(stop)
        end = min(max(scene.words[stop - 1].end + _LINGER_SECONDS, start + needed), latest)
        if latest - end < _SMALLEST_GAP_SECONDS:
            end = latest
        start = _led_in(start, end - needed, before)
        yield CaptionCue(start, end, lines, scene.offset + first, scene.offset + stop - 1)
        before = end


def _led_in(start: float, wanted: float, before: float) -> float:
    """Start a cue that is short for its text up to half a second early, in the silence after the cue before."""
    early = max(min(start, wanted), start - _LEAD_IN_SECONDS, before)
    return before if early - before < _SMALLEST_GAP_SECONDS else early


def _spans(scene: _Scene) -> list[tuple[int, int]]:
    """Cut the scene into cues so that the sum of all costs is lowest."""
    count = len(scene.words)
    best: list[tuple[float, int]] = [(0.0, count)] * (count + 1)
    for first in range(count - 1, -1, -1):
        stops = range(first + 1, count + 1)
        fitting = [stop for stop in stops[: _cue_limit(scene, first)] if scene.is_cue(first, stop)]
        best[first] = min((_cost(scene, first, stop) + best[stop][0], stop) for stop in fitting)
    spans = []
    first = 0
    while first < count:
        spans.append((first, best[first][1]))
        first = best[first][1]
    return spans


def _cue_limit(scene: _Scene, first: int) -> int:
    """Return how many words from `first` can stand in a cue at the very most."""
    room = scene.column_sums[first] + 2 * (LINE_COLUMNS + 1)
    return max(bisect_right(scene.column_sums, room) - first, 2)


def _cost(scene: _Scene, first: int, stop: int) -> float:
    characters = sum(len(word.text) + len(word.after) for word in scene.words[first:stop])
    seconds = scene.leaves(stop) - scene.words[first].start + scene.lead_in(first)
    cost = 1.0 + (scene.break_costs[stop - 1] if stop < len(scene.words) else 0.0)
    rush = characters / max(seconds, 0.001) - CHARACTERS_PER_SECOND
    cost += 4.0 + 2.0 * rush if rush > 0 else 0.0
    cost += 3.0 * max(SHORTEST_SECONDS - seconds, 0.0)
    cost += max(scene.words[stop - 1].end - scene.words[first].start - LONGEST_SECONDS, 0.0)
    cost += 0.05 * max(_SCANT_CUE_CHARACTERS - characters, 0)
    inner = slice(first, stop - 1)
    cost += 3.0 * sum(word.closes for word in scene.words[inner])
    return cost + 0.8 * scene.break_costs[inner].count(0.0) + 2.0 * sum(scene.has_pause_after[inner])


def _break_cost(text: str) -> float:
    """Price of parting the words after `text`: none at the end of a sentence, most after an article or the like."""
    bare = text.rstrip(_CLOSING_MARKS)
    if bare.endswith(_SENTENCE_ENDS):
        return 0.0
    if bare.endswith(_CLAUSE_ENDS):
        return 0.5
    return 2.2 if len(bare) <= _SHORT_WORD and _columns(bare) == len(bare) else 1.5


def _lines(scene: _Scene, first: int, stop: int) -> tuple[str, ...]:
    """Set words in one line if they fit, else in the two most even lines; a break cost weighs like eight columns."""
    if scene.is_line(first, stop):
        return (scene.text(first, stop),)
    cuts = [cut for cut in range(first + 1, stop) if scene.is_line(first, cut) and scene.is_line(cut, stop)]
    cut = min(
        cuts,
        key=lambda cut: abs(scene.columns(first, cut) - scene.columns(cut, stop)) + 8 * scene.break_costs[cut - 1],
    )
    return scene.text(first, cut), scene.text(cut, stop)


def _columns(text: str) -> float:
    if text.isascii():
        return len(text)
    return sum(_WIDE_COLUMNS if unicodedata.east_asian_width(sign) in "WF" else 1.0 for sign in text)
