"""Taking a video away for good: its files and what the user wrote for it. Rows that count money and time stay."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from apps.notifications import actions as notifications
from apps.notifications.webhooks import endpoints as webhooks
from apps.pipeline import left_files
from apps.pipeline.blobs import blobs_in, storage_name
from apps.pipeline.models import Artifact, Asset, Job, JobStep, Project, ShareLink, StepAttempt
from apps.pipeline.small_pictures import forget_small_pictures

ERASED = {"erased": True}


def erase_project(project: Project, *, at: datetime) -> None:
    """Blank the project's texts, take its files off the books, end its link; a worker deletes files after the commit.

    Call it under the project's lock, with none of its jobs open.
    """
    jobs = Job.objects.filter(project=project)
    mine = Artifact.objects.filter(project=project)
    files = files_of(mine.values_list("user_id", "payload")) | files_of(jobs.values_list("user_id", "brief"))
    JobStep.objects.filter(job__in=jobs).update(request=None, message="")
    StepAttempt.objects.filter(job_step__job__in=jobs).update(detail="")
    mine.exclude(payload=ERASED).update(payload=ERASED)
    Asset.objects.filter(job__in=jobs, expired_at__isnull=True).update(expired_at=at)
    jobs.exclude(brief=ERASED).update(brief=ERASED, error_message="", status_message="")
    ShareLink.objects.filter(project=project, revoked_at__isnull=True).update(revoked_at=at)
    job_ids = [str(pk) for pk in jobs.values_list("pk", flat=True)]
    notifications.forget(user_id=project.user_id, keys=job_ids)
    webhooks.forget(user_id=project.user_id, subjects=job_ids)
    Project.objects.filter(pk=project.pk).update(title="", deleted_at=at)
    if files:
        left_files.leave(project, files)
        left_files.send_hint(project.user_id)
        # Of this machine's copies the worker may know nothing.
        transaction.on_commit(lambda: forget_small_pictures(files), robust=True)


def files_of(rows: QuerySet[Any, tuple[UUID, Any]]) -> set[str]:  # Any: a model, and the JSON of its row
    """Return the storage names of the files that these rows refer to."""
    return names_in(rows.iterator())


def names_in(rows: Iterable[tuple[UUID, Any]]) -> set[str]:  # Any: the JSON of a row
    """Return the storage names of the files that the JSON of these users' rows refers to."""
    return {storage_name(user_id, blob) for user_id, payload in rows for blob in blobs_in(payload)}
