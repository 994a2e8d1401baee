"""What the pages show of a user's videos, in the customer's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, QuerySet

from apps.accounts.models import User
from apps.pipeline.models import Asset, Job
from apps.pipeline.states import OPEN, JobState
from canvascast.errors import NotFound

VIDEOS_A_PAGE = 12
_POSTER = "thumbnails/thumbnail_540.jpg"
_DOWNLOADS = (
    ("video.mp4", "Film (MP4)"),
    ("audio.mp3", "Sound (MP3)"),
    ("captions.srt", "Captions (SRT)"),
    ("script.txt", "Script (text)"),
    ("assets.zip", "Everything (ZIP)"),
)
_STATE_WORDS = {
    JobState.QUEUED: "Waiting to be made",
    JobState.RUNNING: "Being made",
    JobState.READY: "Ready",
    JobState.CANCELED: "Stopped",
    JobState.FAILED: "Could not be made",
}
_LOOKS = {"16:9": "wide", "9:16": "tall", "1:1": "square"}
_FRAGMENTS = {
    JobState.QUEUED: "pipeline/_making.html",
    JobState.RUNNING: "pipeline/_making.html",
    JobState.READY: "pipeline/_ready.html",
    JobState.CANCELED: "pipeline/_ended.html",
    JobState.FAILED: "pipeline/_ended.html",
}


@dataclass(frozen=True)
class VideoCard:
    """A video in the list. `state` is a lower-case JobState, for looks; `state_words` says the same in words."""

    project_id: UUID
    title: str
    state: str
    state_words: str
    created_at: datetime
    poster: UUID | None


@dataclass(frozen=True)
class Download:
    label: str
    asset_id: UUID
    size_bytes: int


@dataclass(frozen=True)
class VideoPage:
    """What a video has in every state; `fragment` is the template that shows the rest of its state.

    `looks` is its shape: wide, tall or square.
    """

    project_id: UUID
    job_id: UUID
    title: str
    text: str
    language: str
    state: str
    state_words: str
    created_at: datetime
    looks: str
    is_open: bool
    is_ready: bool
    is_failed: bool
    fragment: str
    held: int
    used: int
    film: UUID | None
    poster: UUID | None
    captions: UUID | None
    downloads: tuple[Download, ...]

    @property
    def tab_title(self) -> str:
        return self.title if self.is_ready else f"{self.state_words}: {self.title}"

    @property
    def back(self) -> int:
        """Credits of the hold that came back when the video ended."""
        return self.held - self.used


def videos_page(user: User, *, page: str | int = 1) -> Page[Job]:
    """Return one page of the newest job of each of the user's videos; a page that is not there is the nearest one."""
    return Paginator(_newest_jobs(user).order_by("-created_at", "pk"), VIDEOS_A_PAGE).get_page(page)


def cards(jobs: Iterable[Job]) -> list[VideoCard]:
    """Return the jobs of a page as cards."""
    return [_card(job) for job in jobs]


def video_of(user: User, project_id: UUID) -> VideoPage:
    """Return one of the user's videos. Raises NotFound."""
    return page_of(newest_job(user, project_id))


def page_of(job: Job) -> VideoPage:
    """Return what the page of this job's video has in every state. No query but for a finished one's files."""
    assets = _assets_of(job) if job.is_ready else {}
    return VideoPage(
        project_id=job.project_id,
        job_id=job.pk,
        title=_title(job),
        text=job.brief["prompt"] or job.brief["transcript_text"],
        language=job.brief["language"],
        state=job.state.lower(),
        state_words=_STATE_WORDS[JobState(job.state)],
        created_at=job.created_at,
        looks=_LOOKS[job.brief["shape"]],
        is_open=job.state in OPEN,
        is_ready=job.is_ready,
        is_failed=job.state == JobState.FAILED,
        fragment=_FRAGMENTS[JobState(job.state)],
        held=job.reserved,
        used=job.cost,
        film=_id_of(assets, "video.mp4"),
        poster=_id_of(assets, _POSTER),
        captions=_id_of(assets, "captions.vtt"),
        downloads=_downloads(assets),
    )


def newest_job(user: User, project_id: UUID) -> Job:
    """Return the newest job of one of the user's videos. Raises NotFound."""
    job = _live_jobs(user).filter(project_id=project_id).select_related("project").order_by("-created_at").first()
    if job is None:
        raise NotFound
    return job


def project_with_job(user: User, job_id: UUID) -> UUID:
    """Return the video that one of the user's jobs made. Raises NotFound."""
    project_id = _live_jobs(user).filter(pk=job_id).values_list("project_id", flat=True).first()
    if project_id is None:
        raise NotFound
    return project_id


def _newest_jobs(user: User) -> QuerySet[Job]:
    newest = _live_jobs(user).order_by("project_id", "-created_at").distinct("project_id")
    posters = Asset.objects.filter(filename=_POSTER, expired_at__isnull=True)
    return (
        Job.objects.filter(pk__in=newest.values("pk"))
        .select_related("project")
        .prefetch_related(Prefetch("assets", queryset=posters, to_attr="posters"))
    )


def _live_jobs(user: User) -> QuerySet[Job]:
    jobs: QuerySet[Job] = Job.objects.for_user(user).filter(project__deleted_at__isnull=True)
    return jobs


def _card(job: Job) -> VideoCard:
    words = _STATE_WORDS[JobState(job.state)]
    posters: list[Asset] = getattr(job, "posters", [])
    return VideoCard(
        project_id=job.project_id,
        title=_title(job),
        state=job.state.lower(),
        state_words=f"{words}, {job.progress} %" if job.state == JobState.RUNNING else words,
        created_at=job.created_at,
        poster=posters[0].pk if posters else None,
    )


def _title(job: Job) -> str:
    return job.project.title or job.opening


def _assets_of(job: Job) -> dict[str, Asset]:
    return {asset.filename: asset for asset in Asset.objects.filter(job=job, expired_at__isnull=True)}


def _id_of(assets: Mapping[str, Asset], filename: str) -> UUID | None:
    return assets[filename].pk if filename in assets else None


def _downloads(assets: Mapping[str, Asset]) -> tuple[Download, ...]:
    present = [(label, assets[filename]) for filename, label in _DOWNLOADS if filename in assets]
    return tuple(Download(label, asset.pk, asset.size_bytes) for label, asset in present)
