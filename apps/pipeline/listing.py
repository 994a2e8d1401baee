"""What the pages show of a user's videos, in the customer's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery

from apps.accounts.models import User
from apps.pipeline.models import Asset, Job, JobStep, Project
from apps.pipeline.packaging.chapters import clock
from apps.pipeline.packaging.names import POSTER
from apps.pipeline.states import OPEN, JobState
from canvascast.errors import NotFound

VIDEOS_A_PAGE = 12
_STATE_WORDS = {
    JobState.QUEUED: "Waiting to be made",
    JobState.RUNNING: "Being made",
    JobState.READY: "Ready",
    JobState.CANCELED: "Stopped",
    JobState.FAILED: "Could not be made",
}
# How a state looks beside its words: a class and an icon.
_MARKS = {
    JobState.QUEUED: ("is-now", "clock"),
    JobState.RUNNING: ("is-now", "clapperboard"),
    JobState.READY: ("is-done", "circle-check"),
    JobState.CANCELED: ("", "circle-stop"),
    JobState.FAILED: ("is-wrong", "triangle-alert"),
}
_FILES_DELETED = ("Files deleted", "", "archive-x")
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
    """A video in the list.

    `state_words` says its state, `looks` and `icon` show it; `doing` is what is done right now. `length` is "1:28" and
    `poster` the content hash of its still, both empty until the video is made.
    """

    project_id: UUID
    title: str
    language: str
    looks: str
    icon: str
    state_words: str
    doing: str
    created_at: datetime
    poster: str
    length: str


@dataclass(frozen=True)
class VideoPage:
    """What a video has in every state; `fragment` is the template that shows the rest of its state.

    `looks` is its shape: wide, tall or square. `is_remake`: only scenes of a finished version are changed.
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
    is_remake: bool
    fragment: str
    held: int
    used: int

    @property
    def tab_title(self) -> str:
        return self.title if self.is_ready else f"{self.state_words}: {self.title}"

    @property
    def is_stopped(self) -> bool:
        return self.state == JobState.CANCELED.lower()

    @property
    def back(self) -> int:
        """Credits of the hold that came back when the video ended."""
        return self.held - self.used


def state_words(job: Job) -> str:
    """Return the state of a job in words, and how far it is while it is made."""
    words = _STATE_WORDS[JobState(job.state)]
    return f"{words}, {job.progress} %" if job.state == JobState.RUNNING else words


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
    """Return what the page of this job's video has in every state. No query."""
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
        is_remake=job.changed_scenes > 0,
        fragment=_FRAGMENTS[JobState(job.state)],
        held=job.reserved,
        used=job.cost,
    )


def newest_job(user: User, project_id: UUID) -> Job:
    """Return the newest job of one of the user's videos. Raises NotFound."""
    job = _live_jobs(user).filter(project_id=project_id).select_related("project").order_by("-created_at").first()
    if job is None:
        raise NotFound
    return job


def was_deleted(user: User, project_id: UUID) -> bool:
    """Tell whether this was a video of the user's, and they deleted it."""
    return Project.objects.filter(pk=project_id, user=user, deleted_at__isnull=False).exists()


def job_of_video(project_id: UUID, job_id: UUID) -> Job:
    """Return one of the jobs of a video. Raises NotFound."""
    job: Job | None = Job.objects.filter(pk=job_id, project_id=project_id).select_related("project").first()
    if job is None:
        raise NotFound
    return job


def last_finished_job(user: User, project_id: UUID) -> Job:
    """Return the job of the version of a user's video that was finished last. Raises NotFound."""
    ready = _live_jobs(user).filter(project_id=project_id, state=JobState.READY).select_related("project")
    job: Job | None = ready.order_by("-created_at").first()
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
    posters = Asset.objects.filter(filename=POSTER, expired_at__isnull=True)
    files = Asset.objects.filter(job=OuterRef("pk"))
    packed = JobStep.objects.filter(job=OuterRef("pk"), step="package", part="")
    found: QuerySet[Job] = (
        Job.objects.filter(pk__in=newest.values("pk"))
        .select_related("project")
        .prefetch_related(Prefetch("assets", queryset=posters, to_attr="posters"))
        .annotate(
            duration_ms=Subquery(packed.values("artifact__payload__duration_ms")[:1]),
            is_without_files=Exists(files) & ~Exists(files.filter(expired_at__isnull=True)),
        )
    )
    return found


def _live_jobs(user: User) -> QuerySet[Job]:
    jobs: QuerySet[Job] = Job.objects.for_user(user).filter(project__deleted_at__isnull=True)
    return jobs


def _card(job: Job) -> VideoCard:
    state = JobState(job.state)
    looks, icon = _MARKS[state]
    words = state_words(job)
    if state == JobState.READY and getattr(job, "is_without_files", False):
        words, looks, icon = _FILES_DELETED
    posters: list[Asset] = getattr(job, "posters", [])
    duration_ms: int | None = getattr(job, "duration_ms", None)
    return VideoCard(
        project_id=job.project_id,
        title=_title(job),
        language=job.brief["language"],
        looks=looks,
        icon=icon,
        state_words=words,
        doing=job.status_message if state in OPEN else "",
        created_at=job.created_at,
        poster=posters[0].sha256 if posters else "",
        length=clock(duration_ms) if duration_ms else "",
    )


def _title(job: Job) -> str:
    return job.project.title or job.opening
