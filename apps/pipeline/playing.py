"""What a film is watched with, whoever watches it: its player, what its steps made, and where to jump to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from apps.pipeline.blobs import is_stored
from apps.pipeline.codec import from_json
from apps.pipeline.contracts import Script, Timeline, WordTimings
from apps.pipeline.models import Asset, Job, JobStep
from apps.pipeline.packaging import names
from apps.pipeline.packaging.chapters import Chapter, chapters_of, clock, marks_of
from canvascast.logs import get_logger

log = get_logger("pipeline")

_MOMENT = re.compile(r"[0-9]{1,5}(?:\.[0-9])?")


@dataclass(frozen=True)
class Player:
    """Addresses of what plays; empty where a file is not kept. `looks` is wide, tall or square.

    `is_lost`: the film should be there and is not, as far as that can be told without asking a remote storage.
    """

    film: str
    is_lost: bool
    poster: str
    captions: str
    chapters: str
    width: int
    height: int
    looks: str


@dataclass(frozen=True)
class ChapterLink:
    seconds: float
    clock: str
    title: str


@dataclass(frozen=True)
class Made:
    """What the steps of a job made, as far as it is kept."""

    script: Script | None
    timings: WordTimings | None
    timeline: Timeline | None

    def chapters(self) -> tuple[Chapter, ...]:
        """Return the chapters of the film."""
        if self.script is None or self.timeline is None:
            return ()
        return chapters_of(marks_of(self.script, self.timeline), self.timeline.duration_ms)


def made_by(job: Job) -> Made:
    """Return what the job's steps made. One query."""
    rows = JobStep.objects.filter(job=job, part="", step__in=("script", "alignment", "timeline"))
    found = dict(rows.filter(artifact__isnull=False).values_list("step", "artifact__payload"))
    return Made(
        script=from_json(found["script"], Script) if "script" in found else None,
        timings=from_json(found["alignment"], WordTimings) if "alignment" in found else None,
        timeline=from_json(found["timeline"], Timeline) if "timeline" in found else None,
    )


def player_of(
    job: Job, assets: Mapping[str, Asset], timeline: Timeline | None, address_of: Callable[[Asset], str]
) -> Player:
    """Return the player for those of the job's files that are given by their names; `address_of` says where each is."""
    film = assets.get(names.VIDEO)
    is_lost = film is not None and not is_stored(film.storage_name)
    if is_lost:
        log.error("film_lost", traceId=str(job.pk))
    addresses = {name: address_of(asset) for name, asset in assets.items() if name in _PLAYED}
    width, height = (timeline.width, timeline.height) if timeline else (16, 9)
    return Player(
        film="" if is_lost else addresses.get(names.VIDEO, ""),
        is_lost=is_lost,
        poster=addresses.get(names.POSTER, ""),
        captions=addresses.get(names.CAPTIONS_VTT, ""),
        chapters=addresses.get(names.CHAPTERS_VTT, ""),
        width=width,
        height=height,
        looks="wide" if width > height else "tall" if width < height else "square",
    )


def chapter_links(chapters: tuple[Chapter, ...]) -> tuple[ChapterLink, ...]:
    """Return the chapters as places to jump to."""
    return tuple(ChapterLink(each.start_ms / 1000, clock(each.start_ms), each.title) for each in chapters)


def moment_of(given: str) -> str:
    """Return `given` if it is a moment in seconds to start from, as "12" or "12.3"; empty if it is anything else."""
    return given if _MOMENT.fullmatch(given) else ""


_PLAYED = {names.VIDEO, names.POSTER, names.CAPTIONS_VTT, names.CHAPTERS_VTT}
