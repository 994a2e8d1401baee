"""Files that videos left behind when they were deleted or expired: noted with the project, deleted by a worker.

Whether another video needs one of them is asked once for all that a user's videos left, and a bucket deletes a thousand
for one question.
"""

from __future__ import annotations

import random
import time
from collections.abc import Collection
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Func, JSONField, QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.pipeline.lost_work import kept_results
from apps.pipeline.models import Asset, Job, Project
from apps.pipeline.small_pictures import forget_small_pictures
from apps.pipeline.states import OPEN
from apps.pipeline.storing import ROW_FOLLOWS_WITHIN, deleting
from canvascast import hints, life_signs
from canvascast.advisory_locks import held_alone
from canvascast.logs import get_logger
from canvascast.storages import many_files

log = get_logger("pipeline")

_TASK = "apps.pipeline.tasks.delete_left_files"
_PROJECTS_AT_ONCE = 500
# Of one of the two processes that also send mail; what is left goes on a quarter of an hour later.
_MOST_SECONDS = 240.0
# Steps that store something of the user's wait for so long, or until some files are gone.
_MOMENT_SECONDS = 0.5


def leave(project: Project, names: Collection[str]) -> None:
    """Write down the storage names of files that the project needs no longer, under its lock."""
    left = sorted({*names, *(project.files_left or ())})
    Project.objects.filter(pk=project.pk).update(files_left=left)


def send_hint(user_id: UUID) -> None:
    """Have a worker delete what the user's videos left; inside a transaction it is told with the commit."""
    hints.send(_TASK, str(user_id), queue=hints.QUICK)


def delete_left(user_id: UUID) -> None:
    """Delete what the user's videos left when they were deleted or expired. Doing it twice does no harm.

    One process at a time does this for a user, and takes along what comes meanwhile. What the storage does not delete
    now is left to `prune`: the rows are gone already.
    """
    with_files = Project.objects.filter(user_id=user_id, files_left__isnull=False).order_by("pk")
    with held_alone(f"left_files:{user_id}") as is_mine:
        while is_mine and (left := dict(with_files.values_list("pk", "files_left")[:_PROJECTS_AT_ONCE])):
            try:
                delete_files({name for names in left.values() for name in names}, user_id=user_id)
            except OSError as error:
                log.warning("files_left_to_prune", userId=str(user_id), error_type=type(error).__name__)
            for project_id, names in left.items():
                # Unless it left more meanwhile.
                Project.objects.filter(pk=project_id, files_left=names).update(files_left=None)


def delete_forgotten(*, seconds: float = _MOST_SECONDS) -> int:
    """Delete what videos left and nobody deleted yet, user by user, for so long at most; return how many users'."""
    deadline, number = time.monotonic() + seconds, 0
    users = list(Project.objects.filter(files_left__isnull=False).values_list("user_id", flat=True).distinct())
    # In another order each time: one that ends its process must not stand before the same others.
    random.shuffle(users)
    for user_id in users:
        delete_left(user_id)
        number += 1
        if time.monotonic() > deadline:
            break
    return number


def delete_files(names: Collection[str], *, user_id: UUID) -> None:
    """Delete those of the user's files that no result, no order and no delivered video of theirs needs now.

    One that is gone already is no error. What a video in the making could need before a row says so, files of the last
    day, is left to `prune`.
    """
    _let_commits_end(user_id)
    jobs = Job.objects.filter(user_id=user_id)
    known, is_making = jobs.count(), jobs.filter(state__in=OPEN).exists()
    unneeded = sorted(unneeded_of(names, user_id=user_id))
    forget_small_pictures(unneeded)
    while unneeded:
        with deleting(user_id) as is_alone:
            # What was ordered since may need some of them.
            if not is_alone or jobs.count() != known:
                log.info("files_left_to_prune", userId=str(user_id), files=len(unneeded))
                return
            _delete_for_a_moment(unneeded, spare_new=is_making)


def unneeded_of(names: Collection[str], *, user_id: UUID) -> set[str]:
    """Return those of the user's files that no result, no order and no delivered video of theirs needs now."""
    orders = _contents_in(Job.objects.filter(user_id=user_id), "brief")
    contents = orders | _contents_in(kept_results(user_id), "payload")
    needed = {name for name in names if PurePosixPath(name).stem in contents}
    delivered = Asset.objects.filter(job__user_id=user_id, expired_at__isnull=True, storage_name__in=names)
    return set(names) - needed - set(delivered.values_list("storage_name", flat=True))


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


def _contents_in(rows: QuerySet[Any], column: str) -> set[str]:  # Any: a model with JSON in that column
    """Return the hashes of all blobs that these rows name, found by the database: it sends none of the words."""
    found = Func(column, template="jsonb_path_query(%(expressions)s, 'strict $.**.sha256')", output_field=JSONField())
    return set(rows.annotate(sha256=found).values_list("sha256", flat=True).distinct().iterator())


def _delete_for_a_moment(names: list[str], *, spare_new: bool) -> None:
    """Take the first of the sorted names off the list and delete their files; one that is spared is left to `prune`."""
    storage, until = many_files(storages["generated-assets"]), time.monotonic() + _MOMENT_SECONDS
    new_since = timezone.now() - ROW_FOLLOWS_WITHIN
    while names:
        unneeded, number = names[: storage.most_at_once], storage.most_at_once
        if spare_new:
            unneeded, number = storage.older_of(names, new_since)
        storage.delete_all(unneeded)
        del names[:number]
        life_signs.show()
        if time.monotonic() > until:
            return
