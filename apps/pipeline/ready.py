"""What the page of a finished video shows: files, words with their times, chapters, texts for YouTube, receipt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from apps.billing import queries as billing
from apps.pipeline.attempt_prices import price_of_retry
from apps.pipeline.blobs import is_stored
from apps.pipeline.codec import from_json
from apps.pipeline.contracts import Script, Timeline, WordTimings
from apps.pipeline.file_list import File, FileList, file_list
from apps.pipeline.models import Asset, Job, JobStep
from apps.pipeline.packaging import names
from apps.pipeline.packaging.chapters import Chapter, as_lines, chapters_of, clock, marks_of, why_none
from apps.pipeline.packaging.youtube import description_for, tags_for, title_for
from apps.pipeline.queries import files_kept_until, files_of_job
from apps.pipeline.receipts import Receipt, length_in_words, receipt_of
from apps.pipeline.transcripts import SpokenScene, transcript_of
from canvascast.logs import get_logger

log = get_logger("pipeline")

_FILMS = (names.VIDEO, names.thumbnail_name(540), names.CAPTIONS_VTT, names.CHAPTERS_VTT)
# Two rows of a wide page; more are shown when they are asked for.
_FEW_PICTURES = 12
_MOMENT = re.compile(r"[0-9]{1,5}(?:\.[0-9])?")


@dataclass(frozen=True)
class Player:
    """Ids of what plays; None where a file is not kept. `looks` is wide, tall or square.

    `is_lost`: the film should be there and is not, as far as that can be told without asking a remote storage.
    """

    film: UUID | None
    is_lost: bool
    poster: UUID | None
    captions: UUID | None
    chapters: UUID | None
    width: int
    height: int
    looks: str


@dataclass(frozen=True)
class ChapterLink:
    seconds: float
    clock: str
    title: str


@dataclass(frozen=True)
class Kit:
    """What is pasted on YouTube, within its limits. `why_no_chapters` is empty when there are chapters.

    `tags` and `hooks`, sentences that could open the video, are there where a service wrote them.
    """

    title: str
    description: str
    chapters: str
    why_no_chapters: str
    tags: str
    hooks: tuple[str, ...]


@dataclass(frozen=True)
class ScenePicture:
    file: File
    alt: str


@dataclass(frozen=True)
class Gone:
    """When the files were deleted. Making the video again sets `price` aside, of which `missing` is not there."""

    at: datetime
    price: int
    missing: int


@dataclass(frozen=True)
class ReadyPage:
    """Everything below the title. The words stay when the files are gone, so every part may be missing by itself."""

    language: str
    length: str
    player: Player
    files: FileList
    pictures: tuple[ScenePicture, ...]
    transcript: tuple[SpokenScene, ...]
    chapters: tuple[ChapterLink, ...]
    kit: Kit | None
    files_until: date | None
    gone: Gone | None
    receipt: Receipt

    @property
    def has_scenes(self) -> bool:
        """Whether there is a script whose scenes can be changed."""
        return self.kit is not None

    @property
    def has_few_pictures(self) -> bool:
        return len(self.pictures) <= _FEW_PICTURES


def ready_page(job: Job) -> ReadyPage:
    """Return everything about the version of a video that a READY job made. Three queries, six without files."""
    earlier = Job.objects.filter(project_id=job.project_id, created_at__lt=job.created_at).order_by("-created_at")
    stored = files_of_job(job)
    assets = {asset.filename: asset for asset in stored.kept}
    made = _made(job)
    timeline, script = made.timeline, made.script
    files = file_list(assets.values())
    chapters = chapters_of(marks_of(script, timeline), timeline.duration_ms) if script and timeline else ()
    return ReadyPage(
        language=job.brief["language"],
        length=length_in_words(timeline.duration_ms) if timeline else "",
        player=_player(job, assets, timeline),
        files=files,
        pictures=_pictures(files, timeline),
        transcript=transcript_of(made.timings.words) if made.timings else (),
        chapters=tuple(ChapterLink(each.start_ms / 1000, clock(each.start_ms), each.title) for each in chapters),
        kit=_kit(job, script, timeline, chapters) if script and timeline else None,
        files_until=files_kept_until(job) if assets else None,
        gone=_gone(job, stored.deleted_at) if stored.deleted_at else None,
        receipt=receipt_of(job, earlier, duration_ms=timeline.duration_ms if timeline else None),
    )


def moment_of(given: str) -> str:
    """Return `given` if it is a moment in seconds to start from, as "12" or "12.3"; empty if it is anything else."""
    return given if _MOMENT.fullmatch(given) else ""


def _gone(job: Job, at: datetime) -> Gone:
    price = price_of_retry(job)
    return Gone(at, price, max(0, price - billing.balance(job.user_id).available))


@dataclass(frozen=True)
class _Made:
    script: Script | None
    timings: WordTimings | None
    timeline: Timeline | None


def _made(job: Job) -> _Made:
    """Return what the steps made, as far as it is kept."""
    rows = JobStep.objects.filter(job=job, part="", step__in=("script", "alignment", "timeline"))
    found = dict(rows.filter(artifact__isnull=False).values_list("step", "artifact__payload"))
    return _Made(
        script=from_json(found["script"], Script) if "script" in found else None,
        timings=from_json(found["alignment"], WordTimings) if "alignment" in found else None,
        timeline=from_json(found["timeline"], Timeline) if "timeline" in found else None,
    )


def _player(job: Job, assets: Mapping[str, Asset], timeline: Timeline | None) -> Player:
    film, poster, captions, chapters = (assets[name].pk if name in assets else None for name in _FILMS)
    is_lost = film is not None and not is_stored(assets[names.VIDEO].storage_name)
    if is_lost:
        log.error("film_lost", traceId=str(job.pk))
    width, height = (timeline.width, timeline.height) if timeline else (16, 9)
    looks = "wide" if width > height else "tall" if width < height else "square"
    return Player(None if is_lost else film, is_lost, poster, captions, chapters, width, height, looks)


def _pictures(files: FileList, timeline: Timeline | None) -> tuple[ScenePicture, ...]:
    alts = [segment.alt for segment in timeline.segments] if timeline else []
    alts += [""] * (len(files.pictures) - len(alts))
    return tuple(ScenePicture(file, alt) for file, alt in zip(files.pictures, alts, strict=False))


def _kit(job: Job, script: Script, timeline: Timeline, chapters: tuple[Chapter, ...]) -> Kit:
    why = why_none(chapters, timeline.duration_ms)
    lines = "" if why else as_lines(chapters)
    return Kit(
        title=title_for(job.project.title or script.title),
        description=description_for(script.description, lines),
        chapters=lines,
        why_no_chapters=why,
        tags=tags_for(script.tags),
        hooks=script.hooks,
    )
