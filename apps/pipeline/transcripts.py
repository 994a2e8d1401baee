"""What is said in a video, sentence by sentence with its time, for reading and for jumping to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from apps.pipeline.contracts import Token, Word
from apps.pipeline.packaging.chapters import clock
from apps.pipeline.text.sentences import split_sentences


@dataclass(frozen=True)
class Line:
    """One sentence. `seconds` is when it starts, in tenths rounded down so that nothing of its first word is missed."""

    seconds: float
    clock: str
    text: str


@dataclass(frozen=True)
class SpokenScene:
    """The sentences of one scene under its frame number, "01"."""

    frame: str
    lines: tuple[Line, ...]


def transcript_of(words: Sequence[Word]) -> tuple[SpokenScene, ...]:
    """Return every word of a video once, in order."""
    scenes = groupby(words, key=lambda word: word.scene_id)
    return tuple(SpokenScene(f"{number:02}", tuple(_lines(tuple(run)))) for number, (_, run) in enumerate(scenes, 1))


def _lines(words: tuple[Word, ...]) -> Iterator[Line]:
    sentences = split_sentences(tuple(Token(word.text, word.text, word.after) for word in words))
    ends, end = set(), 0
    for sentence in sentences:
        end += len(sentence)
        ends.add(end)
    first = 0
    for stop, word in enumerate(words, 1):
        if stop in ends or word.closes:
            yield _line(words[first:stop])
            first = stop


def _line(words: tuple[Word, ...]) -> Line:
    tenths = math.floor(words[0].start * 10)
    text = "".join(word.text + word.after for word in words).strip()
    return Line(seconds=tenths / 10, clock=clock(tenths * 100), text=text)
