"""How much is to be made before a video has its turn."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import caches
from django.db.models import Count, Q, QuerySet, Sum

from apps.pipeline import turns
from apps.pipeline.models import Job
from apps.pipeline.states import OPEN

_KEPT_SECONDS = 10


@dataclass(frozen=True)
class Load:
    """`videos` are open; what is left of them would make `videos_left` whole ones."""

    videos: int
    videos_left: float


def now() -> Load:
    """Return what is made before a video of somebody who has none in line, as it was up to ten seconds ago."""
    found = caches["process"].get_or_set("load", lambda: _load(_before_a_newcomer()), _KEPT_SECONDS)
    assert isinstance(found, Load)
    return found


def ahead_of(job: Job) -> Load:
    """Return what is open and has its turn earlier. One query."""
    same_turn = Q(turn=job.turn, created_at__lt=job.created_at)
    return _load(Job.objects.filter(Q(turn__lt=job.turn) | same_turn))


def _before_a_newcomer() -> QuerySet[Job]:
    return Job.objects.filter(turn__lte=turns.clock())


def _load(jobs: QuerySet[Job]) -> Load:
    found = jobs.filter(state__in=OPEN).aggregate(videos=Count("pk"), percent=Sum("progress"))
    return Load(found["videos"], found["videos"] - (found["percent"] or 0) / 100)
