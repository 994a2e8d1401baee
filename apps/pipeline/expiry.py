"""How long the files of a video are kept: ASSET_DAYS, and where it was finished a week after its owner was told.

The page, the words, the receipt and the ledger stay, and the video can be made again.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate

from apps.notifications import actions as notifications
from apps.notifications.models import Event
from apps.pipeline import erasure, left_files, lost_work
from apps.pipeline.models import Asset, Job, Project
from apps.pipeline.settlement import title_of
from apps.pipeline.states import OPEN, JobState
from canvascast.logs import get_logger

log = get_logger("pipeline")

TOLD_BEFORE = timedelta(days=7)
# Of one of the two processes that also send mail; what is left goes on a quarter of an hour later.
_MOST_SECONDS = 240.0
_BATCH = 100
_MOST_OF_ONE = 1000


def tell_of_expiry(*, at: datetime, seconds: float = _MOST_SECONDS) -> int:
    """Tell owners whose files will be deleted in a week, the oldest first; return how many videos those are.

    Nothing is deleted that was not told of: where the setting is new, the week begins now. One mail a user and day.
    """
    if not settings.ASSET_DAYS:
        return 0
    due = _with_newest_file(at - _kept_for() + TOLD_BEFORE).filter(files_until__isnull=True)
    deadline, told = time.monotonic() + seconds, 0
    while owners := dict.fromkeys(due.values_list("user_id", flat=True)[:_BATCH]):
        for user_id in owners:
            told += _tell(user_id, due, at=at)
            if time.monotonic() > deadline:
                return told
    return told


def expire_files(*, at: datetime, seconds: float = _MOST_SECONDS) -> int:
    """Give up the files of videos whose day has come, for so long at most; return how many videos those are.

    `left_files.delete_forgotten` deletes them: once for all videos of a user.
    """
    if not settings.ASSET_DAYS:
        return 0
    due = _with_newest_file(at - _kept_for()).filter(files_until__lte=at.date()).order_by("files_until", "pk")
    return _each(due, lambda project_id: _expire(project_id, at=at), seconds)


def expire_unfinished(*, at: datetime, seconds: float = _MOST_SECONDS) -> int:
    """Give up what was made for videos that failed or were stopped, ASSET_DAYS after they last were.

    Nobody has a file of theirs, so nobody is told. Returns how many videos those are; deleted as with `expire_files`.
    """
    if not settings.ASSET_DAYS:
        return 0
    due = _without_files(at - _kept_for()).order_by("pk")
    return _each(due, lambda project_id: _expire_unfinished(project_id, at=at), seconds)


def _each(due: QuerySet[Project], expire: Callable[[UUID], bool], seconds: float) -> int:
    """Expire until nothing is due or the time is over; return how many. What changed meanwhile is left for later."""
    deadline, expired = time.monotonic() + seconds, 0
    changed: set[UUID] = set()
    while batch := list(due.exclude(pk__in=changed).values_list("pk", flat=True)[:_BATCH]):
        for project_id in batch:
            if expire(project_id):
                expired += 1
            else:
                changed.add(project_id)
            if time.monotonic() > deadline:
                return expired
    return expired


def _kept_for() -> timedelta:
    return timedelta(days=settings.ASSET_DAYS)


def _with_newest_file(not_after: datetime) -> QuerySet[Project]:
    """Return the videos that have files, none newer than that, and that nobody is making anew; the oldest first."""
    files = Asset.objects.filter(job__project=OuterRef("pk"), expired_at__isnull=True).order_by("-created_at")
    making = Job.objects.filter(project=OuterRef("pk"), state__in=OPEN)
    live: QuerySet[Project] = Project.objects.filter(~Exists(making), deleted_at__isnull=True)
    return (
        live.annotate(newest_file=Subquery(files.values("created_at")[:1]))
        .filter(newest_file__lte=not_after)
        .order_by("newest_file")
    )


def _without_files(not_after: datetime) -> QuerySet[Project]:
    """Return the videos of which nobody has a file, last tried by then. `files_until` has the day they were dealt with.

    Of one that was finished once and failed when it was made again, that is the day its files went.
    """
    files = Asset.objects.filter(job__project=OuterRef("pk"), expired_at__isnull=True)
    making = Job.objects.filter(project=OuterRef("pk"), state__in=OPEN)
    tries = Job.objects.filter(project=OuterRef("pk")).order_by("-finished_at")
    live: QuerySet[Project] = Project.objects.filter(~Exists(making), ~Exists(files), deleted_at__isnull=True)
    not_yet = Q(files_until__isnull=True) | Q(files_until__lte=TruncDate("last_try"))
    return live.annotate(last_try=Subquery(tries.values("finished_at")[:1])).filter(not_yet, last_try__lte=not_after)


@transaction.atomic
def _tell(user_id: UUID, due: QuerySet[Project], *, at: datetime) -> int:
    rows = due.filter(user_id=user_id).order_by("created_at", "pk")[:_MOST_OF_ONE]
    by_day: dict[date, list[Project]] = defaultdict(list)
    for project in rows.select_for_update(of=("self",), no_key=True):
        newest_file: datetime = project.newest_file  # type: ignore[attr-defined]  # annotated above
        last_day = max(newest_file + _kept_for(), at + TOLD_BEFORE).date()
        by_day[last_day].append(project)
    for last_day, projects in by_day.items():
        Project.objects.filter(pk__in=[project.pk for project in projects]).update(files_until=last_day)
        _record(user_id, projects, last_day, at=at)
    return sum(map(len, by_day.values()))


def _record(user_id: UUID, projects: list[Project], last_day: date, *, at: datetime) -> None:
    """One video is named, and forgotten with it; several are counted."""
    facts: dict[str, str | int] = {"count": len(projects), "until": last_day.isoformat()}
    key = f"files until {last_day} {projects[0].pk}"
    if len(projects) == 1:
        job = Job.objects.filter(project=projects[0], state=JobState.READY).latest("created_at")
        key = str(job.pk)
        facts |= {"title": title_of(job), "projectId": str(job.project_id)}
    notifications.record(user_id=user_id, event=Event.ASSETS_EXPIRING, key=key, facts=facts, at=at)


@transaction.atomic
def _expire(project_id: UUID, *, at: datetime) -> bool:
    """Take the files off the books; False when the video was changed meanwhile."""
    project = Project.objects.select_for_update(no_key=True).get(pk=project_id)
    if not _with_newest_file(at - _kept_for()).filter(pk=project_id, files_until__lte=at.date()).exists():
        return False
    Asset.objects.filter(job__project=project, expired_at__isnull=True).update(expired_at=at)
    _let_go(project)
    return True


@transaction.atomic
def _expire_unfinished(project_id: UUID, *, at: datetime) -> bool:
    """As `_expire`, for a video that has no files to download."""
    project = Project.objects.select_for_update(no_key=True).get(pk=project_id)
    if not _without_files(at - _kept_for()).filter(pk=project_id).exists():
        return False
    Project.objects.filter(pk=project_id).update(files_until=at.date())
    _let_go(project)
    return True


def _let_go(project: Project) -> None:
    """Let nothing reuse what was made for the project, and leave its files to be deleted."""
    named = {result: erasure.names_in([(result.user_id, result.payload)]) for result in project.artifacts.all()}
    lost_work.note_gone(result for result, names in named.items() if names)
    names = set().union(*named.values())
    if names:
        left_files.leave(project, names)
    log.info("files_expired", projectId=str(project.pk), files=len(names))
