"""What the pages show of a user's videos, in the customer's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, QuerySet

from apps.accounts.models import User
from apps.pipeline import settlement
from apps.pipeline.models import Asset, Job, JobStep
from apps.pipeline.states import OPEN, JobState, StepState
from canvascast.errors import NotFound

VIDEOS_A_PAGE = 12
_POSTER = "thumbnails/thumbnail_540.jpg"
# What the customer sees as one step, and the pipeline's steps in it.
_STAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Script", ("script",)),
    ("Voice", ("voice",)),
    ("Pictures", ("visual_plan", "images")),
    ("Captions", ("alignment",)),
    ("Film", ("timeline", "render", "package")),
)
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
# What is being done, until a worker says it more exactly.
_DOING = {JobState.QUEUED: "Waiting for its turn", JobState.RUNNING: "Working on it"}
_STAGE_WORDS = {
    StepState.WAITING: "waiting",
    StepState.RUNNING: "in the making",
    StepState.DONE: "done",
    StepState.FAILED: "stopped here",
    StepState.CANCELED: "not made",
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
class Stage:
    """One step as the customer sees it. `state` is waiting, running, done, failed or canceled."""

    name: str
    state: str
    state_words: str


@dataclass(frozen=True)
class Download:
    label: str
    asset_id: UUID
    size_bytes: int


@dataclass(frozen=True)
class VideoPage:
    """Everything about one video. `back_on_stop` is what stopping now gives back of the `held` credits."""

    project_id: UUID
    job_id: UUID
    title: str
    text: str
    language: str
    state: str
    state_words: str
    progress: int
    message: str
    error_message: str
    created_at: datetime
    is_open: bool
    is_ready: bool
    is_failed: bool
    stages: tuple[Stage, ...]
    held: int
    used: int
    back_on_stop: int
    film: UUID | None
    poster: UUID | None
    captions: UUID | None
    downloads: tuple[Download, ...]

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
    job = newest_job(user, project_id)
    assets = {asset.filename: asset for asset in Asset.objects.filter(job=job, expired_at__isnull=True)}
    states = _states_of_steps(job)
    return VideoPage(
        project_id=job.project_id,
        job_id=job.pk,
        title=_title(job),
        text=job.brief["prompt"] or job.brief["transcript_text"],
        language=job.brief["language"],
        state=job.state.lower(),
        state_words=_STATE_WORDS[JobState(job.state)],
        progress=job.progress,
        message=job.status_message or _DOING.get(JobState(job.state), ""),
        error_message=job.error_message,
        created_at=job.created_at,
        is_open=job.state in OPEN,
        is_ready=job.is_ready,
        is_failed=job.state == JobState.FAILED,
        stages=_stages(states),
        held=job.reserved,
        used=job.cost,
        back_on_stop=_back_on_stop(job, states),
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


def _states_of_steps(job: Job) -> dict[str, set[str]]:
    """Return for each step the states that its parts are in. One query, however many scenes there are."""
    found: dict[str, set[str]] = {}
    for step, state in JobStep.objects.filter(job=job).order_by().values_list("step", "state").distinct():
        found.setdefault(step, set()).add(state)
    return found


def _stages(states: Mapping[str, set[str]]) -> tuple[Stage, ...]:
    stages = ((name, _joined(set().union(*(states.get(step, set()) for step in steps)))) for name, steps in _STAGES)
    return tuple(Stage(name, state.lower(), _STAGE_WORDS[state]) for name, state in stages)


def _joined(states: set[str]) -> StepState:
    for state in (StepState.FAILED, StepState.CANCELED, StepState.RUNNING):
        if state in states:
            return state
    if states == {StepState.DONE}:
        return StepState.DONE
    return StepState.RUNNING if StepState.DONE in states else StepState.WAITING


def _back_on_stop(job: Job, states: Mapping[str, set[str]]) -> int:
    finished = [step for step, found in states.items() if found == {StepState.DONE}]
    return job.reserved - settlement.kept_on_stop(job, finished)


def _id_of(assets: Mapping[str, Asset], filename: str) -> UUID | None:
    return assets[filename].pk if filename in assets else None


def _downloads(assets: Mapping[str, Asset]) -> tuple[Download, ...]:
    present = [(label, assets[filename]) for filename, label in _DOWNLOADS if filename in assets]
    return tuple(Download(label, asset.pk, asset.size_bytes) for label, asset in present)
