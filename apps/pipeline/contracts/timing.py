"""When each word is heard, and the subtitles."""

from __future__ import annotations

from dataclasses import dataclass

from apps.pipeline.contracts.base import Blob
from apps.pipeline.contracts.voice import TokenTime


@dataclass(frozen=True)
class SceneTimes:
    """Every displayed token of one scene, in seconds from the start of its take; `served_by` names the aligner."""

    scene_id: str
    words: tuple[TokenTime, ...]
    served_by: str


@dataclass(frozen=True)
class Word:
    """One displayed word on the timeline of the whole video, in seconds.

    `closes`: a list item, a table row or the like ends with it, without a mark of its own.
    """

    text: str
    start: float
    end: float
    confidence: float
    scene_id: str
    after: str = " "
    closes: bool = False


@dataclass(frozen=True)
class CaptionCue:
    """One subtitle: one or two lines, words `first_word` to `last_word` inclusive."""

    start: float
    end: float
    lines: tuple[str, ...]
    first_word: int
    last_word: int


@dataclass(frozen=True)
class WordTimings:
    words: tuple[Word, ...]
    cues: tuple[CaptionCue, ...]
    srt: Blob
    vtt: Blob
