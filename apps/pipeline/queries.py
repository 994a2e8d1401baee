"""Reads about videos and the worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Min, Q, Sum

from apps.accounts.models import User
from apps.pipeline import catalogue
from apps.pipeline.models import SILENT_AFTER, Asset, Job, JobStep, Project, StepAttempt, WorkerBeat
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.states import StepState
from canvascast.errors import NotFound


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


def is_worker_alive(queue: str, *, within: timedelta = SILENT_AFTER, host: str | None = None) -> bool:
    """Tell whether a worker of `queue` that takes work showed itself lately, on that host if one is named."""
    beats = WorkerBeat.objects.alive(within=within, with_draining=False).filter(queue=queue)
    return (beats if host is None else beats.filter(host=host)).exists()


class NoSuchVideo(Rejected):
    """There is no job of that id, or it belongs to someone else."""


def find_job(given: str, user: User | None) -> Job:
    """Return the job of that id, of `user` or, for an operator, of anybody. Raises NoSuchVideo."""
    jobs = Job.objects.all() if user is None else Job.objects.for_user(user)
    try:
        job: Job = jobs.select_related("project", "user").get(pk=given)
    except (Job.DoesNotExist, ValidationError) as error:
        raise NoSuchVideo("no_job", f"There is no video {given}.") from error
    return job


@dataclass(frozen=True)
class ProjectFacts:
    """A project and its newest job."""

    project_id: UUID
    title: str
    created_at: datetime
    job: Job


@dataclass(frozen=True)
class Page:
    """Some of the user's projects, newest first, and how many there are in all."""

    items: list[ProjectFacts]
    total: int


def projects_page(user: User, *, offset: int = 0, limit: int = 20) -> Page:
    """Return `limit` of the user's projects from the `offset`th on. Three queries."""
    projects = Project.objects.for_user(user).filter(deleted_at__isnull=True)
    shown = list(projects.order_by("-created_at", "pk")[offset : offset + limit])
    newest = Job.objects.filter(project__in=shown).order_by("project_id", "-created_at").distinct("project_id")
    jobs = {job.project_id: job for job in newest}
    return Page([_facts(project, jobs[project.pk]) for project in shown], projects.count())


def project_of(user: User, project_id: UUID) -> ProjectFacts:
    """Return one of the user's projects. Raises NotFound."""
    project = Project.objects.for_user(user).filter(pk=project_id, deleted_at__isnull=True).first()
    if project is None:
        raise NotFound
    return _facts(project, Job.objects.filter(project=project).latest("created_at"))


def job_ordered_with(user: User, idempotency_key: str) -> Job | None:
    """Return the user's job that was ordered under that key; None for an empty one. One query."""
    if not idempotency_key:
        return None
    job: Job | None = Job.objects.for_user(user).filter(idempotency_key=idempotency_key).first()
    return job


def job_of(user: User, job_id: UUID) -> Job:
    """Return one of the user's jobs with its project. Raises NotFound."""
    live = Job.objects.for_user(user).filter(project__deleted_at__isnull=True)
    job: Job | None = live.select_related("project").filter(pk=job_id).first()
    if job is None:
        raise NotFound
    return job


@dataclass(frozen=True)
class JobFiles:
    """The files of a finished job that can be downloaded; `deleted_at` is set when there were some and none is kept."""

    kept: list[Asset]
    deleted_at: datetime | None


def files_of_job(job: Job) -> JobFiles:
    """Return what is kept of the job's files. One query."""
    stored = list(Asset.objects.filter(job=job).order_by("filename"))
    kept = [asset for asset in stored if asset.expired_at is None]
    gone = [asset.expired_at for asset in stored if asset.expired_at is not None]
    return JobFiles(kept, max(gone) if gone and not kept else None)


def are_files_gone(project_id: UUID) -> bool:
    """Tell whether a video was made of which no file is kept."""
    files = Asset.objects.filter(job__project_id=project_id)
    return files.exists() and not files.filter(expired_at__isnull=True).exists()


def files_kept_until(job: Job) -> date | None:
    """Return the day on which the files will be deleted, None while none is set."""
    return job.project.files_until if settings.ASSET_DAYS and job.is_ready else None


def asset_of(user: User, asset_id: UUID) -> Asset:
    """Return one of the user's files that can be downloaded. Raises NotFound."""
    asset = Asset.objects.filter(pk=asset_id, job__user=user, expired_at__isnull=True).select_related("job").first()
    if asset is None:
        raise NotFound
    return asset


def step_reports(job_id: UUID) -> list[StepReport]:
    """Return one report per step of the job, in the pipeline's order. Three queries, however many scenes there are."""
    rows = JobStep.objects.filter(job_id=job_id).order_by().values("step")
    counted: dict[str, dict[str, Any]] = {  # Any: counts and moments
        row["step"]: dict(row) for row in rows.annotate(**_COUNTS)
    }
    attempts = StepAttempt.objects.filter(job_step__job_id=job_id).order_by().values("job_step__step")
    cpu = {row["job_step__step"]: row["cpu"] for row in attempts.annotate(cpu=Sum("cpu_seconds"))}
    messages = dict(rows.filter(state=StepState.RUNNING).values_list("step", "message"))
    return [
        _report(counted[step.name], cpu.get(step.name, 0.0), messages.get(step.name, "")) for step in catalogue.steps()
    ]


def _facts(project: Project, job: Job) -> ProjectFacts:
    return ProjectFacts(project.pk, project.title or job.opening, project.created_at, job)


_MADE = Q(state=StepState.DONE, reused=False)
_COUNTS = {
    "total": Count("pk"),
    "made": Count("pk", filter=_MADE),
    "reused_units": Count("pk", filter=Q(reused=True)),
    "begun": Min("started_at", filter=_MADE),
    "ended": Max("finished_at", filter=_MADE),
    "main_state": Min("state", filter=Q(part="")),
    "begun_parts": Count("pk", filter=~Q(state=StepState.WAITING)),
}


def _report(counts: dict[str, Any], cpu_seconds: float, message: str) -> StepReport:  # Any: counts and moments
    state = counts["main_state"]
    if state == StepState.WAITING and counts["begun_parts"]:
        state = StepState.RUNNING
    return StepReport(
        name=counts["step"],
        state=state,
        made=counts["made"],
        reused=counts["reused_units"],
        total=counts["total"],
        wall_seconds=(counts["ended"] - counts["begun"]).total_seconds() if counts["begun"] else 0.0,
        cpu_seconds=cpu_seconds,
        message=message,
    )
