"""What was made from the command line of a developer's machine, to be looked at there."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from apps.accounts.models import User
from apps.pipeline.listing import state_words
from apps.pipeline.models import Job
from apps.pipeline.packaging import names
from apps.pipeline.states import JobState


@dataclass(frozen=True)
class LocalVideo:
    """A video by its newest job and, when that is ready, the ids of the files to play.

    `state_words` of a job that failed are what its customer was told.
    """

    job_id: UUID
    title: str
    language: str
    state_words: str
    film: UUID | None
    poster: UUID | None
    captions: UUID | None
    package: UUID | None


def recent_videos(user: User, *, limit: int = 50) -> list[LocalVideo]:
    """Return the user's videos, newest first."""
    live = Job.objects.for_user(user).filter(project__deleted_at__isnull=True)
    jobs = live.order_by("project_id", "-created_at").distinct("project_id")
    newest = Job.objects.filter(pk__in=jobs.values("pk")).select_related("project").prefetch_related("assets")
    return [_video(job) for job in newest.order_by("-created_at")[:limit]]


def _video(job: Job) -> LocalVideo:
    files = {asset.filename: asset.pk for asset in job.assets.all()}
    return LocalVideo(
        job_id=job.pk,
        title=job.project.title or job.opening,
        language=job.brief["language"],
        state_words=job.error_message if job.state == JobState.FAILED else state_words(job),
        film=files.get(names.VIDEO),
        poster=files.get(names.POSTER),
        captions=files.get(names.CAPTIONS_VTT),
        package=files.get(names.ARCHIVE),
    )
