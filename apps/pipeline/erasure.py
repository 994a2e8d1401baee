"""Taking a video away for good: its files and what the user wrote for it. Rows that count money and time stay."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.storage import storages
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.notifications import actions as notifications
from apps.notifications.webhooks import endpoints as webhooks
from apps.pipeline.blobs import blobs_in, storage_name
from apps.pipeline.lost_work import kept_results
from apps.pipeline.models import Artifact, Asset, Job, JobStep, Project, ShareLink, StepAttempt
from apps.pipeline.small_pictures import forget_small_pictures
from apps.pipeline.states import OPEN
from apps.pipeline.storing import ROW_FOLLOWS_WITHIN, deleting, is_older
from canvascast import life_signs
from canvascast.logs import get_logger

log = get_logger("pipeline")

ERASED = {"erased": True}
# Steps that store something of the user's wait for so long, or until one file is gone.
_MOMENT_SECONDS = 0.5


def erase_project(project: Project, *, at: datetime) -> set[str]:
    """Blank the project's texts, take its files off the books, end its link. Returns the storage names of its files.

    Call it under the project's lock, with none of its jobs open, and `delete_files` after the commit.
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
    return files


def delete_files(names: Collection[str], *, user_id: UUID) -> None:
    """Delete those of the user's files that no result, no order and no delivered video of theirs needs now.

    One that is gone already is no error. What a video in the making could need before a row says so, files of the last
    day, is left to `prune`.
    """
    _let_commits_end(user_id)
    jobs = Job.objects.filter(user_id=user_id)
    known, is_making = jobs.count(), jobs.filter(state__in=OPEN).exists()
    unneeded = list(set(names) - _needed(names, user_id))
    forget_small_pictures(unneeded)
    while unneeded:
        with deleting(user_id) as is_alone:
            # What was ordered since may need some of them.
            if not is_alone or jobs.count() != known:
                log.info("files_left_to_prune", userId=str(user_id), files=len(unneeded))
                return
            _delete_for_a_moment(unneeded, spare_new=is_making)


def files_of(rows: QuerySet[Any, tuple[UUID, Any]]) -> set[str]:  # Any: a model, and the JSON of its row
    """Return the storage names of the files that these rows refer to."""
    return names_in(rows.iterator())


def names_in(rows: Iterable[tuple[UUID, Any]]) -> set[str]:  # Any: the JSON of a row
    """Return the storage names of the files that the JSON of these users' rows refers to."""
    return {storage_name(user_id, blob) for user_id, payload in rows for blob in blobs_in(payload)}


def _let_commits_end(user_id: UUID) -> None:
    """Wait for orders and steps that took over a result before it was given up and have not committed that yet.

    One lock at a time, so that nobody waits for this in a circle.
    """
    _wait_for(User.objects.filter(pk=user_id))
    for job_id in list(Job.objects.filter(user_id=user_id, state__in=OPEN).values_list("pk", flat=True)):
        _wait_for(Job.objects.filter(pk=job_id))


@transaction.atomic
def _wait_for(row: QuerySet[Any]) -> None:  # Any: a user or a job
    list(row.select_for_update(no_key=True).values_list("pk"))


def _needed(names: Collection[str], user_id: UUID) -> set[str]:
    results = kept_results(user_id).values_list("user_id", "payload")
    orders = Job.objects.filter(user_id=user_id).values_list("user_id", "brief")
    delivered = Asset.objects.filter(job__user_id=user_id, expired_at__isnull=True, storage_name__in=names)
    return files_of(results) | files_of(orders) | set(delivered.values_list("storage_name", flat=True))


def _delete_for_a_moment(names: list[str], *, spare_new: bool) -> None:
    """Take names off the list and delete their files; of those that are spared no more is heard."""
    storage, until = storages["generated-assets"], time.monotonic() + _MOMENT_SECONDS
    new_since = timezone.now() - ROW_FOLLOWS_WITHIN
    while names:
        name = names.pop()
        if not spare_new or is_older(storage, name, new_since):
            storage.delete(name)
        life_signs.show()
        if time.monotonic() > until:
            return
