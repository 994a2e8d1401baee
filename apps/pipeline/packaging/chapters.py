"""Chapters: scenes gathered into parts that are long enough to jump to, by YouTube's rules.

The rules (support.google.com/youtube/answer/9884579): the first chapter starts at 0:00, there are at least three, in
ascending order, and each lasts ten seconds or more. YouTube reads whole seconds, so starts are rounded down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.pipeline.contracts import CaptionCue, Script, Timeline
from apps.pipeline.packaging.youtube import plain_line
from apps.pipeline.subtitles import to_vtt

FEWEST = 3
SHORTEST_MS = 10_000
TITLE_CHARACTERS = 100
# More of them are no help to who looks for a place.
_MOST = 12


@dataclass(frozen=True)
class Mark:
    """Where a scene starts, and what it is called."""

    start_ms: int
    title: str
    opens_paragraph: bool = True


@dataclass(frozen=True)
class Chapter:
    """A part of the video. Its title is one line without angle brackets and without anything that reads as a time."""

    start_ms: int
    title: str


def marks_of(script: Script, timeline: Timeline) -> tuple[Mark, ...]:
    """Return where each scene of a video starts. The first starts at 0."""
    scenes = {scene.scene_id: scene for scene in script.scenes}
    marks, opens_paragraph = [], True
    for segment in timeline.segments:
        scene = scenes[segment.scene_id]
        marks.append(Mark(segment.start_frame * 1000 // timeline.fps, scene.called, opens_paragraph))
        opens_paragraph = scene.ends_paragraph
    return tuple(marks)


def chapters_of(marks: Sequence[Mark], duration_ms: int) -> tuple[Chapter, ...]:
    """Gather scenes into at most a dozen chapters of ten seconds or more, at paragraphs where those are enough.

    Where that gives fewer than three, ten seconds alone count; of a video too short for three there are fewer.
    """
    calm = max(SHORTEST_MS, duration_ms // _MOST)
    paragraphs = [mark for mark in marks if mark.opens_paragraph]
    for offered, shortest in ((paragraphs, calm), (marks, calm)):
        gathered = _gathered(offered, duration_ms, shortest)
        if len(gathered) >= FEWEST:
            return gathered
    return _gathered(marks, duration_ms, SHORTEST_MS)


def why_none(chapters: Sequence[Chapter], duration_ms: int) -> str:
    """Return why YouTube would not show these chapters, a sentence for the customer; empty when it would."""
    if len(chapters) >= FEWEST:
        return ""
    if duration_ms < FEWEST * SHORTEST_MS:
        return f"This video is {duration_ms // 1000} s long; YouTube wants three chapters of 10 s each."
    return "The scenes of this video do not part into three chapters of 10 s each, which YouTube wants."


def as_lines(chapters: Sequence[Chapter]) -> str:
    """Return the chapters as YouTube reads them in a description, a line each: "0:00 Why cats purr"."""
    return "\n".join(f"{clock(chapter.start_ms)} {chapter.title}" for chapter in chapters)


def as_vtt(chapters: Sequence[Chapter], duration_ms: int) -> str:
    """Return the chapters as a WebVTT file for a player's chapters track."""
    ends = [chapter.start_ms for chapter in chapters[1:]] + [duration_ms]
    pairs = zip(chapters, ends, strict=True)
    return to_vtt([CaptionCue(chapter.start_ms / 1000, end / 1000, (chapter.title,), 0, 0) for chapter, end in pairs])


def clock(moment_ms: int) -> str:
    """Return a moment in whole seconds, rounded down: "0:07", "12:40", "1:02:03"."""
    minutes, seconds = divmod(moment_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _gathered(marks: Sequence[Mark], duration_ms: int, shortest: int) -> tuple[Chapter, ...]:
    """Taking each border as soon as it may be taken gives the most chapters."""
    kept: list[Mark] = []
    for mark in marks:
        is_far_enough = not kept or mark.start_ms - kept[-1].start_ms >= shortest
        if is_far_enough and (not kept or duration_ms - mark.start_ms >= shortest):
            kept.append(mark)
    return tuple(
        Chapter(mark.start_ms, plain_line(mark.title, TITLE_CHARACTERS) or f"Part {number}")
        for number, mark in enumerate(kept, 1)
    )
