"""The last things that happened to a video, in friendly words, from the moments of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.pipeline.failures import scene_number
from apps.pipeline.models import Job
from apps.pipeline.shown_rows import ShownRow, parts_of

_MOST_LINES = 5
_DONE = {
    "voice": "Voice recorded",
    "visual_plan": "Pictures planned",
    "images": "All pictures drawn",
    "alignment": "Captions timed",
    "render": "Film put together",
    "package": "Film checked and packed",
}
_KEPT = {
    "script": "Script taken over from before",
    "voice": "Voice taken over from before",
    "images": "Pictures taken over from before",
    "render": "Film taken over from before",
}
_AGAIN = {
    "script": "Script: trying again",
    "voice": "Voice of scene {}: trying again",
    "images": "Picture {}: trying again",
    "alignment": "Captions of scene {}: trying again",
    "render": "Film: trying again",
    "package": "Checking the film: trying again",
}


@dataclass(frozen=True)
class Happening:
    """`stamp` is the time since the video was asked for, as minutes and seconds."""

    stamp: str
    words: str


def happenings_of(job: Job, rows: Sequence[ShownRow]) -> tuple[Happening, ...]:
    """Return the last five, the newest first."""
    told = sorted(_told(job, rows), reverse=True)[:_MOST_LINES]
    return tuple(Happening(_stamp(moment, job.created_at), words) for moment, _, words in told)


def _told(job: Job, rows: Sequence[ShownRow]) -> Iterator[tuple[datetime, int, str]]:
    """Yield when, in which place among what happened at the same moment, and what."""
    if job.started_at is not None:
        yield job.started_at, -1, "Started"
    scenes = len(parts_of(rows, "voice") or parts_of(rows, "images"))
    for place, row in enumerate(rows):
        words = _words(row, scenes)
        moment = row.finished_at if row.is_done else row.due_at
        if words and moment is not None:
            yield moment, place, words


def _words(row: ShownRow, scenes: int) -> str:
    number = scene_number(row.part)
    if row.is_tried_again:
        return _AGAIN.get(row.step, "").format(number)
    if not row.is_done:
        return ""
    if row.reused:
        return "" if row.part else _KEPT.get(row.step, "")
    if row.part:
        return f"Picture {number} drawn" if row.step == "images" else ""
    if row.step == "script":
        return f"Script written: {scenes} scene{'' if scenes == 1 else 's'}" if scenes else "Script written"
    return _DONE.get(row.step, "")


def _stamp(moment: datetime, begun: datetime) -> str:
    minutes, seconds = divmod(max(0, int((moment - begun).total_seconds())), 60)
    return f"{minutes}:{seconds:02}"
