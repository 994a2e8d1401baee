"""Reads about videos and the worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Sum
from django.db.models.functions import Now

from apps.accounts.models import User
from apps.pipeline import catalogue
from apps.pipeline.models import Job, JobStep, StepAttempt, WorkerBeat
from apps.pipeline.states import JobState, StepState


@dataclass(frozen=True)
class StepReport:
    """One step of a job: units made and reused, wall and CPU seconds spent on it."""

    name: str
    state: str
    made: int
    reused: int
    total: int
    wall_seconds: float
    cpu_seconds: float
    message: str


def is_worker_alive(queue: str, *, within: timedelta) -> bool:
    """Tell whether a worker of `queue` showed itself lately."""
    return WorkerBeat.objects.filter(queue=queue, seen_at__gt=Now() - within).exists()


@dataclass(frozen=True)
class VideoCard:
    """A project as a list shows it: its newest job and, when that is ready, the ids of the files to play."""

    job_id: UUID
    title: str
    language: str
    state_words: str
    film: UUID | None
    poster: UUID | None
    captions: UUID | None
    package: UUID | None


def recent_videos(user: User, *, limit: int = 50) -> list[VideoCard]:
    """Return the user's videos, newest first."""
    jobs = Job.objects.for_user(user).order_by("project_id", "-created_at").distinct("project_id")
    newest = Job.objects.filter(pk__in=jobs.values("pk")).select_related("project").prefetch_related("assets")
    return [_card(job) for job in newest.order_by("-created_at")[:limit]]


def step_reports(job_id: UUID) -> list[StepReport]:
    """Return one report per step of the job, in the pipeline's order."""
    rows = list(JobStep.objects.filter(job_id=job_id).defer("request"))
    attempts = StepAttempt.objects.filter(job_step__job_id=job_id).values("job_step__step")
    cpu = {row["job_step__step"]: row["cpu"] or 0.0 for row in attempts.annotate(cpu=Sum("cpu_seconds"))}
    return [
        _report(step.name, [row for row in rows if row.step == step.name], cpu.get(step.name, 0.0))
        for step in catalogue.steps()
    ]


def _card(job: Job) -> VideoCard:
    files = {asset.filename: asset.pk for asset in job.assets.all()}
    return VideoCard(
        job_id=job.pk,
        title=job.project.title or job.brief["prompt"][:80] or "Untitled",
        language=job.brief["language"],
        state_words=_state_words(job),
        film=files.get("video.mp4"),
        poster=files.get("thumbnails/thumbnail_540.jpg"),
        captions=files.get("captions.vtt"),
        package=files.get("assets.zip"),
    )


def _state_words(job: Job) -> str:
    words = {
        JobState.QUEUED: "Waiting to be made",
        JobState.RUNNING: f"Being made, {job.progress} %",
        JobState.READY: "Ready",
        JobState.CANCELED: "Stopped",
        JobState.FAILED: job.error_message,
    }
    return words[JobState(job.state)]


def _report(name: str, rows: list[JobStep], cpu_seconds: float) -> StepReport:
    done = [row for row in rows if row.state == StepState.DONE]
    worked = [row for row in done if not row.reused]
    begun = [row.started_at for row in worked if row.started_at is not None]
    ended = [row.finished_at for row in worked if row.finished_at is not None]
    wall = (max(ended) - min(begun)).total_seconds() if begun and ended else 0.0
    active = next((row for row in rows if row.state == StepState.RUNNING), None)
    return StepReport(
        name=name,
        state=_step_state(rows),
        made=len(worked),
        reused=sum(row.reused for row in done),
        total=len(rows),
        wall_seconds=wall,
        cpu_seconds=cpu_seconds,
        message=active.message if active else "",
    )


def _step_state(rows: list[JobStep]) -> str:
    main = next(row for row in rows if not row.part)
    if main.state == StepState.WAITING and any(row.state != StepState.WAITING for row in rows):
        return StepState.RUNNING
    return main.state
