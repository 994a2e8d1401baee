"""What the page of a finished video shows: files, words with their times, chapters, texts for YouTube, receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from apps.billing import queries as billing
from apps.pipeline.attempt_prices import price_of_retry
from apps.pipeline.contracts import Script, Timeline
from apps.pipeline.file_list import File, FileList, file_list
from apps.pipeline.models import Asset, Job
from apps.pipeline.packaging.chapters import Chapter, as_lines, why_none
from apps.pipeline.packaging.youtube import description_for, tags_for, title_for
from apps.pipeline.playing import ChapterLink, Player, chapter_links, made_by, player_of
from apps.pipeline.queries import files_kept_until, files_of_job
from apps.pipeline.receipts import Receipt, receipt_of
from apps.pipeline.transcripts import SpokenScene, transcript_of
from canvascast.amounts import length_in_words

# Two rows of a wide page; more are shown when they are asked for.
_FEW_PICTURES = 12


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
    """Return everything about the version of a video that a READY job made.

    Three queries; without files six, eight of changed scenes.
    """
    earlier = Job.objects.filter(project_id=job.project_id, created_at__lt=job.created_at).order_by("-created_at")
    stored = files_of_job(job)
    assets = {asset.filename: asset for asset in stored.kept}
    made = made_by(job)
    timeline, script = made.timeline, made.script
    files = file_list(assets.values())
    chapters = made.chapters()
    return ReadyPage(
        language=job.brief["language"],
        length=length_in_words(timeline.duration_ms / 1000) if timeline else "",
        player=player_of(job, assets, timeline, _address_of),
        files=files,
        pictures=_pictures(files, timeline),
        transcript=transcript_of(made.timings.words) if made.timings else (),
        chapters=chapter_links(chapters),
        kit=_kit(job, script, timeline, chapters) if script and timeline else None,
        files_until=files_kept_until(job) if assets else None,
        gone=_gone(job, stored.deleted_at) if stored.deleted_at else None,
        receipt=receipt_of(job, earlier, duration_ms=timeline.duration_ms if timeline else None),
    )


def _address_of(asset: Asset) -> str:
    return reverse("pipeline:asset", args=[asset.pk])


def _gone(job: Job, at: datetime) -> Gone:
    price = price_of_retry(job)
    return Gone(at, price, max(0, price - billing.balance(job.user_id).available))


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
