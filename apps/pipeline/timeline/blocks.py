"""Which words stand on the screen together, and when.

Blocks end where the voice does: at the end of a sentence and at a pause, never across a scene. What is longer than a
block may be is divided evenly, at commas where there are some.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from apps.pipeline.contracts import FPS, CaptionBlock, CaptionStyle, CaptionWord, Shape

PAUSE_SECONDS = 0.35
HOLD_FRAMES = 9
BLINK_FRAMES = 15
"""A block whose successor follows this soon stays until then: a shorter gap would blink."""
_SENTENCE_ENDS = ".!?…。！？।؟"
_CLAUSE_ENDS = ",;:،؛、，；：—–"
_CLOSERS = "\"'”’»)]】」』"
_CLAUSE_COST, _WORD_COST, _LONE_COST, _STRADDLE_COST = 0.05, 0.25, 0.15, 0.8


@dataclass(frozen=True)
class TimedWord:
    """A displayed word and when it is heard, in seconds on the whole timeline."""

    text: str
    after: str
    start: float
    end: float


@dataclass(frozen=True)
class Room:
    """What a block may hold. `columns` counts wide (CJK) characters twice; a small block keeps to one clause."""

    columns: int
    words: int

    @property
    def is_small(self) -> bool:
        return self.words <= 6


ROOMS: dict[CaptionStyle, dict[Shape, Room]] = {
    "plain": {"16:9": Room(68, 18), "9:16": Room(38, 10), "1:1": Room(46, 12)},
    "boxed": {"16:9": Room(68, 18), "9:16": Room(38, 10), "1:1": Room(46, 12)},
    "karaoke": {"16:9": Room(34, 6), "9:16": Room(17, 4), "1:1": Room(21, 4)},
    "lower_third": {"16:9": Room(56, 14), "9:16": Room(34, 9), "1:1": Room(42, 11)},
    "cinema": {"16:9": Room(76, 20), "9:16": Room(44, 12), "1:1": Room(54, 14)},
    "big_word": {"16:9": Room(18, 3), "9:16": Room(10, 2), "1:1": Room(11, 2)},
}


def caption_blocks(
    words: Sequence[TimedWord], start_frame: int, end_frame: int, room: Room
) -> tuple[CaptionBlock, ...]:
    """Group the words of the scene that fills [start_frame, end_frame); every word occurs once, in order."""
    starts = _start_frames(words, start_frame, end_frame)
    groups = [group for phrase in _phrases(words) for group in _divided(words, phrase, room)]
    limits = [*(starts[group.start] for group in groups[1:]), end_frame]
    return tuple(_block(words, group, starts, limit) for group, limit in zip(groups, limits, strict=False))


def _start_frames(words: Sequence[TimedWord], first: int, end: int) -> list[int]:
    """Round to frames, one word after the other, leaving a frame to each that follows."""
    starts: list[int] = []
    for index, word in enumerate(words):
        earliest = starts[-1] + 1 if starts else first
        latest = end - (len(words) - index)
        starts.append(max(first, min(max(round(word.start * FPS), earliest), latest)))
    return starts


def _phrases(words: Sequence[TimedWord]) -> list[range]:
    phrases, first = [], 0
    for index, word in enumerate(words):
        is_last = index + 1 == len(words)
        if is_last or _ends(word, _SENTENCE_ENDS) or words[index + 1].start - word.end > PAUSE_SECONDS:
            phrases.append(range(first, index + 1))
            first = index + 1
    return phrases


def _divided(words: Sequence[TimedWord], phrase: range, room: Room) -> list[range]:
    """Divide a phrase at the least total cost: uneven fill, breaks inside a clause and lone words all cost."""
    best: dict[int, tuple[float, list[range]]] = {phrase.start: (0.0, [])}
    for end in range(phrase.start + 1, phrase.stop + 1):
        choices = []
        for first in range(max(phrase.start, end - room.words), end):
            if end - first > 1 and _columns(words, range(first, end)) > room.columns:
                continue
            cost, before = best[first]
            choices.append((cost + _cost(words, range(first, end), phrase, room), [*before, range(first, end)]))
        best[end] = min(choices, key=lambda choice: choice[0])
    return best[phrase.stop][1]


def _cost(words: Sequence[TimedWord], group: range, phrase: range, room: Room) -> float:
    cost = max(0.0, 1 - _columns(words, group) / room.columns) ** 2
    if room.is_small:
        cost += _STRADDLE_COST * sum(_ends(words[index], _CLAUSE_ENDS) for index in group[:-1])
    if len(group) == 1 and len(phrase) > 1 and room.words > 3:
        cost += _LONE_COST
    if group.stop == phrase.stop:
        return cost
    return cost + (_CLAUSE_COST if _ends(words[group.stop - 1], _CLAUSE_ENDS) else _WORD_COST)


def _ends(word: TimedWord, marks: str) -> bool:
    return word.text.rstrip(_CLOSERS).endswith(tuple(marks))


def _columns(words: Sequence[TimedWord], group: range) -> int:
    text = "".join(words[index].text + words[index].after for index in group).rstrip()
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _block(words: Sequence[TimedWord], group: range, starts: Sequence[int], limit: int) -> CaptionBlock:
    """`limit` is the first frame that belongs to something else."""
    last = group.stop - 1
    shown = []
    for index in group:
        following = starts[index + 1] if index < last else limit
        heard = max(starts[index] + 1, round(words[index].end * FPS))
        is_linked = index < last and words[index + 1].start - words[index].end <= PAUSE_SECONDS
        end = following if is_linked else min(heard, following)
        shown.append(CaptionWord(words[index].text, starts[index], end, words[index].after))
    spoken = shown[-1].end_frame
    end_frame = limit if limit - spoken <= BLINK_FRAMES else spoken + HOLD_FRAMES
    return CaptionBlock(starts[group.start], max(spoken, end_frame), tuple(shown))
